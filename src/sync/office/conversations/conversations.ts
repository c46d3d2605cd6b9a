/**
 * What a person can do in conversations (PROTOCOL.md, 9): write, start, add, leave, and be done reading. Every command looks at who reads at the
 * moment its entry is made, not when it was called.
 */
import { utf8 } from '../../../crypto/bytes.ts';
import type { Random } from '../../../crypto/random.ts';
import { done, fail, type Result, succeed } from '../../failures.ts';
import { type Id, kinds, lanes } from '../../log/entry.ts';
import type { EntryDraft, Log } from '../../log/log.ts';
import { everyoneId, type Office } from '../../office.ts';
import type { Clock } from '../../ports.ts';
import { type Source, when } from '../../source.ts';
import { dueBase } from './base.ts';
import type { ConversationViews } from './conversation-views.ts';
import { changeType, directId, encodeChange, encodeRead, epochId, groupId, isTitle, maxGroupMembers, maxStateHeads, nonceBytes, type StateChange } from './conversation-content.ts';
import type { Group } from './conversation-state.ts';
import { encodeFileMessage, type FileMessage } from './file-message.ts';
import { type DocumentsContent, encodeDocuments } from './document-content.ts';
import type { Everyone } from './everyone.ts';
import { encodePostInner, innerTypes, maxFollows, maxTextBytes } from './inner.ts';
import type { Mailer, Outgoing } from './mailer.ts';
import type { Marks } from './marks.ts';
import type { Outbox } from './outbox.ts';
import type { Prekeys } from '../keys/prekeys.ts';
import { createReadMarkers } from './read-markers.ts';
import type { Roster } from './roster.ts';
import { createSettling } from './settling.ts';
import type { Threads } from './threads.ts';

export interface ConversationsDeps {
	readonly officeId: Id;
	readonly log: Log;
	readonly threads: Threads;
	readonly roster: Source<Roster>;
	readonly views: ConversationViews;
	readonly mailer: Mailer;
	readonly everyone: Everyone;
	readonly prekeys: Prekeys;
	readonly marks: Marks;
	readonly outbox: Outbox;
	readonly isHeldBack: (member: Id) => boolean;
	readonly clock: Clock;
	readonly random: Random;
}

export interface Conversations {
	/** Writes what is to be told of a conversation's live documents; asked once more when the entry is made. */
	sendDocuments(conversation: Id, compose: () => Result<DocumentsContent>): Promise<Result>;
	readonly commands: Pick<Office, 'sendMessage' | 'startConversation' | 'addToConversation' | 'leaveConversation' | 'markRead'>;
	/** Tells of a file whose sealed bytes rest here; answers the message's id. */
	sendFile(conversation: string, file: FileMessage): Promise<Result<Id>>;
	/** Whether a file could be told of there now. */
	maySendFile(conversation: string): Result;
	stop(): void;
}

