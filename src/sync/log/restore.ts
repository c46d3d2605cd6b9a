/**
 * Chains read back from their segments. A damaged segment ends its chain there: what lies before it is held, the rest comes from the peers
 * again, and nothing is deleted.
 */
import type { StoredSegment } from '../store.ts';
import { type Entry, kinds } from './entry.ts';
import type { Turns } from '../turns.ts';
import { decodeSegment, type SegmentPlace } from './segment.ts';

export interface RestoredChain {
	/** Runs without a gap inside; a later one begins at a BASE that was jumped to. The last ends at a signed entry. */
	readonly runs: readonly (readonly Entry[])[];
	readonly places: readonly SegmentPlace[];
	readonly damaged: boolean;
}

/** @param turns lets others have theirs between two segments */
export async function restoreChain(segments: readonly StoredSegment[], turns: Turns): Promise<RestoredChain> {
	const runs: Entry[][] = [];
	const places: SegmentPlace[] = [];
	let damaged = false;

	/** Adds the entry; `false` if it does not follow. */
	function add(entry: Entry): boolean {
		const run = runs.at(-1);
		const last = run?.at(-1);
		const { seq, prev, kind } = entry.header;
		if (run === undefined || last === undefined || seq > last.header.seq + 1) {
			if (kind !== kinds.base && seq !== 0) return false;
			runs.push([entry]);
			return true;
		}
		// Segments overlap where a damaged one was fetched again.
		if (seq <= last.header.seq) return true;
		if (prev !== last.id) return false;
		run.push(entry);
		return true;
	}

	for (const { from, bytes } of segments) {
		const pause = turns();
		if (pause) await pause;
		const entries = bytes && decodeSegment(bytes);
		if (entries === undefined || !entries.every(add)) {
			damaged = true;
			break;
		}
		places.push({ from, count: entries.length, bytes: bytes?.length ?? 0 });
	}
	const tail = runs.at(-1);
	// A run that cannot be passed on is of no use to others, and the head of a chain has to be.
	while (tail !== undefined && tail.length > 0 && tail.at(-1)?.signature === undefined) tail.pop();
	if (tail?.length === 0) runs.pop();
	return { runs, places, damaged };
}
