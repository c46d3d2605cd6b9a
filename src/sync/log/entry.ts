/**
 * The one format of everything durable: a signed, hash-linked entry in its author's chain (PROTOCOL.md, section 3).
 * An `Entry` in memory is well formed: its header decoded strictly, its kind fits its lane, and its body is the one the header names.
 * Whether its signature holds is another question: `verifyEntry`, or `verifyRange` for a linked run of them.
 */
import { hex } from '../../crypto/bytes.ts';
import { createWriter, decode } from '../../crypto/codec.ts';
import { sha256, tag } from '../../crypto/hash.ts';
import { sign, signatureBytes, verify } from '../../crypto/identity.ts';
import { labels } from '../../crypto/labels.ts';

/** 32 bytes as lowercase hex: how ids stand in memory. */
export type Id = string;

/** What `prev` is at seq 0, and `officeId` in GENESIS. */
export const zeroId: Id = '0'.repeat(64);

export const lanes = { office: 0, open: 1, mail: 2 } as const;
export type Lane = 0 | 1 | 2;

export const kinds = {
	genesis: 0,
	meshRekey: 1,
	invite: 2,
	inviteRevoke: 3,
	admit: 4,
	hold: 5,
	confirm: 6,
	profile: 7,
	policy: 8,
	setRole: 9,
	notice: 10,
	noticeWithdraw: 11,
	roll: 12,
	forkProof: 64,
	base: 65,
	post: 80,
	ack: 81,
	folder: 82,
	keys: 96,
	msg: 97,
	keyreq: 98,
	share: 99,
} as const;

/** 64 KiB of padded content, and its seal. */
export const maxBodyBytes = 66_048;
export const maxRefs = 8;
export const idBytes = 32;

const hexDigits = '0123456789abcdef';
/** The last day of a four-digit year: what an author says beyond it no calendar can show, and formatting it would throw. */
export const latestMs = Date.UTC(9999, 11, 31);
const version = 1;
const suite = 1;
/** Everything before the counter of refs. */
const fixedBytes = 4 + idBytes + idBytes + 8 + idBytes + 8 + 8;
/** What follows the refs: the body's length and hash. */
const tailBytes = 4 + idBytes;
/** Where the fields of a header stand; the tail is counted from its end. */
export const headerFieldsAt = { kindAt: 2, laneAt: 3, officeAt: 4, authorAt: 36, seqAt: 68, prevAt: 76, lamportAt: 108, wallAt: 116, countAt: fixedBytes, refsAt: fixedBytes + 1, tailBytes } as const;
export const maxHeaderBytes = fixedBytes + 1 + maxRefs * idBytes + tailBytes;
export const maxEntryBytes = maxHeaderBytes + signatureBytes + maxBodyBytes;

export interface Header {
	readonly kind: number;
	readonly lane: Lane;
	readonly officeId: Id;
	readonly author: Id;
	readonly seq: number;
	readonly prev: Id;
	readonly lamport: number;
	/** Shown, never ordered by; at most `latestMs`, whatever the header's bytes say. */
	readonly wallMs: number;
	readonly refs: readonly Id[];
	readonly bodyLength: number;
	readonly bodyHash: Id;
}

/** A header before its body exists. */
export type HeaderFields = Omit<Header, 'bodyLength' | 'bodyHash'>;

export interface Entry {
	readonly id: Id;
	readonly header: Header;
	readonly headerBytes: Uint8Array;
	/** Where this replica holds one. In the log it is verified or absent; on an entry just decoded it is a claim. */
	readonly signature: Uint8Array | undefined;
	readonly body: Uint8Array;
}

/** Where an own entry will stand; known before its body is made, because sealing needs it. */
export interface Position {
	readonly seq: number;
	readonly prev: Id;
	readonly lamport: number;
	readonly wallMs: number;
	/** The header up to and with refs: the associated data of a sealed body. */
	readonly prefix: Uint8Array;
	readonly author: Id;
}

/** The bytes of an id; a malformed one is a broken invariant. By hand, because vectors and HEADS are made of hundreds. */
export function idToBytes(id: Id): Uint8Array {
	const bytes = new Uint8Array(idBytes);
	let isHex = id.length === idBytes * 2;
	for (let i = 0; i < idBytes; i++) {
		const high = hexDigits.indexOf(id[i * 2] ?? ' ');
		const low = hexDigits.indexOf(id[i * 2 + 1] ?? ' ');
		isHex &&= high >= 0 && low >= 0;
		bytes[i] = high * 16 + low;
	}
	if (!isHex) throw new Error('not an id');
	return bytes;
}

/** Whether a kind may stand in a lane: acts and FORK_PROOF in the office lane, content in its own, unknown content in either of its two. */
export function kindFitsLane(kind: number, lane: Lane): boolean {
	if (kind === kinds.base) return true;
	if (kind <= kinds.forkProof) return lane === lanes.office;
	if (kind >= 80 && kind <= 84) return lane === lanes.open;
	if (kind >= 96 && kind <= 99) return lane === lanes.mail;
	return lane !== lanes.office;
}

