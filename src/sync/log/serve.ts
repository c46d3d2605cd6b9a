/**
 * Answers to WANT: a RANGE for each row, in lane order, at a bounded pace for each link, however much is asked. Of a chain that forked, one of
 * each history. Two rows of one chain ask for what lies between them: a header with a signature of its own, for a FORK_PROOF.
 */
import type { Clock } from '../ports.ts';
import { chainKey } from './chains.ts';
import { type Entry, type Id, lanes } from './entry.ts';
import type { Log } from './log.ts';
import { encodeRange, rangeBytes, takeRange } from './range.ts';
import { fromNewestBase, type WantRow } from './vector.ts';

/** What a link is given at once, and then for each millisecond: one who catches up, or asks for ever, does not hold the others' thread. */
const burstBytes = 1024 * 1024;
const bytesPerMs = 20 * 1024;
const pauseMs = 50;
/** Rows that wait on one link; an honest peer asks for 8 chains at a time. */
const maxRowsWaiting = 64;
/** All that a limited link is ever given (PROTOCOL.md, section 7). */
const limitedBytes = 1024 * 1024;
/** A link whose buffers are full is tried again until the one who asked has turned to another. */
const refusedPauseMs = 250;
const maxRefusals = 20;

interface Asked extends WantRow {
	/** Where the range must end, if anywhere. */
	readonly until?: number;
}

export interface Serving {
	want(rows: readonly WantRow[]): void;
	stop(): void;
}

export function createServing(deps: {
	log: Log;
	clock: Clock;
	limited: boolean;
	/** How far of a chain of the office lane this link is shown; -1: nothing. A range must end with a signature, if need be a few acts further. */
	shows?: ((author: Id) => number) | undefined;
	send(range: Uint8Array): boolean;
}): Serving {
	const { log, clock, limited, shows } = deps;
	const queue = new Map<string, Asked>();
	let given = 0;
	let budget = burstBytes;
	let countedMs = clock.now();
	let refusals = 0;
	let cancel: (() => void) | undefined;

	function answer(row: Asked): readonly Uint8Array[] {
		const { author, lane, until } = row;
		const from = row.from === fromNewestBase ? log.newestBase(author, lane) : row.from;
		const base = log.head(author, lane)?.base;
		if (from === undefined || base === undefined || from < base) return [];
		const limitBytes = limited ? Math.min(rangeBytes, limitedBytes - given) : rangeBytes;
		const histories = [log.range(author, lane, from), ...log.branches(author, lane).map((branch) => branch.filter((entry) => entry.header.seq >= from))];
		const ranges = histories.map((held) => shown(held, shows?.(author))).map((held) => (until === undefined ? takeRange(held, limitBytes) : between(held, from, until)));
		return ranges.filter((entries) => entries.length > 0).map(encodeRange);
	}

	function serve(): void {
		cancel = undefined;
		// A clock that was put back gives nothing, once.
		budget = Math.min(burstBytes, budget + Math.max(0, clock.now() - countedMs) * bytesPerMs);
		countedMs = clock.now();
		for (const [key, row] of [...queue].sort(([, a], [, b]) => a.lane - b.lane)) {
			if (budget <= 0) break;
			const ranges = answer(row);
			const bytes = ranges.reduce((sum, range) => sum + range.length, 0);
			if (bytes === 0 || (limited && given + bytes > limitedBytes)) {
				queue.delete(key);
				continue;
			}
			if (!ranges.every((range) => deps.send(range))) {
				if (++refusals > maxRefusals) queue.clear();
				break;
			}
			refusals = 0;
			queue.delete(key);
			budget -= bytes;
			given += bytes;
		}
		if (queue.size > 0) cancel = clock.after(refusals > 0 ? refusedPauseMs : pauseMs, serve);
	}

	return {
		want(rows) {
			for (const row of rows) {
				if (limited && row.lane !== lanes.office) continue;
				const key = chainKey(row.author, row.lane);
				const before = rows.find((other) => other.author === row.author && other.lane === row.lane);
				const isEnd = before !== undefined && before !== row && before.from < row.from && row.from !== fromNewestBase;
				if (queue.size < maxRowsWaiting || queue.has(key)) queue.set(key, isEnd ? { ...before, until: row.from } : row);
			}
			if (cancel === undefined) serve();
		},
		stop() {
			cancel?.();
			queue.clear();
		},
	};
}

/** A run that ends just before `until`, if it is held and signed there. */
function between(held: readonly Entry[], from: number, until: number): readonly Entry[] {
	const run = held.slice(0, until - from);
	const last = run.at(-1);
	return run[0]?.header.seq === from && last?.header.seq === until - 1 && last.signature !== undefined ? run : [];
}

function shown(run: readonly Entry[], last = Infinity): readonly Entry[] {
	if ((run[0]?.header.seq ?? Infinity) > last) return [];
	const end = run.findIndex((entry) => entry.header.seq >= last && entry.signature !== undefined);
	return end < 0 ? run : run.slice(0, end + 1);
}
