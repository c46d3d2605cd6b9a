/**
 * Reads QR codes from the camera: by the browser's own BarcodeDetector where it knows them, else by the library, which is loaded only
 * then. The camera is on from `start` to the first code, the first failure, or `stop`, and never while the page is hidden.
 */

/** What of a BarcodeDetector is used; TypeScript's library does not know it yet. */
interface Detector {
	detect(image: HTMLVideoElement): Promise<readonly { readonly rawValue: string }[]>;
}
interface DetectorConstructor {
	new (options: { formats: ['qr_code'] }): Detector;
	getSupportedFormats(): Promise<readonly string[]>;
}

export type CameraFailure = 'denied' | 'missing';

const betweenLooksMs = 150;
/** Enough for a code held before it; more pixels only cost time. */
const frame = { width: { ideal: 640 }, height: { ideal: 480 } };

/** Whether there is any hope of a camera: none without a secure context. */
export const mayHaveCamera = (): boolean => 'mediaDevices' in navigator;

async function createDetector(): Promise<Detector> {
	const native = (globalThis as { BarcodeDetector?: DetectorConstructor }).BarcodeDetector;
	const knowsCodes = native && (await native.getSupportedFormats().catch((): readonly string[] => [])).includes('qr_code');
	const Constructor: DetectorConstructor = native && knowsCodes ? native : (await import('qr/decode.js')).BarcodeDetector;
	return new Constructor({ formats: ['qr_code'] });
}

/**
 * Shows the camera in `video` and calls `found` with the text of the first code seen.
 *
 * @returns switches the camera off; to be called at any time, more than once too
 */
export function watchForCode(video: HTMLVideoElement, on: { found(text: string): void; failed(why: CameraFailure): void; stopped(): void }): () => void {
	let stream: MediaStream | undefined;
	let timer: ReturnType<typeof setTimeout> | undefined;
	let over = false;

	function stop(): void {
		over = true;
		clearTimeout(timer);
		document.removeEventListener('visibilitychange', stopHidden);
		for (const track of stream?.getTracks() ?? []) track.stop();
		stream = undefined;
		video.srcObject = null;
	}

	function stopHidden(): void {
		if (!document.hidden || over) return;
		stop();
		on.stopped();
	}

	async function look(detector: Detector): Promise<void> {
		if (over) return;
		// A frame that cannot be read yet is followed by another.
		const [code] = await detector.detect(video).catch(() => []);
		// `stop` may have come meanwhile; TypeScript does not see it.
		if (over as boolean) return;
		if (code) {
			stop();
			on.found(code.rawValue);
		} else timer = setTimeout(() => void look(detector), betweenLooksMs);
	}

	async function start(): Promise<void> {
		const detector = await createDetector();
		const got = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment', ...frame }, audio: false });
		stream = got;
		if (over) {
			stop();
			return;
		}
		video.srcObject = got;
		await video.play();
		await look(detector);
	}

	document.addEventListener('visibilitychange', stopHidden);
	start().catch((error: unknown) => {
		const wasStopped = over;
		stop();
		if (!wasStopped) on.failed(error instanceof DOMException && error.name === 'NotAllowedError' ? 'denied' : 'missing');
	});
	return stop;
}