export function createConversations(deps: ConversationsDeps): Conversations {
	const { officeId, log, threads, roster, views, mailer, everyone, marks, outbox, clock, random } = deps;
	const readMarkers = createReadMarkers({ clock, send: (conversation, read) => void sendRead(conversation, read) });
	const settling = createSettling({ threads, views, roster, clock, selfDevice: log.device, merge: (conversation) => void merge(conversation) });

	/** Whether this person may write at all. */
	function standing(): Result {
		const now = roster.get();
		if (now.state.unknownActs) return fail('read-only');
		return now.mayWrite ? done : fail('not-allowed');
	}

	/** A group this person is in. */
	function joinedGroup(conversation: string): Result<Group> {
		const allowed = standing();
		if (!allowed.ok) return allowed;
		const setting = views.setting(conversation);
		if (!setting) return fail('not-found');
		return setting.kind === 'group' && setting.group.members.has(roster.get().self) ? succeed(setting.group) : fail('not-allowed');
	}

	function outgoing(conversation: Id, members: Iterable<Id>, heads: readonly Id[], type: number, content: Uint8Array, follows: readonly Id[]): Outgoing {
		const recipients = roster.get().devicesOf(members);
		const epoch = epochId(conversation, heads.slice(0, maxStateHeads), recipients.map((device) => device.id));
		return { conversation, epoch, recipients, type, follows, content, lastOwn: threads.thread(conversation).lastOwn };
	}

	/** A message that changes no state. */
	function composeMessage(conversation: Id, type: number, content: Uint8Array): Result<Outgoing> {
		const setting = views.setting(conversation);
		const now = roster.get();
		const follows = type === innerTypes.text || type === innerTypes.file ? threads.thread(conversation).timeline.heads() : [];
		if (setting?.kind === 'direct') {
			const allowed = standing();
			if (!allowed.ok) return allowed;
			// Asked when the entry is made too: a device added while a message waits for the disk is not sealed to unseen.
			if (deps.isHeldBack(setting.other)) return fail('keys-changed');
			return now.active(setting.other) ? succeed(outgoing(conversation, [now.self, setting.other], [], type, content, follows)) : fail('not-allowed');
		}
		const group = joinedGroup(conversation);
		return group.ok ? succeed(outgoing(conversation, group.value.members, group.value.heads, type, content, follows)) : group;
	}

	/** A change of state: names all heads of the state as followed, and is read by those it brings in. */
	function composeChange(conversation: Id, change: (group: Group) => Result<StateChange>): Result<Outgoing> {
		const group = joinedGroup(conversation);
		if (!group.ok) return group;
		const made = change(group.value);
		if (!made.ok) return made;
		const { members, heads } = group.value;
		const follows = [...new Set([...heads, ...threads.thread(conversation).timeline.heads()])].slice(0, maxFollows);
		const readers = made.value.type === 'add' ? [...members, ...made.value.members] : members;
		return succeed(outgoing(conversation, readers, heads, changeType(made.value), encodeChange(made.value), follows));
	}

	/** The state as an ADD carries it: what it was before. */
	function addition(group: Group, members: readonly Id[]): Result<StateChange> {
		if (group.members.size + members.length > maxGroupMembers) return fail('too-many');
		const { creator, nonce, title, heads } = group;
		return succeed({ type: 'add', members, state: { creator, nonce, title, members: [...group.members].sort(), heads: heads.slice(0, maxStateHeads) } });
	}

	/** Members that can be written to, oneself apart. */
	function chosen(memberIds: readonly string[]): Result<readonly Id[]> {
		const now = roster.get();
		const ids = [...new Set(memberIds)].filter((id) => id !== now.self);
		if (ids.length === 0) return fail('no-members');
		if (ids.some((id) => !now.member(id))) return fail('not-found');
		if (ids.some((id) => !now.active(id))) return fail('not-allowed');
		return ids.length < maxGroupMembers ? succeed(ids) : fail('too-many');
	}

	async function post(type: number, content: Uint8Array, placed: (seq: number) => void): Promise<Result<string>> {
		const allowed = standing();
		if (!allowed.ok) return allowed;
		const follows = (): readonly Id[] => threads.thread(everyoneId).timeline.heads();
		if (!everyone.ready()) return fail('not-allowed');
		// Whether a BASE is due is read from it.
		await when(log.whole);
		const draft: EntryDraft = {
			kind: kinds.post,
			lane: lanes.open,
			body(at) {
				const body = everyone.seal(at, encodePostInner({ type, follows: follows(), content }));
				if (!body) throw new Error('a post over the limit, or without a key: commands ask first');
				placed(at.seq);
				return body;
			},
		};
		const base = dueBase(deps, lanes.open);
		const written = await log.appendAll(base ? [base, draft] : [draft]);
		return written.ok ? succeed(written.value.at(-1)?.id ?? '') : written;
	}

	async function sendChange(conversation: Id, change: (group: Group) => Result<StateChange>): Promise<Result> {
		const written = await mailer.send(() => composeChange(conversation, change));
		return written.ok ? done : written;
	}

	/** Ends concurrent changes: an ADD of nobody that carries the state in which they are all known. */
	const merge = (conversation: Id): Promise<Result> =>
		sendChange(conversation, (group) => (group.heads.length > 1 ? addition(group, []) : fail('not-found')));

	async function sendRead(conversation: Id, read: ReadonlyMap<Id, number>): Promise<void> {
		const told = threads.thread(conversation).reads.get(log.device);
		if ([...read].every(([device, seq]) => (told?.get(device) ?? -1) >= seq)) return;
		// A marker that could not be written is not told: the next one says the same and more.
		await mailer.send(() => composeMessage(conversation, innerTypes.read, encodeRead(read)));
	}

	const commands: Conversations['commands'] = {
		async sendMessage(conversation, text) {
			if (text.trim() === '') return fail('text-empty');
			const content = utf8(text);
			if (content.length > maxTextBytes) return fail('text-too-long');
			const lane = conversation === everyoneId ? lanes.open : lanes.mail;
			if (lane === lanes.mail) {
				const allowed = composeMessage(conversation, innerTypes.text, content);
				if (!allowed.ok) return allowed;
			}
			const shown = outbox.add(conversation, { text, wallMs: clock.now(), lane });
			try {
				if (lane === lanes.open) return await post(innerTypes.text, content, shown.placed);
				const written = await mailer.send(() => composeMessage(conversation, innerTypes.text, content), shown.placed);
				return written.ok ? succeed(written.value.id) : written;
			} finally {
				shown.done();
			}
		},
		async startConversation(memberIds, title, sharesHistory = false) {
			const allowed = standing();
			if (!allowed.ok) return allowed;
			const others = chosen(memberIds);
			if (!others.ok) return others;
			const name = title.trim();
			if (!isTitle(name)) return fail('title-too-long');
			const [only] = others.value;
			if (others.value.length === 1 && only !== undefined && name === '' && !sharesHistory) {
				const id = directId(officeId, roster.get().self, only);
				await marks.raise(id, []);
				return succeed(id);
			}
			const nonce = random(nonceBytes);
			const id = groupId(officeId, log.device, nonce);
			const change: StateChange = { type: 'create', nonce, title: name, members: others.value, sharesHistory };
			const written = await mailer.send(() => {
				const still = standing();
				if (!still.ok) return still;
				return succeed(outgoing(id, [roster.get().self, ...others.value], [], innerTypes.create, encodeChange(change), []));
			});
			return written.ok ? succeed(id) : written;
		},
		addToConversation(conversation, memberIds) {
			return sendChange(conversation, (group) => {
				const others = chosen(memberIds);
				if (!others.ok) return others;
				const fresh = others.value.filter((id) => !group.members.has(id));
				return fresh.length > 0 ? addition(group, fresh) : fail('no-members');
			});
		},
		leaveConversation: (conversation) => sendChange(conversation, () => succeed({ type: 'leave' })),
		async markRead(conversation) {
			const read = views.newest(conversation);
			await marks.raise(conversation, read);
			const setting = views.setting(conversation);
			const isIn = setting?.kind === 'direct' || (setting?.kind === 'group' && setting.group.members.has(roster.get().self));
			if (isIn && read.size > 0) readMarkers.read(conversation, read);
		},
	};
	return {
		commands,
		async sendFile(conversation, file) {
			const content = encodeFileMessage(file);
			if (conversation === everyoneId) return post(innerTypes.file, content, () => undefined);
			const written = await mailer.send(() => composeMessage(conversation, innerTypes.file, content));
			return written.ok ? succeed(written.value.id) : written;
		},
		maySendFile(conversation) {
			if (conversation === everyoneId) return everyone.ready() ? standing() : fail('not-allowed');
			const allowed = composeMessage(conversation, innerTypes.file, new Uint8Array(0));
			return allowed.ok ? done : allowed;
		},
		async sendDocuments(conversation, compose) {
			const written = await mailer.send(() => {
				const content = compose();
				return content.ok ? composeMessage(conversation, innerTypes.documents, encodeDocuments(content.value)) : content;
			});
			return written.ok ? done : written;
		},
		stop() {
			readMarkers.stop();
			settling.stop();
		},
	};
}
