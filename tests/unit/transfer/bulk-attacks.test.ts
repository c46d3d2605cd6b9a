import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { equal } from '../../../src/crypto/bytes.ts';
import { createWriter } from '../../../src/crypto/codec.ts';
import { decodeControl, decodeData, encodeControl, encodeData } from '../../../src/sync/transfer/bulk/bulk-frame.ts';
import type { Fetch, FetchOutcome } from '../../../src/sync/transfer/bulk/bulk-port.ts';
import { decodeBulkFirst, decodeBulkSignal } from '../../../src/sync/transfer/bulk/bulk-signal.ts';
import { createChunkSet } from '../../../src/sync/transfer/chunk-set.ts';
import { contentKey, type Holding } from '../../../src/sync/transfer/content.ts';
import { type BulkDevice, type BulkWorld, createBulkWorld, createMemorySink, makeContent, type MadeContent, type MemorySink, MiB, trustIn } from '../../support/bulk-world.ts';

const give = (device: BulkDevice, content: MadeContent, holding: Holding = content.holding): void => void device.holdings.set(contentKey(content.ref), holding);
const offsetOf = (frame: Uint8Array): number => new DataView(frame.buffer).getUint32(12);
const chunkOf = (frame: Uint8Array): number => new DataView(frame.buffer).getUint32(8);

function watch(fetch: Fetch): { outcome: FetchOutcome | undefined } {
	const seen: { outcome: FetchOutcome | undefined } = { outcome: undefined };
	void fetch.outcome.then((outcome) => {
		seen.outcome = outcome;
	});
	return seen;
}

interface Scene {
	readonly world: BulkWorld;
	readonly owner: BulkDevice;
	readonly carrier: BulkDevice;
	readonly taker: BulkDevice;
	readonly content: MadeContent;
	readonly sink: MemorySink;
	begin(from: readonly BulkDevice[]): { outcome: FetchOutcome | undefined };
}

/** An owner, and a carrier that has fetched the file before and is false. */
async function scene(seed: number, size = 6 * MiB): Promise<Scene> {
	const world = createBulkWorld(seed);
	const [owner, carrier, taker] = [world.add(), world.add(), world.add()];
	world.link();
	const content = await makeContent(size);
	give(owner, content);
	give(carrier, content);
	const sink = createMemorySink(content.ref, world.clock);
	return { world, owner, carrier, taker, content, sink, begin: (from) => watch(taker.plane.fetch({ ref: content.ref, sink, trust: trustIn(content, owner), candidates: () => from.map(({ id }) => id) })) };
}

