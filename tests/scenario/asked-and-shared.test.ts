/** Keys asked for again, and history given to newcomers: to whom, and to nobody else. */
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../src/crypto/bytes.ts';
import { createEntry, type Entry, kinds, lanes } from '../../src/sync/log/entry.ts';
import { openLog } from '../../src/sync/log/log.ts';
import { createContent } from '../../src/sync/office/conversations/content.ts';
import { encodeKeyRequest } from '../../src/sync/office/conversations/key-requests.ts';
import { packShares } from '../../src/sync/office/conversations/share.ts';
import { createActWriter } from '../../src/sync/office/members/act-writer.ts';
import { createMembersView } from '../../src/sync/office/members/members.ts';
import { createContentOffice, must, type Talker } from '../support/content-office.ts';
import { hostileMail, keysOpenTo } from '../support/hostile-mail.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { seededRandom } from '../support/seeded-random.ts';

const random = seededRandom(29);
const dayMs = 24 * 60 * 60 * 1000;

async function begin(names: readonly string[]) {
	const office = await createContentOffice(names);
	office.connect();
	await office.clock.advance(5000);
	return office;
}

const written = (talker: Talker, kind: number): readonly Entry[] => talker.log.range(talker.id, lanes.mail, 0).filter((entry) => entry.header.kind === kind);

describe('A29: a key that is asked for', () => {
	test('is given to no removed, suspended or foreign device, nor for a KEYS of somebody else', async () => {
		const { who, clock, officeId } = await begin(['Alice', 'Bo', 'Carol', 'Mallory', 'Max']);
		const [alice, bo, carol, mallory, max] = [who('Alice'), who('Bo'), who('Carol'), who('Mallory'), who('Max')];
		const group = must(await alice.office.startConversation([bo.member, carol.member, max.member], 'Group'));
		must(await alice.office.sendMessage(group, 'a secret of four'));
		await clock.advance(2000);
		const [keys] = written(alice, kinds.keys);
		const { seq: keysSeq } = keys!.header;
		const ask = async (talker: Talker, request = { keysSeq, device: alice.id }, to: readonly Talker[] = [alice, talker]) =>
			(await hostileMail(talker, officeId, random)).letter(kinds.keyreq, encodeKeyRequest(request), to);
		const writer = createActWriter({ log: alice.log, members: alice.members });

		// Never a reader of that epoch.
		await ask(mallory);
		// A reader, but suspended or removed by now.
		must(await writer.write({ type: 'hold', device: max.id, reason: 1 }));
		await ask(max);
		const head = alice.log.head(bo.id, lanes.mail);
		must(await writer.write({ type: 'removeMember', member: bo.member, reason: 0, cut: head ? [{ device: bo.id, lane: lanes.mail, seq: head.seq, id: head.id }] : [] }));
		await ask(bo);
		// A question to somebody else, who is not the author.
		await ask(carol, { keysSeq, device: carol.id }, [alice]);
		await ask(carol, { keysSeq: keysSeq + 1, device: alice.id });
		await clock.advance(60_000);
		for (const talker of [alice, carol]) expect(written(talker, kinds.share)).toEqual([]);

		// A reader in force is answered, once in five minutes, and nobody else can open the answer.
		await ask(carol);
		await ask(carol);
		await clock.advance(10_000);
		const shares = written(alice, kinds.share);
		expect(shares).toHaveLength(1);
		for (const other of [bo, mallory, max]) {
			await other.log.accept(alice.log.range(alice.id, lanes.mail, 0));
			await clock.advance(1000);
			expect(other.content.refused()).toBe(0);
		}
		expect(mallory.office.conversations.get().map((one) => one.kind)).toEqual(['everyone']);
	});
});

