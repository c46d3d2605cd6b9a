/** Shared folders, composed: which there are, what lies in them, and what a person does with them (PROTOCOL.md, 11). */
import type { DeviceKeys } from '../../../crypto/identity.ts';
import type { Random } from '../../../crypto/random.ts';
import type { Files, FolderItem, SharedFolder } from '../../files.ts';
import type { MeshPort } from '../../link/mesh-port.ts';
import type { Id } from '../../log/entry.ts';
import type { Log } from '../../log/log.ts';
import type { Clock } from '../../ports.ts';
import { derive, type Source, when } from '../../source.ts';
import type { OfficeStore } from '../../store.ts';
import type { ContentRoots } from '../conversations/content-ports.ts';
import type { Roster } from '../conversations/roster.ts';
import type { Prekeys } from '../keys/prekeys.ts';
import type { SealedCopies } from '../keys/sealed-copies.ts';
import { audienceOf } from './audience.ts';
import { createDirectories, type Directories } from './directories.ts';
import type { Folder, FolderEntries } from './folder-entries.ts';
import { createKnownPages, type KnownPages } from './known-pages.ts';
import { createListings } from './listings.ts';
import { createNameSearch } from './name-search.ts';
import { createOwnListings } from './own-listings.ts';
import type { PageItem } from './page.ts';
import type { Shares } from './shares.ts';
import { createSharing } from './sharing.ts';

/** What content holds that folders need. */
export interface FolderContent {
	readonly entries: FolderEntries;
	readonly roster: Source<Roster>;
	readonly prekeys: Prekeys;
	readonly copies: SealedCopies;
}

export interface FoldersDeps extends FolderContent {
	readonly officeId: Id;
	readonly keys: DeviceKeys;
	readonly log: Log;
	readonly store: OfficeStore;
	readonly roots: ContentRoots;
	readonly mesh: MeshPort;
	readonly clock: Clock;
	readonly random: Random;
	readonly shares: Shares;
	/** An item with what is known of its bytes. */
	readonly toItem: (id: string, path: string, item: PageItem) => FolderItem;
	/** Of a file that was read whole, as it was then. */
	readonly rootOf: (id: string, path: string, item: PageItem) => Id | undefined;
	readonly rootsVersion: () => number;
	/** Resolves once the views stand over all that rests on this disk. */
	readonly ready: Promise<void>;
}

export interface Folders {
	readonly part: Pick<Files, 'folders' | 'share' | 'stopSharing' | 'resumeSharing' | 'changeAudience' | 'listing' | 'search'>;
	readonly shared: Source<ReadonlyMap<string, Folder>>;
	readonly directories: Directories;
	readonly known: KnownPages;
	/** What is told with items has changed. */
	refreshItems(): void;
	stop(): Promise<void>;
}

export function createFolders(deps: FoldersDeps): Folders {
	const { officeId, keys, log, store, entries, roster, mesh, clock, shares, toItem } = deps;
	const shared = derive([entries.version, roster], () => entries.shared(roster.get()));
	const known = createKnownPages({ store, clock });
	const rootOf: FoldersDeps['rootOf'] = (id, path, item) => deps.rootOf(id, path, item) ?? known.rootOf(id, path, item);
	const own = createOwnListings({ officeId, signSecret: keys.signSecret, clock, rootOf, listedMs: (id, path) => known.get(id, path)?.listedMs ?? 0, rootsVersion: deps.rootsVersion });
	const directories = createDirectories({ officeId, selfDevice: log.device, mesh, clock, folders: () => shared.get(), roster: () => roster.get(), shares, own, known, ready: deps.ready });
	const listings = createListings({ mesh, directories, known, toItem });
	const ownerName = (folder: Folder): string => roster.get().name(folder.owner);
	const search = createNameSearch({ folders: () => shared.get(), ownerName, directories, known, toItem });
	const sharing = createSharing({ ...deps, folders: shared, forgotten: (id) => own.forget(id) });

	function stateOf({ id, device }: Folder): SharedFolder['state'] {
		if (device !== log.device) return mesh.links.get().some((link) => link.device === device && !link.limited) ? 'ready' : 'away';
		return shares.get(id)?.state ?? 'missing';
	}

	const folders = derive([shared, roster, mesh.links, shares.version], () => {
		const { self } = roster.get();
		const list = [...shared.get().values()].map((folder): SharedFolder => ({
			id: folder.id,
			name: folder.body.name,
			owner: folder.owner,
			ownerName: ownerName(folder),
			own: folder.owner === self,
			here: folder.device === log.device,
			audience: audienceOf(folder),
			sinceMs: folder.sinceMs,
			state: stateOf(folder),
			untilClosed: shares.get(folder.id)?.untilClosed ?? false,
		}));
		return list.sort((a, b) => Number(b.own) - Number(a.own) || a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1));
	});

	/** What is shared with one no longer is not kept either. */
	let before = new Set<string>();
	function forgetGone(): void {
		const now = new Set(shared.get().keys());
		for (const id of before) if (!now.has(id)) known.forget(id);
		before = now;
	}
	let stopped = false;
	const stops = [entries.version.subscribe(forgetGone), roster.subscribe(forgetGone)];
	forgetGone();
	void when(log.whole).then(() => {
		if (!stopped) void known.load().catch(() => undefined);
	});

	return {
		part: { folders, ...sharing.commands, listing: (id, path) => listings.listing(id, path), search },
		shared,
		directories,
		known,
		refreshItems: () => listings.refreshItems(),
		async stop() {
			stopped = true;
			for (const stop of stops) stop();
			sharing.stop();
			listings.stop();
			directories.stop();
			await known.flush();
		},
	};
}
