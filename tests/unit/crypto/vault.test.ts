import { describe, expect, test } from 'vitest';
import { concat, hex, utf8 } from '../../../src/crypto/bytes.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { createDataKey, openRecord, sealRecord, storeKey } from '../../../src/crypto/vault.ts';
import { createProfileSlot, openProfileSlot } from '../../../src/crypto/vault-profile.ts';
import { decodeSlot, encodeSlot, maxScryptLogN, minScryptLogN, type PassphraseSlot } from '../../../src/crypto/vault-slot.ts';
import { createPassphraseSlot, createPasskeySlot, createRecoverySlot, openPassphraseSlot, openPasskeySlot, openRecoverySlot } from '../../../src/crypto/vault-wrap.ts';

const random = seededRandom(8);
const dataKey = createDataKey(random);
const key = storeKey(dataKey, 'entries');
const plaintext = utf8('Ada wrote this');

describe('records', () => {
	const sealed = sealRecord(random, key, 'entries', 'ada/1/7', 3, plaintext);

	test('open to what was sealed', () => {
		expect(sealed).toHaveLength(24 + plaintext.length + 16);
		expect(openRecord(key, 'entries', 'ada/1/7', 3, sealed)).toEqual(plaintext);
	});

	test('A45: do not open in another row, store or version', () => {
		expect(openRecord(key, 'entries', 'ada/1/8', 3, sealed)).toBeUndefined();
		expect(openRecord(key, 'kept', 'ada/1/7', 3, sealed)).toBeUndefined();
		expect(openRecord(key, 'entries', 'ada/1/7', 2, sealed)).toBeUndefined();
		expect(openRecord(storeKey(dataKey, 'kept'), 'entries', 'ada/1/7', 3, sealed)).toBeUndefined();
	});

	test('A45: have no two places in common', () => {
		const moved = sealRecord(random, key, 'a', 'bc', 1, plaintext);
		expect(openRecord(key, 'ab', 'c', 1, moved)).toBeUndefined();
		expect(() => sealRecord(random, key, 'a', 'b\0c', 1, plaintext)).toThrow();
	});

	test('are undone by any changed, missing or added byte', () => {
		for (let i = 0; i < sealed.length; i++) {
			expect(openRecord(key, 'entries', 'ada/1/7', 3, sealed.map((byte, at) => (at === i ? byte ^ 1 : byte)))).toBeUndefined();
			expect(openRecord(key, 'entries', 'ada/1/7', 3, sealed.subarray(0, i))).toBeUndefined();
		}
		expect(openRecord(key, 'entries', 'ada/1/7', 3, concat(sealed, Uint8Array.of(0)))).toBeUndefined();
	});

	test('A44: show neither plaintext nor key', () => {
		expect(hex(sealed)).not.toContain(hex(plaintext));
		expect(hex(key)).not.toBe(hex(dataKey));
	});
});

describe('the profile slot', () => {
	test('gives the data key back and nothing to who reads it', async () => {
		const slot = await createProfileSlot(dataKey);
		expect(await openProfileSlot(slot)).toEqual(dataKey);
		expect(slot.key.extractable).toBe(false);
		await expect(crypto.subtle.exportKey('raw', slot.key)).rejects.toThrow();
		expect(hex(slot.wrapped)).not.toContain(hex(dataKey));
	});

	test('is what IndexedDB can keep', async () => {
		const slot = await createProfileSlot(dataKey);
		expect(await openProfileSlot(structuredClone(slot))).toEqual(dataKey);
	});

	test('does not open once damaged, or with another profile’s key', async () => {
		const slot = await createProfileSlot(dataKey);
		const other = await createProfileSlot(dataKey);
		expect(await openProfileSlot({ ...slot, wrapped: slot.wrapped.map((byte, i) => (i === 5 ? byte ^ 1 : byte)) })).toBeUndefined();
		expect(await openProfileSlot({ ...slot, nonce: other.nonce })).toBeUndefined();
		expect(await openProfileSlot({ ...slot, key: other.key })).toBeUndefined();
		expect(await openProfileSlot({ ...slot, wrapped: new Uint8Array(0) })).toBeUndefined();
	});
});

