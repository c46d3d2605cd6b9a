/** Writing to somebody whose keys were verified, when they have another device since. */
import { expect, test } from 'vitest';
import { createDeviceKeys, encodeCard, sign } from '../../src/crypto/identity.ts';
import { labels } from '../../src/crypto/labels.ts';
import { idToBytes } from '../../src/sync/log/entry.ts';
import { createActWriter } from '../../src/sync/office/members/act-writer.ts';
import { type ContentOffice, createContentOffice, must, type Talker } from '../support/content-office.ts';
import { seededRandom } from '../support/seeded-random.ts';

/** Bo's office has a device more: his own, or that of whoever has his laptop. */
async function addDevice(office: ContentOffice, bo: Talker): Promise<void> {
	const officeId = idToBytes(office.officeId);
	const phone = createDeviceKeys(seededRandom(28));
	const card = encodeCard({ officeId, signPublic: phone.signPublic, kemPublic: phone.kemPublic, name: bo.name }, phone.signSecret);
	const newSignature = sign(phone.signSecret, labels.addDevice, officeId, idToBytes(bo.id));
	must(await createActWriter({ log: bo.log, members: bo.members }).write({ type: 'addDevice', card, newSignature }));
}

async function answer<T>(office: ContentOffice, asked: Promise<T>): Promise<T> {
	await office.clock.advance(50);
	return asked;
}

test('to a verified colleague who has another device now nothing is sent until this person has seen it; groups go on, and so does who never verified', async () => {
	const office = await createContentOffice(['Alice', 'Bo', 'Carol'], { seed: 27 });
	const { who, clock, connect } = office;
	const [alice, bo, carol] = [who('Alice'), who('Bo'), who('Carol')];
	connect();
	await clock.advance(1_000);
	const { number } = must(await answer(office, alice.verification.commands.safetyNumber(bo.member)));
	must(await answer(office, alice.verification.commands.markVerified(bo.member, number)));
	const direct = must(await alice.office.startConversation([bo.member], ''));
	const group = must(await alice.office.startConversation([bo.member, carol.member], 'Group'));
	must(await alice.office.sendMessage(direct, 'to you'));
	await clock.advance(2_000);
	expect(bo.texts(direct)).toEqual(['to you']);

	await addDevice(office, bo);
	await clock.advance(2_000);
	expect(alice.members.get().members.get(bo.member)?.devices).toHaveLength(2);
	expect(alice.verification.standings.get().get(bo.member)).toMatchObject({ verification: 'changed', keysUnseen: true });
	expect(await alice.office.sendMessage(direct, 'to whom?')).toEqual({ ok: false, code: 'keys-changed' });
	must(await alice.office.sendMessage(group, 'to all'));
	expect(carol.verification.standings.get().get(bo.member)).toMatchObject({ verification: 'unverified', keysUnseen: true });
	must(await carol.office.sendMessage(must(await carol.office.startConversation([bo.member], '')), 'from Carol'));

	await alice.restart();
	connect();
	await clock.advance(2_000);
	expect(await alice.office.sendMessage(direct, 'to whom?')).toEqual({ ok: false, code: 'keys-changed' });
	must(await answer(office, alice.verification.commands.noteKeyChange(bo.member)));
	must(await alice.office.sendMessage(direct, 'to both of yours'));
	await clock.advance(2_000);
	expect(bo.texts(direct)).toEqual(['to you', 'to both of yours']);
	expect(bo.texts(group)).toContain('to all');
});
