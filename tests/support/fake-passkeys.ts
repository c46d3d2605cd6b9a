/** An authenticator in memory: passkeys whose secret hangs on the credential and the input, and on nothing else. */
import { concat, hex, utf8 } from '../../src/crypto/bytes.ts';
import { sha256 } from '../../src/crypto/hash.ts';
import { systemRandom } from '../../src/crypto/random.ts';
import type { PasskeyFailure, Passkeys } from '../../src/sync/passkeys.ts';

export interface FakePasskeys extends Passkeys {
	/** What the person, or the authenticator, answers from now on instead. */
	mood: PasskeyFailure | undefined;
	/** Ids, hex. */
	readonly made: string[];
}

export function createFakePasskeys(lack: Passkeys['lack'] = ''): FakePasskeys {
	const made: string[] = [];
	const secretOf = (credentialId: Uint8Array, input: Uint8Array): Uint8Array => sha256(utf8('a fake authenticator'), concat(credentialId, input));
	const passkeys: FakePasskeys = {
		lack,
		mood: undefined,
		made,
		create({ prfInput }) {
			if (passkeys.mood) return Promise.resolve(passkeys.mood);
			const credentialId = systemRandom(20);
			made.push(hex(credentialId));
			return Promise.resolve({ credentialId, secret: secretOf(credentialId, prfInput) });
		},
		get(known) {
			const mine = known.find(({ credentialId }) => made.includes(hex(credentialId)));
			return Promise.resolve(passkeys.mood ?? (mine ? { credentialId: mine.credentialId, secret: secretOf(mine.credentialId, mine.prfInput) } : 'passkey-cancelled'));
		},
	};
	return passkeys;
}
