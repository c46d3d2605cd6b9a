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
	/** The chain begins and ends elsewhere now: what rests is made to match, in one transaction. To be called in turn. */
	rewrite(author: Id, lane: Lane): Promise<void>;
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
		async rewrite(author, lane) {
			const key = chainKey(author, lane);
			const held = deps.range(author, lane, 0);
			const places = chains.get(key) ?? [];
			const isWhole = ({ from, count }: SegmentPlace): boolean => held[0] !== undefined && from >= held[0].header.seq && from + count <= held[0].header.seq + held.length;
			const kept = places.filter(isWhole);
			const [first, last] = [kept[0], kept.at(-1)];
			// A segment that lies across a new end is written again with what is left of it; without one between them, all are.
			const start = held[0]?.header.seq ?? 0;
			const torn = first === undefined || last === undefined ? [held] : [held.slice(0, first.from - start), held.slice(last.from + last.count - start)];
			const written = torn.filter((part) => part.length > 0).flatMap((part) => toSegments(part));
			const put = written.map(({ segment }) => segment);
			const isPut = new Set(put.map(({ from }) => from));
			const remove = places.filter((place) => !isWhole(place) && !isPut.has(place.from)).map((place) => place.from);
			if (put.length === 0 && remove.length === 0) return;
			await deps.store.writeSegments({ author, lane }, { put, remove });
			chains.set(key, [...kept, ...written.map(({ place }) => place)].sort((a, b) => a.from - b.from));
		},
		merges: () => merges,
	};
}

/** Nothing comes before the first, so nothing is missing there. */
const follows = (before: SegmentPlace | undefined, after: SegmentPlace): boolean => before === undefined || before.from + before.count === after.from;
