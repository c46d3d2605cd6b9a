/** What rests on disk: sealed, whole or absent, and never lost in silence. On fake-indexeddb. */
/* eslint-disable @typescript-eslint/unbound-method -- the disk is broken by patching prototypes */
import 'fake-indexeddb/auto';
import { IDBFactory, IDBObjectStore } from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { hex, utf8 } from '../../src/crypto/bytes.ts';
import { systemRandom } from '../../src/crypto/random.ts';
import { systemClock } from '../../src/sync/ports.ts';
import type { OfficeStore, StoredSegment } from '../../src/sync/store.ts';
import { createFakePasskeys } from '../support/fake-passkeys.ts';
import { createStores, type OfficeStores } from '../../src/sync/stores.ts';

const officeId = 'ab'.repeat(32);
const author = 'cd'.repeat(32);
const chain = { author, lane: 2 } as const;
const id = (n: number): string => n.toString(16).padStart(64, '0');

let factory: IDBFactory;
let stores: OfficeStores;
let store: OfficeStore;

beforeEach(async () => {
	factory = new IDBFactory();
	stores = createStores({ indexedDB: factory, random: systemRandom, clock: systemClock, passkeys: createFakePasskeys() });
	({ store } = await stores.create(officeId));
});

afterEach(() => {
	vi.restoreAllMocks();
	store.close();
});

async function reopen(): Promise<OfficeStore> {
	store.close();
	const again = await stores.open(officeId);
	if (again.kind !== 'open') throw new Error(again.kind);
	({ store } = again);
	return store;
}

async function loadSegments(from: OfficeStore): Promise<readonly (readonly StoredSegment[])[]> {
	return Promise.all((await from.segmentNames()).map((names) => from.readSegments(names)));
}

/** Everything the browser would have on disk, as bytes and keys. */
async function rawRows(): Promise<readonly { store: string; key: IDBValidKey; value: unknown }[]> {
	const db = await new Promise<IDBDatabase>((resolve) => {
		const request = factory.open(`landline-${officeId.slice(0, 16)}`);
		request.onsuccess = () => resolve(request.result);
	});
	const rows: { store: string; key: IDBValidKey; value: unknown }[] = [];
	for (const name of db.objectStoreNames) {
		const objects = db.transaction(name).objectStore(name);
		const get = <T>(request: IDBRequest<T>): Promise<T> => new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
		const [keys, values] = await Promise.all([get(objects.getAllKeys()), get(objects.getAll() as IDBRequest<unknown[]>)]);
		for (const [index, key] of keys.entries()) rows.push({ store: name, key, value: values[index] });
	}
	db.close();
	return rows;
}

async function damage(name: string, change: (value: Uint8Array) => void, nth = 0): Promise<void> {
	const db = await new Promise<IDBDatabase>((resolve) => {
		const request = factory.open(`landline-${officeId.slice(0, 16)}`);
		request.onsuccess = () => resolve(request.result);
	});
	const tx = db.transaction(name, 'readwrite');
	const objects = tx.objectStore(name);
	await new Promise<void>((resolve) => {
		tx.oncomplete = () => resolve();
		const keys = objects.getAllKeys();
		keys.onsuccess = () => {
			const key = keys.result[nth]!;
			const row = objects.get(key);
			row.onsuccess = () => {
				const value = row.result as Uint8Array;
				change(value);
				objects.put(value, key);
			};
		};
	});
	db.close();
}

describe('records', () => {
	test('come back after reopening, one by one and all', async () => {
		await store.put('drafts', 'everyone', utf8('hello'));
		await store.putAll([{ bucket: 'drafts', key: 'b', value: utf8('2') }, { bucket: 'marks', key: 'c', value: utf8('3') }], true);
		await reopen();
		expect(await store.get('drafts', 'everyone')).toEqual(utf8('hello'));
		expect(await store.all('drafts')).toEqual(new Map([['everyone', utf8('hello')], ['b', utf8('2')]]));
		expect(await store.get('marks', 'b')).toBeUndefined();
		await store.delete('drafts', 'b');
		expect(await store.get('drafts', 'b')).toBeUndefined();
		expect((await store.all('meta')).size).toBe(0);
	});

	test('show neither keys nor texts nor names of persons on disk', async () => {
		await store.put('kept', `${author}/secret-key-name`, utf8('a very secret text'));
		await store.compareAndAppend(chain, { expected: undefined, segment: { from: 0, bytes: utf8('a sealed entry') }, head: { seq: 0, id: id(1) }, companions: [] });
		store.close();
		const text = (await rawRows()).map(({ key, value }) => `${JSON.stringify(key)} ${value instanceof Uint8Array ? `${hex(value)} ${new TextDecoder('latin1').decode(value)}` : ''}`).join('\n');
		for (const plain of ['secret', author, hex(utf8('secret')), hex(utf8('a sealed entry'))]) expect(text).not.toContain(plain);
	});

	test('that are damaged are skipped and counted, and stay', async () => {
		await store.put('kept', 'a', utf8('1'));
		await store.put('kept', 'b', utf8('2'));
		await damage('kept', (value) => {
			value[30]! ^= 1;
		});
		expect((await store.all('kept')).size).toBe(1);
		expect(store.damaged()).toBe(1);
		expect((await rawRows()).filter((row) => row.store === 'kept')).toHaveLength(2);
	});

	test('cannot be swapped between rows', async () => {
		await store.put('kept', 'a', utf8('1'));
		await store.put('kept', 'b', utf8('2'));
		const [first] = (await rawRows()).filter((row) => row.store === 'kept');
		await damage('kept', (value) => value.set(first!.value as Uint8Array), 1);
		expect((await store.all('kept')).size).toBe(1);
	});
});