/** The header's bytes up to and with refs, computable before the body exists. */
export function draftPrefix(fields: HeaderFields): Uint8Array {
	const writer = createWriter()
		.u8(version)
		.u8(suite)
		.u8(fields.kind)
		.u8(fields.lane)
		.raw(idToBytes(fields.officeId))
		.raw(idToBytes(fields.author))
		.u64(fields.seq)
		.raw(idToBytes(fields.prev))
		.u64(fields.lamport)
		.u64(fields.wallMs)
		.u8(fields.refs.length);
	for (const ref of fields.refs) writer.raw(idToBytes(ref));
	return writer.bytes();
}

/** The same bytes, taken from a whole header. */
export function headerPrefix(headerBytes: Uint8Array): Uint8Array {
	return headerBytes.subarray(0, headerBytes.length - tailBytes);
}

export function encodeHeader(header: Header): Uint8Array {
	return createWriter().raw(draftPrefix(header)).u32(header.bodyLength).raw(idToBytes(header.bodyHash)).bytes();
}

/** `undefined` for anything this suite does not allow: a kind in the wrong lane, a seq 0 with a prev, a GENESIS elsewhere than first. */
export function decodeHeader(bytes: Uint8Array): Header | undefined {
	return decode(bytes, (r) => {
		if (r.u8() !== version || r.u8() !== suite) r.fail();
		const kind = r.u8();
		const lane = r.u8();
		if (lane !== 0 && lane !== 1 && lane !== 2) return r.fail();
		if (!kindFitsLane(kind, lane)) r.fail();
		const officeId = hex(r.raw(idBytes));
		const author = hex(r.raw(idBytes));
		const seq = r.u64();
		const prev = hex(r.raw(idBytes));
		const lamport = r.u64();
		const wallMs = Math.min(r.u64(), latestMs);
		const count = r.u8();
		if (count > maxRefs) r.fail();
		const refs = Array.from({ length: count }, () => hex(r.raw(idBytes)));
		const bodyLength = r.u32();
		if (bodyLength > maxBodyBytes) r.fail();
		const bodyHash = hex(r.raw(idBytes));
		if ((seq === 0) !== (prev === zeroId) || lamport === 0) r.fail();
		const isGenesis = kind === kinds.genesis;
		if (isGenesis !== (officeId === zeroId) || (isGenesis && seq !== 0)) r.fail();
		return { kind, lane, officeId, author, seq, prev, lamport, wallMs, refs, bodyLength, bodyHash };
	});
}

/** The id of the entry with this header. */
export function entryId(headerBytes: Uint8Array): Id {
	return hex(tag(labels.entry, headerBytes));
}

/** Signs a new entry. A body over the limit or fields the decoder would refuse are a broken invariant: whoever takes the text has to ask first. */
export function createEntry(fields: HeaderFields, body: Uint8Array, signSecret: Uint8Array): Entry {
	if (body.length > maxBodyBytes) throw new Error(`a body of ${body.length} bytes is over the limit`);
	const headerBytes = encodeHeader({ ...fields, bodyLength: body.length, bodyHash: hex(sha256(body)) });
	const header = decodeHeader(headerBytes);
	if (header === undefined) throw new Error('these header fields do not fit together');
	return { id: entryId(headerBytes), header, headerBytes, signature: sign(signSecret, labels.entry, headerBytes), body };
}

/**
 * An entry from its parts; `undefined` unless the header is well formed and names this body.
 *
 * @param trusted the bytes come out of this device's own vault: the body's hash was checked before they were sealed
 */
export function entryFromParts(headerBytes: Uint8Array, signature: Uint8Array | undefined, body: Uint8Array, trusted = false): Entry | undefined {
	const header = decodeHeader(headerBytes);
	if (header?.bodyLength !== body.length) return undefined;
	if (!trusted && hex(sha256(body)) !== header.bodyHash) return undefined;
	return { id: entryId(headerBytes), header, headerBytes, signature, body };
}

/** `Header | sig 64 | body`. Only for an entry whose signature is held. */
export function encodeEntry(entry: Entry): Uint8Array {
	if (entry.signature === undefined) throw new Error('an entry without signature does not travel alone');
	return createWriter().raw(entry.headerBytes).raw(entry.signature).raw(entry.body).bytes();
}

/** The entry, in memory of its own; `undefined` if malformed. Its signature is not checked yet. */
export function decodeEntry(bytes: Uint8Array): Entry | undefined {
	const headerLength = fixedBytes + 1 + (bytes[fixedBytes] ?? 0) * idBytes + tailBytes;
	if (bytes.length < headerLength + signatureBytes || bytes.length > maxEntryBytes) return undefined;
	const own = bytes.slice();
	const bodyAt = headerLength + signatureBytes;
	return entryFromParts(own.subarray(0, headerLength), own.subarray(headerLength, bodyAt), own.subarray(bodyAt));
}

/** What checks a signature: `verify` of src/crypto, or something in front of it (a worker, a memory). */
export type Verify = typeof verify;

/** Whether the entry carries its author's signature: one Ed25519 check, about a millisecond. */
export function verifyEntry(entry: Entry, check: Verify = verify): boolean {
	return entry.signature !== undefined && check(idToBytes(entry.header.author), entry.signature, labels.entry, entry.headerBytes);
}

/** The order of display: (lamport, author, seq). */
export function compareEntries(a: Entry, b: Entry): number {
	if (a.header.lamport !== b.header.lamport) return a.header.lamport - b.header.lamport;
	if (a.header.author !== b.header.author) return a.header.author < b.header.author ? -1 : 1;
	return a.header.lane - b.header.lane || a.header.seq - b.header.seq;
}
