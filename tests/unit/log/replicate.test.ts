/** Replication between two or three: limited links, silent and hostile peers, gates, and the own head after a start. */
import { describe, expect, test } from 'vitest';
import { concat, hex, utf8 } from '../../../src/crypto/bytes.ts';
import { messageTypes } from '../../../src/sync/link/message-types.ts';
import { encodeEntry, kinds, lanes } from '../../../src/sync/log/entry.ts';
import { encodeRange } from '../../../src/sync/log/range.ts';
import { decodeVector, encodeVector, encodeWant } from '../../../src/sync/log/vector.ts';
import { createMemoryDisk } from '../../support/memory-store.ts';
import { pick, seededRandom } from '../../support/seeded-random.ts';
import { createSyncOffice, statesOf, type SyncDevice, type SyncOffice } from '../../support/sync-office.ts';

async function officeOf(devices: number, seed = 3): Promise<SyncOffice & { a: SyncDevice; b: SyncDevice; c: SyncDevice }> {
	const office = await createSyncOffice({ devices, seed });
	const [a, b, c] = office.devices;
	return { ...office, a: a!, b: b!, c: c ?? b! };
}

const message = (type: number, payload: Uint8Array): Uint8Array => concat(Uint8Array.of(type), payload);

describe('a limited link', () => {
	test('gives the office lane and nothing else, until it is lifted', async () => {
		const { a, b, network, clock } = await officeOf(2);
		await a.write(lanes.office);
		await a.write(lanes.open);
		await a.write(lanes.mail);
		network.connect(a.id, b.id, [a.id]);
		await clock.advance(3000);
		expect(b.log.head(a.id, lanes.office)?.seq).toBe(1);
		expect(b.log.head(a.id, lanes.open)).toBeUndefined();
		expect(b.log.head(a.id, lanes.mail)).toBeUndefined();
		await a.write(lanes.open);
		await clock.advance(3000);
		expect(b.log.head(a.id, lanes.open)).toBeUndefined();
		network.lift(a.id, b.id);
		await clock.advance(3000);
		expect(statesOf([a, b])).toBe(1);
	});

	test('takes no more than the office lane either', async () => {
		const { a, b, network, clock } = await officeOf(2);
		await b.write(lanes.open);
		const act = await b.write(lanes.office);
		network.connect(a.id, b.id, [a.id]);
		await clock.advance(3000);
		expect(a.log.get(act.id)).toBeDefined();
		expect(a.log.head(b.id, lanes.open)).toBeUndefined();
	});

	test('by an invite gives nothing at all before it is lifted', async () => {
		const { a, b, network, clock } = await officeOf(2);
		await a.write(lanes.office);
		network.connectNewcomer(b.id, a.id, 'ab'.repeat(32));
		await clock.advance(30_000);
		network.mesh(b.id).send(a.id, message(messageTypes.want, encodeWant([{ author: a.id, lane: 0, from: 0 }])));
		await clock.advance(3000);
		expect(b.log.head(a.id, lanes.office)?.seq).toBe(0);
		expect(network.sent.get(messageTypes.range)).toBeUndefined();
		network.lift(a.id, b.id);
		await clock.advance(3000);
		expect(b.log.head(a.id, lanes.office)?.seq).toBe(1);
	});

	test('is given at most 1 MiB', async () => {
		const { a, b, network, clock } = await officeOf(2);
		for (let n = 0; n < 30; n++) await a.write(lanes.office, new Uint8Array(60_000));
		network.connect(a.id, b.id, [a.id]);
		network.bytes = 0;
		for (let n = 0; n < 10; n++) {
			b.replication.gateChanged();
			await clock.advance(6000);
		}
		expect(network.bytes).toBeLessThan(1024 * 1024 + 20_000);
	});
});

