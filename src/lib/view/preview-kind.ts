/**
 * How a file may be looked at. Only what browsers decode without running anything is shown as what it is; everything that could be
 * active (HTML, SVG, XML) is text. The media type is that of its bytes, never of its name.
 */
export type PreviewKind = 'image' | 'audio' | 'video' | 'text' | 'none';

const images = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif', 'image/bmp', 'image/x-ms-bmp', 'image/vnd.microsoft.icon', 'image/x-icon']);
const readable = /^(?:text\/.+|image\/svg\+xml|application\/(?:json|xml|xhtml\+xml|javascript|ecmascript|x-sh|sql|toml|yaml|x-yaml|.+\+(?:json|xml)))$/;
/** What is looked at to tell text from anything else. */
const sampleBytes = 4096;

export async function previewKind(blob: Blob): Promise<PreviewKind> {
	const type = (blob.type.split(';')[0] ?? '').trim().toLowerCase();
	if (images.has(type)) return 'image';
	if (type.startsWith('audio/')) return 'audio';
	if (type.startsWith('video/')) return 'video';
	if (readable.test(type)) return 'text';
	return (type === '' || type === 'application/octet-stream') && isText(new Uint8Array(await blob.slice(0, sampleBytes).arrayBuffer())) ? 'text' : 'none';
}

/** UTF-8 without control characters; a letter cut at the sample's end is none of its faults. */
function isText(sample: Uint8Array): boolean {
	if (sample.some((byte) => byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d && byte !== 0x0c)) return false;
	try {
		new TextDecoder('utf-8', { fatal: true }).decode(sample, { stream: true });
		return true;
	} catch {
		return false;
	}
}

/** Endings of which it is known that nothing could be shown: they are not fetched for that. */
const opaqueEnding = /\.(?:7z|apk|bin|cab|com|dll|dmg|docm?x?|dotx?|exe|gz|img|iso|jar|msi|od[pst]|pp[ts][mx]?|psd|rar|tar|tgz|xls[bmx]?|xz|zip|zst)$/i;
export const showsNothing = (name: string): boolean => opaqueEnding.test(name);
