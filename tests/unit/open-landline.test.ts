/** The device's stages: two offices in one profile, tabs that lead, disks that fail half-way. On fake-indexeddb, without a server. */
import 'fake-indexeddb/auto';
import { IDBFactory, IDBObjectStore } from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Landline } from '../../src/sync/landline.ts';
import { systemClock } from '../../src/sync/ports.ts';
import { openTab } from '../support/device.ts';
import { createFakeTabs, type FakeTabs } from '../support/fake-tabs.ts';
import { createFakePasskeys } from '../support/fake-passkeys.ts';

let factory: IDBFactory;
let tabs: FakeTabs;
let wasHere: boolean;
const passkeys = createFakePasskeys();
const open: Landline[] = [];

beforeEach(() => {
	factory = new IDBFactory();
	tabs = createFakeTabs();
	wasHere = false;
});
afterEach(async () => {
	vi.restoreAllMocks();
	for (const landline of open.splice(0)) await landline.close();
});

function tab(): Landline {
	const landline = openTab({ clock: systemClock, factory, tabs, passkeys, sentinel: { get: () => wasHere, set: () => void (wasHere = true), clear: () => void (wasHere = false) } });
	open.push(landline);
	return landline;
}

const reaches = (landline: Landline, kind: string): Promise<void> => vi.waitFor(() => expect(landline.stage.get().kind).toBe(kind), { timeout: 5_000 });

async function found(landline: Landline, officeName: string) {
	const founded = await landline.found({ officeName, name: 'Alice', passphrase: '' });
	if (!founded.ok) throw new Error(founded.code);
	landline.enter(founded.value.office);
	return founded.value.office;
}

describe('two offices in one profile', () => {
	it('leaves the first when a second is founded, and another tab may lead the first while this one stays in the second', async () => {
		const one = tab();
		await reaches(one, 'first-visit');
		const first = await found(one, 'First');
		const second = await found(one, 'Second');
		await vi.waitFor(() => expect(tabs.held()).toEqual([`landline-${second.id}`]));

		const other = tab();
		await reaches(other, 'second-tab');
		expect((await other.open(first.id)).ok).toBe(true);
		await reaches(other, 'open');
		expect(one.stage.get()).toMatchObject({ kind: 'open', office: { id: second.id } });
		expect((await second.postNotice({ title: 'Still open', text: 'As usual.', asksAcknowledgement: false })).ok).toBe(true);
	});

	it('does not leave an office for one that is not there', async () => {
		const one = tab();
		await reaches(one, 'first-visit');
		const office = await found(one, 'First');
		expect(await one.open('ab'.repeat(32))).toMatchObject({ ok: false, code: 'not-found' });
		expect(one.stage.get()).toMatchObject({ kind: 'open', office: { id: office.id } });
		expect(one.offices.get()).toHaveLength(1);
	});
});

describe('tabs', () => {
	it('hands the office over to the tab that asks', async () => {
		const one = tab();
		await reaches(one, 'first-visit');
		await found(one, 'First');
		const two = tab();
		await reaches(two, 'second-tab');
		await two.takeOver();
		await reaches(two, 'open');
		await reaches(one, 'second-tab');
	});

	it('shows that the disk fails while the office is taken over', async () => {
		const one = tab();
		await reaches(one, 'first-visit');
		await found(one, 'First');
		const two = tab();
		await reaches(two, 'second-tab');
		vi.spyOn(IDBObjectStore.prototype, 'getAll').mockImplementation(() => {
			throw new DOMException('gone', 'UnknownError');
		});
		await two.takeOver();
		expect(two.stage.get()).toMatchObject({ kind: 'broken', why: 'disk' });
	});
});

describe('a disk that is full', () => {
	/** Refuses what the founder writes, but not the vault. */
	function refuseOwnEntries(): void {
		const { put } = IDBObjectStore.prototype as { put: (this: IDBObjectStore, ...args: unknown[]) => IDBRequest<IDBValidKey> };
		vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...args) {
			if (this.name === 'segments' || this.name === 'joins') throw new DOMException('full', 'QuotaExceededError');
			return put.apply(this, args);
		});
	}

	it('leaves no half office behind when founding fails', async () => {
		const one = tab();
		await reaches(one, 'first-visit');
		refuseOwnEntries();
		expect(await one.found({ officeName: 'Harbour', name: 'Alice', passphrase: '' })).toMatchObject({ ok: false, code: 'disk-full' });
		vi.restoreAllMocks();
		await one.close();
		const again = tab();
		await reaches(again, 'first-visit');
		expect((await again.found({ officeName: 'Harbour', name: 'Alice', passphrase: '' })).ok).toBe(true);
	});

	it('lets a join that could not be written be tried again', async () => {
		const one = tab();
		await reaches(one, 'first-visit');
		const office = await found(one, 'Harbour');
		const invite = await office.createInvite({ uses: 1, confirm: false, role: 'member', days: 1, label: '' });
		if (!invite.ok || invite.value.link === undefined) throw new Error('no link');
		await one.close();

		factory = new IDBFactory();
		tabs = createFakeTabs();
		wasHere = false;
		const two = tab();
		await reaches(two, 'first-visit');
		refuseOwnEntries();
		expect(await two.join(invite.value.link, 'Bob', '')).toMatchObject({ ok: false, code: 'disk-full' });
		vi.restoreAllMocks();
		expect(await two.join(invite.value.link, 'Bob', '')).toMatchObject({ ok: true });
		expect(two.stage.get().kind).toBe('joining');
		await two.cancelJoin();
		expect(two.stage.get().kind).toBe('first-visit');
		expect(tabs.held()).toEqual([]);
	});
});

describe('a disk that is damaged', () => {
	/** Overwrites the sealed segments of all chains, or all but the first. */
	async function damage(officeId: string, from: number): Promise<void> {
		const db = await new Promise<IDBDatabase>((resolve) => {
			const request = factory.open(`landline-${officeId.slice(0, 16)}`);
			request.onsuccess = () => resolve(request.result);
		});
		await new Promise<void>((resolve) => {
			const tx = db.transaction('segments', 'readwrite');
			const keys = tx.objectStore('segments').getAllKeys();
			keys.onsuccess = () => {
				for (const key of keys.result) if (Array.isArray(key) && Number(key[1]) >= from) tx.objectStore('segments').put(new Uint8Array(99), key);
			};
			tx.oncomplete = () => resolve();
		});
		db.close();
	}

	it('is told when the founding act is gone, and nothing is overwritten', async () => {
		const one = tab();
		await reaches(one, 'first-visit');
		const office = await found(one, 'Harbour');
		await one.close();
		await damage(office.id, 0);
		const again = tab();
		await reaches(again, 'broken');
		expect(again.stage.get()).toMatchObject({ kind: 'broken', why: 'unreadable' });
	});

	it('opens with what is left when later acts are gone', async () => {
		const one = tab();
		await reaches(one, 'first-visit');
		const office = await found(one, 'Harbour');
		await one.close();
		await damage(office.id, 1);
		const again = tab();
		await reaches(again, 'open');
		const stage = again.stage.get();
		expect(stage.kind === 'open' && stage.office.self.get().name).toBe('Alice');
	});
});
