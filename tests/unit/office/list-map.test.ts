/** A list made from another keeps what stood there, and is what a making anew would give. */
import { expect, test } from 'vitest';
import { createListMap } from '../../../src/sync/office/conversations/list-map.ts';
import { pick, seededRandom } from '../../support/seeded-random.ts';

interface Made {
	readonly text: string;
	readonly carried: number;
}

/** Every tenth changes what the ones after it carry, as a group's steps do. */
const make = (one: { readonly n: number }, before: Made | undefined): Made => ({ text: `${one.n}`, carried: one.n % 10 === 0 ? one.n : (before?.carried ?? -1) });

test('whatever is put in, taken out or moved, it is what a making anew gives', () => {
	const random = seededRandom(3);
	const map = createListMap(make, (before) => before?.carried ?? -1);
	let list = Array.from({ length: 200 }, (_, n) => ({ n }));
	for (let round = 0; round < 300; round++) {
		list = [...list];
		for (let change = pick(random, 4); change > 0; change--) {
			const at = pick(random, list.length);
			const [taken] = pick(random, 2) === 0 ? list.splice(at, 1 + pick(random, 12)) : [{ n: 200 + round * 4 + change }];
			if (taken && pick(random, 3) > 0) list.splice(pick(random, list.length + 1), 0, taken);
		}
		expect(map.of(list, false)).toEqual(createListMap(make).of(list, true));
	}
});

test('one more at the end makes one, and nothing new is the same list', () => {
	let made = 0;
	const map = createListMap((one: number) => {
		made++;
		return { one };
	});
	const list = Array.from({ length: 1000 }, (_, n) => n);
	const before = map.of(list, false);
	expect(map.of([...list], false)).toBe(before);
	const after = map.of([...list, 1000], false);
	expect([made, after[999] === before[999]]).toEqual([1001, true]);
	expect(map.of(list, true)).toHaveLength(1000);
	expect(made).toBe(2001);
});