describe('compare-and-append', () => {
	const append = (n: number, expected: number | undefined): Promise<boolean> =>
		store.compareAndAppend(chain, {
			expected: expected === undefined ? undefined : { seq: expected, id: id(expected) },
			segment: { from: n, bytes: utf8(`entry ${n}`) },
			head: { seq: n, id: id(n) },
			companions: [{ bucket: 'kept', key: `k${n}`, value: utf8(`text ${n}`) }],
		});

	test('writes entry, head and companions together, and only on the expected head', async () => {
		expect(await append(0, undefined)).toBe(true);
		expect(await append(1, undefined)).toBe(false);
		expect(await append(1, 0)).toBe(true);
		await reopen();
		expect(await store.chainHead(chain)).toEqual({ seq: 1, id: id(1) });
		expect(await loadSegments(store)).toEqual([[{ from: 0, bytes: utf8('entry 0') }, { from: 1, bytes: utf8('entry 1') }]]);
		expect([...(await store.all('kept')).keys()].sort()).toEqual(['k0', 'k1']);
	});

	test('two writers at once: one is refused', async () => {
		await append(0, undefined);
		const answers = await Promise.all([append(1, 0), append(1, 0)]);
		expect(answers.sort()).toEqual([false, true]);
	});

	test('asks for strict durability; received ranges do not', async () => {
		const seen: (string | undefined)[] = [];
		const transaction = IDBDatabase.prototype.transaction;
		vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (this: IDBDatabase, ...args: Parameters<IDBDatabase['transaction']>) {
			if (args[1] === 'readwrite') seen.push(args[2]?.durability);
			return transaction.apply(this, args);
		});
		await append(0, undefined);
		await store.writeSegments(chain, { put: [{ from: 5, bytes: utf8('x') }] });
		await store.writeSegments(chain, { put: [{ from: 1, bytes: utf8('x') }], head: { seq: 1, id: id(1) } });
		expect(seen).toEqual(['strict', 'relaxed', 'strict']);
	});

	// A power cut cannot be had here; an abort before each of the writes of the transaction can.
	test.for([1, 2, 3])('cut at write %d: whole or absent', async (cutAt) => {
		await append(0, undefined);
		let writes = 0;
		const put = IDBObjectStore.prototype.put;
		vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...args: Parameters<IDBObjectStore['put']>) {
			const request = put.apply(this, args);
			if (++writes >= cutAt) this.transaction.abort();
			return request;
		});
		await expect(append(1, 0)).rejects.toMatchObject({ code: 'disk-failed' });
		vi.restoreAllMocks();
		await reopen();
		expect(await store.chainHead(chain)).toEqual({ seq: 0, id: id(0) });
		expect((await loadSegments(store))[0]).toHaveLength(1);
		expect([...(await store.all('kept')).keys()]).toEqual(['k0']);
		expect(await append(1, 0)).toBe(true);
	});

	test('a full disk is told as such', async () => {
		vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore) {
			throw new DOMException('no room', 'QuotaExceededError');
		});
		await expect(append(0, undefined)).rejects.toMatchObject({ code: 'disk-full' });
		await expect(store.put('kept', 'a', utf8('1'))).rejects.toMatchObject({ code: 'disk-full' });
	});
});

describe('segments', () => {
	test('one damaged one is told apart from the others of its chain', async () => {
		await store.writeSegments(chain, { put: [0, 10, 20].map((from) => ({ from, bytes: utf8(`from ${from}`) })) });
		await damage('segments', (value) => {
			value[40]! ^= 1;
		}, 1);
		expect((await loadSegments(store))[0]?.map(({ from, bytes }) => [from, bytes !== undefined])).toEqual([[0, true], [10, false], [20, true]]);
	});

	test('are replaced in one transaction', async () => {
		await store.writeSegments(chain, { put: [0, 1, 2].map((from) => ({ from, bytes: utf8(`${from}`) })) });
		await store.writeSegments(chain, { put: [{ from: 0, bytes: utf8('all') }], remove: [1, 2] });
		expect(await loadSegments(store)).toEqual([[{ from: 0, bytes: utf8('all') }]]);
	});
});

