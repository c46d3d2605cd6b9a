/**
 * When what was written is put on record. Bytes are safe after a flush, and only then does a record say so without a doubt: not for each
 * chunk, which would be a flush a millisecond, but every 64 MiB or 2 s. In between a record may name what is perhaps there, to be read
 * again at the next start: a reload then costs little, and a power cut no more than what it took.
 */
import type { Clock } from '../../ports.ts';
import { StoreFailure } from '../../store.ts';

const flushMs = 2000;

/** Why nothing more can be written for now. */
export type Trouble = 'disk-full' | 'failed';

export interface Batches {
	/** So many bytes were written, or something else is to be put on record. */
	note(bytes: number): void;
	/** Flushes, and puts all that was noted on record now. */
	settle(): Promise<Trouble | undefined>;
	/** After a trouble: tries once more; undefined once there is none. */
	clear(): Promise<Trouble | undefined>;
	stop(): void;
}

export interface BatchesDeps {
	readonly clock: Clock;
	readonly flushBytes: number;
	/** Bytes between two records without a flush; as `flushBytes` where there are none. */
	readonly recordBytes: number;
	/** Writes the record, after a flush where one is wanted; keeps for the next time what it could not put on it. */
	readonly save: (flush: boolean) => Promise<Trouble | undefined>;
}

export function createBatches({ clock, flushBytes, recordBytes, save }: BatchesDeps): Batches {
	let sinceFlush = 0;
	let sinceRecord = 0;
	let pending = false;
	let trouble: Trouble | undefined;
	let cancelTimer: (() => void) | undefined;
	let saving: Promise<unknown> = Promise.resolve();
	let stopped = false;

	function run(flush: boolean): Promise<Trouble | undefined> {
		const next = saving.then(async () => {
			if (!pending) return trouble;
			sinceRecord = 0;
			if (flush) {
				cancelTimer?.();
				cancelTimer = undefined;
				pending = false;
				sinceFlush = 0;
			}
			trouble = await save(flush).catch((error: unknown): Trouble => {
				if (error instanceof StoreFailure) return error.code === 'disk-full' ? 'disk-full' : 'failed';
				throw error;
			});
			if (trouble !== undefined) pending = true;
			return trouble;
		});
		saving = next.catch(() => undefined);
		return next;
	}

	return {
		note(bytes) {
			pending = true;
			sinceFlush += bytes;
			sinceRecord += bytes;
			if (stopped) return;
			cancelTimer ??= clock.after(flushMs, () => void run(true));
			if (sinceFlush >= flushBytes) {
				sinceFlush = 0;
				void run(true);
			} else if (sinceRecord >= recordBytes) {
				sinceRecord = 0;
				void run(false);
			}
		},
		settle: () => run(true),
		clear: () => (trouble === undefined ? Promise.resolve(undefined) : run(true)),
		stop() {
			stopped = true;
			cancelTimer?.();
			cancelTimer = undefined;
		},
	};
}
