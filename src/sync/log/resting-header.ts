/**
 * A header read back from this device's own vault. It was decoded strictly before it was sealed, so only what chains are built by is read at
 * once; the rest of it, of which most entries are never asked, waits in the bytes.
 */
import { hex } from '../../crypto/bytes.ts';
import { type Header, headerFieldsAt, type Id, idBytes, type Lane, latestMs } from './entry.ts';

const { kindAt, laneAt, officeAt, authorAt, seqAt, prevAt, lamportAt, wallAt, countAt, refsAt, tailBytes } = headerFieldsAt;

export class RestingHeader implements Header {
	readonly kind: number;
	readonly lane: Lane;
	readonly officeId: Id;
	readonly author: Id;
	readonly seq: number;
	readonly prev: Id;
	readonly lamport: number;
	readonly bodyLength: number;
	readonly #bytes: Uint8Array;

	constructor(bytes: Uint8Array, view: DataView, lane: Lane, before: RestingHeader | undefined) {
		const idAt = (at: number): Id => hex(bytes.subarray(at, at + idBytes));
		this.#bytes = bytes;
		this.kind = bytes[kindAt] ?? 0;
		this.lane = lane;
		this.seq = readU64(view, seqAt);
		this.prev = idAt(prevAt);
		this.lamport = readU64(view, lamportAt);
		this.bodyLength = view.getUint32(bytes.length - tailBytes);
		// A segment is of one chain: its first entry's texts serve for all, except GENESIS's office.
		this.author = before?.author ?? idAt(authorAt);
		this.officeId = before === undefined || before.seq === 0 ? idAt(officeAt) : before.officeId;
	}

	get wallMs(): number {
		return Math.min(readU64(new DataView(this.#bytes.buffer, this.#bytes.byteOffset), wallAt), latestMs);
	}

	get refs(): readonly Id[] {
		return Array.from({ length: this.#bytes[countAt] ?? 0 }, (_, index) => hex(this.#bytes.subarray(refsAt + index * idBytes, refsAt + (index + 1) * idBytes)));
	}

	get bodyHash(): Id {
		return hex(this.#bytes.subarray(this.#bytes.length - idBytes));
	}
}

/** @param before the header before it, of the same chain; the answer is `undefined` where the bytes are no header */
export function readRestingHeader(bytes: Uint8Array, before?: RestingHeader): RestingHeader | undefined {
	const lane = bytes[laneAt];
	if (bytes.length !== refsAt + (bytes[countAt] ?? 0) * idBytes + tailBytes) return undefined;
	if (lane !== 0 && lane !== 1 && lane !== 2) return undefined;
	return new RestingHeader(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), lane, before);
}

function readU64(view: DataView, at: number): number {
	return view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4);
}
