/**
 * What a file is by its first bytes: a table of signatures, compared in place. Nothing is parsed or unpacked (ATTACKS.md, A37), and a text is
 * only asked how it begins. Our own, because the libraries guess: magic-bytes.js calls every text that begins with G a film, and file-type
 * walks through containers from outside.
 */
import { fromUtf8 } from '../../crypto/bytes.ts';

/** As many first bytes as are looked at. */
export const headBytes = 4096;

export interface FileType {
	readonly mediaType: string;
	/** Endings such a file goes by, lower case, the usual one first. */
	readonly endings: readonly string[];
	/** A program, or a script that says what runs it. */
	readonly runs?: true;
}

type Signature = FileType & {
	/** What stands at which offset, as Latin-1 text. */
	readonly at: readonly (readonly [offset: number, text: string])[];
};

const words = (text: string): readonly string[] => text.split(' ');
const of = (mediaType: string, endings: string, ...at: Signature['at']): Signature => ({ mediaType, endings: words(endings), at });
const program = (mediaType: string, endings: string, ...at: Signature['at']): Signature => ({ ...of(mediaType, endings, ...at), runs: true });

const zipEndings =
	'zip docx xlsx pptx docm xlsm pptm dotx xltx potx ppsx dotm xltm potm ppsm ppam xlam xlsb sldx sldm vsdx vsdm odt ods odp odg odf ott ots otp epub jar war apk xpi crx kmz 3mf cbz ipa msix appx whl nupkg pages numbers key sketch xps oxps mxl idml thmx one';

/** The more special before the more general. */
const signatures: readonly Signature[] = [
	of('image/png', 'png apng', [0, '\x89PNG\r\n\x1a\n']),
	of('image/jpeg', 'jpg jpeg jpe jfif', [0, '\xff\xd8\xff']),
	of('image/gif', 'gif', [0, 'GIF87a']),
	of('image/gif', 'gif', [0, 'GIF89a']),
	of('image/webp', 'webp', [0, 'RIFF'], [8, 'WEBP']),
	of('image/bmp', 'bmp dib', [0, 'BM'], [6, '\0\0\0\0']),
	of('image/avif', 'avif', [4, 'ftypavi']),
	of('image/heic', 'heic heif', [4, 'ftyphei']),
	of('image/heic', 'heic heif', [4, 'ftypmif1']),
	of('image/tiff', 'tif tiff dng nef arw cr2 pef', [0, 'II*\0']),
	of('image/tiff', 'tif tiff dng nef', [0, 'MM\0*']),
	of('image/x-icon', 'ico', [0, '\0\0\x01\0']),
	of('image/vnd.adobe.photoshop', 'psd psb', [0, '8BPS']),
	of('application/pdf', 'pdf ai', [0, '%PDF-']),
	of('application/postscript', 'ps eps ai', [0, '%!PS']),
	of('application/rtf', 'rtf doc', [0, '{\\rtf']),
	of('audio/mpeg', 'mp3', [0, 'ID3']),
	of('audio/mpeg', 'mp3', [0, '\xff\xfb']),
	of('audio/mpeg', 'mp3', [0, '\xff\xf3']),
	of('audio/ogg', 'ogg oga ogv opus spx', [0, 'OggS']),
	of('audio/flac', 'flac', [0, 'fLaC']),
	of('audio/wav', 'wav wave', [0, 'RIFF'], [8, 'WAVE']),
	of('audio/midi', 'mid midi', [0, 'MThd']),
	of('audio/mp4', 'm4a m4b', [4, 'ftypM4A']),
	of('video/x-msvideo', 'avi', [0, 'RIFF'], [8, 'AVI ']),
	of('video/quicktime', 'mov qt', [4, 'ftypqt']),
	of('video/mp4', 'mp4 m4v m4a mov 3gp 3g2', [4, 'ftyp']),
	of('video/webm', 'webm mkv mka weba mk3d', [0, '\x1a\x45\xdf\xa3']),
	of('application/zip', zipEndings, [0, 'PK\x03\x04']),
	of('application/zip', zipEndings, [0, 'PK\x05\x06']),
	of('application/vnd.rar', 'rar cbr', [0, 'Rar!\x1a\x07']),
	of('application/x-7z-compressed', '7z', [0, '7z\xbc\xaf\x27\x1c']),
	of('application/gzip', 'gz tgz svgz', [0, '\x1f\x8b']),
	of('application/x-bzip2', 'bz2 tbz2 tbz', [0, 'BZh']),
	of('application/x-xz', 'xz txz', [0, '\xfd7zXZ\0']),
	of('application/zstd', 'zst tzst', [0, '\x28\xb5\x2f\xfd']),
	of('application/vnd.ms-cab-compressed', 'cab', [0, 'MSCF']),
	of('application/x-tar', 'tar', [257, 'ustar']),
	// A container of Microsoft's: the ending alone tells what for. An installer is one too, which `executable` says by the ending.
	of('application/x-ole-storage', 'doc xls ppt msg dot xlt pot pps vsd pub mpp msi msp db', [0, '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1']),
	of('application/vnd.sqlite3', 'sqlite sqlite3 db db3', [0, 'SQLite format 3\0']),
	of('font/woff2', 'woff2', [0, 'wOF2']),
	of('font/woff', 'woff', [0, 'wOFF']),
	of('font/otf', 'otf', [0, 'OTTO']),
	program('application/vnd.microsoft.portable-executable', 'exe dll scr sys com cpl ocx drv efi mui ax xll', [0, 'MZ']),
	program('application/x-elf', 'elf so o bin run appimage ko', [0, '\x7fELF']),
	program('application/x-mach-binary', 'dylib bundle o bin', [0, '\xfe\xed\xfa\xce']),
	program('application/x-mach-binary', 'dylib bundle o bin', [0, '\xfe\xed\xfa\xcf']),
	program('application/x-mach-binary', 'dylib bundle o bin', [0, '\xce\xfa\xed\xfe']),
	program('application/x-mach-binary', 'dylib bundle o bin', [0, '\xcf\xfa\xed\xfe']),
	program('application/java-vm', 'class dylib bundle', [0, '\xca\xfe\xba\xbe']),
	program('application/vnd.android.dex', 'dex', [0, 'dex\n']),
	program('application/x-ms-shortcut', 'lnk', [0, 'L\0\0\0\x01\x14\x02\0']),
	program('application/wasm', 'wasm', [0, '\0asm']),
	program('text/x-shellscript', 'sh bash zsh fish py pl rb command', [0, '#!']),
];

