/**
 * What rests on this device: the list of offices, and for each office one database, opened with the vault's data key (PROTOCOL.md, section
 * 10). What stands in it: store.ts.
 */
import { type IDBPDatabase, wrap } from 'idb';
import type { Random } from '../crypto/random.ts';
import { createDataKey } from '../crypto/vault.ts';
import { createProfileSlot, openProfileSlot, type ProfileSlot } from '../crypto/vault-profile.ts';
import { decodeSlot, encodeSlot } from '../crypto/vault-slot.ts';
import { createPassphraseSlot, openPassphraseSlot } from '../crypto/vault-wrap.ts';
import type { Id } from './log/entry.ts';
import type { Clock } from './ports.ts';
import { createCell, type Source } from './source.ts';
import { createOfficeStore, failureOf, isNamed, type OfficeStore, slotKey, StoreFailure } from './store.ts';
import { type ConnectionState, createConnection } from './store-connection.ts';
import { type ListSchema, makeStores, type OfficeSchema, openDatabase } from './store-database.ts';

const listName = 'landline';

/** Why an office's database is not open. */
export type Unopened = 'missing' | 'newer' | 'unreadable' | 'locked' | 'wrong-passphrase';

/** The whole device. */
export interface OfficeStores {
	list(): Promise<readonly { readonly id: Id; readonly openedMs: number }[]>;
	/** Makes the office's database and its slot, of this profile or of a passphrase, or opens what is there: a vault is never overwritten. */
	create(officeId: Id, passphrase?: string): Promise<OfficeStore>;
	/** `locked`: a passphrase is asked for; `wrong-passphrase`: this one does not open it, or the slot is damaged (they look alike). */
	open(officeId: Id, passphrase?: string): Promise<OfficeStore | Unopened>;
	/** The office was opened now. */
	touch(officeId: Id): Promise<void>;
	remove(officeId: Id): Promise<void>;
	/** True while another tab with an older schema keeps a database from opening: "close other tabs". */
	readonly blocked: Source<boolean>;
}

const officeDatabase = (officeId: Id): string => `${listName}-${officeId.slice(0, 16)}`;

export function createStores(deps: { indexedDB: IDBFactory; random: Random; clock: Clock }): OfficeStores {
	const blocked = createCell(false);

	async function withList<T>(use: (db: IDBPDatabase<ListSchema>) => Promise<T>): Promise<T> {
		try {
			const db = await openDatabase<ListSchema>(deps.indexedDB, {
				name: listName,
				create: true,
				upgrade: (made) => made.createObjectStore('offices'),
				blocked: () => blocked.set(true),
				blocking: () => undefined,
				terminated: () => undefined,
			});
			blocked.set(false);
			try {
				return await use(db);
			} finally {
				db.close();
			}
		} catch (error) {
			throw failureOf(error);
		}
	}

	async function makeSlot(db: IDBPDatabase<OfficeSchema>, passphrase: string): Promise<ProfileSlot | Uint8Array> {
		const dataKey = createDataKey(deps.random);
		const slot = passphrase === '' ? await createProfileSlot(dataKey) : encodeSlot(await createPassphraseSlot(deps.random, dataKey, passphrase));
		const tx = db.transaction('meta', 'readwrite', { durability: 'strict' });
		await Promise.all([tx.store.put(slot, slotKey), tx.done]);
		return slot;
	}

	async function openSlot(slot: ProfileSlot | Uint8Array | undefined, passphrase: string): Promise<Uint8Array | 'unreadable' | 'locked' | 'wrong-passphrase'> {
		if (slot === undefined) return 'unreadable';
		if (!(slot instanceof Uint8Array)) return (await openProfileSlot(slot)) ?? 'unreadable';
		if (passphrase === '') return 'locked';
		const sealed = decodeSlot(slot);
		if (sealed?.kind !== 'passphrase') return 'unreadable';
		return (await openPassphraseSlot(sealed, passphrase)) ?? 'wrong-passphrase';
	}

	async function openOffice(officeId: Id, create: boolean, passphrase: string): Promise<OfficeStore | Unopened> {
		const state = createCell<ConnectionState>('open');
		const connect = (make: boolean): Promise<IDBPDatabase<OfficeSchema>> =>
			openDatabase<OfficeSchema>(deps.indexedDB, {
				name: officeDatabase(officeId),
				create: make,
				upgrade: makeStores,
				blocked: () => blocked.set(true),
				blocking: () => state.set('superseded'),
				terminated: () => connection.lost(),
			});
		const connection = createConnection(() => connect(false), state, deps.clock);
		try {
			const db = await connect(create);
			blocked.set(false);
			connection.set(db);
			const slot = (await db.get('meta', slotKey)) ?? (create ? await makeSlot(db, passphrase) : undefined);
			const dataKey = await openSlot(slot, passphrase);
			if (typeof dataKey !== 'string') return createOfficeStore(officeId, dataKey, deps.random, connection, state);
			connection.close();
			return dataKey;
		} catch (error) {
			blocked.set(false);
			connection.close();
			if (isNamed(error, 'VersionError')) return 'newer';
			if (isNamed(error, 'AbortError') && !create) return 'missing';
			throw failureOf(error);
		}
	}

	const touch = (officeId: Id): Promise<void> =>
		withList(async (db) => {
			await db.put('offices', { openedMs: deps.clock.now() }, officeId);
		});

	return {
		blocked,
		touch,
		list: () =>
			withList(async (db) => {
				const tx = db.transaction('offices');
				const [ids, rows] = await Promise.all([tx.store.getAllKeys(), tx.store.getAll()]);
				return ids.map((id, index) => ({ id, openedMs: rows[index]?.openedMs ?? 0 }));
			}),
		async create(officeId, passphrase = '') {
			const store = await openOffice(officeId, true, passphrase);
			if (typeof store === 'string') throw new StoreFailure('disk-failed', store);
			await touch(officeId);
			return store;
		},
		open: (officeId, passphrase = '') => openOffice(officeId, false, passphrase),
		async remove(officeId) {
			try {
				const request = deps.indexedDB.deleteDatabase(officeDatabase(officeId));
				request.addEventListener('blocked', () => blocked.set(true));
				await wrap(request);
				blocked.set(false);
			} catch (error) {
				throw failureOf(error);
			}
			await withList((db) => db.delete('offices', officeId));
		},
	};
}
