/** People talk over a network that misbehaves: in Everyone, directly, in groups, past one another's absence. */
import { describe, expect, test } from 'vitest';
import { everyoneId } from '../../src/sync/office.ts';
import { createContentOffice, must } from '../support/content-office.ts';
import { storm } from '../support/fake-network.ts';
import { pick, seededRandom } from '../support/seeded-random.ts';

test('a direct message comes, and its sender is told', async () => {
	const { who, clock, connect } = await createContentOffice(['Alice', 'Bo']);
	const [alice, bo] = [who('Alice'), who('Bo')];
	connect();
	await clock.advance(5000);
	const id = must(await alice.office.startConversation([bo.member], ''));
	expect(alice.office.conversations.get().find((one) => one.id === id)).toMatchObject({ kind: 'direct', title: 'Bo', lastMs: 0 });
	must(await alice.office.sendMessage(id, 'Good morning'));
	await clock.advance(1000);
	expect(bo.texts(id)).toEqual(['Good morning']);
	expect(bo.office.conversations.get().find((one) => one.id === id)).toMatchObject({ title: 'Alice', unread: 1, lastText: 'Good morning', lastAuthor: 'Alice' });
	expect(bo.office.messages(id).get()[0]).toMatchObject({ own: false, state: 'received', unread: true });
	expect(alice.office.messages(id).get()[0]).toMatchObject({ own: true, state: 'delivered', heldFor: [] });
	await bo.office.markRead(id);
	await clock.advance(1000);
	expect(bo.office.conversations.get().find((one) => one.id === id)?.unread).toBe(0);
	expect(alice.office.messages(id).get()[0]).toMatchObject({ state: 'read' });
});

test('mail is carried for an absent one, whose sender has gone meanwhile', async () => {
	const { who, clock, network, connect } = await createContentOffice(['Alice', 'Bo', 'Carol']);
	const [alice, bo, carol] = [who('Alice'), who('Bo'), who('Carol')];
	connect([alice, carol]);
	await clock.advance(5000);
	const id = must(await alice.office.startConversation([bo.member], ''));
	must(await alice.office.sendMessage(id, 'The van is booked'));
	expect(alice.office.messages(id).get()[0]).toMatchObject({ state: 'held', heldFor: ['Bo'] });
	await clock.advance(30_000);
	expect(alice.office.messages(id).get()[0]).toMatchObject({ state: 'held', heldFor: ['Bo'] });
	await alice.stop();
	network.connect(bo.id, carol.id);
	await clock.advance(10_000);
	expect(bo.texts(id)).toEqual(['The van is booked']);
	expect(carol.office.conversations.get().map((one) => one.title)).toEqual(['Everyone']);
	expect(carol.content.refused()).toBe(0);
});

test('alone, a message is sent and held by nobody', async () => {
	const { who } = await createContentOffice(['Alice', 'Bo']);
	const alice = who('Alice');
	const id = must(await alice.office.startConversation([who('Bo').member], ''));
	must(await alice.office.sendMessage(id, 'Anybody?'));
	expect(alice.office.messages(id).get()).toMatchObject([{ state: 'sent', heldFor: [] }]);
});

describe('a group made ad hoc in a storm', () => {
	test.for([11, 12, 13, 14])('keeps causal order, shows each once and loses nothing (seed %d)', async (seed) => {
		const { talkers, clock, network, connect } = await createContentOffice(['Alice', 'Bo', 'Carol', 'Dan'], { seed });
		const [alice] = talkers;
		const random = seededRandom(seed);
		connect();
		await clock.advance(5000);
		network.weather = storm;
		const id = must(await alice!.office.startConversation(talkers.slice(1).map((one) => one.member), 'Moving'));
		await clock.advance(60_000);
		/** What each had on screen when it wrote. */
		const seen = new Map<string, readonly string[]>();
		for (let n = 0; n < 40; n++) {
			const talker = talkers[pick(random, talkers.length)]!;
			const text = `${talker.name} ${String(n)}`;
			seen.set(text, talker.texts(id));
			must(await talker.office.sendMessage(id, text));
			if (n === 10) network.partition([talkers.slice(0, 2).map((one) => one.id), talkers.slice(2).map((one) => one.id)]);
			if (n === 25) connect();
			await clock.advance(pick(random, 700));
		}
		connect();
		network.weather = { loss: 0, repeat: 0, delayMs: [1, 5] };
		await clock.advance(120_000);
		const texts = alice!.texts(id);
		expect(texts).toHaveLength(41);
		expect(new Set(texts).size).toBe(41);
		for (const [text, before] of seen) for (const earlier of before.slice(1)) expect(texts.indexOf(earlier), `${earlier} before ${text}, seed ${seed}`).toBeLessThan(texts.indexOf(text));
		for (const talker of talkers.slice(1)) {
			expect(talker.texts(id).slice(1)).toEqual(texts.slice(1));
			expect(talker.content.refused()).toBe(0);
		}
		await talkers[1]!.restart();
		expect(talkers[1]!.texts(id).slice(1)).toEqual(texts.slice(1));
	});
});

