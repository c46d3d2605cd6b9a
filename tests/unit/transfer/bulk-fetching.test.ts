import { describe, expect, it } from 'vitest';
import { equal } from '../../../src/crypto/bytes.ts';
import type { Fetch, FetchOutcome } from '../../../src/sync/transfer/bulk/bulk-port.ts';
import { createChunkSet } from '../../../src/sync/transfer/chunk-set.ts';
import { contentKey } from '../../../src/sync/transfer/content.ts';
import { type BulkDevice, createBulkWorld, createMemorySink, makeContent, type MadeContent, MiB, trustIn } from '../../support/bulk-world.ts';

const give = (device: BulkDevice, content: MadeContent): void => void device.holdings.set(contentKey(content.ref), content.holding);

/** The outcome as soon as there is one, for a test that moves the clock itself. */
function watch(fetch: Fetch): { outcome: FetchOutcome | undefined } {
	const seen: { outcome: FetchOutcome | undefined } = { outcome: undefined };
	void fetch.outcome.then((outcome) => {
		seen.outcome = outcome;
	});
	return seen;
}

describe('fetching a file from its owner', () => {
	it('brings every byte, over one connection that is begun when it is needed and closed after a minute', async () => {
		const world = createBulkWorld();
		const [alice, bob] = [world.add(), world.add()];
		world.link();
		const content = await makeContent(5 * MiB + 17);
		give(alice, content);
		expect(bob.connections).toBe(0);
		const sink = createMemorySink(content.ref, world.clock);
		const fetch = bob.plane.fetch({ ref: content.ref, sink, trust: trustIn(content, alice), candidates: () => [alice.id] });
		const seen = watch(fetch);
		await world.until(() => seen.outcome !== undefined, 10_000);
		expect(seen.outcome).toBe('done');
		expect(equal(sink.bytes, content.bytes)).toBe(true);
		expect(bob.connections).toBe(1);
		expect(fetch.progress.get().bytes).toBe(content.ref.size);
		const sentOnce = alice.sent;
		expect(sentOnce).toBeLessThan(content.ref.size * 1.01);
		// A second one goes over the same connection; a minute later it is no more.
		const again = createMemorySink(content.ref, world.clock);
		const second = watch(bob.plane.fetch({ ref: content.ref, sink: again, trust: trustIn(content, alice), candidates: () => [alice.id] }));
		await world.until(() => second.outcome === 'done', 10_000);
		expect(bob.connections).toBe(1);
		await world.run(62_000);
		const third = watch(bob.plane.fetch({ ref: content.ref, sink: createMemorySink(content.ref, world.clock), trust: trustIn(content, alice), candidates: () => [alice.id] }));
		await world.until(() => third.outcome === 'done', 10_000);
		expect(bob.connections).toBe(2);
	});

	it('asks for no more than 16 MiB that are not on the disk yet, however slow the disk is', async () => {
		const world = createBulkWorld(2);
		const [alice, bob] = [world.add(), world.add()];
		world.link();
		const content = await makeContent(40 * MiB);
		give(alice, content);
		const sink = createMemorySink(content.ref, world.clock, 400);
		const seen = watch(bob.plane.fetch({ ref: content.ref, sink, trust: trustIn(content, alice), candidates: () => [alice.id] }));
		await world.until(() => seen.outcome === 'done', 60_000);
		expect(sink.mostWaiting).toBeLessThanOrEqual(16 * MiB);
		expect(sink.mostWaiting).toBeGreaterThan(4 * MiB);
	});

	it('goes on from what is written already', async () => {
		const world = createBulkWorld(3);
		const [alice, bob] = [world.add(), world.add()];
		world.link();
		const content = await makeContent(10 * MiB);
		give(alice, content);
		const sink = createMemorySink(content.ref, world.clock);
		const fetch = bob.plane.fetch({ ref: content.ref, sink, trust: trustIn(content, alice), candidates: () => [alice.id] });
		await world.until(() => sink.have.held >= 5, 10_000);
		fetch.cancel();
		expect(await fetch.outcome).toBe('cancelled');
		await world.run(500);
		const before = alice.sent;
		const held = sink.have.held;
		const seen = watch(bob.plane.fetch({ ref: content.ref, sink, trust: trustIn(content, alice), candidates: () => [alice.id] }));
		await world.until(() => seen.outcome === 'done', 10_000);
		expect(alice.sent - before).toBeLessThan((10 - held + 1) * MiB);
		expect(equal(sink.bytes, content.bytes)).toBe(true);
	});

	it('rebuilds a connection that says nothing for 5 s', async () => {
		const world = createBulkWorld(4);
		const [alice, bob] = [world.add(), world.add()];
		alice.rate = 4 * MiB;
		world.link();
		const content = await makeContent(8 * MiB);
		give(alice, content);
		const sink = createMemorySink(content.ref, world.clock);
		let deaf = false;
		alice.tamper = (frame) => (deaf ? [] : [frame]);
		const seen = watch(bob.plane.fetch({ ref: content.ref, sink, trust: trustIn(content, alice), candidates: () => [alice.id] }));
		await world.until(() => sink.have.held >= 2, 10_000);
		deaf = true;
		world.cut(alice, bob);
		await world.run(1_000);
		expect(bob.connections).toBe(1);
		deaf = false;
		world.mend(alice, bob);
		await world.until(() => seen.outcome === 'done', 30_000);
		expect(bob.connections).toBe(2);
		expect(equal(sink.bytes, content.bytes)).toBe(true);
	});

	it('is told by the owner that it may not, that the file is another by now, or gone; and by nobody else', async () => {
		const world = createBulkWorld(5);
		const [alice, bob, eve] = [world.add(), world.add(), world.add()];
		world.link();
		const content = await makeContent(3 * MiB);
		alice.refused.add(bob.id);
		const seen = watch(bob.plane.fetch({ ref: content.ref, sink: createMemorySink(content.ref, world.clock), trust: trustIn(content, alice), candidates: () => [alice.id] }));
		await world.until(() => seen.outcome !== undefined, 5_000);
		expect(seen.outcome).toBe('refused');
		// Eve says that it has changed; the owner, who has it, comes later.
		eve.holdings.set(contentKey(content.ref), { ...content.holding, readChunk: () => Promise.resolve('changed') });
		const other = watch(bob.plane.fetch({ ref: content.ref, sink: createMemorySink(content.ref, world.clock), trust: trustIn(content, alice), candidates: () => [eve.id, alice.id] }));
		alice.refused.clear();
		give(alice, content);
		await world.until(() => other.outcome === 'done', 20_000);
		const lost = await makeContent(MiB, { path: 'lost.bin' });
		give(alice, { ...lost, holding: { ...lost.holding, readChunk: () => Promise.resolve('gone') } });
		const gone = watch(bob.plane.fetch({ ref: lost.ref, sink: createMemorySink(lost.ref, world.clock), trust: trustIn(lost, alice), candidates: () => [alice.id] }));
		await world.until(() => gone.outcome === 'gone', 20_000);
	});

	it('stops with the disk: full, or broken', async () => {
		const world = createBulkWorld(6);
		const [alice, bob] = [world.add(), world.add()];
		world.link();
		const content = await makeContent(3 * MiB);
		give(alice, content);
		for (const [answer, outcome] of [
			['disk-full', 'disk-full'],
			['failed', 'write-failed'],
		] as const) {
			const sink = createMemorySink(content.ref, world.clock);
			sink.answer = answer;
			const seen = watch(bob.plane.fetch({ ref: content.ref, sink, trust: trustIn(content, alice), candidates: () => [alice.id] }));
			await world.until(() => seen.outcome === outcome, 5_000);
		}
	});
});

