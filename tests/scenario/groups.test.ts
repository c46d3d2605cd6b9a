/** Groups made, grown and left: who reads what, and that all agree on what the group is. */
import { describe, expect, test } from 'vitest';
import { createContentOffice, must, type Talker } from '../support/content-office.ts';
import { kinds, lanes } from '../../src/sync/log/entry.ts';

const inList = (talker: Talker, id: string) => talker.office.conversations.get().find((one) => one.id === id);
const keysDrawn = (talker: Talker): number => [...talker.log.range(talker.id, lanes.mail, 0)].filter((entry) => entry.header.kind === kinds.keys).length;

test('a group is there for its members, named by them, and for nobody else', async () => {
	const { who, clock, connect } = await createContentOffice(['Alice', 'Bo', 'Carol', 'Dan']);
	const [alice, bo, carol, dan] = [who('Alice'), who('Bo'), who('Carol'), who('Dan')];
	connect();
	await clock.advance(5000);
	const id = must(await alice.office.startConversation([bo.member, carol.member, bo.member], ''));
	await clock.advance(1000);
	expect(inList(alice, id)).toMatchObject({ kind: 'group', title: 'Bo and Carol', owner: alice.member, joined: true, unread: 0 });
	expect(inList(bo, id)).toMatchObject({ kind: 'group', title: 'Alice and Carol', owner: alice.member, joined: true });
	expect(inList(dan, id)).toBeUndefined();
	expect(alice.office.messages(id).get()).toMatchObject([{ kind: 'event', text: 'You created the group', own: true }]);
	expect(bo.office.messages(id).get()).toMatchObject([{ kind: 'event', text: 'Alice created the group', own: false }]);
	const titled = must(await alice.office.startConversation([bo.member], '  Budget '));
	expect(inList(alice, titled)).toMatchObject({ kind: 'group', title: 'Budget' });
});

test('who is added reads from then on; who leaves reads no more, and is told so', async () => {
	const { who, clock, connect } = await createContentOffice(['Alice', 'Bo', 'Carol', 'Dan']);
	const [alice, bo, carol] = [who('Alice'), who('Bo'), who('Carol')];
	connect();
	await clock.advance(5000);
	const id = must(await alice.office.startConversation([bo.member], 'Plan'));
	must(await alice.office.sendMessage(id, 'Before Carol'));
	await clock.advance(1000);
	must(await bo.office.addToConversation(id, [carol.member]));
	await clock.advance(1000);
	must(await alice.office.sendMessage(id, 'Hello Carol'));
	await clock.advance(2000);
	expect(carol.texts(id)).toEqual(['Bo added you', 'Hello Carol']);
	expect(inList(carol, id)).toMatchObject({ title: 'Plan', owner: alice.member, joined: true });
	expect(alice.texts(id)).toEqual(['You created the group', 'Before Carol', 'Bo added Carol', 'Hello Carol']);
	must(await carol.office.sendMessage(id, 'Thanks'));
	await clock.advance(1000);
	expect(bo.texts(id).at(-1)).toBe('Thanks');

	must(await bo.office.leaveConversation(id));
	expect(inList(bo, id)).toMatchObject({ joined: false });
	expect(await bo.office.sendMessage(id, 'Still here?')).toEqual({ ok: false, code: 'not-allowed' });
	expect(await bo.office.leaveConversation(id)).toEqual({ ok: false, code: 'not-allowed' });
	await clock.advance(1000);
	must(await carol.office.sendMessage(id, 'Bo has left'));
	await clock.advance(1000);
	expect(alice.texts(id).slice(-2)).toEqual(['Bo left', 'Bo has left']);
	expect(bo.texts(id).at(-1)).toBe('You left');
	expect(carol.office.messages(id).get().at(-1)).toMatchObject({ state: 'delivered' });
});

test('two add at the same time: those added come to know of each other', async () => {
	const { who, clock, connect, network, talkers } = await createContentOffice(['Alice', 'Bo', 'Carol', 'Dan']);
	const [alice, bo, carol, dan] = [who('Alice'), who('Bo'), who('Carol'), who('Dan')];
	connect();
	await clock.advance(5000);
	const id = must(await alice.office.startConversation([bo.member], 'Plan'));
	await clock.advance(5000);
	network.partition([[alice.id, carol.id], [bo.id, dan.id]]);
	must(await alice.office.addToConversation(id, [carol.member]));
	must(await bo.office.addToConversation(id, [dan.member]));
	await clock.advance(2000);
	expect(inList(carol, id)?.members).not.toContain(dan.member);
	connect();
	await clock.advance(60_000);
	for (const talker of talkers) {
		expect([...(inList(talker, id)?.members ?? []), talker.member].sort()).toEqual(talkers.map((one) => one.member).sort());
		must(await talker.office.sendMessage(id, `from ${talker.name}`));
	}
	await clock.advance(5000);
	for (const talker of talkers) expect(talker.texts(id).filter((text) => text.startsWith('from')).sort()).toEqual(['from Alice', 'from Bo', 'from Carol', 'from Dan']);
});

