/** An office in memory behind the seam of `src/sync/office.ts`, with people, talk and notices to look at. */
import { done, fail, succeed } from '../../src/sync/failures.ts';
import {
	everyoneId,
	type Connection,
	type Conversation,
	type Department,
	type DeviceLinkView,
	type Invite,
	type Knock,
	type Message,
	type Newcomer,
	type Notice,
	type Office,
	type OwnDevice,
	type OwnKnock,
	type Person,
	type RecordCheck,
	type Status,
} from '../../src/sync/office.ts';
import { createCell, type Cell } from '../../src/sync/source.ts';
import { createFakeFiles, type FakeFiles } from './fake-files.ts';
import { fakeDepartments, fakeMessages, fakeNotices, fakePeople, fakeRecord } from './fake-content.ts';
import { createFakeDocuments, type FakeDocuments } from './fake-documents.ts';

export interface FakeOffice extends Office {
	readonly self: Cell<Person>;
	readonly people: Cell<readonly Person[]>;
	readonly departments: Cell<readonly Department[]>;
	readonly status: Cell<Status>;
	readonly connection: Cell<Connection>;
	readonly conversations: Cell<readonly Conversation[]>;
	readonly notices: Cell<readonly Notice[]>;
	readonly invites: Cell<readonly Invite[]>;
	readonly waiting: Cell<readonly Newcomer[]>;
	readonly address: Cell<string | undefined>;
	readonly knocks: Cell<readonly Knock[]>;
	readonly ownKnock: Cell<OwnKnock | undefined>;
	readonly devices: Cell<readonly OwnDevice[]>;
	readonly deviceLink: Cell<DeviceLinkView | undefined>;
	readonly files: FakeFiles;
	messages(conversationId: string): Cell<readonly Message[]>;
	readonly documents: FakeDocuments;
	/** What `checkRecord` is going to find. */
	readonly recordCheck: Cell<RecordCheck>;
	/** What was called, in order. */
	readonly calls: string[];
	/** A message arrives. */
	receive(conversationId: string, author: Person, text: string): void;
}

export interface FakeOptions {
	readonly name?: string;
	readonly self?: string;
	readonly role?: Person['role'];
	/** Founded a moment ago: nobody else, nothing said. */
	readonly alone?: boolean;
}

const minuteMs = 60_000;
export const fakeSafetyNumber = '46773 47840 20607 85747 80308 23154 15474 80021 73885 19653 65711 06101';
export const fakeSafetyCode = 'landline-safety:AbzMim3BMCU1bBVzjmwJXdoebsfu8jzt0a_16NaXoF1GnZ56ZZ_sqH9v-DYj0BVxeS3YYkN1zprjQiDyfgMjvyc_-7fTDpMTpPRlZq0w0sNM';

