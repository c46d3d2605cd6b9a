import { ed25519 } from '@noble/curves/ed25519.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, fromHex, hex, utf8 } from '../../../src/crypto/bytes.ts';
import { createWriter } from '../../../src/crypto/codec.ts';
import { createDeviceKeys, decodeCard, encodeCard, isName, memberId, noOffice, sign, verify, verifyStrict } from '../../../src/crypto/identity.ts';
import { labelled, labels } from '../../../src/crypto/labels.ts';
import { systemRandom } from '../../../src/crypto/random.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { smallOrderPoints, speccheck, wycheproof } from '../../vectors/ed25519.ts';
import { lowOrderPoints } from '../../vectors/x25519.ts';

const bytes = (text: string): Uint8Array => fromHex(text)!;
const random = seededRandom(2);
const keys = createDeviceKeys(random);
const officeId = random(32);
const card = { officeId, signPublic: keys.signPublic, kemPublic: keys.kemPublic, name: 'Ada Lovelace' };

/** A card whose fields need not be true, properly signed: what an insider with a changed client can make. */
const forge = (fields: { version?: number; suite?: number; kemPublic?: Uint8Array; name?: Uint8Array; tail?: Uint8Array }): Uint8Array => {
	const body = createWriter()
		.u8(fields.version ?? 1)
		.u8(fields.suite ?? 1)
		.raw(officeId)
		.raw(keys.signPublic)
		.raw(fields.kemPublic ?? keys.kemPublic)
		.lp(fields.name ?? utf8('Eve'))
		.bytes();
	return concat(body, sign(keys.signSecret, labels.card, body), fields.tail ?? new Uint8Array(0));
};

describe('signatures', () => {
	test('verify under their own label, parts joined', () => {
		const signature = sign(keys.signSecret, labels.entry, utf8('ab'), utf8('c'));
		expect(signature).toEqual(ed25519.sign(labelled(labels.entry, utf8('abc')), keys.signSecret));
		expect(verify(keys.signPublic, signature, labels.entry, utf8('abc'))).toBe(true);
	});

	test('A25, A26: mean nothing under another label, nor as bare bytes', () => {
		const signature = sign(keys.signSecret, labels.card, utf8('x'));
		for (const label of Object.values(labels)) {
			expect(verify(keys.signPublic, signature, label, utf8('x')), label).toBe(label === labels.card);
		}
		expect(verifyStrict(keys.signPublic, signature, utf8('x'))).toBe(false);
	});

	test('fail when any byte of signature, key or message changes', () => {
		const message = utf8('pay Bob');
		const signature = sign(keys.signSecret, labels.entry, message);
		const flipped = (from: Uint8Array, at: number): Uint8Array => from.map((byte, i) => (i === at ? byte ^ 1 : byte));
		for (let i = 0; i < 64; i++) expect(verify(keys.signPublic, flipped(signature, i), labels.entry, message)).toBe(false);
		for (let i = 0; i < 32; i++) expect(verify(flipped(keys.signPublic, i), signature, labels.entry, message)).toBe(false);
		for (let i = 0; i < message.length; i++) expect(verify(keys.signPublic, signature, labels.entry, flipped(message, i))).toBe(false);
	});

	test.each(wycheproof)('A53: Wycheproof, $name', ({ publicKey, message, signature, valid }) => {
		expect(verifyStrict(bytes(publicKey), bytes(signature), bytes(message))).toBe(valid);
	});

	test.each(speccheck)('A53: disputed case $name', ({ publicKey, message, signature, valid }) => {
		expect(verifyStrict(bytes(publicKey), bytes(signature), bytes(message))).toBe(valid);
	});

	test('A53: no key of small order signs anything, whatever its encoding', () => {
		for (const publicKey of smallOrderPoints) {
			for (const r of smallOrderPoints) {
				const signature = concat(bytes(r), new Uint8Array(32));
				expect(verifyStrict(bytes(publicKey), signature, utf8('anything')), `${publicKey} ${r}`).toBe(false);
			}
		}
	});

	test('of the wrong length are false, not an exception', () => {
		const signature = sign(keys.signSecret, labels.entry);
		for (const length of [0, 1, 63, 65, 128]) expect(verify(keys.signPublic, new Uint8Array(length), labels.entry)).toBe(false);
		for (const length of [0, 31, 33, 64]) expect(verify(new Uint8Array(length), signature, labels.entry)).toBe(false);
	});
});

