/**
 * Chunks sealed with AES-256-GCM by WebCrypto: an attachment's as they travel, and staged ones as they rest (PROTOCOL.md, section 11). GCM
 * commits to no key; what binds a chunk to its content is its leaf, which is checked before anything is opened.
 */
import { createWriter } from './codec.ts';
import type { Random } from './random.ts';

export const fileKeyBytes = 32;
/** An attachment's sealed chunk is longer than the plain one by this. */
export const chunkTagBytes = 16;
const nonceBytes = 12;
/** A resting chunk is longer by this: its nonce and its tag. */
export const restOverheadBytes = nonceBytes + chunkTagBytes;

/** For use here only; it cannot be taken out again. */
export function importFileKey(key: Uint8Array): Promise<CryptoKey> {
	return crypto.subtle.importKey('raw', key as BufferSource, 'AES-GCM', false, ['encrypt', 'decrypt']);
}

/** Chunk `index` of an attachment of `size` bytes. The nonce is counted: a key is drawn for each message and seals each chunk once. */
export function sealAttachmentChunk(key: CryptoKey, size: number, index: number, plain: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
	return encrypt(key, countedNonce(index), place(size, index), plain);
}

/** `undefined` if it is another's, stood elsewhere, or was altered. */
export function openAttachmentChunk(key: CryptoKey, size: number, index: number, sealed: Uint8Array): Promise<Uint8Array<ArrayBuffer> | undefined> {
	return decrypt(key, countedNonce(index), place(size, index), sealed);
}

/** `nonce 12 | AES-256-GCM`, bound to its place. The nonce is random: a damaged chunk is fetched and written again under the same key. */
export async function sealResting(random: Random, key: CryptoKey, at: number, plain: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
	const nonce = random(nonceBytes);
	const sealed = await encrypt(key, nonce, place(0, at), plain);
	const out = new Uint8Array(nonceBytes + sealed.length);
	out.set(nonce);
	out.set(sealed, nonceBytes);
	return out;
}

/** `undefined` if it was damaged, stood elsewhere, or was sealed under another key. */
export function openResting(key: CryptoKey, at: number, resting: Uint8Array): Promise<Uint8Array<ArrayBuffer> | undefined> {
	if (resting.length < restOverheadBytes) return Promise.resolve(undefined);
	return decrypt(key, resting.subarray(0, nonceBytes), place(0, at), resting.subarray(nonceBytes));
}

const countedNonce = (index: number): Uint8Array => createWriter().u32(0).u64(index).bytes();
const place = (size: number, index: number): Uint8Array => createWriter().u64(size).u64(index).bytes();

async function encrypt(key: CryptoKey, nonce: Uint8Array, aad: Uint8Array, plain: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
	return new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce as BufferSource, additionalData: aad as BufferSource }, key, plain as BufferSource));
}

async function decrypt(key: CryptoKey, nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Promise<Uint8Array<ArrayBuffer> | undefined> {
	try {
		return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv: nonce as BufferSource, additionalData: aad as BufferSource }, key, sealed as BufferSource));
	} catch {
		return undefined;
	}
}