test('Everyone: sent, received, unread and read; a newcomer reads what was before, and it is not news', async () => {
	const { who, clock, connect } = await createContentOffice(['Alice', 'Bo']);
	const [alice, bo] = [who('Alice'), who('Bo')];
	connect();
	await clock.advance(5000);
	must(await alice.office.sendMessage(everyoneId, 'Welcome'));
	await clock.advance(1000);
	expect(bo.texts(everyoneId)).toEqual(['Welcome']);
	expect(bo.office.conversations.get()[0]).toMatchObject({ id: everyoneId, unread: 1 });
	expect(alice.office.messages(everyoneId).get()[0]).toMatchObject({ state: 'sent' });
	await bo.office.markRead(everyoneId);
	expect(bo.office.conversations.get()[0]?.unread).toBe(0);
	await bo.restart();
	expect(bo.office.conversations.get()[0]?.unread).toBe(0);
	expect(bo.texts(everyoneId)).toEqual(['Welcome']);
});

test('the placard: a manager posts, members confirm, the manager sees who', async () => {
	const { who, clock, connect } = await createContentOffice(['Alice', 'Bo', 'Carol', 'Dan'], { managers: 2 });
	const [alice, bo, carol, dan] = [who('Alice'), who('Bo'), who('Carol'), who('Dan')];
	connect([alice, bo, carol]);
	await clock.advance(5000);
	expect(await carol.office.postNotice({ title: 'Mine', text: 'x', asksAcknowledgement: false })).toEqual({ ok: false, code: 'not-allowed' });
	const id = must(await alice.office.postNotice({ title: 'Fire drill', text: 'Thursday at ten', asksAcknowledgement: true }));
	await clock.advance(1000);
	await alice.stop();
	connect([bo, carol, dan]);
	await clock.advance(10_000);
	expect(dan.office.notices.get()).toMatchObject([{ id, title: 'Fire drill', text: 'Thursday at ten', authorName: 'Alice', unread: true, acknowledgedByMe: false, roll: undefined }]);
	must(await dan.office.acknowledge(id));
	must(await dan.office.acknowledge(id));
	await clock.advance(1000);
	expect(dan.office.notices.get()[0]).toMatchObject({ acknowledgedByMe: true });
	expect(carol.office.notices.get()[0]).toMatchObject({ acknowledgedByMe: false, roll: undefined });
	expect(bo.office.notices.get()[0]?.roll).toMatchObject({ acknowledged: [{ name: 'Dan' }], notYet: [{ name: 'Bo' }, { name: 'Carol' }] });
	await bo.office.markNoticesRead();
	expect(bo.office.notices.get()[0]?.unread).toBe(false);
	must(await bo.office.withdrawNotice(id));
	await clock.advance(1000);
	for (const talker of [bo, carol, dan]) expect(talker.office.notices.get()).toEqual([]);
});

test('a blocked colleague is not heard directly, collapsed in groups, told nothing, and heard again once unblocked', async () => {
	const { who, clock, connect } = await createContentOffice(['Alice', 'Bo', 'Carol']);
	const [alice, bo, carol] = [who('Alice'), who('Bo'), who('Carol')];
	connect();
	await clock.advance(5000);
	const direct = must(await bo.office.startConversation([alice.member], ''));
	const group = must(await bo.office.startConversation([alice.member, carol.member], 'Group'));
	await clock.advance(1000);
	must(await alice.blocked.block(bo.member, true));
	must(await bo.office.sendMessage(direct, 'hello?'));
	must(await bo.office.sendMessage(group, 'to all'));
	must(await bo.office.sendMessage(everyoneId, 'to everyone'));
	must(await carol.office.sendMessage(everyoneId, 'by Carol'));
	await clock.advance(2000);
	const listed = (id: string) => alice.office.conversations.get().find((one) => one.id === id);
	expect(listed(direct)).toBeUndefined();
	expect(alice.texts(direct)).toEqual([]);
	expect(listed(group)).toMatchObject({ unread: 0, lastText: 'created the group' });
	expect(alice.office.messages(group).get().at(-1)).toMatchObject({ text: 'to all', blocked: true, unread: false });
	expect(listed(everyoneId)).toMatchObject({ unread: 1, lastText: 'by Carol' });
	expect(bo.office.messages(direct).get()[0]).toMatchObject({ state: 'delivered' });
	await alice.restart();
	connect();
	expect(alice.texts(direct)).toEqual([]);
	must(await alice.blocked.block(bo.member, false));
	expect(alice.texts(direct)).toEqual(['hello?']);
	expect(listed(direct)).toMatchObject({ unread: 1 });
	expect(await alice.blocked.block(alice.member, true)).toEqual({ ok: false, code: 'not-allowed' });
	expect(await alice.blocked.block('0'.repeat(64), true)).toEqual({ ok: false, code: 'not-found' });
});

test('who writes only now and then draws a prekey each time, and old halves go while the app stays open, 30 days after their successor', async () => {
	const { who, clock, connect } = await createContentOffice(['Alice', 'Bo']);
	const [alice, bo] = [who('Alice'), who('Bo')];
	connect();
	await clock.advance(5000);
	const id = must(await alice.office.startConversation([bo.member], ''));
	must(await alice.office.sendMessage(id, 'day 0'));
	const halves = (): number => [...alice.disk.records.keys()].filter((key) => key.startsWith('keys/prekey-')).length;
	for (const [day, expected] of [[10, 1], [20, 2], [30, 3], [40, 4], [52, 4]] as const) {
		clock.jump((day === 52 ? 12 : 10) * 24 * 60 * 60 * 1000);
		must(await alice.office.sendMessage(id, `day ${day}`));
		await clock.advance(2000);
		// A day passes, and with it the look at what is past its time.
		await clock.advance(24 * 60 * 60 * 1000);
		expect(halves(), `day ${day}`).toBe(expected);
	}
	expect(bo.texts(id)).toHaveLength(6);
});
