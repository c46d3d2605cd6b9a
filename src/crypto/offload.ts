/**
 * scrypt in a thread of its own: a second of work and 128 MiB, which end with it. Where there are no workers (Node), or the browser would not
 * start one, the thread that asks does the work itself: slower for the screen, and the same bytes.
 */
import workerUrl from './offload.worker.ts?worker&url';
import { startWorker } from './own-worker.ts';
import { scryptHere, type ScryptJob } from './scrypt.ts';

/** 32 bytes of scrypt. */
export async function scrypt(job: ScryptJob): Promise<Uint8Array> {
	if (typeof Worker === 'undefined') return scryptHere(job);
	return (await inWorker(job)) ?? scryptHere(job);
}

/** `undefined` when the worker could not be started or failed: out of memory, a policy, a file that is gone. */
function inWorker(job: ScryptJob): Promise<Uint8Array | undefined> {
	return new Promise((resolve) => {
		let worker: Worker;
		try {
			worker = startWorker(workerUrl);
		} catch {
			resolve(undefined);
			return;
		}
		const end = (output: Uint8Array | undefined): void => {
			worker.terminate();
			resolve(output);
		};
		worker.onmessage = ({ data }: MessageEvent<unknown>) => end(data instanceof Uint8Array ? data : undefined);
		worker.onerror = () => end(undefined);
		worker.onmessageerror = () => end(undefined);
		worker.postMessage(job);
	});
}