describe('sender keys', () => {
	test('are drawn once for a set of readers, and serve after a restart', async () => {
		const { who, clock, connect } = await createContentOffice(['Alice', 'Bo']);
		const [alice, bo] = [who('Alice'), who('Bo')];
		connect();
		await clock.advance(5000);
		const id = must(await alice.office.startConversation([bo.member], ''));
		for (let n = 0; n < 5; n++) must(await alice.office.sendMessage(id, `before ${n}`));
		expect(keysDrawn(alice)).toBe(1);
		await alice.restart();
		connect();
		await clock.advance(5000);
		for (let n = 0; n < 5; n++) must(await alice.office.sendMessage(id, `after ${n}`));
		expect(keysDrawn(alice)).toBe(1);
		await clock.advance(1000);
		expect(bo.texts(id)).toHaveLength(10);
	});

	test('are drawn anew after 100 messages and after 7 days, with a BASE and a prekey', async () => {
		const { who, clock, connect } = await createContentOffice(['Alice', 'Bo']);
		const [alice, bo] = [who('Alice'), who('Bo')];
		connect();
		await clock.advance(5000);
		const id = must(await alice.office.startConversation([bo.member], ''));
		await Promise.all(Array.from({ length: 101 }, (_, n) => alice.office.sendMessage(id, `message ${n}`)));
		expect(keysDrawn(alice)).toBe(2);
		clock.jump(8 * 24 * 60 * 60 * 1000);
		must(await alice.office.sendMessage(id, 'a week later'));
		expect(keysDrawn(alice)).toBe(3);
		const base = alice.log.range(alice.id, lanes.mail, 0).find((entry) => entry.header.kind === kinds.base);
		expect(base).toBeDefined();
		await clock.advance(2000);
		// To the new prekey, whose secret half survives a restart.
		must(await bo.office.sendMessage(id, 'to the prekey'));
		await clock.advance(2000);
		expect(alice.texts(id).at(-1)).toBe('to the prekey');
		expect(bo.texts(id)).toHaveLength(103);
		for (const key of [...alice.disk.records.keys()]) if (key.startsWith('kept/')) alice.disk.records.delete(key);
		await alice.restart();
		await clock.advance(1000);
		expect(alice.texts(id)).toHaveLength(103);
		expect(alice.texts(id).at(-1)).toBe('to the prekey');
	});
});

test('a message whose key is gone waits for it, where one talks with its author, and comes once the author is asked', async () => {
	const { who, clock, connect, network } = await createContentOffice(['Alice', 'Bo', 'Carol']);
	const [alice, bo, carol] = [who('Alice'), who('Bo'), who('Carol')];
	connect();
	await clock.advance(5000);
	const id = must(await alice.office.startConversation([bo.member], ''));
	must(await alice.office.sendMessage(id, 'first'));
	clock.jump(8 * 24 * 60 * 60 * 1000);
	must(await alice.office.sendMessage(id, 'with a BASE'));
	await clock.advance(2000);
	network.disconnect(alice.id, bo.id);
	network.disconnect(alice.id, carol.id);
	must(await bo.office.sendMessage(id, 'to the new prekey'));
	await clock.advance(1000);
	await bo.stop();
	const lost = [...alice.disk.records].filter(([key]) => key.startsWith('keys/prekey-'));
	expect(lost).toHaveLength(1);
	for (const [key] of lost) alice.disk.records.delete(key);
	await alice.restart();
	network.connect(alice.id, carol.id);
	await clock.advance(10_000);
	expect(alice.office.messages(id).get().at(-1)).toMatchObject({ kind: 'text', authorName: 'Bo', text: '', state: 'waiting-for-key', own: false });
	expect(alice.office.conversations.get().find((one) => one.id === id)?.unread).toBe(0);
	const requests = (): number => alice.log.range(alice.id, lanes.mail, 0).filter((entry) => entry.header.kind === kinds.keyreq).length;
	await clock.advance(30_000);
	expect(requests()).toBe(1);
	await alice.restart();
	network.connect(alice.id, carol.id);
	await clock.advance(60_000);
	expect(requests(), 'asked again only after a while').toBe(1);
	await clock.advance(11 * 60_000);
	expect(requests()).toBe(2);
	await bo.restart();
	connect();
	await clock.advance(10_000);
	expect(alice.texts(id)).toEqual(['first', 'with a BASE', 'to the new prekey']);
	expect(alice.office.messages(id).get().at(-1)).toMatchObject({ state: 'received', sharedBy: '' });
	must(await bo.office.sendMessage(id, 'under a key that opens'));
	await clock.advance(1000);
	expect(alice.texts(id).at(-1)).toBe('under a key that opens');
	await alice.restart();
	expect(alice.texts(id)).toEqual(['first', 'with a BASE', 'to the new prekey', 'under a key that opens']);
});