describe('A28: a key that is given', () => {
	test('opens the message it fits and no other, whoever gives it, and forged entries are nobody\'s', async () => {
		const { who, clock, officeId } = await begin(['Alice', 'Mallory', 'Carol']);
		const [alice, mallory, carol] = [who('Alice'), who('Mallory'), who('Carol')];
		const direct = must(await alice.office.startConversation([mallory.member], ''));
		must(await alice.office.sendMessage(direct, 'between Alice and Mallory'));
		const group = must(await alice.office.startConversation([mallory.member, carol.member], 'Keeps its history'));
		const withCarol = must(await alice.office.startConversation([carol.member], ''));
		must(await alice.office.sendMessage(withCarol, 'honest'));
		await clock.advance(2000);
		const evil = await hostileMail(mallory, officeId, random);
		const real = written(alice, kinds.msg)[0]!;
		const forged = createEntry({ ...real.header, seq: 40, prev: real.id, lamport: 99 }, real.body, mallory.keys.signSecret);
		const keys = await evil.keys(random(32), [carol]);
		const own = await evil.message(random(32), keys.header.seq, 0, () => ({ conversation: group, content: utf8('never') }));
		const before = [group, withCarol].map((id) => carol.texts(id));
		const refusedBefore = carol.content.refused();
		for (const shared of [
			[{ id: real.id, key: random(32), entry: undefined }],
			[{ id: forged.id, key: random(32), entry: forged }],
			[{ id: own.id, key: random(32), entry: undefined }],
			[{ id: '12'.repeat(32), key: random(32), entry: undefined }],
		]) {
			for (const inner of packShares(shared)) await evil.letter(kinds.share, inner, [carol]);
		}
		await evil.raw(kinds.share, random(900));
		await clock.advance(5000);
		expect([group, withCarol].map((id) => carol.texts(id)).flat().filter((text) => !text.endsWith('could not be opened'))).toEqual(before.flat());
		expect(carol.texts(withCarol), 'Alice is blamed for nothing').toEqual(['honest']);
		expect(carol.content.refused()).toBeGreaterThan(refusedBefore);
		await carol.restart();
		expect(carol.texts(withCarol)).toEqual(['honest']);
	});

	test('shows nothing in a group that keeps its history, nor of a conversation of others', async () => {
		const { who, clock, officeId } = await begin(['Alice', 'Mallory', 'Carol']);
		const [alice, mallory, carol] = [who('Alice'), who('Mallory'), who('Carol')];
		const direct = must(await alice.office.startConversation([mallory.member], ''));
		const group = must(await alice.office.startConversation([mallory.member], 'Keeps its history'));
		must(await alice.office.sendMessage(group, 'before Carol'));
		must(await alice.office.sendMessage(direct, 'for Mallory alone'));
		await clock.advance(1000);
		must(await alice.office.addToConversation(group, [carol.member]));
		await clock.advance(2000);
		expect(await mallory.office.shareHistory(group, carol.member)).toEqual({ ok: false, code: 'not-allowed' });
		expect(await mallory.office.shareHistory(direct, carol.member)).toEqual({ ok: false, code: 'not-allowed' });
		const evil = await hostileMail(mallory, officeId, random);
		const open = await keysOpenTo(mallory, random);
		const keys = written(alice, kinds.msg).flatMap((entry) => {
			const key = open.messageKeyOf(entry);
			return key ? [{ id: entry.id, key, entry: undefined }] : [];
		});
		expect(keys.length).toBeGreaterThan(2);
		for (const inner of packShares(keys)) await evil.letter(kinds.share, inner, [carol]);
		await clock.advance(3000);
		expect(carol.office.conversations.get().flatMap((one) => carol.texts(one.id))).not.toEqual(expect.arrayContaining(['before Carol']));
		expect(carol.office.conversations.get().flatMap((one) => carol.texts(one.id))).not.toEqual(expect.arrayContaining(['for Mallory alone']));
	});
});

