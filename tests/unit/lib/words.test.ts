/** States and connections in words. */
import { expect, test } from 'vitest';
import { stateWords } from '../../../src/lib/words/chats.ts';
import { byFour } from '../../../src/lib/words/groups.ts';
import { presenceWords } from '../../../src/lib/words/people.ts';
import { connectionWords } from '../../../src/lib/words/shell.ts';
import { dayTitle, moment, shortMoment, size, spanWords } from '../../../src/lib/times.ts';
import type { Connection, Message, Person } from '../../../src/sync/office.ts';

const connection: Connection = { linked: 3, online: 4, server: 'connected', newBuild: false, readOnly: '', removedBy: '', code: '', list: 'current', clockOffMs: 0 };
const message: Message = { id: 'm', kind: 'text', author: 'a', authorName: 'Ana', own: true, text: '', wallMs: 0, state: 'sent', heldFor: [], unread: false, sharedBy: '', blocked: false, attachment: undefined };
const now = new Date(2026, 2, 4, 15, 30).getTime();
const hourMs = 3_600_000;

test.each([
	[{}, 'Connected to 3 of 4'],
	[{ linked: 0, online: 0 }, 'Alone on the network'],
	[{ server: 'unreachable' }, 'Signaling server unreachable, still connected to 3'],
	[{ server: 'connecting' }, 'Connected to 3 of 4'],
] as const)('connection %o', (change, words) => {
	expect(connectionWords({ ...connection, ...change })).toBe(words);
});

test.each([
	[{ state: 'sending' }, 'direct', 'sending'],
	[{ state: 'delivered' }, 'direct', 'delivered'],
	[{ state: 'read' }, 'group', 'read'],
	[{ state: 'held', heldFor: ['Ana'] }, 'direct', 'held for Ana'],
	[{ state: 'held', heldFor: ['Ana', 'Ben', 'Cleo'] }, 'group', 'held for 3 people'],
	[{ state: 'delivered' }, 'everyone', 'sent'],
	[{ state: 'sending' }, 'everyone', 'sending'],
	[{ state: 'waiting-for-key', own: false }, 'group', 'waiting for its key'],
	[{ state: 'received', own: false }, 'group', ''],
] as const)('state %o in %s', (change, kind, words) => {
	expect(stateWords({ ...message, ...change }, kind)).toBe(words);
});

test('presence tells the note, and when a silent person was last seen', () => {
	const person: Person = {
		id: 'p', name: 'Ana', department: '', role: 'member', self: false, availability: 'available', note: 'in a meeting till 3', lastSeenMs: 0, identicon: '', joined: 0, invitedBy: '', devices: [], mayRemove: false, mayBecome: [], verification: 'unverified', keysUnseen: false, cameBack: false, blocked: false,
	};
	expect(presenceWords(person, now)).toBe('available, in a meeting till 3');
	expect(presenceWords({ ...person, availability: 'unknown', note: '', lastSeenMs: now - hourMs }, now)).toBe('unknown, last seen 14:30');
	expect(presenceWords({ ...person, availability: 'unknown', note: '' }, now)).toBe('unknown');
	expect(presenceWords({ ...person, availability: 'offline', note: '' }, now)).toBe('offline');
});

test('times are short and say the day where it matters', () => {
	expect(moment(now - hourMs, now)).toBe('14:30');
	expect(moment(now - 24 * hourMs, now)).toBe('yesterday 15:30');
	expect(moment(now - 48 * hourMs, now)).toBe('2 March, 15:30');
	expect(shortMoment(now - 24 * hourMs, now)).toBe('Yesterday');
	expect(dayTitle(now, now)).toBe('Today');
	expect(dayTitle(now - 400 * 24 * hourMs, now)).toMatch(/2025$/);
});

test('codes, sizes and spans', () => {
	expect(byFour('4829130477162085')).toBe('4829 1304 7716 2085');
	expect(byFour('4829 1304 7716 2085')).toBe('4829 1304 7716 2085');
	expect(size(1_500_000)).toBe('1.5 MB');
	expect(spanWords(-90_000)).toBe('2 minutes');
	expect(spanWords(5 * hourMs)).toBe('5 hours');
});
