/** X25519 (RFC 7748), with the check of its section 6.1: a point of low order, which would fix the secret, is refused (A24). */

import { x25519 } from '@noble/curves/ed25519.js';

/** Length of public keys, secret keys and shared secrets. */
export const kemKeyBytes = 32;

/** Any clamped scalar is a multiple of 8, so it sends exactly the points of low order to zero. */
const probe = new Uint8Array(kemKeyBytes).fill(1);

/** The public half of a 32-byte secret. */
export function kemPublicKey(secret: Uint8Array): Uint8Array {
	return x25519.getPublicKey(secret);
}

/** The shared secret, 32 bytes, to be hashed before use; `undefined` if `theirPublic` is no 32 bytes or of low order. */
export function agree(mySecret: Uint8Array, theirPublic: Uint8Array): Uint8Array | undefined {
	if (theirPublic.length !== kemKeyBytes) return undefined;
	try {
		// noble throws where the product is zero
		return x25519.getSharedSecret(mySecret, theirPublic);
	} catch {
		return undefined;
	}
}

/** Whether a public key from outside may be agreed with: 32 bytes, not of low order. Costs one scalar multiplication. */
export function isKemPublicKey(bytes: Uint8Array): boolean {
	return agree(probe, bytes) !== undefined;
}
