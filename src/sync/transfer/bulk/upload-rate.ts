/** The cap on what goes out, to all together: a bucket that holds a tenth of a second, but never less than one frame. */
import type { Clock } from '../../ports.ts';
import { maxFilesFrameBytes } from './bulk-frame.ts';

const bucketMs = 100;

export interface UploadRate {
	/** 0 = no limit. */
	set(bytesPerSecond: number): void;
	/** Ms until something may go; 0 = now. */
	waitMs(): number;
	/** Takes what went; it may go below nothing by one frame. */
	take(bytes: number): void;
}

export function createUploadRate(clock: Clock): UploadRate {
	let limit = 0;
	let tokens = 0;
	let atMs = clock.now();

	function fill(): void {
		const nowMs = clock.now();
		tokens = Math.min(Math.max(maxFilesFrameBytes, (limit * bucketMs) / 1000), tokens + (Math.max(0, nowMs - atMs) * limit) / 1000);
		atMs = nowMs;
	}

	return {
		set(bytesPerSecond) {
			fill();
			limit = Math.max(0, bytesPerSecond);
		},
		waitMs() {
			if (limit === 0) return 0;
			fill();
			return tokens > 0 ? 0 : Math.max(1, Math.ceil(((1 - tokens) * 1000) / limit));
		},
		take(bytes) {
			if (limit > 0) tokens -= bytes;
		},
	};
}
