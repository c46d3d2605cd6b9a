/** A device without a network: fake tabs, an authenticator in memory, and a disk whose raw rows a test reads and edits. */
import { IDBFactory } from 'fake-indexeddb';
import { vi, expect } from 'vitest';
import { systemRandom } from '../../src/crypto/random.ts';
import type { Landline } from '../../src/sync/landline.ts';
import type { Office } from '../../src/sync/office.ts';
import { openLandline } from '../../src/sync/open-landline.ts';
import { type Clock, systemClock } from '../../src/sync/ports.ts';
import { createCell } from '../../src/sync/source.ts';
import { createFakePasskeys, type FakePasskeys } from './fake-passkeys.ts';
import { createMemoryFilePorts } from './fake-bulk.ts';
import { createFakeSignaling, type FakeSignaling } from './fake-signaling.ts';
import { createFakeTabs, type FakeTabs } from './fake-tabs.ts';
import { createFakeNetwork, type FakeNetwork } from './fake-wrtc.ts';

export interface RawRow {
	readonly store: string;
	readonly key: IDBValidKey;
	readonly value: unknown;
}

export interface Device {
	readonly passkeys: FakePasskeys;
	/** Another tab of this browser. */
	tab(): Landline;
	/** Closes all tabs. */
	close(): Promise<void>;
	rows(officeId: string): Promise<readonly RawRow[]>;
	/** A browser with the disk as it is now: a profile that was copied, or is restored from a backup. Close the tabs first, or the copy is torn. */
	copy(): Promise<Device>;
	/** As someone with the disk in hand does. Without a value the row is deleted. */
	edit(officeId: string, store: string, key: IDBValidKey, value?: unknown): Promise<void>;
}

/** What several devices have in common, so that they meet. */
export interface Wires {
	readonly signaling: FakeSignaling;
	readonly network: FakeNetwork;
}

let count = 0;

export function createDevice(clock: Clock = systemClock, wires?: Wires, factory = new IDBFactory(), wasThere = false): Device {
	const tabs = createFakeTabs();
	const passkeys = createFakePasskeys();
	const open: Landline[] = [];
	let wasHere = wasThere;

	const answer = <T>(request: IDBRequest<T>): Promise<T> =>
		new Promise((resolve, reject) => {
			request.onsuccess = () => resolve(request.result);
			request.onerror = () => reject(request.error ?? new Error('no answer'));
		});
	async function withDatabase<T>(officeId: string, use: (db: IDBDatabase) => Promise<T>): Promise<T> {
		const db = await answer(factory.open(`landline-${officeId.slice(0, 16)}`));
		try {
			return await use(db);
		} finally {
			db.close();
		}
	}

	return {
		passkeys,
		tab() {
			const sentinel = { get: () => wasHere, set: () => void (wasHere = true), clear: () => void (wasHere = false) };
			const landline = openTab({ clock, factory, tabs, passkeys, sentinel, wires, name: `tab-${String(++count)}` });
			open.push(landline);
			return landline;
		},
		async close() {
			for (const landline of open.splice(0)) await landline.close();
		},
		async copy() {
			const copied = new IDBFactory();
			for (const { name = '', version } of await factory.databases()) {
				const from = await answer(factory.open(name));
				const opening = copied.open(name, version);
				opening.onupgradeneeded = () => {
					for (const store of from.objectStoreNames) {
						const { keyPath, autoIncrement } = from.transaction(store).objectStore(store);
						opening.result.createObjectStore(store, { keyPath, autoIncrement });
					}
				};
				const to = await answer(opening);
				for (const store of from.objectStoreNames) {
					const objects = from.transaction(store).objectStore(store);
					const [keys, values] = await Promise.all([answer(objects.getAllKeys()), answer(objects.getAll() as IDBRequest<unknown[]>)]);
					const written = to.transaction(store, 'readwrite').objectStore(store);
					for (const [index, key] of keys.entries()) await answer(objects.keyPath === null ? written.put(values[index], key) : written.put(values[index]));
				}
				from.close();
				to.close();
			}
			return createDevice(clock, wires, copied, wasHere);
		},
		rows: (officeId) =>
			withDatabase(officeId, async (db) => {
				const rows: RawRow[] = [];
				for (const store of db.objectStoreNames) {
					const objects = db.transaction(store).objectStore(store);
					const [keys, values] = await Promise.all([answer(objects.getAllKeys()), answer(objects.getAll() as IDBRequest<unknown[]>)]);
					for (const [index, key] of keys.entries()) rows.push({ store, key, value: values[index] });
				}
				return rows;
			}),
		edit: (officeId, store, key, value) =>
			withDatabase(officeId, async (db) => {
				const objects = db.transaction(store, 'readwrite').objectStore(store);
				await (value === undefined ? answer(objects.delete(key)) : answer(objects.put(value, key)));
			}),
	};
}

/** A tab of a browser with this disk and these locks; without wires nobody else is on its network. */
export function openTab(browser: { clock: Clock; factory: IDBFactory; tabs: FakeTabs; passkeys: FakePasskeys; sentinel: Parameters<typeof openLandline>[0]['sentinel']; wires?: Wires | undefined; name?: string }): Landline {
	const { clock, factory, tabs, passkeys, sentinel, wires, name = 'tab' } = browser;
	return openLandline({
		ports: { clock, random: systemRandom, openSocket: (wires?.signaling ?? createFakeSignaling()).open(), wrtc: (wires?.network ?? createFakeNetwork()).wrtc(name), signalUrl: '', iceServers: [], appHost: '10.0.0.1', build: 'test', files: createMemoryFilePorts() },
		config: () => Promise.resolve({ door: undefined }),
		configured: Promise.resolve(),
		clockOffMs: createCell(0),
		indexedDB: factory,
		locks: tabs.locks,
		openChannel: (name) => tabs.openChannel(name),
		sentinel,
		passkeys,
		origin: 'http://10.0.0.1',
	});
}

export const reaches = (landline: Landline, kind: string): Promise<void> => vi.waitFor(() => expect(landline.stage.get().kind).toBe(kind), { timeout: 15_000 });

/** Founds an office in a new tab of the device. */
export async function foundHere(device: Device, passphrase = ''): Promise<{ landline: Landline; office: Office }> {
	const landline = device.tab();
	await reaches(landline, 'first-visit');
	const founded = await landline.found({ officeName: 'Harbour', name: 'Alice', passphrase });
	if (!founded.ok) throw new Error(founded.code);
	landline.enter(founded.value.office);
	return { landline, office: founded.value.office };
}