describe('the device', () => {
	test('lists its offices, two in one profile, and forgets one', async () => {
		const other = 'ef'.repeat(32);
		const { store: second } = await stores.create(other);
		await second.put('kept', 'a', utf8('other'));
		expect((await stores.list()).map((office) => office.id).sort()).toEqual([officeId, other]);
		expect(await store.get('kept', 'a')).toBeUndefined();
		second.close();
		await stores.remove(other);
		expect((await stores.list()).map((office) => office.id)).toEqual([officeId]);
		expect(await stores.open(other)).toEqual({ kind: 'missing' });
		expect((await factory.databases()).map((db) => db.name)).not.toContain(`landline-${other.slice(0, 16)}`);
	});

	test('creating what is there opens it: a vault is never overwritten', async () => {
		await store.put('kept', 'a', utf8('1'));
		store.close();
		({ store } = await stores.create(officeId));
		expect(await store.get('kept', 'a')).toEqual(utf8('1'));
	});

	test('a profile of the first schema opens, and nothing of it is lost', async () => {
		await store.put('kept', 'm1', utf8('written by the first build'));
		const rows = await rawRows();
		const first = new IDBFactory();
		const make = (name: string, objectStores: readonly string[], fill: (tx: IDBTransaction) => void): Promise<void> =>
			new Promise((resolve) => {
				const request = first.open(name, 1);
				request.onupgradeneeded = () => {
					for (const objectStore of objectStores) request.result.createObjectStore(objectStore);
				};
				request.onsuccess = () => {
					const tx = request.result.transaction(objectStores, 'readwrite');
					fill(tx);
					tx.oncomplete = () => {
						request.result.close();
						resolve();
					};
				};
			});
		const firstStores = ['meta', 'kept', 'heads', 'drafts', 'marks', 'keys', 'joins', 'snapshots', 'prefs', 'segments', 'chains'];
		await make('landline', ['offices'], (tx) => void tx.objectStore('offices').put({ openedMs: 5 }, officeId));
		await make(`landline-${officeId.slice(0, 16)}`, firstStores, (tx) => {
			for (const row of rows) tx.objectStore(row.store).put(row.value, row.key);
		});
		const later = createStores({ indexedDB: first, random: systemRandom, clock: systemClock, passkeys: createFakePasskeys() });
		expect(await later.list()).toEqual([{ id: officeId, openedMs: 5 }]);
		const opened = await later.open(officeId);
		if (opened.kind !== 'open') throw new Error(opened.kind);
		expect(await opened.store.get('kept', 'm1')).toEqual(utf8('written by the first build'));
		await opened.store.put('staged', 'x', utf8('y'));
		opened.store.close();
	});

	test('a database of a newer build is left alone', async () => {
		store.close();
		await new Promise<void>((resolve) => {
			const request = factory.open(`landline-${officeId.slice(0, 16)}`, 99);
			request.onsuccess = () => {
				request.result.close();
				resolve();
			};
		});
		expect(await stores.open(officeId)).toEqual({ kind: 'newer' });
	});

	test('a vault without its slot is unreadable, not made anew', async () => {
		store.close();
		await damage('meta', () => undefined);
		const db = await new Promise<IDBDatabase>((resolve) => {
			const request = factory.open(`landline-${officeId.slice(0, 16)}`);
			request.onsuccess = () => resolve(request.result);
		});
		await new Promise<void>((resolve) => {
			const tx = db.transaction('meta', 'readwrite');
			tx.objectStore('meta').clear();
			tx.oncomplete = () => resolve();
		});
		db.close();
		expect(await stores.open(officeId)).toEqual({ kind: 'unreadable' });
	});

	test('lets go when another tab brings a newer schema', async () => {
		const upgraded = new Promise<void>((resolve) => {
			const request = factory.open(`landline-${officeId.slice(0, 16)}`, 99);
			request.onsuccess = () => {
				request.result.close();
				resolve();
			};
		});
		await upgraded;
		expect(store.state.get()).toBe('superseded');
		await expect(store.put('kept', 'a', utf8('1'))).rejects.toMatchObject({ code: 'disk-failed' });
	});

	test('opens again when the connection is lost', async () => {
		await store.put('kept', 'a', utf8('1'));
		let lost = false;
		const transaction = IDBDatabase.prototype.transaction;
		vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (this: IDBDatabase, ...args: Parameters<IDBDatabase['transaction']>) {
			if (lost) return transaction.apply(this, args);
			lost = true;
			throw new DOMException('The database connection is closing.', 'InvalidStateError');
		});
		expect(await store.get('kept', 'a')).toEqual(utf8('1'));
		expect(store.state.get()).toBe('open');
	});
});
