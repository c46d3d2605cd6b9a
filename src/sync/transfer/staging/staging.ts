/**
 * What this device holds of others' files, sealed (PROTOCOL.md, section 11): where fetched chunks go and where they are given from. Bytes lie on
 * the browser's private disk under random names, each file under a key of its own; names, keys and which chunks there are rest in the
 * vault's store, so a locked vault tells nothing (ATTACKS.md, A44).
 */
import { hex } from '../../../crypto/bytes.ts';
import { fileKeyBytes } from '../../../crypto/file-seal.ts';
import type { Random } from '../../../crypto/random.ts';
import { fail, type Result, succeed } from '../../failures.ts';
import type { Clock } from '../../ports.ts';
import { createCell, type Source } from '../../source.ts';
import type { OfficeStore } from '../../store.ts';
import { chunkCount } from '../chunk-list.ts';
import { cutOf } from '../content-ref.ts';
import { type ChunkSink, type ContentRef, contentKey, type Holding, type SmallFileSink, type Written } from '../content.ts';
import { memoryLimitBytes, type OpenedEngine } from './worker-engine.ts';
import { createPack, type Pack, type Packed } from './pack.ts';
import { createStagedFile, type StagedFile } from './staged-file.ts';
import { decodeBatch, decodeFile, decodePack, type PackedEntry } from './staged-records.ts';

/** Left free for the office itself, whose messages rest on the same quota. */
export const reserveBytes = 64 * 1024 * 1024;
const nameBytes = 16;

export interface Staging {
	/** False: the browser gives no disk, what is held goes with the page. */
	readonly lasting: boolean;
	/** Sum of what is held. */
	readonly heldBytes: Source<number>;
	/** Where the chunks of a content go, those there from before included; 'disk-full' where the rest of it will not fit, 'too-large' where only memory is left for it. */
	sink(ref: ContentRef): Promise<Result<ChunkSink>>;
	readonly smallSink: SmallFileSink;
	/** What is here of a content; undefined if nothing. */
	holding(ref: ContentRef): Promise<Holding | undefined>;
	/** Bytes of it here. */
	held(ref: ContentRef): number;
	/** What was sealed for a message before the message had an id. */
	rename(from: ContentRef, to: ContentRef): Promise<void>;
	/** What was written so far outlasts a power cut. */
	settle(): Promise<void>;
	forget(ref: ContentRef): Promise<void>;
	/** All of a folder, or all of all folders; attachments stay. */
	forgetFolders(folder?: string): Promise<void>;
	/** An orderly end: before the vault is locked or the tab hands over. */
	close(): Promise<void>;
}

export interface StagingDeps {
	readonly opened: OpenedEngine;
	readonly store: Pick<OfficeStore, 'get' | 'putAll' | 'delete' | 'all'>;
	readonly random: Random;
	readonly clock: Clock;
	/** Bytes the browser still allows; undefined where it does not tell. */
	readonly room: () => Promise<number | undefined>;
}

const scopeOf = (ref: ContentRef): string => (ref.kind === 'folder-file' ? ref.folder : '');
/** Of a content's key, as `contentKey` writes it. */
const scopeOfKey = (key: string): string => (key.startsWith('f ') ? (key.split(' ', 2)[1] ?? '') : '');

/** In memory there is nothing to put on record, and what an earlier run put there stands for a disk that is not reached now. */
const noRecords: StagingDeps['store'] = { get: () => Promise.resolve(undefined), putAll: () => Promise.resolve(), delete: () => Promise.resolve(), all: () => Promise.resolve(new Map()) };

