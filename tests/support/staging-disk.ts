/** A disk for staging that outlives its openings, loses on a power cut what was not flushed, fills up, and can be damaged. */
import { concat } from '../../src/crypto/bytes.ts';
import { type Disk, DiskFull } from '../../src/sync/transfer/staging/disk.ts';

interface Stored {
	/** As a reader sees it. */
	bytes: Uint8Array<ArrayBuffer>;
	/** As it is after a power cut. */
	safe: Uint8Array<ArrayBuffer>;
}

export interface StagingDisk extends Disk {
	readonly files: Map<string, Stored>;
	/** Bytes it takes in all. */
	limit: number;
	readonly writes: number;
	readonly flushes: number;
	powerCut(): void;
	/** Everything on it, joined. */
	raw(): Uint8Array;
}

export function createStagingDisk(): StagingDisk {
	const files = new Map<string, Stored>();
	let [writes, flushes] = [0, 0];
	const disk: StagingDisk = {
		files,
		limit: Infinity,
		get writes() {
			return writes;
		},
		get flushes() {
			return flushes;
		},
		open(name) {
			const stored = files.get(name) ?? { bytes: new Uint8Array(), safe: new Uint8Array() };
			files.set(name, stored);
			return Promise.resolve({
				read: (at, length) => stored.bytes.slice(at, at + length),
				write(at, bytes) {
					writes++;
					const taken = [...files.values()].reduce((sum, file) => sum + file.bytes.length, 0);
					const end = Math.max(stored.bytes.length, at + bytes.length);
					if (taken + end - stored.bytes.length > disk.limit) throw new DiskFull();
					if (end > stored.bytes.length) {
						const larger = new Uint8Array(end);
						larger.set(stored.bytes);
						stored.bytes = larger;
					}
					stored.bytes.set(bytes, at);
				},
				flush() {
					flushes++;
					stored.safe = stored.bytes.slice();
				},
				close: () => undefined,
			});
		},
		remove(name) {
			files.delete(name);
			return Promise.resolve();
		},
		names: () => Promise.resolve([...files.keys()]),
		powerCut() {
			for (const stored of files.values()) stored.bytes = stored.safe.slice();
		},
		raw: () => concat(...[...files.values()].map((file) => file.bytes)),
	};
	return disk;
}
