/**
 * The messages of one conversation as the screen shows them. Snapshots are immutable, and a message that did not change is the same
 * object in the next one.
 */
import type { Id } from '../../log/entry.ts';
import type { Attachment } from '../../files.ts';
import type { Message, MessageState } from '../../office.ts';
import type { Deliveries } from './content-ports.ts';
import { type Progress, progressOf } from './delivery.ts';
import type { FileMessage } from './file-message.ts';
import { createListMap } from './list-map.ts';
import type { NewDevice } from './new-devices.ts';
import type { Sending } from './outbox.ts';
import type { Roster } from './roster.ts';
import { eventText, type Shown } from './shown.ts';

/** What the messages of one conversation follow from, now. */
export interface MessagesInput {
	/** In order. */
	readonly shown: readonly Shown[];
	/** Further devices of those one talks with, in order. */
	readonly arrivals: readonly NewDevice[];
	readonly roster: Roster;
	/** Undefined in Everyone, where nobody is asked whether it came. */
	readonly delivery: { readonly deliveries: Deliveries; readonly reads: ReadonlyMap<Id, ReadonlyMap<Id, number>> } | undefined;
	/** The first this person has not read. */
	readonly firstUnread: Shown | undefined;
	readonly sending: readonly Sending[];
	readonly selfDevice: Id;
	/** What is known here of the file a message brings; the same object until that changes. */
	readonly attachmentOf?: (message: Id, file: FileMessage) => Attachment;
}

/** A function from input to snapshot that reuses what it made before. */
export function createMessagesView(): (input: MessagesInput) => readonly Message[] {
	let roster: Roster | undefined;
	/** As they are wherever they stand: whether one is unread, and how far an own one has come, is left to what follows. */
	let plain: readonly Message[] = [];
	/** Those before the roster changed: most are still the same. */
	let known: ReadonlyMap<string, Message> = new Map();
	const map = createListMap<Shown, Message>((one) => {
		const fields = fieldsOf(one, roster);
		const same = known.get(one.item.id);
		return same && isSame(same, fields) ? same : { id: one.item.id, ...fields };
	});
	/** The own ones whose state is to be told; looking at all the others costs more than all else here. */
	const owns = createListMap<Shown, Shown | undefined>((one) => (one.author === roster?.self && !isEvent(one) ? one : undefined));
	/** Those that bring files. */
	const files = createListMap<Shown, Shown | undefined>((one) => (one.item.file ? one : undefined));
	const attached = new WeakMap<Message, Message>();
	const standings = new WeakMap<Message, Message>();
	const unread = new WeakMap<Message, Message>();
	const sendings = new WeakMap<Sending, Message>();
	const told = new Map<Id, Message>();
	let before: readonly Message[] = [];

	/** Puts a line where a further device came. Before anything was said there is nobody's change to tell. */
	function tellNewDevices({ arrivals, shown, roster: now }: MessagesInput, list: Message[]): void {
		for (const one of arrivals.toReversed()) {
			const after = shown.findIndex(({ item }) => one.lamport < item.lamport);
			const place = after < 0 ? shown.length : after;
			if (place === 0) continue;
			const authorName = now.name(one.member);
			const fields: Omit<Message, 'id'> = { kind: 'event', author: one.member, authorName, own: false, text: `${authorName} has a new device`, wallMs: one.wallMs, state: 'received', heldFor: nobody, unread: false, sharedBy: '', blocked: false, attachment: undefined };
			const known = told.get(one.device);
			const line = known && isSame(known, fields) ? known : { id: `device ${one.device}`, ...fields };
			told.set(one.device, line);
			list.splice(place, 0, line);
		}
	}

	/** A message with the file it brings as that is held now; the same object until that changes. */
	function withAttachment(message: Message, attachment: Attachment | undefined): Message {
		const last = attached.get(message) ?? message;
		if (last.attachment === attachment) return last;
		const now = { ...message, attachment };
		attached.set(message, now);
		return now;
	}

	/** An own message as it has come by now; the same object until that changes. */
	function withStanding(message: Message, { state, heldFor }: Standing): Message {
		const last = standings.get(message) ?? message;
		if (last.state === state && (last.heldFor === heldFor || last.heldFor.join('\n') === heldFor.join('\n'))) return last;
		const now = { ...message, state, heldFor };
		standings.set(message, now);
		return now;
	}

	return (input) => {
		const { shown, sending } = input;
		const anew = roster !== input.roster;
		if (anew) known = new Map(plain.map((message) => [message.id, message]));
		roster = input.roster;
		plain = map.of(shown, anew);
		known = new Map();
		const list = plain.slice();
		const bringing = files.of(shown, false);
		for (let index = 0; index < bringing.length; index++) {
			const [file, message] = [bringing[index]?.item, list[index]];
			if (file?.file && message) list[index] = withAttachment(message, input.attachmentOf?.(file.id, file.file));
		}
		if (input.delivery) {
			const own = owns.of(shown, anew);
			const standingOf = statesOf(own, lastAudience(shown), input.roster, input.delivery);
			for (let index = 0; index < own.length; index++) {
				const [one, message] = [own[index], list[index]];
				if (one && message) list[index] = withStanding(message, standingOf(one));
			}
		}
		const first = input.firstUnread === undefined ? -1 : shown.indexOf(input.firstUnread);
		const firstMessage = list[first];
		if (firstMessage) list[first] = remember(unread, firstMessage, () => ({ ...firstMessage, unread: true }));
		tellNewDevices(input, list);
		const newestOwn = sending.length > 0 ? newestOf(shown, input.selfDevice) : new Map<number, number>();
		for (const one of sending) {
			if (one.seq !== undefined && (newestOwn.get(one.lane) ?? -1) >= one.seq) continue;
			list.push(remember(sendings, one, () => sendingMessage(one, input.roster)));
		}
		if (!isSameList(list, before)) before = list;
		return before;
	};
}

