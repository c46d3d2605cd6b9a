/**
 * One content in a sealed file of its own: where its chunks go, and what can be given of it. Chunk i rests at a place of its own, so that they
 * may come in any order.
 */
import { equal } from '../../../crypto/bytes.ts';
import { restOverheadBytes } from '../../../crypto/file-seal.ts';
import type { Clock } from '../../ports.ts';
import type { Companion, OfficeStore } from '../../store.ts';
import { chunkCount, chunkLength, type Cut, leavesPerGroup } from '../chunk-list.ts';
import { createChunkSet, type MutableChunkSet } from '../chunk-set.ts';
import type { ChunkSink, Holding } from '../content.ts';
import { createBatches, type Trouble } from './batches.ts';
import type { StagingEngine } from './engine.ts';
import { createKnownLeaves } from './known-leaves.ts';
import { decodeLeaves, encodeFile, encodeLeaves, type FileRecord } from './staged-records.ts';

const flushBytes = 64 * 1024 * 1024;
/** What a reload may cost, with what was on its way. */
const recordBytes = 8 * 1024 * 1024;

export interface StagedFile {
	readonly key: string;
	readonly heldBytes: number;
	readonly sink: ChunkSink;
	readonly holding: Holding;
	/** Reads the last batch again, once; before that, it may say it has what a power cut took. */
	ready(): Promise<void>;
	rename(key: string): Promise<void>;
	settle(): Promise<Trouble | undefined>;
	/** An orderly end: nothing needs to be read again. */
	close(): Promise<void>;
	/** Takes its records; the file itself is removed by whoever asks. */
	forget(): Promise<void>;
}

export interface StagedFileDeps {
	readonly engine: StagingEngine;
	readonly store: Pick<OfficeStore, 'get' | 'putAll' | 'delete'>;
	readonly clock: Clock;
	/** Whether the disk has room for more; asked after each batch. */
	readonly hasRoom: () => Promise<boolean>;
	/** Held bytes changed by so many. */
	readonly changed: (bytes: number) => void;
}

export const recordKey = (name: string): string => `file/${name}`;
export const leavesKey = (name: string, group: number): string => `${name}/${group}`;

