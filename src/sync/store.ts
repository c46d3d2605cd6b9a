/**
 * What rests on this disk (PROTOCOL.md, section 10): the list of offices, and for each office one database whose every record is sealed
 * with the vault's data key. The only importer of idb; upgrades here are the only place that makes object stores.
 *
 * Own entries go by compare-and-append in one strict transaction (DESIGN.md, D10): a power cut leaves them whole or absent, and a second
 * writer is refused. A record that does not open is skipped and counted, never deleted.
 */
import { type DBSchema, type IDBPDatabase, wrap } from 'idb';
import { hex } from '../crypto/bytes.ts';
import { createWriter, decode } from '../crypto/codec.ts';
import type { Random } from '../crypto/random.ts';
import { createDataKey } from '../crypto/vault.ts';
import { createPassphraseSlot, createProfileSlot, decodeSlot, encodeSlot, openPassphraseSlot, openProfileSlot, type ProfileSlot } from '../crypto/vault-slot.ts';
import { type Id, idBytes, idToBytes, type Lane } from './log/entry.ts';
import type { Clock } from './ports.ts';
import { createCell, type Source } from './source.ts';
import { type Connection, type ConnectionState, createConnection } from './store-connection.ts';
import { createVaultRows } from './vault-rows.ts';

const listName = 'landline';
const schemaVersion = 1;
const slotKey = 'slot';
const maxKeyBytes = 1024;

export const buckets = ['meta', 'kept', 'heads', 'drafts', 'marks', 'keys', 'joins', 'snapshots', 'prefs'] as const;
export type Bucket = (typeof buckets)[number];
/** Every object store of an office's database. */
export type StoreName = Bucket | 'segments' | 'chains';

export interface ChainName {
	readonly author: Id;
	readonly lane: Lane;
}

/** The head of an own chain, as the compare-and-append compares it. */
export interface ChainHead {
	readonly seq: number;
	readonly id: Id;
}

/** A run of one chain from seq `from` on, as `log/segment.ts` encodes it. */
export interface Segment {
	readonly from: number;
	readonly bytes: Uint8Array;
}

/** A segment read back; without bytes it was damaged. */
export interface StoredSegment {
	readonly from: number;
	readonly bytes: Uint8Array | undefined;
}

/** A record that belongs to an own entry and must be written with it or not at all. */
export interface Companion {
	readonly bucket: Bucket;
	readonly key: string;
	readonly value: Uint8Array;
}

/** The disk said no: full, or broken. Commands turn it into a Result. */
export class StoreFailure extends Error {
	readonly code: 'disk-full' | 'disk-failed';
	constructor(code: 'disk-full' | 'disk-failed', cause?: unknown) {
		super(code, { cause });
		this.code = code;
	}
}

/** Every method rejects with a `StoreFailure` when the disk fails. */
export interface OfficeStore {
	readonly officeId: Id;
	readonly state: Source<ConnectionState>;
	get(bucket: Bucket, key: string): Promise<Uint8Array | undefined>;
	put(bucket: Bucket, key: string, value: Uint8Array, strict?: boolean): Promise<void>;
	/** Several records in one transaction. */
	putAll(records: readonly Companion[], strict?: boolean): Promise<void>;
	delete(bucket: Bucket, key: string): Promise<void>;
	all(bucket: Bucket): Promise<ReadonlyMap<string, Uint8Array>>;
	/** All chains, each in order of `from`. */
	loadSegments(): Promise<readonly (readonly StoredSegment[])[]>;
	/** Writes and removes segments of one chain in one transaction; with `head` for an own chain, then strictly. */
	writeSegments(chain: ChainName, change: { put: readonly Segment[]; remove?: readonly number[]; head?: ChainHead }): Promise<void>;
	/** The head of an own chain as last written. */
	chainHead(chain: ChainName): Promise<ChainHead | undefined>;
	/** Own entries: strict, and only if the head on disk is `expected`; answers whether it was. */
	compareAndAppend(chain: ChainName, append: { expected: ChainHead | undefined; segment: Segment; head: ChainHead; companions: readonly Companion[] }): Promise<boolean>;
	/** Records that did not open, so far. */
	readonly damaged: () => number;
	close(): void;
}

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

interface Row {
	key: string;
	value: Uint8Array;
}

