/**
 * The byte forms all of PROTOCOL.md is written in: big-endian integers, raw bytes of known length, and
 * `lp(x) = u32 length ‖ x`. Writing trusts its caller; reading trusts nothing: lengths are checked before anything is
 * taken, bad UTF-8 and trailing bytes are refused.
 */

import { fromUtf8, utf8 } from './bytes.ts';

/** Appends fields in order. Every method returns the writer; a number outside its field is a broken invariant and throws. */
export interface Writer {
	readonly u8: (value: number) => Writer;
	readonly u16: (value: number) => Writer;
	readonly u32: (value: number) => Writer;
	readonly u64: (value: bigint | number) => Writer;
	/** The bytes as they are: for fields whose length the reader knows. */
	readonly raw: (value: Uint8Array) => Writer;
	/** Length-prefixed bytes. */
	readonly lp: (value: Uint8Array) => Writer;
	/** Length-prefixed UTF-8. */
	readonly text: (value: string) => Writer;
	/** Everything written so far, in a new array. */
	readonly bytes: () => Uint8Array;
}

/**
 * Takes fields in order. Byte fields are subarrays of what was given, not copies: copy what you keep beyond the frame,
 * and never write into them. Any failure ends the surrounding `decode`.
 */
export interface Reader {
	readonly u8: () => number;
	readonly u16: () => number;
	readonly u32: () => number;
	/** Fails above 2^53 - 1. */
	readonly u64: () => number;
	readonly raw: (length: number) => Uint8Array;
	/** Length-prefixed bytes; fails if there are more than `maxBytes`. */
	readonly lp: (maxBytes: number) => Uint8Array;
	/** Length-prefixed UTF-8; fails if malformed or more than `maxBytes`. */
	readonly text: (maxBytes: number) => string;
	/** How many bytes are left. */
	readonly remaining: () => number;
	/** Refuses the input, for a rule the codec cannot know (an unknown enum, a field out of range). */
	readonly fail: () => never;
}

/** Room for a header without growing. */
const firstBufferBytes = 256;
/** The one failure of a reader; made once, because a flood of bad frames must not pay for stack traces. */
const badBytes = new Error('bad bytes (never escapes decode)');

/** Begins an encoding. */
export function createWriter(): Writer {
	let buffer = new Uint8Array(firstBufferBytes);
	let length = 0;
	/** Makes room and returns where it begins; doubling, so that a frame of many fields costs no more than its bytes. */
	const grow = (by: number): number => {
		const start = length;
		length += by;
		if (length > buffer.length) {
			const larger = new Uint8Array(Math.max(length, buffer.length * 2));
			larger.set(buffer);
			buffer = larger;
		}
		return start;
	};
	const integer = (width: 1 | 2 | 4, value: number): Writer => {
		if (!Number.isInteger(value) || value < 0 || value >= 2 ** (width * 8)) throw new Error(`${value} does not fit ${width} bytes`);
		const start = grow(width);
		for (let i = 0; i < width; i++) buffer[start + i] = value >>> ((width - 1 - i) * 8);
		return writer;
	};
	const raw = (value: Uint8Array): Writer => {
		// Growing may replace the buffer, so it comes first.
		const start = grow(value.length);
		buffer.set(value, start);
		return writer;
	};
	const lp = (value: Uint8Array): Writer => integer(4, value.length).raw(value);
	const writer: Writer = {
		u8: (value) => integer(1, value),
		u16: (value) => integer(2, value),
		u32: (value) => integer(4, value),
		u64: (value) => {
			const field = BigInt(value);
			return integer(4, Number(field >> 32n)).u32(Number(field & 0xffff_ffffn));
		},
		raw,
		lp,
		text: (value) => lp(utf8(value)),
		bytes: () => buffer.slice(0, length),
	};
	return writer;
}

/**
 * Reads one whole value out of outside bytes.
 *
 * @returns what `read` returned, or `undefined` if a field was cut short, over its cap, malformed or refused, or if bytes
 * were left over. Nothing else is caught: an error that is not the reader's is a defect and passes through.
 */
export function decode<T>(bytes: Uint8Array, read: (reader: Reader) => T): T | undefined {
	try {
		const reader = createReader(bytes);
		const value = read(reader);
		return reader.remaining() === 0 ? value : undefined;
	} catch (error) {
		if (error === badBytes) return undefined;
		throw error;
	}
}

function createReader(bytes: Uint8Array): Reader {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	let at = 0;
	const fail = (): never => {
		throw badBytes;
	};
	const take = (length: number): number => {
		// Also refuses a negative or undefined length, should a caller have computed one from outside numbers.
		if (!(length >= 0 && length <= bytes.length - at)) fail();
		const start = at;
		at += length;
		return start;
	};
	const raw = (length: number): Uint8Array => {
		const start = take(length);
		return bytes.subarray(start, start + length);
	};
	const u32 = (): number => view.getUint32(take(4));
	const lp = (maxBytes: number): Uint8Array => {
		const length = u32();
		if (length > maxBytes) fail();
		return raw(length);
	};
	return {
		u8: () => view.getUint8(take(1)),
		u16: () => view.getUint16(take(2)),
		u32,
		u64: () => {
			const value = u32() * 2 ** 32 + u32();
			return value <= Number.MAX_SAFE_INTEGER ? value : fail();
		},
		raw,
		lp,
		text: (maxBytes) => fromUtf8(lp(maxBytes)) ?? fail(),
		remaining: () => bytes.length - at,
		fail,
	};
}
