import { xchacha20, xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { concat } from '../../src/crypto/bytes.ts';
import type { Random } from '../../src/crypto/random.ts';

/**
 * The invisible salamander (Dodis, Grubbs, Ristenpart, Woodage 2018) for XChaCha20-Poly1305: one ciphertext that opens
 * under two keys, without associated data. Two blocks: the first is free, the second solves for equal tags.
 */
export function salamander(random: Random, keyA: Uint8Array, keyB: Uint8Array, nonce: Uint8Array): Uint8Array {
	const p = 2n ** 130n - 5n;
	const lengths = 2n ** 128n + (32n << 64n);
	const a = oneTimeKey(keyA, nonce);
	const b = oneTimeKey(keyB, nonce);
	for (;;) {
		const first = random(16);
		const known = ({ r, s }: OneTimeKey): bigint => (littleEndian(first) + 2n ** 128n) * r ** 3n + lengths * r + s;
		const x = modulo((known(b) - known(a)) * inverse(modulo(a.r ** 2n - b.r ** 2n, p), p), p) - 2n ** 128n;
		if (x < 0n || x >= 2n ** 128n) continue;
		const polynomial = ({ r }: OneTimeKey): bigint => modulo((littleEndian(first) + 2n ** 128n) * r ** 3n + (x + 2n ** 128n) * r ** 2n + lengths * r, p);
		const tagA = (polynomial(a) + a.s) % 2n ** 128n;
		if (tagA === (polynomial(b) + b.s) % 2n ** 128n) return concat(first, sixteen(x), sixteen(tagA));
	}
}

/** Whether a key opens these bytes when nothing commits to it. */
export function opensWithoutCommitment(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array): boolean {
	try {
		xchacha20poly1305(key, nonce).decrypt(sealed);
		return true;
	} catch {
		return false;
	}
}

interface OneTimeKey {
	readonly r: bigint;
	readonly s: bigint;
}

function oneTimeKey(key: Uint8Array, nonce: Uint8Array): OneTimeKey {
	const block = xchacha20(key, nonce, new Uint8Array(32));
	return { r: littleEndian(block.subarray(0, 16)) & 0x0ffffffc0ffffffc0ffffffc0fffffffn, s: littleEndian(block.subarray(16)) };
}

function littleEndian(bytes: Uint8Array): bigint {
	return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

function sixteen(value: bigint): Uint8Array {
	return Uint8Array.from({ length: 16 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
}

function modulo(value: bigint, p: bigint): bigint {
	return ((value % p) + p) % p;
}

/** By Fermat. */
function inverse(value: bigint, p: bigint): bigint {
	let result = 1n;
	for (let base = value, power = p - 2n; power > 0n; power >>= 1n, base = (base * base) % p) if (power & 1n) result = (result * base) % p;
	return result;
}
