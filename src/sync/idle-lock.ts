/** Runs `lock` after so many minutes without input. A computer that slept through them is locked at the first sign of life. */
import type { LockDelay } from './landline.ts';
import type { Clock } from './ports.ts';

const minuteMs = 60_000;

export interface IdleLock {
	/** Begins to wait anew. */
	set(minutes: LockDelay): void;
	noteActivity(): void;
}

export function createIdleLock(clock: Clock, lock: () => void): IdleLock {
	let minutes: LockDelay = 0;
	let lastMs = 0;
	let cancel: (() => void) | undefined;

	function start(): void {
		cancel?.();
		lastMs = clock.now();
		cancel = minutes === 0 ? undefined : clock.after(minutes * minuteMs, lock);
	}

	return {
		set(next) {
			minutes = next;
			start();
		},
		noteActivity() {
			// Timers stand still while a computer sleeps; whoever wakes it may not be the one who left it.
			if (minutes > 0 && clock.now() - lastMs >= minutes * minuteMs) {
				minutes = 0;
				cancel?.();
				lock();
			} else start();
		},
	};
}
