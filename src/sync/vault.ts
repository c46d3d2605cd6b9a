/**
 * The open vault of one office: what opens it, and the changes to that. Every change is one transaction over the slots (store-slots.ts); the
 * records stay as they are, for all slots wrap the same data key.
 */
import type { Random } from '../crypto/random.ts';
import { createProfileSlot } from '../crypto/vault-profile.ts';
import { createPasskeySlot, createPassphraseSlot, createPrfInput, createRecoverySlot } from '../crypto/vault-wrap.ts';
import { done, fail, type FailureCode, type Result, succeed } from './failures.ts';
import type { KeyKind } from './landline.ts';
import { openWith, waysOf } from './open-slots.ts';
import type { Passkeys } from './passkeys.ts';
import { createCell, derive, type Source } from './source.ts';
import type { SlotChange, Slots } from './store-slots.ts';

/** More are of no use, and a row each is read at every start. */
const maxPasskeys = 8;

/**
 * Every method rejects with a `StoreFailure` when the disk fails. Who finds the screen open must not get a key of their own: `current` is the
 * passphrase, where there is one; where there are passkeys alone, one of them is asked for.
 */
export interface Vault {
	/** Of a person; empty while the profile alone opens it. */
	readonly ways: Source<readonly KeyKind[]>;
	readonly passkeys: Source<number>;
	/** In the place of the one before, and of "this profile only". */
	setPassphrase(passphrase: string, current: string): Promise<Result>;
	/** After the recovery code opened it: the passphrase is forgotten. */
	replacePassphrase(passphrase: string): Promise<Result>;
	removePassphrase(current: string): Promise<Result>;
	addPasskey(current: string): Promise<Result>;
	removePasskeys(current: string): Promise<Result>;
	/** The code, to be shown once. The one before opens nothing any more. */
	makeRecoveryCode(current: string): Promise<Result<string>>;
}

export interface VaultDeps {
	readonly dataKey: Uint8Array;
	readonly slots: Slots;
	readonly random: Random;
	readonly passkeys: Passkeys;
	readonly change: (change: SlotChange) => Promise<Slots>;
}

export function createVault({ dataKey, slots: first, random, passkeys, change }: VaultDeps): Vault {
	const slots = createCell(first);

	async function apply(wish: SlotChange): Promise<Result> {
		slots.set(await change(wish));
		return done;
	}

	/** Why this is not the person whose vault it is; `undefined` if it is, or if the profile alone opens it. */
	async function doubt(current: string): Promise<FailureCode | undefined> {
		const now = slots.get();
		if (now.passphrase === undefined && now.passkeys.length === 0) return undefined;
		const opened = await openWith(now, now.passphrase ? { kind: 'passphrase', passphrase: current } : { kind: 'passkey' }, passkeys);
		return typeof opened === 'string' ? opened : undefined;
	}

	/** Does it for the person whose vault it is. */
	async function forOwner<T>(current: string, work: () => Promise<Result<T>>): Promise<Result<T>> {
		const code = await doubt(current);
		return code === undefined ? work() : fail(code);
	}

	const replacePassphrase = async (passphrase: string): Promise<Result> =>
		passphrase === '' ? fail('passphrase-empty') : apply({ put: [await createPassphraseSlot(random, dataKey, passphrase)], drop: ['profile', 'passphrase'] });

	/** Whoever takes the last key away is left with the profile; a code alone protects nothing. */
	const remove = async (kind: 'passphrase' | 'passkey', isLast: boolean): Promise<Result> =>
		apply(isLast ? { put: [await createProfileSlot(dataKey)], drop: [kind, 'recovery'] } : { drop: [kind] });

	return {
		ways: derive([slots], () => waysOf(slots.get())),
		passkeys: derive([slots], () => slots.get().passkeys.length),
		replacePassphrase,
		setPassphrase: async (passphrase, current) => (passphrase === '' ? fail('passphrase-empty') : forOwner(current, () => replacePassphrase(passphrase))),
		removePassphrase: (current) => forOwner(current, () => remove('passphrase', slots.get().passkeys.length === 0)),
		async addPasskey(current) {
			const known = slots.get().passkeys;
			if (known.length >= maxPasskeys) return fail('too-many');
			return forOwner(current, async () => {
				const prfInput = createPrfInput(random);
				const made = await passkeys.create({ prfInput, known: known.map(({ credentialId }) => credentialId) });
				if (typeof made === 'string') return fail(made);
				return apply({ put: [createPasskeySlot(random, dataKey, { ...made, prfInput })], drop: ['profile'] });
			});
		},
		removePasskeys: (current) => forOwner(current, () => remove('passkey', slots.get().passphrase === undefined)),
		async makeRecoveryCode(current) {
			if (slots.get().profile !== undefined) return fail('not-protected');
			return forOwner(current, async () => {
				const { slot, text } = createRecoverySlot(random, dataKey);
				await apply({ put: [slot] });
				return succeed(text);
			});
		},
	};
}
