/**
 * The office's recovery key, an Ed25519 seed that is shown once to print (PROTOCOL-BRIEF, Who). It is typed back from paper
 * years later, so its text is Crockford's base32 in groups of four: no I, L, O, U, and a checksum that catches slips.
 */

import { concat, equal } from './bytes.ts';
import { tag } from './hash.ts';
import { signPublicKey } from './identity.ts';
import { labels } from './labels.ts';
import type { Random } from './random.ts';

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const secretBytes = 32;
/** 32 + 3 bytes are 280 bits, 56 characters of 5 bits, without a remainder: every key has exactly one text. */
const checkBytes = 3;
const textChars = ((secretBytes + checkBytes) * 8) / 5;
const groupChars = 4;
/** Twice what is printed leaves room for any spacing. */
const maxTypedChars = 200;

/** The key to print, 14 groups of 4, and the public half that stands in genesis. The secret is nowhere but in the text. */
export function createRecoveryKey(random: Random): { readonly text: string; readonly publicKey: Uint8Array } {
	const secret = random(secretBytes);
	return { text: recoveryText(secret), publicKey: signPublicKey(secret) };
}

/**
 * The 32 secret bytes (for `sign`, where they are an office's) from the typed text; `undefined` if it is not one or the checksum does not match.
 * Case, white space and hyphens do not matter; O reads as 0, I and L as 1.
 */
export function parseRecoveryKey(text: string): Uint8Array | undefined {
	if (text.length > maxTypedChars) return undefined;
	const typed = text.toUpperCase().replace(/[\s-]+/g, '').replaceAll('O', '0').replace(/[IL]/g, '1');
	if (typed.length !== textChars) return undefined;
	let bits = 0n;
	for (const character of typed) {
		const value = alphabet.indexOf(character);
		if (value < 0) return undefined;
		bits = (bits << 5n) | BigInt(value);
	}
	const bytes = new Uint8Array(secretBytes + checkBytes);
	for (let i = bytes.length - 1; i >= 0; i--, bits >>= 8n) bytes[i] = Number(bits & 255n);
	const secret = bytes.slice(0, secretBytes);
	return equal(checksum(secret), bytes.subarray(secretBytes)) ? secret : undefined;
}

/** The text to print of 32 secret bytes: of this key, or of the code that opens a vault. */
export function recoveryText(secret: Uint8Array): string {
	let bits = 0n;
	for (const byte of concat(secret, checksum(secret))) bits = (bits << 8n) | BigInt(byte);
	let text = '';
	for (let i = textChars - 1; i >= 0; i--) {
		text += alphabet.charAt(Number((bits >> BigInt(i * 5)) & 31n));
		if (i > 0 && i % groupChars === 0) text += ' ';
	}
	return text;
}

function checksum(secret: Uint8Array): Uint8Array {
	return tag(labels.recoveryCheck, secret).slice(0, checkBytes);
}
