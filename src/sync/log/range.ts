/**
 * A run of one chain: hash-linked, so that the signature on its last entry vouches for all of it (PROTOCOL.md, sections 3 and 8).
 * `RANGE = n u16 × (lp Header, lp body) / sig 64`.
 */
import { createWriter, decode } from '../../crypto/codec.ts';
import { signatureBytes } from '../../crypto/identity.ts';
import { type Entry, entryFromParts, maxBodyBytes, maxHeaderBytes, type Verify, verifyEntry } from './entry.ts';

/** A range ends at the furthest signed entry within this, else at the first beyond. */
export const rangeBytes = 1024 * 1024;
/** What a message may carry (section 8). */
const maxRangeBytes = 2 * 1024 * 1024;

const sizeOf = (entry: Entry): number => 8 + entry.headerBytes.length + entry.body.length;

/** Whether these are neighbours in one chain, in order. */
export function isLinked(entries: readonly Entry[]): boolean {
	return entries.every((entry, index) => {
		const before = entries[index - 1];
		if (before === undefined) return true;
		const { author, lane, seq, prev, lamport } = entry.header;
		const last = before.header;
		return author === last.author && lane === last.lane && seq === last.seq + 1 && prev === before.id && lamport > last.lamport;
	});
}

/** Whether a linked run ends in its author's signature: one check for all of it. */
export function verifyRange(entries: readonly Entry[], check?: Verify): boolean {
	const last = entries.at(-1);
	return last !== undefined && isLinked(entries) && verifyEntry(last, check);
}

/** The longest prefix of a held run that can travel as one range; empty if none of it is signed within a message. */
export function takeRange(held: readonly Entry[], limitBytes = rangeBytes): readonly Entry[] {
	let size = 0;
	let end = 0;
	for (const [index, entry] of held.entries()) {
		size += sizeOf(entry);
		if (size > maxRangeBytes - signatureBytes || index >= 0xffff) break;
		if (entry.signature !== undefined && (size <= limitBytes || end === 0)) end = index + 1;
		if (size > limitBytes && end > 0) break;
	}
	return held.slice(0, end);
}

/** The bytes of a run whose last entry is signed. */
export function encodeRange(entries: readonly Entry[]): Uint8Array {
	const signature = entries.at(-1)?.signature;
	if (signature === undefined) throw new Error('a range ends at a signed entry');
	const writer = createWriter().u16(entries.length);
	for (const entry of entries) writer.lp(entry.headerBytes).lp(entry.body);
	return writer.raw(signature).bytes();
}

/** The linked run, in memory of its own; `undefined` if malformed, empty or not linked. The signature is not checked yet. */
export function decodeRange(bytes: Uint8Array): readonly Entry[] | undefined {
	if (bytes.length > maxRangeBytes) return undefined;
	const own = bytes.slice();
	const entries = decode(own, (r) => {
		const count = r.u16();
		if (count === 0) r.fail();
		const parts: { header: Uint8Array; body: Uint8Array }[] = [];
		for (let i = 0; i < count; i++) parts.push({ header: r.lp(maxHeaderBytes), body: r.lp(maxBodyBytes) });
		const signature = r.raw(signatureBytes);
		return parts.map((part, index) => entryFromParts(part.header, index === count - 1 ? signature : undefined, part.body) ?? r.fail());
	});
	return entries !== undefined && isLinked(entries) ? entries : undefined;
}
