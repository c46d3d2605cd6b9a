/**
 * The browser's private file system with sync access handles: the one way a page writes a file in place and knows when it rests. In a dedicated
 * worker alone; Chromium, Firefox 111 and Safari 15.2 have it.
 */
import { type Disk, type DiskFile, DiskFull } from './disk.ts';

/** A handle locks its file. After a reload the tab before lets go of it within this time. */
const lockTries = 20;
const lockWaitMs = 100;

/** TypeScript knows it in its library for workers, which does not go with that for pages. */
interface SyncAccessHandle {
	read(into: Uint8Array, at: { at: number }): number;
	write(bytes: Uint8Array, at: { at: number }): number;
	flush(): void;
	close(): void;
}
type WithSyncAccess = FileSystemFileHandle & { createSyncAccessHandle(): Promise<SyncAccessHandle> };

/** Rejects where the browser has none of it. */
export async function createOpfsDisk(directory: string): Promise<Disk> {
	const root = await navigator.storage.getDirectory();
	const place = await root.getDirectoryHandle(directory, { create: true });
	if (!('createSyncAccessHandle' in FileSystemFileHandle.prototype)) throw new Error('no sync access handles');

	return {
		async open(name) {
			const file = (await place.getFileHandle(name, { create: true })) as WithSyncAccess;
			return wrap(await locked(file));
		},
		async remove(name) {
			for (let attempt = 1; ; attempt++) {
				try {
					await place.removeEntry(name);
					return;
				} catch (error) {
					if (nameOf(error) === 'NotFoundError') return;
					if (nameOf(error) !== 'NoModificationAllowedError' || attempt === lockTries) throw error;
					await pause();
				}
			}
		},
		async names() {
			const names: string[] = [];
			for await (const name of place.keys()) names.push(name);
			return names;
		},
	};
}

async function locked(file: WithSyncAccess): Promise<SyncAccessHandle> {
	for (let attempt = 1; ; attempt++) {
		try {
			return await file.createSyncAccessHandle();
		} catch (error) {
			if (nameOf(error) !== 'NoModificationAllowedError' || attempt === lockTries) throw error;
			await pause();
		}
	}
}

function wrap(handle: SyncAccessHandle): DiskFile {
	return {
		read(at, length) {
			const bytes = new Uint8Array(length);
			const count = handle.read(bytes, { at });
			return count === length ? bytes : bytes.subarray(0, count);
		},
		write(at, bytes) {
			let written: number;
			try {
				written = handle.write(bytes, { at });
			} catch (error) {
				throw nameOf(error) === 'QuotaExceededError' ? new DiskFull() : error;
			}
			// Firefox writes what fits and says how much.
			if (written !== bytes.length) throw new DiskFull();
		},
		flush: () => handle.flush(),
		close: () => handle.close(),
	};
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '');
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, lockWaitMs));
