/** What a device holds of others' files: sealed, honest about what is there, and never lost by a full disk or a power cut. */
import { expect, test } from 'vitest';
import { equal, hex, utf8 } from '../../../src/crypto/bytes.ts';
import { leafOf } from '../../../src/crypto/file-hash.ts';
import { systemRandom } from '../../../src/crypto/random.ts';
import { listContent, leafAt, leavesOfGroup, plainChunkBytes } from '../../../src/sync/transfer/chunk-list.ts';
import { type ChunkSink, type ContentRef, contentKey, type FolderFileRef } from '../../../src/sync/transfer/content.ts';
import { createStagingEngine } from '../../../src/sync/transfer/staging/engine.ts';
import { openStaging, reserveBytes, type Staging } from '../../../src/sync/transfer/staging/staging.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';
import { createMemoryDisk as createStoreDisk, createMemoryStore } from '../../support/memory-store.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { createStagingDisk, type StagingDisk } from '../../support/staging-disk.ts';

const random = seededRandom(5);
const folder = hex(random(16));
const marker = utf8('the minutes of the board, in plain text');
const refOf = (path: string, size: number): FolderFileRef => ({ kind: 'folder-file', folder, path, size, modifiedMs: 7 });

/** Bytes nobody else has, cheap to make: each chunk begins with its number and the marker. */
function chunkOf(index: number, length = plainChunkBytes): Uint8Array<ArrayBuffer> {
	const bytes = new Uint8Array(length).fill(index & 255);
	bytes.set(marker.subarray(0, length));
	bytes[marker.length] = index >> 8;
	return bytes;
}

interface Device {
	readonly disk: StagingDisk;
	readonly storeDisk: ReturnType<typeof createStoreDisk>;
	readonly clock: FakeClock;
	free: number;
	staging: Staging;
	/** The page is gone without a word, and comes again. */
	restart(powerCut: boolean): Promise<void>;
}

async function createDevice(): Promise<Device> {
	const disk = createStagingDisk();
	const storeDisk = createStoreDisk();
	const clock = createFakeClock();
	const open = (): Promise<Staging> =>
		openStaging({
			opened: { engine: createStagingEngine(disk, systemRandom), lasting: true },
			store: createMemoryStore('ab'.repeat(32), storeDisk),
			random: systemRandom,
			clock,
			room: () => Promise.resolve(device.free),
		});
	const device: Device = {
		disk,
		storeDisk,
		clock,
		free: 10 * 2 ** 30,
		staging: undefined as unknown as Staging,
		async restart(powerCut) {
			if (powerCut) disk.powerCut();
			device.staging = await open();
		},
	};
	device.staging = await open();
	return device;
}

async function sinkOf(device: Device, ref: ContentRef): Promise<ChunkSink> {
	const sink = await device.staging.sink(ref);
	if (!sink.ok) throw new Error(sink.code);
	return sink.value;
}

const put = async (sink: ChunkSink, index: number, length?: number): Promise<string> => {
	const bytes = chunkOf(index, length);
	return sink.write(index, bytes.slice().buffer, await leafOf(bytes));
};

/** Compared as bytes: the expectations walk through a mebibyte number by number. */
const isBack = async (device: Device, ref: ContentRef, index: number, bytes: Uint8Array): Promise<boolean> => equal((await readBack(device, ref, index)) ?? new Uint8Array(), bytes);

async function readBack(device: Device, ref: ContentRef, index: number): Promise<Uint8Array | undefined> {
	const chunk = await (await device.staging.holding(ref))?.readChunk(index);
	return typeof chunk === 'object' ? chunk.bytes : undefined;
}

test('what was written is read back, in any order, also after a start', async () => {
	const device = await createDevice();
	const ref = refOf('Angebote/plan.pdf', 2 * plainChunkBytes + 100);
	const sink = await sinkOf(device, ref);
	expect(await put(sink, 2, 100)).toBe('written');
	expect(await put(sink, 0)).toBe('written');
	expect([sink.have.held, sink.have.whole, device.staging.held(ref)]).toEqual([2, false, plainChunkBytes + 100]);
	expect(await put(sink, 1)).toBe('written');
	expect(device.staging.heldBytes.get()).toBe(ref.size);
	await device.staging.close();

	await device.restart(false);
	expect([device.staging.held(ref), device.staging.heldBytes.get()]).toEqual([ref.size, ref.size]);
	for (const index of [0, 1]) expect(await isBack(device, ref, index, chunkOf(index))).toBe(true);
	expect(await isBack(device, ref, 2, chunkOf(2, 100))).toBe(true);
	expect((await sinkOf(device, ref)).have.whole).toBe(true);
});

