/** Rates and counts that no client passes: a token bucket, the same per source, and a bounded count per address. */

/** What a bucket holds when full, and how fast it fills. */
export type Rate = { readonly burst: number; readonly perSecond: number };

/** A token bucket that may go into debt: whoever takes too much is told how long to wait. */
export type TokenBucket = {
	/** Takes `cost` tokens and returns the milliseconds until the bucket is out of debt: 0 when it is not in debt. */
	take(cost: number): number;
};

/** @param nowMs a clock that never goes back, in milliseconds */
export function createTokenBucket({ burst, perSecond }: Rate, nowMs: () => number): TokenBucket {
	let tokens = burst;
	let filledAtMs = nowMs();
	return {
		take(cost) {
			const now = nowMs();
			tokens = Math.min(burst, tokens + ((now - filledAtMs) / 1000) * perSecond) - cost;
			filledAtMs = now;
			return tokens >= 0 ? 0 : (-tokens / perSecond) * 1000;
		},
	};
}

/** Answers whether a source may have one more; it remembers a bounded number of sources. */
export type SourceCap = { allows(source: string): boolean };

/**
 * A bucket per source. Of more than `maxSources` sources the one heard first is forgotten, which gives it a full bucket: with
 * that many sources a flood is a matter for the network.
 */
export function createSourceCap(rate: Rate, maxSources: number, nowMs: () => number): SourceCap {
	const buckets = new Map<string, TokenBucket>();
	return {
		allows(source) {
			const known = buckets.get(source);
			const bucket = known ?? createTokenBucket(rate, nowMs);
			if (!known) {
				if (buckets.size >= maxSources) buckets.delete(buckets.keys().next().value ?? source);
				buckets.set(source, bucket);
			}
			return bucket.take(1) === 0;
		},
	};
}

/** Counts what is open, in total and per address. */
export type Seats = {
	/** Takes a seat, or returns `undefined` when the house or this address is full. The result gives the seat back, once. */
	take(address: string): (() => void) | undefined;
	readonly taken: number;
};

export function createSeats(maxTotal: number, maxPerAddress: number): Seats {
	const perAddress = new Map<string, number>();
	let taken = 0;
	return {
		take(address) {
			const here = perAddress.get(address) ?? 0;
			if (taken >= maxTotal || here >= maxPerAddress) return undefined;
			perAddress.set(address, here + 1);
			taken += 1;
			let given = false;
			return () => {
				if (given) return;
				given = true;
				taken -= 1;
				const left = (perAddress.get(address) ?? 1) - 1;
				if (left === 0) perAddress.delete(address);
				else perAddress.set(address, left);
			};
		},
		get taken() {
			return taken;
		},
	};
}
