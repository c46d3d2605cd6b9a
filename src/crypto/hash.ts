/** SHA-256, HMAC (RFC 2104) and HKDF-SHA256 (RFC 5869), always under a label where they derive or identify. */

import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac as nobleHmac } from '@noble/hashes/hmac.js';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { type Label, labelled } from './labels.ts';

const none = new Uint8Array(0);

/** SHA-256 of the parts joined; 32 bytes. For an identity or a commitment use `tag`, which carries a label. */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
	const hash = nobleSha256.create();
	for (const part of parts) hash.update(part);
	return hash.digest();
}

/** HMAC-SHA256 of the parts joined; 32 bytes. */
export function hmac(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
	const mac = nobleHmac.create(nobleSha256, key);
	for (const part of parts) mac.update(part);
	return mac.digest();
}

/**
 * A key derived from a uniformly random `secret`: HKDF-SHA256 with an empty salt and `info = labelled(label, info)`.
 *
 * @returns `length` bytes, 32 unless told.
 */
export function derive(secret: Uint8Array, label: Label, info: Uint8Array = none, length = 32): Uint8Array {
	return hkdf(nobleSha256, secret, undefined, labelled(label, info), length);
}

/** `SHA-256(labelled(label, …parts))`: an id, or a commitment where a part is a random key; 32 bytes. */
export function tag(label: Label, ...parts: readonly Uint8Array[]): Uint8Array {
	return sha256(labelled(label), ...parts);
}
