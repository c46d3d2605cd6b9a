/** Convergence, cost and survival of the log over a network that misbehaves. Every seed is printed with its failure. */
import { describe, expect, test } from 'vitest';
import { messageTypes } from '../../src/sync/link/message-types.ts';
import { compareEntries, type Entry, type Lane, lanes } from '../../src/sync/log/entry.ts';
import { storm } from '../support/fake-network.ts';
import { pick } from '../support/seeded-random.ts';
import { createSyncOffice, statesOf, type SyncDevice } from '../support/sync-office.ts';

const anyLane = (n: number): Lane => (n === 0 ? lanes.office : n === 1 ? lanes.open : lanes.mail);
const idsOf = (devices: readonly SyncDevice[]): readonly SyncDevice['id'][] => devices.map((device) => device.id);
const shown = (device: SyncDevice): readonly string[] =>
	Object.values(lanes)
		.flatMap((lane): Entry[] => [...device.log.entries(lane)])
		.sort(compareEntries)
		.map((entry) => entry.id);

describe('five devices on a network that loses, repeats and reorders', () => {
	test.for(Array.from({ length: 24 }, (_, index) => 1000 + index))('converge (seed %d)', async (seed) => {
		const { devices, network, clock, random } = await createSyncOffice({ devices: 5, seed, held: 1 });
		network.weather = storm;
		network.connectAll(idsOf(devices));
		for (let step = 0; step < 40; step++) {
			const device = devices[pick(random, devices.length)];
			await device?.write(anyLane(pick(random, 3)));
			if (step % 10 === 5) network.partition([idsOf(devices.slice(0, 2)), idsOf(devices.slice(2))]);
			if (step % 10 === 9) network.connectAll(idsOf(devices));
			await clock.advance(pick(random, 900));
		}
		network.connectAll(idsOf(devices));
		await clock.advance(240_000);
		expect(statesOf(devices), `seed ${seed}`).toBe(1);
		expect(new Set(devices.map((device) => shown(device).join())).size, `seed ${seed}`).toBe(1);
		expect(shown(devices[0]!)).toHaveLength(41);
		for (const device of devices) expect(device.log.stats.bad, `seed ${seed}`).toBe(0);
	});
});

test('a partition heals: both halves write, and all have all', async () => {
	const { devices, network, clock } = await createSyncOffice({ devices: 6, seed: 7 });
	const halves = [devices.slice(0, 3), devices.slice(3)];
	network.connectAll(idsOf(devices));
	await clock.advance(5000);
	network.partition(halves.map(idsOf));
	for (const half of halves) for (const device of half) for (let n = 0; n < 5; n++) await device.write(anyLane(n % 3));
	await clock.advance(30_000);
	expect(statesOf(devices)).toBe(2);
	network.connectAll(idsOf(devices));
	await clock.advance(5000);
	expect(statesOf(devices)).toBe(1);
});

test('in a partial mesh a fresh entry is forwarded, without waiting for a beat', async () => {
	const { devices, network, clock } = await createSyncOffice({ devices: 12, seed: 8 });
	// A ring in which each is linked to the two next on either side.
	for (const [index, device] of devices.entries()) for (const step of [1, 2]) network.connect(device.id, devices[(index + step) % devices.length]!.id);
	await clock.advance(5000);
	network.sent.clear();
	const entry = await devices[0]!.write();
	await clock.advance(1000);
	for (const device of devices) expect(device.log.get(entry.id)).toBeDefined();
	expect(network.sent.get(messageTypes.entry)).toBeLessThanOrEqual(Math.floor(1.5 * (devices.length - 1)));
	expect(network.sent.get(messageTypes.vector) ?? 0).toBe(0);
});

test('in a full mesh of 30 an entry costs at most 1.2 (N-1) messages', async () => {
	const count = 30;
	const entries = 60;
	const { devices, network, clock, random } = await createSyncOffice({ devices: count, seed: 9 });
	network.connectAll(idsOf(devices));
	await clock.advance(60_000);
	network.sent.clear();
	for (let n = 0; n < entries; n++) {
		await devices[pick(random, count)]?.write(n % 2 === 0 ? lanes.open : lanes.mail);
		await clock.advance(500);
	}
	await clock.advance(2000);
	expect(statesOf(devices)).toBe(1);
	const payload = [messageTypes.entry, messageTypes.digest, messageTypes.vector, messageTypes.want, messageTypes.range].map((type) => network.sent.get(type) ?? 0);
	const total = payload.reduce((sum, n) => sum + n, 0);
	expect(total / entries, `by type ${payload.join(', ')}`).toBeLessThanOrEqual(1.2 * (count - 1));
});

