/** Staging on the browser's own private disk, in its own worker. */
import { afterEach, expect, test } from 'vitest';
import { equal, utf8 } from '../../src/crypto/bytes.ts';
import { leafOf } from '../../src/crypto/file-hash.ts';
import { systemRandom } from '../../src/crypto/random.ts';
import { systemClock } from '../../src/sync/ports.ts';
import { plainChunkBytes } from '../../src/sync/transfer/chunk-list.ts';
import type { ChunkSink, FolderFileRef } from '../../src/sync/transfer/content.ts';
import { openStaging, type Staging } from '../../src/sync/transfer/staging/staging.ts';
import { openStagingEngine, type OpenedEngine, removeStagingDisk } from '../../src/sync/transfer/staging/worker-engine.ts';
import { createMemoryDisk, createMemoryStore } from '../support/memory-store.ts';

const directory = 'files-of-a-test';
const marker = utf8('the minutes of the board, in plain text');
const refOf = (path: string, size: number): FolderFileRef => ({ kind: 'folder-file', folder: 'ab'.repeat(16), path, size, modifiedMs: 1 });

let opened: OpenedEngine | undefined;
let storeDisk = createMemoryDisk();

async function start(): Promise<Staging> {
	opened = await openStagingEngine(directory, systemRandom);
	return openStaging({ opened, store: createMemoryStore('ab'.repeat(32), storeDisk), random: systemRandom, clock: systemClock, room: () => Promise.resolve(undefined) });
}

/** The page goes without a word: the worker lets go of its files, nothing more is put on record. */
async function crash(): Promise<void> {
	await opened?.engine.close();
}

afterEach(async () => {
	await crash();
	storeDisk = createMemoryDisk();
	await removeStagingDisk(directory);
});

function chunkOf(index: number, length = plainChunkBytes): Uint8Array<ArrayBuffer> {
	const bytes = new Uint8Array(length).fill(index & 255);
	bytes.set(marker);
	bytes[marker.length] = index >> 8;
	return bytes;
}

async function put(sink: ChunkSink, index: number): Promise<string> {
	const bytes = chunkOf(index);
	const leaf = await leafOf(bytes);
	return sink.write(index, bytes.buffer, leaf);
}

async function sinkOf(staging: Staging, ref: FolderFileRef): Promise<ChunkSink> {
	const sink = await staging.sink(ref);
	if (!sink.ok) throw new Error(sink.code);
	return sink.value;
}

async function rawFiles(): Promise<readonly { name: string; bytes: Uint8Array }[]> {
	const place = await (await navigator.storage.getDirectory()).getDirectoryHandle(directory);
	const files: { name: string; bytes: Uint8Array }[] = [];
	for await (const [name, handle] of place.entries()) files.push({ name, bytes: new Uint8Array(await (await (handle as FileSystemFileHandle).getFile()).arrayBuffer()) });
	return files;
}

const contains = (bytes: Uint8Array, part: Uint8Array): boolean => {
	for (let at = bytes.indexOf(part[0]!); at >= 0; at = bytes.indexOf(part[0]!, at + 1)) if (equal(bytes.subarray(at, at + part.length), part)) return true;
	return false;
};

test('a break at 50 % and a reload: at most 16 MiB are fetched again, and what is there is whole', async () => {
	const ref = refOf('film.mp4', 48 * plainChunkBytes);
	const before = await start();
	expect(before.lasting).toBe(true);
	const sink = await sinkOf(before, ref);
	for (let index = 0; index < 24; index++) expect(await put(sink, index)).toBe('written');
	await crash();

	const after = await start();
	const again = await sinkOf(after, ref);
	expect(again.have.held).toBeGreaterThanOrEqual(24 - 16);
	for (let index = 0; index < 48; index++) expect(await put(again, index)).toBe('written');
	expect(again.have.whole).toBe(true);
	const holding = (await after.holding(ref))!;
	for (let index = 0; index < 48; index++) {
		const chunk = await holding.readChunk(index);
		expect(typeof chunk === 'object' && equal(chunk.bytes, chunkOf(index))).toBe(true);
	}
	await after.close();
});

test('A44: the private disk holds no plaintext, no names and no keys; a damaged chunk is fetched again', async () => {
	const ref = refOf('Kündigung Berger.pdf', 2 * plainChunkBytes);
	const staging = await start();
	const sink = await sinkOf(staging, ref);
	for (const index of [0, 1]) await put(sink, index);
	await staging.close();
	const files = await rawFiles();
	expect(files).toHaveLength(1);
	for (const { name, bytes } of files) {
		expect(name).toMatch(/^[0-9a-f]{32}$/);
		expect(bytes.length).toBeGreaterThan(2 * plainChunkBytes);
		for (const secret of [marker, utf8('Berger'), new Uint8Array(64)]) expect(contains(bytes, secret)).toBe(false);
	}

	const place = await (await navigator.storage.getDirectory()).getDirectoryHandle(directory);
	const writable = await (await place.getFileHandle(files[0]!.name)).createWritable({ keepExistingData: true });
	await writable.write({ type: 'write', position: plainChunkBytes + 4000, data: Uint8Array.of(1, 2, 3) });
	await writable.close();
	const after = await start();
	const holding = (await after.holding(ref))!;
	expect(typeof (await holding.readChunk(0))).toBe('object');
	expect(await holding.readChunk(1)).toBe('gone');
	const again = await sinkOf(after, ref);
	expect([again.have.held, await put(again, 1), again.have.whole]).toEqual([1, 'written', true]);
	expect(typeof (await holding.readChunk(1))).toBe('object');
	await after.close();
});

test('small files go by the thousand into one file of the disk', async () => {
	const staging = await start();
	const files = await Promise.all(
		Array.from({ length: 2048 }, async (_, index) => {
			const bytes = chunkOf(index, 4096);
			return { ref: refOf(`many/${index}.txt`, 4096), bytes, leaf: await leafOf(bytes) };
		}),
	);
	const began = performance.now();
	for (let from = 0; from < files.length; from += 256) expect(new Set(await staging.smallSink.write(files.slice(from, from + 256)))).toEqual(new Set(['written']));
	await staging.settle();
	const perSecond = files.length / ((performance.now() - began) / 1000);
	// The aim of 1,500 a second is the bench's; here only that it is not one by one.
	expect(perSecond).toBeGreaterThan(200);
	console.info(`${Math.round(perSecond)} files of 4 KiB a second`);
	expect(await rawFiles()).toHaveLength(1);
	await crash();
	const after = await start();
	const chunk = await (await after.holding(files[2047]!.ref))!.readChunk(0);
	expect(typeof chunk === 'object' && equal(chunk.bytes, files[2047]!.bytes)).toBe(true);
	await after.forgetFolders();
	expect([after.heldBytes.get(), (await rawFiles()).length]).toEqual([0, 0]);
	await after.close();
});
