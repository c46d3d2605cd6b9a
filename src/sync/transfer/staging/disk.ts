/** What staging needs of a disk: files that are written in place and known by random names. A browser has one in a worker alone (opfs-disk.ts). */

export interface DiskFile {
	/** Shorter where the file ends before. */
	read(at: number, length: number): Uint8Array<ArrayBuffer>;
	/** All of it; throws `DiskFull` where there is no room. */
	write(at: number, bytes: Uint8Array): void;
	/** Once it returns, a power cut takes nothing of what was written. */
	flush(): void;
	close(): void;
}

export interface Disk {
	/** Makes it where it is not there. One opening at a time. */
	open(name: string): Promise<DiskFile>;
	/** Closed before; nothing happens where it is not there. */
	remove(name: string): Promise<void>;
	names(): Promise<readonly string[]>;
}

export class DiskFull extends Error {}