describe('device keys', () => {
	test('are independent and fresh', () => {
		const a = createDeviceKeys(systemRandom);
		const b = createDeviceKeys(systemRandom);
		const all = [a, b].flatMap((k) => [k.signSecret, k.signPublic, k.kemSecret, k.kemPublic]).map(hex);
		expect(new Set(all).size).toBe(8);
	});
});

describe('cards', () => {
	test('come back as they were', () => {
		expect(decodeCard(encodeCard(card, keys.signSecret))).toEqual(card);
		const founder = { ...card, officeId: noOffice };
		expect(decodeCard(encodeCard(founder, keys.signSecret))).toEqual(founder);
	});

	test('A06: are refused when any byte is changed, missing or added', () => {
		const encoded = encodeCard(card, keys.signSecret);
		for (let i = 0; i < encoded.length; i++) {
			expect(decodeCard(encoded.map((byte, at) => (at === i ? byte ^ 0x10 : byte))), `byte ${i}`).toBeUndefined();
			expect(decodeCard(encoded.subarray(0, i)), `cut at ${i}`).toBeUndefined();
		}
		expect(decodeCard(concat(encoded, Uint8Array.of(0)))).toBeUndefined();
	});

	test('A23: of another version or suite are refused', () => {
		expect(decodeCard(forge({}))).toBeDefined();
		for (const version of [0, 2, 255]) expect(decodeCard(forge({ version }))).toBeUndefined();
		for (const suite of [0, 2, 255]) expect(decodeCard(forge({ suite }))).toBeUndefined();
	});

	test('A24: with a KEM key of low order are refused', () => {
		for (const point of lowOrderPoints) expect(decodeCard(forge({ kemPublic: bytes(point) })), point).toBeUndefined();
	});

	test('have a name of 1 to 64 bytes', () => {
		expect(decodeCard(forge({ name: utf8('n'.repeat(64)) }))?.name).toHaveLength(64);
		expect(decodeCard(forge({ name: utf8('n'.repeat(65)) }))).toBeUndefined();
		expect(decodeCard(forge({ name: utf8('ü'.repeat(32)) }))?.name).toHaveLength(32);
		expect(decodeCard(forge({ name: utf8('ü'.repeat(33)) }))).toBeUndefined();
		expect(decodeCard(forge({ name: new Uint8Array(0) }))).toBeUndefined();
		expect(() => encodeCard({ ...card, name: '' }, keys.signSecret)).toThrow();
	});

	test.each(['\u0000', 'a\u0007b', 'a\nb', 'a\u0085b', 'a\u2028b', '\u202eadA', 'a\u2066b', '\ufeffa', ' a', 'a ', '\u00a0a', '\t'])(
		'A41: are refused with the name %j',
		(name) => {
			expect(isName(name)).toBe(false);
			expect(decodeCard(forge({ name: utf8(name) }))).toBeUndefined();
		},
	);

	test.each(['Ada', 'José Álvarez', '山田太郎', 'محمد علي', 'नमस्ते', '👩‍💻 Grace', 'می‌خواهم', "O'Brien-Smith"])('take the name %s', (name) => {
		expect(decodeCard(encodeCard({ ...card, name }, keys.signSecret))?.name).toBe(name);
	});

	test('A36: are refused when the name is not UTF-8', () => {
		expect(decodeCard(forge({ name: Uint8Array.of(0xc3, 0x28) }))).toBeUndefined();
		expect(isName('\ud800')).toBe(false);
	});

	test('survive every valid name', () => {
		fc.assert(
			fc.property(fc.string({ minLength: 1, maxLength: 16, unit: 'binary' }), (name) => {
				if (!isName(name)) return;
				expect(decodeCard(encodeCard({ ...card, name }, keys.signSecret))?.name).toBe(name);
			}),
			{ numRuns: 100 },
		);
	});
});

describe('member ids', () => {
	test('differ by office and by device', () => {
		const other = random(32);
		const ids = [memberId(officeId, keys.signPublic), memberId(other, keys.signPublic), memberId(officeId, other)];
		expect(new Set(ids.map(hex)).size).toBe(3);
		expect(ids[0]).toHaveLength(32);
	});
});
