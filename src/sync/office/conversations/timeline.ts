/**
 * The messages of one conversation in causal order: by (lamport, author, seq), and never before one they follow, as far as that is held.
 * The order is a pure function of the set, whatever order it arrived in.
 */
import type { Id, Lane } from '../../log/entry.ts';
import type { StateChange } from './conversation-content.ts';
import type { FileMessage } from './file-message.ts';
import type { DocumentsContent } from './document-content.ts';
import { innerTypes, maxFollows } from './inner.ts';

export interface Item {
	readonly id: Id;
	/** The author's device. */
	readonly device: Id;
	readonly lane: Lane;
	readonly seq: number;
	readonly lamport: number;
	readonly wallMs: number;
	/** As in the inner; 0 for what could not be opened. */
	readonly type: number;
	readonly follows: readonly Id[];
	/** Of a text, or the name of a file; else empty. */
	readonly text: string;
	/** What a file's message tells of it. */
	readonly file?: FileMessage | undefined;
	readonly change: StateChange | undefined;
	/** What it tells of the conversation's live documents, and for which epoch. */
	readonly documents?: { readonly epoch: Id; readonly content: DocumentsContent } | undefined;
	/** Why there is no text to show, where it is to be told. */
	readonly sealed: 'locked' | 'refused' | undefined;
}

export interface Timeline {
	/** Each id once; a second time is nothing. */
	add(item: Item): void;
	remove(id: Id): void;
	get(id: Id): Item | undefined;
	ordered(): readonly Item[];
	/** Those that no held one follows: what a new message names as followed, newest first. */
	heads(): readonly Id[];
}

interface Node {
	readonly item: Item;
	/** Its lamport, or more if it follows one that stands higher: only a faulty or hostile author's does. */
	rank: number;
}

export function createTimeline(): Timeline {
	const nodes = new Map<Id, Node>();
	/** Who follows an id, held or not. */
	const followers = new Map<Id, Node[]>();
	const heads = new Set<Id>();
	const sorted: Node[] = [];
	let snapshot: readonly Item[] | undefined;

	function rankOf(item: Item): number {
		let rank = item.lamport;
		for (const id of item.follows) rank = Math.max(rank, (nodes.get(id)?.rank ?? 0) + 1);
		return rank;
	}

	/** Where the node stands or belongs. */
	function indexOf(node: Node): number {
		let low = 0;
		let high = sorted.length;
		while (low < high) {
			const middle = (low + high) >>> 1;
			const other = sorted[middle];
			if (other && compareNodes(other, node) < 0) low = middle + 1;
			else high = middle;
		}
		return low;
	}

	/** What follows a node must stand above it. Ids are hashes, so there is no circle. */
	function lift(start: Node): void {
		const changed = [start];
		for (let below = changed.pop(); below; below = changed.pop()) {
			for (const node of followers.get(below.item.id) ?? []) {
				if (node.rank > below.rank) continue;
				sorted.splice(indexOf(node), 1);
				node.rank = below.rank + 1;
				sorted.splice(indexOf(node), 0, node);
				changed.push(node);
			}
		}
	}

	return {
		add(item) {
			if (nodes.has(item.id)) return;
			const node: Node = { item, rank: rankOf(item) };
			nodes.set(item.id, node);
			sorted.splice(indexOf(node), 0, node);
			for (const id of item.follows) {
				const others = followers.get(id);
				if (others) others.push(node);
				else followers.set(id, [node]);
				heads.delete(id);
			}
			if (item.type !== 0 && !followers.has(item.id)) heads.add(item.id);
			lift(node);
			snapshot = undefined;
		},
		remove(id) {
			const node = nodes.get(id);
			// Only what was not opened is ever taken out, and nothing hangs on it.
			if (node?.item.type !== 0) return;
			nodes.delete(id);
			sorted.splice(indexOf(node), 1);
			snapshot = undefined;
		},
		get: (id) => nodes.get(id)?.item,
		ordered: () => (snapshot ??= sorted.map((node) => node.item)),
		heads: () =>
			[...heads]
				.map((id) => nodes.get(id))
				.filter((node) => node !== undefined)
				.sort((a, b) => compareNodes(b, a))
				.slice(0, maxFollows)
				.map((node) => node.item.id),
	};
}

/** Types that change what a group is. */
export function changesState(type: number): boolean {
	return type >= innerTypes.create && type <= innerTypes.title;
}

function compareNodes(a: Node, b: Node): number {
	if (a.rank !== b.rank) return a.rank - b.rank;
	if (a.item.device !== b.item.device) return a.item.device < b.item.device ? -1 : 1;
	return a.item.seq - b.item.seq;
}