export function createFakeOffice({ name = 'Müller & Töchter', self: selfName = 'Ben Ode', role = 'owner', alone = false }: FakeOptions = {}): FakeOffice {
	const calls: string[] = [];
	const everybody = fakePeople(selfName, role);
	const people = createCell<readonly Person[]>(alone ? everybody.filter((person) => person.self) : everybody);
	const [first] = everybody.filter((person) => person.self);
	const self = createCell(first!);
	const departments = createCell<readonly Department[]>(alone ? [] : fakeDepartments(everybody));
	const status = createCell<Status>({ availability: 'available', note: '', idle: false });
	const logs = new Map<string, Cell<readonly Message[]>>();
	const drafts = new Map<string, string>();
	const conversations = createCell<readonly Conversation[]>([conversation(everyoneId, 'everyone', 'Everyone', [])]);
	const notices = createCell<readonly Notice[]>([]);
	const invites = createCell<readonly Invite[]>([]);
	const waiting = createCell<readonly Newcomer[]>([]);
	const devices = createCell<readonly OwnDevice[]>([{ id: first!.identicon, here: true, online: true, lastSeenMs: 0 }]);
	const address = createCell<string | undefined>('192.168.1.23');
	const knocks = createCell<readonly Knock[]>([]);
	const ownKnock = createCell<OwnKnock | undefined>(undefined);
	const deviceLink = createCell<DeviceLinkView | undefined>(undefined);
	const connection = createCell<Connection>({ linked: 0, online: 0, server: 'connected', newBuild: false, readOnly: '', removedBy: '', code: '', list: 'current', clockOffMs: 0 });
	const recordCheck = createCell<RecordCheck>({ entries: 1204, devices: 12, faults: [], waiting: 0, forked: [] });
	let counter = 0;

	function conversation(id: string, kind: Conversation['kind'], title: string, members: readonly string[]): Conversation {
		return { id, kind, title, members, owner: '', joined: true, sharesHistory: false, lacking: [], unread: 0, lastText: '', lastAuthor: '', lastMs: 0 };
	}

	function messages(id: string): Cell<readonly Message[]> {
		let log = logs.get(id);
		if (!log) logs.set(id, (log = createCell<readonly Message[]>([])));
		return log;
	}

	function change(id: string, to: Partial<Conversation>): void {
		conversations.set(conversations.get().map((one) => (one.id === id ? { ...one, ...to } : one)));
	}

	function changePerson(id: string, to: Partial<Person>): void {
		people.set(people.get().map((person) => (person.id === id ? { ...person, ...to } : person)));
	}

	function append(id: string, message: Message): void {
		const log = messages(id);
		log.set([...log.get(), message]);
		change(id, { lastText: message.text, lastAuthor: message.authorName, lastMs: message.wallMs });
	}

	function settle(id: string, messageId: string, state: Message['state'], heldFor: readonly string[] = []): void {
		const log = messages(id);
		log.set(log.get().map((message) => (message.id === messageId ? { ...message, state, heldFor } : message)));
	}

	if (!alone) {
		connection.set({ ...connection.get(), linked: 4, online: 5 });
		notices.set(fakeNotices(everybody, self.get()));
		for (const { id, kind, title, members, messages: said, unread } of fakeMessages(everybody, self.get())) {
			if (id !== everyoneId) conversations.set([...conversations.get(), conversation(id, kind, title, members)]);
			messages(id).set(said);
			const last = said.at(-1);
			if (last) change(id, { lastText: last.text, lastAuthor: last.authorName, lastMs: last.wallMs, unread });
		}
	}

	const office: FakeOffice = {
		id: '3f9a01c47be25d8830a1f4c96e7702bd5518ca3e94b7d06f12a85ce3907f6d4b',
		name,
		self,
		people,
		departments,
		status,
		connection,
		conversations,
		notices,
		invites,
		waiting,
		devices,
		deviceLink,
		address,
		knocks,
		ownKnock,
		files: createFakeFiles(alone ? [first!] : everybody, calls),
		record: createCell(fakeRecord(everybody)),
		recordCheck,
		documents: createFakeDocuments(() => self.get()),
		messages,
		calls,
		receive(id, author, text) {
			const message: Message = {
				id: `in-${String(counter++)}`,
				kind: 'text',
				author: author.id,
				authorName: author.name,
				own: false,
				text,
				wallMs: Date.now(),
				state: 'received',
				heldFor: [],
				unread: false,
				sharedBy: '',
				blocked: false,
				attachment: undefined,
			};
			append(id, message);
			change(id, { unread: (conversations.get().find((one) => one.id === id)?.unread ?? 0) + 1 });
		},
		setAvailability(availability) {
			status.set({ ...status.get(), availability });
			return Promise.resolve(done);
		},
		setNote(note) {
			if (new TextEncoder().encode(note).length > 280) return Promise.resolve(fail('note-too-long'));
			status.set({ ...status.get(), note });
			calls.push(`setNote ${note}`);
			return Promise.resolve(done);
		},
		noteActivity: () => undefined,
		rename(newName, department) {
			if (newName === '') return Promise.resolve(fail('name-empty'));
			self.set({ ...self.get(), name: newName, department: department ?? self.get().department });
			people.set(people.get().map((person) => (person.self ? self.get() : person)));
			return Promise.resolve(done);
		},
		sendMessage(id, text) {
			calls.push(`sendMessage ${id} ${text}`);
			if (text === 'fail') return Promise.resolve(fail('disk-full'));
			const [other] = conversations.get().find((one) => one.id === id && one.kind === 'direct')?.members ?? [];
			const held = people.get().some((person) => person.id === other && person.verification === 'changed' && person.keysUnseen);
			if (held) return Promise.resolve(fail('keys-changed'));
			const messageId = `own-${String(counter++)}`;
			const me = self.get();
			append(id, {
				id: messageId,
				kind: 'text',
				author: me.id,
				authorName: me.name,
				own: true,
				text,
				wallMs: Date.now(),
				state: 'sending',
				heldFor: [],
				unread: false,
				sharedBy: '',
				blocked: false,
				attachment: undefined,
			});
			setTimeout(() => settle(id, messageId, 'sent'), 10);
			return Promise.resolve(succeed(messageId));
		},
		startConversation(memberIds, title, sharesHistory = false) {
			calls.push(`startConversation ${memberIds.join(' ')} ${title}${sharesHistory ? ' shared' : ''}`.trim());
			if (memberIds.length === 0) return Promise.resolve(fail('no-members'));
			const names = people.get().filter((person) => memberIds.includes(person.id)).map((person) => person.name);
			const direct = memberIds.length === 1 && title === '' && !sharesHistory;
			const known = conversations.get().find((one) => one.kind === 'direct' && direct && one.members[0] === memberIds[0]);
			if (known) return Promise.resolve(succeed(known.id));
			const id = `c${String(counter++)}`;
			conversations.set([...conversations.get(), { ...conversation(id, direct ? 'direct' : 'group', title || names.join(', '), memberIds), sharesHistory }]);
			return Promise.resolve(succeed(id));
		},
		addToConversation(id, memberIds) {
			const before = conversations.get().find((one) => one.id === id);
			change(id, { members: [...(before?.members ?? []), ...memberIds], lacking: before?.sharesHistory === true ? [...before.lacking, ...memberIds] : [] });
			return Promise.resolve(done);
		},
		leaveConversation(id) {
			change(id, { joined: false });
			return Promise.resolve(done);
		},
		shareHistory(id, memberId) {
			calls.push(`shareHistory ${id} ${memberId}`);
			change(id, { lacking: conversations.get().find((one) => one.id === id)?.lacking.filter((one) => one !== memberId) ?? [] });
			return Promise.resolve(done);
		},
		block(memberId, blocked) {
			people.set(people.get().map((person) => (person.id === memberId ? { ...person, blocked } : person)));
			return Promise.resolve(done);
		},
		markRead(id) {
			calls.push(`markRead ${id}`);
			change(id, { unread: 0 });
			return Promise.resolve();
		},
		draft: (id) => Promise.resolve(drafts.get(id) ?? ''),
		saveDraft(id, text) {
			drafts.set(id, text);
			return Promise.resolve();
		},
		postNotice({ title, text, asksAcknowledgement }) {
			if (title === '') return Promise.resolve(fail('title-empty'));
			const id = `n${String(counter++)}`;
			const others = people.get().filter((person) => !person.self);
			notices.set([
				...notices.get(),
				{
					id,
					version: id,
					title,
					text,
					author: self.get().id,
					authorName: self.get().name,
					wallMs: Date.now(),
					asksAcknowledgement,
					acknowledgedByMe: false,
					roll: asksAcknowledgement ? { acknowledged: [], notYet: others } : undefined,
					own: true,
					unread: false,
				},
			]);
			return Promise.resolve(succeed(id));
		},
		withdrawNotice(id) {
			notices.set(notices.get().filter((notice) => notice.id !== id));
			return Promise.resolve(done);
		},
		acknowledge(id) {
			notices.set(notices.get().map((notice) => (notice.id === id ? { ...notice, acknowledgedByMe: true } : notice)));
			return Promise.resolve(done);
		},
		markNoticesRead() {
			notices.set(notices.get().map((notice) => ({ ...notice, unread: false })));
			return Promise.resolve();
		},
		createInvite({ uses, confirm, role: as, days, label }) {
			calls.push(`createInvite ${String(uses)} ${String(confirm)} ${String(days)} ${label}`.trim());
			const id = `i${String(counter++)}`;
			const invite: Invite = {
				id,
				label,
				role: as,
				confirm,
				maxUses: uses,
				uses: 0,
				notAfterMs: Date.now() + days * 24 * 60 * minuteMs,
				createdBy: self.get().id,
				bringsBack: '',
				cameThrough: [],
				link: `https://chat.office.internal/join#AQAAgoodinvite${'3f9a01c47be25d8830a1f4c96e7702bd5518ca3e94b7d06f12a85ce3907f6d4b'.slice(0, 60)}`,
			};
			invites.set([...invites.get(), invite]);
			return Promise.resolve(succeed(invite));
		},
		async createReturn(id) {
			calls.push(`createReturn ${id}`);
			const name = people.get().find((person) => person.id === id)?.name ?? '';
			const invite = await office.createInvite({ uses: 1, confirm: true, role: 'member', days: 7, label: '' });
			if (!invite.ok) return invite;
			const back = { ...invite.value, bringsBack: name };
			invites.set(invites.get().map((one) => (one.id === back.id ? back : one)));
			return succeed(back);
		},
		revokeInvite(id) {
			invites.set(invites.get().filter((invite) => invite.id !== id));
			return Promise.resolve(done);
		},
		letIn(id) {
			calls.push(`letIn ${id}`);
			waiting.set(waiting.get().filter((one) => one.id !== id));
			return Promise.resolve(done);
		},
		refuse(id) {
			calls.push(`refuse ${id}`);
			waiting.set(waiting.get().filter((one) => one.id !== id));
			return Promise.resolve(done);
		},
		setRole(id, to) {
			changePerson(id, { role: to });
			return Promise.resolve(done);
		},
		saveDepartment(id, name, memberIds) {
			calls.push(`saveDepartment ${id ?? 'new'} ${name} ${memberIds.join(' ')}`.trim());
			if (name === '') return Promise.resolve(fail('name-empty'));
			if (departments.get().some((one) => one.id !== id && one.name.toLowerCase() === name.toLowerCase())) return Promise.resolve(fail('department-taken'));
			const saved = { id: id ?? `d${String(counter++)}`, name, members: memberIds };
			departments.set([...departments.get().filter((one) => one.id !== id), saved].sort((a, b) => a.name.localeCompare(b.name)));
			return Promise.resolve(succeed(saved.id));
		},
		dissolveDepartment(id) {
			calls.push(`dissolveDepartment ${id}`);
			departments.set(departments.get().filter((one) => one.id !== id));
			return Promise.resolve(done);
		},
		checkRecord: () => Promise.resolve(recordCheck.get()),
		safetyNumber: () => Promise.resolve(succeed({ number: fakeSafetyNumber, code: fakeSafetyCode })),
		markVerified(id, number) {
			calls.push(`markVerified ${id} ${number}`);
			if (number !== fakeSafetyNumber) return Promise.resolve(fail('keys-changed'));
			changePerson(id, { verification: 'verified', keysUnseen: false, cameBack: false });
			return Promise.resolve(done);
		},
		compareScanned(id, text) {
			calls.push(`compareScanned ${id} ${text}`);
			if (text !== fakeSafetyCode) return Promise.resolve(fail(text.startsWith('landline-safety:') ? 'keys-differ' : 'not-a-code'));
			changePerson(id, { verification: 'verified', keysUnseen: false, cameBack: false });
			return Promise.resolve(done);
		},
		noteKeyChange(id) {
			calls.push(`noteKeyChange ${id}`);
			changePerson(id, { keysUnseen: false, cameBack: false });
			return Promise.resolve(done);
		},
		forgetVerification(id) {
			calls.push(`forgetVerification ${id}`);
			changePerson(id, { verification: 'unverified' });
			return Promise.resolve(done);
		},
		knock(to) {
			calls.push(`knock ${to}`);
			if (!/^[\d.]+$/.test(to)) return fail('address-wrong');
			ownKnock.set({ address: to, step: 'waiting', name: '', conversation: '' });
			return done;
		},
		endKnock: () => ownKnock.set(undefined),
		answerKnock(id) {
			calls.push(`answerKnock ${id}`);
			const member = knocks.get().find((one) => one.id === id)?.member ?? '';
			knocks.set(knocks.get().filter((one) => one.id !== id));
			return Promise.resolve(succeed(`direct-${member}`));
		},
		ignoreKnock(id) {
			calls.push(`ignoreKnock ${id}`);
			knocks.set(knocks.get().filter((one) => one.id !== id));
		},
		linkDevice() {
			calls.push('linkDevice');
			if (devices.get().length >= 5) return fail('too-many-devices');
			const link = `https://chat.office.internal/join#AgAAgooddevice${'3f9a01c47be25d8830a1f4c96e7702bd5518ca3e94b7d06f12a85ce3907f6d4b'.repeat(2)}`;
			deviceLink.set({ link, untilMs: Date.now() + 10 * minuteMs, step: 'waiting', code: '' });
			return done;
		},
		addDevice() {
			calls.push('addDevice');
			const shown = deviceLink.get();
			if (shown) deviceLink.set({ ...shown, step: 'added' });
			devices.set([...devices.get(), { id: '77a0'.repeat(16), here: false, online: true, lastSeenMs: Date.now() }]);
			return Promise.resolve(done);
		},
		endDeviceLink() {
			calls.push('endDeviceLink');
			deviceLink.set(undefined);
		},
		removeMember(id) {
			calls.push(`removeMember ${id}`);
			people.set(people.get().filter((person) => person.id !== id));
			return Promise.resolve(done);
		},
		removeDevice(id) {
			calls.push(`removeDevice ${id}`);
			people.set(people.get().map((person) => ({ ...person, devices: person.devices.filter((device) => device.id !== id) })));
			return Promise.resolve(done);
		},
		leaveOffice() {
			calls.push('leaveOffice');
			if (self.get().role === 'owner' && !people.get().some((person) => !person.self && person.role === 'owner')) return Promise.resolve(fail('last-owner'));
			connection.set({ ...connection.get(), readOnly: 'left' });
			return Promise.resolve(done);
		},
		recoverOwnership(key) {
			calls.push(`recoverOwnership ${key}`);
			if (key.replaceAll(/\s/g, '').length !== 56) return Promise.resolve(fail('recovery-key-damaged'));
			self.set({ ...self.get(), role: 'owner' });
			people.set(people.get().map((person) => (person.self ? self.get() : person)));
			return Promise.resolve(succeed('NEXT KEY0 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000'));
		},
		sendAnyway() {
			calls.push('sendAnyway');
			connection.set({ ...connection.get(), list: 'stale-sending' });
		},
		probe: () => undefined,
		close: () => Promise.resolve(),
	};
	return office;
}
