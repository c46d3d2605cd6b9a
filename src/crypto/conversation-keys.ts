/**
 * Keys of conversations (PROTOCOL-BRIEF, Content): a sender key for each epoch, wrapped to every recipient device by HPKE and
 * found by a hint; a key for each message from it by its index. There is no ratchet per message: what it would protect lies
 * decrypted in `kept` on the same device. Authorship is the entry's signature; these keys only confer reading.
 */

import { agree } from './agree.ts';
import { concat } from './bytes.ts';
import { createWriter } from './codec.ts';
import { derive, hmac } from './hash.ts';
import { encBytes, hpkeOpen, hpkeSeal, hpkeTagBytes } from './hpke.ts';
import { labelled, labels } from './labels.ts';
import type { Random } from './random.ts';
import { open, pad, seal, unpad } from './seal.ts';

export const senderKeyBytes = 32;
/** A wrapped sender key: `enc 32 | ct 48`. */
export const wrappedKeyBytes = encBytes + senderKeyBytes + hpkeTagBytes;
export const hintBytes = 8;

/** What a wrapped sender key is bound to, besides the recipient's prekey: its KEYS entry and the recipient device. */
export interface WrapContext {
	readonly officeId: Uint8Array;
	readonly author: Uint8Array;
	readonly seq: number;
	readonly recipient: Uint8Array;
}

/** The key of the message with this index (u32) under a sender key; what is handed on when history is shared. */
export function messageKey(senderKey: Uint8Array, index: number): Uint8Array {
	return derive(senderKey, labels.messageKey, createWriter().u32(index).bytes());
}

/**
 * Pads `inner` and seals it under the message key: `commit 32 | nonce 24 | ct` (see seal.ts). `undefined` if `inner` is
 * longer than `maxPaddedContentBytes`.
 */
export function sealMessage(random: Random, senderKey: Uint8Array, index: number, aad: Uint8Array, inner: Uint8Array): Uint8Array | undefined {
	const padded = pad(inner);
	return padded && seal(random, messageKey(senderKey, index), aad, padded);
}

/** The inner bytes of a message; `undefined` under another key, index or associated data, or if altered or badly padded. */
export function openMessage(senderKey: Uint8Array, index: number, aad: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
	return openMessageWith(messageKey(senderKey, index), aad, sealed);
}

/** As `openMessage`, for who was given this one message's key. */
export function openMessageWith(key: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
	const padded = open(key, aad, sealed);
	return padded && unpad(padded);
}

/** Seals a sender key to one device's prekey: `enc 32 | ct 48`; `undefined` if the prekey is of low order. */
export function wrapSenderKey(random: Random, recipientPrekeyPublic: Uint8Array, context: WrapContext, senderKey: Uint8Array): Uint8Array | undefined {
	const wrapped = hpkeSeal(random, recipientPrekeyPublic, labelled(labels.keysWrap), wrapAad(context, recipientPrekeyPublic), senderKey);
	return wrapped && concat(wrapped.enc, wrapped.ct);
}

/** The sender key; `undefined` if it was wrapped to another prekey or for another place, or altered. */
export function unwrapSenderKey(prekeySecret: Uint8Array, prekeyPublic: Uint8Array, context: WrapContext, wrapped: Uint8Array): Uint8Array | undefined {
	if (wrapped.length !== wrappedKeyBytes) return undefined;
	const enc = wrapped.subarray(0, encBytes);
	return hpkeOpen(prekeySecret, prekeyPublic, enc, labelled(labels.keysWrap), wrapAad(context, prekeyPublic), wrapped.subarray(encBytes));
}

/**
 * The mark by which a recipient finds its copy and nobody else can tell whose it is:
 * `HMAC(HKDF(X25519(card keys)), author ‖ seq)[0..8]`, the same from both ends; `undefined` for a key of low order.
 *
 * @param author the device that writes the KEYS entry, whichever end asks
 */
export function keysHint(myKemSecret: Uint8Array, theirKemPublic: Uint8Array, author: Uint8Array, seq: number): Uint8Array | undefined {
	const key = keysHintKey(myKemSecret, theirKemPublic);
	return key && hintWith(key, author, seq);
}

/** What two devices' hints are made with: worth keeping, because it costs a scalar multiplication and a hint only a hash. */
export function keysHintKey(myKemSecret: Uint8Array, theirKemPublic: Uint8Array): Uint8Array | undefined {
	const shared = agree(myKemSecret, theirKemPublic);
	return shared && derive(shared, labels.keysHint);
}

/** As `keysHint`, with the two devices' key at hand. */
export function hintWith(hintKey: Uint8Array, author: Uint8Array, seq: number): Uint8Array {
	return hmac(hintKey, author, createWriter().u64(seq).bytes()).slice(0, hintBytes);
}

function wrapAad(context: WrapContext, prekeyPublic: Uint8Array): Uint8Array {
	return createWriter().raw(context.officeId).raw(context.author).u64(context.seq).raw(context.recipient).raw(prekeyPublic).bytes();
}
