/**
 * Into a folder of the person's own disk (Chromium). What stands there is never written over: a file that is there already is skipped, another
 * of its name gets a neighbour with a number. The browser writes beside the file and puts it in its place when it is whole.
 */
import { done, fail, type FailureCode, type Result } from '../../sync/failures.ts';
import { createSaveNames } from '../../sync/transfer/safe-names.ts';
import { type PlannedFile, ReadFailure, type Saver } from '../../sync/transfer/supply.ts';

/** Small files at once: each costs the browser some waiting, and little else. */
const maxWriters = 8;
/** Numbers tried beside a name that is taken. */
const maxNeighbours = 1000;

type Spot = { readonly kind: 'there' } | { readonly kind: 'free'; readonly directory: FileSystemDirectoryHandle; readonly name: string };

export function createFolderSaver(root: FileSystemDirectoryHandle): Saver {
	const names = createSaveNames();
	/** Directories as they are made, so that two files of one directory make it once. */
	const directories = new Map<string, Promise<FileSystemDirectoryHandle>>();
	/** Where each file goes once that was looked at; no two go to one place. */
	const spots = new Map<string, Promise<Spot>>();
	/** By whom, in this run. */
	const taken = new Map<string, string>();
	const writing = new Set<FileSystemWritableFileStream>();
	let free = maxWriters;
	const waiting: (() => void)[] = [];
	const stop = new AbortController();

	const isStopped = (): boolean => stop.signal.aborted;

	const directoryOf = (parts: readonly string[]): Promise<FileSystemDirectoryHandle> => {
		if (parts.length === 0) return Promise.resolve(root);
		const key = parts.join('/');
		const made = directories.get(key) ?? makeDirectory(parts);
		directories.set(key, made);
		// What failed once may go well the next time.
		made.catch(() => directories.delete(key));
		return made;
	};
	const makeDirectory = async (parts: readonly string[]): Promise<FileSystemDirectoryHandle> =>
		(await directoryOf(parts.slice(0, -1))).getDirectoryHandle(parts.at(-1) ?? '', { create: true });

	/** The directory as it is, without making any; undefined where one is missing. */
	async function existing(parts: readonly string[]): Promise<FileSystemDirectoryHandle | undefined> {
		let directory = root;
		for (const part of parts) {
			const next = await directory.getDirectoryHandle(part).catch(missing);
			if (!next) return undefined;
			directory = next;
		}
		return directory;
	}

	async function look(file: PlannedFile, parts: readonly string[], directory: FileSystemDirectoryHandle | undefined): Promise<{ name: string; isThere: boolean }> {
		const name = parts.at(-1) ?? '';
		const inside = parts.slice(0, -1).join('/');
		for (let number = 1; number <= maxNeighbours; number++) {
			const candidate = neighbour(name, number);
			const key = `${inside}/${candidate.toLowerCase()}`;
			if ((taken.get(key) ?? file.path) !== file.path) continue;
			const found = directory && (await fileAt(directory, candidate));
			if (found === 'other') continue;
			const isThere = found !== undefined && isSame(found, file);
			// An empty one is the leftover of a browser that was closed while it wrote.
			if (!isThere && found && (found.size > 0 || file.size === 0)) continue;
			taken.set(key, file.path);
			return { name: candidate, isThere };
		}
		throw new DOMException('every name is taken', 'TypeMismatchError');
	}
	function spotOf(file: PlannedFile): Promise<Spot> {
		const known = spots.get(file.path) ?? findSpot(file);
		spots.set(file.path, known);
		known.catch(() => spots.delete(file.path));
		return known;
	}
	async function findSpot(file: PlannedFile): Promise<Spot> {
		const parts = names.of(file.path);
		const there = await existing(parts.slice(0, -1));
		const { name, isThere } = await look(file, parts, there);
		return isThere ? { kind: 'there' } : { kind: 'free', directory: there ?? (await directoryOf(parts.slice(0, -1))), name };
	}

	async function write(file: PlannedFile, bytes: () => AsyncGenerator<Uint8Array<ArrayBuffer>>): Promise<void> {
		const spot = await spotOf(file);
		if (spot.kind === 'there') return;
		const { directory, name } = spot;
		const handle = await directory.getFileHandle(name, { create: true });
		const writable = await handle.createWritable();
		writing.add(writable);
		try {
			stop.signal.throwIfAborted();
			for await (const chunk of bytes()) await writable.write(chunk);
			await writable.close();
		} catch (error) {
			await writable.abort().catch(() => undefined);
			// The empty file that stood for it.
			await directory.removeEntry(name).catch(() => undefined);
			throw error;
		} finally {
			writing.delete(writable);
		}
	}

	async function withWriter<T>(work: () => Promise<T>): Promise<T> {
		if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
		else free--;
		try {
			return await work();
		} finally {
			const next = waiting.shift();
			if (next) next();
			else free++;
		}
	}

	return {
		// A folder that cannot be read is told of when it is written to.
		has: (file) => existsAlready(file).catch(() => false),
		add: (file, bytes) =>
			withWriter(async (): Promise<Result> => {
				if (isStopped()) return fail('closed');
				try {
					await write(file, bytes);
					return done;
				} catch (error) {
					if (error instanceof ReadFailure) throw error;
					spots.delete(file.path);
					return fail(isStopped() ? 'closed' : codeOf(error));
				}
			}),
		finish: () => Promise.resolve(done),
		abort() {
			stop.abort();
			for (const writable of writing) void writable.abort().catch(() => undefined);
		},
	};

	/** Makes no directory: what is not fetched leaves no trace. */
	async function existsAlready(file: PlannedFile): Promise<boolean> {
		const parts = names.of(file.path);
		const directory = await existing(parts.slice(0, -1));
		const found = directory && (await fileAt(directory, parts.at(-1) ?? ''));
		return typeof found === 'object' && isSame(found, file);
	}
}

/** A page cannot set when a file was changed, so one that was saved is younger than what it was made from. */
const isSame = (found: File, file: PlannedFile): boolean => found.size === file.size && found.lastModified >= file.modifiedMs;

/** `other`: a folder, or something that may not be read. */
async function fileAt(directory: FileSystemDirectoryHandle, name: string): Promise<File | 'other' | undefined> {
	try {
		return await (await directory.getFileHandle(name)).getFile();
	} catch (error) {
		if (nameOf(error) === 'NotFoundError') return undefined;
		if (nameOf(error) === 'TypeMismatchError') return 'other';
		throw error;
	}
}

const neighbour = (name: string, number: number): string => {
	if (number === 1) return name;
	const at = name.lastIndexOf('.');
	return at > 0 ? `${name.slice(0, at)} (${number})${name.slice(at)}` : `${name} (${number})`;
};

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '');
function missing(error: unknown): undefined {
	if (nameOf(error) === 'NotFoundError' || nameOf(error) === 'TypeMismatchError') return undefined;
	throw error;
}

/** What the browser's refusals mean for one file; the rest of the transfer goes on. */
export function codeOf(error: unknown): FailureCode {
	switch (nameOf(error)) {
		case 'NotAllowedError':
		case 'SecurityError':
		case 'NotFoundError':
			return 'permission-lost';
		case 'QuotaExceededError':
			return 'disk-full';
		// A name this browser does not write, or a folder where a file should be.
		case 'TypeError':
		case 'TypeMismatchError':
			return 'name-impossible';
		// Chromium's check of downloads said no when the file was to take its place.
		case 'AbortError':
			return 'file-refused';
		default:
			return 'disk-failed';
	}
}
