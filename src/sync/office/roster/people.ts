/**
 * The roster: members of the office joined with what is known of their devices' presence. A person is as available as the most
 * available of their devices; offline only after every device said goodbye, unknown where one fell silent.
 */
import type { PresenceState } from '../../live/presence.ts';
import type { Id } from '../../log/entry.ts';
import type { Availability, Department, Person, Status } from '../../office.ts';
import { derive, type Source } from '../../source.ts';
import { departmentsIn } from '../members/departments.ts';
import { mayRemove, rolesToGive } from '../members/administration.ts';
import type { Member, MembersState } from '../members/members.ts';
import { shownNames } from '../members/names.ts';
import type { Standing } from './verification.ts';

/** From most to least able to answer. */
const rank: readonly Availability[] = ['available', 'busy', 'away', 'unknown', 'offline'];

export interface PeopleDeps {
	members: Source<MembersState>;
	standings: Source<ReadonlyMap<Id, Standing>>;
	presence: Source<ReadonlyMap<Id, PresenceState>>;
	status: Source<Status>;
	selfDevice: Id;
	/** Wall time of an act held, ms. */
	wallMsOf: (act: Id) => number;
	blocked: Source<ReadonlySet<Id>>;
}

const neverMet: Standing = { verification: 'unverified', keysUnseen: false, cameBack: false };

/** Everyone in force, and oneself, also when one is out, by name. */
export function createPeople(deps: PeopleDeps): Source<readonly Person[]> {
	return derive([deps.members, deps.standings, deps.presence, deps.status, deps.blocked], () => {
		const state = deps.members.get();
		const presence = deps.presence.get();
		const standings = deps.standings.get();
		const self = (state.devices.get(deps.selfDevice) ?? state.formerDevices.get(deps.selfDevice))?.memberId;
		const me = state.devices.has(deps.selfDevice) ? state.members.get(self ?? '') : undefined;
		const blocked = deps.blocked.get();
		const names = shownNames(state);
		const departments = departmentsIn(state);
		// One's own name is shown as it is: it stands in the field where one changes it.
		const nameOf = (member: Member): string => (member.id === self ? member.name : (names.get(member.id) ?? ''));
		return [...state.members.values()]
			.filter((member) => member.inForce || member.id === self)
			.map((member): Person => ({ ...about(member, state), department: departmentOf(member, departments), ...administered(member, me, state, deps), name: nameOf(member), ...(standings.get(member.id) ?? neverMet), ...(member.id === self ? own(deps.status.get()) : seen(member, presence)), self: member.id === self, blocked: blocked.has(member.id) }))
			.sort((a, b) => a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1));
	});
}

/** What managers say, else what the person says. */
const departmentOf = (member: Member, departments: readonly Department[]): string =>
	departments.filter(({ members }) => members.includes(member.id)).map(({ name }) => name).join(', ') || member.department;

function about(member: Member, state: MembersState): Pick<Person, 'id' | 'role' | 'identicon' | 'joined' | 'invitedBy'> {
	const invite = member.inviteId === undefined ? undefined : state.invites.get(member.inviteId);
	return {
		id: member.id,
		role: member.role,
		identicon: member.firstDevice,
		joined: member.joined,
		invitedBy: invite?.label ?? '',
	};
}

function administered(member: Member, me: Member | undefined, state: MembersState, deps: PeopleDeps): Pick<Person, 'devices' | 'mayRemove' | 'mayBecome'> {
	const devices = member.devices.flatMap((id) => state.devices.get(id) ?? []);
	return {
		devices: devices
			.map((device) => ({ id: device.id, joinedMs: deps.wallMsOf(device.joinedBy), here: device.id === deps.selfDevice, suspended: device.suspended }))
			.sort((a, b) => a.joinedMs - b.joinedMs || (a.id < b.id ? -1 : 1)),
		mayRemove: mayRemove(me, member),
		mayBecome: rolesToGive(me, member),
	};
}

function own(status: Status): Pick<Person, 'availability' | 'note' | 'lastSeenMs'> {
	const shown = status.availability === 'available' && status.idle ? 'away' : status.availability;
	return { availability: shown === 'invisible' ? 'offline' : shown, note: status.note, lastSeenMs: 0 };
}

function seen(member: Member, presence: ReadonlyMap<Id, PresenceState>): Pick<Person, 'availability' | 'note' | 'lastSeenMs'> {
	const states = member.devices.map((device) => presence.get(device)).filter((state) => state !== undefined);
	const best = [...states].sort((a, b) => rank.indexOf(a.availability) - rank.indexOf(b.availability) || b.lastSeenMs - a.lastSeenMs)[0];
	return { availability: best?.availability ?? 'unknown', note: best?.note ?? '', lastSeenMs: Math.max(0, ...states.map((state) => state.lastSeenMs)) };
}