test('A55: bytes that are not their leaf\'s never touch the disk', async () => {
	const device = await createDevice();
	const ref = refOf('a', 2 * plainChunkBytes);
	const sink = await sinkOf(device, ref);
	const leaf = await leafOf(chunkOf(0));
	const flipped = chunkOf(0);
	flipped[500_000]! ^= 1;
	expect(await sink.write(0, flipped.buffer, leaf)).toBe('wrong');
	expect(await sink.write(0, chunkOf(0).slice(1).buffer, leaf)).toBe('wrong');
	expect(await sink.write(2, chunkOf(0).buffer, leaf)).toBe('wrong');
	expect(await sink.write(-1, chunkOf(0).buffer, leaf)).toBe('wrong');
	expect([device.disk.writes, sink.have.held]).toEqual([0, 0]);
	expect(await (await device.staging.holding(ref))?.readChunk(0)).toBe('gone');
	expect(await sink.write(0, chunkOf(0).buffer, leaf)).toBe('written');
});

test('what is held can be passed on with its list, and the list is the content\'s', async () => {
	const device = await createDevice();
	const ref = refOf('a', 3 * plainChunkBytes);
	const list = await listContent({ size: ref.size, chunkBytes: plainChunkBytes }, (index) => Promise.resolve(chunkOf(index)));
	const sink = await sinkOf(device, ref);
	await put(sink, 1);
	const holding = (await device.staging.holding(ref))!;
	expect([await holding.leavesOfGroup(0), await holding.groups(), await holding.manifest()]).toEqual([undefined, undefined, undefined]);
	sink.learnt?.({ group: 0, leaves: leavesOfGroup(list.leaves, 0) });
	sink.learnt?.({ manifest: utf8('signed') });
	expect(await holding.leavesOfGroup(0)).toEqual(list.leaves);
	expect(await holding.groups()).toEqual(list.groups);
	const chunk = await holding.readChunk(1);
	expect(typeof chunk === 'object' && equal(chunk.leaf, leafAt(list.leaves, 1))).toBe(true);
	await device.clock.advance(2000);

	await device.restart(true);
	const again = (await device.staging.holding(ref))!;
	expect([await again.leavesOfGroup(0), await again.groups(), await again.manifest()]).toEqual([list.leaves, list.groups, utf8('signed')]);
	expect([again.have().has(0), again.have().has(1)]).toEqual([false, true]);
});

test('a break at 50 % costs at most 16 MiB to fetch again, by a reload and by a power cut after a flush', async () => {
	const device = await createDevice();
	const ref = refOf('film.mp4', 80 * plainChunkBytes);
	const sink = await sinkOf(device, ref);
	for (let index = 0; index < 40; index++) await put(sink, index);
	await device.clock.settle();
	expect(device.disk.flushes).toBe(0);
	await device.restart(false);
	const afterReload = await sinkOf(device, ref);
	expect(afterReload.have.held).toBeGreaterThanOrEqual(40 - 8);
	for (let index = 0; index < afterReload.have.held; index++) expect(await isBack(device, ref, index, chunkOf(index))).toBe(true);

	await device.clock.advance(2000);
	const known = afterReload.have.held;
	for (let index = known; index < known + 5; index++) await put(afterReload, index);
	await device.restart(true);
	expect((await sinkOf(device, ref)).have.held).toBe(known);
}, 60_000);

test('a power cut between the write and the record loses what was not flushed, and claims nothing that is not there', async () => {
	const device = await createDevice();
	const ref = refOf('a', 40 * plainChunkBytes);
	const sink = await sinkOf(device, ref);
	for (let index = 0; index < 4; index++) await put(sink, index);
	await device.clock.advance(2000);
	expect(device.disk.flushes).toBe(1);
	// Eight more make a record without a flush; the power goes before the flush.
	for (let index = 4; index < 14; index++) await put(sink, index);
	await device.clock.settle();
	await device.restart(true);
	const after = await sinkOf(device, ref);
	expect([after.have.held, after.have.has(3), after.have.has(4)]).toEqual([4, true, false]);
	for (let index = 4; index < 40; index++) expect(await put(after, index)).toBe('written');
	for (const index of [0, 3, 4, 39]) expect(await isBack(device, ref, index, chunkOf(index))).toBe(true);
}, 60_000);