describe('the passphrase slot', () => {
	// One stretch costs a quarter of a second and more: the slot is made once.
	const making = createPassphraseSlot(random, dataKey, 'correct horse é');

	test('opens with the passphrase, however it is composed, and also from its bytes', async () => {
		const slot = await making;
		const read = decodeSlot(encodeSlot(slot));
		expect(read).toEqual(slot);
		expect(await openPassphraseSlot(read as PassphraseSlot, 'correct horse e\u0301')).toEqual(dataKey);
	});

	test('does not open with another', async () => {
		expect(await openPassphraseSlot(await making, 'Correct horse é')).toBeUndefined();
	});

	test('A45: does not open once its parameters, salt or key are edited', async () => {
		const slot = await making;
		expect(await openPassphraseSlot({ ...slot, logN: 16 }, 'correct horse é')).toBeUndefined();
		expect(await openPassphraseSlot({ ...slot, salt: random(16) }, 'correct horse é')).toBeUndefined();
		expect(await openPassphraseSlot({ ...slot, sealed: slot.sealed.map((byte, i) => byte ^ (i === 60 ? 1 : 0)) }, 'correct horse é')).toBeUndefined();
	});

	test('A45: is refused outside floor and ceiling, before any work', async () => {
		const slot = await making;
		for (const edit of [{ logN: 1 }, { logN: minScryptLogN - 1 }, { logN: maxScryptLogN + 1 }, { logN: 30 }, { logN: 15.5 }, { p: 0 }, { p: 5 }, { p: 255 }]) {
			expect(await openPassphraseSlot({ ...slot, ...edit }, 'correct horse é')).toBeUndefined();
			if (!Number.isInteger(edit.logN ?? 0)) continue;
			expect(decodeSlot(encodeSlot({ ...slot, ...edit }))).toBeUndefined();
		}
		expect(decodeSlot(encodeSlot({ ...slot, logN: minScryptLogN }))).toBeDefined();
		expect(decodeSlot(encodeSlot({ ...slot, logN: maxScryptLogN }))).toBeDefined();
	});
});

describe('the slots of a passkey and of a printed code', () => {
	test('open with their own secret alone, also from their bytes', () => {
		const passkey = { credentialId: random(20), prfInput: random(32), secret: random(32) };
		const slot = decodeSlot(encodeSlot(createPasskeySlot(random, dataKey, passkey)));
		if (slot?.kind !== 'passkey') throw new Error('another kind');
		expect(openPasskeySlot(slot, passkey.secret)).toEqual(dataKey);
		expect(openPasskeySlot(slot, random(32))).toBeUndefined();
		expect(openPasskeySlot({ ...slot, credentialId: random(20) }, passkey.secret)).toBeUndefined();
		expect(() => createPasskeySlot(random, dataKey, { ...passkey, secret: random(16) })).toThrow();
	});

	test('a printed code opens however it is typed; a slip is told from another code', () => {
		const { slot, text } = createRecoverySlot(random, dataKey);
		expect(text).toMatch(/^([0-9A-Z]{4} ){13}[0-9A-Z]{4}$/);
		expect(openRecoverySlot(slot, text)).toEqual(dataKey);
		expect(openRecoverySlot(slot, text.toLowerCase().replaceAll(' ', '-').replaceAll('0', 'o'))).toEqual(dataKey);
		expect(openRecoverySlot(slot, `${text.slice(0, -1)}${text.endsWith('2') ? '3' : '2'}`)).toBe('mistyped');
		expect(openRecoverySlot(slot, '')).toBe('mistyped');
		expect(openRecoverySlot(slot, createRecoverySlot(random, dataKey).text)).toBeUndefined();
		expect(openRecoverySlot({ ...slot, sealed: random(104) }, text)).toBeUndefined();
	});
});

describe('slots as bytes', () => {
	const sealed = random(104);
	const slots = [
		{ kind: 'passphrase', logN: 17, p: 1, salt: random(16), sealed },
		{ kind: 'passkey', credentialId: random(1023), prfInput: random(32), sealed },
		{ kind: 'recovery', sealed },
	] as const;

	test.each(slots)('$kind comes back as it was, and not when cut or grown', (slot) => {
		const bytes = encodeSlot(slot);
		expect(decodeSlot(bytes)).toEqual(slot);
		for (let i = 0; i < bytes.length; i++) expect(decodeSlot(bytes.subarray(0, i))).toBeUndefined();
		expect(decodeSlot(concat(bytes, Uint8Array.of(0)))).toBeUndefined();
	});

	test('are refused with an unknown kind or version, or a credential id over 1,023 bytes', () => {
		for (const kind of [0, 1, 5, 255]) expect(decodeSlot(concat(Uint8Array.of(1, kind), sealed))).toBeUndefined();
		expect(decodeSlot(concat(Uint8Array.of(2, 4), sealed))).toBeUndefined();
		expect(decodeSlot(encodeSlot({ kind: 'passkey', credentialId: random(1024), prfInput: random(32), sealed }))).toBeUndefined();
	});
});
