/** The log of one device: what it writes, what it takes, what it refuses, and what a power cut leaves. */
import { describe, expect, test } from 'vitest';
import { hex, utf8 } from '../../../src/crypto/bytes.ts';
import { createDeviceKeys } from '../../../src/crypto/identity.ts';
import { createEntry, type Entry, type HeaderFields, kinds, type Lane, lanes, verifyEntry, zeroId } from '../../../src/sync/log/entry.ts';
import { type Log, openLog } from '../../../src/sync/log/log.ts';
import { createMemoryOffice, exchange, give, type MemoryDevice, type MemoryOffice } from '../../support/memory-office.ts';
import { createMemoryDisk, createMemoryStore } from '../../support/memory-store.ts';

async function write(log: Log, lane: Lane = lanes.open, text = 'x'): Promise<Entry> {
	const kind = lane === lanes.office ? kinds.notice : lane === lanes.open ? kinds.post : kinds.msg;
	const written = await log.append({ kind, lane, body: () => utf8(text) });
	if (!written.ok) throw new Error(written.code);
	return written.value;
}

/** An entry of a device's making, whatever the rules say. */
function forge(office: MemoryOffice, device: MemoryDevice, fields: Partial<HeaderFields>, text = 'forged'): Entry {
	const head = device.log.head(device.id, fields.lane ?? lanes.open);
	return createEntry(
		{
			kind: kinds.post,
			lane: lanes.open,
			officeId: office.officeId,
			author: device.id,
			seq: (head?.seq ?? -1) + 1,
			prev: head?.id ?? zeroId,
			lamport: (head?.lamport ?? 0) + 1,
			wallMs: 0,
			refs: [],
			...fields,
		},
		utf8(text),
		device.keys.signSecret,
	);
}

const damageSegment = (device: MemoryDevice, key: string, nth: number): void => {
	const rows = device.disk.segments.get(key)!;
	const from = [...rows.keys()].sort((a, b) => a - b)[nth]!;
	rows.set(from, Uint8Array.of(0xff, 0xff, 1));
};