interface OfficeSchema extends DBSchema {
	meta: { key: string; value: Uint8Array | ProfileSlot };
	kept: Row;
	heads: Row;
	drafts: Row;
	marks: Row;
	keys: Row;
	joins: Row;
	snapshots: Row;
	prefs: Row;
	segments: { key: [string, number]; value: Uint8Array };
	chains: Row;
}

interface ListSchema extends DBSchema {
	offices: { key: string; value: { openedMs: number } };
}

const isNamed = (error: unknown, name: string): boolean => error instanceof Error && error.name === name;

function failureOf(error: unknown): StoreFailure {
	if (error instanceof StoreFailure) return error;
	return new StoreFailure(isNamed(error, 'QuotaExceededError') ? 'disk-full' : 'disk-failed', error);
}

interface OpenRequest {
	readonly name: string;
	readonly create: boolean;
	readonly upgrade: (db: IDBDatabase) => void;
	readonly blocked: () => void;
	/** Another connection asks for a newer version or for deletion. */
	readonly blocking: () => void;
	readonly terminated: () => void;
}

/** Opens a database of the factory handed in, which idb's own `openDB` cannot do. Not made anew unless `create`: then the request is aborted. */
async function openDatabase<Schema extends DBSchema>(factory: IDBFactory, { name, create, upgrade, blocked, blocking, terminated }: OpenRequest): Promise<IDBPDatabase<Schema>> {
	const request = factory.open(name, schemaVersion);
	request.addEventListener('upgradeneeded', (event) => {
		if (event.oldVersion === 0 && !create) request.transaction?.abort();
		else upgrade(request.result);
	});
	request.addEventListener('blocked', blocked);
	const db = await wrap(request);
	if (db === undefined) throw new StoreFailure('disk-failed');
	db.addEventListener('versionchange', () => {
		db.close();
		blocking();
	});
	db.addEventListener('close', terminated);
	return db as unknown as IDBPDatabase<Schema>;
}

/**
 * Ends a writing transaction: all of it or, on any failure, nothing. Every request is awaited, one that a later one kept from being
 * answered too, so that a failing disk is one rejection and not several that nobody heard.
 */
async function commit(tx: { readonly done: Promise<void>; abort(): void }, write: (wait: (request: Promise<unknown>) => void) => void): Promise<void> {
	const requests: Promise<unknown>[] = [tx.done];
	let thrown: { error: unknown } | undefined;
	try {
		write((request) => requests.push(request));
	} catch (error) {
		thrown = { error };
		try {
			tx.abort();
		} catch {
			// It is over already.
		}
	}
	const rejected = (await Promise.allSettled(requests)).find((result) => result.status === 'rejected');
	if (thrown !== undefined) throw thrown.error;
	if (rejected !== undefined) throw rejected.reason;
}

const officeDatabase = (officeId: Id): string => `${listName}-${officeId.slice(0, 16)}`;

/** Object stores of schema 1. */
function makeStores(db: IDBDatabase): void {
	for (const name of [...buckets, 'segments', 'chains']) if (!db.objectStoreNames.contains(name)) db.createObjectStore(name);
}

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

