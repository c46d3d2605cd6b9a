/**
 * The transfers of this device as the screen reads them: a queue of what it fetches, and what colleagues fetch from it. Each wish rests on the
 * disk until it is done or taken off the list, so it goes on by itself after a reload, a crash or sleep.
 */
import { hex } from '../../crypto/bytes.ts';
import type { Random } from '../../crypto/random.ts';
import { done, fail, type FailureCode, type Result, succeed } from '../failures.ts';
import type { Destination, Files, Transfer } from '../files.ts';
import type { Clock } from '../ports.ts';
import { createCell } from '../source.ts';
import { type OfficeStore, StoreFailure } from '../store.ts';
import type { BulkPlane } from './bulk/bulk-port.ts';
import type { Staging } from './staging/staging.ts';
import type { Saver, Supply, Wish } from './supply.ts';
import { decodeTransfer, encodeTransfer, isWish, type TransferRecord } from './transfer-record.ts';
import { startTransferRun, type TransferRun } from './transfer-run.ts';

const bucket = 'transfers';
/** Folders fetched into rest beside those that are shared. */
const handlePrefix = 'transfer/';
const runningAtOnce = 2;
/** How often the list is made anew while something moves. */
const showEveryMs = 500;

/** As Chromium has it; the types of the platform's library do not know it yet. */
interface Writable {
	queryPermission(wish: { mode: 'readwrite' }): Promise<PermissionState>;
	requestPermission(wish: { mode: 'readwrite' }): Promise<PermissionState>;
}

export interface TransfersDeps {
	readonly bulk: BulkPlane;
	readonly staging: Staging;
	readonly store: OfficeStore;
	readonly clock: Clock;
	readonly random: Random;
	/** A code where it is not there, or not for this person any more. */
	readonly supply: (wish: Wish) => Result<Supply>;
	/** `undefined` for what stays here. */
	readonly saver: (destination: Destination, name: string) => Saver | undefined;
	readonly nameOf: (device: string) => string;
	/** Until then it is not known what is shared: what was begun before waits, and is not taken for something that is gone. */
	readonly ready: Promise<void>;
	/** What a colleague fetches, in words. */
	readonly outgoing: () => readonly Transfer[];
}

export interface Transfers {
	readonly part: Pick<Files, 'transfers' | 'pause' | 'resume' | 'cancel' | 'retry' | 'dismiss'>;
	fetch(wish: Wish, destination: Destination): Promise<Result<string>>;
	/** Colleagues came or went. */
	look(): void;
	stop(): void;
}

interface One {
	readonly id: string;
	record: TransferRecord;
	readonly destination: Destination | undefined;
	state: 'queued' | 'running' | 'paused' | 'ask' | 'done' | 'failed' | 'cancelled';
	run: TransferRun | undefined;
	/** As it was when it last ran. */
	last: ReturnType<TransferRun['progress']> | undefined;
	failure: FailureCode | undefined;
}

const nothing: ReturnType<TransferRun['progress']> = { state: 'fetching', files: { done: 0, total: 0, skipped: 0 }, bytes: { done: 0, total: 0 }, bytesPerSecond: 0, sources: [], failed: [] };

