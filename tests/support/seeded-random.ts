import type { Random } from '../../src/crypto/random.ts';

/** A repeatable `Random` (mulberry32). For tests alone: its whole future follows from 32 bits. */
export function seededRandom(seed: number): Random {
	let state = seed >>> 0;
	const next = (): number => {
		state = (state + 0x6d2b79f5) >>> 0;
		let x = Math.imul(state ^ (state >>> 15), state | 1);
		x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
		return (x ^ (x >>> 14)) >>> 0;
	};
	return (n) => Uint8Array.from({ length: n }, () => next() & 255);
}

/** An integer in [0, below), from a `Random`. */
export function pick(random: Random, below: number): number {
	return new DataView(random(4).buffer as ArrayBuffer).getUint32(0) % below;
}
