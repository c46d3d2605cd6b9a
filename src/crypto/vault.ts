/**
 * The vault at rest (PROTOCOL.md, section 10): one random data key, a sub-key for each store, and records sealed with their
 * place as associated data, so that rows cannot be swapped (A45). How the data key itself is kept: vault-slot.ts.
 */

import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { concat, utf8 } from './bytes.ts';
import { createWriter } from './codec.ts';
import { derive } from './hash.ts';
import { labelled, labels } from './labels.ts';
import type { Random } from './random.ts';
import { nonceBytes, tagBytes } from './seal.ts';

export const dataKeyBytes = 32;

/** A new vault's data key. */
export function createDataKey(random: Random): Uint8Array {
	return random(dataKeyBytes);
}

/** The key of one store's records. */
export function storeKey(dataKey: Uint8Array, storeName: string): Uint8Array {
	return derive(dataKey, labels.vault, utf8(storeName));
}

/**
 * `nonce 24 | XChaCha20-Poly1305`, bound to store, key and version. The nonce is random, never counted: a write may roll
 * back after a power cut. No key commitment here: the only writer and reader under this key is this profile.
 *
 * @param key of the store, from `storeKey`
 * @param recordKey the row's key; like `storeName` without U+0000
 * @param version a u32 the caller can tell when it reads: the schema's, or one kept elsewhere
 */
export function sealRecord(random: Random, key: Uint8Array, storeName: string, recordKey: string, version: number, plaintext: Uint8Array): Uint8Array {
	const nonce = random(nonceBytes);
	return concat(nonce, xchacha20poly1305(key, nonce, place(storeName, recordKey, version)).encrypt(plaintext));
}

/** The record's plaintext; `undefined` if it was sealed for another store, key or version, or damaged. */
export function openRecord(key: Uint8Array, storeName: string, recordKey: string, version: number, sealed: Uint8Array): Uint8Array | undefined {
	if (sealed.length < nonceBytes + tagBytes) return undefined;
	try {
		const cipher = xchacha20poly1305(key, sealed.subarray(0, nonceBytes), place(storeName, recordKey, version));
		return cipher.decrypt(sealed.subarray(nonceBytes));
	} catch {
		return undefined;
	}
}

function place(storeName: string, recordKey: string, version: number): Uint8Array {
	if (storeName.includes('\0') || recordKey.includes('\0')) throw new Error('a record key with U+0000 would be ambiguous');
	return labelled(labels.vaultRecord, createWriter().raw(utf8(`${storeName}\0${recordKey}\0`)).u32(version).bytes());
}
