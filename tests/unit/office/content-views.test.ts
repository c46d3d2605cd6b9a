/** Views are pure functions of what is held: any order of arrival, at once or bit by bit, from the log or from `kept`, shows the same. */
import { describe, expect, test } from 'vitest';
import { hex, utf8 } from '../../../src/crypto/bytes.ts';
import type { Entry, Id } from '../../../src/sync/log/entry.ts';
import { openLog } from '../../../src/sync/log/log.ts';
import { everyoneId } from '../../../src/sync/office.ts';
import { type Content, createContent } from '../../../src/sync/office/conversations/content.ts';
import { createAttachmentStates } from '../../../src/sync/office/conversations/attachment-states.ts';
import { createConversationViews } from '../../../src/sync/office/conversations/conversation-views.ts';
import { directId } from '../../../src/sync/office/conversations/conversation-content.ts';
import type { Given } from '../../../src/sync/office/conversations/given-history.ts';
import { encodeMessageInner, innerTypes } from '../../../src/sync/office/conversations/inner.ts';
import type { KeptEntry } from '../../../src/sync/office/conversations/kept.ts';
import { openMarks } from '../../../src/sync/office/conversations/marks.ts';
import { createMembersView } from '../../../src/sync/office/members/members.ts';
import { createOutbox } from '../../../src/sync/office/conversations/outbox.ts';
import { createReadMarkers } from '../../../src/sync/office/conversations/read-markers.ts';
import { createRoster } from '../../../src/sync/office/conversations/roster.ts';
import { createThreads } from '../../../src/sync/office/conversations/threads.ts';
import { createCell } from '../../../src/sync/source.ts';
import { createContentOffice, must, type Talker } from '../../support/content-office.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createMemoryStore } from '../../support/memory-store.ts';
import { pick, seededRandom } from '../../support/seeded-random.ts';

const noDeliveries = { covers: () => false, linked: () => false, decrypted: () => undefined, subscribe: () => () => undefined };

/** Everything on screen but what only this device knows: marks. */
function screenOf(content: Content): unknown {
	const { conversations, messages, notices } = content.part;
	return {
		conversations: conversations.get().filter((one) => one.lastMs > 0).map(({ unread: _, ...rest }) => rest),
		messages: conversations.get().filter((one) => one.lastMs > 0).map((one) => messages(one.id).get().map(({ unread: _, state: _state, heldFor: _held, ...rest }) => rest)),
		notices: notices.get().map(({ unread: _, ...rest }) => rest),
	};
}

test('any order of arrival shows the same, and so does a restart', { timeout: 60_000 }, async () => {
	const office = await createContentOffice(['Alice', 'Bo', 'Carol', 'Dan'], { managers: 2 });
	const { clock, who, network } = office;
	const [alice, bo, carol, dan] = [who('Alice'), who('Bo'), who('Carol'), who('Dan')];
	office.connect();
	await clock.advance(5000);
	const group = must(await alice.office.startConversation([bo.member, carol.member], 'Plan'));
	const direct = must(await carol.office.startConversation([bo.member], ''));
	const notice = must(await alice.office.postNotice({ title: 'Drill', text: 'x', asksAcknowledgement: true }));
	const other = must(await bo.office.postNotice({ title: 'Gone', text: 'x', asksAcknowledgement: false }));
	await clock.advance(2000);
	const random = seededRandom(5);
	for (let n = 0; n < 40; n++) {
		const talker = [alice, bo, carol][pick(random, 3)]!;
		const where = [everyoneId, group, talker === alice ? group : direct][pick(random, 3)]!;
		const left = n > 36 && talker === bo && where === group;
		must(await talker.office.sendMessage(left ? everyoneId : where, `${talker.name} ${n}`));
		if (n === 15) network.partition([[alice.id, dan.id], [bo.id, carol.id]]);
		if (n === 16) must(await alice.office.addToConversation(group, [dan.member]));
		if (n === 36) must(await bo.office.leaveConversation(group));
		if (n === 19) must(await bo.office.withdrawNotice(other));
		if (n === 25) office.connect();
		await clock.advance(pick(random, 300));
	}
	must(await carol.office.acknowledge(notice));
	must(await dan.office.acknowledge(notice));
	await clock.advance(60_000);

	for (const reader of [bo, carol, dan]) {
		const shown = screenOf(reader.content);
		for (let seed = 0; seed < 8; seed++) expect(screenOf(await arriveAtRandom(reader, alice, seed)), `${reader.name}, seed ${seed}`).toEqual(shown);
		await reader.restart();
		expect(screenOf(reader.content)).toEqual(shown);
	}

	/** The same person with an empty disk, to whom `from` gives everything, chains interleaved. */
	async function arriveAtRandom(reader: Talker, from: Talker, seed: number): Promise<Content> {
		const draws = seededRandom(seed);
		const store = createMemoryStore(office.officeId);
		const log = await openLog({ officeId: office.officeId, keys: reader.keys, store, clock, fresh: true });
		const view = createMembersView({ log });
		const content = await createContent({ officeId: office.officeId, keys: reader.keys, log, store, members: view.state, roots: office.roots, deliveries: noDeliveries, clock, random: draws });
		const chains = from.log.vector().map(({ author, lane }) => [...from.log.range(author, lane, 0)]);
		while (chains.some((chain) => chain.length > 0)) {
			const chain = chains.filter((each) => each.length > 0)[pick(draws, chains.filter((each) => each.length > 0).length)]!;
			const run: Entry[] = chain.splice(0, 1 + pick(draws, 4));
			// A run ends where the carrier holds a signature.
			while (run.at(-1)?.signature === undefined && chain.length > 0) run.push(chain.shift()!);
			expect(['stored', 'gap', 'bad']).toContain(await log.accept(run));
			if (!run.every((entry) => log.get(entry.id))) chain.unshift(...run);
		}
		await clock.advance(1000);
		return content;
	}
});

