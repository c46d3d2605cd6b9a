/**
 * The service worker's half of a download (downloads.ts is the page's): an answer whose bytes the page sends piece by piece, each when the browser
 * has taken the one before. Nothing of it is stored.
 */

/** Where the browser asks for one. The server has nothing there. */
export const downloadPath = '/download/';

interface Waiting {
	readonly name: string;
	readonly size: number;
	readonly port: MessagePort;
}

/** A page that was closed before the browser asked leaves one behind. */
const maxWaiting = 64;
const idPattern = /^[0-9a-f-]{36}$/;

export interface WorkerDownloads {
	/** A page has something to save; it comes with the port its pieces come through. */
	offer(data: unknown, port: MessagePort | undefined): void;
	/** The answer to the browser's question; each is given once. */
	answer(id: string): Response;
}

export function createWorkerDownloads(): WorkerDownloads {
	const waiting = new Map<string, Waiting>();
	return {
		offer(data, port) {
			const { id, name, size } = data as { id?: unknown; name?: unknown; size?: unknown };
			if (!port || typeof id !== 'string' || !idPattern.test(id) || typeof name !== 'string' || typeof size !== 'number') return;
			for (const old of waiting.keys()) if (waiting.size >= maxWaiting) waiting.delete(old);
			waiting.set(id, { name, size, port });
			port.postMessage({ kind: 'ready' });
		},
		answer(id) {
			const offered = waiting.get(id);
			waiting.delete(id);
			if (!offered) return new Response(null, { status: 404 });
			return new Response(bodyOf(offered), {
				headers: {
					// Never shown, whatever it holds (A40).
					'Content-Type': 'application/octet-stream',
					'Content-Disposition': `attachment; filename*=UTF-8''${encode(offered.name)}`,
					'Content-Length': String(offered.size),
					'Cache-Control': 'no-store',
					'X-Content-Type-Options': 'nosniff',
					'Content-Security-Policy': "default-src 'none'; sandbox",
					'Cross-Origin-Resource-Policy': 'same-origin',
					'Cross-Origin-Embedder-Policy': 'require-corp',
				},
			});
		},
	};
}

function bodyOf({ size, port }: Waiting): ReadableStream<Uint8Array> {
	let given = 0;
	let answered: (() => void) | undefined;
	return new ReadableStream<Uint8Array>(
		{
			start(controller) {
				port.onmessage = ({ data }: MessageEvent<unknown>) => {
					const { kind, piece } = data as { kind?: unknown; piece?: unknown };
					if (kind === 'piece' && piece instanceof Uint8Array) {
						given += piece.length;
						controller.enqueue(piece);
					} else {
						if (kind === 'end' && given === size) controller.close();
						else controller.error(new Error('the page stopped'));
						port.close();
					}
					answered?.();
				};
			},
			pull: () =>
				new Promise<void>((resolve) => {
					answered = resolve;
					port.postMessage({ kind: 'more' });
				}),
			cancel() {
				port.postMessage({ kind: 'cancelled' });
				port.close();
			},
		},
		{ highWaterMark: 0 },
	);
}

/** RFC 8187: what `encodeURIComponent` leaves and a header may not carry. */
const encode = (name: string): string => encodeURIComponent(name).replace(/['()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);
