import { describe, expect, test } from 'vitest';
import { agree, isKemPublicKey, kemPublicKey } from '../../../src/crypto/agree.ts';
import { concat, fromHex, hex, utf8 } from '../../../src/crypto/bytes.ts';
import { hpkeOpen, hpkeSeal } from '../../../src/crypto/hpke.ts';
import { systemRandom } from '../../../src/crypto/random.ts';
import { rfc9180A21 as vector } from '../../vectors/hpke.ts';
import { lowOrderPoints } from '../../vectors/x25519.ts';

const bytes = (text: string): Uint8Array => fromHex(text)!;
const info = utf8('info');
const aad = utf8('aad');
const secret = systemRandom(32);
const publicKey = kemPublicKey(secret);

describe('HPKE', () => {
	test('RFC 9180, A.2.1', () => {
		const sealed = hpkeSeal(() => bytes(vector.skEm), bytes(vector.pkRm), bytes(vector.info), bytes(vector.aad), bytes(vector.plaintext))!;
		expect(hex(sealed.enc)).toBe(vector.enc);
		expect(hex(sealed.ct)).toBe(vector.ct);
		expect(hex(kemPublicKey(bytes(vector.skRm)))).toBe(vector.pkRm);
		const opened = hpkeOpen(bytes(vector.skRm), bytes(vector.pkRm), sealed.enc, bytes(vector.info), bytes(vector.aad), sealed.ct);
		expect(hex(opened!)).toBe(vector.plaintext);
	});

	test('opens what it sealed, at any length', () => {
		for (const length of [0, 1, 32, 1000]) {
			const plaintext = systemRandom(length);
			const { enc, ct } = hpkeSeal(systemRandom, publicKey, info, aad, plaintext)!;
			expect(ct).toHaveLength(length + 16);
			expect(hpkeOpen(secret, publicKey, enc, info, aad, ct)).toEqual(plaintext);
		}
	});

	test('draws a fresh ephemeral key each time', () => {
		expect(hpkeSeal(systemRandom, publicKey, info, aad, info)!.enc).not.toEqual(hpkeSeal(systemRandom, publicKey, info, aad, info)!.enc);
	});

	test('is undone by any changed byte, other info, other associated data or another recipient', () => {
		const { enc, ct } = hpkeSeal(systemRandom, publicKey, info, aad, utf8('sixteen bytes ok'))!;
		const flip = (from: Uint8Array, at: number): Uint8Array => from.map((byte, i) => (i === at ? byte ^ 1 : byte));
		for (let i = 0; i < enc.length; i++) expect(hpkeOpen(secret, publicKey, flip(enc, i), info, aad, ct)).toBeUndefined();
		for (let i = 0; i < ct.length; i++) expect(hpkeOpen(secret, publicKey, enc, info, aad, flip(ct, i))).toBeUndefined();
		for (let i = 0; i < ct.length; i++) expect(hpkeOpen(secret, publicKey, enc, info, aad, ct.subarray(0, i))).toBeUndefined();
		expect(hpkeOpen(secret, publicKey, enc, info, aad, concat(ct, Uint8Array.of(0)))).toBeUndefined();
		expect(hpkeOpen(secret, publicKey, enc, aad, aad, ct)).toBeUndefined();
		expect(hpkeOpen(secret, publicKey, enc, info, info, ct)).toBeUndefined();
		const other = systemRandom(32);
		expect(hpkeOpen(other, kemPublicKey(other), enc, info, aad, ct)).toBeUndefined();
	});

	test('A24: takes no point of low order, as recipient or as ephemeral key', () => {
		for (const point of lowOrderPoints) {
			expect(hpkeSeal(systemRandom, bytes(point), info, aad, info), point).toBeUndefined();
			expect(hpkeOpen(secret, publicKey, bytes(point), info, aad, new Uint8Array(48)), point).toBeUndefined();
		}
	});

	test('takes no key of another length', () => {
		for (const length of [0, 31, 33]) {
			expect(hpkeSeal(systemRandom, new Uint8Array(length).fill(9), info, aad, info)).toBeUndefined();
			expect(hpkeOpen(secret, publicKey, new Uint8Array(length).fill(9), info, aad, new Uint8Array(48))).toBeUndefined();
		}
	});
});

describe('agreement', () => {
	test('gives both ends one secret', () => {
		const other = systemRandom(32);
		expect(agree(secret, kemPublicKey(other))).toEqual(agree(other, publicKey));
	});

	test('A24: refuses every point of low order', () => {
		for (const point of lowOrderPoints) {
			expect(agree(secret, bytes(point)), point).toBeUndefined();
			expect(isKemPublicKey(bytes(point)), point).toBe(false);
		}
		expect(isKemPublicKey(publicKey)).toBe(true);
	});
});
