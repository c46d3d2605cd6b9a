/** People, talk and notices of the fake office: long names, several scripts, every state. */
import type { Conversation, Department, Message, Notice, Person, RecordLine } from '../../src/sync/office.ts';
import { everyoneId } from '../../src/sync/office.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** 64 hex letters that look like a key, from a small number. */
function hexOf(seed: number): string {
	let state = seed * 2654435761 + 12345;
	let text = '';
	while (text.length < 64) {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		text += state.toString(16).padStart(8, '0');
	}
	return text.slice(0, 64);
}

/** A PNG of one dark pixel. */
const tinyPicture = Uint8Array.from(atob('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=='), (letter) => letter.charCodeAt(0));

export function fakePeople(selfName: string, role: Person['role']): readonly Person[] {
	const now = Date.now();
	const rows: readonly (readonly [string, string, Person['role'], Person['availability'], string, number])[] = [
		[selfName, 'Office', role, 'available', '', 0],
		['Ana Costa', 'Accounts', 'manager', 'available', 'in a meeting till 3', 0],
		['Jürgen Weiß', 'Workshop', 'member', 'busy', '', 0],
		['دانا حداد', 'Sales', 'member', 'available', '', 0],
		['Wolfeschlegelsteinhausenbergerdorff Hubert Blaine', 'Warehouse and dispatch', 'member', 'away', 'Lunch, back around one, please leave things on the desk', 0],
		['Priya Raman', 'Sales', 'member', 'available', '', 0],
		['小林 健', 'Workshop', 'member', 'unknown', '', 50 * minuteMs],
		['Tom Okafor', 'Accounts', 'member', 'offline', '', dayMs],
		['Ines Álvarez', 'Sales', 'member', 'offline', 'On leave until Monday', 3 * dayMs],
		['Mirko Petrović', 'Workshop', 'manager', 'unknown', '', 0],
	];
	return rows.map(([name, department, as, availability, note, ago], index) => ({
		id: hexOf(index + 1),
		name,
		department,
		role: as,
		self: index === 0,
		availability,
		note,
		lastSeenMs: ago === 0 && availability === 'unknown' ? 0 : now - ago,
		identicon: hexOf(index + 101),
		joined: index,
		verification: index === 1 ? 'verified' : 'unverified',
		keysUnseen: false,
		cameBack: false,
		invitedBy: index === 0 ? '' : 'Workshop, first floor',
		devices: Array.from({ length: index === 1 ? 2 : 1 }, (_, device) => ({ id: hexOf(1000 + 10 * index + device), joinedMs: now - (index + 1 + 30 * device) * dayMs, here: index === 0 && device === 0, suspended: false })),
		mayRemove: index > 0 && role !== 'member',
		mayBecome: index === 0 ? [] : (['member', 'manager', 'owner'] as const).filter((other) => other !== as && role === 'owner'),
		blocked: false,
	}));
}

/** One for each department somebody names. */
export function fakeDepartments(people: readonly Person[]): readonly Department[] {
	const names = [...new Set(people.filter((person) => !person.self).map((person) => person.department))].sort();
	return names.map((name, index) => ({ id: `dd${String(index)}`.padEnd(32, '0'), name, members: people.filter((person) => person.department === name).map(({ id }) => id) }));
}

interface Talk {
	readonly id: string;
	readonly kind: Conversation['kind'];
	readonly title: string;
	readonly members: readonly string[];
	readonly messages: readonly Message[];
	readonly unread: number;
}

