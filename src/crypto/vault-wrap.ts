/**
 * Making and opening the slots behind what a person knows or holds: a passphrase, a passkey, a printed code. All wrap the same data key.
 */
import { utf8 } from './bytes.ts';
import { scrypt } from './offload.ts';
import type { Random } from './random.ts';
import { parseRecoveryKey, recoveryText } from './recovery.ts';
import { open, seal } from './seal.ts';
import { areScryptParameters, maxCredentialIdBytes, type PasskeySlot, type PassphraseSlot, prfInputBytes, type RecoverySlot, saltBytes, slotAad } from './vault-slot.ts';

/** What a new passphrase slot uses: 128 MiB. */
const defaultScryptLogN = 17;
const scryptR = 8;
const secretBytes = 32;

/** A slot behind a passphrase. Takes about a second and 128 MiB of another thread. */
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

/** What to ask a new passkey's PRF for. */
export function createPrfInput(random: Random): Uint8Array {
	return random(prfInputBytes);
}

/** @param secret the PRF's output for `prfInput`, 32 bytes */
export function createPasskeySlot(random: Random, dataKey: Uint8Array, passkey: { readonly credentialId: Uint8Array; readonly prfInput: Uint8Array; readonly secret: Uint8Array }): PasskeySlot {
	const { credentialId, prfInput, secret } = passkey;
	if (secret.length !== secretBytes || credentialId.length > maxCredentialIdBytes) throw new Error('no passkey of WebAuthn has these lengths');
	const slot = { kind: 'passkey', credentialId, prfInput } as const;
	return { ...slot, sealed: seal(random, secret, slotAad(slot), dataKey) };
}

/** The data key; `undefined` for another passkey's secret or a damaged slot. */
export function openPasskeySlot(slot: PasskeySlot, secret: Uint8Array): Uint8Array | undefined {
	return open(secret, slotAad(slot), slot.sealed);
}

/** A slot behind a new code, and the code to print. The code is nowhere else. */
export function createRecoverySlot(random: Random, dataKey: Uint8Array): { readonly slot: RecoverySlot; readonly text: string } {
	const secret = random(secretBytes);
	const slot = { kind: 'recovery' } as const;
	return { slot: { ...slot, sealed: seal(random, secret, slotAad(slot), dataKey) }, text: recoveryText(secret) };
}

/** The data key; `mistyped` if the text is no code at all, `undefined` if it is another code or the slot is damaged. */
export function openRecoverySlot(slot: RecoverySlot, text: string): Uint8Array | 'mistyped' | undefined {
	const secret = parseRecoveryKey(text);
	return secret ? open(secret, slotAad(slot), slot.sealed) : 'mistyped';
}

/** NFKC first: the same passphrase is typed composed on one keyboard and decomposed on another. */
function stretch(passphrase: string, { logN, p, salt }: { readonly logN: number; readonly p: number; readonly salt: Uint8Array }): Promise<Uint8Array> {
	return scrypt({ password: utf8(passphrase.normalize('NFKC')), salt, logN, r: scryptR, p });
}