describe('a carrier that is false', () => {
	it.each<[string, (frame: Uint8Array<ArrayBuffer>, state: { done: boolean; held: Uint8Array<ArrayBuffer> | undefined }) => readonly Uint8Array<ArrayBuffer>[]]>([
		[
			'altered',
			(frame, state) => {
				if (!state.done) frame[5_000] = (frame[5_000] ?? 0) ^ 1;
				state.done = true;
				return [frame];
			},
		],
		[
			'dropped',
			(frame, state) => {
				if (state.done || offsetOf(frame) === 0) return [frame];
				state.done = true;
				return [];
			},
		],
		[
			'reordered',
			(frame, state) => {
				if (state.held) {
					const before = state.held;
					state.held = undefined;
					return [frame, before];
				}
				if (state.done) return [frame];
				state.done = true;
				state.held = frame;
				return [];
			},
		],
		[
			'given in the place of another',
			(frame, state) => {
				if (!state.done) new DataView(frame.buffer).setUint32(8, chunkOf(frame) + 1);
				state.done = true;
				return [frame];
			},
		],
		[
			'made longer than it is',
			(frame, state) => {
				if (state.done || offsetOf(frame) === 0) return [frame];
				state.done = true;
				return [frame, frame.slice()];
			},
		],
	])('A55: a chunk %s fails before any byte of it is offered, and costs what it was, not the file', async (_how, tamper) => {
		const staged = await scene(21);
		const { world, owner, carrier, taker, content, sink } = staged;
		// A chunk that is not its leaf's is nothing: not kept, not counted.
		const offered = (): boolean => {
			for (let index = 0; index < sink.have.count; index++) if (sink.have.has(index) && !equal(sink.bytes.subarray(index * MiB, (index + 1) * MiB), content.bytes.subarray(index * MiB, (index + 1) * MiB))) return false;
			return true;
		};
		const state = { done: false, held: undefined as Uint8Array<ArrayBuffer> | undefined };
		carrier.tamper = (frame) => tamper(frame, state);
		carrier.rate = owner.rate = 5 * MiB;
		const seen = staged.begin([carrier, owner]);
		while (seen.outcome === undefined) {
			await world.run(50);
			expect(offered()).toBe(true);
		}
		expect(seen.outcome).toBe('done');
		expect(state.done).toBe(true);
		expect(equal(sink.bytes, content.bytes)).toBe(true);
		expect(carrier.sent + owner.sent).toBeLessThan(content.ref.size + 5 * MiB);
		taker.plane.stop();
	});

	it('A55: a byte flipped costs one chunk; twice, and nothing more is taken from there', async () => {
		const staged = await scene(22);
		const { world, owner, carrier, content, sink } = staged;
		carrier.tamper = (frame) => {
			if (offsetOf(frame) === 0) frame[100] = (frame[100] ?? 0) ^ 1;
			return [frame];
		};
		carrier.rate = owner.rate = 5 * MiB;
		const seen = staged.begin([carrier, owner]);
		await world.until(() => seen.outcome === 'done', 30_000);
		expect(sink.wrong).toBe(2);
		expect(equal(sink.bytes, content.bytes)).toBe(true);
	});

	it('A55: alone, it makes nobody take anything: the file is not there, and says so', async () => {
		const { world, carrier, sink, taker, content, owner } = await scene(23);
		carrier.tamper = (frame) => {
			if (offsetOf(frame) === 0) frame[100] = (frame[100] ?? 0) ^ 1;
			return [frame];
		};
		const fetch = taker.plane.fetch({ ref: content.ref, sink, trust: trustIn(content, owner), candidates: () => [carrier.id] });
		await world.run(20_000);
		expect(sink.have.held).toBe(0);
		expect(sink.wrong).toBe(2);
		expect(fetch.progress.get().state).toBe('looking');
	});

	it('a list that is not the root\'s is not believed, nor one that nobody signed', async () => {
		const staged = await scene(24);
		const { world, carrier, owner, sink, content } = staged;
		const other = await makeContent(6 * MiB, { seed: 9 });
		give(carrier, content, { ...other.holding, manifest: () => content.holding.manifest() });
		const seen = staged.begin([carrier]);
		await world.run(10_000);
		expect(sink.have.held).toBe(0);
		expect(sink.wrong).toBe(0);
		expect(seen.outcome).toBe(undefined);
		const unsigned = await scene(25);
		give(unsigned.carrier, unsigned.content, { ...other.holding });
		unsigned.begin([unsigned.carrier]);
		await unsigned.world.run(10_000);
		expect(unsigned.carrier.sent).toBe(0);
		expect(owner.sent).toBe(0);
	});

	it('what it says to have and has not is found elsewhere', async () => {
		const staged = await scene(26);
		const { world, carrier, owner, content, sink } = staged;
		give(carrier, content, { ...content.holding, readChunk: () => Promise.resolve('gone') });
		const seen = staged.begin([carrier, owner]);
		await world.until(() => seen.outcome === 'done', 20_000);
		expect(equal(sink.bytes, content.bytes)).toBe(true);
	});

	it('one that never ends a chunk, a few bytes at a time, is stolen from', async () => {
		const staged = await scene(27);
		const { world, carrier, owner, content, sink } = staged;
		carrier.rate = 20_000;
		owner.rate = 5 * MiB;
		const seen = staged.begin([carrier, owner]);
		await world.until(() => seen.outcome === 'done', 30_000);
		expect(equal(sink.bytes, content.bytes)).toBe(true);
	});

	it('what nobody asked for, or breaks the rules, ends the connection; three times, and nothing is asked of it any more', async () => {
		const { world, carrier, owner, taker, content, sink } = await scene(28, 40 * MiB);
		carrier.rate = 2 * MiB;
		const job = { ref: content.ref, sink, trust: trustIn(content, owner), candidates: () => [carrier.id] };
		taker.plane.fetch(job);
		const bad = [encodeData(999, 0, 0, new Uint8Array(1_000)), new Uint8Array(100).fill(255), encodeData(1, 0, 4_000_000_000, new Uint8Array(1_000))];
		for (const frame of bad) {
			await world.until(() => world.inject(carrier, taker, 1, frame), 60_000);
			await world.run(100);
		}
		const { held } = sink.have;
		const { connections } = taker;
		await world.run(60_000);
		expect(sink.have.held).toBe(held);
		expect(taker.connections).toBe(connections);
	});
});

