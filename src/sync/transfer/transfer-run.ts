/**
 * One transfer while it runs: looks up what the wish comes to, fetches it, large files a few at a time and small ones in bundles, and hands on
 * what is whole. Nothing of it needs to be remembered: begun again, it skips what is staged or saved.
 */
import type { FailureCode } from '../failures.ts';
import type { FailedFile } from '../files.ts';
import type { Clock } from '../ports.ts';
import type { BulkPlane, Fetch, FetchOutcome } from './bulk/bulk-port.ts';
import { type ContentRef, contentKey } from './content.ts';
import type { Staging } from './staging/staging.ts';
import { type PlannedFile, ReadFailure, type Saver, type Supply } from './supply.ts';

const largeAtOnce = 2;
/** Small files in one fetch. */
const maxSmall = 1_024;
/** Files up to this travel in bundles. */
const maxBundledBytes = 64 * 1024;
/** While nobody has the list of a folder, or what vouches for its files, it is asked for again this often. */
const lookAgainMs = 5_000;

export interface RunProgress {
	readonly state: 'fetching' | 'looking' | 'saving';
	readonly files: { readonly done: number; readonly total: number; readonly skipped: number };
	readonly bytes: { readonly done: number; readonly total: number };
	readonly bytesPerSecond: number;
	/** Devices it comes from. */
	readonly sources: readonly string[];
	readonly failed: readonly FailedFile[];
}

export interface TransferRun {
	progress(): RunProgress;
	/** `stopped` by `stop`; else a code where the whole of it failed. */
	readonly outcome: Promise<'done' | 'stopped' | FailureCode>;
	stop(): void;
	/** Staged contents of which not all is here: to be let go of after a cancel. */
	unfinished(): readonly ContentRef[];
}

export interface TransferRunDeps {
	readonly bulk: BulkPlane;
	readonly staging: Staging;
	readonly clock: Clock;
	readonly supply: Supply;
	/** None where it stays sealed in this browser. */
	readonly saver: Saver | undefined;
}

