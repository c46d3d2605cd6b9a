/** Bytes per second over the last 4 seconds, or over as many as there were. */
import type { Clock } from '../../ports.ts';

const windowMs = 4_000;
const stepMs = 250;

export interface Speed {
	add(bytes: number): void;
	bytesPerSecond(): number;
}

export function createSpeed(clock: Clock): Speed {
	/** Oldest first, one for each quarter of a second in which something came. */
	const steps: { readonly atMs: number; bytes: number }[] = [];
	const sinceMs = clock.now();
	const drop = (nowMs: number): void => {
		while ((steps[0]?.atMs ?? nowMs) < nowMs - windowMs) steps.shift();
	};
	return {
		add(bytes) {
			const nowMs = clock.now();
			const last = steps.at(-1);
			if (last && nowMs - last.atMs < stepMs) last.bytes += bytes;
			else steps.push({ atMs: nowMs, bytes });
			drop(nowMs);
		},
		bytesPerSecond() {
			const nowMs = clock.now();
			drop(nowMs);
			const overMs = Math.min(windowMs, Math.max(stepMs, nowMs - sinceMs));
			return (steps.reduce((sum, { bytes }) => sum + bytes, 0) * 1000) / overMs;
		},
	};
}
