import { describe, expect, test } from 'vitest';
import { kemPublicKey } from '../../../src/crypto/agree.ts';
import { concat, fromHex, hex, utf8 } from '../../../src/crypto/bytes.ts';
import { hintWith, keysHint, keysHintKey, messageKey, openMessage, openMessageWith, sealMessage, unwrapSenderKey, wrapSenderKey } from '../../../src/crypto/conversation-keys.ts';
import { derive, tag } from '../../../src/crypto/hash.ts';
import { createDeviceKeys } from '../../../src/crypto/identity.ts';
import { labels } from '../../../src/crypto/labels.ts';
import { maxPaddedContentBytes, open, sealOverheadBytes, seal } from '../../../src/crypto/seal.ts';
import { salamander } from '../../support/salamander.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { lowOrderPoints } from '../../vectors/x25519.ts';

const random = seededRandom(7);
const senderKey = random(32);
const header = random(200);
const inner = utf8('see you at noon');

describe('messages', () => {
	test('open to what was sealed, in a padded size', () => {
		const sealed = sealMessage(random, senderKey, 4, header, inner)!;
		expect(sealed).toHaveLength(256 + sealOverheadBytes);
		expect(openMessage(senderKey, 4, header, sealed)).toEqual(inner);
	});

	test('open with the one key handed on with shared history, which opens no other', () => {
		const fourth = sealMessage(random, senderKey, 4, header, inner)!;
		const fifth = sealMessage(random, senderKey, 5, header, inner)!;
		const key = messageKey(senderKey, 4);
		expect(openMessageWith(key, header, fourth)).toEqual(inner);
		expect(openMessageWith(key, header, fifth)).toBeUndefined();
	});

	test('A32: do not open under another header, index or sender key', () => {
		const sealed = sealMessage(random, senderKey, 4, header, inner)!;
		expect(openMessage(senderKey, 4, random(200), sealed)).toBeUndefined();
		expect(openMessage(senderKey, 5, header, sealed)).toBeUndefined();
		expect(openMessage(random(32), 4, header, sealed)).toBeUndefined();
	});

	test('are undone by any changed byte', () => {
		const sealed = sealMessage(random, senderKey, 4, header, inner)!;
		for (let i = 0; i < sealed.length; i++) {
			expect(openMessage(senderKey, 4, header, sealed.map((byte, at) => (at === i ? byte ^ 2 : byte)))).toBeUndefined();
		}
	});

	test('A31: crafted for two sender keys, open under the committed one at most', () => {
		const other = random(32);
		const keys = [messageKey(senderKey, 0), messageKey(other, 0)] as const;
		const nonce = random(24);
		const ciphertext = salamander(random, derive(keys[0], labels.sealKey), derive(keys[1], labels.sealKey), nonce);
		const sealed = concat(tag(labels.sealCommit, keys[0], nonce), nonce, ciphertext);
		expect(open(keys[0], new Uint8Array(0), sealed), 'the first key does decrypt it').toBeDefined();
		expect(openMessage(other, 0, new Uint8Array(0), sealed)).toBeUndefined();
	});

	test('are refused unpadded', () => {
		expect(openMessage(senderKey, 0, header, seal(random, messageKey(senderKey, 0), header, inner))).toBeUndefined();
	});

	test('hold up to 64 KiB - 4 bytes', () => {
		expect(openMessage(senderKey, 0, header, sealMessage(random, senderKey, 0, header, new Uint8Array(maxPaddedContentBytes))!)).toHaveLength(maxPaddedContentBytes);
		expect(sealMessage(random, senderKey, 0, header, new Uint8Array(maxPaddedContentBytes + 1))).toBeUndefined();
	});
});

describe('wrapped sender keys', () => {
	const prekeySecret = random(32);
	const prekey = kemPublicKey(prekeySecret);
	const context = { officeId: random(32), author: random(32), seq: 12, recipient: random(32) };
	const wrapped = wrapSenderKey(random, prekey, context, senderKey)!;

	test('open for their recipient', () => {
		expect(wrapped).toHaveLength(80);
		expect(unwrapSenderKey(prekeySecret, prekey, context, wrapped)).toEqual(senderKey);
	});

	test('A02, A26, A28: do not open in any other place', () => {
		for (const elsewhere of [{ officeId: random(32) }, { author: random(32) }, { seq: 13 }, { recipient: random(32) }]) {
			expect(unwrapSenderKey(prekeySecret, prekey, { ...context, ...elsewhere }, wrapped)).toBeUndefined();
		}
		const other = random(32);
		expect(unwrapSenderKey(other, kemPublicKey(other), context, wrapped)).toBeUndefined();
		expect(openMessage(prekeySecret, 0, new Uint8Array(0), wrapped)).toBeUndefined();
	});

	test('are undone by any changed byte or another length', () => {
		for (let i = 0; i < wrapped.length; i++) {
			expect(unwrapSenderKey(prekeySecret, prekey, context, wrapped.map((byte, at) => (at === i ? byte ^ 1 : byte)))).toBeUndefined();
		}
		expect(unwrapSenderKey(prekeySecret, prekey, context, wrapped.subarray(1))).toBeUndefined();
		expect(unwrapSenderKey(prekeySecret, prekey, context, concat(wrapped, Uint8Array.of(0)))).toBeUndefined();
	});

	test('A24: are not made for a prekey of low order', () => {
		for (const point of lowOrderPoints) expect(wrapSenderKey(random, fromHex(point)!, context, senderKey)).toBeUndefined();
	});
});

describe('hints', () => {
	const alice = createDeviceKeys(random);
	const bob = createDeviceKeys(random);

	test('are the same from both ends', () => {
		const hint = keysHint(alice.kemSecret, bob.kemPublic, alice.signPublic, 3);
		expect(hint).toHaveLength(8);
		expect(keysHint(bob.kemSecret, alice.kemPublic, alice.signPublic, 3)).toEqual(hint);
		expect(hintWith(keysHintKey(bob.kemSecret, alice.kemPublic)!, alice.signPublic, 3)).toEqual(hint);
	});

	test('A39: differ by entry and direction, so that no two can be linked', () => {
		const hints = [keysHint(alice.kemSecret, bob.kemPublic, alice.signPublic, 3), keysHint(alice.kemSecret, bob.kemPublic, alice.signPublic, 4), keysHint(alice.kemSecret, bob.kemPublic, bob.signPublic, 3)];
		expect(new Set(hints.map((hint) => hex(hint!))).size).toBe(3);
	});

	test('A24: do not exist for a key of low order', () => {
		for (const point of lowOrderPoints) expect(keysHint(alice.kemSecret, fromHex(point)!, alice.signPublic, 0)).toBeUndefined();
	});
});
