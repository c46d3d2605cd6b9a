/**
 * The acts held, as a graph: each act's parents are its heads and its own `prev` (PROTOCOL.md, 4). An act is *ready* when all its parents are;
 * until then it waits and counts for nothing. Everything a node holds follows from its past alone, so it never changes.
 */
import type { Entry, Id } from '../../log/entry.ts';
import { zeroId } from '../../log/entry.ts';
import { decodeAct, decodeHeads, type Act } from './acts.ts';

/** Kinds from here on are no acts; in the office lane they only link a chain. */
const firstContentKind = 64;

export interface ActNode {
	readonly id: Id;
	readonly entry: Entry;
	/** `undefined` for what is malformed, unknown or no act. */
	readonly act: Act | undefined;
	readonly isAct: boolean;
	/** Place in `nodes`; parents come before. Differs between replicas: never decides anything. */
	readonly index: number;
	/** Length of the longest way back to GENESIS. */
	readonly depth: number;
	/** The newest of its parents: none lies in the past of another. */
	readonly frontier: readonly ActNode[];
	/** All it follows from, as bits by index. */
	readonly past: Uint32Array;
}

export interface ActGraph {
	readonly nodes: readonly ActNode[];
	get(id: Id): ActNode | undefined;
	/** Takes entries in any order; answers those that became ready, parents first. Known ones are ignored. */
	add(entries: Iterable<Entry>): readonly ActNode[];
	/** Ready nodes that are nobody's parent. */
	heads(): readonly ActNode[];
	/** How many wait for a parent. */
	waiting(): number;
}

/** Whether `a` lies in the past of `b`. */
export function isBefore(a: ActNode, b: ActNode): boolean {
	return hasBit(b.past, a.index);
}

export const hasBit = (bits: Uint32Array, index: number): boolean => (((bits[index >>> 5] ?? 0) >>> (index & 31)) & 1) === 1;

/** The nodes and all their pasts. */
export function closureOf(nodes: readonly ActNode[]): Uint32Array {
	const last = nodes.reduce((highest, node) => Math.max(highest, node.index), -1);
	// With no nodes `last` is -1, which `>>>` would take for four thousand million.
	const bits = new Uint32Array((last + 32) >>> 5);
	for (const node of nodes) {
		for (let i = 0; i < node.past.length; i++) bits[i] = (bits[i] ?? 0) | (node.past[i] ?? 0);
		bits[node.index >>> 5] = (bits[node.index >>> 5] ?? 0) | (1 << (node.index & 31));
	}
	return bits;
}

/** Order of causal depth, then id: the same everywhere. */
export const byDepth = (a: ActNode, b: ActNode): number => a.depth - b.depth || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

export function createActGraph(): ActGraph {
	const nodes: ActNode[] = [];
	const ready = new Map<Id, ActNode>();
	const heads = new Set<ActNode>();
	/** By the missing parent: those that wait for it. */
	const waitingFor = new Map<Id, Entry[]>();
	const waiting = new Set<Id>();

	function parentIds(entry: Entry): ReadonlySet<Id> {
		const { kind, prev } = entry.header;
		const ids = new Set(kind < firstContentKind ? decodeHeads(kind, entry.body) : []);
		if (prev !== zeroId) ids.add(prev);
		return ids;
	}

	function makeReady(entry: Entry, parents: readonly ActNode[]): ActNode {
		const isAct = entry.header.kind < firstContentKind;
		const node: ActNode = {
			id: entry.id,
			entry,
			act: isAct ? decodeAct(entry.header.kind, entry.body) : undefined,
			isAct,
			index: nodes.length,
			depth: 1 + parents.reduce((deepest, parent) => Math.max(deepest, parent.depth), -1),
			frontier: parents.filter((parent) => !parents.some((other) => isBefore(parent, other))),
			past: closureOf(parents),
		};
		nodes.push(node);
		ready.set(node.id, node);
		for (const parent of parents) heads.delete(parent);
		heads.add(node);
		return node;
	}

	function addOne(entry: Entry, added: ActNode[]): void {
		const todo = [entry];
		for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
			if (ready.has(next.id)) continue;
			const parents: ActNode[] = [];
			let missing: Id | undefined;
			for (const id of parentIds(next)) {
				const parent = ready.get(id);
				if (parent) parents.push(parent);
				else missing = id;
			}
			if (missing !== undefined) {
				waiting.add(next.id);
				const others = waitingFor.get(missing);
				if (!others) waitingFor.set(missing, [next]);
				else if (!others.includes(next)) others.push(next);
				continue;
			}
			waiting.delete(next.id);
			added.push(makeReady(next, parents));
			todo.push(...(waitingFor.get(next.id) ?? []));
			waitingFor.delete(next.id);
		}
	}

	return {
		nodes,
		get: (id) => ready.get(id),
		add(entries) {
			const added: ActNode[] = [];
			for (const entry of entries) addOne(entry, added);
			return added;
		},
		heads: () => [...heads],
		waiting: () => waiting.size,
	};
}