/** Rejects with a `StoreFailure` when the disk fails. */
export async function openTransfers(deps: TransfersDeps): Promise<Transfers> {
	const { bulk, staging, store, clock, random } = deps;
	const all = new Map<string, One>();
	const transfers = createCell<readonly Transfer[]>([]);
	let stopped = false;
	let isReady = false;
	let cancelTimer: (() => void) | undefined;

	const handles = await store.handles();
	for (const [id, bytes] of await store.all(bucket)) {
		const record = decodeTransfer(bytes);
		if (!record) continue;
		const handle = handles.get(handlePrefix + id);
		const destination: Destination | undefined = record.destination !== 'folder' ? { kind: record.destination } : handle && { kind: 'folder', handle };
		all.set(id, { id, record, destination, state: record.paused ? 'paused' : 'queued', run: undefined, last: undefined, failure: undefined });
	}
	for (const one of all.values()) if (one.state === 'queued' && !(await mayWrite(one))) one.state = 'ask';

	async function mayWrite({ destination }: One): Promise<boolean> {
		if (destination?.kind !== 'folder') return destination !== undefined;
		return (await (destination.handle as FileSystemDirectoryHandle & Writable).queryPermission({ mode: 'readwrite' })) === 'granted';
	}

	function shown(one: One): Transfer {
		const progress = one.run?.progress() ?? one.last ?? nothing;
		const left = progress.bytes.total - progress.bytes.done;
		const isMoving = one.state === 'running' && progress.bytesPerSecond > 0;
		return {
			id: one.id,
			direction: 'in',
			name: one.record.name,
			colleagues: [...new Set(progress.sources.map(deps.nameOf))].filter((name) => name !== ''),
			state: one.state === 'running' ? progress.state : one.state,
			files: progress.files,
			bytes: progress.bytes,
			bytesPerSecond: isMoving ? progress.bytesPerSecond : 0,
			secondsLeft: isMoving ? Math.ceil(left / progress.bytesPerSecond) : undefined,
			failed: progress.failed,
			failure: one.failure,
		};
	}

	function show(): void {
		const incoming = [...all.values()].sort((a, b) => Number(b.state === 'running') - Number(a.state === 'running') || b.record.sinceMs - a.record.sinceMs).map(shown);
		const list = [...deps.outgoing(), ...incoming];
		if (list.length > 0 || transfers.get().length > 0) transfers.set(list);
		const isMoving = [...all.values()].some((one) => one.state === 'running') || deps.outgoing().length > 0;
		if (isMoving && !stopped)
			cancelTimer ??= clock.after(showEveryMs, () => {
				cancelTimer = undefined;
				show();
			});
	}

	function fill(): void {
		const running = [...all.values()].filter((one) => one.state === 'running').length;
		const queued = [...all.values()].filter((one) => one.state === 'queued').sort((a, b) => a.record.sinceMs - b.record.sinceMs);
		for (const one of stopped || !isReady ? [] : queued.slice(0, Math.max(0, runningAtOnce - running))) begin(one);
		show();
	}

	function begin(one: One): void {
		const supply = deps.supply(one.record.wish);
		if (!supply.ok || !one.destination) {
			one.state = 'failed';
			one.failure = supply.ok ? 'permission-lost' : supply.code;
			return;
		}
		one.state = 'running';
		one.failure = undefined;
		const run = startTransferRun({ bulk, staging, clock, supply: supply.value, saver: deps.saver(one.destination, one.record.name) });
		one.run = run;
		void run.outcome.then((outcome) => {
			one.last = { ...run.progress(), bytesPerSecond: 0 };
			if (one.run === run) one.run = undefined;
			if (outcome !== 'stopped' && one.state === 'running') end(one, outcome);
			fill();
		});
	}

	function end(one: One, outcome: 'done' | FailureCode): void {
		const isWhole = outcome === 'done' && one.last?.failed.length === 0;
		one.state = isWhole ? 'done' : 'failed';
		one.failure = outcome === 'done' ? undefined : outcome;
		// One that failed in part is kept: it is tried again on the person's word, also tomorrow.
		if (isWhole) void forget(one);
		else void save(one, true);
	}

	async function save(one: One, paused: boolean): Promise<void> {
		one.record = { ...one.record, paused };
		await store.put(bucket, one.id, encodeTransfer(one.record)).catch(() => undefined);
	}

	async function forget({ id }: One): Promise<void> {
		await store.delete(bucket, id).catch(() => undefined);
		await store.deleteHandle(handlePrefix + id).catch(() => undefined);
	}

	function stopRun(one: One, state: 'paused' | 'cancelled' | 'queued'): TransferRun | undefined {
		const { run } = one;
		one.state = state;
		if (run) one.last = { ...run.progress(), bytesPerSecond: 0 };
		one.run = undefined;
		run?.stop();
		return run;
	}

	function cancel(id: string): void {
		const one = all.get(id);
		if (!one || one.state === 'done' || one.state === 'cancelled') return;
		const run = stopRun(one, 'cancelled');
		void forget(one);
		// Once its last chunk is written: half a file is of no use to anybody.
		void run?.outcome.then(async () => {
			for (const ref of run.unfinished()) await staging.forget(ref).catch(() => undefined);
		});
		fill();
	}

	function retry(id: string): void {
		const one = all.get(id);
		if (one?.state !== 'failed' && one?.state !== 'cancelled') return;
		one.state = 'queued';
		void save(one, false);
		fill();
	}

	show();
	void deps.ready.then(() => {
		isReady = true;
		fill();
	});
	return {
		part: {
			transfers,
			pause(id) {
				const one = all.get(id);
				if (one?.state !== 'running' && one?.state !== 'queued') return;
				stopRun(one, 'paused');
				void save(one, true);
				fill();
			},
			async resume(id) {
				const one = all.get(id);
				if (one?.state !== 'paused' && one?.state !== 'ask') return fail('not-found');
				if (one.destination?.kind === 'folder' && !(await mayWrite(one))) {
					const answer = await (one.destination.handle as FileSystemDirectoryHandle & Writable).requestPermission({ mode: 'readwrite' });
					if (answer !== 'granted') return fail('permission-lost');
				}
				one.state = 'queued';
				await save(one, false);
				fill();
				return done;
			},
			cancel,
			retry,
			dismiss(id) {
				cancel(id);
				const one = all.get(id);
				if (one) void forget(one);
				all.delete(id);
				show();
			},
		},
		async fetch(wish, destination) {
			await deps.ready;
			const supply = deps.supply(wish);
			if (!supply.ok) return supply;
			if (!isWish(wish)) return fail('too-many');
			const id = hex(random(16));
			const record: TransferRecord = { wish, name: supply.value.name, destination: destination.kind, paused: false, sinceMs: Math.max(0, clock.now()) };
			try {
				await store.put(bucket, id, encodeTransfer(record));
				if (destination.kind === 'folder') await store.putHandle(handlePrefix + id, destination.handle);
			} catch (error) {
				if (error instanceof StoreFailure) return fail(error.code);
				throw error;
			}
			all.set(id, { id, record, destination, state: 'queued', run: undefined, last: undefined, failure: undefined });
			fill();
			return succeed(id);
		},
		look: show,
		stop() {
			stopped = true;
			cancelTimer?.();
			for (const one of all.values()) if (one.state === 'running') stopRun(one, 'queued');
		},
	};
}
