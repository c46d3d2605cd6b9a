/**
 * What a removal, a LEAVE or a demotion leaves of the chains it cuts (PROTOCOL.md, 4): all that its own past holds, however low its Cut is, and
 * beyond that what leads up to an entry the Cut names. Names decide, not numbers: another history below the cut is another history (A05).
 */
import type { Id, Lane } from '../../log/entry.ts';
import { isBefore, type ActNode } from './act-graph.ts';
import type { Cut } from './acts.ts';
import type { Judged } from './judgement.ts';
import type { CutOff } from './members-state.ts';

/** An act in force that ends chains. */
export interface CutAct {
	readonly judged: Judged;
	/** `undefined` for a LEAVE that does not say where its other lanes end. */
	readonly cut: Cut | undefined;
	/** The entries of the office lane that the Cut names, as far as they are held, by device. */
	readonly named: ReadonlyMap<Id, ActNode>;
}

/** @param find an entry of the office lane, if it is among those that are being resolved */
export function cutAct(judged: Judged, cut: Cut | undefined, find: (id: Id) => ActNode | undefined): CutAct {
	const named = new Map<Id, ActNode>();
	for (const point of cut ?? []) {
		const node = point.lane === 0 ? find(point.id) : undefined;
		if (node?.entry.header.author === point.device) named.set(point.device, node);
	}
	return { judged, cut, named };
}

/** Whether an act of a device that was cut off still counts. */
export function countsUnder({ judged, named }: CutAct, node: ActNode): boolean {
	if (node === judged.node || isBefore(node, judged.node)) return true;
	const last = named.get(node.entry.header.author);
	return last !== undefined && (node === last || isBefore(node, last));
}

/**
 * Where the chain of a removed device in one lane ends: in the office lane the most senior's cut decides, elsewhere the highest. `undefined`: nowhere.
 *
 * @param cuts the most senior's first
 * @param nodes the acts that are being resolved
 */
export function cutOffOf(cuts: readonly CutAct[], device: Id, lane: Lane, nodes: readonly ActNode[]): CutOff | undefined {
	const deciding = lane === 0 ? cuts.slice(0, 1) : cuts;
	if (lane !== 0 && deciding.some(({ cut }) => cut === undefined)) return undefined;
	const points = deciding.flatMap(({ cut }) => (cut ?? []).filter((point) => point.device === device && point.lane === lane));
	const ends = points.map(({ seq, id }): CutOff => ({ seq, id }));
	const first = cuts[0];
	if (lane === 0 && first) {
		for (const node of nodes) {
			const { author, seq } = node.entry.header;
			if (author === device && countsUnder(first, node)) ends.push({ seq, id: node.id });
		}
	}
	// One seq named with two ids: the smaller, the same everywhere.
	return ends.reduce((best, end) => (end.seq > best.seq || (end.seq === best.seq && (end.id ?? '') < (best.id ?? '')) ? end : best), { seq: -1, id: undefined });
}