test('a damaged chunk is not given, is known to be missing, and can be fetched again', async () => {
	const device = await createDevice();
	const ref = refOf('a', 3 * plainChunkBytes);
	const sink = await sinkOf(device, ref);
	for (let index = 0; index < 3; index++) await put(sink, index);
	await device.staging.close();
	const [file] = [...device.disk.files.values()];
	file!.bytes[plainChunkBytes + 5000]! ^= 1;
	await device.restart(false);
	expect(await isBack(device, ref, 0, chunkOf(0))).toBe(true);
	expect(await readBack(device, ref, 1)).toBeUndefined();
	expect(device.staging.held(ref)).toBe(2 * plainChunkBytes);
	const again = await sinkOf(device, ref);
	expect(again.have.has(1)).toBe(false);
	expect(await put(again, 1)).toBe('written');
	expect(await isBack(device, ref, 1, chunkOf(1))).toBe(true);
});

test('a full disk is told before and during, and nothing is lost by it', async () => {
	const device = await createDevice();
	const ref = refOf('a', 10 * plainChunkBytes);
	device.free = reserveBytes + ref.size - 1;
	expect(await device.staging.sink(ref)).toEqual({ ok: false, code: 'disk-full' });
	device.free = reserveBytes + ref.size;
	const sink = await sinkOf(device, ref);
	device.disk.limit = 3 * plainChunkBytes + 1000;
	for (let index = 0; index < 3; index++) expect(await put(sink, index)).toBe('written');
	expect(await put(sink, 3)).toBe('disk-full');
	expect([sink.have.held, sink.have.has(3)]).toEqual([3, false]);
	device.disk.limit = Infinity;
	expect(await put(sink, 3)).toBe('written');

	// The browser's own word, while it goes on.
	device.free = reserveBytes - 1;
	await device.clock.advance(2000);
	expect(await put(sink, 4)).toBe('disk-full');
	device.free = reserveBytes * 2;
	expect(await put(sink, 4)).toBe('written');

	// The store is full instead.
	device.storeDisk.mood = 'full';
	await device.clock.advance(2000);
	expect(await put(sink, 5)).toBe('disk-full');
	device.storeDisk.mood = 'fine';
	expect(await put(sink, 5)).toBe('written');
	await device.staging.close();
	await device.restart(true);
	expect((await sinkOf(device, ref)).have.held).toBe(6);
	for (let index = 0; index < 6; index++) expect(await isBack(device, ref, index, chunkOf(index))).toBe(true);
});

test('small files are gathered in one file of the disk, and each is read back by itself', async () => {
	const device = await createDevice();
	const count = 3000;
	const files = await Promise.all(
		Array.from({ length: count }, async (_, index) => {
			const bytes = chunkOf(index, 400 + (index % 50));
			return { ref: refOf(`many/${index}.txt`, bytes.length), bytes, leaf: await leafOf(bytes) };
		}),
	);
	for (let from = 0; from < count; from += 256) expect(new Set(await device.staging.smallSink.write(files.slice(from, from + 256)))).toEqual(new Set(['written']));
	expect(device.disk.files.size).toBe(1);
	const before = device.disk.writes;
	expect(await device.staging.smallSink.write(files.slice(0, 3))).toEqual(['written', 'written', 'written']);
	expect(device.disk.writes).toBe(before);
	await device.clock.advance(2000);

	await device.restart(true);
	expect(device.staging.heldBytes.get()).toBe(files.reduce((sum, { bytes }) => sum + bytes.length, 0));
	for (const index of [0, 1234, 2999]) expect(await readBack(device, files[index]!.ref, 0)).toEqual(files[index]!.bytes);
	await device.staging.forget(files[1234]!.ref);
	expect(await device.staging.holding(files[1234]!.ref)).toBeUndefined();
	await device.clock.advance(2000);
	await device.restart(true);
	expect([device.staging.held(files[1234]!.ref), device.staging.held(files[1233]!.ref)]).toEqual([0, files[1233]!.bytes.length]);
	await device.staging.forgetFolders(folder);
	expect([device.disk.files.size, device.staging.heldBytes.get()]).toEqual([0, 0]);
	await device.restart(false);
	expect(device.staging.heldBytes.get()).toBe(0);
});

test('small files: wrong bytes are refused one by one, damage is found, a power cut takes the last ones only', async () => {
	const device = await createDevice();
	const make = async (index: number) => {
		const bytes = chunkOf(index, 4096);
		return { ref: refOf(`${index}`, 4096), bytes, leaf: await leafOf(bytes) };
	};
	const [a, b, c] = [await make(1), await make(2), await make(3)];
	const wrong = { ...b, bytes: chunkOf(9, 4096) };
	expect(await device.staging.smallSink.write([a, wrong, c])).toEqual(['written', 'wrong', 'written']);
	await device.clock.advance(2000);
	expect(await device.staging.smallSink.write([b])).toEqual(['written']);
	await device.restart(true);
	expect([a, b, c].map(({ ref }) => device.staging.held(ref))).toEqual([4096, 0, 4096]);
	expect(await device.staging.smallSink.write([b])).toEqual(['written']);
	expect(await readBack(device, b.ref, 0)).toEqual(b.bytes);
	const [file] = [...device.disk.files.values()];
	file!.bytes[100]! ^= 1;
	expect(await readBack(device, a.ref, 0)).toBeUndefined();
	expect(await readBack(device, c.ref, 0)).toEqual(c.bytes);
	expect(device.staging.held(a.ref)).toBe(0);
});

