/** An `OfficeStore` in memory that outlives its opening, for tests with many devices. The real one is tested in `unit/store.test.ts`. */
import type { Bucket } from '../../src/sync/store-database.ts';
import { type ChainName, type Companion, type OfficeStore, type Segment, StoreFailure, type ChainHead } from '../../src/sync/store.ts';
import { createCell } from '../../src/sync/source.ts';

export interface MemoryDisk {
	readonly records: Map<string, Uint8Array>;
	readonly segments: Map<string, Map<number, Uint8Array>>;
	readonly heads: Map<string, ChainHead>;
	readonly handles: Map<string, FileSystemDirectoryHandle>;
	/** What the disk does from now on: `full` refuses, `lost-after` writes and then breaks, `broken` does neither. */
	mood: 'fine' | 'full' | 'broken' | 'lost-after';
	writes: number;
}

export function createMemoryDisk(): MemoryDisk {
	return { records: new Map(), segments: new Map(), heads: new Map(), handles: new Map(), mood: 'fine', writes: 0 };
}

export function createMemoryStore(officeId: string, disk = createMemoryDisk()): OfficeStore {
	const state = createCell<'open' | 'closed'>('open');
	const chainKey = ({ author, lane }: ChainName): string => `${author}${lane}`;
	const recordKey = (bucket: Bucket, key: string): string => `${bucket}/${key}`;

	async function write(change: () => void): Promise<void> {
		await Promise.resolve();
		if (state.get() === 'closed') throw new StoreFailure('disk-failed');
		if (disk.mood === 'full') throw new StoreFailure('disk-full');
		if (disk.mood === 'broken') throw new StoreFailure('disk-failed');
		disk.writes++;
		change();
		if (disk.mood === 'lost-after') throw new StoreFailure('disk-failed');
	}
	const putSegments = (chain: ChainName, segments: readonly Segment[]): void => {
		const rows = disk.segments.get(chainKey(chain)) ?? new Map<number, Uint8Array>();
		for (const { from, bytes } of segments) rows.set(from, bytes.slice());
		disk.segments.set(chainKey(chain), rows);
	};
	const putRecords = (records: readonly Companion[]): void => {
		for (const { bucket, key, value } of records) disk.records.set(recordKey(bucket, key), value.slice());
	};

	return {
		officeId,
		state,
		damaged: () => 0,
		get: (bucket, key) => Promise.resolve(disk.records.get(recordKey(bucket, key))),
		put: (bucket, key, value) => write(() => putRecords([{ bucket, key, value }])),
		putAll: (records) => write(() => putRecords(records)),
		delete: (bucket, key) => write(() => void disk.records.delete(recordKey(bucket, key))),
		all: (bucket) => Promise.resolve(new Map([...disk.records].filter(([key]) => key.startsWith(`${bucket}/`)).map(([key, value]) => [key.slice(bucket.length + 1), value]))),
		allLater: (bucket) => Promise.resolve([...disk.records].filter(([key]) => key.startsWith(`${bucket}/`)).map(([key, value]) => () => [key.slice(bucket.length + 1), value] as const)),
		nameOf: chainKey,
		segmentNames: () => Promise.resolve([...disk.segments].map(([chain, rows]) => [...rows.keys()].sort((a, b) => a - b).map((from) => ({ chain, from })))),
		readSegments: (names) => Promise.resolve(names.map(({ chain, from }) => ({ from, bytes: disk.segments.get(chain)?.get(from) }))),
		writeSegments: (chain, { put, remove = [], head }) =>
			write(() => {
				for (const from of remove) disk.segments.get(chainKey(chain))?.delete(from);
				putSegments(chain, put);
				if (head) disk.heads.set(chainKey(chain), head);
			}),
		chainHead: (chain) => Promise.resolve(disk.heads.get(chainKey(chain))),
		async compareAndAppend(chain, { expected, segment, head, companions }) {
			let isExpected = false;
			await write(() => {
				isExpected = disk.heads.get(chainKey(chain))?.id === expected?.id;
				if (!isExpected) return;
				putSegments(chain, [segment]);
				disk.heads.set(chainKey(chain), head);
				putRecords(companions);
			});
			return isExpected;
		},
		handles: () => Promise.resolve(new Map(disk.handles)),
		putHandle: (key, handle) => write(() => void disk.handles.set(key, handle)),
		deleteHandle: (key) => write(() => void disk.handles.delete(key)),
		close: () => state.set('closed'),
	};
}
