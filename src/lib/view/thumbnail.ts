/**
 * A small picture of an image one sends: at most 320 pixels and 16 KiB. Made of one's own files alone; what comes from others is decoded small
 * and only if it is what it says (ATTACKS.md, A37).
 */
import { fileType } from '../../sync/transfer/file-types.ts';

const maxPixels = 320;
const maxBytes = 16 * 1024;
/** A picture that would take more than this to decode, 100 megapixels, gets no thumbnail: a few bytes can claim any size. */
const maxImagePixels = 100_000_000;
const maxImageBytes = 64 * 1024 * 1024;
/** Tried one after the other until it fits. */
const tries: readonly { readonly side: number; readonly quality: number }[] = [
	{ side: maxPixels, quality: 0.8 },
	{ side: maxPixels, quality: 0.6 },
	{ side: 240, quality: 0.6 },
	{ side: 160, quality: 0.5 },
	{ side: 96, quality: 0.4 },
];

const none = new Uint8Array(0);

/** Of a file of one's own; empty where it is no image, or one this browser does not decode. Never rejects. */
export async function makeThumbnail(file: Blob): Promise<Uint8Array<ArrayBuffer>> {
	if (file.size > maxImageBytes) return none;
	const head = new Uint8Array(await file.slice(0, 512 * 1024).arrayBuffer());
	if (!isDecodable(head)) return none;
	try {
		const image = await createImageBitmap(file);
		try {
			return await shrink(image);
		} finally {
			image.close();
		}
	} catch {
		return none;
	}
}

async function shrink(image: ImageBitmap): Promise<Uint8Array<ArrayBuffer>> {
	for (const { side, quality } of tries) {
		const scale = Math.min(1, side / Math.max(image.width, image.height));
		const canvas = new OffscreenCanvas(Math.max(1, Math.round(image.width * scale)), Math.max(1, Math.round(image.height * scale)));
		const context = canvas.getContext('2d');
		if (!context) return none;
		context.imageSmoothingQuality = 'high';
		context.drawImage(image, 0, 0, canvas.width, canvas.height);
		// Firefox makes no WebP on some systems and says so by another type.
		const blob = await canvas.convertToBlob({ type: 'image/webp', quality });
		if (blob.size <= maxBytes) return new Uint8Array(await blob.arrayBuffer());
	}
	return none;
}

/** A thumbnail from outside, fit to be shown; undefined if it is too large, no plain image, or claims more pixels than one has. */
export function shownThumbnail(bytes: Uint8Array): Blob | undefined {
	if (bytes.length === 0 || bytes.length > maxBytes || !isDecodable(bytes, maxPixels * maxPixels, maxPixels)) return undefined;
	return new Blob([bytes as Uint8Array<ArrayBuffer>], { type: fileType(bytes)?.mediaType ?? '' });
}

/** Whether an image's own header tells of a size that may be decoded. What hides its size is not. */
function isDecodable(head: Uint8Array, pixels = maxImagePixels, side = 30_000): boolean {
	const size = imageSize(head);
	return size !== undefined && size.width > 0 && size.height > 0 && size.width <= side && size.height <= side && size.width * size.height <= pixels;
}

export interface ImageSize {
	readonly width: number;
	readonly height: number;
}

/** By the header of a PNG, GIF, JPEG, WebP or BMP, read without decoding; undefined for anything else. */
export function imageSize(head: Uint8Array): ImageSize | undefined {
	const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
	try {
		switch (fileType(head)?.mediaType) {
			case 'image/png':
				return { width: view.getUint32(16), height: view.getUint32(20) };
			case 'image/gif':
				return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
			case 'image/bmp':
				return { width: Math.abs(view.getInt32(18, true)), height: Math.abs(view.getInt32(22, true)) };
			case 'image/jpeg':
				return jpegSize(view);
			case 'image/webp':
				return webpSize(view);
			default:
				return undefined;
		}
	} catch (error) {
		if (error instanceof RangeError) return undefined;
		throw error;
	}
}

/** From segment to segment up to the frame's. */
function jpegSize(view: DataView): ImageSize | undefined {
	for (let at = 2; view.getUint8(at) === 0xff; ) {
		const marker = view.getUint8(at + 1);
		const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
		if (isFrame) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
		// Fill bytes stand alone; a segment is at least as long as its length.
		at += marker === 0xff ? 1 : 2 + Math.max(2, view.getUint16(at + 2));
	}
	return undefined;
}

function webpSize(view: DataView): ImageSize | undefined {
	const kind = String.fromCharCode(view.getUint8(12), view.getUint8(13), view.getUint8(14), view.getUint8(15));
	const u24 = (at: number): number => view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
	if (kind === 'VP8X') return { width: u24(24) + 1, height: u24(27) + 1 };
	if (kind === 'VP8 ') return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
	if (kind !== 'VP8L') return undefined;
	const bits = view.getUint32(21, true);
	return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
}
