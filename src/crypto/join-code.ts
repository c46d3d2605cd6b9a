/**
 * The 16 digits that a newcomer and the manager who lets them in compare by eye (PROTOCOL-BRIEF, Invite; A63). scrypt
 * (RFC 7914) makes searching for a card with the same digits cost 32 MiB and a tenth of a second per try.
 */
import { hex } from './bytes.ts';
import { labelled, labels } from './labels.ts';
import { scrypt } from './offload.ts';

const scryptLogN = 15;
const scryptR = 8;
const scryptP = 1;
const digits = 16;

/**
 * `scrypt(labelled("code", officeId, card), salt = officeId, N = 2^15, r = 8, p = 1, 32 bytes) mod 10^16`, written like
 * "4829 1304 7716 2085". Worked out in a thread of its own.
 *
 * @param cardBytes the encoded card, as it stands in the JOIN
 */
export async function joinCode(officeId: Uint8Array, cardBytes: Uint8Array): Promise<string> {
	const input = labelled(labels.code, officeId, cardBytes);
	const output = await scrypt({ password: input, salt: officeId, logN: scryptLogN, r: scryptR, p: scryptP });
	const number = BigInt(`0x${hex(output)}`) % 10n ** BigInt(digits);
	return number.toString().padStart(digits, '0').replace(/(\d{4})(?=\d)/g, '$1 ');
}
