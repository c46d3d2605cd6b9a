/** A log is read in two parts: the office lane, for the first screen, and then the rest in slices. */
import { expect, test } from 'vitest';
import { hex, utf8 } from '../../../src/crypto/bytes.ts';
import { kinds, lanes } from '../../../src/sync/log/entry.ts';
import { type Log, openLog } from '../../../src/sync/log/log.ts';
import { when } from '../../../src/sync/source.ts';
import { exchange, createMemoryOffice, type MemoryOffice } from '../../support/memory-office.ts';
import { createMemoryStore } from '../../support/memory-store.ts';

async function officeWithMail(): Promise<MemoryOffice> {
	const office = await createMemoryOffice({ devices: 3 });
	for (const { log } of office.devices) {
		await log.append({ kind: kinds.notice, lane: lanes.office, body: () => utf8('act') });
		for (let n = 0; n < 5; n++) await log.append({ kind: kinds.msg, lane: lanes.mail, body: () => utf8(`mail ${n}`) });
	}
	await exchange(office.devices.map(({ log }) => log));
	return office;
}

async function reopenActsFirst(office: MemoryOffice): Promise<{ log: Log; digest: string }> {
	const [device] = office.devices;
	if (!device) throw new Error('an office has a device');
	const digest = hex(device.log.digest());
	await device.log.close();
	const store = createMemoryStore(office.officeId, device.disk);
	return { log: await openLog({ officeId: office.officeId, keys: device.keys, store, clock: office.clock, verify: office.verify, actsFirst: true }), digest };
}

test('the acts are there at once and the mail later, and then it is what it was', async () => {
	const { log, digest } = await reopenActsFirst(await officeWithMail());
	expect([...log.entries(lanes.office)]).toHaveLength(4);
	expect([...log.entries(lanes.mail)]).toHaveLength(0);
	expect(log.whole.get()).toBe(false);
	await when(log.whole);
	expect([...log.entries(lanes.mail)]).toHaveLength(15);
	expect(hex(log.digest())).toBe(digest);
});

test('what is written meanwhile follows all that rests, and no settled head is believed before', async () => {
	const office = await officeWithMail();
	const { log } = await reopenActsFirst(office);
	log.settleOwnHead();
	expect(log.writable.get()).toBe('waiting');
	const written = await log.append({ kind: kinds.msg, lane: lanes.mail, body: () => utf8('the sixth') });
	expect(log.writable.get()).toBe('ready');
	expect(written.ok && written.value.header.seq).toBe(5);
});

test('a list of the office lane that lacks an author costs nothing but the time until it is found', async () => {
	const office = await officeWithMail();
	const [device, other] = office.devices;
	const list = device!.disk.records.get('snapshots/office-lane')!;
	// As if the power had gone before the list was written again.
	device!.disk.records.set('snapshots/office-lane', new Uint8Array([0, 1, ...list.subarray(2, 34)]));
	const { log, digest } = await reopenActsFirst(office);
	const told: number[] = [];
	log.subscribe((entries) => told.push(...entries.map(({ header }) => header.lane)));
	expect(log.head(other!.id, lanes.office)).toBeUndefined();
	await when(log.whole);
	expect(log.head(other!.id, lanes.office)?.seq).toBe(0);
	expect(told).toEqual([lanes.office, lanes.office]);
	expect(hex(log.digest())).toBe(digest);
});

test('without the list everything is read first; closing in the middle of the rest is heard', async () => {
	const office = await officeWithMail();
	office.devices[0]!.disk.records.delete('snapshots/office-lane');
	const { log } = await reopenActsFirst(office);
	expect(log.whole.get()).toBe(true);
	expect([...log.entries(lanes.mail)]).toHaveLength(15);
	await log.close();
	const again = await openLog({ officeId: office.officeId, keys: office.devices[0]!.keys, store: createMemoryStore(office.officeId, office.devices[0]!.disk), clock: office.clock, actsFirst: true });
	const waiting = again.append({ kind: kinds.msg, lane: lanes.mail, body: () => utf8('too late') });
	await again.close();
	expect(await waiting).toEqual({ ok: false, code: 'closed' });
});