function isSameList(one: readonly Message[], other: readonly Message[]): boolean {
	if (one.length !== other.length) return false;
	for (let index = 0; index < one.length; index++) if (one[index] !== other[index]) return false;
	return true;
}

function remember<K extends object, V>(known: WeakMap<K, V>, key: K, make: () => V): V {
	const made = known.get(key) ?? make();
	known.set(key, made);
	return made;
}

const isEvent = (one: Shown): boolean => one.step !== undefined || one.item.sealed === 'refused';

function fieldsOf(one: Shown, roster: Roster | undefined): Omit<Message, 'id'> {
	const { item, author } = one;
	const own = author === roster?.self;
	const authorName = roster?.name(author) ?? '';
	const event = isEvent(one) && roster !== undefined;
	return {
		kind: event ? 'event' : 'text',
		author,
		authorName,
		own,
		text: event ? `${own ? 'You' : authorName} ${eventText(one, roster)}` : item.text,
		wallMs: item.wallMs,
		...(event || !own ? { state: item.sealed === 'locked' ? 'waiting-for-key' : 'received', heldFor: nobody } : sent),
		unread: false,
		sharedBy: one.sharedBy === undefined ? '' : (roster?.name(one.sharedBy) ?? ''),
		blocked: one.blocked,
		attachment: undefined,
	};
}

function sendingMessage({ temporaryId, text, wallMs }: Sending, roster: Roster): Message {
	const self = { author: roster.self, authorName: roster.name(roster.self), own: true };
	return { id: temporaryId, kind: 'text', ...self, text, wallMs, state: 'sending', heldFor: nobody, unread: false, sharedBy: '', blocked: false, attachment: undefined };
}

const nobody: readonly string[] = [];
type Standing = Pick<Message, 'state' | 'heldFor'>;
const standing = (state: MessageState): Standing => ({ state, heldFor: nobody });
const sent = standing('sent');
const delivered = standing('delivered');
const read = standing('read');

/** Who was to read it and is still here, and up to where all of them hold it and have read it, by own device. */
interface Readers {
	readonly members: readonly Id[];
	readonly reached: Map<Id, { readonly delivered: number; readonly read: number }>;
}

/** Who is in after the last change of the group. */
function lastAudience(shown: readonly Shown[]): ReadonlySet<Id> | undefined {
	const last = shown.at(-1);
	return last?.step ? last.step.members : last?.audience;
}

/** The newest own seq that stands there, by lane. */
function newestOf(shown: readonly Shown[], device: Id): ReadonlyMap<number, number> {
	const newest = new Map<number, number>();
	for (const { item } of shown) if (item.device === device) newest.set(item.lane, Math.max(item.seq, newest.get(item.lane) ?? -1));
	return newest;
}

/** The states of one's own messages. */
function statesOf(own: readonly (Shown | undefined)[], last: ReadonlySet<Id> | undefined, roster: Roster, delivery: NonNullable<MessagesInput['delivery']>): (one: Shown) => Standing {
	const seqs = new Map<Id, number[]>();
	for (const one of own) {
		if (one === undefined) continue;
		const of = seqs.get(one.item.device);
		if (of) of.push(one.item.seq);
		else seqs.set(one.item.device, [one.item.seq]);
	}
	const progress = new Map<Id, Progress>();
	for (const [device, own] of seqs) progress.set(device, progressOf({ ...delivery, roster }, device, own.sort((a, b) => a - b)));
	/** Whoever has left since is waited for no more. */
	const isStillHere = (member: Id): boolean => member !== roster.self && roster.active(member) && (last?.has(member) ?? true);
	const readers = new Map<ReadonlySet<Id>, Readers>();

	return ({ item, audience }) => {
		const by = progress.get(item.device);
		if (!by || !audience) return sent;
		const known: Readers = readers.get(audience) ?? { members: [...audience].filter(isStillHere), reached: new Map() };
		readers.set(audience, known);
		const { members } = known;
		if (members.length === 0) return sent;
		const reached = known.reached.get(item.device) ?? {
			delivered: Math.min(...members.map((member) => Math.max(by.deliveredTo(member), by.readBy(member)))),
			read: Math.min(...members.map((member) => by.readBy(member))),
		};
		known.reached.set(item.device, reached);
		if (reached.delivered >= item.seq) return reached.read >= item.seq ? read : delivered;
		const missing = members.filter((member) => by.deliveredTo(member) < item.seq && by.readBy(member) < item.seq);
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
		message.sharedBy === fields.sharedBy &&
		message.blocked === fields.blocked
	);
}