describe('who may have it is asked for each request', () => {
	it('access withdrawn in the middle ends it there', async () => {
		const world = createBulkWorld(7);
		const [alice, bob] = [world.add(), world.add()];
		alice.rate = 4 * MiB;
		world.link();
		const content = await makeContent(30 * MiB);
		give(alice, content);
		const sink = createMemorySink(content.ref, world.clock);
		const seen = watch(bob.plane.fetch({ ref: content.ref, sink, trust: trustIn(content, alice), candidates: () => [alice.id] }));
		await world.until(() => sink.have.held >= 3, 10_000);
		alice.refused.add(bob.id);
		const { sent } = alice;
		await world.until(() => seen.outcome === 'refused', 20_000);
		// What was read before goes; nothing is read after.
		expect(alice.sent - sent).toBeLessThanOrEqual(6 * MiB);
		expect(sink.have.whole).toBe(false);
	});

	it('a colleague taken out of the office is cut off at once', async () => {
		const world = createBulkWorld(8);
		const [alice, bob] = [world.add(), world.add()];
		alice.rate = 4 * MiB;
		world.link();
		const content = await makeContent(30 * MiB);
		give(alice, content);
		const sink = createMemorySink(content.ref, world.clock);
		bob.plane.fetch({ ref: content.ref, sink, trust: trustIn(content, alice), candidates: () => [alice.id] });
		await world.until(() => sink.have.held >= 3, 10_000);
		world.unlink(alice, bob);
		const { sent } = alice;
		const { held } = sink.have;
		await world.run(10_000);
		expect(alice.sent).toBe(sent);
		expect(sink.have.held - held).toBeLessThanOrEqual(1);
	});
});

