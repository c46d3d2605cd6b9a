/**
 * How a bulk connection is agreed on (PROTOCOL.md, section 11): over the link, which proves who speaks and so whose fingerprint it is. The
 * description is the same fields as a link's; SDP never travels.
 */
import { createWriter, decode } from '../../../crypto/codec.ts';
import { tag } from '../../../crypto/hash.ts';
import { labels } from '../../../crypto/labels.ts';

export const sessionBytes = 16;
export const maxLanes = 4;
const idBytes = 32;
const maxBodyBytes = 8192;
const kinds = ['offer', 'answer', 'candidates'] as const;
const firstKind = 2;
export const nothing: Uint8Array = new Uint8Array(idBytes);

export interface BulkSignal {
	readonly session: Uint8Array;
	/** Which of the pair's connections; several are made where one alone does not fill the path. */
	readonly lane: number;
	readonly kind: (typeof kinds)[number];
	/** Of an answer and of candidates: `offerHash` of the offer; zeros in an offer. */
	readonly re: Uint8Array;
	readonly body: Uint8Array;
}

export function encodeBulkSignal({ session, lane, kind, re, body }: BulkSignal): Uint8Array {
	return createWriter().raw(session).u8(lane).u8(kinds.indexOf(kind) + firstKind).raw(re).lp(body).bytes();
}

export function decodeBulkSignal(bytes: Uint8Array): BulkSignal | undefined {
	return decode(bytes, (r) => {
		const session = r.raw(sessionBytes).slice();
		const lane = r.u8();
		const kind = kinds[r.u8() - firstKind] ?? r.fail();
		if (lane >= maxLanes) r.fail();
		return { session, lane, kind, re: r.raw(idBytes).slice(), body: r.lp(maxBodyBytes).slice() };
	});
}

export const bulkOfferHash = (offer: Uint8Array): Uint8Array => tag(labels.offerHash, offer);
/** What the first frames name: both signals as they went. */
export const bulkDescriptions = (offer: Uint8Array, answer: Uint8Array): Uint8Array => tag(labels.bulkFirst, offer, answer);

export interface BulkFirst {
	readonly protoMin: number;
	readonly protoMax: number;
	readonly from: Uint8Array;
	readonly to: Uint8Array;
	readonly descriptions: Uint8Array;
}

const firstType = 1;

/** With its type: the first message on channel 0. */
export function encodeBulkFirst(first: BulkFirst): Uint8Array<ArrayBuffer> {
	return new Uint8Array(createWriter().u8(firstType).u16(first.protoMin).u16(first.protoMax).raw(first.from).raw(first.to).raw(first.descriptions).bytes());
}

export function decodeBulkFirst(bytes: Uint8Array): BulkFirst | undefined {
	return decode(bytes, (r) => {
		if (r.u8() !== firstType) r.fail();
		return { protoMin: r.u16(), protoMax: r.u16(), from: r.raw(idBytes).slice(), to: r.raw(idBytes).slice(), descriptions: r.raw(idBytes).slice() };
	});
}