/** @param name of its file on the private disk */
export function createStagedFile(deps: StagedFileDeps, name: string, record: FileRecord): StagedFile {
	const { engine, store } = deps;
	const cut: Cut = { size: record.size, chunkBytes: record.chunkBytes };
	const count = chunkCount(cut);
	const have: MutableChunkSet = createChunkSet(count, record.bits);
	for (const index of record.unsure) have.add(index);
	/** What the record says without a doubt: flushed, and still thought to be there. */
	const safe: MutableChunkSet = createChunkSet(count, record.bits);
	const leaves = createKnownLeaves(cut, have);
	const loaded = new Map<number, Promise<void>>();
	let { key, groups, manifest } = record;
	/** Flushed last; a disk may have promised more than it did. */
	let lastBatch = record.unsure;
	let unflushed: number[] = [];
	const dirtyGroups = new Set<number>();
	let ready: Promise<void> | undefined;
	let known: Promise<void> | undefined;
	let closed = false;

	const batches = createBatches({ clock: deps.clock, flushBytes, recordBytes, save });
	const place = (index: number): number => index * (cut.chunkBytes + restOverheadBytes);
	const knowKey = (): Promise<void> => (known ??= engine.know(name, record.fileKey));
	const bytesOf = (indices: readonly number[]): number => indices.reduce((sum, index) => sum + chunkLength(cut, index), 0);
	const allIndices = (): readonly number[] => Array.from({ length: count }, (_, index) => index).filter((index) => have.has(index));

	async function save(flush: boolean): Promise<Trouble | undefined> {
		const batch = flush ? unflushed : [];
		if (flush) unflushed = [];
		const parts = [...dirtyGroups];
		dirtyGroups.clear();
		try {
			const flushed = batch.length === 0 ? 'flushed' : await engine.flush(name);
			if (flushed !== 'flushed') throw new Unsaved(flushed);
			for (const index of batch) if (have.has(index)) safe.add(index);
			if (batch.length > 0) lastBatch = batch;
			await store.putAll([...parts.map(leavesRecord), fileRecord()]);
		} catch (error) {
			unflushed = [...batch, ...unflushed];
			for (const part of parts) dirtyGroups.add(part);
			if (error instanceof Unsaved) return error.trouble;
			throw error;
		}
		return (await deps.hasRoom()) || have.whole ? undefined : 'disk-full';
	}

	const fileRecord = (): Companion => ({ bucket: 'staged', key: recordKey(name), value: encodeFile({ ...cut, key, fileKey: record.fileKey, bits: safe.bytes(), unsure: [...lastBatch, ...unflushed], groups, manifest }) });
	const leavesRecord = (group: number): Companion => {
		const part = leaves.part(group);
		return { bucket: 'leaves', key: leavesKey(name, group), value: encodeLeaves(part.leaves, part.whole) };
	};

	/** What an earlier run knew of a group. */
	const loadGroup = (group: number): Promise<void> => {
		const loading = loaded.get(group) ?? readGroup(group);
		loaded.set(group, loading);
		return loading;
	};
	async function readGroup(group: number): Promise<void> {
		const bytes = await store.get('leaves', leavesKey(name, group));
		const part = bytes && decodeLeaves(bytes);
		if (part && leaves.part(group).leaves.length === 0) leaves.setGroup(group, part.leaves, part.whole);
	}

	/** It is not there after all: it will be fetched again. */
	function lose(index: number): void {
		if (!have.has(index)) return;
		have.delete(index);
		safe.delete(index);
		deps.changed(-chunkLength(cut, index));
		batches.note(0);
	}

	async function verify(): Promise<void> {
		const suspects = lastBatch;
		lastBatch = [];
		for (const index of suspects) {
			if (!have.has(index)) continue;
			const chunk = await engine.read(name, place(index), chunkLength(cut, index)).catch(() => undefined);
			if (chunk === undefined) lose(index);
			else if (!safe.has(index)) unflushed.push(index);
		}
		if (suspects.length > 0) batches.note(0);
	}

	const sink: ChunkSink = {
		have,
		async write(index, bytes, leaf) {
			if (closed) return 'failed';
			if (index < 0 || index >= count || bytes.byteLength !== chunkLength(cut, index)) return 'wrong';
			if (have.has(index)) return 'written';
			const trouble = await batches.clear();
			if (trouble !== undefined) return trouble;
			const group = Math.floor(index / leavesPerGroup);
			await loadGroup(group);
			const [written = 'failed'] = await engine.write(name, bytes, [{ from: 0, length: bytes.byteLength, at: place(index), leaf }]);
			if (written !== 'written' || have.has(index)) return written;
			leaves.set(index, leaf);
			have.add(index);
			unflushed.push(index);
			dirtyGroups.add(group);
			const length = chunkLength(cut, index);
			deps.changed(length);
			batches.note(length);
			if (have.whole) void batches.settle();
			return 'written';
		},
		learnt(what) {
			if ('groups' in what) groups = what.groups.slice();
			else if ('manifest' in what) manifest = what.manifest.slice();
			else {
				leaves.setGroup(what.group, what.leaves, true);
				dirtyGroups.add(what.group);
			}
			batches.note(0);
		},
	};

	const holding: Holding = {
		have: () => have,
		async readChunk(index) {
			if (!have.has(index) || closed) return 'gone';
			const group = Math.floor(index / leavesPerGroup);
			await loadGroup(group);
			const chunk = await engine.read(name, place(index), chunkLength(cut, index)).catch(() => 'unread' as const);
			// A disk that cannot be read now says nothing of what is on it.
			if (chunk === 'unread') return 'gone';
			const leaf = leaves.at(index);
			if (chunk && (leaf === undefined || equal(chunk.leaf, leaf))) return chunk;
			lose(index);
			return 'gone';
		},
		async leavesOfGroup(group) {
			await loadGroup(group);
			return leaves.group(group);
		},
		async groups() {
			if (groups.length > 0) return groups;
			for (let group = 0; group * leavesPerGroup < count; group++) {
				await loadGroup(group);
				if (leaves.group(group) === undefined) return undefined;
			}
			groups = (await leaves.groups()) ?? groups;
			return groups.length > 0 ? groups : undefined;
		},
		manifest: () => Promise.resolve(manifest.length > 0 ? manifest : undefined),
	};

	return {
		get key() {
			return key;
		},
		get heldBytes() {
			return have.held === 0 ? 0 : have.held * cut.chunkBytes - (have.has(count - 1) ? cut.chunkBytes - chunkLength(cut, count - 1) : 0);
		},
		sink,
		holding,
		ready: () => (ready ??= knowKey().then(verify)),
		async rename(to) {
			key = to;
			batches.note(0);
			await batches.settle();
		},
		settle: () => batches.settle(),
		async close() {
			closed = true;
			batches.stop();
			await batches.settle();
			if (lastBatch.length === 0 || unflushed.length > 0) return;
			lastBatch = [];
			await store.putAll([fileRecord()]);
		},
		async forget() {
			closed = true;
			batches.stop();
			deps.changed(-bytesOf(allIndices()));
			await store.delete('staged', recordKey(name));
			for (let group = 0; group * leavesPerGroup < count; group++) await store.delete('leaves', leavesKey(name, group));
		},
	};
}

class Unsaved extends Error {
	readonly trouble: Trouble;
	constructor(trouble: Trouble) {
		super(trouble);
		this.trouble = trouble;
	}
}
