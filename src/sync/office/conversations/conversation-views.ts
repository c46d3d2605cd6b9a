/** Conversations as the screen reads them: the list, and the messages of each. Computed when read, from threads, members and marks. */
import type { Id } from '../../log/entry.ts';
import type { Log } from '../../log/log.ts';
import { type Conversation, everyoneId, type Message } from '../../office.ts';
import { createCell, derive, type Source } from '../../source.ts';
import type { AttachmentStates } from './attachment-states.ts';
import type { Deliveries } from './content-ports.ts';
import { directId } from './conversation-content.ts';
import { foldGroup } from './conversation-state.ts';
import { type Given, whoLacks } from './given-history.ts';
import type { Mark, Marks } from './marks.ts';
import { createMessagesView } from './messages.ts';
import { type NewDevice, newDevices } from './new-devices.ts';
import type { Outbox } from './outbox.ts';
import type { Roster } from './roster.ts';
import { createShown, eventText, names, type Setting, type Shown } from './shown.ts';
import type { Thread, Threads } from './threads.ts';
import type { Item } from './timeline.ts';
import { createUnread, type Unread } from './unread.ts';

export interface ConversationViewsDeps {
	readonly officeId: Id;
	readonly selfDevice: Id;
	readonly log: Pick<Log, 'get' | 'whole'>;
	readonly threads: Threads;
	readonly roster: Source<Roster>;
	readonly marks: Marks;
	readonly outbox: Outbox;
	readonly deliveries: Deliveries;
	/** Members this person has blocked. */
	readonly blocked: Source<ReadonlySet<Id>>;
	readonly attachments: AttachmentStates;
	/** To whom this device gave earlier messages, by conversation. */
	readonly given: Source<ReadonlyMap<string, Given>>;
}

export interface ConversationViews {
	readonly conversations: Source<readonly Conversation[]>;
	messages(conversation: string): Source<readonly Message[]>;
	/** What a conversation is; `undefined` where nothing here says so. */
	setting(conversation: string): Setting | undefined;
	/** What stands there, in order. */
	shown(conversation: string): readonly Shown[];
	/** Up to where others' texts stand there: what `markRead` raises the mark to. */
	newest(conversation: string): ReadonlyMap<Id, number>;
}

const nobody: readonly Id[] = [];

interface ThreadViews {
	readonly setting: Source<Setting | undefined>;
	readonly shown: Source<readonly Shown[]>;
	readonly summary: Source<Summary | undefined>;
	readonly messages: Source<readonly Message[]>;
}

interface Summary {
	readonly conversation: Conversation;
	readonly lamport: number;
}

