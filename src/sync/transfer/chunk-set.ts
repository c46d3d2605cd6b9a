/** Which chunks of a content are there: one bit each, the first chunk in the highest bit of the first byte (PROTOCOL.md, section 11). */

export interface ChunkSet {
	/** Chunks of the content in all. */
	readonly count: number;
	/** How many of them are in the set. */
	readonly held: number;
	readonly whole: boolean;
	has(index: number): boolean;
	/** A copy, as it travels: `ceil(count / 8)` bytes. */
	bytes(): Uint8Array<ArrayBuffer>;
}

export interface MutableChunkSet extends ChunkSet {
	/** Outside the content: nothing happens. */
	add(index: number): void;
	delete(index: number): void;
}

/** Of nothing, of all, or of what the bytes say; bits beyond the content are dropped. */
export function createChunkSet(count: number, from: Uint8Array | 'all' | 'none' = 'none'): MutableChunkSet {
	const bits = new Uint8Array(Math.ceil(count / 8));
	if (from === 'all') bits.fill(255);
	else if (from !== 'none') bits.set(from.subarray(0, bits.length));
	if (count % 8 !== 0) bits[bits.length - 1] = (bits[bits.length - 1] ?? 0) & (255 << (8 - (count % 8)));
	let held = from === 'all' ? count : from === 'none' ? 0 : bits.reduce((sum, byte) => sum + ones(byte), 0);
	const inside = (index: number): boolean => index >= 0 && index < count;
	const has = (index: number): boolean => inside(index) && ((bits[index >> 3] ?? 0) & (128 >> (index & 7))) !== 0;
	return {
		count,
		get held() {
			return held;
		},
		get whole() {
			return held === count;
		},
		has,
		bytes: () => bits.slice(),
		add(index) {
			if (!inside(index) || has(index)) return;
			bits[index >> 3] = (bits[index >> 3] ?? 0) | (128 >> (index & 7));
			held += 1;
		},
		delete(index) {
			if (!has(index)) return;
			bits[index >> 3] = (bits[index >> 3] ?? 0) & ~(128 >> (index & 7));
			held -= 1;
		},
	};
}

function ones(byte: number): number {
	let count = 0;
	for (let rest = byte; rest !== 0; rest &= rest - 1) count += 1;
	return count;
}