test('A44: the private disk shows no bytes and no names, and without the vault nothing opens', async () => {
	const device = await createDevice();
	const ref = refOf('Kündigung Berger.pdf', plainChunkBytes);
	await put(await sinkOf(device, ref), 0);
	const small = chunkOf(1, 200);
	await device.staging.smallSink.write([{ ref: refOf('Gehälter.xlsx', 200), bytes: small, leaf: await leafOf(small) }]);
	await device.staging.close();
	const raw = Buffer.from(device.disk.raw());
	for (const text of [marker, utf8('Berger'), utf8('Gehälter')]) expect(raw.includes(Buffer.from(text))).toBe(false);
	expect(raw.includes(Buffer.alloc(64))).toBe(false);
	for (const name of device.disk.files.keys()) expect(name).toMatch(/^[0-9a-f]{32}$/);
	// Keys rest in the vault's store and nowhere else: another store opens none of it, and clears it away.
	device.storeDisk.records.clear();
	await device.restart(false);
	expect([device.staging.held(ref), device.disk.files.size]).toEqual([0, 0]);
});

test('what nobody has a record of is cleared away, and a record without its file too', async () => {
	const device = await createDevice();
	const [kept, lost] = [refOf('kept', plainChunkBytes), refOf('lost', plainChunkBytes)];
	await put(await sinkOf(device, kept), 0);
	await put(await sinkOf(device, lost), 0);
	await device.clock.advance(2000);
	(await device.disk.open('00'.repeat(16))).write(0, marker);
	const lostName = [...device.disk.files.keys()][1]!;
	device.disk.files.delete(lostName);
	await device.restart(false);
	expect([device.disk.files.size, device.staging.held(kept), device.staging.held(lost), device.staging.heldBytes.get()]).toEqual([1, plainChunkBytes, 0, plainChunkBytes]);
	expect([...device.storeDisk.records.keys()].filter((key) => key.includes(lostName))).toEqual([]);
});

test('what was sealed for a message keeps its bytes when the message has its id; attachments outlive the folders', async () => {
	const device = await createDevice();
	const draft: ContentRef = { kind: 'attachment', message: 'draft', root: 'aa', size: 100, chunkBytes: plainChunkBytes + 16 };
	const sent: ContentRef = { ...draft, message: 'ee'.repeat(32), root: 'bb'.repeat(32) };
	await put(await sinkOf(device, draft), 0, 100);
	await device.staging.rename(draft, sent);
	await device.staging.forgetFolders();
	await device.restart(true);
	expect([device.staging.held(draft), device.staging.held(sent)]).toEqual([0, 100]);
	expect(await isBack(device, sent, 0, chunkOf(0, 100))).toBe(true);
	expect(contentKey(sent)).not.toBe(contentKey(draft));
});

test('without a disk it is memory, with a limit, and nothing is put on record', async () => {
	const { createMemoryDisk } = await import('../../../src/sync/transfer/staging/memory-disk.ts');
	const { memoryLimitBytes } = await import('../../../src/sync/transfer/staging/worker-engine.ts');
	const storeDisk = createStoreDisk();
	storeDisk.records.set('staged/file/00', utf8('of a run that had its disk'));
	const staging = await openStaging({
		opened: { engine: createStagingEngine(createMemoryDisk(2 * plainChunkBytes), systemRandom), lasting: false },
		store: createMemoryStore('ab'.repeat(32), storeDisk),
		random: systemRandom,
		clock: createFakeClock(),
		room: () => Promise.resolve(undefined),
	});
	expect(staging.lasting).toBe(false);
	expect(await staging.sink(refOf('a', memoryLimitBytes + 1))).toEqual({ ok: false, code: 'too-large' });
	const sink = await staging.sink(refOf('a', 4 * plainChunkBytes));
	if (!sink.ok) throw new Error(sink.code);
	expect(await put(sink.value, 0)).toBe('written');
	expect(await put(sink.value, 3)).toBe('disk-full');
	const chunk = await (await staging.holding(refOf('a', 4 * plainChunkBytes)))?.readChunk(0);
	expect(typeof chunk === 'object' && equal(chunk.bytes, chunkOf(0))).toBe(true);
	expect([...storeDisk.records.keys()]).toEqual(['staged/file/00']);
});
