import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hex, utf8 } from '../../../src/crypto/bytes.ts';
import { sign, signPublicKey, verify } from '../../../src/crypto/identity.ts';
import { labels } from '../../../src/crypto/labels.ts';
import { createRecoveryKey, parseRecoveryKey } from '../../../src/crypto/recovery.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const { text, publicKey } = createRecoveryKey(seededRandom(9));

describe('the recovery key', () => {
	test('is printed as 14 groups of 4 of Crockford’s characters', () => {
		expect(text).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}( [0-9A-HJKMNP-TV-Z]{4}){13}$/);
	});

	test('typed back, signs for the public key that stands in genesis', () => {
		const secret = parseRecoveryKey(text)!;
		expect(signPublicKey(secret)).toEqual(publicKey);
		expect(verify(publicKey, sign(secret, labels.recovery, utf8('transfer')), labels.recovery, utf8('transfer'))).toBe(true);
	});

	test('comes back as it was, for any secret', () => {
		fc.assert(
			fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (secret) => {
				expect(parseRecoveryKey(createRecoveryKey(() => secret).text)).toEqual(secret);
			}),
			{ numRuns: 30 },
		);
	});

	test.each([
		['in lower case', text.toLowerCase()],
		['without spaces', text.replaceAll(' ', '')],
		['with hyphens', text.replaceAll(' ', '-')],
		['over several lines', text.replaceAll(' ', '\n\t ')],
		['with O for 0', text.replaceAll('0', 'O')],
		['with o for 0', text.replaceAll('0', 'o')],
		['with I for 1', text.replaceAll('1', 'I')],
		['with l for 1', text.replaceAll('1', 'l')],
	])('is read %s', (_name, typed) => {
		expect(hex(parseRecoveryKey(typed)!)).toBe(hex(parseRecoveryKey(text)!));
	});

	test('is refused with any one character wrong, or two neighbours swapped', () => {
		const compact = text.replaceAll(' ', '');
		for (let i = 0; i < compact.length; i++) {
			const wrong = alphabet.charAt((alphabet.indexOf(compact.charAt(i)) + 1 + (i % 30)) % 32);
			expect(parseRecoveryKey(compact.slice(0, i) + wrong + compact.slice(i + 1)), `character ${i}`).toBeUndefined();
			const swapped = compact.slice(0, i) + compact.charAt(i + 1) + compact.charAt(i) + compact.slice(i + 2);
			if (swapped !== compact && swapped.length === compact.length) expect(parseRecoveryKey(swapped), `swap at ${i}`).toBeUndefined();
		}
	});

	test.each(['', text.slice(0, -1), `${text}0`, text.replace(/^./, 'U'), text.replace(/^./, 'é'), ' '.repeat(300), text.repeat(40)])('is refused: %j', (typed) => {
		expect(parseRecoveryKey(typed)).toBeUndefined();
	});
});