describe('own entries', () => {
	test('form a chain, name the newest heads, and count their lamport on', async () => {
		const { devices, genesis } = await createMemoryOffice({ devices: 2 });
		const [a, b] = devices as [MemoryDevice, MemoryDevice];
		const first = await write(a.log);
		expect(first.header).toMatchObject({ seq: 0, prev: zeroId, lamport: 2, refs: [genesis.id] });
		const second = await write(a.log);
		// What the one before named already is not named again.
		expect(second.header).toMatchObject({ seq: 1, prev: first.id, lamport: 3, refs: [] });
		await exchange([a.log, b.log]);
		const answer = await write(b.log, lanes.mail);
		expect(answer.header.lamport).toBe(4);
		expect(answer.header.refs).toContain(second.id);
		expect(verifyEntry(answer)).toBe(true);
		expect(a.log.range(a.id, lanes.open, 1)).toEqual([second]);
	});

	test('written at once get places of their own, in order', async () => {
		const { devices } = await createMemoryOffice({ devices: 1 });
		const { log, id } = devices[0]!;
		const entries = await Promise.all(Array.from({ length: 50 }, (_, n) => write(log, lanes.mail, `${n}`)));
		expect(entries.map((entry) => entry.header.seq)).toEqual(Array.from({ length: 50 }, (_, n) => n));
		expect(log.range(id, lanes.mail, 0)).toEqual(entries);
	});

	test('get their position before their body, and companions in the same write', async () => {
		const { devices } = await createMemoryOffice({ devices: 1 });
		const { log, store } = devices[0]!;
		const written = await log.appendAll([
			{ kind: kinds.keys, lane: lanes.mail, body: (at) => utf8(`${at.seq} ${at.prefix.length}`), alongside: (entry) => [{ bucket: 'keys', key: entry.id, value: utf8('secret') }] },
			{ kind: kinds.msg, lane: lanes.mail, body: (at) => utf8(`${at.seq} ${at.prev}`) },
		]);
		if (!written.ok) throw new Error(written.code);
		const [keys, msg] = written.value as [Entry, Entry];
		expect(new TextDecoder().decode(keys.body)).toBe(`0 ${keys.headerBytes.length - 36}`);
		expect(new TextDecoder().decode(msg.body)).toBe(`1 ${keys.id}`);
		expect(await store.get('keys', keys.id)).toEqual(utf8('secret'));
	});

	test('are told once they rest, to all who listen', async () => {
		const { devices } = await createMemoryOffice({ devices: 1 });
		const { log, disk } = devices[0]!;
		const seen: [number, boolean][] = [];
		log.subscribe((entries, own) => {
			expect(disk.heads.get(`${log.device}1`)?.id).toBe(entries[0]?.id);
			seen.push([entries[0]!.header.seq, own]);
		});
		await write(log);
		await write(log);
		expect(seen).toEqual([[0, true], [1, true]]);
	});

	test('wait until the own head is settled', async () => {
		const office = await createMemoryOffice({ devices: 1 });
		const device = office.devices[0]!;
		await write(device.log);
		const log = await office.reopen(device);
		expect(log.writable.get()).toBe('waiting');
		let written = false;
		const pending = write(log).then(() => (written = true));
		await office.clock.settle();
		expect(written).toBe(false);
		log.settleOwnHead();
		await pending;
		expect(log.head(device.id, lanes.open)?.seq).toBe(1);
	});

	test.for(['full', 'broken'] as const)('that the disk refuses (%s) are nowhere, and the next takes their place', async (mood) => {
		const office = await createMemoryOffice({ devices: 1 });
		const device = office.devices[0]!;
		await write(device.log);
		device.disk.mood = mood;
		expect(await device.log.append({ kind: kinds.post, lane: lanes.open, body: () => utf8('lost') })).toEqual({ ok: false, code: mood === 'full' ? 'disk-full' : 'disk-failed' });
		expect(device.log.head(device.id, lanes.open)?.seq).toBe(0);
		device.disk.mood = 'fine';
		expect((await write(device.log)).header.seq).toBe(1);
	});

	test('that rest although the disk broke afterwards count, and their seq is not used again', async () => {
		const office = await createMemoryOffice({ devices: 1 });
		const device = office.devices[0]!;
		device.disk.mood = 'lost-after';
		const entry = await write(device.log);
		device.disk.mood = 'fine';
		expect((await write(device.log)).header.prev).toBe(entry.id);
		const log = await office.reopen(device);
		expect(log.range(device.id, lanes.open, 0)).toHaveLength(2);
	});

	test('stop when another writer was here', async () => {
		const { officeId, devices, clock } = await createMemoryOffice({ devices: 1 });
		const device = devices[0]!;
		const other = await openLog({ officeId, keys: device.keys, store: createMemoryStore(officeId, device.disk), clock, fresh: true });
		await write(other, lanes.open, 'theirs');
		expect(await device.log.append({ kind: kinds.post, lane: lanes.open, body: () => utf8('x') })).toEqual({ ok: false, code: 'forked' });
		expect(device.log.writable.get()).toBe('forked');
		expect(device.disk.segments.get(`${device.id}1`)?.size).toBe(1);
	});

	test('are refused after closing', async () => {
		const { devices } = await createMemoryOffice({ devices: 1 });
		const { log } = devices[0]!;
		await log.close();
		expect(await log.append({ kind: kinds.post, lane: lanes.open, body: () => utf8('x') })).toEqual({ ok: false, code: 'closed' });
	});
});

