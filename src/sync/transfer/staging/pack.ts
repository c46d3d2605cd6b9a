/**
 * Small contents, gathered: ten thousand files of 4 KiB would cost a private disk more for their names than for their bytes. A pack is one
 * sealed file that only grows; what is let go of in it is freed with the last of it.
 */
import { concat, equal } from '../../../crypto/bytes.ts';
import { groupOf } from '../../../crypto/file-hash.ts';
import { restOverheadBytes } from '../../../crypto/file-seal.ts';
import type { Clock } from '../../ports.ts';
import type { OfficeStore } from '../../store.ts';
import { createChunkSet } from '../chunk-set.ts';
import type { Holding, SmallFile, Written } from '../content.ts';
import { createBatches, type Trouble } from './batches.ts';
import type { StagingEngine } from './engine.ts';
import { encodeBatch, encodePack, type PackedEntry, type PackRecord } from './staged-records.ts';

/** A fuller one is followed by the next. */
const packBytes = 64 * 1024 * 1024;
/** What a reload may cost. */
const flushBytes = 12 * 1024 * 1024;
/** Contents on one record; more make one record slow to seal. */
const entriesPerRecord = 1000;

export interface Packed {
	readonly key: string;
	readonly file: SmallFile;
}

export interface Pack {
	readonly scope: string;
	readonly full: boolean;
	readonly empty: boolean;
	entry(key: string): PackedEntry | undefined;
	keys(): Iterable<string>;
	/** One answer for each, in their order. */
	write(files: readonly Packed[]): Promise<readonly Written[]>;
	holding(key: string): Holding | undefined;
	forgetEntry(key: string): void;
	settle(): Promise<Trouble | undefined>;
	close(): Promise<void>;
	forget(): Promise<void>;
}

export interface PackDeps {
	readonly engine: StagingEngine;
	readonly store: Pick<OfficeStore, 'putAll' | 'delete'>;
	readonly clock: Clock;
	readonly hasRoom: () => Promise<boolean>;
	readonly changed: (bytes: number) => void;
}

export const packKey = (name: string): string => `pack/${name}`;
const batchKey = (name: string, batch: number): string => `${packKey(name)}/${batch}`;

