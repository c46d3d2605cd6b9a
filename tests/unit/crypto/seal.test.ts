import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, equal, utf8 } from '../../../src/crypto/bytes.ts';
import { derive, tag } from '../../../src/crypto/hash.ts';
import { labels } from '../../../src/crypto/labels.ts';
import { systemRandom } from '../../../src/crypto/random.ts';
import { maxPaddedContentBytes, open, pad, seal, sealOverheadBytes, unpad } from '../../../src/crypto/seal.ts';
import { opensWithoutCommitment, salamander } from '../../support/salamander.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const random = seededRandom(3);
const key = random(32);
const aad = utf8('header');

describe('sealing', () => {
	test('opens to what was sealed', () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 500 }), fc.uint8Array({ maxLength: 50 }), (plaintext, data) => {
				const sealed = seal(systemRandom, key, data, plaintext);
				expect(sealed).toHaveLength(plaintext.length + sealOverheadBytes);
				expect(open(key, data, sealed)).toEqual(plaintext);
			}),
			{ numRuns: 50 },
		);
	});

	test('never gives the same bytes twice', () => {
		expect(equal(seal(systemRandom, key, aad, utf8('x')), seal(systemRandom, key, aad, utf8('x')))).toBe(false);
	});

	test('is undone by any changed, missing or added byte', () => {
		const sealed = seal(random, key, aad, utf8('the office closes at noon'));
		for (let i = 0; i < sealed.length; i++) {
			expect(open(key, aad, sealed.map((byte, at) => (at === i ? byte ^ 0x80 : byte))), `byte ${i}`).toBeUndefined();
			expect(open(key, aad, sealed.subarray(0, i)), `cut at ${i}`).toBeUndefined();
		}
		expect(open(key, aad, concat(sealed, Uint8Array.of(0)))).toBeUndefined();
	});

	test('A32: opens only with its own associated data, and under its own key', () => {
		const sealed = seal(random, key, aad, utf8('x'));
		expect(open(key, utf8('headex'), sealed)).toBeUndefined();
		expect(open(key, new Uint8Array(0), sealed)).toBeUndefined();
		expect(open(random(32), aad, sealed)).toBeUndefined();
	});

	test('A31: a ciphertext crafted for two keys opens under the committed one only', () => {
		const keys = [random(32), random(32)] as const;
		const nonce = random(24);
		const inner = keys.map((each) => derive(each, labels.sealKey));
		const ciphertext = salamander(random, inner[0]!, inner[1]!, nonce);
		expect(inner.map((each) => opensWithoutCommitment(each, nonce, ciphertext)), 'the attack works where nothing commits').toEqual([true, true]);
		const none = new Uint8Array(0);
		const sealedFor = (committed: Uint8Array): Uint8Array => concat(tag(labels.sealCommit, committed, nonce), nonce, ciphertext);
		expect(open(keys[0], none, sealedFor(keys[0]))).toBeDefined();
		expect(open(keys[1], none, sealedFor(keys[0]))).toBeUndefined();
		expect(open(keys[0], none, sealedFor(keys[1]))).toBeUndefined();
		expect(open(keys[1], none, sealedFor(keys[1]))).toBeDefined();
	});
});

describe('padding', () => {
	test.each([
		[0, 256],
		[1, 256],
		[252, 256],
		[253, 1024],
		[1020, 1024],
		[1021, 4096],
		[4092, 4096],
		[4093, 16_384],
		[16_380, 16_384],
		[16_381, 65_536],
		[maxPaddedContentBytes, 65_536],
	])('puts %i bytes into %i', (length, size) => {
		const content = systemRandom(length);
		const padded = pad(content);
		expect(padded).toHaveLength(size);
		expect(unpad(padded!)).toEqual(content);
	});

	test('refuses one byte over the limit', () => {
		expect(pad(new Uint8Array(maxPaddedContentBytes + 1))).toBeUndefined();
	});

	test('is exact: no other size, no other fill, no longer length', () => {
		const padded = pad(utf8('hello'))!;
		expect(unpad(concat(padded, new Uint8Array(768))), 'a bucket too large').toBeUndefined();
		expect(unpad(padded.subarray(0, 255))).toBeUndefined();
		expect(unpad(concat(padded, Uint8Array.of(0)))).toBeUndefined();
		for (let at = 9; at < 256; at++) expect(unpad(padded.map((byte, i) => (i === at ? 1 : byte))), `fill ${at}`).toBeUndefined();
		const lying = padded.slice();
		lying.set([0, 0, 0, 253]);
		expect(unpad(lying)).toBeUndefined();
		lying.set([255, 255, 255, 255]);
		expect(unpad(lying)).toBeUndefined();
		expect(unpad(new Uint8Array(0))).toBeUndefined();
		expect(unpad(new Uint8Array(3))).toBeUndefined();
	});
});