export async function openStaging({ opened: { engine, lasting }, random, clock, ...outside }: StagingDeps): Promise<Staging> {
	const store = lasting ? outside.store : noRecords;
	const files = new Map<string, { readonly name: string; readonly file: StagedFile }>();
	const packs = new Map<string, Pack>();
	const heldBytes = createCell(0);
	let closed = false;

	const room = async (): Promise<number> => (lasting ? ((await outside.room()) ?? Infinity) - reserveBytes : memoryLimitBytes - heldBytes.get());
	const changed = (bytes: number): void => heldBytes.set(heldBytes.get() + bytes);
	const hasRoom = async (): Promise<boolean> => (await room()) > 0;
	const deps = { engine, store, clock, hasRoom, changed };
	const newName = (): string => hex(random(nameBytes));

	await load();

	async function load(): Promise<void> {
		const [records, names] = await Promise.all([store.all('staged'), engine.names()]);
		const onDisk = new Set(names);
		const batches = new Map<string, Map<number, readonly PackedEntry[]>>();
		for (const [key, bytes] of records) {
			const [kind, name = '', number] = key.split('/');
			if (kind !== 'pack' || number === undefined) continue;
			const list = decodeBatch(bytes);
			if (list) batches.set(name, (batches.get(name) ?? new Map<number, readonly PackedEntry[]>()).set(Number(number), list));
		}
		let held = 0;
		const kept = new Set<string>();
		for (const [key, bytes] of records) {
			const [kind, name = '', number] = key.split('/');
			if (!onDisk.has(name)) {
				// Its bytes are gone: a cleared site, or a browser that took them.
				const record = kind === 'file' ? decodeFile(bytes) : undefined;
				if (record) await createStagedFile(deps, name, record).forget();
				else await store.delete('staged', key);
				continue;
			}
			if (kind === 'file') {
				const record = decodeFile(bytes);
				if (!record) continue;
				const file = createStagedFile(deps, name, record);
				files.set(record.key, { name, file });
				held += file.heldBytes;
				kept.add(name);
			} else if (kind === 'pack' && number === undefined) {
				const record = decodePack(bytes);
				if (!record) continue;
				const lists = batches.get(name) ?? new Map<number, readonly PackedEntry[]>();
				packs.set(name, createPack(deps, name, record, lists));
				held += [...lists.values()].flat().reduce((sum, { size }) => sum + size, 0);
				kept.add(name);
			}
		}
		heldBytes.set(held);
		// Files nobody has a record of: begun just before a power cut, or let go of just before one.
		for (const name of names) if (!kept.has(name)) await engine.remove(name).catch(() => undefined);
	}

	const packOf = (key: string): Pack | undefined => [...packs.values()].find((pack) => pack.entry(key) !== undefined);

	function packFor(scope: string): Pack {
		const open = [...packs.values()].find((pack) => pack.scope === scope && !pack.full);
		if (open) return open;
		const name = newName();
		const pack = createPack(deps, name, { scope, fileKey: random(fileKeyBytes) }, undefined);
		packs.set(name, pack);
		return pack;
	}

	async function dropEmptyPacks(): Promise<void> {
		for (const [name, pack] of [...packs]) {
			if (!pack.empty) continue;
			packs.delete(name);
			await pack.forget();
			await engine.remove(name);
		}
	}

	async function forgetFile(key: string): Promise<void> {
		const known = files.get(key);
		if (!known) return;
		files.delete(key);
		await known.file.forget();
		await engine.remove(known.name);
	}

	/** Answers of one pack, put where the files of them stood. */
	async function writeSmall(wanted: readonly Packed[], answers: Written[]): Promise<void> {
		const byScope = new Map<string, number[]>();
		for (const [index, { key, file }] of wanted.entries()) {
			if (file.bytes.length !== file.ref.size || file.bytes.length === 0) answers[index] = 'wrong';
			else if (packOf(key) || files.get(key)?.file.sink.have.whole) answers[index] = 'written';
			else byScope.set(scopeOf(file.ref), [...(byScope.get(scopeOf(file.ref)) ?? []), index]);
		}
		for (const [scope, indices] of byScope) {
			const some = indices.map((index) => wanted[index]).filter((one) => one !== undefined);
			const written = await packFor(scope).write(some);
			for (const [at, index] of indices.entries()) answers[index] = written[at] ?? 'failed';
		}
	}

	return {
		lasting,
		heldBytes,
		async sink(ref) {
			const key = contentKey(ref);
			const known = files.get(key);
			const left = ref.size - (known?.file.heldBytes ?? 0);
			if (left > (await room())) return fail(lasting ? 'disk-full' : 'too-large');
			if (closed) return fail('closed');
			if (known) {
				await known.file.ready();
				return succeed(known.file.sink);
			}
			const cut = cutOf(ref);
			const name = newName();
			const empty = new Uint8Array();
			const record = { ...cut, key, fileKey: random(fileKeyBytes), bits: new Uint8Array(Math.ceil(chunkCount(cut) / 8)), unsure: [], groups: empty, manifest: empty };
			const file = files.get(key)?.file ?? createStagedFile(deps, name, record);
			if (!files.has(key)) files.set(key, { name, file });
			await file.ready();
			return succeed(file.sink);
		},
		smallSink: {
			async write(small) {
				const answers: Written[] = small.map(() => 'failed');
				if (!closed) await writeSmall(small.map((file) => ({ key: contentKey(file.ref), file })), answers);
				return answers;
			},
		},
		async holding(ref) {
			const key = contentKey(ref);
			const known = files.get(key);
			if (!known) return packOf(key)?.holding(key);
			await known.file.ready();
			return known.file.holding;
		},
		held(ref) {
			const key = contentKey(ref);
			return files.get(key)?.file.heldBytes ?? packOf(key)?.entry(key)?.size ?? 0;
		},
		async rename(from, to) {
			const key = contentKey(from);
			const known = files.get(key);
			if (!known) throw new Error('nothing of that name is staged');
			files.delete(key);
			files.set(contentKey(to), known);
			await known.file.rename(contentKey(to));
		},
		async settle() {
			await Promise.all([...[...files.values()].map(({ file }) => file.settle()), ...[...packs.values()].map((pack) => pack.settle())]);
		},
		async forget(ref) {
			const key = contentKey(ref);
			await forgetFile(key);
			packOf(key)?.forgetEntry(key);
			await dropEmptyPacks();
		},
		async forgetFolders(folder) {
			const isMeant = (scope: string): boolean => scope !== '' && (folder === undefined || scope === folder);
			for (const key of [...files.keys()]) if (isMeant(scopeOfKey(key))) await forgetFile(key);
			for (const [name, pack] of [...packs]) {
				if (!isMeant(pack.scope)) continue;
				packs.delete(name);
				await pack.forget();
				await engine.remove(name);
			}
		},
		async close() {
			closed = true;
			await Promise.allSettled([...[...files.values()].map(({ file }) => file.close()), ...[...packs.values()].map((pack) => pack.close())]);
			await engine.close();
		},
	};
}

