/**
 * The folder that is to be shared, from a picker, a file input or a drop. Chromium gives a handle, which lasts; other browsers give the
 * files in it, good until the page closes.
 */
import type { LocalTree } from '../../sync/files.ts';

export interface PickedTree {
	readonly name: string;
	readonly tree: LocalTree;
	/** Of a handle it is not counted: listing comes later. */
	readonly count: number | undefined;
}

type PickingWindow = Window & { showDirectoryPicker?: (options?: { readonly id?: string; readonly mode?: 'read' | 'readwrite' }) => Promise<FileSystemDirectoryHandle> };

export const picksFolders = (window: PickingWindow): boolean => typeof window.showDirectoryPicker === 'function';

/** `undefined` when the person changes their mind. @param id the browser remembers the last place for each */
export async function pickFolder(window: PickingWindow, id: 'share' | 'save'): Promise<FileSystemDirectoryHandle | undefined> {
	try {
		return await window.showDirectoryPicker?.({ id: `landline-${id}`, mode: id === 'save' ? 'readwrite' : 'read' });
	} catch (error) {
		if (error instanceof DOMException) return undefined;
		throw error;
	}
}

export const treeOfHandle = (handle: FileSystemDirectoryHandle): PickedTree => ({ name: handle.name, tree: { kind: 'handle', handle }, count: undefined });

/** Of an `<input webkitdirectory>`: each path begins with the folder's own name. */
export function treeOfInput(list: FileList | null): PickedTree | undefined {
	const files = [...(list ?? [])].map((file) => ({ path: file.webkitRelativePath, file }));
	const name = files[0]?.path.split('/')[0];
	if (name === undefined) return undefined;
	return { name, tree: { kind: 'files', files: files.map(({ path, file }) => ({ path: path.slice(path.indexOf('/') + 1), file })) }, count: files.length };
}

type DroppedItem = DataTransferItem & { getAsFileSystemHandle?: () => Promise<FileSystemHandle | null> };

/** Must be called in the event's handler itself: the items are gone after it. `undefined` where no folder was dropped. */
export async function treeOfDrop(data: DataTransfer): Promise<PickedTree | undefined> {
	const items: DroppedItem[] = [...data.items].filter((item) => item.kind === 'file');
	const entries = items.map((item) => item.webkitGetAsEntry());
	const handles = items.map((item) => item.getAsFileSystemHandle?.() ?? Promise.resolve(null));
	for (const handle of await Promise.all(handles)) {
		if (handle?.kind === 'directory') return treeOfHandle(handle as FileSystemDirectoryHandle);
	}
	const root = entries.find((entry) => entry?.isDirectory === true);
	if (!root) return undefined;
	const files: { path: string; file: File }[] = [];
	await readInto(files, root as FileSystemDirectoryEntry, '');
	return { name: root.name, tree: { kind: 'files', files }, count: files.length };
}

async function readInto(files: { path: string; file: File }[], directory: FileSystemDirectoryEntry, prefix: string): Promise<void> {
	const reader = directory.createReader();
	for (;;) {
		// A reader gives at most a hundred at a time, and nothing once all are given.
		const entries = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
		if (entries.length === 0) return;
		for (const entry of entries) {
			const path = `${prefix}${entry.name}`;
			if (entry.isDirectory) await readInto(files, entry as FileSystemDirectoryEntry, `${path}/`);
			else files.push({ path, file: await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)) });
		}
	}
}

/** A drag brings files or folders, not a piece of text. */
export const bringsFiles = (data: DataTransfer | null): boolean => data?.types.includes('Files') === true;
