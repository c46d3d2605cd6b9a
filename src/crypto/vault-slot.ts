/**
 * Slots keep the vault's data key (PROTOCOL.md, section 10). Each wraps the same key in its own way, so a slot may be added or dropped without
 * sealing the records anew. These are the ones that are bytes: `ver 1 | kind u8 | parameters | SEAL(key encryption key, all before it, data
 * key)`. Making and opening them: vault-wrap.ts. The one that is not: vault-profile.ts.
 */
import { createWriter, decode } from './codec.ts';
import { labelled, labels } from './labels.ts';
import { sealOverheadBytes } from './seal.ts';
import { dataKeyBytes } from './vault.ts';

const slotVersion = 1;
const kinds = { passphrase: 2, passkey: 3, recovery: 4 } as const;
export const saltBytes = 16;
export const prfInputBytes = 32;
const sealedDataKeyBytes = dataKeyBytes + sealOverheadBytes;
/** WebAuthn, section 4: a credential id is at most 1,023 bytes. */
export const maxCredentialIdBytes = 1023;

/** Below this a thief's guesses are cheap: an edited slot must not talk us into it (A45). */
export const minScryptLogN = 15;
/** Above this a page dies of it: 1 GiB. */
export const maxScryptLogN = 20;
/** More lanes only cost time; none is ever written. */
const maxScryptP = 4;

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

/** Any of them. */
export type SealedSlot = PassphraseSlot | PasskeySlot | RecoverySlot;

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

/** A slot before the data key is sealed into it. */
export type SlotParameters<S extends SealedSlot> = S extends SealedSlot ? Omit<S, 'sealed'> : never;

function slotHead(slot: SlotParameters<SealedSlot>): Uint8Array {
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

/** What the data key is sealed with. */
export function slotAad(slot: SlotParameters<SealedSlot>): Uint8Array {
	return labelled(labels.vaultSlot, slotHead(slot));
}

/** Within floor and ceiling. */
export function areScryptParameters({ logN, p }: { readonly logN: number; readonly p: number }): boolean {
	return Number.isInteger(logN) && logN >= minScryptLogN && logN <= maxScryptLogN && Number.isInteger(p) && p >= 1 && p <= maxScryptP;
}