test('a hundred devices converge, and the messages stay in bounds', { timeout: 180_000 }, async () => {
	const count = 100;
	const entries = 20;
	const { devices, network, clock, random } = await createSyncOffice({ devices: count, seed: 10, held: 1 });
	// An overlay: a ring, and 8 random links each.
	for (const [index, device] of devices.entries()) {
		network.connect(device.id, devices[(index + 1) % count]!.id);
		for (let n = 0; n < 8; n++) {
			const other = devices[pick(random, count)]!;
			if (other !== device) network.connect(device.id, other.id);
		}
	}
	await clock.advance(8000);
	expect(statesOf(devices)).toBe(1);
	network.sent.clear();
	for (let n = 0; n < entries; n++) {
		await devices[pick(random, count)]?.write();
		await clock.advance(100);
	}
	await clock.advance(1000);
	expect(statesOf(devices)).toBe(1);
	const entryMessages = (network.sent.get(messageTypes.entry) ?? 0) / entries;
	expect(entryMessages, 'pushed and forwarded').toBeLessThanOrEqual(2 * (count - 1));
	await clock.advance(25_000);
	const links = devices.reduce((sum, device) => sum + network.mesh(device.id).links.get().length, 0);
	expect(network.sent.get(messageTypes.vector) ?? 0, 'no vectors where all have all').toBeLessThanOrEqual(count / 10);
	// Own HEADS on every link, and each device once or twice to those it is not linked to, in a beat and a quarter.
	expect(network.sent.get(messageTypes.heads) ?? 0).toBeLessThanOrEqual(2 * links + 1.5 * count * count);
});

test('a device that was away catches up on 2,000 entries with about one signature check for a range', async () => {
	const { devices, network, clock } = await createSyncOffice({ devices: 5, seed: 11 });
	const [away, ...others] = devices;
	network.connectAll(idsOf(others));
	for (const device of others) for (let n = 0; n < 500; n++) await device.write(n % 2 === 0 ? lanes.open : lanes.mail);
	await clock.advance(60_000);
	expect(statesOf(others)).toBe(1);
	const before = away!.log.stats.signatureChecks;
	network.connectAll(idsOf(devices));
	await clock.advance(2000);
	expect(statesOf(devices)).toBe(1);
	expect(away!.log.stats.signatureChecks - before).toBeLessThanOrEqual(2 * 2 * others.length);
});

/** The author wrote mail and left; the carrier brought it to the receiver, who was away. */
async function carriedMail(seed: number) {
	const { devices, network, clock } = await createSyncOffice({ devices: 3, seed });
	const [author, carrier, receiver] = devices;
	network.connect(author!.id, carrier!.id);
	await clock.advance(4000);
	const entry = await author!.write(lanes.mail);
	await clock.advance(1000);
	network.unplug(author!.id);
	network.connect(carrier!.id, receiver!.id);
	await clock.advance(2000);
	return { author, carrier, receiver, entry, network, clock };
}

test('mail is carried: its author is gone when its receiver comes', async () => {
	const { author, carrier, receiver, entry, network, clock } = await carriedMail(12);
	expect(receiver!.log.get(entry.id)).toBeDefined();
	// The receiver goes as well; the carrier brings its word back to the author.
	await clock.advance(25_000);
	network.unplug(receiver!.id);
	network.connect(author!.id, carrier!.id);
	expect(author!.replication.deliveredTo(receiver!.id, entry)).toBe(false);
	await clock.advance(45_000);
	expect(author!.replication.deliveredTo(receiver!.id, entry)).toBe(true);
});

test('who reads carried mail and goes at once has told a colleague, who tells the author', async () => {
	const { carrier, receiver, entry, clock } = await carriedMail(14);
	expect(receiver!.log.get(entry.id)).toBeDefined();
	expect(carrier!.replication.deliveredTo(receiver!.id, entry)).toBe(false);
	receiver!.replication.leave();
	await clock.advance(100);
	expect(carrier!.replication.deliveredTo(receiver!.id, entry)).toBe(true);
});

test('the word of who decrypted goes to others while the author is away', async () => {
	const { author, carrier, receiver, entry, clock } = await carriedMail(15);
	receiver!.replication.noteDecrypted(author!.id);
	await clock.advance(500);
	expect(carrier!.replication.deliveredTo(receiver!.id, entry)).toBe(true);
});

test('who decrypted tells the author within a second', async () => {
	const { devices, network, clock } = await createSyncOffice({ devices: 3, seed: 13 });
	const [author, receiver] = devices;
	network.connectAll(idsOf(devices));
	await clock.advance(4000);
	const entry = await author!.write(lanes.mail);
	await clock.advance(100);
	receiver!.replication.noteDecrypted(author!.id);
	await clock.advance(500);
	expect(author!.replication.deliveredTo(receiver!.id, entry)).toBe(true);
});