describe('several sources', () => {
	it('three of one speed bring it in a third of the time, by the list that the owner signed', async () => {
		const world = createBulkWorld(9);
		const [alice, bob, carol, dave] = [world.add(), world.add(), world.add(), world.add()];
		world.link();
		const content = await makeContent(36 * MiB);
		for (const device of [alice, carol, dave]) {
			device.rate = 3 * MiB;
			give(device, content);
		}
		const sink = createMemorySink(content.ref, world.clock);
		const seen = watch(bob.plane.fetch({ ref: content.ref, sink, trust: trustIn(content, alice), candidates: () => [alice.id, carol.id, dave.id] }));
		const took = await world.until(() => seen.outcome === 'done', 30_000);
		expect(equal(sink.bytes, content.bytes)).toBe(true);
		expect(took).toBeLessThan(36_000 / 9 / 0.85);
		for (const device of [alice, carol, dave]) expect(device.sent).toBeGreaterThan(8 * MiB);
	});

	it('when one dies in the middle the other goes on without a pause of a second', async () => {
		const world = createBulkWorld(10);
		const [alice, bob, carol] = [world.add(), world.add(), world.add()];
		world.link();
		const content = await makeContent(24 * MiB);
		for (const device of [alice, carol]) {
			device.rate = 3 * MiB;
			give(device, content);
		}
		const sink = createMemorySink(content.ref, world.clock);
		const seen = watch(bob.plane.fetch({ ref: content.ref, sink, trust: trustIn(content, alice), candidates: () => [alice.id, carol.id] }));
		await world.until(() => sink.have.held >= 8, 20_000);
		world.kill(alice);
		let longestMs = 0;
		let held = sink.have.held;
		let sinceMs = world.clock.now();
		while (seen.outcome === undefined) {
			await world.run(20);
			if (sink.have.held > held) {
				longestMs = Math.max(longestMs, world.clock.now() - sinceMs);
				held = sink.have.held;
				sinceMs = world.clock.now();
			}
		}
		expect(seen.outcome).toBe('done');
		expect(longestMs).toBeLessThanOrEqual(1_000);
		expect(equal(sink.bytes, content.bytes)).toBe(true);
	});

	it('two holders of halves make a whole while the owner is away', async () => {
		const world = createBulkWorld(11);
		const [alice, bob, carol, dave] = [world.add(), world.add(), world.add(), world.add()];
		world.link();
		const content = await makeContent(12 * MiB);
		const first = createChunkSet(12);
		const second = createChunkSet(12);
		for (let index = 0; index < 12; index++) (index < 6 ? first : second).add(index);
		carol.holdings.set(contentKey(content.ref), content.part(first));
		dave.holdings.set(contentKey(content.ref), content.part(second));
		const sink = createMemorySink(content.ref, world.clock);
		const seen = watch(bob.plane.fetch({ ref: content.ref, sink, trust: trustIn(content, alice), candidates: () => [carol.id, dave.id] }));
		await world.until(() => seen.outcome === 'done', 30_000);
		expect(equal(sink.bytes, content.bytes)).toBe(true);
	});

	it('nobody there: it looks on, and begins when somebody comes', async () => {
		const world = createBulkWorld(12);
		const [alice, bob] = [world.add(), world.add()];
		const content = await makeContent(2 * MiB);
		give(alice, content);
		const sink = createMemorySink(content.ref, world.clock);
		const fetch = bob.plane.fetch({ ref: content.ref, sink, trust: trustIn(content, alice), candidates: () => [alice.id] });
		const seen = watch(fetch);
		await world.run(20_000);
		expect(fetch.progress.get().state).toBe('looking');
		world.link();
		await world.until(() => seen.outcome === 'done', 5_000);
	});
});

describe('giving', () => {
	it('is fair: two takers get the same, whoever began', async () => {
		const world = createBulkWorld(13);
		const [alice, bob, carol] = [world.add(), world.add(), world.add()];
		world.link();
		const content = await makeContent(24 * MiB);
		const other = await makeContent(24 * MiB, { path: 'b.bin', seed: 2 });
		give(alice, content);
		give(alice, other);
		alice.plane.setUploadLimit(4 * MiB);
		const sinks = [createMemorySink(content.ref, world.clock), createMemorySink(other.ref, world.clock)] as const;
		bob.plane.fetch({ ref: content.ref, sink: sinks[0], trust: trustIn(content, alice), candidates: () => [alice.id] });
		await world.run(1_000);
		carol.plane.fetch({ ref: other.ref, sink: sinks[1], trust: trustIn(other, alice), candidates: () => [alice.id] });
		const [before] = [sinks[0].have.held];
		await world.run(6_000);
		const gotBob = sinks[0].have.held - before;
		const gotCarol = sinks[1].have.held;
		expect(Math.abs(gotBob - gotCarol)).toBeLessThanOrEqual(4);
		// And the cap holds for both together.
		expect(gotBob + gotCarol).toBeLessThanOrEqual(4 * 6 + 3);
		expect(gotBob + gotCarol).toBeGreaterThanOrEqual(4 * 6 - 6);
		expect(alice.plane.uploads.get().map(({ device }) => device).sort()).toEqual([bob.id, carol.id].sort());
	});

	it('reads once what ten fetch', async () => {
		const world = createBulkWorld(14);
		const alice = world.add();
		const others = Array.from({ length: 10 }, () => world.add());
		world.link();
		const content = await makeContent(4 * MiB);
		let reads = 0;
		give(alice, { ...content, holding: { ...content.holding, readChunk: (index) => ((reads += 1), content.holding.readChunk(index)) } });
		const seen = others.map((device) => watch(device.plane.fetch({ ref: content.ref, sink: createMemorySink(content.ref, world.clock), trust: trustIn(content, alice), candidates: () => [alice.id] })));
		await world.until(() => seen.every(({ outcome }) => outcome === 'done'), 20_000);
		expect(reads).toBe(4);
	});
});
