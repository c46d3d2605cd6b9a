/**
 * Slots keep the vault's data key (PROTOCOL.md, section 10). Each wraps the same key in its own way, so a slot may be added
 * or dropped without sealing the records anew.
 *
 * A profile slot holds a `CryptoKey` and rests in IndexedDB as it is. It is no protection from theft: who can run this
 * profile can open it. The others are bytes: `ver 1 | kind u8 | parameters | SEAL(key encryption key, all before it, data key)`.
 */

import { scryptAsync } from '@noble/hashes/scrypt.js';
import { utf8 } from './bytes.ts';
import { createWriter, decode } from './codec.ts';
import { labelled, labels } from './labels.ts';
import { type Random, systemRandom } from './random.ts';
import { open, seal, sealOverheadBytes } from './seal.ts';
import { dataKeyBytes } from './vault.ts';

const slotVersion = 1;
const kinds = { passphrase: 2, passkey: 3, recovery: 4 } as const;
const gcmNonceBytes = 12;
const saltBytes = 16;
const prfInputBytes = 32;
const sealedDataKeyBytes = dataKeyBytes + sealOverheadBytes;
/** WebAuthn, section 4: a credential id is at most 1,023 bytes. */
const maxCredentialIdBytes = 1023;

/** What a new passphrase slot uses: 128 MiB. */
const defaultScryptLogN = 17;
/** Below this a thief's guesses are cheap: an edited slot must not talk us into it (A45). */
export const minScryptLogN = 15;
/** Above this a page dies of it: 1 GiB. */
export const maxScryptLogN = 20;
const scryptR = 8;
/** More lanes only cost time; none is ever written. */
const maxScryptP = 4;

/** "This profile only": AES-GCM under a key that the browser keeps and does not show. */
export interface ProfileSlot {
	readonly kind: 'profile';
	readonly key: CryptoKey;
	readonly nonce: Uint8Array;
	readonly wrapped: Uint8Array;
}

/** Behind something the person knows: scrypt (RFC 7914) with N = 2^logN, r = 8. */
export interface PassphraseSlot {
	readonly kind: 'passphrase';
	readonly logN: number;
	readonly p: number;
	readonly salt: Uint8Array;
	/** `SEAL` of the data key. */
	readonly sealed: Uint8Array;
}

/** Behind a passkey: the key encryption key is the output of WebAuthn's PRF extension for `prfInput`. */
export interface PasskeySlot {
	readonly kind: 'passkey';
	readonly credentialId: Uint8Array;
	readonly prfInput: Uint8Array;
	readonly sealed: Uint8Array;
}

/** Behind a printed code of 32 random bytes, in the text form of recovery.ts. */
export interface RecoverySlot {
	readonly kind: 'recovery';
	readonly sealed: Uint8Array;
}

/** The slots that are bytes, at rest and in an export. */
export type SealedSlot = PassphraseSlot | PasskeySlot | RecoverySlot;

/** A slot that opens in this browser profile and nowhere else. WebCrypto draws its key and nonce, which are used once. */
export async function createProfileSlot(dataKey: Uint8Array): Promise<ProfileSlot> {
	const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
	const nonce = new Uint8Array(systemRandom(gcmNonceBytes));
	const wrapped = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce, additionalData: profileAad() }, key, new Uint8Array(dataKey));
	return { kind: 'profile', key, nonce, wrapped: new Uint8Array(wrapped) };
}

/** The data key; `undefined` if the slot is damaged. */
export async function openProfileSlot(slot: ProfileSlot): Promise<Uint8Array | undefined> {
	try {
		const algorithm = { name: 'AES-GCM', iv: new Uint8Array(slot.nonce), additionalData: profileAad() };
		const dataKey = await crypto.subtle.decrypt(algorithm, slot.key, new Uint8Array(slot.wrapped));
		return dataKey.byteLength === dataKeyBytes ? new Uint8Array(dataKey) : undefined;
	} catch {
		return undefined;
	}
}

