/** The bytes of suite 1 are final: fixed secrets must give these very bytes in every later build (tests/vectors/suite-1.ts). */
import { expect, test } from 'vitest';
import { base64url, fromHex, hex, utf8 } from '../../../src/crypto/bytes.ts';
import { keysHint, messageKey, openMessage, sealMessage, unwrapSenderKey, wrapSenderKey } from '../../../src/crypto/conversation-keys.ts';
import { deviceLinkKeys, encodeDeviceLink, signAddDevice } from '../../../src/crypto/device-link.ts';
import { sha256 } from '../../../src/crypto/hash.ts';
import { createDeviceKeys, encodeCard, memberId, noOffice } from '../../../src/crypto/identity.ts';
import { encodeInvite, inviteKeys, joinKeys } from '../../../src/crypto/invite.ts';
import { joinCode } from '../../../src/crypto/join-code.ts';
import * as mesh from '../../../src/crypto/mesh-key.ts';
import { createRecoveryKey } from '../../../src/crypto/recovery.ts';
import { encodeSafetyCode, safetyHash, safetyNumber } from '../../../src/crypto/safety-number.ts';
import { open, seal } from '../../../src/crypto/seal.ts';
import { openRecord, sealRecord, storeKey } from '../../../src/crypto/vault.ts';
import { decodeSlot, encodeSlot } from '../../../src/crypto/vault-slot.ts';
import { createPasskeySlot, createRecoverySlot, openPasskeySlot, openPassphraseSlot, openRecoverySlot } from '../../../src/crypto/vault-wrap.ts';
import { suite1 } from '../../vectors/suite-1.ts';

/** Bytes n, n + 1, n + 2 … for secrets and nonces: plain to see and to repeat in another language. */
const run = (from: number) => (n: number): Uint8Array => Uint8Array.from({ length: n }, (_, i) => (from + i) & 255);

const officeId = run(1)(32);
const secret = run(33)(32);
const device = createDeviceKeys(run(65));
const other = createDeviceKeys(run(97));
const header = utf8('header');
const words = utf8('see you at noon');
const card = encodeCard({ officeId, signPublic: device.signPublic, kemPublic: device.kemPublic, name: 'Ada' }, device.signSecret);
const context = { officeId, author: device.signPublic, seq: 5, recipient: other.signPublic };
const passphraseSlot = { kind: 'passphrase', logN: 15, p: 1, salt: run(200)(16), sealed: fromHex(suite1.passphraseSealed)! } as const;

const passkey = { credentialId: run(200)(20), prfInput: run(161)(32), secret: run(97)(32) };

async function suite(): Promise<typeof suite1> {
	const invite = inviteKeys(secret);
	const join = joinKeys(invite.psk);
	const generation = mesh.deriveMesh(secret);
	const ada = safetyHash(officeId, { memberId: memberId(officeId, device.signPublic), devices: [device, other] });
	const bea = safetyHash(officeId, { memberId: memberId(officeId, other.signPublic), devices: [other] });
	return {
		card: hex(card),
		founderCard: hex(encodeCard({ officeId: noOffice, signPublic: device.signPublic, kemPublic: device.kemPublic, name: 'Ada' }, device.signSecret)),
		memberId: hex(memberId(officeId, device.signPublic)),
		invite: base64url(encodeInvite({ officeId, secret, hint: 'Acme' })),
		invitePublic: hex(invite.signPublic),
		psk: hex(invite.psk),
		joinTopic: hex(join.topic),
		joinSignal: hex(join.signal),
		joinOfficeTopic: mesh.joinOfficeTopic(join.topic),
		joinInboxTopic: mesh.joinInboxTopic(join.topic, device.signPublic),
		deviceLink: base64url(encodeDeviceLink({ officeId, secret, device: device.signPublic, name: 'Ada', hint: 'Acme' })),
		deviceTopic: hex(deviceLinkKeys(secret).topic),
		deviceSignal: hex(deviceLinkKeys(secret).signal),
		addDevice: hex(signAddDevice(other, officeId, device.signPublic)),
		joinCode: await joinCode(officeId, card),
		meshCommit: hex(mesh.meshCommit(secret)),
		meshTopic: hex(generation.topic),
		meshSignal: hex(generation.signal),
		meshContent: hex(generation.content),
		officeTopic: mesh.officeTopic(generation.topic),
		inboxTopic: mesh.inboxTopic(generation.topic, device.signPublic),
		addressTopic: mesh.addressTopic(generation.topic, '192.168.1.23'),
		contentKey: hex(mesh.contentKey(generation.content, 80, device.signPublic, 1, 7)),
		sealed: hex(seal(run(129), secret, header, words)),
		messageKey: hex(messageKey(secret, 3)),
		message: hex(sha256(sealMessage(run(129), secret, 3, header, words)!)),
		wrappedSenderKey: hex(wrapSenderKey(run(161), other.kemPublic, context, secret)!),
		keysHint: hex(keysHint(device.kemSecret, other.kemPublic, device.signPublic, 5)!),
		safetyNumber: safetyNumber(ada, bea),
		safetyCode: encodeSafetyCode(ada, bea),
		recoveryText: createRecoveryKey(run(33)).text,
		storeKey: hex(storeKey(secret, 'entries')),
		record: hex(sealRecord(run(129), storeKey(secret, 'entries'), 'entries', 'key', 1, words)),
		passphraseSealed: hex(passphraseSlot.sealed),
		passphraseSlot: hex(encodeSlot(passphraseSlot)),
		passkeySlot: hex(encodeSlot(createPasskeySlot(run(129), secret, passkey))),
		recoverySlot: hex(encodeSlot(createRecoverySlot(run(129), secret).slot)),
	};
}

test('what is made from fixed secrets is what suite 1 makes', async () => {
	expect(await suite()).toEqual(suite1);
});

test('what suite 1 sealed opens', async () => {
	expect(open(secret, header, fromHex(suite1.sealed)!)).toEqual(words);
	expect(openMessage(secret, 3, header, sealMessage(run(129), secret, 3, header, words)!)).toEqual(words);
	expect(unwrapSenderKey(other.kemSecret, other.kemPublic, context, fromHex(suite1.wrappedSenderKey)!)).toEqual(secret);
	expect(openRecord(fromHex(suite1.storeKey)!, 'entries', 'key', 1, fromHex(suite1.record)!)).toEqual(words);
	expect(await openPassphraseSlot(passphraseSlot, 'correct horse é')).toEqual(run(33)(32));
	const passkeySlot = decodeSlot(fromHex(suite1.passkeySlot)!);
	expect(passkeySlot?.kind === 'passkey' && openPasskeySlot(passkeySlot, passkey.secret)).toEqual(secret);
	const recoverySlot = decodeSlot(fromHex(suite1.recoverySlot)!);
	expect(recoverySlot?.kind === 'recovery' && openRecoverySlot(recoverySlot, createRecoveryKey(run(129)).text)).toEqual(secret);
});