test('commands refuse what cannot be', async () => {
	const { who } = await createContentOffice(['Alice', 'Bo']);
	const [alice, bo] = [who('Alice'), who('Bo')];
	const id = must(await alice.office.startConversation([bo.member], ''));
	const group = must(await alice.office.startConversation([bo.member], 'Group'));
	const refusals: readonly (readonly [Promise<{ ok: boolean }>, string])[] = [
		[alice.office.sendMessage(id, ' \n '), 'text-empty'],
		[alice.office.sendMessage(id, 'ä'.repeat(16 * 1024 + 1)), 'text-too-long'],
		[alice.office.sendMessage('everyone', 'x'.repeat(32 * 1024 + 1)), 'text-too-long'],
		[alice.office.sendMessage('0'.repeat(64), 'x'), 'not-found'],
		[alice.office.sendMessage('nonsense', 'x'), 'not-found'],
		[alice.office.startConversation([], ''), 'no-members'],
		[alice.office.startConversation([alice.member], ''), 'no-members'],
		[alice.office.startConversation(['0'.repeat(64)], ''), 'not-found'],
		[alice.office.startConversation([bo.member], 'x'.repeat(129)), 'title-too-long'],
		[alice.office.addToConversation(group, [bo.member]), 'no-members'],
		[alice.office.addToConversation(id, [bo.member]), 'not-allowed'],
		[alice.office.leaveConversation(id), 'not-allowed'],
		[alice.office.leaveConversation('everyone'), 'not-allowed'],
		[alice.office.acknowledge('0'.repeat(64)), 'not-found'],
		[alice.office.withdrawNotice('0'.repeat(64)), 'not-found'],
		[alice.office.postNotice({ title: ' ', text: 'x', asksAcknowledgement: false }), 'title-empty'],
		[alice.office.postNotice({ title: 'x'.repeat(257), text: 'x', asksAcknowledgement: false }), 'title-too-long'],
		[alice.office.postNotice({ title: 'x', text: '', asksAcknowledgement: false }), 'text-empty'],
		[alice.office.postNotice({ title: 'x', text: 'x'.repeat(49_153), asksAcknowledgement: false }), 'text-too-long'],
	];
	for (const [command, code] of refusals) expect(await command).toEqual({ ok: false, code });
	must(await alice.office.sendMessage(id, 'ä'.repeat(16 * 1024)));
	must(await alice.office.sendMessage('everyone', 'x'.repeat(32 * 1024)));
	must(await alice.office.postNotice({ title: 'x'.repeat(256), text: 'x'.repeat(49_152), asksAcknowledgement: false }));
	alice.disk.mood = 'full';
	expect(await alice.office.sendMessage(id, 'no room')).toEqual({ ok: false, code: 'disk-full' });
	expect(alice.texts(id)).toHaveLength(1);
	expect(alice.office.messages('0'.repeat(64)).get()).toEqual([]);
	expect(alice.office.conversations.get().map((one) => one.kind).sort()).toEqual(['direct', 'everyone', 'group']);
});

test('drafts and what is being sent', async () => {
	const { who } = await createContentOffice(['Alice', 'Bo']);
	const [alice, bo] = [who('Alice'), who('Bo')];
	const id = must(await alice.office.startConversation([bo.member], ''));
	await alice.office.saveDraft(id, 'Dear Bo');
	expect(await alice.office.draft(id)).toBe('Dear Bo');
	await alice.restart();
	expect(await alice.office.draft(id)).toBe('Dear Bo');
	expect(alice.office.conversations.get().map((one) => one.title)).toEqual(['Everyone', 'Bo']);
	await alice.office.saveDraft(id, '');
	expect(await alice.office.draft(id)).toBe('');
	const sending = alice.office.sendMessage(id, 'On its way');
	expect(alice.office.messages(id).get()).toMatchObject([{ text: 'On its way', state: 'sending', own: true }]);
	const snapshots = new Set<number>();
	const stop = alice.office.messages(id).subscribe(() => snapshots.add(alice.office.messages(id).get().length));
	must(await sending);
	stop();
	expect(alice.office.messages(id).get()).toMatchObject([{ text: 'On its way', state: 'sent' }]);
	expect([...snapshots]).toEqual([1]);
});
