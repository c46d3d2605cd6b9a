/** From a vault's slots, and what a person brings, to its data key. */
import { equal } from '../crypto/bytes.ts';
import { openProfileSlot } from '../crypto/vault-profile.ts';
import { openPasskeySlot, openPassphraseSlot, openRecoverySlot } from '../crypto/vault-wrap.ts';
import type { FailureCode } from './failures.ts';
import type { Key, KeyKind } from './landline.ts';
import type { Passkeys } from './passkeys.ts';
import type { Slots } from './store-slots.ts';

/** Why no data key came of it. `refused`: this key does not open it; whether the slot is damaged cannot be told from that. */
export type Shut =
	| { readonly kind: 'unreadable' }
	/** A key is asked for. */
	| { readonly kind: 'locked'; readonly ways: readonly KeyKind[] }
	| { readonly kind: 'refused'; readonly code: FailureCode };

/** What a person may bring. */
export function waysOf({ passphrase, passkeys, recovery }: Slots): readonly KeyKind[] {
	const ways: KeyKind[] = [];
	if (passphrase) ways.push('passphrase');
	if (passkeys.length > 0) ways.push('passkey');
	if (recovery) ways.push('recovery-code');
	return ways;
}

/** Without a key only "this profile only" opens it. */
export async function openSlots(slots: Slots, key: Key | undefined, passkeys: Passkeys): Promise<Uint8Array | Shut> {
	const dataKey = slots.profile && (await openProfileSlot(slots.profile));
	if (dataKey) return dataKey;
	const ways = waysOf(slots);
	if (ways.length === 0) return { kind: 'unreadable' };
	if (key === undefined) return { kind: 'locked', ways };
	const opened = await openWith(slots, key, passkeys);
	return typeof opened === 'string' ? { kind: 'refused', code: opened } : opened;
}

/** @returns the data key, or why that key does not give it */
export async function openWith({ passphrase, passkeys: known, recovery }: Slots, key: Key, passkeys: Passkeys): Promise<Uint8Array | FailureCode> {
	switch (key.kind) {
		case 'passphrase':
			return (passphrase && (await openPassphraseSlot(passphrase, key.passphrase))) ?? 'wrong-passphrase';
		case 'recovery-code': {
			const opened = recovery && openRecoverySlot(recovery, key.code);
			return opened === 'mistyped' ? 'recovery-code-mistyped' : (opened ?? 'wrong-recovery-code');
		}
		case 'passkey': {
			const answer = await passkeys.get(known);
			if (typeof answer === 'string') return answer;
			// The browser names the passkey; its secret is tried on no other's slot, which was made with another input.
			const slot = known.find(({ credentialId }) => equal(credentialId, answer.credentialId));
			return (slot && openPasskeySlot(slot, answer.secret)) ?? 'wrong-passkey';
		}
	}
}
