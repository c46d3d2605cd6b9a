/** What this engine says of every disputed signature and key: the same words in every browser, or the log would split (ATTACKS.md, A53). */
import { concat, fromHex, utf8 } from '../../src/crypto/bytes.ts';
import { agree } from '../../src/crypto/agree.ts';
import { verifyStrict } from '../../src/crypto/identity.ts';
import { smallOrderPoints, speccheck, wycheproof } from '../vectors/ed25519.ts';
import { lowOrderPoints } from '../vectors/x25519.ts';

const bytes = (text: string): Uint8Array => fromHex(text) ?? new Uint8Array(0);

const secret = new Uint8Array(32).fill(7);

function verdicts(): readonly (readonly [string, boolean])[] {
	const signed = [...wycheproof, ...speccheck].map(({ name, publicKey, message, signature }) => [name, verifyStrict(bytes(publicKey), bytes(signature), bytes(message))] as const);
	const small = smallOrderPoints.flatMap((key) =>
		smallOrderPoints.map((r) => [`small ${key} ${r}`, verifyStrict(bytes(key), concat(bytes(r), new Uint8Array(32)), utf8('anything'))] as const),
	);
	const low = lowOrderPoints.map((point) => [`low ${point}`, agree(secret, bytes(point)) !== undefined] as const);
	return [...signed, ...small, ...low];
}

Object.assign(globalThis, { verdicts });
