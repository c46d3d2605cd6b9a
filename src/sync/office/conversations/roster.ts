/** The members as content needs them: whose a device is, what a person is called, what of theirs counts, and which devices something is sealed to. */
import type { Id, Lane } from '../../log/entry.ts';
import { derive, type Source } from '../../source.ts';
import type { Member, MembersState } from '../members/members.ts';
import { shownNames } from '../members/names.ts';
import type { CutOff, Device } from '../members/members-state.ts';
import type { Recipient } from '../keys/sealed-copies.ts';

/** Where an entry stands, and which one it is. */
export interface Place {
	readonly device: Id;
	readonly lane: Lane;
	readonly seq: number;
	readonly id: Id;
}

export interface Roster {
	/** One's own member id, also after this device was taken out; empty while it was never in the office. */
	readonly self: Id;
	/** Whether this very device is in the office, and not suspended: only then it writes. */
	readonly mayWrite: boolean;
	readonly state: MembersState;
	/** Also of devices that are no longer in the office: what they wrote keeps its author. */
	memberOf(device: Id): Id | undefined;
	member(id: Id): Member | undefined;
	/** As it is shown: colleagues whose names look alike are told apart. */
	name(member: Id): string;
	/** The card of a device, of former ones too: what they wrote before can still be opened. */
	card(device: Id): Recipient | undefined;
	/** Whether that place of a chain counts: nothing beyond a removal's cut, or from a fork on, is ever shown. */
	counts(place: Place): boolean;
	/** In the office, with a device that may be given keys. */
	active(member: Id): boolean;
	/** All devices of these members that may be given keys, each once. */
	devicesOf(members: Iterable<Id>): readonly Recipient[];
}

export function createRoster(members: Source<MembersState>, selfDevice: Id): Source<Roster> {
	return derive([members], () => rosterOf(members.get(), selfDevice));
}

function rosterOf(state: MembersState, selfDevice: Id): Roster {
	const deviceOf = (id: Id): Device | undefined => state.devices.get(id) ?? state.formerDevices.get(id);
	const selfCard = state.devices.get(selfDevice);
	const names = shownNames(state);
	const devicesOf = (members: Iterable<Id>): readonly Recipient[] =>
		[...new Set(members)].flatMap((id) => {
			const member = state.members.get(id);
			if (!member?.inForce) return [];
			return member.devices.flatMap((device) => {
				const card = state.devices.get(device);
				return card && !card.suspended ? [{ id: card.id, kemPublic: card.kemPublic }] : [];
			});
		});
	return {
		self: deviceOf(selfDevice)?.memberId ?? '',
		mayWrite: selfCard !== undefined && !selfCard.suspended && (state.members.get(selfCard.memberId)?.inForce ?? false),
		state,
		memberOf: (device) => deviceOf(device)?.memberId,
		member: (id) => state.members.get(id),
		name: (member) => names.get(member) ?? '',
		card: deviceOf,
		counts: ({ device, lane, seq, id }) => isWithin(state.cuts.get(device)?.get(lane), seq, id),
		active: (member) => devicesOf([member]).length > 0,
		devicesOf,
	};
}

/** The entry the cut names is the last that counts; one of another history at its seq does not. */
function isWithin(cut: CutOff | undefined, seq: number, id: Id): boolean {
	if (!cut || seq < cut.seq) return true;
	return seq === cut.seq && (cut.id === undefined || cut.id === id);
}

/** Whether two snapshots draw the same cuts, so that nothing need be sorted again. */
export function sameCuts(a: MembersState['cuts'], b: MembersState['cuts']): boolean {
	const rows = (cuts: MembersState['cuts']): readonly string[] =>
		[...cuts].flatMap(([device, lanes]) => [...lanes].map(([lane, { seq, id }]) => `${device} ${lane} ${seq} ${id ?? ''}`)).sort();
	return a === b || rows(a).join() === rows(b).join();
}