describe('a taker that is false', () => {
	it('asks for the same twice, or for what nobody may ask: the connection ends, and others are served', async () => {
		const staged = await scene(29, 20 * MiB);
		const { world, owner, carrier, content, sink } = staged;
		owner.rate = 4 * MiB;
		const seen = staged.begin([owner]);
		const other = createMemorySink(content.ref, world.clock);
		carrier.plane.fetch({ ref: content.ref, sink: other, trust: trustIn(content, owner), candidates: () => [owner.id] });
		await world.until(() => other.have.held > 1, 20_000);
		expect(world.inject(carrier, owner, 0, encodeControl({ type: 'get', request: 77, ref: content.ref, chunks: [0] }))).toBe(true);
		expect(world.inject(carrier, owner, 0, encodeControl({ type: 'get', request: 77, ref: content.ref, chunks: [0] }))).toBe(true);
		await world.run(20);
		expect(world.inject(carrier, owner, 0, encodeControl({ type: 'ping', nonce: 1 }))).toBe(false);
		await world.until(() => seen.outcome === 'done', 30_000);
		expect(equal(sink.bytes, content.bytes)).toBe(true);
	});
});

describe('nothing comes by itself', () => {
	it('A38: a file of 1 GiB on offer is not fetched before a person asks, and what is pushed is not taken', async () => {
		const world = createBulkWorld(30);
		const [alice, eve] = [world.add(), world.add()];
		world.link();
		const small = await makeContent(MiB);
		const ref = { ...small.ref, path: 'film.mkv', size: 1024 * MiB };
		// Eve gives it, and fetches something of Alice's, so that there is a connection to push on.
		eve.holdings.set(contentKey(ref), { ...small.holding, have: () => createChunkSet(1024, 'all') });
		give(alice, small);
		const [[held]] = await Promise.all([alice.plane.ask([ref], [eve.id]), world.run(500)]);
		expect(held).toEqual([{ device: eve.id, bytes: 1024 * MiB }]);
		await world.run(60_000);
		expect(alice.connections + eve.connections).toBe(0);
		expect(eve.sent).toBe(0);
		const sink = createMemorySink(small.ref, world.clock);
		const seen = watch(eve.plane.fetch({ ref: small.ref, sink, trust: trustIn(small, alice), candidates: () => [alice.id] }));
		await world.until(() => seen.outcome === 'done', 10_000);
		expect(world.inject(eve, alice, 1, encodeData(1, 0, 0, new Uint8Array(128 * 1024)))).toBe(true);
		await world.run(50);
		// It is over with that connection, and Alice has asked Eve for nothing.
		expect(world.inject(eve, alice, 1, encodeData(1, 0, 0, new Uint8Array(128 * 1024)))).toBe(false);
		expect(alice.plane.uploads.get().length).toBeLessThanOrEqual(1);
	});
});

describe('bytes from outside', () => {
	it('no bytes make a decoder throw, whatever they claim', () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 400 }), fc.constantFrom(2, 3, 16, 17, 18, 19, 20, 21, 22, 32, 33, 99), (bytes, type) => {
				const framed = Uint8Array.of(type, ...bytes);
				decodeControl(framed);
				decodeData(framed.slice().buffer);
				decodeBulkSignal(bytes);
				decodeBulkFirst(framed);
			}),
			{ numRuns: 3_000 },
		);
	});

	it('sizes, counts and places beyond the limits are refused, at the limit and above', async () => {
		const { ref } = await makeContent(16 * MiB);
		const get = (chunks: readonly number[], size = ref.size): unknown => decodeControl(encodeControl({ type: 'get', request: 1, ref: { ...ref, size }, chunks }));
		expect(get(Array.from({ length: 16 }, (_, index) => index))).toBeDefined();
		expect(get(Array.from({ length: 17 }, (_, index) => index), 17 * MiB)).toBeUndefined();
		expect(get([16])).toBeUndefined();
		expect(get([3, 3])).toBeUndefined();
		expect(get([0], 2 ** 40)).toBeDefined();
		expect(get([0], 2 ** 40 + 1)).toBeUndefined();
		const files = (count: number, size: number): unknown => decodeControl(encodeControl({ type: 'getFiles', request: 1, refs: Array.from({ length: count }, () => ({ ...ref, size })) }));
		expect(files(256, 4096)).toBeDefined();
		expect(files(257, 1)).toBeUndefined();
		expect(files(1, 64 * 1024)).toBeDefined();
		expect(files(1, 64 * 1024 + 1)).toBeUndefined();
		expect(files(17, 64 * 1024)).toBeUndefined();
		// A claim of 65,535 files in a frame of none.
		expect(decodeData(new Uint8Array(createWriter().u8(33).u8(0).u16(65_535).u32(1).u16(0).bytes()).buffer)).toBeUndefined();
		expect(decodeData(encodeData(1, 0, 0, new Uint8Array(128 * 1024)).buffer)).toBeDefined();
		expect(decodeData(encodeData(1, 0, 0, new Uint8Array(128 * 1024 + 1)).buffer)).toBeUndefined();
	});
});
