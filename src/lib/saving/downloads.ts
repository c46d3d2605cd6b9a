/**
 * Downloads of what this page makes: streamed through our own service worker, which gives the browser an answer with a name and a length, or as
 * a Blob where no worker is in charge. The worker asks for each piece when the browser has taken the one before.
 */
import { done, fail, type Result } from '../../sync/failures.ts';
import { ReadFailure } from '../../sync/transfer/supply.ts';
import { downloadPath } from './worker-downloads.ts';

/** A Blob is held by the browser until it is saved, in part in memory. */
const maxBlobBytes = 512 * 1024 * 1024;
/** The worker has begun to answer by then, or does not answer at all. */
const beginMs = 10_000;
/** Firefox ends a worker that heard nothing for 30 s, also in the middle of an answer. */
const awakeMs = 10_000;
const blobLifeMs = 60_000;
const lastWordMs = 1000;

export interface Download {
	/** Cleaned. */
	readonly name: string;
	readonly size: number;
	/** Called once; what it rejects with ends the download as failed. */
	readonly body: () => ReadableStream<Uint8Array>;
	readonly signal: AbortSignal;
}

export interface Downloads {
	/** Resolves when the browser has taken the last byte; 'closed' when it was stopped, by the person in the browser too. */
	save(download: Download): Promise<Result>;
}

export function createDownloads(document: Document, container: ServiceWorkerContainer | undefined): Downloads {
	/**
	 * In a hidden frame: Chromium takes a link with `download` past the service worker to the server, and a link without it would take this page
	 * along if the worker had forgotten.
	 */
	function openFrame(url: string): HTMLIFrameElement {
		const frame = document.createElement('iframe');
		frame.hidden = true;
		frame.src = url;
		document.body.append(frame);
		return frame;
	}

	function click(url: string, name: string): void {
		const link = document.createElement('a');
		link.href = url;
		link.download = name;
		link.hidden = true;
		document.body.append(link);
		link.click();
		link.remove();
	}

	async function asBlob({ name, size, body, signal }: Download): Promise<Result> {
		if (size > maxBlobBytes) return fail('too-large');
		const parts: BlobPart[] = [];
		const reader = body().getReader();
		for (;;) {
			if (signal.aborted) {
				await reader.cancel();
				return fail('closed');
			}
			const { done: isOver, value } = await reader.read();
			if (isOver) break;
			parts.push(value.slice());
		}
		const url = URL.createObjectURL(new Blob(parts, { type: 'application/octet-stream' }));
		click(url, name);
		setTimeout(() => URL.revokeObjectURL(url), blobLifeMs);
		return done;
	}

	function throughWorker(worker: ServiceWorker, download: Download): Promise<Result | 'not-begun'> {
		const { name, size, body, signal } = download;
		const id = crypto.randomUUID();
		const { port1: port, port2 } = new MessageChannel();
		return new Promise((resolve, reject) => {
			let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
			let frame: HTMLIFrameElement | undefined;
			const awake = setInterval(() => worker.postMessage({ kind: 'awake' }), awakeMs);
			const notBegun = setTimeout(() => end('not-begun'), beginMs);
			const stop = (): void => {
				port.postMessage({ kind: 'stop' });
				end(fail('closed'));
			};
			signal.addEventListener('abort', stop);

			function end(result: Result | 'not-begun'): void {
				clearInterval(awake);
				clearTimeout(notBegun);
				signal.removeEventListener('abort', stop);
				void reader?.cancel().catch(() => undefined);
				resolve(result);
				// After what was posted last has gone.
				setTimeout(() => {
					port.close();
					frame?.remove();
				}, lastWordMs);
			}

			async function give(): Promise<void> {
				clearTimeout(notBegun);
				reader ??= body().getReader();
				const next = await reader.read();
				if (next.done) {
					reader = undefined;
					port.postMessage({ kind: 'end' });
					end(done);
					return;
				}
				// Its own copy: a stream of others' may give a part of a larger buffer.
				const piece = next.value.slice();
				port.postMessage({ kind: 'piece', piece }, [piece.buffer]);
			}

			port.onmessage = ({ data }: MessageEvent<unknown>) => {
				const { kind } = data as { kind?: unknown };
				if (kind === 'cancelled') end(fail('closed'));
				else if (kind === 'more') {
					give().catch((error: unknown) => {
						port.postMessage({ kind: 'stop' });
						end(fail('disk-failed'));
						if (!(error instanceof ReadFailure)) reject(error instanceof Error ? error : new Error(String(error)));
					});
				} else if (kind === 'ready') frame = openFrame(`${downloadPath}${id}`);
			};
			worker.postMessage({ kind: 'download', id, name, size }, [port2]);
		});
	}

	return {
		async save(download) {
			if (download.signal.aborted) return fail('closed');
			const worker = container?.controller;
			if (worker) {
				const result = await throughWorker(worker, download);
				if (result !== 'not-begun') return result;
			}
			try {
				return await asBlob(download);
			} catch (error) {
				if (error instanceof ReadFailure) return fail('disk-failed');
				throw error;
			}
		},
	};
}
