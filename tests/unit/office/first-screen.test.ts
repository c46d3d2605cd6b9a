/** The snapshot of the first screen: it shows what a rebuild shows, or is not used. */
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../../src/crypto/bytes.ts';
import { lanes } from '../../../src/sync/log/entry.ts';
import { openLog } from '../../../src/sync/log/log.ts';
import { everyoneId } from '../../../src/sync/office.ts';
import { type Content, createContent } from '../../../src/sync/office/conversations/content.ts';
import { newestOf } from '../../../src/sync/office/conversations/first-screen.ts';
import { createActWriter } from '../../../src/sync/office/members/act-writer.ts';
import { createMembersView } from '../../../src/sync/office/members/members.ts';
import { type ContentOffice, createContentOffice, must, type Talker } from '../../support/content-office.ts';
import { createMemoryDisk, createMemoryStore, type MemoryDisk } from '../../support/memory-store.ts';
import { pick, seededRandom } from '../../support/seeded-random.ts';

const noDeliveries = { covers: () => false, linked: () => false, decrypted: () => undefined, subscribe: () => () => undefined };
const record = 'snapshots/first-screen';

function cloned(disk: MemoryDisk): MemoryDisk {
	return { ...createMemoryDisk(), records: new Map(disk.records), segments: new Map([...disk.segments].map(([chain, rows]) => [chain, new Map(rows)])), heads: new Map(disk.heads) };
}

/** As the app starts. With `deaf` nothing that was kept is ever read: only a snapshot can be shown then. */
async function start(office: ContentOffice, reader: Talker, disk: MemoryDisk, { build = 'one', deaf = false } = {}) {
	const store = createMemoryStore(office.officeId, disk);
	const log = await openLog({ officeId: office.officeId, keys: reader.keys, store, clock: office.clock, verify: () => true, actsFirst: true });
	const members = createMembersView({ log });
	const content = createContent({
		officeId: office.officeId,
		keys: reader.keys,
		log,
		store: deaf ? { ...store, allLater: (bucket) => (bucket === 'kept' ? new Promise(() => undefined) : store.allLater(bucket)) } : store,
		members: members.state,
		roots: office.roots,
		deliveries: noDeliveries,
		build,
		clock: office.clock,
		random: seededRandom(9),
	});
	return { log, content };
}

/** What stands there at once, without a look at what was kept; `undefined` if nothing does. */
async function early(office: ContentOffice, reader: Talker, disk: MemoryDisk, build = 'one'): Promise<unknown> {
	const { content } = await start(office, reader, cloned(disk), { build, deaf: true });
	const shown = await Promise.race([content, new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 50))]);
	return shown && screenOf(shown);
}

/** What stands there in the end. */
async function rebuilt(office: ContentOffice, reader: Talker, disk: MemoryDisk, build = 'another'): Promise<unknown> {
	const content = await (await start(office, reader, cloned(disk), { build })).content;
	await office.clock.advance(2000);
	return screenOf(content);
}

function screenOf(content: Content): unknown {
	const { conversations, messages, notices } = content.part;
	const shown = conversations.get();
	return { conversations: shown, messages: shown.map(({ id }) => newestOf(messages(id).get())), notices: notices.get() };
}

/** The app runs for a while and is closed. */
async function run(office: ContentOffice, reader: Talker, disk: MemoryDisk): Promise<void> {
	const { log, content } = await start(office, reader, disk);
	await office.clock.advance(2000);
	await (await content).stop();
	await log.close();
}

/** Alice, Bo and Carol talk at random: to everyone, in a group, to each other, on the placard. */
async function past(seed: number) {
	const office = await createContentOffice(['Alice', 'Bo', 'Carol'], { seed, managers: 2 });
	const { clock, who } = office;
	const [alice, bo, carol] = [who('Alice'), who('Bo'), who('Carol')];
	office.connect();
	await clock.advance(5000);
	const random = seededRandom(seed);
	const group = must(await alice.office.startConversation([bo.member, carol.member], 'Plan'));
	const direct = must(await bo.office.startConversation([carol.member], ''));
	await clock.advance(2000);
	const talk = async (count: number): Promise<void> => {
		for (let n = 0; n < count; n++) {
			const talker = [alice, bo, carol][pick(random, 3)]!;
			const where = [everyoneId, group, talker === alice ? group : direct][pick(random, 3)]!;
			must(await talker.office.sendMessage(where, `${talker.name} ${n}`));
			if (pick(random, 8) === 0) await carol.office.markRead(where);
			if (pick(random, 12) === 0) must(await bo.office.postNotice({ title: `Notice ${n}`, text: 'x', asksAcknowledgement: pick(random, 2) === 0 }));
			await clock.advance(pick(random, 400));
		}
		await clock.advance(30_000);
	};
	await talk(25);
	return { office, alice, bo, carol, talk };
}

