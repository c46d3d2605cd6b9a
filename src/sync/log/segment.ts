/**
 * How entries rest on disk (PROTOCOL.md, section 10): `n u16 × (flags u8 (1 = signature follows) | lp Header | [sig 64] | lp body)`, up to
 * 64 KiB of one chain in a row. One row an entry is eight times slower (DESIGN.md, D1), so small segments are merged when there are many.
 */
import { createWriter, decode } from '../../crypto/codec.ts';
import { signatureBytes } from '../../crypto/identity.ts';
import type { Segment } from '../store.ts';
import { type Entry, entryId, maxBodyBytes, maxHeaderBytes } from './entry.ts';
import { readRestingHeader, type RestingHeader } from './resting-header.ts';

export const segmentBytes = 64 * 1024;
const signatureFollows = 1;

/** What is known of a segment on disk without reading it. */
export interface SegmentPlace {
	readonly from: number;
	readonly count: number;
	readonly bytes: number;
}

const restingBytes = (entry: Entry): number => 9 + entry.headerBytes.length + (entry.signature === undefined ? 0 : signatureBytes) + entry.body.length;

export function encodeSegment(entries: readonly Entry[]): Uint8Array {
	const writer = createWriter().u16(entries.length);
	for (const { headerBytes, signature, body } of entries) {
		writer.u8(signature === undefined ? 0 : signatureFollows).lp(headerBytes);
		if (signature !== undefined) writer.raw(signature);
		writer.lp(body);
	}
	return writer.bytes();
}

interface Part {
	readonly header: RestingHeader;
	readonly headerBytes: Uint8Array;
	readonly signature: Uint8Array | undefined;
	readonly body: Uint8Array;
}

/** The entries of a segment of our own; `undefined` if it is not one. Neither bodies nor headers are hashed again: the seal vouches for them. */
export function decodeSegment(bytes: Uint8Array): readonly Entry[] | undefined {
	return decode(bytes, (r) => {
		let before: RestingHeader | undefined;
		const parts = Array.from({ length: r.u16() }, (): Part => {
			const flags = r.u8();
			if (flags > signatureFollows) r.fail();
			const headerBytes = r.lp(maxHeaderBytes);
			const header = readRestingHeader(headerBytes, before) ?? r.fail();
			before = header;
			const signature = flags === signatureFollows ? r.raw(signatureBytes) : undefined;
			const body = r.lp(maxBodyBytes);
			if (header.bodyLength !== body.length) r.fail();
			return { header, headerBytes, signature, body };
		});
		return parts.map(({ header, headerBytes, signature, body }, index): Entry => {
			const after = parts[index + 1]?.header;
			// What follows in the chain names it: one hash in each segment.
			const id = after?.seq === header.seq + 1 ? after.prev : entryId(headerBytes);
			return { id, header, headerBytes, signature, body };
		});
	});
}

/** Cuts a run of a chain into segments; an entry larger than a segment has one of its own. */
export function toSegments(entries: readonly Entry[]): readonly { readonly place: SegmentPlace; readonly segment: Segment }[] {
	const groups: Entry[][] = [];
	let size = 0;
	for (const entry of entries) {
		const more = restingBytes(entry);
		const group = groups.at(-1);
		if (group === undefined || size + more > segmentBytes) {
			groups.push([entry]);
			size = 2 + more;
		} else {
			group.push(entry);
			size += more;
		}
	}
	return groups.map((group) => {
		const from = group[0]?.header.seq ?? 0;
		const bytes = encodeSegment(group);
		return { place: { from, count: group.length, bytes: bytes.length }, segment: { from, bytes } };
	});
}
