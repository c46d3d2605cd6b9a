/** Where a browser gives no disk (a private window, an old browser): memory, with a limit, until the page closes. */
import { type Disk, type DiskFile, DiskFull } from './disk.ts';

/** Bytes are kept in pieces of this: a file that grows is not copied over and over. */
const pageBytes = 256 * 1024;

export function createMemoryDisk(limitBytes: number): Disk {
	const files = new Map<string, Map<number, Uint8Array>>();
	let pages = 0;

	function openFile(name: string): DiskFile {
		const file = files.get(name) ?? new Map<number, Uint8Array>();
		files.set(name, file);
		let length = 0;
		for (const number of file.keys()) length = Math.max(length, (number + 1) * pageBytes);

		const pageAt = (number: number): Uint8Array => {
			const known = file.get(number);
			if (known) return known;
			if ((pages + 1) * pageBytes > limitBytes) throw new DiskFull();
			pages++;
			const page = new Uint8Array(pageBytes);
			file.set(number, page);
			return page;
		};
		/** Every stretch of a range that lies in one page. */
		const each = (at: number, count: number, visit: (number: number, inPage: number, from: number, length: number) => void): void => {
			for (let from = 0; from < count; ) {
				const inPage = (at + from) % pageBytes;
				const stretch = Math.min(pageBytes - inPage, count - from);
				visit(Math.floor((at + from) / pageBytes), inPage, from, stretch);
				from += stretch;
			}
		};

		return {
			read(at, count) {
				const bytes = new Uint8Array(Math.max(0, Math.min(count, length - at)));
				each(at, bytes.length, (number, inPage, from, stretch) => {
					const page = file.get(number);
					if (page) bytes.set(page.subarray(inPage, inPage + stretch), from);
				});
				return bytes;
			},
			write(at, bytes) {
				each(at, bytes.length, (number, inPage, from, stretch) => pageAt(number).set(bytes.subarray(from, from + stretch), inPage));
				length = Math.max(length, at + bytes.length);
			},
			flush: () => undefined,
			close: () => undefined,
		};
	}

	return {
		open: (name) => Promise.resolve(openFile(name)),
		remove(name) {
			pages -= files.get(name)?.size ?? 0;
			files.delete(name);
			return Promise.resolve();
		},
		names: () => Promise.resolve([...files.keys()]),
	};
}
