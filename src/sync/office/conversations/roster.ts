/** The members as content needs them: whose a device is, what a person is called, and which devices something is sealed to. */
import type { Id } from '../../log/entry.ts';
import { derive, type Source } from '../../source.ts';
import type { Member, MembersState } from '../members/members.ts';
import { shownNames } from '../members/names.ts';
import type { Recipient } from '../keys/sealed-copies.ts';

export interface Roster {
	/** One's own member id; empty while this device is not in the office. */
	readonly self: Id;
	readonly state: MembersState;
	/** Also of devices that are no longer in the office: what they wrote keeps its author. */
	memberOf(device: Id): Id | undefined;
	member(id: Id): Member | undefined;
	/** As it is shown: colleagues whose names look alike are told apart. */
	name(member: Id): string;
	/** In the office, with a device that may be given keys. */
	active(member: Id): boolean;
	/** All devices of these members that may be given keys, each once. */
	devicesOf(members: Iterable<Id>): readonly Recipient[];
}

export function createRoster(members: Source<MembersState>, selfDevice: Id): Source<Roster> {
	return derive([members], () => rosterOf(members.get(), selfDevice));
}

function rosterOf(state: MembersState, selfDevice: Id): Roster {
	const owners = new Map<Id, Id>();
	// What somebody wrote before they went keeps its author.
	for (const device of state.formerDevices.values()) owners.set(device.id, device.memberId);
	for (const member of state.members.values()) for (const device of member.devices) owners.set(device, member.id);
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
		self: owners.get(selfDevice) ?? '',
		state,
		memberOf: (device) => owners.get(device),
		member: (id) => state.members.get(id),
		name: (member) => names.get(member) ?? '',
		active: (member) => devicesOf([member]).length > 0,
		devicesOf,
	};
}
