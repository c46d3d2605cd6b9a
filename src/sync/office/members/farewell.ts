/**
 * How those who were taken out learn of it (PROTOCOL.md, 7): by a limited link, at most one in a while, on which they are shown the acts up to
 * the one that took them out. Otherwise nobody links to them.
 */
import type { Id } from '../../log/entry.ts';
import { lanes } from '../../log/entry.ts';
import type { Log } from '../../log/log.ts';
import type { Clock } from '../../ports.ts';
import type { Source } from '../../source.ts';
import { decodeHeads } from './acts.ts';
import type { MembersState } from './members-state.ts';

const everyMs = 10 * 60_000;

export interface Farewell {
	/** Whether the device was taken out and may be told now. */
	mayTell(device: Id): boolean;
	/** A link with it has ended. */
	told(device: Id): void;
	/** How far of each author's acts it is shown; `undefined` for any other device. */
	shows(device: Id): ((author: Id) => number) | undefined;
}

export function createFarewell({ log, members, clock }: { readonly log: Log; readonly members: Source<MembersState>; readonly clock: Clock }): Farewell {
	const toldMs = new Map<Id, number>();
	return {
		mayTell: (device) => Math.abs(clock.now() - (toldMs.get(device) ?? Number.NEGATIVE_INFINITY)) >= everyMs,
		told(device) {
			if (members.get().formerDevices.has(device)) toldMs.set(device, clock.now());
		},
		shows(device) {
			const former = members.get().formerDevices.get(device);
			if (!former) return undefined;
			const past = pastOf(log, former.removedBy);
			return (author) => past.get(author) ?? -1;
		},
	};
}

/** The newest act of each author that an act follows from, itself included. */
function pastOf(log: Log, act: Id): ReadonlyMap<Id, number> {
	const newest = new Map<Id, number>();
	const seen = new Set<Id>();
	const todo = [act];
	for (let id = todo.pop(); id !== undefined; id = todo.pop()) {
		const entry = seen.has(id) ? undefined : log.get(id);
		seen.add(id);
		if (entry?.header.lane !== lanes.office) continue;
		const { author, seq, kind, prev } = entry.header;
		newest.set(author, Math.max(seq, newest.get(author) ?? -1));
		todo.push(prev, ...decodeHeads(kind, entry.body));
	}
	return newest;
}
