/** The causal order of a conversation: the same whatever the order of arrival, and nothing before what it follows. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Id } from '../../../src/sync/log/entry.ts';
import { innerTypes } from '../../../src/sync/office/conversations/inner.ts';
import { createTimeline, type Item } from '../../../src/sync/office/conversations/timeline.ts';

const idOf = (n: number): Id => n.toString(16).padStart(64, '0');

function itemOf(n: number, fields: Partial<Item> = {}): Item {
	return { id: idOf(n), device: idOf(1000), lane: 2, seq: n, lamport: n, wallMs: 0, type: innerTypes.text, follows: [], text: String(n), change: undefined, sealed: undefined, ...fields };
}

/** Items that follow any earlier ones, with any lamports: also such as no honest device would give. */
const history = fc.array(fc.record({ device: fc.integer({ min: 0, max: 3 }), lamport: fc.integer({ min: 1, max: 12 }), follows: fc.array(fc.nat(30), { maxLength: 3 }) }), { minLength: 1, maxLength: 30 }).map((rows) =>
	rows.map((row, index) => itemOf(index + 1, { device: idOf(1000 + row.device), lamport: row.lamport, follows: [...new Set(row.follows)].filter((n) => n < index).map((n) => idOf(n + 1)) })),
);

const fill = (items: readonly Item[]): ReturnType<typeof createTimeline> => {
	const timeline = createTimeline();
	for (const item of items) timeline.add(item);
	return timeline;
};

describe('any order of arrival', () => {
	test('gives one order and the same heads', () => {
		fc.assert(
			fc.property(
				history.chain((items) => fc.tuple(fc.constant(items), fc.shuffledSubarray(items, { minLength: items.length }))),
				([items, shuffled]) => {
					const [a, b] = [fill(items), fill([...shuffled, ...shuffled])];
					expect(b.ordered()).toEqual(a.ordered());
					expect(b.heads()).toEqual(a.heads());
				},
			),
			{ numRuns: 500 },
		);
	});

	test('shows nothing before what it follows, when that is held', () => {
		fc.assert(
			fc.property(history.chain((items) => fc.shuffledSubarray(items)), (some) => {
				const places = new Map(fill(some).ordered().map((item, index) => [item.id, index]));
				for (const item of some) for (const id of item.follows) expect(places.get(id) ?? -1).toBeLessThan(places.get(item.id) ?? -1);
			}),
			{ numRuns: 500 },
		);
	});
});

test('honest lamports alone decide: by lamport, author, seq', () => {
	const items = [itemOf(1, { lamport: 5 }), itemOf(2, { lamport: 3, device: idOf(1002) }), itemOf(3, { lamport: 3, device: idOf(1001) }), itemOf(4, { lamport: 3, device: idOf(1001), seq: 1 })];
	expect(fill(items).ordered().map((item) => item.text)).toEqual(['4', '3', '2', '1']);
});

test('what could not be opened is no head, and gives way to itself once opened', () => {
	const timeline = fill([itemOf(1), itemOf(2, { type: 0, sealed: 'locked' })]);
	expect(timeline.heads()).toEqual([idOf(1)]);
	timeline.remove(idOf(1));
	timeline.remove(idOf(2));
	expect(timeline.ordered().map((item) => item.text)).toEqual(['1']);
	timeline.add(itemOf(2));
	expect(timeline.heads()).toEqual([idOf(2), idOf(1)]);
});

test('10,000 messages, each following the last, in any order, take no quadratic time', () => {
	const items = Array.from({ length: 10_000 }, (_, n) => itemOf(n + 1, { follows: n > 0 ? [idOf(n)] : [] }));
	const shuffled = [...items].sort((a, b) => ((a.seq * 7919) % 10_007) - ((b.seq * 7919) % 10_007));
	const started = performance.now();
	expect(fill(shuffled).ordered()).toHaveLength(10_000);
	expect(performance.now() - started).toBeLessThan(2000);
});
