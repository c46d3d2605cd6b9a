/**
 * Where in a conversation a colleague's further device came: said as a line of its own, so that who reads on later still sees since when the
 * keys are others. A pure function of the acts in force.
 */
import type { Id } from '../../log/entry.ts';
import type { Log } from '../../log/log.ts';
import type { Roster } from './roster.ts';

export interface NewDevice {
	readonly device: Id;
	readonly member: Id;
	/** Of the act that added it. */
	readonly lamport: number;
	readonly wallMs: number;
}

/** The further devices of these members, former ones too, in the order they came; one's own apart. */
export function newDevices(members: Iterable<Id>, roster: Roster, log: Pick<Log, 'get'>): readonly NewDevice[] {
	const wanted = new Set([...members].filter((id) => id !== roster.self));
	const { devices, formerDevices } = roster.state;
	return [...devices.values(), ...formerDevices.values()]
		.flatMap(({ id, memberId, joinedBy }): readonly NewDevice[] => {
			if (!wanted.has(memberId) || roster.member(memberId)?.firstDevice === id) return [];
			const act = log.get(joinedBy)?.header;
			return act ? [{ device: id, member: memberId, lamport: act.lamport, wallMs: act.wallMs }] : [];
		})
		.sort((a, b) => a.lamport - b.lamport || (a.device < b.device ? -1 : 1));
}
