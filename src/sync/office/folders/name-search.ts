/**
 * Searching names over all folders one may see. What is known of them is searched at once; directories nobody here has read yet are read in the
 * background for as long as somebody looks, within bounds.
 */
import type { FolderItem, FolderSearch, FoundFile } from '../../files.ts';
import { createCell, type Source } from '../../source.ts';
import type { Directories } from './directories.ts';
import type { Folder } from './folder-entries.ts';
import { itemsOf, type KnownPages } from './known-pages.ts';
import { joinPath, type PageItem } from './page.ts';

const maxFound = 500;
/** Of one folder and search; a tree with more is searched as far as this. */
const maxDirectoriesRead = 2_000;
/** The list on the screen is made anew after so many directories. */
const showEvery = 10;

export function createNameSearch(deps: {
	readonly folders: () => ReadonlyMap<string, Folder>;
	readonly ownerName: (folder: Folder) => string;
	readonly directories: Directories;
	readonly known: KnownPages;
	readonly toItem: (id: string, path: string, item: PageItem) => FolderItem;
}): (text: string) => Source<FolderSearch> {
	const { folders, directories, known, toItem } = deps;

	function find(wanted: string): readonly FoundFile[] {
		const found: { readonly rank: number; readonly folder: Folder; readonly path: string; readonly item: PageItem }[] = [];
		for (const folder of wanted === '' ? [] : folders().values()) {
			for (const directory of known.of(folder.id)) {
				for (const item of itemsOf(directory)) {
					const at = comparable(item.name).indexOf(wanted);
					if (at < 0) continue;
					found.push({ rank: at === 0 ? (item.name.length === wanted.length ? 0 : 1) : 2, folder, path: joinPath(directory.path, item.name), item });
				}
			}
		}
		found.sort((a, b) => a.rank - b.rank || a.item.name.localeCompare(b.item.name) || (a.path < b.path ? -1 : 1));
		return found.slice(0, maxFound).map(({ folder, path, item }) => ({ ...toItem(folder.id, path, item), folderId: folder.id, folderName: folder.body.name, ownerName: deps.ownerName(folder) }));
	}

	return (text) => {
		const wanted = comparable(text.trim());
		const cell = createCell<FolderSearch>({ found: find(wanted), state: 'searching', missing: [] });
		let watchers = 0;
		let isWalking = false;

		/** Breadth first: what lies near the top is looked for more often. */
		async function walk(folder: Folder): Promise<boolean> {
			let waiting = [''];
			let whole = true;
			for (let read = 0; waiting.length > 0 && read < maxDirectoriesRead && watchers > 0; read++) {
				const [path = '', ...rest] = waiting;
				waiting = rest;
				if (known.get(folder.id, path)?.whole !== true) whole = (await directories.read(folder.id, path, () => undefined)) === 'whole' && whole;
				for (const item of itemsOf(known.get(folder.id, path))) if (item.kind === 'folder') waiting.push(joinPath(path, item.name));
				if (read % showEvery === 0) cell.set({ ...cell.get(), found: find(wanted) });
			}
			return whole && waiting.length === 0;
		}

		async function walkAll(): Promise<void> {
			if (isWalking || wanted === '') return;
			isWalking = true;
			const missing: string[] = [];
			for (const folder of folders().values()) {
				if (watchers > 0 && !(await walk(folder))) missing.push(folder.body.name);
				cell.set({ found: find(wanted), state: 'searching', missing: [...missing] });
			}
			isWalking = false;
			cell.set({ found: find(wanted), state: 'whole', missing });
		}

		return {
			get: () => cell.get(),
			subscribe(changed) {
				const stop = cell.subscribe(changed);
				if (watchers++ === 0) void walkAll();
				return () => {
					stop();
					watchers--;
				};
			},
		};
	};
}

/** Names as they are compared: composed alike, without case. */
const comparable = (text: string): string => text.normalize('NFKC').toLowerCase();
