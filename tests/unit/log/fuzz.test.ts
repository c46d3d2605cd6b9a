/** A36 in short; `npm run soak -- fuzz` does a million. */
import { expect, test } from 'vitest';
import { fuzzDecoders, fuzzFrames, fuzzReplica } from '../../support/fuzz.ts';

const seed = 36;

test('A36: damaged, cut, spliced and nested bytes through every decoder of the wire and the log: no exception', () => {
	const cases = 40_000;
	expect(fuzzDecoders(seed, cases).refused).toBeGreaterThan(cases * 0.7);
});

test('A36: frames that claim 16 MiB, break off or overlap close the link, and nothing else', () => {
	expect(fuzzFrames(seed, 10_000).closed).toBeGreaterThan(1000);
});

test('A36: a replica under such fire counts it and goes on serving the honest', { timeout: 60_000 }, async () => {
	const { garbage, written, taken, level } = await fuzzReplica(seed, 6000);
	expect(garbage).toBeGreaterThan(4000);
	expect(taken).toBe(written);
	expect(level).toBe(true);
});
