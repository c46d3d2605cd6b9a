import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { base64url, compare, concat, equal, fromBase64url, fromHex, fromUtf8, hex, utf8 } from '../../../src/crypto/bytes.ts';
import { systemRandom } from '../../../src/crypto/random.ts';

const anyBytes = fc.uint8Array({ maxLength: 300 });

describe('hex', () => {
	test('comes back as it was', () => {
		fc.assert(fc.property(anyBytes, (bytes) => equal(fromHex(hex(bytes))!, bytes)));
	});

	test.each(['0', 'abc', 'AB', 'zz', ' ab', 'ab ', '0x', 'ａｂ', 'ab\n'])('refuses %j', (text) => {
		expect(fromHex(text)).toBeUndefined();
	});
});

describe('base64url', () => {
	test.each([
		['', ''],
		['f', 'Zg'],
		['fo', 'Zm8'],
		['foo', 'Zm9v'],
		['foob', 'Zm9vYg'],
		['fooba', 'Zm9vYmE'],
		['foobar', 'Zm9vYmFy'],
	])('RFC 4648, section 10, without padding: %j', (text, encoded) => {
		expect(base64url(utf8(text))).toBe(encoded);
		expect(fromBase64url(encoded)).toEqual(utf8(text));
	});

	test('comes back as it was', () => {
		fc.assert(fc.property(anyBytes, (bytes) => equal(fromBase64url(base64url(bytes))!, bytes)));
		const long = systemRandom(60_000);
		expect(fromBase64url(base64url(long))).toEqual(long);
		expect(base64url(Uint8Array.of(251, 255))).toBe('-_8');
	});

	test.each(['Zg==', 'Z', 'Zm9vY', 'Zh', 'Zm9', 'a+b/', 'Zm 9v', 'Zm9v\n', 'Zmé9'])('refuses %j', (text) => {
		expect(fromBase64url(text)).toBeUndefined();
	});

	test('gives every value exactly one text', () => {
		fc.assert(
			fc.property(fc.string({ maxLength: 12, unit: fc.constantFrom('A', 'Z', 'a', 'z', '0', '9', '-', '_', '+', '/', '=', ' ') }), (text) => {
				const bytes = fromBase64url(text);
				if (bytes) expect(base64url(bytes)).toBe(text);
			}),
		);
	});
});

describe('UTF-8', () => {
	test('comes back as it was, a byte order mark included', () => {
		fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => fromUtf8(utf8(text)) === text));
		expect(fromUtf8(utf8('\ufeffa'))).toBe('\ufeffa');
	});

	test.each([[[0x80]], [[0xc3, 0x28]], [[0xc0, 0xaf]], [[0xed, 0xa0, 0x80]], [[0xf4, 0x90, 0x80, 0x80]], [[0xe2, 0x82]], [[0xff]]])('refuses %j', (malformed) => {
		expect(fromUtf8(Uint8Array.from(malformed))).toBeUndefined();
	});
});

describe('comparing', () => {
	test('equal is equality', () => {
		fc.assert(
			fc.property(anyBytes, anyBytes, (a, b) => {
				expect(equal(a, b)).toBe(hex(a) === hex(b));
				expect(equal(a, a.slice())).toBe(true);
			}),
		);
		expect(equal(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false);
	});

	test('compare orders as hex does', () => {
		fc.assert(
			fc.property(anyBytes, anyBytes, (a, b) => {
				const expected = hex(a) < hex(b) ? -1 : hex(a) > hex(b) ? 1 : 0;
				expect(Math.sign(compare(a, b))).toBe(expected);
			}),
		);
		expect(compare(Uint8Array.of(1), Uint8Array.of(1, 0))).toBeLessThan(0);
	});

	test('concat joins into a new array', () => {
		const part = Uint8Array.of(1, 2);
		const joined = concat(part, new Uint8Array(0), part.subarray(1));
		expect(joined).toEqual(Uint8Array.of(1, 2, 2));
		part[0] = 9;
		expect(joined[0]).toBe(1);
	});
});
