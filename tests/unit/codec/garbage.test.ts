/** A36: every decoder of src/crypto on seeded garbage: bytes and texts, and damaged copies of true ones. */
import { describe, expect, test } from 'vitest';
import { base64url, concat, equal, fromBase64url, fromHex, fromUtf8, hex } from '../../../src/crypto/bytes.ts';
import { createWriter, decode } from '../../../src/crypto/codec.ts';
import { openMessage, sealMessage, unwrapSenderKey, wrapSenderKey } from '../../../src/crypto/conversation-keys.ts';
import { hpkeOpen, hpkeSeal } from '../../../src/crypto/hpke.ts';
import { createDeviceKeys, decodeCard, encodeCard, sign, verify } from '../../../src/crypto/identity.ts';
import { decodeInvite, encodeInvite, inviteLink, parseInviteLink } from '../../../src/crypto/invite.ts';
import { labels } from '../../../src/crypto/labels.ts';
import { createRecoveryKey, parseRecoveryKey } from '../../../src/crypto/recovery.ts';
import { open, pad, seal, unpad } from '../../../src/crypto/seal.ts';
import { openRecord, sealRecord } from '../../../src/crypto/vault.ts';
import { decodeSlot, encodeSlot } from '../../../src/crypto/vault-slot.ts';
import { pick, seededRandom } from '../../support/seeded-random.ts';

const cheapRounds = 100_000;
/** Each of these pays for curve arithmetic, about a millisecond. */
const curveRounds = 300;
const maxGarbageBytes = 300;

const random = seededRandom(36);
const keys = createDeviceKeys(random);
const key = random(32);
const aad = random(8);
const invite = { officeId: random(32), secret: random(32), hint: 'Acme' };
const card = encodeCard({ officeId: random(32), signPublic: keys.signPublic, kemPublic: keys.kemPublic, name: 'Eve' }, keys.signSecret);
const context = { officeId: random(32), author: random(32), seq: 5, recipient: random(32) };

/** Garbage: of any length, all of one byte, or a true one cut, grown, or with a few bytes changed. */
const garbage = (truth: Uint8Array): Uint8Array => {
	switch (pick(random, 5)) {
		case 0:
			return random(pick(random, maxGarbageBytes));
		case 1:
			return new Uint8Array(pick(random, maxGarbageBytes)).fill(pick(random, 256));
		case 2:
			return truth.slice(0, pick(random, truth.length));
		case 3:
			return concat(truth, random(1 + pick(random, 4)));
		default: {
			const changed = truth.slice();
			for (let i = 0; i <= pick(random, 4); i++) changed[pick(random, changed.length)] = pick(random, 256);
			return changed;
		}
	}
};

const asText = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

describe('A36: garbage is undefined or a value, never an exception', () => {
	const fields = createWriter().u8(1).u16(2).u32(3).u64(4).raw(aad).lp(aad).text('five').bytes();
	const slot = encodeSlot({ kind: 'passkey', credentialId: random(20), prfInput: random(32), sealed: random(104) });

	const cheap: [string, Uint8Array, (bytes: Uint8Array) => unknown][] = [
		['codec', fields, (b) => decode(b, (r) => [r.u8(), r.u16(), r.u32(), r.u64(), r.raw(8), r.lp(64), r.text(64)])],
		['UTF-8', createWriter().text('ünïcödé 👩‍💻').bytes(), fromUtf8],
		['invite', encodeInvite(invite), decodeInvite],
		['slot', slot, decodeSlot],
		['padding', pad(aad)!, unpad],
	];
	test.each(cheap)('%s', (_name, truth, read) => {
		expect(read(truth)).toBeDefined();
		for (let i = 0; i < cheapRounds; i++) read(garbage(truth));
	});

	const texts: [string, string, (text: string) => unknown][] = [
		['hex', hex(key), fromHex],
		['base64url', base64url(key), fromBase64url],
		['invite link', inviteLink('https://office.lan', invite), parseInviteLink],
		['recovery key', createRecoveryKey(random).text, parseRecoveryKey],
	];
	test.each(texts)('%s', (_name, truth, read) => {
		expect(read(truth)).toBeDefined();
		const bytes = Uint8Array.from(truth, (character) => character.charCodeAt(0));
		for (let i = 0; i < cheapRounds; i++) read(asText(garbage(bytes)));
	});

	/** What is authenticated opens unchanged or not at all. */
	const onlyTruthOpens = (truth: Uint8Array, read: (bytes: Uint8Array) => unknown, rounds: number): void => {
		expect(read(truth)).toBeDefined();
		for (let i = 0; i < rounds; i++) {
			const bytes = garbage(truth);
			if (read(bytes) !== undefined && !equal(bytes, truth)) expect.fail(`opened ${hex(bytes)}`);
		}
	};

	const sealed: [string, Uint8Array, (bytes: Uint8Array) => unknown][] = [
		['seal', seal(random, key, aad, aad), (b) => open(key, aad, b)],
		['record', sealRecord(random, key, 'entries', 'a', 1, aad), (b) => openRecord(key, 'entries', 'a', 1, b)],
		['message', sealMessage(random, key, 3, aad, aad)!, (b) => openMessage(key, 3, aad, b)],
	];
	test.each(sealed)('%s', (_name, truth, read) => {
		onlyTruthOpens(truth, read, cheapRounds);
	});

	const { enc, ct } = hpkeSeal(random, keys.kemPublic, aad, aad, key)!;
	const entrySignature = sign(keys.signSecret, labels.entry, aad);
	const curve: [string, Uint8Array, (bytes: Uint8Array) => unknown][] = [
		['card', card, decodeCard],
		['signature', entrySignature, (b) => verify(keys.signPublic, b, labels.entry, aad) || undefined],
		['public key', keys.signPublic, (b) => verify(b, entrySignature, labels.entry, aad) || undefined],
		['HPKE', concat(enc, ct), (b) => hpkeOpen(keys.kemSecret, keys.kemPublic, b.subarray(0, 32), aad, aad, b.subarray(32))],
		['sender key', wrapSenderKey(random, keys.kemPublic, context, key)!, (b) => unwrapSenderKey(keys.kemSecret, keys.kemPublic, context, b)],
	];
	test.each(curve)('%s', (_name, truth, read) => {
		onlyTruthOpens(truth, read, curveRounds);
	});
});