export function fakeMessages(people: readonly Person[], self: Person): readonly Talk[] {
	const now = Date.now();
	let counter = 0;
	const say = (who: number, agoMs: number, text: string, more: Partial<Message> = {}): Message => {
		const person = people[who]!;
		return {
			id: `m${String(counter++)}`,
			kind: 'text',
			author: person.id,
			authorName: person.name,
			own: person.id === self.id,
			text,
			wallMs: now - agoMs,
			state: person.id === self.id ? 'delivered' : 'received',
			heldFor: [],
			unread: false,
			sharedBy: '',
			blocked: false,
			attachment: undefined,
			...more,
		};
	};
	const id = (who: number): string => people[who]!.id;
	return [
		{
			id: everyoneId,
			kind: 'everyone',
			title: 'Everyone',
			members: people.filter((person) => !person.self).map((person) => person.id),
			unread: 2,
			messages: [
				say(1, dayMs + 3 * hourMs, 'Good morning. The new price list is in the shared folder.'),
				say(1, dayMs + 3 * hourMs - minuteMs, 'Please use it from today on, the old one has the wrong freight rates for the islands.'),
				say(0, dayMs + 2 * hourMs, 'Thanks Ana! Does that cover the orders from last week too?', { state: 'sent' }),
				say(1, dayMs + 2 * hourMs - 3 * minuteMs, 'No, those stay as they were agreed.'),
				say(2, 3 * hourMs, 'The lift is out of order until noon. Use the goods entrance.\n\nThe service people have the plan at http://intranet.example/lift-plan (ask me for the key).'),
				say(0, 2 * hourMs, 'Noted.', { state: 'sent' }),
				say(3, 90 * minuteMs, 'صباح الخير جميعاً، الاجتماع في الساعة 15:00 في القاعة 2.'),
				say(4, 25 * minuteMs, 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft_and_no_space_at_all_in_this_one', { unread: true }),
				say(4, 24 * minuteMs, 'Sorry, that was the label printer.', { unread: false }),
			],
		},
		{
			id: 'd-ana',
			kind: 'direct',
			title: people[1]!.name,
			members: [id(1)],
			unread: 0,
			messages: [
				say(1, 50 * minuteMs, 'Do you have the contract for the van?'),
				say(0, 48 * minuteMs, 'On my desk, second drawer.', { state: 'read' }),
				say(1, 47 * minuteMs, 'Found it. Can you sign today?'),
				say(1, 46 * minuteMs, 'Contract.docm', { attachment: { message: 'm-contract', name: 'Contract.docm', size: 92_000, mediaType: 'application/zip', warnings: ['macros'], thumbnail: new Uint8Array(), held: 92_000, reachable: true } }),
				say(1, 45 * minuteMs, 'عرض السعر.png', { attachment: { message: 'm-offer', name: 'عرض السعر.png', size: 48_000_000, mediaType: 'image/png', warnings: [], thumbnail: tinyPicture, held: 0, reachable: true } }),
				say(0, 40 * minuteMs, 'Yes, after three.', { state: 'delivered' }),
			],
		},
		{
			id: 'd-tom',
			kind: 'direct',
			title: people[7]!.name,
			members: [id(7)],
			unread: 0,
			messages: [say(0, 20 * minuteMs, 'The bank called about the transfer. It can wait till you are back.', { state: 'held', heldFor: [people[7]!.name] })],
		},
		{
			id: 'g-move',
			kind: 'group',
			title: 'Moving the workshop',
			members: [id(2), id(6), id(9)],
			unread: 3,
			messages: [
				say(2, 5 * hourMs, 'Jürgen Weiß began this conversation', { kind: 'event' }),
				say(2, 5 * hourMs, 'We need the van on Friday from seven.'),
				say(0, 4 * hourMs, 'Booked.', { state: 'held', heldFor: [people[6]!.name, people[9]!.name] }),
				say(9, 10 * minuteMs, '', { state: 'waiting-for-key', unread: true }),
				say(2, 8 * minuteMs, 'And somebody who can drive it.'),
				say(2, 7 * minuteMs, 'Two, better.'),
			],
		},
	];
}

export function fakeNotices(people: readonly Person[], self: Person): readonly Notice[] {
	const now = Date.now();
	const ana = people[1]!;
	const others = people.filter((person) => person.id !== ana.id);
	return [
		{
			id: 'n-fire',
			version: 'n-fire',
			title: 'Fire drill on Thursday at 10',
			text: 'Leave by the nearest stairs, not the lift. We meet at the bicycle stands and count.\n\nIf you cannot use the stairs, tell me before Wednesday.',
			author: ana.id,
			authorName: ana.name,
			wallMs: now - 2 * hourMs,
			asksAcknowledgement: true,
			acknowledgedByMe: false,
			roll: {
				acknowledged: others.slice(2, 5).map((person, index) => ({ id: person.id, name: person.name, wallMs: now - index * 20 * minuteMs })),
				notYet: [...others.slice(0, 2), ...others.slice(5)].map((person) => ({ id: person.id, name: person.name })),
			},
			own: false,
			unread: true,
		},
		{
			id: 'n-heat',
			version: 'n-heat',
			title: 'Heating',
			text: 'It is on again. Please keep the hall doors closed.',
			author: self.id,
			authorName: self.name,
			wallMs: now - 4 * dayMs,
			asksAcknowledgement: false,
			acknowledgedByMe: false,
			roll: undefined,
			own: true,
			unread: false,
		},
	];
}

/** Newest first. */
export function fakeRecord(people: readonly Person[]): readonly RecordLine[] {
	const now = Date.now();
	const [self, ana, juergen] = people.map((person) => person.name);
	const base: RecordLine = { id: '', what: 'genesis', author: self ?? '', subject: '', label: '', role: undefined, wallMs: 0, standing: 'in-force' };
	const lines: Partial<RecordLine>[] = [
		{},
		{ what: 'meshRekey' },
		{ what: 'invite', label: 'Front desk', role: 'member' },
		{ what: 'admit', subject: ana ?? '', label: 'Front desk' },
		{ what: 'setRole', subject: ana ?? '', role: 'manager' },
		{ what: 'admit', author: ana ?? '', subject: juergen ?? '', label: 'Front desk' },
		{ what: 'removeMember', author: juergen ?? '', subject: ana ?? '', standing: 'void' },
		{ what: 'profile', author: juergen ?? '', label: '=Jürgen, Weiß' },
	];
	return lines.map((line, index): RecordLine => ({ ...base, ...line, id: hexOf(index + 501), wallMs: now - (lines.length - index) * 3 * hourMs })).reverse();
}
