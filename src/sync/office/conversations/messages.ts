/**
 * The messages of one conversation as the screen shows them. Snapshots are immutable, and a message that did not change is the same
 * object in the next one.
 */
import type { Id } from '../../log/entry.ts';
import type { Attachment } from '../../files.ts';
import type { Message, MessageState } from '../../office.ts';
import { type Progress, progressOf } from './delivery.ts';
import type { Deliveries } from './content-ports.ts';
import type { FileMessage } from './file-message.ts';
import type { Mark } from './marks.ts';
import type { NewDevice } from './new-devices.ts';
import type { Sending } from './outbox.ts';
import type { Roster } from './roster.ts';
import { countsAsUnread, eventText, type Shown } from './shown.ts';

/** What the messages of one conversation follow from, now. */
export interface MessagesInput {
	/** In order. */
	readonly shown: readonly Shown[];
	/** Further devices of those one talks with, in order. */
	readonly arrivals: readonly NewDevice[];
	readonly roster: Roster;
	/** Undefined in Everyone, where nobody is asked whether it came. */
	readonly delivery: { readonly deliveries: Deliveries; readonly reads: ReadonlyMap<Id, ReadonlyMap<Id, number>> } | undefined;
	readonly mark: Mark | undefined;
	/** What stood here before one came is not news: others' entries up to this lamport are never unread. */
	readonly readUpToLamport: number;
	readonly sending: readonly Sending[];
	readonly selfDevice: Id;
	/** What is known here of the file a message brings; the same object until that changes. */
	readonly attachmentOf?: (message: Id, file: FileMessage) => Attachment;
}

/** Which of a thread's texts this person has not read. */
export function isUnread(shown: Shown, roster: Roster, mark: Mark | undefined, readUpToLamport: number): boolean {
	return countsAsUnread(shown, roster) && shown.item.lamport > readUpToLamport && shown.item.seq > (mark?.get(shown.item.device) ?? -1);
}

/** A function from input to snapshot that reuses what it made before. */
export function createMessagesView(): (input: MessagesInput) => readonly Message[] {
	let made = new Map<string, Message>();
	let before: readonly Message[] = [];

	return (input) => {
		const { shown, roster } = input;
		const next = new Map<string, Message>();
		const list: Message[] = [];
		const states = statesOf(input);
		let isNewLineDrawn = false;
		const add = (id: string, fields: Omit<Message, 'id'>): void => {
			const known = made.get(id);
			const message = known && isSame(known, fields) ? known : { id, ...fields };
			next.set(id, message);
			list.push(message);
		};
		const arrivals = [...input.arrivals];
		/** Before anything was said there is nobody's change to tell. */
		const tellNewDevices = (beforeLamport: number): void => {
			while ((arrivals[0]?.lamport ?? Infinity) < beforeLamport) {
				const one = arrivals.shift();
				if (!one || list.length === 0) continue;
				const authorName = roster.name(one.member);
				add(`device ${one.device}`, { kind: 'event', author: one.member, authorName, own: false, text: `${authorName} has a new device`, wallMs: one.wallMs, state: 'received', heldFor: nobody, unread: false, sharedBy: '', blocked: false, attachment: undefined });
			}
		};
		for (const one of shown) {
			const { item, author } = one;
			tellNewDevices(item.lamport);
			const unread: boolean = !isNewLineDrawn && isUnread(one, roster, input.mark, input.readUpToLamport);
			isNewLineDrawn ||= unread;
			const isEvent = one.step !== undefined || item.sealed === 'refused';
			const own = author === roster.self;
			const authorName = roster.name(author);
			add(item.id, {
				kind: isEvent ? 'event' : 'text',
				author,
				authorName,
				own,
				text: isEvent ? `${own ? 'You' : authorName} ${eventText(one, roster)}` : item.text,
				wallMs: item.wallMs,
				...(isEvent || !own ? { state: item.sealed === 'locked' ? 'waiting-for-key' : 'received', heldFor: nobody } : states(one)),
				unread,
				sharedBy: one.sharedBy === undefined ? '' : roster.name(one.sharedBy),
				blocked: one.blocked,
				attachment: item.file && input.attachmentOf?.(item.id, item.file),
			});
		}
		tellNewDevices(Infinity);
		const newestOwn = new Map<number, number>();
		for (const { item } of input.sending.length > 0 ? shown : []) {
			if (item.device === input.selfDevice) newestOwn.set(item.lane, Math.max(item.seq, newestOwn.get(item.lane) ?? -1));
		}
		for (const one of input.sending) {
			if (one.seq !== undefined && (newestOwn.get(one.lane) ?? -1) >= one.seq) continue;
			const self = { author: roster.self, authorName: roster.name(roster.self), own: true };
			add(one.temporaryId, { kind: 'text', ...self, text: one.text, wallMs: one.wallMs, state: 'sending', heldFor: nobody, unread: false, sharedBy: '', blocked: false, attachment: undefined });
		}
		made = next;
		if (list.length !== before.length || list.some((message, index) => message !== before[index])) before = list;
		return before;
	};
}

const nobody: readonly string[] = [];
type Standing = Pick<Message, 'state' | 'heldFor'>;
const plain = (state: MessageState): Standing => ({ state, heldFor: nobody });
const sent = plain('sent');
const delivered = plain('delivered');
const read = plain('read');

/** The states of one's own messages. */
function statesOf({ shown, roster, delivery }: MessagesInput): (one: Shown) => Standing {
	if (!delivery) return () => sent;
	const seqs = new Map<Id, number[]>();
	for (const { item, author } of shown) {
		if (author !== roster.self) continue;
		const known = seqs.get(item.device);
		if (known) known.push(item.seq);
		else seqs.set(item.device, [item.seq]);
	}
	const progress = new Map<Id, Progress>();
	for (const [device, own] of seqs) progress.set(device, progressOf({ ...delivery, roster }, device, own.sort((a, b) => a - b)));
	const last = shown.findLast((one) => one.step !== undefined);
	/** Whoever has left since is waited for no more. */
	const isStillHere = (member: Id): boolean => member !== roster.self && roster.active(member) && (last?.audience?.has(member) ?? true);
	const readers = new Map<ReadonlySet<Id>, readonly Id[]>();

	return ({ item, audience }) => {
		const by = progress.get(item.device);
		if (!by || !audience) return sent;
		const members = readers.get(audience) ?? [...audience].filter(isStillHere);
		readers.set(audience, members);
		if (members.length === 0) return sent;
		const missing = members.filter((member) => by.deliveredTo(member) < item.seq && by.readBy(member) < item.seq);
		if (missing.length === 0) return members.every((member) => by.readBy(member) >= item.seq) ? read : delivered;
		const away = missing.filter((member) => !by.linked(member));
		if (away.length === 0 || by.heldByAnyone < item.seq) return sent;
		return { state: 'held', heldFor: away.map((member) => roster.name(member)).sort((a, b) => a.localeCompare(b)) };
	};
}

function isSame(message: Message, fields: Omit<Message, 'id'>): boolean {
	return (
		message.kind === fields.kind &&
		message.author === fields.author &&
		message.authorName === fields.authorName &&
		message.own === fields.own &&
		message.text === fields.text &&
		message.wallMs === fields.wallMs &&
		message.state === fields.state &&
		message.unread === fields.unread &&
		message.sharedBy === fields.sharedBy &&
		message.blocked === fields.blocked &&
		message.attachment === fields.attachment &&
		message.heldFor.length === fields.heldFor.length &&
		message.heldFor.every((name, index) => name === fields.heldFor[index])
	);
}
