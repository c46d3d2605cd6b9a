/**
 * Sealing under a shared key: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03) with a random nonce and a commitment to the
 * key. Poly1305 alone does not commit: a member could craft one ciphertext that opens to two texts under two keys (A31).
 * The commitment is checked before anything is decrypted, and the cipher runs under a key derived apart from it.
 *
 * What a carrier sees is padded first to a few sizes, so that it learns a message's class and not its length (A39).
 */

import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { concat, equal } from './bytes.ts';
import { createWriter, decode } from './codec.ts';
import { derive, tag } from './hash.ts';
import { labels } from './labels.ts';
import type { Random } from './random.ts';

export const commitBytes = 32;
export const nonceBytes = 24;
export const tagBytes = 16;
/** A sealed form is longer than its plaintext by this. */
export const sealOverheadBytes = commitBytes + nonceBytes + tagBytes;
const bucketBytes = [256, 1024, 4096, 16_384, 65_536] as const;
const prefixBytes = 4;
/** The longest content that can be padded. */
export const maxPaddedContentBytes = 65_536 - prefixBytes;

/** Seals under a 32-byte key: `commit 32 | nonce 24 | ciphertext and tag`. `aad` is authenticated, not carried. */
export function seal(random: Random, key: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array {
	const nonce = random(nonceBytes);
	return concat(commitment(key, nonce), nonce, xchacha20poly1305(derive(key, labels.sealKey), nonce, aad).encrypt(plaintext));
}

/** The plaintext; `undefined` if it was sealed under another key or other associated data, or altered. */
export function open(key: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
	if (sealed.length < sealOverheadBytes) return undefined;
	const nonce = sealed.subarray(commitBytes, commitBytes + nonceBytes);
	if (!equal(sealed.subarray(0, commitBytes), commitment(key, nonce))) return undefined;
	try {
		return xchacha20poly1305(derive(key, labels.sealKey), nonce, aad).decrypt(sealed.subarray(commitBytes + nonceBytes));
	} catch {
		return undefined;
	}
}

/** `bytes` in the smallest bucket that holds them; `undefined` if they are longer than `maxPaddedContentBytes`. */
export function pad(bytes: Uint8Array): Uint8Array | undefined {
	const size = bucketFor(bytes.length);
	return size === undefined ? undefined : createWriter().lp(bytes).raw(new Uint8Array(size - prefixBytes - bytes.length)).bytes();
}

/** What `pad` was given; `undefined` if the size is not exactly the right bucket or the fill is not all zeros. */
export function unpad(padded: Uint8Array): Uint8Array | undefined {
	return decode(padded, (r) => {
		const content = r.lp(maxPaddedContentBytes);
		if (bucketFor(content.length) !== padded.length || r.raw(r.remaining()).some((byte) => byte !== 0)) r.fail();
		return content;
	});
}

function bucketFor(contentBytes: number): number | undefined {
	return bucketBytes.find((size) => contentBytes + prefixBytes <= size);
}

function commitment(key: Uint8Array, nonce: Uint8Array): Uint8Array {
	return tag(labels.sealCommit, key, nonce);
}
