/**
 * How far one's own messages have come (UI.md): whose disk holds them, by the signed HEADS of each device, and who has read them. A chain is
 * held up to a seq, so one number for each colleague and conversation says it all.
 */
import type { Id } from '../../log/entry.ts';
import { lanes } from '../../log/entry.ts';
import type { Deliveries } from './content-ports.ts';
import type { Roster } from './roster.ts';

export interface Progress {
	/** Highest of the given seqs that some other device holds or is about to be told; -1 for none. */
	readonly heldByAnyone: number;
	/** Whether a device of that member is linked: it will say soon whether it holds what was sent. */
	linked(member: Id): boolean;
	/** Highest that some device of that member holds. */
	deliveredTo(member: Id): number;
	/** Highest that this member has marked as read. */
	readBy(member: Id): number;
}

/**
 * @param device the own device that wrote them
 * @param seqs of its messages in the conversation, rising
 */
export function progressOf(
	deps: { readonly deliveries: Deliveries; readonly roster: Roster; readonly reads: ReadonlyMap<Id, ReadonlyMap<Id, number>> },
	device: Id,
	seqs: readonly number[],
): Progress {
	const { deliveries, roster, reads } = deps;
	const reached = new Map<Id, number>();

	/** Binary search: what covers a seq covers those before it. */
	function highestCovered(by: Id): number {
		const known = reached.get(by);
		if (known !== undefined) return known;
		let low = 0;
		let high = seqs.length;
		while (low < high) {
			const middle = (low + high) >>> 1;
			if (deliveries.covers(by, device, lanes.mail, seqs[middle] ?? 0)) low = middle + 1;
			else high = middle;
		}
		const highest = seqs[low - 1] ?? -1;
		reached.set(by, highest);
		return highest;
	}

	let heldByAnyone = -1;
	for (const member of roster.state.members.values()) {
		for (const other of member.devices) {
			if (other !== device) heldByAnyone = Math.max(heldByAnyone, deliveries.linked(other) ? (seqs.at(-1) ?? -1) : highestCovered(other));
		}
	}
	const best = (member: Id, of: (device: Id) => number): number => Math.max(-1, ...(roster.member(member)?.devices ?? []).map(of));
	const delivered = new Map<Id, number>();
	const read = new Map<Id, number>();
	return {
		heldByAnyone,
		linked: (member) => (roster.member(member)?.devices ?? []).some((one) => deliveries.linked(one)),
		deliveredTo: (member) => remember(delivered, member, () => best(member, highestCovered)),
		readBy: (member) => remember(read, member, () => best(member, (reader) => reads.get(reader)?.get(device) ?? -1)),
	};
}

function remember(known: Map<Id, number>, key: Id, compute: () => number): number {
	let value = known.get(key);
	if (value === undefined) {
		value = compute();
		known.set(key, value);
	}
	return value;
}