/** A slot behind a passphrase. Takes about a second and 128 MiB in the thread that calls it: call it in a worker. */
export async function createPassphraseSlot(random: Random, dataKey: Uint8Array, passphrase: string): Promise<PassphraseSlot> {
	const slot = { kind: 'passphrase', logN: defaultScryptLogN, p: 1, salt: random(saltBytes) } as const;
	const key = await stretch(passphrase, slot);
	return { ...slot, sealed: seal(random, key, slotAad(slot), dataKey) };
}

/** The data key; `undefined` for a wrong passphrase, a damaged slot (the two cannot be told apart), or parameters out of bounds. */
export async function openPassphraseSlot(slot: PassphraseSlot, passphrase: string): Promise<Uint8Array | undefined> {
	if (!areScryptParameters(slot)) return undefined;
	return open(await stretch(passphrase, slot), slotAad(slot), slot.sealed);
}

/** The slot's bytes; see the top of this file. */
export function encodeSlot(slot: SealedSlot): Uint8Array {
	return createWriter().raw(slotHead(slot)).raw(slot.sealed).bytes();
}

/** The slot; `undefined` if malformed or its key derivation would be too weak or too costly. */
export function decodeSlot(bytes: Uint8Array): SealedSlot | undefined {
	return decode(bytes, (r): SealedSlot => {
		if (r.u8() !== slotVersion) r.fail();
		switch (r.u8()) {
			case kinds.passphrase: {
				const parameters = { logN: r.u8(), p: r.u8(), salt: r.raw(saltBytes) };
				if (!areScryptParameters(parameters)) r.fail();
				return { kind: 'passphrase', ...parameters, sealed: r.raw(sealedDataKeyBytes) };
			}
			case kinds.passkey:
				return { kind: 'passkey', credentialId: r.lp(maxCredentialIdBytes), prfInput: r.raw(prfInputBytes), sealed: r.raw(sealedDataKeyBytes) };
			case kinds.recovery:
				return { kind: 'recovery', sealed: r.raw(sealedDataKeyBytes) };
			default:
				return r.fail();
		}
	});
}

type Parameters<S extends SealedSlot> = S extends SealedSlot ? Omit<S, 'sealed'> : never;

function slotHead(slot: Parameters<SealedSlot>): Uint8Array {
	const head = createWriter().u8(slotVersion).u8(kinds[slot.kind]);
	switch (slot.kind) {
		case 'passphrase':
			return head.u8(slot.logN).u8(slot.p).raw(slot.salt).bytes();
		case 'passkey':
			return head.lp(slot.credentialId).raw(slot.prfInput).bytes();
		case 'recovery':
			return head.bytes();
	}
}

function slotAad(slot: Parameters<SealedSlot>): Uint8Array {
	return labelled(labels.vaultSlot, slotHead(slot));
}

function profileAad(): Uint8Array<ArrayBuffer> {
	return new Uint8Array(labelled(labels.vaultSlot, Uint8Array.of(slotVersion, 1)));
}

function areScryptParameters({ logN, p }: { readonly logN: number; readonly p: number }): boolean {
	return Number.isInteger(logN) && logN >= minScryptLogN && logN <= maxScryptLogN && Number.isInteger(p) && p >= 1 && p <= maxScryptP;
}

/** NFKC first: the same passphrase is typed composed on one keyboard and decomposed on another. */
function stretch(passphrase: string, { logN, p, salt }: { readonly logN: number; readonly p: number; readonly salt: Uint8Array }): Promise<Uint8Array> {
	const n = 2 ** logN;
	const maxmem = 128 * scryptR * (n + p) + 1024 ** 2;
	return scryptAsync(utf8(passphrase.normalize('NFKC')), salt, { N: n, r: scryptR, p, dkLen: 32, maxmem });
}
