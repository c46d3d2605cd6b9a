/** A directory of 10,000 files on the browser's own disk: how soon a colleague who asks for it is given its first names. */
import { afterAll, expect, test } from 'vitest';
import { systemRandom } from '../../src/crypto/random.ts';
import { createDeviceKeys } from '../../src/crypto/identity.ts';
import { readTree } from '../../src/sync/office/folders/local-tree.ts';
import { createOwnListings } from '../../src/sync/office/folders/own-listings.ts';
import { systemClock } from '../../src/sync/ports.ts';

const files = 10_000;
const firstWithinMs = 1_000;
const name = 'ten-thousand';

afterAll(async () => {
	await (await navigator.storage.getDirectory()).removeEntry(name, { recursive: true });
});

test('the first page of 10,000 files is there within a second, and all of them follow', { timeout: 120_000 }, async () => {
	const root = await (await navigator.storage.getDirectory()).getDirectoryHandle(name, { create: true });
	for (let from = 0; from < files; from += 500) await Promise.all(Array.from({ length: 500 }, (_, index) => root.getFileHandle(`file ${String(from + index)}.txt`, { create: true })));
	const listings = createOwnListings({ officeId: 'ab'.repeat(32), signSecret: createDeviceKeys(systemRandom).signSecret, clock: systemClock, rootOf: () => undefined, listedMs: () => 0, rootsVersion: () => 0 });
	const reader = readTree({ kind: 'handle', handle: root });
	const begunMs = performance.now();
	let [firstMs, found] = [0, 0];
	for (let part = 0, isWhole = false; !isWhole; part++) {
		const given = await listings.part('00'.repeat(16), reader, '', part);
		if (typeof given === 'string') throw new Error(given);
		if (part === 0) firstMs = performance.now() - begunMs;
		found += given.page.items.length;
		isWhole = given.page.parts > 0;
	}
	console.log(`first page after ${firstMs.toFixed(0)} ms, all ${String(found)} names after ${(performance.now() - begunMs).toFixed(0)} ms`);
	expect(found).toBe(files);
	expect(firstMs).toBeLessThan(firstWithinMs);
});
