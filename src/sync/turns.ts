/** Long work in slices: the screen gets its turn at least this often, also on a slow computer. */
import type { Clock } from './ports.ts';

/** Longest stretch of work before others get their turn; a stall is felt from 50 ms on. */
const sliceMs = 12;

/**
 * To be called between two pieces of work; where a promise comes back, the slice is used up and the next begins when it resolves.
 * By the wall clock: one that was put back ends the slice early, no more.
 */
export type Turns = () => Promise<void> | undefined;

export function createTurns(clock: Clock): Turns {
	let startedMs = clock.now();
	return () => {
		const usedMs = clock.now() - startedMs;
		if (usedMs >= 0 && usedMs < sliceMs) return undefined;
		return new Promise((resolve) => {
			clock.after(0, () => {
				startedMs = clock.now();
				resolve();
			});
		});
	};
}
