/** What lies beyond the horizon is dropped, and nobody fetches it again. */
import { expect, test } from 'vitest';
import { kinds, type Lane, lanes } from '../../src/sync/log/entry.ts';
import { createHorizon } from '../../src/sync/log/horizon.ts';
import { messageTypes } from '../../src/sync/link/message-types.ts';
import { createSyncOffice, statesOf, type SyncDevice } from '../support/sync-office.ts';

const dayMs = 24 * 60 * 60 * 1000;
const minuteMs = 60_000;

async function base(device: SyncDevice, lane: Lane): Promise<void> {
	const written = await device.log.append({ kind: kinds.base, lane, body: () => new Uint8Array(9) });
	if (!written.ok) throw new Error(written.code);
}

/** Alice and Bob wrote for a year, a BASE each month; Carol comes later. */
async function afterAYear(seed: number) {
	const office = await createSyncOffice({ devices: 3, seed });
	const [alice, bob, carol] = office.devices as [SyncDevice, SyncDevice, SyncDevice];
	office.network.connect(alice.id, bob.id);
	await office.clock.advance(4000);
	for (let month = 0; month < 12; month++) {
		for (const device of [alice, bob]) {
			for (const lane of [lanes.open, lanes.mail] as Lane[]) {
				if (month > 0) await base(device, lane);
				for (let n = 0; n < 20; n++) await device.write(lane);
			}
			await device.write(lanes.office);
		}
		await office.clock.advance(minuteMs);
		office.clock.jump(30 * dayMs);
	}
	const keep = (device: SyncDevice, isDelivered = (lane: Lane, seq: number) => device.replication.covers(device === alice ? bob.id : alice.id, device.id, lane, seq)) =>
		createHorizon({ log: device.log, clock: office.clock, horizonDays: () => 90, isDelivered });
	return { ...office, alice, bob, carol, keep };
}

const segmentsOf = (device: SyncDevice): number => [...device.disk.segments.values()].reduce((sum, rows) => sum + [...rows.values()].reduce((bytes, row) => bytes + row.length, 0), 0);

test('a year of mail shrinks to the horizon, here and on disk, and the office lane stays', async () => {
	const { alice, bob, clock, network, keep } = await afterAYear(41);
	const before = segmentsOf(alice);
	const officeHead = alice.log.head(bob.id, lanes.office);
	keep(alice);
	await clock.advance(2 * minuteMs);
	for (const author of [alice.id, bob.id]) {
		for (const lane of [lanes.open, lanes.mail] as Lane[]) {
			const head = alice.log.head(author, lane)!;
			expect(head.base).toBeGreaterThan(0);
			const first = alice.log.at(author, lane, head.base)!;
			expect(first.header.kind).toBe(kinds.base);
			// The newest BASE beyond the horizon, and not the one after it.
			expect(clock.now() - first.header.wallMs).toBeGreaterThanOrEqual(90 * dayMs - minuteMs);
			expect(clock.now() - first.header.wallMs).toBeLessThan(125 * dayMs);
			expect(alice.log.at(author, lane, 0)).toBeUndefined();
		}
	}
	expect(alice.log.head(bob.id, lanes.office)).toEqual(officeHead);
	expect(segmentsOf(alice)).toBeLessThan(before * 0.5);

	// Bob still has it all: nothing is fetched again, and both are level.
	expect(statesOf([alice, bob])).toBe(1);
	network.sent.clear();
	network.disconnect(alice.id, bob.id);
	await alice.restart();
	const held = alice.log.vector();
	network.connect(alice.id, bob.id);
	await clock.advance(2 * minuteMs);
	expect(alice.log.vector()).toEqual(held);
	expect(network.sent.get(messageTypes.want) ?? 0).toBe(0);
	// What is written then goes on.
	const entry = await alice.write(lanes.mail);
	await clock.advance(1000);
	expect(bob.log.get(entry.id)).toBeDefined();
});

test('a newcomer takes lane 1 from the horizon on, from whoever dropped the rest', async () => {
	const { alice, carol, clock, network, keep } = await afterAYear(42);
	keep(alice);
	await clock.advance(2 * minuteMs);
	network.connect(alice.id, carol.id);
	await clock.advance(minuteMs);
	expect(statesOf([alice, carol])).toBe(1);
	expect(carol.log.head(alice.id, lanes.open)?.base).toBe(alice.log.head(alice.id, lanes.open)?.base);
});

test('what never left this device is not dropped', async () => {
	const { alice, bob, clock, keep } = await afterAYear(43);
	keep(alice, () => false);
	await clock.advance(2 * minuteMs);
	expect(alice.log.head(alice.id, lanes.mail)?.base).toBe(0);
	expect(alice.log.head(bob.id, lanes.mail)?.base).toBeGreaterThan(0);
});

test('A35: a clock put ten years ahead drops no more, nor does an author who writes of ten years hence', async () => {
	const { alice, bob, carol, clock, keep, network } = await afterAYear(44);
	network.connect(bob.id, carol.id);
	clock.jump(3650 * dayMs);
	keep(bob);
	await clock.advance(2 * minuteMs);
	const bases = (device: SyncDevice): readonly number[] => device.log.vector().filter((row) => row.lane !== lanes.office).map((row) => row.base);
	const dropped = bases(bob);
	// The office is as old as its entries: the year's horizon, not that of ten years on.
	expect(dropped.every((seq) => seq > 0)).toBe(true);
	expect(bob.log.head(alice.id, lanes.mail)?.seq).toBe(alice.log.head(alice.id, lanes.mail)?.seq);
	await bob.write(lanes.open);
	await clock.advance(dayMs + minuteMs);
	expect(bases(bob)).toEqual(dropped);
});
