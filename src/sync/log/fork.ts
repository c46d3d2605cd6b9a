/** Two histories under one key (PROTOCOL.md, section 3). `FORK_PROOF = author 32 | lane u8 | seq u64 | Header a lp | sig a 64 | Header b lp | sig b 64`, ids ascending. */
import { createWriter } from '../../crypto/codec.ts';
import { type Entry, type Id, idToBytes, type Lane } from './entry.ts';

export interface Fork {
	readonly author: Id;
	readonly lane: Lane;
	/** The first seq at which the histories are known to differ. */
	readonly seq: number;
	/** The body of a FORK_PROOF; `undefined` where one of the two entries was vouched for only by a later signature. */
	readonly proof: Uint8Array | undefined;
}

/** @param ours the held entry at the seq of `theirs`, if that is where they differ */
export function forkOf(ours: Entry | undefined, theirs: Entry): Fork {
	const { author, lane, seq } = theirs.header;
	const proof = ours?.signature === undefined || theirs.signature === undefined ? undefined : encodeProof(ours, theirs);
	return { author, lane, seq, proof };
}

function encodeProof(ours: Entry, theirs: Entry): Uint8Array {
	const { author, lane, seq } = theirs.header;
	const writer = createWriter().raw(idToBytes(author)).u8(lane).u64(seq);
	for (const entry of ours.id < theirs.id ? [ours, theirs] : [theirs, ours]) writer.lp(entry.headerBytes).raw(entry.signature ?? new Uint8Array());
	return writer.bytes();
}
