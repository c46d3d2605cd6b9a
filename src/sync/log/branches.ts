/**
 * The other histories of a chain that forked (PROTOCOL.md, section 3). Kept in the office lane alone, so that every replica ends with the same
 * set of acts, whichever history it met first: an act of a colleague may rest on either. No disk, no signatures here.
 */
import { hex } from '../../crypto/bytes.ts';
import { tag } from '../../crypto/hash.ts';
import { labels } from '../../crypto/labels.ts';
import { type Entry, type Id, idToBytes, zeroId } from './entry.ts';

/** A key that signs more histories than this is not waited for: what rests on a further one waits for ever. */
const maxBranches = 8;
/** Of one history, from where it parts. */
const maxBranchEntries = 1024;
const maxBranchBytes = 4 * 1024 * 1024;

/** Linked, and its first entry follows one that is held elsewhere in the chain. */
export type Branch = readonly Entry[];

const follows = ({ header }: Entry, before: Entry | undefined): boolean =>
	before?.header.author === header.author && before.header.lane === header.lane && before.header.seq === header.seq - 1 && before.header.lamport < header.lamport;

const bytesOf = (entries: readonly Entry[]): number => entries.reduce((sum, entry) => sum + entry.headerBytes.length + entry.body.length, 0);

/**
 * The branches after a linked run that the chain itself cannot take, and what of it is new.
 *
 * @param get an entry held
 * @returns `undefined` if the run follows nothing held, or there is no room for it
 */
export function joinBranches(branches: readonly Branch[], run: readonly Entry[], get: (id: Id) => Entry | undefined): { readonly branches: readonly Branch[]; readonly joined: Branch; readonly fresh: readonly Entry[] } | undefined {
	const fresh = run.slice(run.findLastIndex((entry) => get(entry.id) !== undefined) + 1);
	const first = fresh[0];
	if (first === undefined) return { branches, joined: [], fresh };
	if (first.header.prev !== zeroId && !follows(first, get(first.header.prev))) return undefined;
	const grown = branches.find((branch) => branch.at(-1)?.id === first.header.prev);
	if (grown === undefined && branches.length >= maxBranches) return undefined;
	const joined = [...(grown ?? []), ...fresh];
	if (joined.length > maxBranchEntries || bytesOf(joined) > maxBranchBytes) return undefined;
	return { branches: [...branches.filter((branch) => branch !== grown), joined], joined, fresh };
}

/**
 * What stands for a forked chain in vectors: the lowest of its ends, and the hash of all. Who holds fewer histories differs, and who asks from
 * there on meets each of them.
 */
export function rowOf(last: Entry, branches: readonly Branch[]): { readonly head: number; readonly id: Id } {
	const ends = [last, ...branches.map((branch) => branch.at(-1))].filter((entry) => entry !== undefined);
	if (ends.length === 1) return { head: last.header.seq, id: last.id };
	const ids = ends.map((entry) => entry.id).sort();
	return { head: Math.min(...ends.map((entry) => entry.header.seq)), id: hex(tag(labels.heads, ...ids.map(idToBytes))) };
}
