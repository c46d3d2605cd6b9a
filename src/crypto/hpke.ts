/**
 * HPKE base mode, one message per context (RFC 9180): DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305.
 * Base mode names no sender: authorship is the signature on the entry that carries the result.
 */

import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { expand, extract } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { agree, kemKeyBytes, kemPublicKey } from './agree.ts';
import { concat, utf8 } from './bytes.ts';
import type { Random } from './random.ts';

/** Length of `enc`, the sender's ephemeral public key. */
export const encBytes = kemKeyBytes;
/** A ciphertext is longer than its plaintext by this. */
export const hpkeTagBytes = 16;

const none = new Uint8Array(0);
const version = utf8('HPKE-v1');
const kemSuite = concat(utf8('KEM'), Uint8Array.of(0, 0x20));
const hpkeSuite = concat(utf8('HPKE'), Uint8Array.of(0, 0x20, 0, 0x01, 0, 0x03));
const baseMode = Uint8Array.of(0);

const labeledExtract = (suite: Uint8Array, salt: Uint8Array, label: string, ikm: Uint8Array): Uint8Array =>
	extract(sha256, concat(version, suite, utf8(label), ikm), salt);

const labeledExpand = (suite: Uint8Array, prk: Uint8Array, label: string, info: Uint8Array, length: number): Uint8Array =>
	expand(sha256, prk, concat(Uint8Array.of(length >> 8, length & 255), version, suite, utf8(label), info), length);

/** Sections 4.1 (ExtractAndExpand) and 5.1 (KeySchedule), for sequence number 0. */
function schedule(dh: Uint8Array, enc: Uint8Array, recipientPublic: Uint8Array, info: Uint8Array): { key: Uint8Array; nonce: Uint8Array } {
	const prk = labeledExtract(kemSuite, none, 'eae_prk', dh);
	const sharedSecret = labeledExpand(kemSuite, prk, 'shared_secret', concat(enc, recipientPublic), 32);
	const pskIdHash = labeledExtract(hpkeSuite, none, 'psk_id_hash', none);
	const infoHash = labeledExtract(hpkeSuite, none, 'info_hash', info);
	const context = concat(baseMode, pskIdHash, infoHash);
	const secret = labeledExtract(hpkeSuite, sharedSecret, 'secret', none);
	return {
		key: labeledExpand(hpkeSuite, secret, 'key', context, 32),
		nonce: labeledExpand(hpkeSuite, secret, 'base_nonce', context, 12),
	};
}

/**
 * Seals to a public key. `random(32)` becomes the ephemeral secret.
 *
 * @returns `enc` (32 bytes) and `ct` (plaintext + 16); `undefined` if the recipient's key is of low order (A24), which is
 * the recipient's doing and must not stop a sender with other recipients.
 */
export function hpkeSeal(
	random: Random,
	recipientPublic: Uint8Array,
	info: Uint8Array,
	aad: Uint8Array,
	plaintext: Uint8Array,
): { readonly enc: Uint8Array; readonly ct: Uint8Array } | undefined {
	const ephemeral = random(kemKeyBytes);
	const dh = agree(ephemeral, recipientPublic);
	if (!dh) return undefined;
	const enc = kemPublicKey(ephemeral);
	const { key, nonce } = schedule(dh, enc, recipientPublic, info);
	return { enc, ct: chacha20poly1305(key, nonce, aad).encrypt(plaintext) };
}

/** Opens what was sealed to this key pair; `undefined` if `enc` is of low order or anything does not match. */
export function hpkeOpen(
	recipientSecret: Uint8Array,
	recipientPublic: Uint8Array,
	enc: Uint8Array,
	info: Uint8Array,
	aad: Uint8Array,
	ct: Uint8Array,
): Uint8Array | undefined {
	const dh = agree(recipientSecret, enc);
	if (!dh || ct.length < hpkeTagBytes) return undefined;
	const { key, nonce } = schedule(dh, enc, recipientPublic, info);
	try {
		return chacha20poly1305(key, nonce, aad).decrypt(ct);
	} catch {
		return undefined;
	}
}
