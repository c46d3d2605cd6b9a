/** Virtual time: nothing happens until a test moves the clock, and then everything does, in order. */
import type { Clock } from '../../src/sync/ports.ts';

export interface FakeClock extends Clock {
	/** Runs every timer due within `ms`, and all promises between them. */
	advance(ms: number): Promise<void>;
	/** Lets the promises run that need no timer. */
	settle(): Promise<void>;
	/** Sets wall time without running timers: a clock that was put right, or sleep. */
	jump(ms: number): void;
	readonly pending: () => number;
}

interface Timer {
	readonly at: number;
	readonly order: number;
	readonly fn: () => void;
	cancelled: boolean;
}

/** One turn of the event loop: promise chains that wait for nothing else run to their end in it. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** @param turns of the event loop between two timers; a store on fake-indexeddb needs more than one */
export function createFakeClock(startMs = Date.UTC(2026, 0, 5, 9), turns = 1): FakeClock {
	let time = 0;
	let offset = startMs;
	let count = 0;
	/** Latest first, so that the next is popped. */
	const timers: Timer[] = [];
	const isLater = (a: Timer, b: Timer): boolean => a.at > b.at || (a.at === b.at && a.order > b.order);

	async function settle(): Promise<void> {
		for (let i = 0; i < turns; i++) await turn();
	}

	return {
		now: () => offset + time,
		after(delayMs, fn) {
			const timer: Timer = { at: time + Math.max(0, delayMs), order: count++, fn, cancelled: false };
			let low = 0;
			let high = timers.length;
			while (low < high) {
				const middle = (low + high) >> 1;
				const other = timers[middle];
				if (other !== undefined && isLater(other, timer)) low = middle + 1;
				else high = middle;
			}
			timers.splice(low, 0, timer);
			return () => {
				timer.cancelled = true;
			};
		},
		settle,
		async advance(ms) {
			const end = time + ms;
			await settle();
			for (let next = timers.at(-1); next !== undefined && next.at <= end; next = timers.at(-1)) {
				time = Math.max(time, next.at);
				while (timers.at(-1)?.at === next.at) {
					const due = timers.pop();
					if (due?.cancelled === false) due.fn();
				}
				await settle();
			}
			time = end;
		},
		jump(ms) {
			offset += ms;
		},
		pending: () => timers.filter((timer) => !timer.cancelled).length,
	};
}
