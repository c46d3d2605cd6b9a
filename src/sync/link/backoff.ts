/** Waiting longer after each failure, never in step with others. */
import type { Random } from '../../crypto/random.ts';

/** Gentler than doubling: a cable that was out for 40 s is found again within 15. */
const growth = 1.5;

export interface Backoff {
	/** The next wait, ms: half as long again each time, up to the maximum, between 50 and 100 per cent of it. */
	next(): number;
	reset(): void;
}

export function createBackoff({ random, firstMs, maxMs }: { random: Random; firstMs: number; maxMs: number }): Backoff {
	let failures = 0;
	return {
		next() {
			const fullMs = Math.min(maxMs, firstMs * growth ** failures);
			failures = Math.min(failures + 1, 60);
			return fullMs * (0.5 + jitter(random) / 2);
		},
		reset() {
			failures = 0;
		},
	};
}

/** Between 0 and 1. */
export function jitter(random: Random): number {
	const [high = 0, low = 0] = random(2);
	return (high * 256 + low) / 65_536;
}
