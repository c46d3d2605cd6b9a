/** Which texts of a thread this person has not read: how many, and the first, above which the log draws its line. */
import { createListMap } from './list-map.ts';
import type { Mark } from './marks.ts';
import type { Roster } from './roster.ts';
import { countsAsUnread, type Shown } from './shown.ts';

export interface UnreadInput {
	/** In order. */
	readonly shown: readonly Shown[];
	readonly roster: Roster;
	readonly mark: Mark | undefined;
	/** What stood here before one came is not news: others' entries up to this lamport are never unread. */
	readonly readUpToLamport: number;
}

export interface Unread {
	readonly count: number;
	readonly first: Shown | undefined;
}

/** A function from input to answer that looks anew only at what may have changed. */
export function createUnread(): (input: UnreadInput) => Unread {
	let input: UnreadInput | undefined;
	let answer: Unread = { count: 0, first: undefined };
	const map = createListMap<Shown, boolean>(
		(one) => input !== undefined && countsAsUnread(one, input.roster) && one.item.lamport > input.readUpToLamport && one.item.seq > (input.mark?.get(one.item.device) ?? -1),
	);

	return (next) => {
		const anew = input?.roster !== next.roster || input.mark !== next.mark || input.readUpToLamport !== next.readUpToLamport;
		input = next;
		const flags = map.of(next.shown, anew);
		let count = 0;
		for (const flag of flags) if (flag) count++;
		const first = count === 0 ? undefined : next.shown[flags.indexOf(true)];
		if (count !== answer.count || first !== answer.first) answer = { count, first };
		return answer;
	};
}
