/**
 * One office's records as they rest on this disk (PROTOCOL.md, section 10), every one sealed with the vault's data key. The device's list of
 * offices and their opening: stores.ts.
 *
 * Own entries go by compare-and-append in one strict transaction (DESIGN.md, D10): a power cut leaves them whole or absent, and a second
 * writer is refused. A record that does not open is skipped and counted, never deleted.
 */
import type { IDBPDatabase } from 'idb';
import { hex } from '../crypto/bytes.ts';
import { createWriter, decode } from '../crypto/codec.ts';
import type { Random } from '../crypto/random.ts';
import { type Id, idBytes, idToBytes, type Lane } from './log/entry.ts';
import type { Source } from './source.ts';
import type { Connection, ConnectionState } from './store-connection.ts';
import { type Bucket, commit, type OfficeSchema, type StoreName } from './store-database.ts';
import { isSlotRow } from './store-slots.ts';
import { createVaultRows } from './vault-rows.ts';

const maxKeyBytes = 1024;

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

/** Where a segment rests: the opaque name of its chain, and its first seq. */
export interface SegmentName {
	readonly chain: string;
	readonly from: number;
}

/** A segment read back. It is unsealed when its bytes are asked for, each time; without bytes it was damaged. */
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
	/** The same, each unsealed when it is asked for: a bucket of megabytes would hold up the screen. Without an answer it was damaged. */
	allLater(bucket: Bucket): Promise<readonly (() => readonly [key: string, value: Uint8Array] | undefined)[]>;
	/** What segments there are, by chain, each in order of `from`. */
	segmentNames(): Promise<readonly (readonly SegmentName[])[]>;
	/** The opaque name of a chain. */
	nameOf(chain: ChainName): string;
	readSegments(names: readonly SegmentName[]): Promise<readonly StoredSegment[]>;
	/** Writes and removes segments of one chain in one transaction; with `head` for an own chain, then strictly. */
	writeSegments(chain: ChainName, change: { put: readonly Segment[]; remove?: readonly number[]; head?: ChainHead }): Promise<void>;
	/** The head of an own chain as last written. */
	chainHead(chain: ChainName): Promise<ChainHead | undefined>;
	/** Own entries: strict, and only if the head on disk is `expected`; answers whether it was. */
	compareAndAppend(chain: ChainName, append: { expected: ChainHead | undefined; segment: Segment; head: ChainHead; companions: readonly Companion[] }): Promise<boolean>;
	/** Folders of this computer that are shared, by an opaque key. They rest as they are: see `OfficeSchema`. */
	handles(): Promise<ReadonlyMap<string, FileSystemDirectoryHandle>>;
	putHandle(key: string, handle: FileSystemDirectoryHandle): Promise<void>;
	deleteHandle(key: string): Promise<void>;
	/** Records that did not open, so far. */
	readonly damaged: () => number;
	close(): void;
}

export const isNamed = (error: unknown, name: string): boolean => error instanceof Error && error.name === name;

export function failureOf(error: unknown): StoreFailure {
	if (error instanceof StoreFailure) return error;
	return new StoreFailure(isNamed(error, 'QuotaExceededError') ? 'disk-full' : 'disk-failed', error);
}

export function createOfficeStore(officeId: Id, dataKey: Uint8Array, random: Random, connection: Connection<IDBPDatabase<OfficeSchema>>, state: Source<ConnectionState>): OfficeStore {
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

	async function allLater(bucket: Bucket): Promise<readonly (() => readonly [string, Uint8Array] | undefined)[]> {
		const [tags, values] = await use(async (db) => {
			const store = db.transaction(bucket).store;
			return Promise.all([store.getAllKeys(), store.getAll()]);
		});
		return tags.map((tag, index) => () => (bucket === 'meta' && isSlotRow(tag) ? undefined : openBucket(bucket, tag, values[index])));
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
			const records = (await allLater(bucket)).map((open) => open());
			return new Map(records.filter((record) => record !== undefined));
		},
		allLater,
		nameOf: chainTag,
		async segmentNames() {
			const keys = await use((db) => db.getAllKeys('segments'));
			const chains = new Map<string, SegmentName[]>();
			for (const [chain, from] of keys) {
				const names = chains.get(chain);
				if (names) names.push({ chain, from });
				else chains.set(chain, [{ chain, from }]);
			}
			return [...chains.values()];
		},
		async readSegments(names) {
			const values = await use((db) => {
				const { store } = db.transaction('segments');
				return Promise.all(names.map(({ chain, from }) => store.get([chain, from])));
			});
			return names.map(({ chain, from }, index) => {
				const sealed = values[index];
				return {
					from,
					get bytes() {
						return sealed && rows.open('segments', segmentKey(chain, from), sealed);
					},
				};
			});
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
		async handles() {
			const [keys, values] = await use(async (db) => {
				const { store } = db.transaction('handles');
				return Promise.all([store.getAllKeys(), store.getAll()]);
			});
			return new Map(keys.flatMap((key, index) => (values[index] ? [[key, values[index]] as const] : [])));
		},
		putHandle: (key, handle) =>
			use(async (db) => {
				await db.put('handles', handle, key);
			}),
		deleteHandle: (key) => use((db) => db.delete('handles', key)),
		close: () => connection.close(),
	};
}
