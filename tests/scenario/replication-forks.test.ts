/** A03, A33: Eve signs two histories with one key. Whoever meets whom, all end with the same, and with the proof. */
import { describe, expect, test } from 'vitest';
import { kinds, type Lane, lanes } from '../../src/sync/log/entry.ts';
import { decodeForkProof, verifyForkProof } from '../../src/sync/log/fork.ts';
import { createHostileAuthor } from '../support/hostile-author.ts';
import { createSyncOffice, statesOf, type SyncDevice } from '../support/sync-office.ts';

const minuteMs = 60_000;

/** Verified proofs that a device holds, as lane/seq. */
const proofsAt = (device: SyncDevice, officeId: string, author: string): readonly string[] =>
	[...device.log.entries(lanes.office)]
		.filter((entry) => entry.header.kind === kinds.forkProof)
		.map((entry) => decodeForkProof(entry.body, officeId)!)
		.filter((proof) => proof.author === author && verifyForkProof(proof))
		.map((proof) => `${proof.lane}/${proof.seq}`);

const officeIdsAt = (device: SyncDevice, author: string): string =>
	[...device.log.entries(lanes.office)]
		.filter((entry) => entry.header.author === author)
		.map((entry) => entry.id)
		.sort()
		.join();

async function officeOf(seed: number) {
	const office = await createSyncOffice({ devices: 4, seed });
	const [bob, carol, dave, eveDevice] = office.devices as [SyncDevice, SyncDevice, SyncDevice, SyncDevice];
	const eve = createHostileAuthor(office, eveDevice);
	office.network.connect(bob.id, eve.id);
	office.network.connect(carol.id, eve.id);
	await office.clock.advance(100);
	const meet = async (): Promise<void> => {
		office.network.unplug(eve.id);
		office.network.connectAll([bob.id, carol.id]);
		await office.clock.advance(2 * minuteMs);
		// Dave was away all the time.
		office.network.connectAll([bob.id, carol.id, dave.id]);
		await office.clock.advance(2 * minuteMs);
	};
	return { ...office, bob, carol, dave, honest: [bob, carol, dave], eve, meet };
}

describe('A03: two acts of one seq to two colleagues, who then meet', () => {
	test.for(['pushed', 'in ranges'] as const)('%s: all hold both, and the proof', async (how) => {
		const { bob, carol, honest, eve, meet, clock, officeId } = await officeOf(31);
		const toBob = eve.history('Bob is let in', 3);
		const toCarol = eve.history('Carol is let in', 3);
		if (how === 'pushed') {
			await eve.push(bob, toBob);
			await eve.push(carol, toCarol);
		} else {
			eve.range(bob, toBob);
			eve.range(carol, toCarol);
		}
		await clock.advance(1000);
		expect(bob.log.head(eve.id, lanes.office)?.id).toBe(toBob[2]!.id);
		expect(carol.log.head(eve.id, lanes.office)?.id).toBe(toCarol[2]!.id);
		await meet();
		const all = [...toBob, ...toCarol].map((entry) => entry.id).sort().join();
		for (const device of honest) {
			expect(officeIdsAt(device, eve.id)).toBe(all);
			expect(proofsAt(device, officeId, eve.id).length).toBeGreaterThan(0);
			expect(proofsAt(device, officeId, eve.id).length).toBeLessThanOrEqual(2);
			expect(device.replication.garbage(bob.id) + device.replication.garbage(carol.id)).toBe(0);
		}
		expect(statesOf(honest)).toBe(1);
	});

	test('histories of different lengths, signed nowhere at one seq, are proven by the header asked for alone', async () => {
		const { bob, carol, honest, eve, meet, clock, officeId } = await officeOf(32);
		eve.range(bob, eve.history('short', 4));
		// Carol was there when it was said: she holds each signature.
		await eve.push(carol, eve.history('long', 9));
		await clock.advance(1000);
		await meet();
		for (const device of honest) expect(proofsAt(device, officeId, eve.id)).toContain('0/3');
		expect(statesOf(honest)).toBe(1);
	});

	test('it stays so after a restart', async () => {
		const { bob, carol, dave, honest, eve, meet, clock, network } = await officeOf(33);
		await eve.push(bob, eve.history('Bob', 2));
		await eve.push(carol, eve.history('Carol', 2));
		await clock.advance(1000);
		await meet();
		const before = officeIdsAt(dave, eve.id);
		for (const device of honest) await device.restart();
		expect(honest.map((device) => officeIdsAt(device, eve.id))).toEqual([before, before, before]);
		for (const device of honest) expect(device.log.forks.get()).toMatchObject([{ author: eve.id, seq: 0 }]);
		network.connectAll(honest.map((device) => device.id));
		await clock.advance(minuteMs);
		expect(statesOf(honest)).toBe(1);
	});
});

test('A03: a late fork of an old seq reaches everybody, with the history it left', async () => {
	const { bob, carol, dave, honest, eve, meet, clock, network, officeId } = await officeOf(34);
	const true_ = eve.history('years ago', 40);
	network.connectAll(honest.map((device) => device.id));
	await clock.advance(4000);
	await eve.push(bob, true_);
	await clock.advance(minuteMs);
	expect(statesOf(honest)).toBe(1);
	network.partition([[bob.id, dave.id], [carol.id, eve.id]]);
	const late = eve.history('rewritten', 5, { after: true_[6]! });
	eve.range(carol, late);
	await clock.advance(1000);
	await meet();
	const all = [...true_, ...late].map((entry) => entry.id).sort().join();
	for (const device of honest) {
		expect(officeIdsAt(device, eve.id)).toBe(all);
		expect(device.log.forks.get()).toMatchObject([{ author: eve.id, lane: lanes.office, seq: 7 }]);
		expect(proofsAt(device, officeId, eve.id).length).toBeGreaterThan(0);
	}
	expect(statesOf(honest)).toBe(1);
});

test('A03: who met only the end of another history asks back to where it parts', async () => {
	const { bob, carol, honest, eve, meet, clock } = await officeOf(35);
	const common = eve.history('common', 50);
	await eve.push(bob, common);
	await eve.push(carol, common);
	const one = eve.history('one', 300, { after: common[20]! });
	await eve.push(bob, one);
	await clock.advance(1000);
	await meet();
	const all = new Set([...common, ...one].map((entry) => entry.id));
	for (const device of honest) expect(officeIdsAt(device, eve.id).split(',')).toHaveLength(all.size);
	expect(statesOf(honest)).toBe(1);
});

describe('A33: other words to Bob than to Carol', () => {
	test.for([lanes.open, lanes.mail] as Lane[])('in lane %d are a fork that all learn of', async (lane) => {
		const { bob, carol, honest, eve, meet, clock, officeId } = await officeOf(36);
		await eve.push(bob, eve.history('to Bob', 2, { lane }));
		await eve.push(carol, eve.history('to Carol', 3, { lane }));
		await clock.advance(1000);
		await meet();
		for (const device of honest) expect(proofsAt(device, officeId, eve.id).length).toBeGreaterThan(0);
		// Of content each keeps the history it met first.
		expect(bob.log.head(eve.id, lane)?.seq).toBe(1);
		expect(carol.log.head(eve.id, lane)?.seq).toBe(2);
	});
});