describe('what peers give', () => {
	test('is stored, known, a gap or refused', async () => {
		const { devices } = await createMemoryOffice({ devices: 2 });
		const [a, b] = devices as [MemoryDevice, MemoryDevice];
		const entries = [await write(a.log), await write(a.log), await write(a.log)];
		expect(await b.log.accept([entries[2]!])).toBe('gap');
		expect(await b.log.accept(entries.slice(0, 2))).toBe('stored');
		expect(await b.log.accept(entries.slice(0, 2))).toBe('known');
		expect(await b.log.accept(entries)).toBe('stored');
		b.log.setGate((author) => author !== a.id);
		expect(await b.log.accept([await write(a.log)])).toBe('refused');
		expect(b.log.stats.refused).toBe(1);
	});

	test('takes one signature check for a range, and keeps no unverified signature', async () => {
		const { devices } = await createMemoryOffice({ devices: 2 });
		const [a, b] = devices as [MemoryDevice, MemoryDevice];
		const entries: Entry[] = [];
		for (let n = 0; n < 20; n++) entries.push(await write(a.log));
		const before = b.log.stats.signatureChecks;
		expect(await b.log.accept(entries)).toBe('stored');
		expect(b.log.stats.signatureChecks - before).toBe(1);
		expect(b.log.range(a.id, lanes.open, 0).map((entry) => entry.signature !== undefined)).toEqual([...Array.from({ length: 19 }, () => false), true]);
	});

	test.for([
		['a bad signature', (entry: Entry) => ({ ...entry, signature: entry.signature!.map((byte, n) => (n === 5 ? byte ^ 1 : byte)) })],
		['no signature', (entry: Entry) => ({ ...entry, signature: undefined })],
	] as const)('with %s is refused', async ([, spoil]) => {
		const { devices } = await createMemoryOffice({ devices: 2 });
		const [a, b] = devices as [MemoryDevice, MemoryDevice];
		expect(await b.log.accept([spoil(await write(a.log))])).toBe('bad');
		expect(b.log.head(a.id, lanes.open)).toBeUndefined();
	});

	test('of another office, or with another GENESIS, is refused', async () => {
		const office = await createMemoryOffice({ devices: 2 });
		const other = await createMemoryOffice({ devices: 1, seed: 99 });
		const [a, b] = office.devices as [MemoryDevice, MemoryDevice];
		expect(await b.log.accept([other.genesis])).toBe('bad');
		expect(await b.log.accept([forge(office, a, { officeId: other.officeId })])).toBe('bad');
	});

	test('must count its lamport exactly where all it names is held, and near where it is not', async () => {
		const office = await createMemoryOffice({ devices: 2 });
		const [a, b] = office.devices as [MemoryDevice, MemoryDevice];
		const first = await write(a.log);
		await b.log.accept([first]);
		expect(await b.log.accept([forge(office, a, { lamport: first.header.lamport + 2 })])).toBe('bad');
		expect(await b.log.accept([forge(office, a, { lamport: first.header.lamport })])).toBe('bad');
		const unknown = ['ee'.repeat(32)];
		expect(await b.log.accept([forge(office, a, { refs: unknown, lamport: first.header.lamport + 2 + 2 ** 16 })])).toBe('bad');
		expect(await b.log.accept([forge(office, a, { refs: unknown, lamport: first.header.lamport + 1 + 2 ** 16 })])).toBe('stored');
	});

	test('far behind, the peers\' word lifts the bound', async () => {
		const office = await createMemoryOffice({ devices: 2 });
		const [a, b] = office.devices as [MemoryDevice, MemoryDevice];
		const far = forge(office, a, { refs: ['ee'.repeat(32)], lamport: 500_000 });
		expect(await b.log.accept([far])).toBe('bad');
		expect(await b.log.accept([far], { claimed: 480_000 })).toBe('stored');
	});

	test('from two histories is a fork: the other is refused, its proof kept', async () => {
		const office = await createMemoryOffice({ devices: 2 });
		const [a, b] = office.devices as [MemoryDevice, MemoryDevice];
		const other = forge(office, a, { lamport: 2, refs: [office.genesis.id] });
		const mine = await write(a.log);
		expect(await b.log.accept([mine])).toBe('stored');
		expect(await b.log.accept([other])).toBe('fork');
		const [fork] = b.log.forks.get();
		expect(fork).toMatchObject({ author: a.id, lane: lanes.open, seq: 0 });
		expect(hex(fork!.proof!).startsWith(`${a.id}010000000000000000`)).toBe(true);
		expect(b.log.get(mine.id)).toBeDefined();
		expect(b.log.get(other.id)).toBeUndefined();
		// A forged entry is no fork.
		const forged = { ...other, signature: new Uint8Array(64) };
		expect(await b.log.accept([forged])).toBe('bad');
		// Of one's own chain, it stops the device.
		expect(await a.log.accept([other])).toBe('fork');
		expect(a.log.writable.get()).toBe('forked');
		expect(await a.log.append({ kind: kinds.post, lane: lanes.open, body: () => utf8('x') })).toEqual({ ok: false, code: 'forked' });
	});

	test('may begin at a BASE, and jump to one only when told', async () => {
		const { devices } = await createMemoryOffice({ devices: 3 });
		const [a, b, c] = devices as [MemoryDevice, MemoryDevice, MemoryDevice];
		const early = [await write(a.log, lanes.mail), await write(a.log, lanes.mail)];
		const base = await a.log.append({ kind: kinds.base, lane: lanes.mail, body: () => new Uint8Array(9) });
		if (!base.ok) throw new Error(base.code);
		const late = await write(a.log, lanes.mail);
		expect(await b.log.accept([early[1]!])).toBe('gap');
		expect(await b.log.accept([base.value, late])).toBe('stored');
		expect(b.log.head(a.id, lanes.mail)).toMatchObject({ base: 2, seq: 3 });
		expect(b.log.newestBase(a.id, lanes.mail)).toBe(2);
		await c.log.accept([early[0]!]);
		expect(await c.log.accept([base.value, late])).toBe('gap');
		expect(await c.log.accept([base.value, late], { jump: true })).toBe('stored');
		expect([...c.log.entries(lanes.mail)].map((entry) => entry.header.seq)).toEqual([0, 2, 3]);
		expect(hex(c.log.digest())).toBe(hex(b.log.digest()));
	});
});

