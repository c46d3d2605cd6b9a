/** What carriers, repeaters and a broken verifier do to the log: nothing. */
import { describe, expect, test } from 'vitest';
import { messageTypes } from '../../src/sync/link/message-types.ts';
import { type Entry, type Lane, lanes } from '../../src/sync/log/entry.ts';
import { encodeVector } from '../../src/sync/log/vector.ts';
import { createHostileAuthor } from '../support/hostile-author.ts';
import { createSyncOffice, statesOf, type SyncDevice } from '../support/sync-office.ts';

const allLanes: readonly Lane[] = [lanes.office, lanes.open, lanes.mail];
const held = (device: SyncDevice, author: string): readonly number[] => allLanes.flatMap((lane) => [...device.log.entries(lane)].filter((entry) => entry.header.author === author).map((entry) => entry.header.seq));
const segments = (device: SyncDevice): number => [...device.disk.segments.values()].reduce((sum, rows) => sum + rows.size, 0);

async function officeOf(seed: number) {
	const office = await createSyncOffice({ devices: 4, seed });
	const [alice, victim, carol, carrierDevice] = office.devices as [SyncDevice, SyncDevice, SyncDevice, SyncDevice];
	const told: string[] = [];
	victim.log.subscribe((entries) => told.push(...entries.map((entry) => entry.id)));
	return { ...office, alice, victim, carol, carrier: createHostileAuthor(office, carrierDevice), told };
}

async function write(device: SyncDevice, count: number, lane: Lane = lanes.open): Promise<readonly Entry[]> {
	const entries: Entry[] = [];
	for (let n = 0; n < count; n++) entries.push(await device.write(lane));
	return entries;
}

test('A01: the same entry three times, from another carrier and after a restart, is stored and told once', async () => {
	const { alice, victim, carrier, told, network, clock } = await officeOf(61);
	network.connect(alice.id, victim.id);
	network.connect(carrier.id, victim.id);
	await clock.advance(4000);
	const [entry] = await write(alice, 1);
	await clock.advance(1000);
	for (let n = 0; n < 3; n++) await carrier.push(victim, [entry!]);
	carrier.range(victim, [entry!]);
	await clock.advance(1000);
	expect(told.filter((id) => id === entry!.id)).toHaveLength(1);
	const onDisk = segments(victim);
	await victim.restart();
	network.connect(carrier.id, victim.id);
	await clock.advance(1000);
	await carrier.push(victim, [entry!, entry!]);
	carrier.range(victim, [entry!]);
	await clock.advance(1000);
	expect([...victim.log.entries(lanes.open)].map((stored) => stored.id)).toEqual([entry!.id]);
	expect(segments(victim)).toBe(onDisk);
});

describe('A34: a carrier that drops seq 5', () => {
	test('leaves a gap that is known as one, and nothing after it is taken; an honest peer closes it', async () => {
		const { alice, victim, carrier, told, network, clock } = await officeOf(62);
		const entries = await write(alice, 9);
		network.connect(carrier.id, victim.id);
		await clock.advance(100);
		carrier.send(victim, messageTypes.vector, encodeVector(alice.log.vector()));
		await clock.advance(100);
		carrier.range(victim, entries.slice(0, 5));
		await clock.advance(100);
		await carrier.push(victim, entries.slice(6));
		carrier.range(victim, entries.slice(6));
		await clock.advance(8000);
		expect(held(victim, alice.id)).not.toContain(6);
		expect(victim.log.head(alice.id, lanes.open)?.seq).toBe(4);
		// It knows that it lacks something.
		expect(victim.replication.caughtUp.get()).toBe(false);
		network.connect(alice.id, victim.id);
		await clock.advance(25_000);
		expect(victim.log.head(alice.id, lanes.open)?.seq).toBe(8);
		expect(victim.replication.caughtUp.get()).toBe(true);
		expect(told.filter((id) => entries.some((entry) => entry.id === id))).toEqual(entries.map((entry) => entry.id));
	});

	test('or that passes them on in any order: they are told in theirs', async () => {
		const { alice, victim, carrier, told, network, clock } = await officeOf(63);
		const entries = await write(alice, 9);
		network.connect(carrier.id, victim.id);
		network.connect(alice.id, carrier.id);
		await clock.advance(100);
		await carrier.push(victim, [7, 2, 5, 8, 0, 4, 1, 6, 3].map((n) => entries[n]!));
		await clock.advance(100);
		network.connect(alice.id, victim.id);
		await clock.advance(5000);
		expect(statesOf([alice, victim])).toBe(1);
		expect(told.filter((id) => entries.some((entry) => entry.id === id))).toEqual(entries.map((entry) => entry.id));
	});
});

describe('A07: where the verifier says no', () => {
	test('nothing is stored, told, forwarded or acknowledged, by whatever way it comes', async () => {
		const { alice, victim, carol, carrier, network, clock } = await officeOf(64);
		await victim.restart(() => false);
		const told: string[] = [];
		victim.log.subscribe((entries) => told.push(...entries.map((entry) => entry.id)));
		const onDisk = segments(victim);
		// A line: what reaches Carol has to pass the victim.
		network.connect(alice.id, victim.id);
		network.connect(victim.id, carol.id);
		network.connect(carrier.id, victim.id);
		await clock.advance(4000);
		const written: Entry[] = [];
		for (const lane of allLanes) written.push(...(await write(alice, 3, lane)));
		await clock.advance(30_000);
		// Two histories: no fork of what was never believed.
		await carrier.push(victim, carrier.history('one', 2));
		carrier.range(victim, carrier.history('other', 2));
		await clock.advance(60_000);
		for (const device of [victim, carol]) for (const entry of written) expect(device.log.get(entry.id)).toBeUndefined();
		expect(told).toEqual([]);
		expect(segments(victim)).toBe(onDisk);
		expect(victim.log.forks.get()).toEqual([]);
		expect(victim.log.stats.bad).toBeGreaterThan(0);
		expect(victim.replication.covers(alice.id, alice.id, lanes.open, 0)).toBe(false);
		expect(alice.replication.covers(victim.id, alice.id, lanes.open, 0)).toBe(false);
	});
});
