/**
 * The databases themselves: their object stores, opening them, and ending a transaction whole or not at all. idb is used here, in store.ts
 * and in stores.ts alone; `makeStores` and the list's upgrade are the only places that make object stores.
 */
import { type DBSchema, type IDBPDatabase, wrap } from 'idb';
import type { ProfileSlot } from '../crypto/vault-profile.ts';

/** 2: `pages`, `transfers`, `handles`, `staged` and `leaves`, for shared folders. */
const schemaVersion = 2;

export const buckets = ['meta', 'kept', 'heads', 'drafts', 'marks', 'keys', 'joins', 'snapshots', 'prefs', 'pages', 'transfers', 'staged', 'leaves'] as const;
export type Bucket = (typeof buckets)[number];
/** Every object store of an office's database. */
export type StoreName = Bucket | 'segments' | 'chains' | 'handles';

interface Row {
	key: string;
	value: Uint8Array;
}

export interface OfficeSchema extends DBSchema {
	meta: { key: string; value: Uint8Array | ProfileSlot };
	kept: Row;
	heads: Row;
	drafts: Row;
	marks: Row;
	keys: Row;
	joins: Row;
	snapshots: Row;
	prefs: Row;
	pages: Row;
	transfers: Row;
	staged: Row;
	leaves: Row;
	/** Not sealed: a handle is an object of the browser's, and tells the name its folder has on this disk. */
	handles: { key: string; value: FileSystemDirectoryHandle };
	segments: { key: [string, number]; value: Uint8Array };
	chains: Row;
}

export interface ListSchema extends DBSchema {
	offices: { key: string; value: { openedMs: number } };
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
export async function openDatabase<Schema extends DBSchema>(factory: IDBFactory, { name, create, upgrade, blocked, blocking, terminated }: OpenRequest): Promise<IDBPDatabase<Schema>> {
	const request = factory.open(name, schemaVersion);
	request.addEventListener('upgradeneeded', (event) => {
		if (event.oldVersion === 0 && !create) request.transaction?.abort();
		else upgrade(request.result);
	});
	request.addEventListener('blocked', blocked);
	const db = await wrap(request);
	if (db === undefined) throw new Error('the database did not open');
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
export async function commit(tx: { readonly done: Promise<void>; abort(): void }, write: (wait: (request: Promise<unknown>) => void) => void): Promise<void> {
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

/** What there is not yet of the object stores. */
export function makeStores(db: IDBDatabase): void {
	for (const name of [...buckets, 'segments', 'chains', 'handles']) if (!db.objectStoreNames.contains(name)) db.createObjectStore(name);
}
