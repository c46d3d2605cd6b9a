import { scrypt } from '@noble/hashes/scrypt.js';
import { expect, test } from 'vitest';
import { concat, hex, utf8 } from '../../../src/crypto/bytes.ts';
import { joinCode } from '../../../src/crypto/join-code.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const random = seededRandom(5);
const officeId = random(32);
const card = random(180);

test('the code is what PROTOCOL.md says, in four groups', async () => {
	const output = scrypt(concat(utf8('LANDLINE/1/code\0'), officeId, card), officeId, { N: 32_768, r: 8, p: 1, dkLen: 32 });
	const digits = (BigInt(`0x${hex(output)}`) % 10_000_000_000_000_000n).toString().padStart(16, '0');
	const code = await joinCode(officeId, card);
	expect(code).toMatch(/^\d{4} \d{4} \d{4} \d{4}$/);
	expect(code.replaceAll(' ', '')).toBe(digits);
});

test('A63: another card or another office shows other digits', async () => {
	const swapped = card.map((byte, i) => (i === 40 ? byte ^ 1 : byte));
	const codes = await Promise.all([joinCode(officeId, card), joinCode(officeId, swapped), joinCode(random(32), card)]);
	expect(new Set(codes).size).toBe(3);
});
