import { describe, expect, it } from 'vitest';
import { createChunkSet } from '../../../src/sync/transfer/chunk-set.ts';
import { type ContentRef, type ContentTrust, contentKey, type SmallFile } from '../../../src/sync/transfer/content.ts';
import { type BulkDevice, createBulkWorld, makeContent, type MadeContent, sha256 } from '../../support/bulk-world.ts';

const many = (count: number): Promise<MadeContent[]> => Promise.all(Array.from({ length: count }, (_, index) => makeContent(1_000 + (index % 7) * 500, { path: `folder/${index}`, seed: index })));
const ownedBy = (owner: BulkDevice): ContentTrust => ({ isOwner: (device) => device === owner.id, root: undefined, rootOf: () => undefined });

interface Taken {
	readonly kept: Map<string, Uint8Array>;
	readonly decided: Map<string, string>;
	outcome: string | undefined;
	calls: number;
}

function take(world: ReturnType<typeof createBulkWorld>, device: BulkDevice, contents: readonly MadeContent[], trust: (ref: ContentRef) => ContentTrust, from: readonly BulkDevice[]): Taken {
	const taken: Taken = { kept: new Map(), decided: new Map(), outcome: undefined, calls: 0 };
	const fetch = device.plane.fetchSmall({
		refs: contents.map(({ ref }) => ref),
		trust,
		candidates: () => from.map(({ id }) => id),
		decided: (ref, outcome) => taken.decided.set(contentKey(ref), outcome),
		sink: {
			async write(files: readonly SmallFile[]) {
				taken.calls += 1;
				await new Promise<void>((resolve) => world.clock.after(5, resolve));
				return files.map(({ ref, bytes, leaf }) => {
					if (Buffer.compare(sha256(bytes), leaf) !== 0) return 'wrong';
					taken.kept.set(contentKey(ref), bytes);
					return 'written';
				});
			},
		},
	});
	void fetch.outcome.then((outcome) => (taken.outcome = outcome));
	return taken;
}

describe('many small files', () => {
	it('come in bundles: 1,500 of them in a few requests and writings', async () => {
		const world = createBulkWorld(40);
		const [alice, bob] = [world.add(), world.add()];
		world.link();
		const contents = await many(1_500);
		for (const content of contents) alice.holdings.set(contentKey(content.ref), content.holding);
		const taken = take(world, bob, contents, () => ownedBy(alice), [alice]);
		await world.until(() => taken.outcome !== undefined, 30_000);
		expect(taken.outcome).toBe('done');
		expect(contents.every(({ ref, bytes }) => Buffer.compare(taken.kept.get(contentKey(ref)) ?? new Uint8Array(), bytes) === 0)).toBe(true);
		expect(taken.calls).toBeLessThan(100);
	});

	it('one that is gone, changed or refused is told, and the rest come', async () => {
		const world = createBulkWorld(41);
		const [alice, bob] = [world.add(), world.add()];
		world.link();
		const contents = await many(300);
		for (const content of contents) alice.holdings.set(contentKey(content.ref), content.holding);
		const [first, second, third] = contents as [MadeContent, MadeContent, MadeContent];
		alice.holdings.set(contentKey(first.ref), { ...first.holding, readChunk: () => Promise.resolve('gone') });
		alice.holdings.set(contentKey(second.ref), { ...second.holding, readChunk: () => Promise.resolve('changed') });
		alice.holdings.set(contentKey(third.ref), { ...third.holding, readChunk: () => Promise.resolve({ bytes: new Uint8Array(5), leaf: new Uint8Array(32) }) });
		const taken = take(world, bob, contents, () => ownedBy(alice), [alice]);
		await world.until(() => taken.outcome === 'done', 30_000);
		expect([first, second, third].map(({ ref }) => taken.decided.get(contentKey(ref)))).toEqual(['gone', 'changed', 'changed']);
		expect(taken.kept.size).toBe(297);
	});

	it('from a holder come those whose root the owner signed; a false one is asked of another', async () => {
		const world = createBulkWorld(42);
		const [alice, bob, carol, eve] = [world.add(), world.add(), world.add(), world.add()];
		world.link();
		const contents = await many(40);
		for (const content of contents) for (const device of [carol, eve]) device.holdings.set(contentKey(content.ref), content.part(createChunkSet(1, 'all')));
		const [hit] = contents as [MadeContent];
		const false_ = new Uint8Array(hit.ref.size);
		eve.holdings.set(contentKey(hit.ref), { ...hit.holding, readChunk: () => Promise.resolve({ bytes: false_, leaf: sha256(false_) }) });
		const unsigned = contents.slice(-10).map(({ ref }) => contentKey(ref));
		const trust = (ref: ContentRef): ContentTrust => ({ ...ownedBy(alice), root: unsigned.includes(contentKey(ref)) ? undefined : contents.find((content) => content.ref === ref)?.root });
		const taken = take(world, bob, contents, trust, [eve, carol]);
		await world.until(() => taken.kept.size === 30, 30_000);
		await world.run(10_000);
		expect(taken.kept.size).toBe(30);
		expect(taken.kept.get(contentKey(hit.ref))).toEqual(hit.bytes);
		expect(taken.outcome).toBe(undefined);
	});
});
