/** A page and its service worker that save bytes as the app does, for tests/e2e/downloads.spec.ts. */
import { createDownloads } from '../../src/lib/saving/downloads.ts';

const asked = { pieces: 0 };
const stop = new AbortController();

async function save(name: string, pieces: number, pieceBytes: number, stopAfter = Infinity): Promise<string> {
	const downloads = createDownloads(document, navigator.serviceWorker);
	let given = 0;
	const result = await downloads.save({
		name,
		size: pieces * pieceBytes,
		signal: stop.signal,
		body: () =>
			new ReadableStream<Uint8Array>(
				{
					pull(controller) {
						asked.pieces++;
						if (given === stopAfter) stop.abort();
						else if (given === pieces) controller.close();
						else controller.enqueue(new Uint8Array(pieceBytes).fill(++given & 255));
					},
				},
				{ highWaterMark: 0 },
			),
	});
	return result.ok ? 'ok' : result.code;
}

async function ready(): Promise<void> {
	await navigator.serviceWorker.register('/sw.js', { type: 'classic' });
	await navigator.serviceWorker.ready;
	while (!navigator.serviceWorker.controller) await new Promise((resolve) => setTimeout(resolve, 50));
}

Object.assign(globalThis, { testDownloads: { save, ready, asked } });
