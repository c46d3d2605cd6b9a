/** A conversation's live documents as entries tell of them, and the secret of their rooms: who can know it, and who cannot any more. */
import { expect, test } from 'vitest';
import { encodeDocuments } from '../../src/sync/office/conversations/document-content.ts';
import { innerTypes } from '../../src/sync/office/conversations/inner.ts';
import { roomKeys } from '../../src/sync/live/documents/room-keys.ts';
import { createContentOffice, must, type Talker } from '../support/content-office.ts';
import { hostileMail } from '../support/hostile-mail.ts';
import { seededRandom } from '../support/seeded-random.ts';

const listOf = (talker: Talker, conversation: string) => talker.content.documents.list(conversation).get();
const titles = (talker: Talker, conversation: string) => [...listOf(talker, conversation).documents.values()].filter((row) => !row.away).map((row) => row.title);

async function office() {
	const made = await createContentOffice(['Alice', 'Bo', 'Carol', 'Dan']);
	made.connect();
	await made.clock.advance(5_000);
	return { ...made, alice: made.who('Alice'), bo: made.who('Bo'), carol: made.who('Carol'), dan: made.who('Dan') };
}

test('a note is there for the members of its conversation, and they all come to one room', async () => {
	const { alice, bo, carol, dan, clock } = await office();
	const plan = must(await alice.office.startConversation([bo.member, carol.member], 'Plan'));
	const note = must(await alice.content.documents.create(plan, ' Agenda '));
	await clock.advance(1_000);
	for (const one of [alice, bo, carol]) expect(titles(one, plan)).toEqual(['Agenda']);
	expect(listOf(dan, plan).documents.size).toBe(0);
	const rooms = [alice, bo, carol].map((one) => roomKeys(listOf(one, plan).secret!, note));
	expect(new Set(rooms.map((room) => room.name)).size).toBe(1);
	expect(new Set(rooms.map((room) => room.password)).size).toBe(1);

	must(await carol.content.documents.change(plan, note, { title: 'Minutes' }));
	await clock.advance(1_000);
	expect(titles(alice, plan)).toEqual(['Minutes']);
	expect(listOf(alice, plan).documents.get(note)).toMatchObject({ author: alice.member });
	must(await bo.content.documents.change(plan, note, { away: true }));
	await clock.advance(1_000);
	expect(titles(carol, plan)).toEqual([]);
	expect(alice.texts(plan)).toEqual(['You created the group']);
});

test('in a direct conversation too, and not in Everyone', async () => {
	const { alice, bo, clock } = await office();
	const direct = must(await alice.office.startConversation([bo.member], ''));
	must(await alice.content.documents.create(direct, 'Between us'));
	await clock.advance(1_000);
	expect(titles(bo, direct)).toEqual(['Between us']);
	expect(listOf(bo, direct).secret).toEqual(listOf(alice, direct).secret);
	expect(await alice.content.documents.create('everyone', 'All')).toMatchObject({ ok: false });
});

test('A43: who leaves learns no secret that comes after, and the rooms of before are left', async () => {
	const { alice, bo, carol, clock } = await office();
	const plan = must(await alice.office.startConversation([bo.member, carol.member], 'Plan'));
	const note = must(await alice.content.documents.create(plan, 'Agenda'));
	await clock.advance(1_000);
	const before = listOf(carol, plan).secret!;
	must(await carol.office.leaveConversation(plan));
	await clock.advance(30_000);
	const after = listOf(alice, plan).secret!;
	expect(after).toBeDefined();
	expect(after).not.toEqual(before);
	expect(listOf(bo, plan).secret).toEqual(after);
	expect(listOf(carol, plan).secret).not.toEqual(after);
	expect(roomKeys(after, note).name).not.toBe(roomKeys(before, note).name);
	// Nothing Carol holds opens the entry that names it.
	expect([...carol.content.documents.list(plan).get().documents.keys()]).toEqual([note]);
	expect(carol.texts(plan).at(-1)).toBe('You left');
});