function createOfficeStore(officeId: Id, dataKey: Uint8Array, random: Random, connection: Connection<IDBPDatabase<OfficeSchema>>, state: Source<ConnectionState>): OfficeStore {
	const rows = createVaultRows(dataKey, random);
	const chainTag = ({ author, lane }: ChainName): string => rows.tag('chains', `${author}${lane}`);
	const use = <T>(work: (db: IDBPDatabase<OfficeSchema>) => Promise<T>): Promise<T> =>
		connection.use(work).catch((error: unknown) => {
			throw failureOf(error);
		});

	/** The clear key stands inside the sealed record, for `all`. */
	const sealBucket = ({ bucket, key, value }: Companion): { bucket: Bucket; tag: string; sealed: Uint8Array } => {
		const tag = rows.tag(bucket, key);
		return { bucket, tag, sealed: rows.seal(bucket, tag, createWriter().text(key).raw(value).bytes()) };
	};
	const openBucket = (bucket: Bucket, tag: string, sealed: unknown): readonly [string, Uint8Array] | undefined => {
		const plain = sealed instanceof Uint8Array ? rows.open(bucket, tag, sealed) : undefined;
		return plain && decode(plain, (r) => [r.text(maxKeyBytes), r.raw(r.remaining())] as const);
	};
	const segmentKey = (tag: string, from: number): string => `${tag}/${from}`;
	const sealHead = (tag: string, head: ChainHead): Uint8Array => rows.seal('chains', tag, createWriter().u64(head.seq).raw(idToBytes(head.id)).bytes());
	const openHead = (tag: string, sealed: Uint8Array | undefined): ChainHead | undefined => {
		const plain = sealed && rows.open('chains', tag, sealed);
		return plain && decode(plain, (r) => ({ seq: r.u64(), id: hex(r.raw(idBytes)) }));
	};

	async function putAll(records: readonly Companion[], strict = false): Promise<void> {
		const sealed = records.map(sealBucket);
		const names = [...new Set(records.map((record) => record.bucket))];
		if (names.length === 0) return;
		await use(async (db) => {
			const tx = db.transaction(names, 'readwrite', { durability: strict ? 'strict' : 'relaxed' });
			await commit(tx, (wait) => {
				for (const row of sealed) wait(tx.objectStore(row.bucket).put(row.sealed, row.tag));
			});
		});
	}

	return {
		officeId,
		state,
		damaged: rows.damaged,
		putAll,
		async get(bucket, key) {
			const tag = rows.tag(bucket, key);
			const sealed = await use((db) => db.get(bucket, tag));
			return sealed && openBucket(bucket, tag, sealed)?.[1];
		},
		put: (bucket, key, value, strict) => putAll([{ bucket, key, value }], strict),
		delete: (bucket, key) => use((db) => db.delete(bucket, rows.tag(bucket, key))),
		async all(bucket) {
			const [tags, values] = await use(async (db) => {
				const store = db.transaction(bucket).store;
				return Promise.all([store.getAllKeys(), store.getAll()]);
			});
			const records = tags.map((tag, index) => (tag === slotKey ? undefined : openBucket(bucket, tag, values[index])));
			return new Map(records.filter((record) => record !== undefined));
		},
		async loadSegments() {
			const [keys, values] = await use(async (db) => {
				const { store } = db.transaction('segments');
				return Promise.all([store.getAllKeys(), store.getAll()]);
			});
			const chains = new Map<string, StoredSegment[]>();
			for (const [index, [tag, from]] of keys.entries()) {
				const sealed = values[index];
				const chain = chains.get(tag) ?? [];
				chain.push({ from, bytes: sealed && rows.open('segments', segmentKey(tag, from), sealed) });
				chains.set(tag, chain);
			}
			return [...chains.values()];
		},
		async writeSegments(chain, { put, remove = [], head }) {
			const tag = chainTag(chain);
			const sealed = put.map((segment) => ({ from: segment.from, bytes: rows.seal('segments', segmentKey(tag, segment.from), segment.bytes) }));
			const sealedHead = head && sealHead(tag, head);
			await use(async (db) => {
				const tx = db.transaction(['segments', 'chains'], 'readwrite', { durability: head ? 'strict' : 'relaxed' });
				const segments = tx.objectStore('segments');
				await commit(tx, (wait) => {
					for (const from of remove) wait(segments.delete([tag, from]));
					for (const { from, bytes } of sealed) wait(segments.put(bytes, [tag, from]));
					if (sealedHead) wait(tx.objectStore('chains').put(sealedHead, tag));
				});
			});
		},
		async chainHead(chain) {
			const tag = chainTag(chain);
			return openHead(tag, await use((db) => db.get('chains', tag)));
		},
		async compareAndAppend(chain, { expected, segment, head, companions }) {
			const tag = chainTag(chain);
			const sealed = rows.seal('segments', segmentKey(tag, segment.from), segment.bytes);
			const sealedHead = sealHead(tag, head);
			const beside = companions.map(sealBucket);
			const names: StoreName[] = ['segments', 'chains', ...new Set(companions.map((record) => record.bucket))];
			return use(async (db) => {
				const tx = db.transaction(names, 'readwrite', { durability: 'strict' });
				const current = openHead(tag, await tx.objectStore('chains').get(tag));
				const isExpected = current?.seq === expected?.seq && current?.id === expected?.id;
				await commit(tx, (wait) => {
					if (!isExpected) return;
					wait(tx.objectStore('segments').put(sealed, [tag, segment.from]));
					wait(tx.objectStore('chains').put(sealedHead, tag));
					for (const row of beside) wait(tx.objectStore(row.bucket).put(row.sealed, row.tag));
				});
				return isExpected;
			});
		},
		close: () => connection.close(),
	};
}