export function startTransferRun({ bulk, staging, clock, supply, saver }: TransferRunDeps): TransferRun {
	const files = new Map<string, PlannedFile>();
	const failed = new Map<string, FailureCode>();
	const large: PlannedFile[] = [];
	const small: PlannedFile[] = [];
	const running = new Map<Fetch, readonly PlannedFile[]>();
	const counts = { done: 0, skipped: 0, bytesDone: 0, bytesTotal: 0 };
	let isPlanned = false;
	let isPlanLooking = false;
	let isSaving = false;
	let stopped = false;
	let fatal: FailureCode | undefined;
	/** Stopped to be begun anew with more that vouches for them. */
	const anew = new Set<Fetch>();
	const largeOnes = new WeakSet<Fetch>();
	let wakers: (() => void)[] = [];

	function wake(): void {
		const waking = wakers;
		wakers = [];
		for (const one of waking) one();
	}
	const change = (): Promise<void> => new Promise((resolve) => wakers.push(resolve));
	const isOver = (): boolean => stopped || fatal !== undefined;
	const pause = (ms: number): Promise<void> =>
		new Promise((resolve) => {
			const cancel = clock.after(ms, resolve);
			wakers.push(() => {
				cancel();
				resolve();
			});
		});

	function fail(file: { readonly path: string }, code: FailureCode): void {
		failed.set(file.path, code);
		// On a full disk nothing else will fit either.
		if (code === 'disk-full') fatal = code;
	}

	async function plan(): Promise<void> {
		while (!isOver()) {
			const found = supply.plan();
			let end: 'whole' | 'unreachable' | undefined;
			while (end === undefined && !isOver()) {
				const next = await found.next();
				if (next.done === true) end = next.value;
				else await take(next.value);
			}
			if (end !== 'unreachable') break;
			isPlanLooking = true;
			await pause(lookAgainMs);
			isPlanLooking = false;
		}
		isPlanned = true;
		wake();
	}

	async function take(planned: PlannedFile | { readonly path: string; readonly code: FailureCode }): Promise<void> {
		if (files.has(planned.path)) return;
		if ('code' in planned) {
			failed.set(planned.path, planned.code);
			return;
		}
		failed.delete(planned.path);
		files.set(planned.path, planned);
		counts.bytesTotal += planned.size;
		if (await saver?.has(planned)) {
			counts.skipped += 1;
			counts.bytesDone += planned.size;
			return;
		}
		(planned.ref.size <= maxBundledBytes ? small : large).push(planned);
		wake();
	}

	async function finish(file: PlannedFile): Promise<void> {
		if (saver && !isOver()) {
			const saved = await saver.add(file, () => supply.bytes(file)).catch((error: unknown) => {
				if (error instanceof ReadFailure) return { ok: false, code: 'disk-failed' } as const;
				throw error;
			});
			if (isOver()) return;
			if (!saved.ok) {
				fail(file, saved.code);
				return;
			}
		}
		counts.done += 1;
		counts.bytesDone += file.size;
	}

	async function fetchLarge(): Promise<void> {
		for (;;) {
			const file = large.shift();
			if (isOver() || (!file && isPlanned)) return;
			if (!file) {
				await change();
				continue;
			}
			const sink = await staging.sink(file.ref);
			if (!sink.ok) {
				fail(file, sink.code);
				continue;
			}
			if (sink.value.have.whole) {
				await finish(file);
				continue;
			}
			const fetch = bulk.fetch({ ref: file.ref, sink: sink.value, trust: supply.trust(file.ref), candidates: () => supply.candidates() });
			running.set(fetch, [file]);
			largeOnes.add(fetch);
			// One that was stopped before it began.
			if (isOver()) fetch.cancel();
			const outcome = await fetch.outcome;
			running.delete(fetch);
			if (outcome === 'done') await finish(file);
			else if (anew.delete(fetch)) large.unshift(file);
			else if (outcome !== 'cancelled') fail(file, codeOf(outcome));
		}
	}

	async function fetchSmall(): Promise<void> {
		for (;;) {
			const some = small.splice(0, maxSmall);
			if (isOver() || (some.length === 0 && isPlanned)) return;
			if (some.length === 0) {
				await change();
				continue;
			}
			const wanted = new Map<string, PlannedFile>();
			const whole: PlannedFile[] = [];
			for (const file of some) {
				if (file.ref.size === 0 || staging.held(file.ref) >= file.ref.size) whole.push(file);
				else wanted.set(contentKey(file.ref), file);
			}
			// Side by side: how many at once, who saves them decides.
			const saving: Promise<void>[] = [];
			const save = (file: PlannedFile): void => void saving.push(finish(file));
			for (const file of whole) save(file);
			if (wanted.size > 0) {
				const fetch = bulk.fetchSmall({
					refs: [...wanted.values()].map((file) => file.ref),
					sink: staging.smallSink,
					trust: (ref) => supply.trust(ref),
					candidates: () => supply.candidates(),
					decided(ref, outcome) {
						const file = wanted.get(contentKey(ref));
						if (!file) return;
						if (outcome === 'done') save(file);
						else fail(file, codeOf(outcome));
					},
				});
				running.set(fetch, [...wanted.values()]);
				if (isOver()) fetch.cancel();
				await fetch.outcome;
				running.delete(fetch);
			}
			await Promise.all(saving);
		}
	}

	/** Who waits for colleagues looks whether their lists vouch for more by now. */
	async function relook(): Promise<void> {
		while (!isOver() && !isSaving) {
			await pause(lookAgainMs);
			const looking = [...running].filter(([fetch]) => fetch.progress.get().state === 'looking');
			if (isOver() || !isPlanned || looking.length === 0 || looking.length < running.size || !(await supply.refresh())) continue;
			// Bundles look by themselves.
			for (const [fetch] of looking) {
				if (!largeOnes.has(fetch)) continue;
				anew.add(fetch);
				fetch.cancel();
			}
		}
	}

	async function run(): Promise<'done' | 'stopped' | FailureCode> {
		void relook();
		await Promise.all([plan(), ...Array.from({ length: largeAtOnce }, fetchLarge), fetchSmall()]);
		if (!isOver()) {
			isSaving = true;
			await staging.settle();
			// What its owner has read by now is vouched for in its pages: this device can pass it on.
			await Promise.race([supply.refresh(), pause(lookAgainMs)]);
			const saved = await saver?.finish();
			if (saved && !saved.ok) fatal = saved.code;
		}
		if (stopped || fatal !== undefined) saver?.abort();
		return stopped ? 'stopped' : (fatal ?? 'done');
	}

	return {
		progress() {
			const fetches = [...running.keys()].map((fetch) => fetch.progress.get());
			const isLooking = fetches.length > 0 ? fetches.every((one) => one.state === 'looking') : isPlanLooking;
			const under = [...running].reduce((sum, [fetch, of]) => sum + (of.length === 1 ? Math.min(fetch.progress.get().bytes, of[0]?.size ?? 0) : 0), 0);
			return {
				state: isSaving ? 'saving' : isLooking ? 'looking' : 'fetching',
				files: { done: counts.done, total: files.size, skipped: counts.skipped },
				bytes: { done: Math.min(counts.bytesTotal, counts.bytesDone + under), total: counts.bytesTotal },
				bytesPerSecond: fetches.reduce((sum, one) => sum + one.bytesPerSecond, 0),
				sources: [...new Set(fetches.flatMap((one) => one.sources))],
				failed: [...failed].map(([path, code]) => ({ path, code })),
			};
		},
		outcome: run(),
		stop() {
			stopped = true;
			for (const fetch of running.keys()) fetch.cancel();
			wake();
		},
		unfinished: () => [...files.values()].filter(({ ref }) => staging.held(ref) < ref.size).map(({ ref }) => ref),
	};
}

function codeOf(outcome: Exclude<FetchOutcome, 'done' | 'cancelled'>): FailureCode {
	switch (outcome) {
		case 'refused':
			return 'not-allowed';
		case 'changed':
			return 'file-changed';
		case 'gone':
			return 'file-gone';
		case 'disk-full':
			return 'disk-full';
		case 'write-failed':
			return 'disk-failed';
	}
}