test('who is added learns of the notes there are, and takes part', async () => {
	const { alice, bo, dan, clock } = await office();
	const plan = must(await alice.office.startConversation([bo.member], 'Plan'));
	must(await alice.content.documents.create(plan, 'Agenda'));
	await clock.advance(1_000);
	must(await bo.office.addToConversation(plan, [dan.member]));
	await clock.advance(20_000);
	expect(titles(dan, plan)).toEqual(['Agenda']);
	expect(listOf(dan, plan).secret).toEqual(listOf(alice, plan).secret);
});

test('where the first device is away, the next one draws the secret; who opens a note does not wait for it', async () => {
	const { alice, bo, carol, dan, clock, network } = await office();
	const plan = must(await alice.office.startConversation([bo.member, carol.member, dan.member], 'Plan'));
	must(await alice.content.documents.create(plan, 'Agenda'));
	await clock.advance(1_000);
	network.unplug(carol.id);
	must(await dan.office.leaveConversation(plan));
	await clock.advance(1_000);
	must(await bo.content.documents.ensureSecret(plan));
	await clock.advance(1_000);
	expect(listOf(alice, plan).secret).toEqual(listOf(bo, plan).secret);
	expect(listOf(bo, plan).secret).toBeDefined();
	await clock.advance(60_000);
	expect(listOf(alice, plan).secret).toEqual(listOf(bo, plan).secret);
});

test('two who draw at once agree on one', async () => {
	const { alice, bo, carol, clock, network, connect } = await office();
	const plan = must(await alice.office.startConversation([bo.member, carol.member], 'Plan'));
	must(await alice.content.documents.create(plan, 'Agenda'));
	await clock.advance(1_000);
	must(await carol.office.leaveConversation(plan));
	await clock.advance(500);
	network.unplug(alice.id);
	network.unplug(bo.id);
	must(await alice.content.documents.ensureSecret(plan));
	must(await bo.content.documents.ensureSecret(plan));
	expect(listOf(alice, plan).secret).not.toEqual(listOf(bo, plan).secret);
	connect([alice, bo]);
	await clock.advance(60_000);
	expect(listOf(alice, plan).secret).toEqual(listOf(bo, plan).secret);
});

test('A43: who left names a secret for the present epoch, sealed to all: nobody enters that room, and no title of theirs is shown', async () => {
	const { alice, bo, carol, clock, officeId } = await office();
	const plan = must(await alice.office.startConversation([bo.member, carol.member], 'Plan'));
	must(await alice.content.documents.create(plan, 'Agenda'));
	await clock.advance(1_000);
	must(await carol.office.leaveConversation(plan));
	await clock.advance(30_000);
	const now = listOf(alice, plan);
	const random = seededRandom(7);
	const mallory = await hostileMail(carol, officeId, random);
	const key = random(32);
	const stolen = random(32);
	const keys = await mallory.keys(key, [alice, bo, carol]);
	const content = encodeDocuments({ secret: stolen, rows: [{ document: '99'.repeat(16), title: 'Come here', away: false }] });
	await mallory.message(key, keys.header.seq, 0, () => ({ conversation: plan, epoch: now.epoch, type: innerTypes.documents, content }));
	await clock.advance(60_000);
	for (const one of [alice, bo]) {
		expect(one.content.refused()).toBe(0);
		expect(listOf(one, plan).secret).toEqual(now.secret);
		expect(titles(one, plan)).toEqual(['Agenda']);
	}
});

test('A43: a stranger to the conversation tells of a document in it: nothing is shown', async () => {
	const { alice, bo, dan, clock, officeId } = await office();
	const direct = must(await alice.office.startConversation([bo.member], ''));
	must(await alice.content.documents.create(direct, 'Between us'));
	await clock.advance(1_000);
	const random = seededRandom(8);
	const mallory = await hostileMail(dan, officeId, random);
	const key = random(32);
	const keys = await mallory.keys(key, [alice, bo, dan]);
	const content = encodeDocuments({ secret: random(32), rows: [{ document: '98'.repeat(16), title: 'Mine', away: false }] });
	const { epoch, secret } = listOf(alice, direct);
	await mallory.message(key, keys.header.seq, 0, () => ({ conversation: direct, epoch, type: innerTypes.documents, content }));
	await clock.advance(60_000);
	expect(titles(alice, direct)).toEqual(['Between us']);
	expect(listOf(bo, direct).secret).toEqual(secret);
});