const html: FileType = { mediaType: 'text/html', endings: words('html htm xhtml xht shtml mht mhtml') };
const svg: FileType = { mediaType: 'image/svg+xml', endings: words('svg') };
const xml: FileType = { mediaType: 'application/xml', endings: [] };
const plain: FileType = { mediaType: 'text/plain', endings: [] };

const markup = /^<(?:!doctype html|html|head|body|script|iframe|meta|title)[\s>/]/i;
const comments = /^(?:\s|<!--[\s\S]*?-->)*/;
const prologue = /^<\?xml[^>]*>|^<!doctype svg[^>]*>/i;
/** Not in a text: zero bytes and most control characters. */
const binary = /[\0-\x08\x0e-\x1a\x1c-\x1f]/;

/** What the bytes at its beginning make of a file; undefined where they say nothing. An empty file is a text. */
export function fileType(head: Uint8Array): FileType | undefined {
	return signatures.find(({ at }) => at.every(([offset, text]) => stands(head, offset, text))) ?? textType(head);
}

function stands(head: Uint8Array, offset: number, text: string): boolean {
	for (let i = 0; i < text.length; i++) if (head[offset + i] !== text.charCodeAt(i)) return false;
	return true;
}

function textType(head: Uint8Array): FileType | undefined {
	const text = textOf(head.subarray(0, headBytes));
	if (text === undefined || binary.test(text)) return undefined;
	const start = text.replace(/^\ufeff/, '').replace(comments, '').replace(prologue, '').replace(comments, '').replace(prologue, '').replace(comments, '');
	if (markup.test(start)) return html;
	if (/^<svg[\s>]/i.test(start)) return svg;
	return /^\ufeff?\s*<\?xml\s/i.test(text) ? xml : plain;
}

/** UTF-8 that may have been cut inside its last letter. */
function textOf(bytes: Uint8Array): string | undefined {
	for (let cut = 0; cut < 4 && cut <= bytes.length; cut++) {
		const text = fromUtf8(bytes.subarray(0, bytes.length - cut));
		if (text !== undefined) return text;
		if (bytes.length < headBytes) return undefined;
	}
	return undefined;
}

const byEnding = new Map<string, ReadonlySet<string>>();
for (const { mediaType, endings } of signatures) for (const ending of endings) byEnding.set(ending, new Set([...(byEnding.get(ending) ?? []), mediaType]));
// An MP3 may begin with whatever went before; a library of a system is a text for the linker; these have many forms.
for (const ending of words('mp3 o bin db key one ps eps ai run sys com sh bash zsh fish py pl rb command doc xls dot tar tif tiff')) byEnding.delete(ending);

/** Whether every file of this ending begins with a signature we know. */
export const mustBegin = (ending: string): boolean => byEnding.has(ending);

/** Media types that a page may show without anything in them being run: images, sound, film, PDF in its frame, and text as text. */
const shown = /^(?:image\/(?!svg)|audio\/|video\/|application\/pdf$)/;
/** The type a Blob of it may carry in our origin: markup, and whatever the bytes do not tell, becomes text or bytes (A40). */
export function inertType(type: FileType | undefined): string {
	if (type === undefined) return 'application/octet-stream';
	if (shown.test(type.mediaType)) return type.mediaType;
	return [html, svg, xml, plain].includes(type) || type.mediaType === 'text/x-shellscript' ? 'text/plain' : 'application/octet-stream';
}