describe('peers that fail', () => {
	test('one that does not answer is left after 5 s for the next', async () => {
		const { a, b, network, clock } = await officeOf(2);
		for (let n = 0; n < 3; n++) await a.write();
		const liar = 'ff'.repeat(32);
		network.connect(b.id, liar);
		await clock.advance(100);
		network.mesh(liar).send(b.id, message(messageTypes.vector, encodeVector(a.log.vector())));
		await clock.advance(100);
		expect(network.sent.get(messageTypes.want)).toBe(1);
		network.connect(a.id, b.id);
		await clock.advance(4000);
		expect(b.log.head(a.id, lanes.open)).toBeUndefined();
		await clock.advance(2000);
		expect(b.log.head(a.id, lanes.open)?.seq).toBe(2);
	});

	test('one that is gone is left at once', async () => {
		const { a, b, network, clock } = await officeOf(2);
		await a.write();
		const liar = 'ff'.repeat(32);
		network.connect(b.id, liar);
		await clock.advance(100);
		network.mesh(liar).send(b.id, message(messageTypes.vector, encodeVector(a.log.vector())));
		network.connect(a.id, b.id);
		await clock.advance(500);
		network.disconnect(b.id, liar);
		await clock.advance(500);
		expect(statesOf([a, b])).toBe(1);
	});

	test('garbage is dropped and counted, and the honest are still served', async () => {
		const { a, b, network, clock } = await officeOf(2);
		const random = seededRandom(5);
		const liar = 'ff'.repeat(32);
		network.connect(b.id, liar);
		network.connect(a.id, b.id);
		await clock.advance(4000);
		const entry = await a.write();
		const whole = [encodeEntry(entry), encodeRange([entry]), encodeVector(a.log.vector()), encodeWant([{ author: a.id, lane: 1, from: 0 }]), random(32)];
		for (let n = 0; n < 5000; n++) {
			const payload = n % 2 === 0 ? random(pick(random, 200)) : whole[n % whole.length]!.map((byte) => (pick(random, 60) === 0 ? byte ^ 1 : byte));
			network.mesh(liar).send(b.id, message(messageTypes.digest + (n % 6), payload));
			if (n % 500 === 0) await clock.advance(10);
		}
		await clock.advance(1000);
		expect(b.replication.garbage(liar)).toBeGreaterThan(3000);
		expect(b.replication.garbage(a.id)).toBe(0);
		const later = await a.write();
		await clock.advance(60_000);
		expect(b.log.get(later.id)).toBeDefined();
		expect(b.log.forks.get()).toEqual([]);
		expect(statesOf([a, b])).toBe(1);
	});

	test('a flood of wants is answered at a bounded pace', async () => {
		const { a, network, clock } = await officeOf(1);
		for (let n = 0; n < 40; n++) await a.write(lanes.open, new Uint8Array(50_000));
		const greedy = 'ff'.repeat(32);
		network.connect(a.id, greedy);
		await clock.advance(4000);
		network.bytes = 0;
		for (let n = 0; n < 1000; n++) {
			network.mesh(greedy).send(a.id, message(messageTypes.want, encodeWant([{ author: a.id, lane: 1, from: n % 40 }])));
			await clock.advance(1);
		}
		expect(network.bytes).toBeLessThan(30 * 1024 * 1024);
	});
});

test('an author the gate refused is asked for again once its answer changed', async () => {
	const { a, b, c, network, clock } = await officeOf(3);
	let known = false;
	b.log.setGate((author) => known || author !== c.id);
	await c.write();
	network.connect(a.id, c.id);
	network.connect(a.id, b.id);
	await clock.advance(5000);
	expect(a.log.head(c.id, lanes.open)).toBeDefined();
	expect(b.log.head(c.id, lanes.open)).toBeUndefined();
	await clock.advance(60_000);
	// Asking in vain costs little: a vector a minute, no more.
	expect(network.sent.get(messageTypes.want) ?? 0).toBeLessThan(10);
	known = true;
	b.replication.gateChanged();
	await clock.advance(500);
	expect(b.log.head(c.id, lanes.open)?.seq).toBe(0);
});

