/** Answers to WANT: one RANGE for each row, in lane order, at a bounded pace for each link, however much is asked. */
import type { Clock } from '../ports.ts';
import { chainKey } from './chains.ts';
import { lanes } from './entry.ts';
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

export interface Serving {
	want(rows: readonly WantRow[]): void;
	stop(): void;
}

export function createServing(deps: { log: Log; clock: Clock; limited: boolean; send(range: Uint8Array): boolean }): Serving {
	const { log, clock, limited } = deps;
	const queue = new Map<string, WantRow>();
	let given = 0;
	let budget = burstBytes;
	let countedMs = clock.now();
	let refusals = 0;
	let cancel: (() => void) | undefined;

	function answer(row: WantRow): Uint8Array | undefined {
		const { author, lane } = row;
		const from = row.from === fromNewestBase ? log.newestBase(author, lane) : row.from;
		const base = log.head(author, lane)?.base;
		if (from === undefined || base === undefined || from < base) return undefined;
		const entries = takeRange(log.range(author, lane, from), limited ? Math.min(rangeBytes, limitedBytes - given) : rangeBytes);
		return entries.length === 0 ? undefined : encodeRange(entries);
	}

	function serve(): void {
		cancel = undefined;
		// A clock that was put back gives nothing, once.
		budget = Math.min(burstBytes, budget + Math.max(0, clock.now() - countedMs) * bytesPerMs);
		countedMs = clock.now();
		for (const [key, row] of [...queue].sort(([, a], [, b]) => a.lane - b.lane)) {
			if (budget <= 0) break;
			const range = answer(row);
			if (range === undefined || (limited && given + range.length > limitedBytes)) {
				queue.delete(key);
				continue;
			}
			if (!deps.send(range)) {
				if (++refusals > maxRefusals) queue.clear();
				break;
			}
			refusals = 0;
			queue.delete(key);
			budget -= range.length;
			given += range.length;
		}
		if (queue.size > 0) cancel = clock.after(refusals > 0 ? refusedPauseMs : pauseMs, serve);
	}

	return {
		want(rows) {
			for (const row of rows) {
				if (limited && row.lane !== lanes.office) continue;
				if (queue.size < maxRowsWaiting) queue.set(chainKey(row.author, row.lane), row);
			}
			if (cancel === undefined) serve();
		},
		stop() {
			cancel?.();
			queue.clear();
		},
	};
}
