/** Directories as the screen reads them. One is read when it is looked at, again when it is looked at anew, and when somebody who has it comes. */
import type { FolderItem, FolderListing } from '../../files.ts';
import type { MeshPort } from '../../link/mesh-port.ts';
import { createCell, type Source } from '../../source.ts';
import type { Directories } from './directories.ts';
import { itemsOf, type KnownPages } from './known-pages.ts';
import { joinPath, type PageItem } from './page.ts';

export interface Listings {
	listing(id: string, path: string): Source<FolderListing>;
	/** Something of a folder changed that is told with its items. */
	refreshItems(): void;
	stop(): void;
}

interface View {
	readonly id: string;
	readonly path: string;
	readonly cell: ReturnType<typeof createCell<FolderListing>>;
	watchers: number;
	isReading: boolean;
}

export function createListings(deps: {
	readonly mesh: MeshPort;
	readonly directories: Directories;
	readonly known: KnownPages;
	readonly toItem: (id: string, path: string, item: PageItem) => FolderItem;
}): Listings {
	const { mesh, directories, known } = deps;
	const views = new Map<string, View>();

	function show(view: View, state: FolderListing['state']): void {
		const directory = known.get(view.id, view.path);
		const items = itemsOf(directory).map((item) => deps.toItem(view.id, joinPath(view.path, item.name), item));
		view.cell.set({ folderId: view.id, path: view.path, items, state, listedMs: directory?.listedMs ?? 0 });
	}

	async function read(view: View): Promise<void> {
		if (view.isReading) return;
		view.isReading = true;
		show(view, 'listing');
		try {
			const state = await directories.read(view.id, view.path, () => show(view, 'listing'));
			show(view, state);
		} finally {
			view.isReading = false;
		}
	}

	const stopLinks = mesh.links.subscribe(() => {
		for (const view of views.values()) if (view.watchers > 0 && view.cell.get().state === 'unreachable') void read(view);
	});

	return {
		listing(id, path) {
			const key = `${id}/${path}`;
			const view: View = views.get(key) ?? { id, path, cell: createCell<FolderListing>({ folderId: id, path, items: [], state: 'listing', listedMs: 0 }), watchers: 0, isReading: false };
			if (!views.has(key)) {
				views.set(key, view);
				show(view, 'listing');
			}
			return {
				get: () => view.cell.get(),
				subscribe(changed) {
					const stop = view.cell.subscribe(changed);
					if (view.watchers++ === 0) void read(view);
					return () => {
						stop();
						view.watchers--;
					};
				},
			};
		},
		refreshItems() {
			for (const view of views.values()) if (view.watchers > 0) show(view, view.cell.get().state);
		},
		stop() {
			stopLinks();
		},
	};
}
