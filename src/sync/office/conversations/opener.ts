/**
 * Opens every sealed entry once and keeps what was inside (PROTOCOL.md, 9). What cannot be opened yet, because a root, a colleague's card or
 * a KEYS is missing, is tried again when these change; what opens to something not allowed is dropped and counted.
 */
import type { Entry, Id } from '../../log/entry.ts';
import type { Log } from '../../log/log.ts';
import type { Clock } from '../../ports.ts';
import type { Kept, KeptEntry } from './kept.ts';

/**
 * The inner bytes, or why there are none. `pending`: something is missing that may come. `locked`: it is for this device, but the key
 * is gone. `refused`: it breaks a rule, or does not open under the key it names (A02, A26, A31, A32).
 */
export type Opened = Uint8Array | 'pending' | 'locked' | 'not-ours' | 'refused';

/** What was opened, and what is to be shown as not opened. */
export interface OpenedBatch {
	readonly kept: readonly KeptEntry[];
	readonly locked: readonly Entry[];
	readonly refused: readonly Entry[];
}

export interface Opener {
	/** Opens what the log holds and `kept` lacks, then everything new. */
	start(): void;
	/** Tries these once more, or for the first time: their keys came. */
	again(entries: readonly Entry[]): void;
	/** Something that was missing may have come. */
	retry(): void;
	/** Resolves once nothing waits for its turn. */
	idle(): Promise<void>;
	refused(): number;
	stop(): void;
}

/** Longest stretch of opening before the screen gets its turn. */
const sliceMs = 12;
/** While much comes the views hear of it this often: each time the screen is drawn anew. One that comes alone is told of at once. */
const gatherMs = 120;

interface Batch {
	readonly kept: KeptEntry[];
	readonly locked: Entry[];
	readonly refused: Entry[];
}

const emptyBatch = (): Batch => ({ kept: [], locked: [], refused: [] });

export function createOpener(deps: {
	readonly log: Log;
	readonly kept: Kept;
	readonly clock: Clock;
	/** How to open an entry, by its kind. Other kinds are left alone. */
	readonly openers: ReadonlyMap<number, (entry: Entry) => Opened>;
	readonly onOpened: (batch: OpenedBatch) => void;
}): Opener {
	const { log, kept, clock, openers } = deps;
	let queue: Entry[] = [];
	/** Opened, and the views not told of it yet. */
	let batch = emptyBatch();
	let toldMs = -Infinity;
	let isWorking = false;
	const waiting = new Map<Id, Entry>();
	let refused = 0;
	let cancelTurn: (() => void) | undefined;
	let cancelTelling: (() => void) | undefined;
	let unsubscribe: (() => void) | undefined;
	let idlers: (() => void)[] = [];

	function work(): void {
		cancelTurn = undefined;
		isWorking = true;
		try {
			const startedMs = clock.now();
			let done = 0;
			for (const entry of queue) {
				open(entry, batch);
				done++;
				if (clock.now() - startedMs >= sliceMs) break;
			}
			queue = queue.slice(done);
			if (isDue()) tell();
		} finally {
			isWorking = false;
		}
		if (queue.length > 0) cancelTurn ??= clock.after(0, work);
		else if (isTold()) wakeIdlers();
		else cancelTelling ??= clock.after(gatherMs, tellLate);
	}

	const isTold = (): boolean => batch.kept.length + batch.locked.length + batch.refused.length === 0;

	function isDue(): boolean {
		const sinceMs = clock.now() - toldMs;
		return sinceMs >= gatherMs || sinceMs < 0;
	}

	function tellLate(): void {
		cancelTelling = undefined;
		tell();
		if (queue.length === 0) wakeIdlers();
	}

	function wakeIdlers(): void {
		const waking = idlers;
		idlers = [];
		for (const wake of waking) wake();
	}

	function tell(): void {
		cancelTelling?.();
		cancelTelling = undefined;
		const opened = batch;
		batch = emptyBatch();
		if (opened.kept.length + opened.locked.length + opened.refused.length === 0) return;
		deps.onOpened(opened);
		toldMs = clock.now();
	}

	function open(entry: Entry, into: Batch): void {
		const opener = openers.get(entry.header.kind);
		if (!opener || kept.has(entry.id)) return;
		const opened = opener(entry);
		if (opened === 'pending' || opened === 'locked') {
			waiting.set(entry.id, entry);
			if (opened === 'locked') into.locked.push(entry);
			return;
		}
		waiting.delete(entry.id);
		if (opened === 'refused') {
			refused++;
			into.refused.push(entry);
		} else if (opened !== 'not-ours') into.kept.push(kept.add(entry, opened));
	}

	function enqueue(entries: Iterable<Entry>, own = false): void {
		for (const entry of entries) if (openers.has(entry.header.kind)) queue.push(entry);
		// A turn that is already due keeps the order of chains; one that runs goes on with these.
		if (cancelTurn || isWorking || queue.length === 0) return;
		// In the midst of much the disk's turn is not made longer by it. What this person wrote is seen when it is written.
		if (own || isDue()) work();
		else cancelTurn = clock.after(0, work);
		if (own && queue.length === 0) tell();
	}

	return {
		start() {
			for (const lane of [0, 1, 2] as const) for (const entry of log.entries(lane)) if (openers.has(entry.header.kind) && !kept.has(entry.id)) queue.push(entry);
			unsubscribe = log.subscribe(enqueue);
			enqueue([]);
		},
		again: (entries) => enqueue(entries),
		retry() {
			if (waiting.size === 0) return;
			const again = [...waiting.values()];
			waiting.clear();
			enqueue(again);
		},
		idle: () => (queue.length === 0 && isTold() ? Promise.resolve() : new Promise((resolve) => idlers.push(resolve))),
		refused: () => refused,
		stop() {
			unsubscribe?.();
			cancelTurn?.();
			cancelTurn = undefined;
			cancelTelling?.();
			cancelTelling = undefined;
			queue = [];
		},
	};
}
