/** The roster: one line a person, as available as the most available of their devices. */
import { expect, test } from 'vitest';
import type { PresenceState } from '../../../src/sync/live/presence.ts';
import type { Status } from '../../../src/sync/office.ts';
import type { Member, MembersState } from '../../../src/sync/office/members/members-state.ts';
import { createPeople } from '../../../src/sync/office/roster/people.ts';
import { createCell } from '../../../src/sync/source.ts';

const member = (id: string, name: string, devices: readonly string[], over: Partial<Member> = {}): Member => ({
	id,
	name,
	department: '',
	role: 'member',
	devices,
	firstDevice: devices[0]!,
	inForce: true,
	suspended: false,
	seniority: 0,
	inviteId: undefined,
	joined: 1,
	...over,
});

function roster(members: readonly Member[], departments: readonly (readonly [string, string, readonly string[]])[] = []) {
	const state = {
		members: new Map(members.map((one) => [one.id, one])),
		devices: new Map(members.flatMap((one) => one.devices.map((id) => [id, { id, memberId: one.id }]))),
		formerDevices: new Map(),
		invites: new Map(),
		departments: new Map(departments.map(([id, name, of]) => [id, { name, members: of }])),
	} as unknown as MembersState;
	const presence = createCell<ReadonlyMap<string, PresenceState>>(new Map());
	const status = createCell<Status>({ availability: 'available', note: '', idle: false });
	return { presence, status, people: createPeople({ members: createCell(state), standings: createCell(new Map()), presence, status, blocked: createCell<ReadonlySet<string>>(new Set()), selfDevice: 'ana-1', wallMsOf: () => 0 }) };
}

const seen = (availability: PresenceState['availability'], lastSeenMs: number, note = ''): PresenceState => ({ availability, note, untilMs: 0, lastSeenMs, online: availability !== 'offline' && availability !== 'unknown' });
const ana = member('a', 'Ana', ['ana-1']);
const ben = member('b', 'Ben', ['ben-1', 'ben-2']);

test('a colleague never seen is unknown, and oneself is what one chose', () => {
	const { people, status } = roster([ben, ana]);
	expect(people.get().map(({ name, self, availability }) => [name, self, availability])).toEqual([
		['Ana', true, 'available'],
		['Ben', false, 'unknown'],
	]);
	status.set({ availability: 'invisible', note: 'shh', idle: false });
	expect(people.get()[0]).toMatchObject({ availability: 'offline', note: 'shh' });
});

test('Ben at two computers is as available as the more available of them, last seen at the later', () => {
	const { people, presence } = roster([ana, ben]);
	presence.set(new Map([['ben-1', seen('offline', 500)], ['ben-2', seen('busy', 400, 'on the phone')]]));
	expect(people.get()[1]).toMatchObject({ availability: 'busy', note: 'on the phone', lastSeenMs: 500 });
	presence.set(new Map([['ben-1', seen('offline', 500)], ['ben-2', seen('unknown', 400)]]));
	expect(people.get()[1]!.availability).toBe('unknown');
	presence.set(new Map([['ben-1', seen('offline', 500)], ['ben-2', seen('offline', 400)]]));
	expect(people.get()[1]!.availability).toBe('offline');
});

test('who is no longer in force is not in the roster', () => {
	const { people } = roster([ana, { ...ben, inForce: false }]);
	expect(people.get().map(({ name }) => name)).toEqual(['Ana']);
});

test('idle shows away, but busy stays busy', () => {
	const { people, status } = roster([ana]);
	status.set({ availability: 'available', note: '', idle: true });
	expect(people.get()[0]!.availability).toBe('away');
	status.set({ availability: 'busy', note: '', idle: true });
	expect(people.get()[0]!.availability).toBe('busy');
});

test('the departments managers put a person in go before the one they name themselves', () => {
	const cleo = member('c', 'Cleo', ['cleo-1'], { department: 'Poets' });
	const { people } = roster([ana, { ...ben, department: 'Harbour' }, cleo], [['2', 'Yard', ['b']], ['1', 'Accounts', ['b', 'a']]]);
	expect(people.get().map(({ name, department }) => [name, department])).toEqual([['Ana', 'Accounts'], ['Ben', 'Accounts, Yard'], ['Cleo', 'Poets']]);
});
