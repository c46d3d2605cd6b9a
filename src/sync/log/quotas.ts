/**
 * Quotas delay, they never decide (PROTOCOL.md, section 3): over so many entries or bytes of one author and day, the rest is pulled a range at a
 * time. No person writes as much; a year of them comes through within the hour. Acts have a quota of their own.
 */
import type { Clock } from '../ports.ts';
import { type Entry, type Id, type Lane, lanes } from './entry.ts';

const dayMs = 24 * 60 * 60 * 1000;

interface Quota {
	readonly entries: number;
	readonly bytes: number;
	/** Between two ranges once it is used up. */
	readonly pauseMs: number;
}

const actQuota: Quota = { entries: 5000, bytes: 16 * 1024 * 1024, pauseMs: 60_000 };
const contentQuota: Quota = { entries: 10_000, bytes: 64 * 1024 * 1024, pauseMs: 5 * 60_000 };

export interface Quotas {
	/** Entries of one author were stored. */
	count(entries: readonly Entry[]): void;
	/** How long to wait between two ranges of this author; 0: not at all. */
	readonly pauseMs: (author: Id, lane: Lane) => number;
}

/** @param deps.self whose own entries are never delayed */
export function createQuotas(deps: { self: Id; clock: Clock }): Quotas {
	const used = new Map<string, { entries: number; bytes: number; readonly sinceMs: number }>();
	const keyOf = (author: Id, lane: Lane): string => `${author}${lane === lanes.office ? 'acts' : 'content'}`;
	const quotaOf = (lane: Lane): Quota => (lane === lanes.office ? actQuota : contentQuota);

	function usedBy(author: Id, lane: Lane): { entries: number; bytes: number } {
		const key = keyOf(author, lane);
		const now = deps.clock.now();
		const known = used.get(key);
		// A clock that was put back begins a day anew.
		if (known !== undefined && now >= known.sinceMs && now < known.sinceMs + dayMs) return known;
		const fresh = { entries: 0, bytes: 0, sinceMs: now };
		used.set(key, fresh);
		return fresh;
	}

	return {
		count(entries) {
			const first = entries[0];
			if (first === undefined) return;
			const of = usedBy(first.header.author, first.header.lane);
			of.entries += entries.length;
			of.bytes += entries.reduce((sum, entry) => sum + entry.headerBytes.length + entry.body.length, 0);
		},
		pauseMs(author, lane) {
			if (author === deps.self || !used.has(keyOf(author, lane))) return 0;
			const { entries, bytes } = usedBy(author, lane);
			const quota = quotaOf(lane);
			return entries < quota.entries && bytes < quota.bytes ? 0 : quota.pauseMs;
		},
	};
}