test('in random histories it is what a rebuild shows; what came after it was made stands there once that is built', { timeout: 120_000 }, async () => {
	for (let seed = 1; seed <= 6; seed++) {
		const { office, carol, talk } = await past(seed);
		await carol.stop();
		const disk = cloned(carol.disk);
		await run(office, carol, disk);
		const before = await rebuilt(office, carol, disk);
		expect(await early(office, carol, disk), `seed ${seed}`).toEqual(before);
		expect(await rebuilt(office, carol, disk, 'one')).toEqual(before);

		// More comes, and the app ends before it makes another.
		await carol.restart();
		office.connect();
		await office.clock.advance(5000);
		await talk(8);
		await carol.stop();
		const later = cloned(carol.disk);
		later.records.set(record, disk.records.get(record)!);
		const after = await rebuilt(office, carol, later);
		expect(after).not.toEqual(before);
		expect(await rebuilt(office, carol, later, 'one'), `seed ${seed}`).toEqual(after);
	}
});

describe('it is not used', () => {
	test('once somebody was removed, by whose cut something no longer counts', { timeout: 60_000 }, async () => {
		const { office, alice, bo, carol } = await past(7);
		await carol.stop();
		const disk = cloned(carol.disk);
		await run(office, carol, disk);
		const said = alice.log.head(bo.id, lanes.open);
		const cutAfter = said && alice.log.at(bo.id, lanes.open, Math.floor(said.seq / 2));
		must(await createActWriter({ log: alice.log, members: alice.members }).write({ type: 'removeMember', member: bo.member, reason: 0, cut: cutAfter ? [{ device: bo.id, lane: lanes.open, seq: cutAfter.header.seq, id: cutAfter.id }] : [] }));
		const { log } = await start(office, carol, disk, { deaf: true });
		const head = alice.log.head(alice.id, lanes.office)!;
		await log.accept(alice.log.range(alice.id, lanes.office, head.seq));
		await log.close();
		expect(await early(office, carol, disk)).toBeUndefined();
		const shown = await rebuilt(office, carol, disk, 'one');
		expect(shown).toEqual(await rebuilt(office, carol, disk));
		disk.records.delete(record);
		expect(await rebuilt(office, carol, disk, 'one')).toEqual(shown);
	});

	test('by another build, with other marks, or damaged, foreign, cut short or empty; and never an error', { timeout: 60_000 }, async () => {
		const { office, bo, carol } = await past(8);
		await carol.stop();
		const disk = cloned(carol.disk);
		await run(office, carol, disk);
		const shown = await rebuilt(office, carol, disk);
		expect(await early(office, carol, disk, 'a newer build')).toBeUndefined();
		await bo.stop();
		const foreign = cloned(bo.disk);
		await run(office, bo, foreign);
		const good = disk.records.get(record)!;
		const bad = [foreign.records.get(record)!, good.slice(0, good.length / 2), good.map((byte, index) => (index === 9 ? byte ^ 1 : byte)), new Uint8Array(), utf8('null'), utf8('{}'), utf8('{"shape":1}'), Uint8Array.of(0xff, 0xfe)];
		for (const [index, bytes] of bad.entries()) {
			const harmed = cloned(disk);
			harmed.records.set(record, bytes);
			expect(await early(office, carol, harmed), `case ${index}`).toBeUndefined();
			expect(await rebuilt(office, carol, harmed, 'one'), `case ${index}`).toEqual(shown);
		}
		for (const key of [...disk.records.keys()]) if (key.startsWith('marks/')) disk.records.delete(key);
		expect(await early(office, carol, disk)).toBeUndefined();
	});
});

test('a power cut that took what was kept since leaves a screen that the log builds again', { timeout: 60_000 }, async () => {
	const { office, carol } = await past(9);
	await carol.stop();
	const disk = cloned(carol.disk);
	await run(office, carol, disk);
	const shown = await rebuilt(office, carol, disk);
	for (const key of [...disk.records.keys()]) if (key.startsWith('kept/')) disk.records.delete(key);
	expect(await early(office, carol, disk)).toEqual(shown);
	expect(await rebuilt(office, carol, disk, 'one')).toEqual(shown);
});
