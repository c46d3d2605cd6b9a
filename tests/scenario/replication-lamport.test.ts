/** A35: Eve lifts her lamports as high as she can, or dates her words by ten years. Nobody is locked out, and the order stays. */
import { describe, expect, test } from 'vitest';
import { messageTypes } from '../../src/sync/link/message-types.ts';
import { compareEntries, type Entry, kinds, type Lane, lanes, zeroId } from '../../src/sync/log/entry.ts';
import { encodeVector } from '../../src/sync/log/vector.ts';
import { createHostileAuthor, type HostileAuthor } from '../support/hostile-author.ts';
import { createSyncOffice, statesOf, type SyncDevice } from '../support/sync-office.ts';

const minuteMs = 60_000;
const tenYearsMs = 3650 * 24 * 60 * minuteMs;
const absurd = 2 ** 50;
const unknownRef = 'ee'.repeat(32);

async function officeOf(seed: number) {
	const office = await createSyncOffice({ devices: 4, seed });
	const [alice, bob, victim, eveDevice] = office.devices as [SyncDevice, SyncDevice, SyncDevice, SyncDevice];
	office.network.connect(alice.id, bob.id);
	await office.clock.advance(4000);
	for (let n = 0; n < 10; n++) await (n % 2 === 0 ? alice : bob).write((n % 3) as Lane);
	await office.clock.advance(minuteMs);
	return { ...office, alice, bob, victim, eve: createHostileAuthor(office, eveDevice) };
}

/** Eve claims that the office is huge, and gives an entry that would be of it. */
function lie(eve: HostileAuthor, to: SyncDevice, lamport: number) {
	const [inflated] = eve.history('from the far future', 1, { lane: lanes.open, fields: { lamport, refs: [unknownRef] } });
	const rows = [
		{ author: eve.id, lane: lanes.open, base: 0, head: 0, id: inflated!.id },
		{ author: 'ab'.repeat(32), lane: lanes.mail, base: 0, head: absurd, id: 'cd'.repeat(32) },
	];
	eve.send(to, messageTypes.vector, encodeVector(rows));
	return inflated!;
}

describe('A35: an inflated lamport', () => {
	test('is refused by who is level with the office, and flagged', async () => {
		const { alice, bob, eve, network, clock } = await officeOf(51);
		network.connect(alice.id, eve.id);
		await clock.advance(100);
		const inflated = lie(eve, alice, absurd);
		await clock.advance(100);
		eve.range(alice, [inflated]);
		await clock.advance(1000);
		expect(alice.log.get(inflated.id)).toBeUndefined();
		expect(alice.log.stats.inflated).toBeGreaterThan(0);
		expect(statesOf([alice, bob])).toBe(1);
	});

	test('of a lone peer lifts nobody: what the victim writes is taken by all, and after a restart it is level', async () => {
		const { alice, bob, victim, eve, network, clock } = await officeOf(52);
		network.connect(victim.id, eve.id);
		await clock.advance(100);
		const inflated = lie(eve, victim, 2 ** 39);
		await clock.advance(100);
		eve.range(victim, [inflated]);
		await clock.advance(1000);
		// Alone with Eve the victim cannot know better, but it does not follow her.
		const alone = await victim.write(lanes.mail);
		expect(alone.header.lamport).toBeLessThan(100);
		network.unplug(eve.id);
		network.connectAll([alice.id, bob.id, victim.id]);
		await clock.advance(2 * minuteMs);
		const later = await victim.write(lanes.open);
		const answer = await alice.write(lanes.open);
		await clock.advance(minuteMs);
		for (const device of [alice, bob]) {
			expect(device.log.get(alone.id)).toBeDefined();
			expect(device.log.get(later.id)).toBeDefined();
			expect(device.log.get(inflated.id)).toBeUndefined();
		}
		expect(victim.log.get(answer.id)).toBeDefined();
		await victim.restart();
		expect(victim.log.get(inflated.id)).toBeUndefined();
		network.connectAll([alice.id, bob.id, victim.id]);
		await clock.advance(minuteMs);
		expect(statesOf([alice, bob, victim])).toBe(1);
	});

	test('again and again, each time as far as the bound lets her, lifts the office once and no more', async () => {
		const { alice, bob, eve, network, clock } = await officeOf(53);
		network.connect(alice.id, eve.id);
		await clock.advance(100);
		let last: Entry | undefined;
		for (let n = 0; n < 60; n++) {
			// As high as Alice takes it: tried from above.
			const known = Math.max(...alice.log.vector().map((row) => alice.log.head(row.author, row.lane)?.lamport ?? 0));
			for (const lamport of [known + 2 ** 16, known + 2 ** 15, known + 100, known + 1]) {
				if (lamport <= (last?.header.lamport ?? 0)) continue;
				const step: Entry = eve.history(`step ${n}`, 1, { lane: lanes.open, fields: { seq: (last?.header.seq ?? -1) + 1, prev: last?.id ?? zeroId, lamport, refs: [unknownRef] } })[0]!;
				await eve.push(alice, [step]);
				if (alice.log.get(step.id) === undefined) continue;
				last = step;
				break;
			}
			await alice.write();
			await bob.write();
			await clock.advance(1000);
		}
		expect(last!.header.seq).toBeGreaterThan(1);
		const written = await bob.write();
		await clock.advance(1000);
		expect(alice.log.get(written.id)).toBeDefined();
		expect(written.header.lamport).toBeLessThan(2 ** 16 + 1000);
	});
});

test.for([-tenYearsMs, tenYearsMs])('A35: a wall clock %d ms away changes no order and locks nobody out', async (skewMs) => {
	const { alice, bob, eve, network, clock } = await officeOf(54);
	network.connect(alice.id, eve.id);
	await clock.advance(100);
	const before = await alice.write(lanes.open);
	const [skewed] = eve.history('skewed', 1, { lane: lanes.open, fields: { wallMs: Math.max(0, clock.now() + skewMs), refs: [before.id], lamport: before.header.lamport + 1 } });
	await eve.push(alice, [skewed!]);
	await clock.advance(1000);
	const after = await bob.write(lanes.open);
	await clock.advance(1000);
	const order = [...alice.log.entries(lanes.open)].sort(compareEntries).map((entry) => entry.id);
	expect(order.indexOf(skewed!.id)).toBe(order.indexOf(before.id) + 1);
	expect(order.indexOf(after.id)).toBe(order.indexOf(skewed!.id) + 1);
	// Their own clocks they keep.
	expect(Math.abs(after.header.wallMs - clock.now())).toBeLessThan(minuteMs);
	expect(after.header.kind).toBe(kinds.post);
});