describe('reopened', () => {
	test('it holds what it held, and goes on', async () => {
		const office = await createMemoryOffice({ devices: 3 });
		for (const device of office.devices) for (let n = 0; n < 10; n++) await write(device.log, (n % 3) as Lane);
		await exchange(office.devices.map((device) => device.log));
		const device = office.devices[1]!;
		const digest = hex(device.log.digest());
		const log = await office.reopen(device);
		expect(hex(log.digest())).toBe(digest);
		log.settleOwnHead();
		expect((await write(log)).header.seq).toBe(3);
		await give(log, office.devices[0]!.log);
		expect(hex(office.devices[0]!.log.digest())).toBe(hex(log.digest()));
	});

	test('many small segments were merged, and nothing is missing', async () => {
		const office = await createMemoryOffice({ devices: 2 });
		const [a, b] = office.devices as [MemoryDevice, MemoryDevice];
		for (let n = 0; n < 200; n++) await b.log.accept([await write(a.log, lanes.open, 'y'.repeat(900))]);
		await office.clock.settle();
		for (const device of [a, b]) {
			expect(device.log.stats.merges).toBeGreaterThan(1);
			expect(device.disk.segments.get(`${a.id}1`)!.size).toBeLessThan(70);
			expect((await office.reopen(device)).range(a.id, lanes.open, 0)).toHaveLength(200);
		}
	});

	test('after damage a chain is held up to it, and comes again from a peer', async () => {
		const office = await createMemoryOffice({ devices: 2 });
		const [a, b] = office.devices as [MemoryDevice, MemoryDevice];
		for (let n = 0; n < 9; n++) await b.log.accept([await write(a.log)]);
		damageSegment(b, `${a.id}1`, 4);
		let log = await office.reopen(b);
		expect(log.stats.damagedSegments).toBe(1);
		expect(log.head(a.id, lanes.open)?.seq).toBe(3);
		expect(b.disk.segments.get(`${a.id}1`)!.size).toBe(9);
		await give(a.log, log);
		expect(log.head(a.id, lanes.open)?.seq).toBe(8);
		log = await office.reopen(b);
		expect(log.stats.damagedSegments).toBe(0);
		expect(log.head(a.id, lanes.open)?.seq).toBe(8);
	});

	test('with its own chain damaged it writes only after its peers gave it back', async () => {
		const office = await createMemoryOffice({ devices: 2 });
		const [a, b] = office.devices as [MemoryDevice, MemoryDevice];
		for (let n = 0; n < 5; n++) await b.log.accept([await write(a.log)]);
		damageSegment(a, `${a.id}1`, 3);
		const log = await office.reopen(a);
		log.settleOwnHead();
		expect(log.writable.get()).toBe('forked');
		await give(b.log, log);
		expect(log.writable.get()).toBe('ready');
		expect((await write(log)).header.seq).toBe(5);
	});

	test('from an old copy it adopts its own continuation before it writes', async () => {
		const office = await createMemoryOffice({ devices: 2 });
		const [a, b] = office.devices as [MemoryDevice, MemoryDevice];
		await write(a.log);
		const copy = { ...createMemoryDisk(), segments: structuredClone(a.disk.segments), heads: structuredClone(a.disk.heads) };
		await write(a.log);
		await give(a.log, b.log);
		const restored = await openLog({ officeId: office.officeId, keys: a.keys, store: createMemoryStore(office.officeId, copy), clock: office.clock });
		expect(restored.head(a.id, lanes.open)?.seq).toBe(0);
		await give(b.log, restored);
		restored.settleOwnHead();
		expect((await write(restored)).header.seq).toBe(2);
	});
});

test('a stranger\'s chain is as good as its gate', async () => {
	const office = await createMemoryOffice({ devices: 1 });
	const keys = createDeviceKeys(office.random);
	const { log } = office.devices[0]!;
	log.setGate((author) => author === log.device);
	const entry = createEntry({ kind: kinds.post, lane: lanes.open, officeId: office.officeId, author: hex(keys.signPublic), seq: 0, prev: zeroId, lamport: 1, wallMs: 0, refs: [] }, utf8('spam'), keys.signSecret);
	expect(await log.accept([entry])).toBe('refused');
	expect(log.stats.signatureChecks).toBeLessThanOrEqual(1);
});
