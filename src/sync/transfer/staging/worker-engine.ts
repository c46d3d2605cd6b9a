/** Staging's engine as the page has it: in a worker over the browser's private file system, or in memory where there is none. */
import { startWorker } from '../../../crypto/own-worker.ts';
import type { Random } from '../../../crypto/random.ts';
import { createStagingEngine, type StagingEngine } from './engine.ts';
import { createMemoryDisk } from './memory-disk.ts';
import workerUrl from './staging.worker.ts?worker&url';

/** Without a disk. More would take the whole tab with it. */
export const memoryLimitBytes = 256 * 1024 * 1024;

type Methods = { [M in keyof StagingEngine]: { readonly id: number; readonly method: M; readonly args: Parameters<StagingEngine[M]> } };
export type Call = Methods[keyof StagingEngine] | { readonly id: number; readonly method: 'start'; readonly args: readonly [directory: string] };
export interface Answer {
	readonly id: number;
	readonly value?: unknown;
	readonly error?: string;
}

export interface OpenedEngine {
	readonly engine: StagingEngine;
	/** False: what is staged goes with the page. */
	readonly lasting: boolean;
}

/** @param directory of the private file system; it should tell nobody what is in it */
export async function openStagingEngine(directory: string, random: Random): Promise<OpenedEngine> {
	const inWorker = await startEngine(directory);
	return inWorker ? { engine: inWorker, lasting: true } : { engine: createStagingEngine(createMemoryDisk(memoryLimitBytes), random), lasting: false };
}

/** The office is gone from this device. */
export async function removeStagingDisk(directory: string): Promise<void> {
	const root = await navigator.storage.getDirectory();
	await root.removeEntry(directory, { recursive: true });
}

/** The private disk's directory for an office, by as much of its id as its database is named by. */
export const stagingDirectory = (officeId: string): string => officeId.slice(0, 16);

async function startEngine(directory: string): Promise<StagingEngine | undefined> {
	let worker: Worker;
	try {
		worker = startWorker(workerUrl);
	} catch {
		return undefined;
	}
	const waiting = new Map<number, { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void }>();
	let next = 0;
	let dead = false;
	const die = (): void => {
		dead = true;
		for (const { reject } of waiting.values()) reject(new Error('staging has ended'));
		waiting.clear();
	};
	worker.onmessage = ({ data }: MessageEvent<Answer>) => {
		const call = waiting.get(data.id);
		waiting.delete(data.id);
		if (data.error === undefined) call?.resolve(data.value);
		else call?.reject(new Error(data.error));
	};
	worker.onerror = die;
	worker.onmessageerror = die;

	const send = (method: string, args: readonly unknown[], transfer: Transferable[] = []): Promise<unknown> =>
		new Promise((resolve, reject) => {
			if (dead) {
				reject(new Error('staging has ended'));
				return;
			}
			const id = next++;
			waiting.set(id, { resolve, reject });
			worker.postMessage({ id, method, args }, transfer);
		});
	const call = <M extends keyof StagingEngine>(method: M, args: Parameters<StagingEngine[M]>, transfer?: Transferable[]): ReturnType<StagingEngine[M]> =>
		send(method, args, transfer) as ReturnType<StagingEngine[M]>;

	try {
		await send('start', [directory]);
	} catch {
		worker.terminate();
		return undefined;
	}
	return {
		know: (...args) => call('know', args),
		write: (file, bytes, pieces) => call('write', [file, bytes, pieces], [bytes]).catch(() => pieces.map(() => 'failed' as const)),
		read: (...args) => call('read', args),
		flush: (file) => call('flush', [file]).catch(() => 'failed' as const),
		remove: (file) => call('remove', [file]),
		names: () => call('names', []),
		async close() {
			await call('close', []).catch(() => undefined);
			die();
			worker.terminate();
		},
	};
}
