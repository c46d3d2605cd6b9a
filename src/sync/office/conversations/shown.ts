/**
 * What of a thread is shown, in order, and to whom it went: texts by those who belonged there when they wrote, changes in force, and what could
 * not be opened. A pure function of the thread, the members, and whom this person has blocked.
 */
import type { Id } from '../../log/entry.ts';
import type { Group, Step } from './conversation-state.ts';
import { innerTypes } from './inner.ts';
import { createListMap } from './list-map.ts';
import type { Roster } from './roster.ts';
import type { Item } from './timeline.ts';

/** What a conversation is, as far as it is known here. */
export type Setting =
	| { readonly kind: 'everyone' }
	| { readonly kind: 'direct'; readonly other: Id }
	| { readonly kind: 'group'; readonly group: Group };

export interface Shown {
	readonly item: Item;
	/** Member id of the author. */
	readonly author: Id;
	/** Members it was for when it was written; `undefined` in Everyone. */
	readonly audience: ReadonlySet<Id> | undefined;
	/** What it changed in a group. */
	readonly step: Step | undefined;
	/** The member who gave its key to this person, who was not among its readers. */
	readonly sharedBy: Id | undefined;
	/** By somebody this person has blocked. */
	readonly blocked: boolean;
}

/** What is shown follows from these; another object, or another number, where they changed. */
export interface ShowInput {
	readonly setting: Setting;
	/** In order. */
	readonly items: readonly Item[];
	readonly roster: Roster;
	/** Members this person has blocked. */
	readonly blocked: ReadonlySet<Id>;
	/** How often the giver of some message of this thread changed. */
	readonly gifts: number;
}

/** One item, and who is in after it. */
interface Slot {
	readonly shown: Shown | undefined;
	readonly audience: ReadonlySet<Id> | undefined;
}

/**
 * A function from input to what is shown that reuses what it made before.
 *
 * @param giverOf the device that shared a message
 */
export function createShown(giverOf: (id: Id) => Id | undefined): (input: ShowInput) => readonly Shown[] {
	let before: ShowInput | undefined;
	let steps: ReadonlyMap<Id, Step> = new Map();
	let start: ReadonlySet<Id> | undefined;
	let slots: readonly Slot[] | undefined;
	let shown: readonly Shown[] = [];
	const map = createListMap<Item, Slot>(
		(item, last) => slotOf(item, last ? last.audience : start),
		(last) => (last ? last.audience : start),
	);

	function slotOf(item: Item, audience: ReadonlySet<Id> | undefined): Slot {
		const hidden: Slot = { shown: undefined, audience };
		if (!before) return hidden;
		const { setting, roster, blocked } = before;
		const author = roster.memberOf(item.device);
		if (author === undefined) return hidden;
		const isBlocked = author !== roster.self && blocked.has(author);
		if (isBlocked && setting.kind === 'direct') return hidden;
		const step = steps.get(item.id);
		if (step) {
			const isTold = step.change.type !== 'add' || step.added.length > 0;
			return { shown: isTold ? { item, author, audience: step.members, step, sharedBy: undefined, blocked: false } : undefined, audience: step.members };
		}
		const isSaid = item.type === innerTypes.text || item.type === innerTypes.file;
		if (!item.sealed && (!isSaid || item.text === '' || (audience !== undefined && !audience.has(author)))) return hidden;
		const sharedBy = setting.kind === 'group' && !audience?.has(roster.self) ? roster.memberOf(giverOf(item.id) ?? '') : undefined;
		const isHistory = sharedBy !== undefined && setting.kind === 'group' && mayShare(setting.group, sharedBy);
		// An author may give their own words to whom they like; others' only where the group allows it.
		if (sharedBy !== undefined && sharedBy !== author && !isHistory) return hidden;
		return { shown: { item, author, audience, step: undefined, sharedBy: isHistory ? sharedBy : undefined, blocked: isBlocked }, audience };
	}

	return (input) => {
		const { setting, roster, blocked, gifts } = input;
		const anew = before?.setting !== setting || before.roster !== roster || before.blocked !== blocked || before.gifts !== gifts;
		before = input;
		if (anew) {
			steps = new Map(setting.kind === 'group' ? setting.group.steps.map((step) => [step.item.id, step]) : []);
			start = setting.kind === 'direct' ? new Set([roster.self, setting.other]) : setting.kind === 'group' ? audienceBefore(setting.group) : undefined;
		}
		const now = map.of(input.items, anew);
		if (now !== slots) {
			slots = now;
			const list: Shown[] = [];
			for (const slot of now) if (slot.shown) list.push(slot.shown);
			shown = list;
		}
		return shown;
	};
}

/** Who was in before the first change held here, by what that says. */
export function audienceBefore({ steps }: Group): ReadonlySet<Id> {
	const first = steps[0];
	if (first?.change.type !== 'add') return new Set();
	const { members } = first.change;
	return new Set([...first.members].filter((id) => !members.includes(id)));
}

function mayShare(group: Group, giver: Id): boolean {
	return group.sharesHistory && group.steps.some((step) => step.members.has(giver));
}

/** An event without its subject: "created the group", "added Ana and Bo". */
export function eventText(shown: Shown, roster: Roster): string {
	if (shown.item.sealed === 'refused') return 'wrote something that could not be opened';
	const step = shown.step;
	if (!step) return '';
	switch (step.change.type) {
		case 'create':
			return 'created the group';
		case 'add': {
			const added = step.change.members.filter((id) => step.added.includes(id));
			return `added ${names(added.length > 0 ? added : step.added, roster)}`;
		}
		case 'remove':
			return `removed ${names(step.removed, roster)}`;
		case 'leave':
			return 'left';
		case 'title':
			return step.change.title === '' ? 'took the title away' : `named the group “${step.change.title}”`;
	}
}

/** "Ana", "Ana and Bo", "Ana, Bo and 3 others"; oneself last, as "you". */
export function names(members: readonly Id[], roster: Roster): string {
	const others = members.filter((id) => id !== roster.self).map((id) => roster.name(id) || 'somebody');
	others.sort((a, b) => a.localeCompare(b));
	const all = members.includes(roster.self) ? [...others, 'you'] : others;
	const maxNamed = 4;
	const named = all.length > maxNamed ? [...all.slice(0, maxNamed - 1), `${all.length - maxNamed + 1} others`] : all;
	const last = named.at(-1) ?? '';
	return named.length < 2 ? last : `${named.slice(0, -1).join(', ')} and ${last}`;
}

/** Whether anybody may be shown a "new" mark for it: a text somebody else wrote now, and is listened to. */
export function countsAsUnread(shown: Shown, roster: Roster): boolean {
	return shown.step === undefined && shown.item.sealed === undefined && shown.author !== roster.self && shown.sharedBy === undefined && !shown.blocked;
}
