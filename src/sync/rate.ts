/** Rates by key: so much at once, then so much a second. What a colleague, a link or a device may ask of this one. */
import type { Clock } from './ports.ts';

/** Of more keys than this the ones longest unused are forgotten. */
const maxKeys = 4_096;

export interface RateByKey {
	/** Takes one (or `count`) if the key has it left. */
	take(key: string, count?: number): boolean;
}

export function createRateByKey(clock: Clock, { burst, perSecond }: { readonly burst: number; readonly perSecond: number }): RateByKey {
	const buckets = new Map<string, { tokens: number; atMs: number }>();
	return {
		take(key, count = 1) {
			const nowMs = clock.now();
			const bucket = buckets.get(key) ?? { tokens: burst, atMs: nowMs };
			bucket.tokens = Math.min(burst, bucket.tokens + (Math.max(0, nowMs - bucket.atMs) / 1000) * perSecond);
			bucket.atMs = nowMs;
			buckets.delete(key);
			buckets.set(key, bucket);
			if (buckets.size > maxKeys) buckets.delete(buckets.keys().next().value ?? key);
			if (bucket.tokens < count) return false;
			bucket.tokens -= count;
			return true;
		},
	};
}
