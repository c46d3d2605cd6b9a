/**
 * What rests on this device: the list of offices, and for each office one database, opened with the vault's data key (PROTOCOL.md, section
 * 10). What stands in it: store.ts.
 */
import { type IDBPDatabase, wrap } from 'idb';
import type { Random } from '../crypto/random.ts';
import { createDataKey } from '../crypto/vault.ts';
import { createProfileSlot } from '../crypto/vault-profile.ts';
import { createPassphraseSlot } from '../crypto/vault-wrap.ts';
import type { Key } from './landline.ts';
import type { Id } from './log/entry.ts';
import type { Clock } from './ports.ts';
import { createCell, type Source } from './source.ts';
import { openSlots, type Shut } from './open-slots.ts';
import type { Passkeys } from './passkeys.ts';
import { createOfficeStore, failureOf, isNamed, type OfficeStore, StoreFailure } from './store.ts';
import { type ConnectionState, createConnection } from './store-connection.ts';
import { type ListSchema, makeStores, type OfficeSchema, openDatabase } from './store-database.ts';
import { changeSlots, hasSlots, readSlots, type SlotChange, type Slots } from './store-slots.ts';
import { createVault, type Vault } from './vault.ts';

const listName = 'landline';

/** An office's database with the vault that opened it. */
export interface OpenedStore {
	readonly kind: 'open';
	readonly store: OfficeStore;
	readonly vault: Vault;
}

/** Why an office's database is not open: it is not there, a newer build wrote it, or its vault stays shut. */
export type Unopened = Shut | { readonly kind: 'missing' | 'newer' };

/** The whole device. */
export interface OfficeStores {
	list(): Promise<readonly { readonly id: Id; readonly openedMs: number }[]>;
	/** Makes the office's database and its slot, of this profile or of a passphrase, or opens what is there: a vault is never overwritten. */
	create(officeId: Id, passphrase?: string): Promise<OpenedStore>;
	/** `key` is what a person brings; without it only "this profile only" opens. */
	open(officeId: Id, key?: Key): Promise<OpenedStore | Unopened>;
	/** The office was opened now. */
	touch(officeId: Id): Promise<void>;
	remove(officeId: Id): Promise<void>;
	/** True while another tab with an older schema keeps a database from opening: "close other tabs". */
	readonly blocked: Source<boolean>;
}

const officeDatabase = (officeId: Id): string => `${listName}-${officeId.slice(0, 16)}`;

export function createStores(deps: { indexedDB: IDBFactory; random: Random; clock: Clock; passkeys: Passkeys }): OfficeStores {
	const blocked = createCell(false);

	async function withList<T>(use: (db: IDBPDatabase<ListSchema>) => Promise<T>): Promise<T> {
		try {
			const db = await openDatabase<ListSchema>(deps.indexedDB, {
				name: listName,
				create: true,
				upgrade: (made) => {
					if (!made.objectStoreNames.contains('offices')) made.createObjectStore('offices');
				},
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

	async function makeSlots(db: IDBPDatabase<OfficeSchema>, passphrase: string): Promise<Slots> {
		const dataKey = createDataKey(deps.random);
		return changeSlots(db, { put: [passphrase === '' ? await createProfileSlot(dataKey) : await createPassphraseSlot(deps.random, dataKey, passphrase)] });
	}

	async function openOffice(officeId: Id, create: boolean, key: Key | undefined): Promise<OpenedStore | Unopened> {
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
			const slots = create && !(await hasSlots(db)) ? await makeSlots(db, key?.kind === 'passphrase' ? key.passphrase : '') : await readSlots(db);
			const dataKey = await openSlots(slots, key, deps.passkeys);
			if (!(dataKey instanceof Uint8Array)) {
				connection.close();
				return dataKey;
			}
			const change = (wish: SlotChange): Promise<Slots> =>
				connection.use((open) => changeSlots(open, wish)).catch((error: unknown) => {
					throw failureOf(error);
				});
			return {
				kind: 'open',
				store: createOfficeStore(officeId, dataKey, deps.random, connection, state),
				vault: createVault({ dataKey, slots, random: deps.random, passkeys: deps.passkeys, change }),
			};
		} catch (error) {
			blocked.set(false);
			connection.close();
			if (isNamed(error, 'VersionError')) return { kind: 'newer' };
			if (isNamed(error, 'AbortError') && !create) return { kind: 'missing' };
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
			const opened = await openOffice(officeId, true, passphrase === '' ? undefined : { kind: 'passphrase', passphrase });
			if (opened.kind !== 'open') throw new StoreFailure('disk-failed', opened.kind);
			await touch(officeId);
			return opened;
		},
		open: (officeId, key) => openOffice(officeId, false, key),
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
