/**
 * Where the chains of those who were taken out end (PROTOCOL.md, 3 and 4): what lies beyond is not taken, not told of and not passed on,
 * whatever its clock says. Acts are an exception, kept and carried whole: a colleague who did not know yet may have followed one, and whether a
 * removal stands may depend on one.
 */
import { type Id, type Lane, lanes, type Entry } from './entry.ts';
import type { VectorRow } from './vector.ts';

/** The last entry of a chain that counts; `seq` -1: none does. */
export interface CutOff {
	readonly seq: number;
	/** Its id, where the cut names it. */
	readonly id: Id | undefined;
}

/** By device and lane. */
export type Cuts = ReadonlyMap<Id, ReadonlyMap<number, CutOff>>;

export const noCuts: Cuts = new Map();

/** Where a chain ends for this replica; `undefined`: nowhere. */
export function endOf(cuts: Cuts, author: Id, lane: Lane): CutOff | undefined {
	return lane === lanes.office ? undefined : cuts.get(author)?.get(lane);
}

/** The part of a run that lies within; nothing of one that ends otherwise than the cut says. */
export function within(end: CutOff | undefined, run: readonly Entry[]): readonly Entry[] {
	if (end === undefined) return run;
	const isOther = end.id !== undefined && run.some((entry) => entry.header.seq === end.seq && entry.id !== end.id);
	return isOther ? [] : run.filter((entry) => entry.header.seq <= end.seq);
}

/** What a vector tells of chains that are cut. */
export function rowsWithin(cuts: Cuts, rows: readonly VectorRow[], at: (author: Id, lane: Lane, seq: number) => Entry | undefined): readonly VectorRow[] {
	return rows.flatMap((row): readonly VectorRow[] => {
		const end = endOf(cuts, row.author, row.lane);
		if (end === undefined || row.head <= end.seq) return [row];
		const last = at(row.author, row.lane, end.seq);
		return last === undefined || end.seq < row.base ? [] : [{ ...row, head: end.seq, id: last.id }];
	});
}