describe('after a start', () => {
	const writes = async (device: SyncDevice): Promise<boolean> => {
		let written = false;
		void device.log.append({ kind: kinds.post, lane: lanes.open, body: () => utf8('x') }).then((result) => (written = result.ok));
		await Promise.resolve();
		return new Promise((resolve) => setImmediate(() => resolve(written)));
	};

	test('alone, a device writes after 3 s', async () => {
		const { a, clock } = await officeOf(1);
		await a.restart();
		await clock.advance(2900);
		expect(await writes(a)).toBe(false);
		await clock.advance(200);
		expect(await writes(a)).toBe(true);
	});

	test('with a peer, once its vector was read', async () => {
		const { a, b, network, clock } = await officeOf(2);
		await a.restart();
		network.connect(a.id, b.id);
		await clock.advance(100);
		expect(a.log.writable.get()).toBe('ready');
	});

	test('a peer that says nothing holds it up for 5 s', async () => {
		const { a, network, clock } = await officeOf(1);
		await a.restart();
		network.connect(a.id, 'ff'.repeat(32));
		await clock.advance(4000);
		expect(a.log.writable.get()).toBe('waiting');
		await clock.advance(1500);
		expect(a.log.writable.get()).toBe('ready');
	});

	test('A47: from last week’s copy, it adopts what its peers hold of it, and then goes on', async () => {
		const { a, b, network, clock } = await officeOf(2);
		network.connect(a.id, b.id);
		await a.write();
		const copy = structuredClone({ segments: a.disk.segments, heads: a.disk.heads });
		await a.write();
		await a.write();
		await clock.advance(1000);
		Object.assign(a.disk, { ...createMemoryDisk(), ...copy });
		await a.restart();
		expect(a.log.head(a.id, lanes.open)?.seq).toBe(0);
		const pending = a.write();
		network.connect(a.id, b.id);
		await clock.advance(200);
		expect((await pending).header.seq).toBe(3);
		await clock.advance(200);
		expect(statesOf([a, b])).toBe(1);
	});

	test('A47: from an old copy that already wrote otherwise, it stops as forked, and the peers keep what they had', async () => {
		const { a, b, network, clock } = await officeOf(2);
		network.connect(a.id, b.id);
		await a.write();
		const copy = structuredClone({ segments: a.disk.segments, heads: a.disk.heads });
		const first = await a.write();
		await clock.advance(1000);
		Object.assign(a.disk, { ...createMemoryDisk(), ...copy });
		await a.restart();
		// Nobody in reach: it may write, and forks itself.
		await clock.advance(4000);
		await a.write();
		network.connect(a.id, b.id);
		await clock.advance(3000);
		expect(a.log.writable.get()).toBe('forked');
		expect(b.log.get(first.id)).toBeDefined();
		expect(b.log.forks.get()).toHaveLength(1);
		expect(b.log.head(a.id, lanes.open)?.id).toBe(first.id);
	});
});

describe('a chain of mail', () => {
	async function mailOf(joinedLamport: number): Promise<{ firstSeq: number | undefined; base: number }> {
		const office = await createSyncOffice({ devices: 2, seed: 4, joinedLamport });
		const [a, b] = office.devices as [SyncDevice, SyncDevice];
		for (let n = 0; n < 4; n++) await a.write(lanes.mail);
		const base = await a.log.append({ kind: kinds.base, lane: lanes.mail, body: () => new Uint8Array(9) });
		if (!base.ok) throw new Error(base.code);
		await a.write(lanes.mail);
		office.network.connect(a.id, b.id);
		await office.clock.advance(3000);
		expect(statesOf([a, b])).toBe(1);
		return { firstSeq: b.log.head(a.id, lanes.mail)?.base, base: base.value.header.seq };
	}

	test('begins at the newest BASE for a newcomer who joined after it', async () => {
		const { firstSeq, base } = await mailOf(1000);
		expect(firstSeq).toBe(base);
	});

	test('begins at its start for one who joined before', async () => {
		expect((await mailOf(3)).firstSeq).toBe(0);
	});

	test('begins at its start for the founder', async () => {
		expect((await mailOf(0)).firstSeq).toBe(0);
	});
});

test('HEADS and their counter survive a restart', async () => {
	const { a, b, network, clock } = await officeOf(2);
	network.connect(a.id, b.id);
	await clock.advance(4000);
	const entry = await a.write(lanes.mail);
	await clock.advance(25_000);
	expect(a.replication.deliveredTo(b.id, entry)).toBe(true);
	// The clock was put back by an hour: what b says next is still newer.
	clock.jump(-3_600_000);
	await a.restart();
	await b.restart();
	await clock.settle();
	expect(a.replication.deliveredTo(b.id, entry)).toBe(true);
	network.connect(a.id, b.id);
	await clock.advance(4000);
	const next = await a.write(lanes.mail);
	await clock.advance(25_000);
	expect(a.replication.deliveredTo(b.id, next)).toBe(true);
});

test('a vector on the wire holds what the log holds', async () => {
	const { a } = await officeOf(1);
	await a.write();
	expect(decodeVector(encodeVector(a.log.vector()))).toEqual(a.log.vector());
	expect(hex(a.replication.digest())).toBe(hex(a.log.digest()));
});
