/** A small picture of a picture, to go with the message that offers it: at most 320 × 320 pixels and 16 KiB; empty where there is none. */

const sidePx = 320;
const mostBytes = 16 * 1024;
/** A picture of more than this would take the page's memory to shrink. */
const mostSourceBytes = 64 * 2 ** 20;
const raster = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif', 'image/bmp']);
const none = new Uint8Array();

export async function makeThumbnail(file: File): Promise<Uint8Array> {
	if (!raster.has(file.type) || file.size > mostSourceBytes) return none;
	try {
		const picture = await createImageBitmap(file);
		const shrink = Math.min(1, sidePx / Math.max(picture.width, picture.height));
		const canvas = new OffscreenCanvas(Math.max(1, Math.round(picture.width * shrink)), Math.max(1, Math.round(picture.height * shrink)));
		const context = canvas.getContext('2d');
		if (!context) return none;
		// JPEG knows no transparency; paper lies behind.
		context.fillStyle = '#fff';
		context.fillRect(0, 0, canvas.width, canvas.height);
		context.drawImage(picture, 0, 0, canvas.width, canvas.height);
		picture.close();
		for (const quality of [0.8, 0.6, 0.4, 0.2]) {
			const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality });
			if (blob.size <= mostBytes) return new Uint8Array(await blob.arrayBuffer());
		}
		return none;
	} catch {
		// Not a picture, whatever it is called.
		return none;
	}
}