describe('shared history', () => {
	test('is given to who was added later, marked with who gave it, and is no news', async () => {
		const { who, clock, connect } = await begin(['Alice', 'Bo', 'Carol', 'Dan']);
		const [alice, bo, carol, dan] = [who('Alice'), who('Bo'), who('Carol'), who('Dan')];
		const group = must(await alice.office.startConversation([bo.member], 'Plan', true));
		must(await alice.office.sendMessage(group, 'first'));
		await clock.advance(500);
		must(await bo.office.sendMessage(group, 'second'));
		await clock.advance(500);
		expect(await bo.office.shareHistory(group, carol.member), 'who is not in it').toEqual({ ok: false, code: 'not-allowed' });
		must(await alice.office.addToConversation(group, [carol.member]));
		await clock.advance(1000);
		must(await alice.office.sendMessage(group, 'with Carol'));
		await clock.advance(1000);
		expect(carol.texts(group)).toEqual(['Alice added you', 'with Carol']);
		expect(carol.office.conversations.get().find((one) => one.id === group)?.sharesHistory, 'not known without the CREATE').toBe(false);
		must(await bo.office.shareHistory(group, carol.member));
		await clock.advance(2000);
		const whole = ['Alice created the group', 'first', 'second', 'Alice added you', 'with Carol'];
		expect(carol.texts(group)).toEqual(whole);
		expect(carol.office.messages(group).get().map((message) => message.sharedBy)).toEqual(['', 'Bo', 'Bo', '', '']);
		expect(carol.office.conversations.get().find((one) => one.id === group)).toMatchObject({ sharesHistory: true, unread: 1 });
		await carol.restart();
		expect(carol.texts(group)).toEqual(whole);
		expect(carol.office.messages(group).get().map((message) => message.sharedBy)).toEqual(['', 'Bo', 'Bo', '', '']);
		expect(dan.office.conversations.get().map((one) => one.kind)).toEqual(['everyone']);
		// Who was given it may give it on.
		connect();
		await clock.advance(5000);
		must(await carol.office.addToConversation(group, [dan.member]));
		await clock.advance(1000);
		must(await carol.office.shareHistory(group, dan.member));
		await clock.advance(2000);
		expect(dan.texts(group)).toEqual(expect.arrayContaining(['first', 'second', 'with Carol']));
	});

	test('brings along what a newcomer of the office never held', async () => {
		const { who, clock, story, officeId, roots } = await begin(['Alice', 'Bo']);
		const [alice, bo] = [who('Alice'), who('Bo')];
		const group = must(await alice.office.startConversation([bo.member], 'Plan', true));
		must(await alice.office.sendMessage(group, 'long ago'));
		await clock.advance(1000);
		clock.jump(8 * dayMs);
		must(await alice.office.sendMessage(group, 'after a BASE'));
		await clock.advance(1000);
		const base = alice.log.newestBase(alice.id, lanes.mail)!;
		expect(base).toBeGreaterThan(0);
		// Eve joins now, and begins Alice's mail at that BASE.
		const person = story.person('Eve');
		const writer = createActWriter({ log: alice.log, members: alice.members });
		const invite = story.invite(story.founder);
		for (const entry of story.entries) await alice.log.accept([entry]);
		must(await writer.write({ type: 'admit', join: story.join(invite, person, story.founder) }));
		await clock.advance(1000);
		const store = createMemoryStore(officeId);
		const log = await openLog({ officeId, keys: person.keys, store, clock, fresh: true });
		const view = createMembersView({ log });
		const deliveries = { covers: () => false, linked: () => false, decrypted: () => undefined, subscribe: () => () => undefined };
		const eve = await createContent({ officeId, keys: person.keys, log, store, members: view.state, roots, deliveries, clock, random });
		const member = story.memberOf(person);
		const give = async (): Promise<void> => {
			for (const from of [alice, bo]) {
				await log.accept(alice.log.range(from.id, lanes.office, 0));
				await log.accept(alice.log.range(from.id, lanes.mail, from === alice ? base : 0));
			}
			await clock.advance(1000);
		};
		must(await alice.office.addToConversation(group, [member]));
		must(await alice.office.shareHistory(group, member));
		await give();
		expect(log.at(alice.id, lanes.mail, base - 1)).toBeUndefined();
		expect(eve.part.messages(group).get().map((message) => [message.text, message.sharedBy])).toEqual([
			['Alice created the group', ''],
			['long ago', 'Alice'],
			['after a BASE', 'Alice'],
			['Alice added you', ''],
		]);
		await eve.stop();
	});
});
