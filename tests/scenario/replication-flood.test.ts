/** A38: Eve floods the office. She is slowed down, nobody else is, and in the end nothing is lost. */
import { describe, expect, test } from 'vitest';
import { messageTypes } from '../../src/sync/link/message-types.ts';
import { type Entry, lanes } from '../../src/sync/log/entry.ts';
import { decodeWant, encodeVector } from '../../src/sync/log/vector.ts';
import { createHostileAuthor } from '../support/hostile-author.ts';
import { createSyncOffice, type SyncDevice } from '../support/sync-office.ts';

const minuteMs = 60_000;
const perRange = 2500;
const all = 100_000;
/** Headers and bodies of all of it rest in memory, and the flood itself stands in the same process. */
const maxHeapBytes = 512 * 1024 * 1024;
/** Of the processor, with the sender, the virtual clock and three hours of everybody's heartbeats in it: what others do on the machine does not count. */
const maxRangeMs = 700;

async function officeOf(seed: number) {
	const office = await createSyncOffice({ devices: 3, seed });
	const [alice, victim, eveDevice] = office.devices as [SyncDevice, SyncDevice, SyncDevice];
	const eve = createHostileAuthor(office, eveDevice);
	office.network.connect(alice.id, victim.id);
	office.network.connect(eve.id, victim.id);
	await office.clock.advance(5000);
	return { ...office, alice, victim, eve };
}

describe('A38: a flood of 100,000 small entries', () => {
	test('is taken up to the quota, then a range every five minutes, to the last one; others are served at once', { timeout: 240_000 }, async () => {
		const { alice, victim, eve, network, clock } = await officeOf(71);
		const flood = eve.flood(perRange);
		const ranges = Array.from({ length: all / perRange }, (): readonly Entry[] => flood.next().value);
		/** What is left of the range in which that place lies. */
		const rangeFrom = (seq: number): readonly Entry[] => (ranges[Math.floor(seq / perRange)] ?? []).slice(seq % perRange);
		const heapBefore = process.memoryUsage().heapUsed;
		const cpuBefore = process.cpuUsage();
		const held = (): number => (victim.log.head(eve.id, lanes.open)?.seq ?? -1) + 1;
		network.mesh(eve.id).onMessage([messageTypes.want], (_from, payload) => {
			for (const { author, from } of decodeWant(payload) ?? []) if (author === eve.id && from < all) eve.range(victim, rangeFrom(from));
		});
		eve.send(victim, messageTypes.vector, encodeVector([{ author: eve.id, lane: lanes.open, base: 0, head: all - 1, id: 'ab'.repeat(32) }]));
		await clock.advance(minuteMs);
		const atOnce = held();
		expect(atOnce).toBeGreaterThanOrEqual(10_000);
		expect(atOnce).toBeLessThanOrEqual(10_000 + 2 * perRange);

		// Unasked, pushed or in ranges, she gets nothing more in, nor does it cost a signature check.
		const checks = victim.log.stats.signatureChecks;
		const next = rangeFrom(atOnce);
		eve.range(victim, next);
		for (let n = 0; n < 1000; n++) await eve.push(victim, [{ ...next[n]!, signature: next.at(-1)!.signature }]);
		expect(held()).toBe(atOnce);
		expect(victim.log.stats.signatureChecks).toBe(checks);

		const honest = await alice.write();
		await clock.advance(100);
		expect(victim.log.get(honest.id)).toBeDefined();

		// Late, and none of it refused.
		await clock.advance(10 * minuteMs);
		expect(held()).toBe(atOnce + 2 * perRange);

		const pausesMs = ((all - held()) / perRange) * 5 * minuteMs;
		for (let passedMs = 0; passedMs <= pausesMs; passedMs += 10 * minuteMs) {
			await clock.advance(10 * minuteMs);
			const later = await alice.write();
			await clock.advance(100);
			expect(victim.log.get(later.id)).toBeDefined();
		}
		expect(held()).toBe(all);
		const { user, system } = process.cpuUsage(cpuBefore);
		expect((user + system) / 1000 / ranges.length, 'ms of processor for each range, in minutes that lie five apart').toBeLessThan(maxRangeMs);
		expect(process.memoryUsage().heapUsed - heapBefore, 'bytes of heap').toBeLessThan(maxHeapBytes);
		// One signature for a range, and one for each word of Alice.
		expect(victim.log.stats.signatureChecks).toBeLessThan(4 * (all / perRange));
	});

	test('or of bad signatures is not even looked at for long', async () => {
		const { alice, victim, eve, clock } = await officeOf(72);
		const [entry] = eve.history('x', 1, { lane: lanes.open });
		const forged = { ...entry!, signature: new Uint8Array(64).fill(7) };
		const checks = victim.log.stats.signatureChecks;
		for (let n = 0; n < 2000; n++) await eve.push(victim, [forged]);
		expect(victim.log.stats.signatureChecks - checks).toBeLessThan(450);
		const honest = await alice.write();
		await clock.advance(100);
		expect(victim.log.get(honest.id)).toBeDefined();
	});
});
