/**
 * Two histories under one key (PROTOCOL.md, section 3).
 * `FORK_PROOF = author 32 | lane u8 | seq u64 | Header a lp | sig a 64 | Header b lp | sig b 64`, ids ascending and different.
 * Whoever reads one checks both signatures: its author may be anybody.
 */
import { hex } from '../../crypto/bytes.ts';
import { createWriter, decode, type Reader } from '../../crypto/codec.ts';
import { signatureBytes, verify } from '../../crypto/identity.ts';
import { labels } from '../../crypto/labels.ts';
import { decodeHeader, type Entry, entryId, type Header, type Id, idBytes, idToBytes, kinds, type Lane, maxHeaderBytes, type Verify } from './entry.ts';
import { readLane } from './vector.ts';

/** A fork as this replica saw it. */
export interface Fork {
	readonly author: Id;
	readonly lane: Lane;
	/** The first seq at which the histories are known to differ. */
	readonly seq: number;
	/** The body of a FORK_PROOF, and the lowest seq at which both histories are known with a signature: a range vouches with its last alone. */
	readonly proof: Uint8Array | undefined;
	readonly provenSeq: number | undefined;
}

/** A header with the signature that it is claimed to bear. */
export interface SignedHeader {
	readonly id: Id;
	readonly header: Header;
	readonly headerBytes: Uint8Array;
	readonly signature: Uint8Array;
}

/** A proof that is well formed. What it claims holds only if `verifyForkProof` says so. */
export interface ForkProof {
	readonly author: Id;
	readonly lane: Lane;
	readonly seq: number;
	/** The one with the smaller id. */
	readonly a: SignedHeader;
	readonly b: SignedHeader;
}

/** The body of a FORK_PROOF of two entries at one place; `undefined` unless both bear a signature of their own. */
export function encodeForkProof(one: Entry, other: Entry): Uint8Array | undefined {
	const { author, lane, seq } = one.header;
	const [a, b] = one.id < other.id ? [one, other] : [other, one];
	if (a.signature === undefined || b.signature === undefined) return undefined;
	const writer = createWriter().raw(idToBytes(author)).u8(lane).u64(seq);
	return writer.lp(a.headerBytes).raw(a.signature).lp(b.headerBytes).raw(b.signature).bytes();
}

/** `undefined` unless it names two different headers of one author, lane, seq and of this office, the smaller id first. The signatures are not checked yet. */
export function decodeForkProof(bytes: Uint8Array, officeId: Id): ForkProof | undefined {
	return decode(bytes.slice(), (r) => {
		const author = hex(r.raw(idBytes));
		const lane = readLane(r);
		const seq = r.u64();
		const [a, b] = [readSigned(r), readSigned(r)];
		for (const { id, header } of [a, b]) {
			// GENESIS names no office: its id is the office's. Another GENESIS of the same key founded another office.
			const office = header.kind === kinds.genesis ? id : header.officeId;
			if (office !== officeId || header.author !== author || header.lane !== lane || header.seq !== seq) r.fail();
		}
		if (a.id >= b.id) r.fail();
		return { author, lane, seq, a, b };
	});
}

function readSigned(r: Reader): SignedHeader {
	const headerBytes = r.lp(maxHeaderBytes);
	const header = decodeHeader(headerBytes) ?? r.fail();
	return { id: entryId(headerBytes), header, headerBytes, signature: r.raw(signatureBytes) };
}

/** Whether its author signed both headers: two Ed25519 checks. */
export function verifyForkProof({ author, a, b }: ForkProof, check: Verify = verify): boolean {
	return [a, b].every(({ headerBytes, signature }) => check(idToBytes(author), signature, labels.entry, headerBytes));
}
