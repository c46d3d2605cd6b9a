/**
 * A folder of this computer as it is shared: one directory is read when it is asked for, a file when somebody takes it. From a handle, which the
 * browser may take back at any time, or from files that were chosen or dropped, which last until the page closes.
 */
import { utf8 } from '../../../crypto/bytes.ts';
import type { LocalTree } from '../../files.ts';
import { isItemName, isPath, joinPath, maxItemNameBytes, type PageItem } from './page.ts';

/** What systems leave lying in folders and nobody means to share. */
const systemNames: ReadonlySet<string> = new Set(['.ds_store', 'thumbs.db', 'ehthumbs.db', 'desktop.ini', '.spotlight-v100', '.trashes', '.fseventsd', '$recycle.bin', 'system volume information']);
/** Files asked for their size and date at once: one by one a network drive takes seconds. */
const filesAtOnce = 64;

/** Why there is nothing. `gone`: it is not there any more; `permission-lost`: the browser wants the person's word first. */
export type Unread = 'gone' | 'permission-lost';

export interface TreeReader {
	/** The names of one directory as they are found, in runs; ends with why it could not be read to its end. */
	list(path: string): AsyncGenerator<readonly PageItem[], Unread | undefined>;
	/** The file as it is now. Its bytes are read when they are asked of it, and rejected if it changed since. */
	file(path: string): Promise<File | Unread>;
	/** Whether it may be read without a word from the person. */
	permission(): Promise<'granted' | 'ask' | 'gone'>;
}

/** As Chromium has it; the types of the platform's library do not know it yet. */
export interface Permitted {
	queryPermission(wish: { mode: 'read' }): Promise<PermissionState>;
	/** In a click's handler. */
	requestPermission(wish: { mode: 'read' }): Promise<PermissionState>;
}

export function readTree(tree: LocalTree): TreeReader {
	return tree.kind === 'handle' ? readHandle(tree.handle) : readFiles(tree.files);
}

function readHandle(root: FileSystemDirectoryHandle): TreeReader {
	async function directory(path: string): Promise<FileSystemDirectoryHandle> {
		let at = root;
		for (const name of path === '' ? [] : path.split('/')) at = await at.getDirectoryHandle(name);
		return at;
	}

	return {
		async *list(path) {
			if (!isPath(path)) return 'gone';
			try {
				let run: Promise<PageItem | undefined>[] = [];
				// While sizes of one run are asked for, the names of the next are found.
				let before: Promise<readonly (PageItem | undefined)[]> | undefined;
				for await (const handle of (await directory(path)).values()) {
					if (!isShared(handle.name)) continue;
					run.push(itemOf(handle));
					if (run.length < filesAtOnce) continue;
					const now = Promise.all(run);
					// Heard where it is awaited.
					now.catch(() => undefined);
					if (before) yield (await before).filter((item) => item !== undefined);
					before = now;
					run = [];
				}
				for (const last of [before, Promise.all(run)]) if (last) yield (await last).filter((item) => item !== undefined);
				return undefined;
			} catch (error) {
				return whyUnread(error);
			}
		},
		async file(path) {
			const parts = path.split('/');
			const name = parts.pop() ?? '';
			if (!isPath(path) || !parts.concat(name).every(isShared)) return 'gone';
			try {
				return await (await (await directory(parts.join('/'))).getFileHandle(name)).getFile();
			} catch (error) {
				return whyUnread(error);
			}
		},
		async permission() {
			try {
				if ((await (root as FileSystemDirectoryHandle & Permitted).queryPermission({ mode: 'read' })) !== 'granted') return 'ask';
				// The handle of a folder that was moved or deleted is as willing as before.
				await root.values().next();
				return 'granted';
			} catch (error) {
				return whyUnread(error) === 'gone' ? 'gone' : 'ask';
			}
		},
	};
}

/** One that vanished while the directory was read is left out. */
async function itemOf(handle: FileSystemHandle): Promise<PageItem | undefined> {
	if (handle.kind === 'directory') return { kind: 'folder', name: handle.name, size: 0, modifiedMs: 0, root: undefined };
	try {
		return fileItem(handle.name, await (handle as FileSystemFileHandle).getFile());
	} catch (error) {
		if (whyUnread(error) === 'gone') return undefined;
		throw error;
	}
}

const fileItem = (name: string, file: File): PageItem => ({ kind: 'file', name, size: file.size, modifiedMs: Math.max(0, file.lastModified), root: undefined });

function readFiles(files: readonly { readonly path: string; readonly file: File }[]): TreeReader {
	const byPath = new Map<string, File>();
	const directories = new Map<string, Map<string, PageItem>>([['', new Map()]]);
	for (const { path, file } of files) {
		const names = path.split('/');
		if (!names.every(isShared)) continue;
		byPath.set(path, file);
		let at = '';
		for (const [index, name] of names.entries()) {
			const inside = directories.get(at) ?? new Map<string, PageItem>();
			directories.set(at, inside);
			const isLast = index === names.length - 1;
			inside.set(name, isLast ? fileItem(name, file) : { kind: 'folder', name, size: 0, modifiedMs: 0, root: undefined });
			at = joinPath(at, name);
		}
	}

	return {
		// eslint-disable-next-line @typescript-eslint/require-await -- a generator as the other one, whose directory is read from the disk
		async *list(path) {
			const inside = directories.get(path);
			if (!inside) return 'gone';
			yield [...inside.values()];
			return undefined;
		},
		file: (path) => Promise.resolve(byPath.get(path) ?? 'gone'),
		permission: () => Promise.resolve('granted'),
	};
}

/** A name that cannot stand in a page is not shared: no such file could be asked for. */
function isShared(name: string): boolean {
	return isItemName(name) && !systemNames.has(name.toLowerCase()) && utf8(name).length <= maxItemNameBytes && !/\p{Surrogate}/u.test(name);
}

/** What the browser says of a file or directory that it does not give. */
export function whyUnread(error: unknown): Unread {
	if (!(error instanceof DOMException)) throw error;
	return error.name === 'NotAllowedError' || error.name === 'SecurityError' ? 'permission-lost' : 'gone';
}