export function createConversationViews(deps: ConversationViewsDeps): ConversationViews {
	const { officeId, selfDevice, log, threads, roster, marks, outbox, deliveries, blocked, given, attachments } = deps;
	const views = new Map<string, ThreadViews>();
	const delivered = createDeliveryCount(deliveries);
	const directs = derive([roster], () => {
		const { self, state } = roster.get();
		return new Map(self === '' ? [] : [...state.members.keys()].filter((id) => id !== self).map((id) => [directId(officeId, self, id), id] as const));
	});

	function settingOf(thread: Thread): Setting | undefined {
		if (thread.id === everyoneId) return { kind: 'everyone' };
		const other = directs.get().get(thread.id);
		if (other !== undefined) return { kind: 'direct', other };
		const now = roster.get();
		const group = foldGroup(thread.id, officeId, thread.stateItems(), (device) => now.memberOf(device));
		return group?.steps.some((step) => step.members.has(now.self)) ? { kind: 'group', group } : undefined;
	}

	function makeViews(id: string): ThreadViews {
		const thread = threads.thread(id);
		const mark = derive([marks.mark(id), thread.version, roster], () => readByOwn(marks.mark(id).get(), thread, roster.get(), selfDevice));
		const sending = outbox.sending(id);
		const stateItems: Source<readonly Item[]> = { get: () => thread.stateItems(), subscribe: (changed) => thread.version.subscribe(changed) };
		const setting = derive([stateItems, roster, directs], () => settingOf(thread));
		const toShown = createShown((item) => threads.giverOf(item));
		const shown = derive([thread.version, setting, roster, blocked], () => {
			const known = setting.get();
			return known ? toShown({ setting: known, items: thread.timeline.ordered(), roster: roster.get(), blocked: blocked.get(), gifts: thread.gifts }) : [];
		});
		const toUnread = createUnread();
		const unread = derive([shown, mark, roster], () => toUnread({ shown: shown.get(), roster: roster.get(), mark: mark.get(), readUpToLamport: readUpTo(id, roster.get()) }));
		const summary = derive([shown, setting, mark, unread, roster, given], () => summarize(id, setting.get(), shown.get(), mark.get(), unread.get(), roster.get()));
		const arrivals = derive([setting, roster, log.whole], () => newDevicesOf(setting.get(), roster.get()));
		const toMessages = createMessagesView();
		const heard = id === everyoneId ? [] : [delivered, thread.version];
		const messages = derive([shown, arrivals, roster, unread, sending, attachments.version, ...heard], () =>
			toMessages({
				shown: shown.get(),
				arrivals: arrivals.get(),
				roster: roster.get(),
				delivery: id === everyoneId ? undefined : { deliveries, reads: thread.reads },
				firstUnread: unread.get().first,
				sending: sending.get(),
				selfDevice,
				attachmentOf: attachments.of,
			}),
		);
		return { setting, shown, summary, messages };
	}

	function viewsOf(id: string): ThreadViews {
		let known = views.get(id);
		if (!known) {
			known = makeViews(id);
			views.set(id, known);
		}
		return known;
	}

	let before: readonly Conversation[] = [];
	const conversations = derive([threads.changed, marks.changed, roster, blocked], () => {
		viewsOf(everyoneId);
		for (const id of marks.opened()) if (directs.get().has(id)) viewsOf(id);
		for (const thread of threads.all()) viewsOf(thread.id);
		const summaries = [...views.values()].map((one) => one.summary.get()).filter((one) => one !== undefined);
		summaries.sort(byActivity);
		const list = summaries.map((one) => one.conversation);
		if (list.length !== before.length || list.some((one, index) => one !== before[index])) before = list;
		return before;
	});

	function summarize(id: string, setting: Setting | undefined, shown: readonly Shown[], mark: Mark | undefined, unread: Unread, now: Roster): Summary | undefined {
		if (!setting || (setting.kind === 'direct' && shown.length === 0 && mark === undefined)) return undefined;
		const last = shown.findLast((one) => !one.blocked);
		return {
			lamport: last?.item.lamport ?? 0,
			conversation: {
				id,
				...about(setting, now),
				lacking: setting.kind === 'group' && setting.group.sharesHistory && setting.group.members.has(now.self) ? lackingIn(id, setting.group.members, shown, now) : nobody,
				unread: unread.count,
				lastText: last ? last.item.text || eventText(last, now) : '',
				lastAuthor: last ? now.name(last.author) : '',
				lastMs: last?.item.wallMs ?? 0,
			},
		};
	}

	/** Of a group's members. */
	function lackingIn(id: string, members: ReadonlySet<Id>, shown: readonly Shown[], now: Roster): readonly Id[] {
		const others = [...members].filter((member) => member !== now.self && now.active(member));
		return whoLacks(others, shown, given.get().get(id));
	}

	function newDevicesOf(setting: Setting | undefined, now: Roster): readonly NewDevice[] {
		if (!setting || setting.kind === 'everyone') return [];
		return newDevices(setting.kind === 'direct' ? [setting.other] : setting.group.members, now, log);
	}

	return {
		conversations,
		messages: (id) => viewsOf(id).messages,
		setting: (id) => viewsOf(id).setting.get(),
		shown: (id) => viewsOf(id).shown.get(),
		newest(id) {
			const places = new Map<Id, number>();
			for (const { item, author } of viewsOf(id).shown.get()) {
				if (author !== roster.get().self) places.set(item.device, Math.max(item.seq, places.get(item.device) ?? -1));
			}
			return places;
		},
	};
}

/** How far this person has read, on any of their devices. */
function readByOwn(mark: Mark | undefined, thread: Thread, now: Roster, selfDevice: Id): Mark | undefined {
	const others = [...thread.reads].filter(([reader]) => reader !== selfDevice && now.memberOf(reader) === now.self);
	if (others.length === 0) return mark;
	const merged = new Map(mark);
	for (const [, read] of others) for (const [device, seq] of read) merged.set(device, Math.max(seq, merged.get(device) ?? -1));
	return merged;
}

/** What others wrote to Everyone before one was let in is not news. */
function readUpTo(id: string, roster: Roster): number {
	return id === everyoneId ? (roster.member(roster.self)?.joined ?? 0) : 0;
}

function about(setting: Setting, roster: Roster): Pick<Conversation, 'kind' | 'title' | 'members' | 'owner' | 'joined' | 'sharesHistory'> {
	switch (setting.kind) {
		case 'everyone': {
			const members = [...roster.state.members.keys()].filter((id) => id !== roster.self && roster.active(id));
			return { kind: 'everyone', title: 'Everyone', members, owner: '', joined: true, sharesHistory: false };
		}
		case 'direct': {
			const joined = roster.member(setting.other)?.inForce ?? false;
			return { kind: 'direct', title: roster.name(setting.other), members: [setting.other], owner: '', joined, sharesHistory: false };
		}
		case 'group': {
			const { group } = setting;
			const members = [...group.members].filter((id) => id !== roster.self && (roster.member(id)?.inForce ?? false));
			const title = group.title !== '' ? group.title : members.length > 0 ? names(members, roster) : 'Nobody else';
			return { kind: 'group', title, members, owner: roster.memberOf(group.creator) ?? '', joined: group.members.has(roster.self), sharesHistory: group.sharesHistory };
		}
	}
}

/** Everyone first, then what was written last, by the order of display: clocks decide nothing. */
function byActivity(a: Summary, b: Summary): number {
	const isEveryone = (one: Summary): number => (one.conversation.kind === 'everyone' ? 0 : 1);
	return isEveryone(a) - isEveryone(b) || b.lamport - a.lamport || (a.conversation.id < b.conversation.id ? -1 : 1);
}

function createDeliveryCount(deliveries: Deliveries): Source<number> {
	const count = createCell(0);
	deliveries.subscribe(() => count.set(count.get() + 1));
	return count;
}
