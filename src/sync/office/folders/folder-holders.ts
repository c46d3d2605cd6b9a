/** Who holds how much of the files of a directory that is looked at: asked of those linked, and told with its items. */
import type { FolderItem, FolderListing } from '../../files.ts';
import type { MeshPort } from '../../link/mesh-port.ts';
import type { Clock } from '../../ports.ts';
import type { Source } from '../../source.ts';
import type { BulkPlane } from '../../transfer/bulk/bulk-port.ts';
import { contentKey, type FolderFileRef } from '../../transfer/content.ts';
import type { Roster } from '../conversations/roster.ts';
import { mayRead } from './audience.ts';
import type { Folder } from './folder-entries.ts';
import { refOf } from './folder-supply.ts';

/** Files asked about in one directory: as many as one question holds. */
const maxAsked = 256;
const askAgainMs = 15_000;
const settleMs = 300;
/** Answers kept. */
const maxKept = 20_000;
const nobody: FolderItem['holders'] = [];

export interface FolderHolders {
	of(ref: FolderFileRef): FolderItem['holders'];
	/** Asks for as long as the listing is looked at. */
	watch(listing: Source<FolderListing>): () => void;
	stop(): void;
}

export function createFolderHolders(deps: {
	readonly bulk: BulkPlane;
	readonly mesh: MeshPort;
	readonly folders: () => ReadonlyMap<string, Folder>;
	readonly roster: () => Roster;
	readonly clock: Clock;
	readonly changed: () => void;
}): FolderHolders {
	const { bulk, mesh, folders, roster, clock } = deps;
	const known = new Map<string, FolderItem['holders']>();
	const watched = new Set<() => void>();

	async function ask({ folderId, items }: FolderListing): Promise<void> {
		const folder = folders().get(folderId);
		if (!folder) return;
		const refs = items.filter((item) => item.kind === 'file' && item.size > 0).slice(0, maxAsked).map((item) => refOf(folderId, item.path, item));
		const devices = mesh.links.get().filter(({ limited, device }) => !limited && device !== folder.device && mayRead(folder, device, roster())).map((link) => link.device);
		if (refs.length === 0) return;
		const answers = devices.length === 0 ? [] : await bulk.ask(refs, devices);
		let isNews = false;
		for (const [index, ref] of refs.entries()) {
			const holders = (answers[index] ?? []).filter((one) => one.bytes > 0).map(({ device, bytes }) => ({ name: roster().name(roster().memberOf(device) ?? ''), bytes }));
			const key = contentKey(ref);
			const before = known.get(key) ?? nobody;
			if (holders.length === before.length && holders.every((one, at) => one.name === before[at]?.name && one.bytes === before[at].bytes)) continue;
			known.set(key, holders);
			isNews = true;
			if (known.size > maxKept) known.delete(known.keys().next().value ?? '');
		}
		if (isNews) deps.changed();
	}

	return {
		of: (ref) => known.get(contentKey(ref)) ?? nobody,
		watch(listing) {
			let cancel = (): void => undefined;
			let wasReading = true;
			function look(): void {
				cancel();
				cancel = clock.after(askAgainMs, look);
				void ask(listing.get());
			}
			cancel = clock.after(settleMs, look);
			// Once its names are there.
			const stopListing = listing.subscribe(() => {
				const isReading = listing.get().state === 'listing';
				if (wasReading && !isReading) look();
				wasReading = isReading;
			});
			const stop = (): void => {
				cancel();
				stopListing();
				watched.delete(stop);
			};
			watched.add(stop);
			return stop;
		},
		stop() {
			for (const stop of [...watched]) stop();
		},
	};
}