describe('a conversation of 10,000 messages', () => {
	async function long() {
		const office = await createContentOffice(['Alice', 'Bo']);
		const [alice, bo] = [office.who('Alice'), office.who('Bo')];
		const conversation = directId(office.officeId, alice.member, bo.member);
		const threads = createThreads({ selfDevice: alice.id, counts: () => true, homeOfSealed: () => undefined });
		const marks = await openMarks(createMemoryStore(office.officeId));
		let covered = -1;
		const listeners = new Set<() => void>();
		const deliveries = {
			...noDeliveries,
			covers: (_device: Id, _author: Id, _lane: number, seq: number) => seq <= covered,
			subscribe(changed: () => void) {
				listeners.add(changed);
				return () => listeners.delete(changed);
			},
		};
		const views = createConversationViews({ officeId: office.officeId, selfDevice: alice.id, log: alice.log, threads, roster: createRoster(alice.members, alice.id), marks, outbox: createOutbox(), deliveries, blocked: createCell<ReadonlySet<string>>(new Set()), given: createCell<ReadonlyMap<string, Given>>(new Map()), attachments: createAttachmentStates() });
		const kept = (n: number): KeptEntry => {
			const author = n % 2 === 0 ? alice.id : bo.id;
			const id = hex(utf8(`message ${n}`.padEnd(32, '.')));
			const header = { kind: 97, lane: 2 as const, officeId: office.officeId, author, seq: n, prev: id, lamport: n + 1, wallMs: n, refs: [], bodyLength: 0, bodyHash: id };
			return { id, header, inner: encodeMessageInner({ type: innerTypes.text, conversation, epoch: id, author, seq: n, follows: [], content: utf8(`text ${n}`) }) };
		};
		const deliver = (seq: number): void => {
			covered = seq;
			for (const listener of listeners) listener();
		};
		return { conversation, threads, views, kept, deliver, marks, bo };
	}

	test('is built at once or one by one in time that does not grow with its length', { timeout: 60_000 }, async () => {
		const { conversation, threads, views, kept, deliver } = await long();
		let started = performance.now();
		threads.place(Array.from({ length: 10_000 }, (_, n) => kept(n)));
		expect(views.messages(conversation).get()).toHaveLength(10_000);
		const builtMs = performance.now() - started;
		started = performance.now();
		for (let n = 10_000; n < 10_100; n++) {
			threads.place([kept(n)]);
			expect(views.messages(conversation).get()).toHaveLength(n + 1);
			expect(views.conversations.get()).toHaveLength(2);
		}
		const eachMs = (performance.now() - started) / 100;
		started = performance.now();
		for (let n = 0; n < 100; n++) {
			deliver(9900 + n);
			views.messages(conversation).get();
		}
		const deliveredMs = (performance.now() - started) / 100;
		console.info(`10,000 messages: built in ${builtMs.toFixed(0)} ms, each more ${eachMs.toFixed(1)} ms, each delivery ${deliveredMs.toFixed(1)} ms`);
		expect(builtMs).toBeLessThan(5000);
		expect(eachMs).toBeLessThan(150);
		expect(deliveredMs).toBeLessThan(150);
	});

	test('keeps what did not change: snapshots and messages', async () => {
		const { conversation, threads, views, kept, deliver, marks, bo } = await long();
		threads.place([0, 1, 2, 3].map(kept));
		const before = views.messages(conversation).get();
		expect(views.messages(conversation).get()).toBe(before);
		threads.place([kept(4)]);
		const after = views.messages(conversation).get();
		expect(before).toHaveLength(4);
		for (const [index, message] of before.entries()) expect(after[index]).toBe(message);
		deliver(2);
		const delivered = views.messages(conversation).get();
		expect(delivered.map((message) => message.state)).toEqual(['delivered', 'received', 'delivered', 'received', 'sent']);
		expect(delivered[1]).toBe(after[1]);
		expect(delivered[4]).toBe(after[4]);
		deliver(2);
		expect(views.messages(conversation).get()).toBe(delivered);
		expect(views.conversations.get().find((one) => one.id === conversation)?.unread).toBe(2);
		expect(delivered.map((message) => message.unread)).toEqual([false, true, false, false, false]);
		await marks.raise(conversation, [[bo.id, 1]]);
		expect(views.messages(conversation).get().map((message) => message.unread)).toEqual([false, false, false, true, false]);
		// What comes late from somebody else is unread wherever it stands.
		await marks.raise(conversation, [[bo.id, 3]]);
		expect(views.conversations.get().find((one) => one.id === conversation)?.unread).toBe(0);
	});
});

test('read markers: at once, then at most one in 10 s, with the newest state, and none that says nothing', async () => {
	const clock = createFakeClock();
	const sent: string[] = [];
	const markers = createReadMarkers({ clock, send: (conversation, read) => sent.push(`${conversation} ${[...read.values()].join()}`) });
	const read = (conversation: string, seq: number): void => markers.read(conversation, new Map([['bo', seq]]));
	read('a', 1);
	read('a', 1);
	read('a', 2);
	read('a', 3);
	read('b', 9);
	expect(sent).toEqual(['a 1', 'b 9']);
	await clock.advance(9_999);
	expect(sent).toHaveLength(2);
	await clock.advance(1);
	expect(sent).toEqual(['a 1', 'b 9', 'a 3']);
	read('a', 3);
	await clock.advance(60_000);
	read('a', 4);
	expect(sent).toEqual(['a 1', 'b 9', 'a 3', 'a 4']);
	read('a', 5);
	markers.stop();
	await clock.advance(60_000);
	expect(sent).toHaveLength(4);
});
