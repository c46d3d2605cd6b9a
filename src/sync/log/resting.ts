/**
 * Where the entries of each chain rest on disk. Fresh entries come one by one and rest one by one; when a chain has many small segments they
 * are merged, in the background, into few (DESIGN.md, D1).
 */
import type { OfficeStore } from '../store.ts';
import { chainKey } from './chains.ts';
import type { Entry, Id, Lane } from './entry.ts';
import { segmentBytes, type SegmentPlace, toSegments } from './segment.ts';

/** That many small segments of one chain are merged. */
const mergeFromCount = 64;

export interface Resting {
	/** What was found on disk. */
	restore(author: Id, lane: Lane, places: readonly SegmentPlace[]): void;
	/** What was written; may start a merge. */
	note(author: Id, lane: Lane, added: readonly SegmentPlace[]): void;
	readonly merges: () => number;
}

/** @param deps.serially runs a job after all that write to the log's chains */
export function createResting(deps: {
	store: OfficeStore;
	range(author: Id, lane: Lane, from: number): readonly Entry[];
	serially(job: () => Promise<void>): Promise<void>;
}): Resting {
	const chains = new Map<string, readonly SegmentPlace[]>();
	let merges = 0;

	async function merge(author: Id, lane: Lane, kept: readonly SegmentPlace[], small: readonly SegmentPlace[]): Promise<void> {
		const key = chainKey(author, lane);
		const from = small[0]?.from ?? 0;
		const count = small.reduce((sum, place) => sum + place.count, 0);
		const entries = deps.range(author, lane, from).slice(0, count);
		const current = chains.get(key) ?? [];
		if (entries[0]?.header.seq !== from || entries.length !== count || current[kept.length]?.from !== from) return;
		const merged = toSegments(entries);
		const written = new Set(merged.map(({ segment }) => segment.from));
		const remove = small.map((place) => place.from).filter((at) => !written.has(at));
		await deps.store.writeSegments({ author, lane }, { put: merged.map(({ segment }) => segment), remove });
		chains.set(key, [...kept, ...merged.map(({ place }) => place), ...current.slice(kept.length + small.length)]);
		merges++;
	}

	return {
		restore: (author, lane, places) => void chains.set(chainKey(author, lane), places),
		note(author, lane, added) {
			const key = chainKey(author, lane);
			const places = [...(chains.get(key) ?? []), ...added];
			chains.set(key, places);
			if (places.length < mergeFromCount) return;
			const firstSmall = places.findLastIndex((place, index) => place.bytes >= segmentBytes / 2 || !follows(places[index - 1], place)) + 1;
			// A merge that the disk refuses is tried again with the next entry.
			if (places.length - firstSmall >= mergeFromCount) void deps.serially(() => merge(author, lane, places.slice(0, firstSmall), places.slice(firstSmall))).catch(() => undefined);
		},
		merges: () => merges,
	};
}

/** Nothing comes before the first, so nothing is missing there. */
const follows = (before: SegmentPlace | undefined, after: SegmentPlace): boolean => before === undefined || before.from + before.count === after.from;
