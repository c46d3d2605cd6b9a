/** The libraries underneath, in this engine, against published vectors. */
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { ed25519 } from '@noble/curves/ed25519.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { scrypt } from '@noble/hashes/scrypt.js';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { describe, expect, test } from 'vitest';
import { agree } from '../../../src/crypto/agree.ts';
import { fromHex, hex, utf8 } from '../../../src/crypto/bytes.ts';
import { derive, hmac, sha256, tag } from '../../../src/crypto/hash.ts';
import { signPublicKey, verifyStrict } from '../../../src/crypto/identity.ts';
import { labelled, labels } from '../../../src/crypto/labels.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { rfc8032 } from '../../vectors/ed25519.ts';
import * as symmetric from '../../vectors/symmetric.ts';
import { rfc7748 } from '../../vectors/x25519.ts';

const bytes = (text: string): Uint8Array => fromHex(text)!;

describe('published vectors', () => {
	test.each(rfc8032)('Ed25519, RFC 8032 $name', ({ secret, publicKey, message, signature }) => {
		expect(hex(signPublicKey(bytes(secret)))).toBe(publicKey);
		expect(hex(ed25519.sign(bytes(message), bytes(secret)))).toBe(signature);
		expect(verifyStrict(bytes(publicKey), bytes(signature), bytes(message))).toBe(true);
	});

	test.each(rfc7748)('X25519, RFC 7748 $u', ({ scalar, u, out }) => {
		expect(hex(agree(bytes(scalar), bytes(u))!)).toBe(out);
	});

	test.each(symmetric.sha256)('SHA-256, "$text"', ({ text, digest }) => {
		const input = utf8(text);
		expect(hex(sha256(input))).toBe(digest);
		expect(hex(sha256(...Array.from(input, (byte) => Uint8Array.of(byte)))), 'byte by byte').toBe(digest);
	});

	test.each(symmetric.hmac)('HMAC, RFC 4231 "$text"', ({ key, text, mac }) => {
		expect(hex(hmac(bytes(key), utf8(text)))).toBe(mac);
		expect(hex(hmac(bytes(key), utf8(text.slice(0, 3)), utf8(text.slice(3))))).toBe(mac);
	});

	test.each(symmetric.hkdf)('HKDF, RFC 5869 salt "$salt"', ({ ikm, salt, info, okm }) => {
		expect(hex(hkdf(nobleSha256, bytes(ikm), bytes(salt), bytes(info), 42))).toBe(okm);
	});

	test.each(symmetric.scrypt)('scrypt, RFC 7914 "$password"', ({ password, salt, N, r, p, out }) => {
		expect(hex(scrypt(password, salt, { N, r, p, dkLen: 64 }))).toBe(out);
	});

	test('XChaCha20-Poly1305, draft-irtf-cfrg-xchacha-03 A.3.1', () => {
		const { key, nonce, aad, text, sealed } = symmetric.xchacha;
		const cipher = (): ReturnType<typeof xchacha20poly1305> => xchacha20poly1305(bytes(key), bytes(nonce), bytes(aad));
		expect(hex(cipher().encrypt(utf8(text)))).toBe(sealed);
		expect(cipher().decrypt(bytes(sealed))).toEqual(utf8(text));
	});
});

describe('the same as WebCrypto', () => {
	const random = seededRandom(1);

	test('derive is HKDF with an empty salt and a labelled info', async () => {
		for (let i = 0; i < 20; i++) {
			const secret = new Uint8Array(random(32));
			const info = random(i);
			const key = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits']);
			const algorithm = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(0), info: new Uint8Array(labelled(labels.vault, info)) };
			expect(derive(secret, labels.vault, info, 48)).toEqual(new Uint8Array(await crypto.subtle.deriveBits(algorithm, key, 48 * 8)));
		}
	});

	test('tag is SHA-256 of the labelled parts', async () => {
		const parts = [random(7), random(0), random(130)] as const;
		const digest = await crypto.subtle.digest('SHA-256', new Uint8Array(labelled(labels.member, ...parts)));
		expect(tag(labels.member, ...parts)).toEqual(new Uint8Array(digest));
	});
});

describe('labels', () => {
	test('are distinct, and none holds a zero byte', () => {
		const all = Object.values(labels);
		expect(new Set(all).size).toBe(all.length);
		for (const label of all) expect(label).toMatch(/^[a-z][a-z0-9-]*$/);
	});

	test('begin every input in the form of PROTOCOL.md', () => {
		expect(labelled(labels.entry, Uint8Array.of(1), Uint8Array.of(2, 3))).toEqual(Uint8Array.of(...utf8('LANDLINE/1/entry'), 0, 1, 2, 3));
	});
});