/** @param batches what is on record, by number; undefined for a new pack */
export function createPack(deps: PackDeps, name: string, record: PackRecord, recorded: ReadonlyMap<number, readonly PackedEntry[]> | undefined): Pack {
	const { engine, store } = deps;
	const entries = new Map<string, { readonly entry: PackedEntry; readonly batch: number }>();
	const dirty = new Set<number>();
	let onRecord = recorded !== undefined;
	let end = 0;
	let batch = 0;
	let inBatch = 0;
	let closed = false;
	let readying: Promise<void> | undefined;

	for (const [number, list] of recorded ?? []) {
		batch = Math.max(batch, number + 1);
		for (const entry of list) {
			entries.set(entry.key, { entry, batch: number });
			end = Math.max(end, entry.at + entry.size + restOverheadBytes);
		}
	}
	const last = batch - 1;
	const batches = createBatches({ clock: deps.clock, flushBytes, recordBytes: flushBytes, save });
	const inNumber = (number: number): readonly PackedEntry[] => [...entries.values()].filter((known) => known.batch === number).map((known) => known.entry);

	/** What of the last batch a power cut took is found by reading it again; an orderly end is not told apart, for a batch is small. */
	const ready = (): Promise<void> => (readying ??= engine.know(name, record.fileKey).then(verify));
	async function verify(): Promise<void> {
		if (!onRecord) return;
		for (const entry of inNumber(last)) await readEntry(entry);
	}

	async function readEntry(entry: PackedEntry): ReturnType<Holding['readChunk']> {
		const chunk = await engine.read(name, entry.at, entry.size).catch(() => 'unread' as const);
		if (chunk === 'unread') return 'gone';
		if (chunk && equal(chunk.leaf, entry.leaf)) return chunk;
		drop(entry.key);
		return 'gone';
	}

	function drop(key: string): void {
		const known = entries.get(key);
		if (!known) return;
		entries.delete(key);
		dirty.add(known.batch);
		deps.changed(-known.entry.size);
		batches.note(0);
	}

	async function save(): Promise<Trouble | undefined> {
		const numbers = [...dirty];
		dirty.clear();
		inBatch = entriesPerRecord;
		try {
			const flushed = await engine.flush(name);
			if (flushed !== 'flushed') {
				for (const number of numbers) dirty.add(number);
				return flushed;
			}
			const lists = new Map(numbers.map((number) => [number, [] as PackedEntry[]]));
			for (const known of entries.values()) lists.get(known.batch)?.push(known.entry);
			await store.putAll([
				...(onRecord ? [] : [{ bucket: 'staged' as const, key: packKey(name), value: encodePack(record) }]),
				...[...lists].map(([number, list]) => ({ bucket: 'staged' as const, key: batchKey(name, number), value: encodeBatch(list) })),
			]);
			onRecord = true;
		} catch (error) {
			for (const number of numbers) dirty.add(number);
			throw error;
		}
		return (await deps.hasRoom()) ? undefined : 'disk-full';
	}

	/** The number of the record a new entry goes on. */
	function nextBatch(): number {
		if (inBatch >= entriesPerRecord) {
			batch += 1;
			inBatch = 0;
		}
		inBatch += 1;
		return batch;
	}

	return {
		scope: record.scope,
		get full() {
			return end >= packBytes;
		},
		get empty() {
			return entries.size === 0;
		},
		entry: (key) => entries.get(key)?.entry,
		keys: () => entries.keys(),
		async write(files) {
			if (closed) return files.map(() => 'failed' as const);
			await ready();
			const trouble = await batches.clear();
			if (trouble !== undefined) return files.map(() => trouble);
			const joined = concat(...files.map(({ file }) => file.bytes));
			let from = 0;
			const pieces = files.map(({ file }) => {
				const piece = { from, length: file.bytes.length, at: end, leaf: file.leaf.slice() };
				from += piece.length;
				end += piece.length + restOverheadBytes;
				return piece;
			});
			const written = await engine.write(name, joined.buffer as ArrayBuffer, pieces);
			for (const [index, { key }] of files.entries()) {
				const piece = pieces[index];
				if (written[index] !== 'written' || !piece || entries.has(key)) continue;
				const number = nextBatch();
				entries.set(key, { entry: { key, at: piece.at, size: piece.length, leaf: piece.leaf }, batch: number });
				dirty.add(number);
				deps.changed(piece.length);
				batches.note(piece.length);
			}
			return files.map((_, index) => written[index] ?? 'failed');
		},
		holding(key) {
			const known = entries.get(key);
			if (!known) return undefined;
			const { entry } = known;
			const have = createChunkSet(1, 'all');
			return {
				have: () => (entries.has(key) ? have : createChunkSet(1)),
				async readChunk(index) {
					if (index !== 0 || !entries.has(key) || closed) return 'gone';
					await ready();
					return readEntry(entry);
				},
				leavesOfGroup: (group) => Promise.resolve(group === 0 ? entry.leaf : undefined),
				groups: () => groupOf(entry.leaf),
				manifest: () => Promise.resolve(undefined),
			};
		},
		forgetEntry: drop,
		settle: () => batches.settle(),
		async close() {
			closed = true;
			batches.stop();
			await batches.settle();
		},
		async forget() {
			closed = true;
			batches.stop();
			for (const { entry } of entries.values()) deps.changed(-entry.size);
			entries.clear();
			if (!onRecord) return;
			await store.delete('staged', packKey(name));
			for (let number = 0; number <= batch; number++) await store.delete('staged', batchKey(name, number));
		},
	};
}
