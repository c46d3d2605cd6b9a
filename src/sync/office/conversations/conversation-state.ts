/**
 * What a group is: the fold of its CREATE, ADD, REMOVE, LEAVE and TITLE in order of display (PROTOCOL.md, 9). The creator owns it and
 * removes; members add and name; anyone leaves. What somebody writes who is not entitled counts for nothing.
 *
 * Who was added later cannot read what came before, so an ADD carries the whole state. Whoever holds all it rests on ignores that
 * copy; whoever does not takes it, but lets only the owner take people out by it.
 */
import type { Id } from '../../log/entry.ts';
import { groupId, type GroupState, maxGroupMembers, type StateChange } from './conversation-content.ts';
import type { Item } from './timeline.ts';

/** One change in force, and who is in after it. */
export interface Step {
	readonly item: Item;
	readonly change: StateChange;
	readonly members: ReadonlySet<Id>;
	/** Members this step really brought in. */
	readonly added: readonly Id[];
	/** Members it took out. */
	readonly removed: readonly Id[];
}

export interface Group {
	readonly creator: Id;
	readonly nonce: Uint8Array;
	readonly title: string;
	/** By its CREATE's word alone: who does not hold that does not know. */
	readonly sharesHistory: boolean;
	readonly members: ReadonlySet<Id>;
	/** State entries in force that no other follows, sorted. */
	readonly heads: readonly Id[];
	/** In order of display. */
	readonly steps: readonly Step[];
}

interface Folding {
	creator: Id;
	nonce: Uint8Array;
	title: string;
	sharesHistory: boolean;
	members: Set<Id>;
}

/**
 * @param items the state entries held of this conversation, in order of display
 * @param memberOf whose a device is
 * @returns `undefined` until something held says what the group is
 */
export function foldGroup(conversation: Id, officeId: Id, items: readonly Item[], memberOf: (device: Id) => Id | undefined): Group | undefined {
	let state: Folding | undefined;
	const inForce = new Map<Id, Item>();
	const steps: Step[] = [];

	for (const item of items) {
		const change = item.change;
		const author = memberOf(item.device);
		if (!change || author === undefined) continue;
		const before = state?.members ?? new Set<Id>();
		const after = apply(state, item, change, author);
		if (!after) continue;
		state = after;
		inForce.set(item.id, item);
		const members: ReadonlySet<Id> = new Set(after.members);
		steps.push({ item, change, members, added: [...members].filter((id) => !before.has(id)), removed: [...before].filter((id) => !members.has(id)) });
	}
	return state && { ...state, heads: headsOf(inForce), steps };

	/** The state after it, or `undefined` where it is void. Takes the state before it apart from `state` so that it can replay. */
	function apply(from: Folding | undefined, item: Item, change: StateChange, author: Id): Folding | undefined {
		if (change.type === 'create') {
			if (from || groupId(officeId, item.device, change.nonce) !== conversation) return undefined;
			return { creator: item.device, nonce: change.nonce, title: change.title, sharesHistory: change.sharesHistory, members: new Set([author, ...change.members]) };
		}
		if (change.type === 'add') {
			const known = from !== undefined && change.state.heads.every((id) => inForce.has(id));
			const base = known ? from : adopt(from, item, change.state, author);
			if (!base?.members.has(author)) return undefined;
			const members = new Set([...base.members, ...change.members]);
			return members.size > maxGroupMembers ? undefined : { ...base, members };
		}
		if (!from?.members.has(author)) return undefined;
		switch (change.type) {
			case 'remove': {
				if (author !== memberOf(from.creator)) return undefined;
				return { ...from, members: new Set([...from.members].filter((id) => !change.members.includes(id))) };
			}
			case 'leave':
				return { ...from, members: new Set([...from.members].filter((id) => id !== author)) };
			case 'title':
				return { ...from, title: change.title };
		}
	}

	/** Takes a state told by a member, whose past is not all held. */
	function adopt(from: Folding | undefined, item: Item, told: GroupState, author: Id): Folding | undefined {
		if (groupId(officeId, told.creator, told.nonce) !== conversation) return undefined;
		const base: Folding = { creator: told.creator, nonce: told.nonce, title: told.title, sharesHistory: from?.sharesHistory ?? false, members: new Set(told.members) };
		if (!from) return base;
		if (!from.members.has(author)) return undefined;
		if (author !== memberOf(told.creator)) return { ...base, members: new Set([...from.members, ...told.members]) };
		// The owner's word replaces; what it was told without the knowledge of is applied to it again.
		const past = pastOf(item, inForce);
		let replayed: Folding = base;
		for (const step of steps) {
			const by = memberOf(step.item.device);
			if (past.has(step.item.id) || by === undefined) continue;
			replayed = apply(replayed, step.item, step.change, by) ?? replayed;
		}
		return replayed;
	}
}

/** What a state entry names as its parents: an ADD in the state it carries too. */
function parentsOf(item: Item): readonly Id[] {
	return item.change?.type === 'add' ? [...item.follows, ...item.change.state.heads] : item.follows;
}

function headsOf(items: ReadonlyMap<Id, Item>): readonly Id[] {
	const followed = new Set([...items.values()].flatMap(parentsOf));
	return [...items.keys()].filter((id) => !followed.has(id)).sort();
}

function pastOf(item: Item, held: ReadonlyMap<Id, Item>): ReadonlySet<Id> {
	const past = new Set<Id>();
	const open = [...parentsOf(item)];
	for (let id = open.pop(); id !== undefined; id = open.pop()) {
		const parent = held.get(id);
		if (!parent || past.has(id)) continue;
		past.add(id);
		open.push(...parentsOf(parent));
	}
	return past;
}
