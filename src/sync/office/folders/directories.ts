/**
 * Reads directories of shared folders: one's own from the disk, others' from the device they lie on, else from any colleague who has read them. And
 * gives what is known of them to those who may see the folder at the moment they ask.
 */
import type { Id } from '../../log/entry.ts';
import type { Roster } from '../conversations/roster.ts';
import { createFolderAsking } from './folder-asking.ts';
import { mayRead } from './audience.ts';
import type { Folder } from './folder-entries.ts';
import type { FolderAnswer, FolderAsk } from './folder-messages.ts';
import type { KnownPages } from './known-pages.ts';
import type { MeshPort } from '../../link/mesh-port.ts';
import type { Clock } from '../../ports.ts';
import type { OwnListings } from './own-listings.ts';
import { decodePage, maxParts } from './page.ts';
import type { Shares } from './shares.ts';

/** A directory that changes while it is read is begun anew this often. */
const maxBeginnings = 3;
/** Colleagues asked for the list of a folder whose owner is away. */
const maxHoldersAsked = 6;

export type DirectoryState = 'whole' | 'unreachable' | 'gone' | 'refused' | 'permission';

export interface Directories {
	/** Reads it anew. `progressed` is called after each page. */
	read(id: string, path: string, progressed: () => void): Promise<DirectoryState>;
	stop(): void;
}

export function createDirectories(deps: {
	readonly officeId: Id;
	readonly selfDevice: Id;
	readonly mesh: MeshPort;
	readonly clock: Clock;
	readonly folders: () => ReadonlyMap<string, Folder>;
	readonly roster: () => Roster;
	readonly shares: Shares;
	readonly own: OwnListings;
	readonly known: KnownPages;
	/** Resolves once it is known what is shared and with whom: before, every folder would seem to be gone. */
	readonly ready: Promise<void>;
}): Directories {
	const { officeId, selfDevice, mesh, folders, roster, shares, own, known } = deps;
	const asking = createFolderAsking({ mesh, clock: deps.clock, answer });

	async function answer(from: Id, { folder, path, part }: FolderAsk): Promise<Omit<FolderAnswer, 'request'>> {
		await deps.ready;
		const without = (state: FolderAnswer['state']): Omit<FolderAnswer, 'request'> => ({ state, page: new Uint8Array(0) });
		const asked = (): Folder | undefined => folders().get(folder);
		const one = asked();
		// A folder nobody shares and one that is not for who asks look the same.
		if (!one || !mayRead(one, from, roster())) return without('refused');
		if (one.device !== selfDevice) {
			const passedOn = known.page(one.id, path, part);
			return passedOn ? { state: 'page', page: passedOn.bytes } : without('unknown');
		}
		const share = shares.get(one.id);
		if (!share || share.state === 'missing') return without('gone');
		if (share.state === 'ask') return without('permission');
		const listed = await own.part(one.id, share.reader, path, part);
		// Reading took its time: what has changed since then counts.
		const still = asked();
		if (!still || !mayRead(still, from, roster())) return without('refused');
		if (typeof listed !== 'string') {
			// They rest as others' do: what the files are known by outlasts this page being closed.
			known.take(one.id, listed.page, listed.bytes, true);
			return { state: 'page', page: listed.bytes };
		}
		shares.look(one.id);
		return without(listed === 'gone' ? 'gone' : 'permission');
	}

	async function readOwn(folder: Folder, path: string, progressed: () => void): Promise<DirectoryState> {
		for (let part = 0; part < maxParts; part++) {
			const share = shares.get(folder.id);
			if (!share || share.state === 'missing') return 'gone';
			if (share.state === 'ask') return 'permission';
			const listed = await own.part(folder.id, share.reader, path, part);
			if (typeof listed === 'string') {
				shares.look(folder.id);
				return listed === 'gone' ? 'gone' : 'permission';
			}
			known.take(folder.id, listed.page, listed.bytes, true);
			progressed();
			if (listed.page.parts > 0) return 'whole';
		}
		return 'whole';
	}

	async function readFrom(device: Id, folder: Folder, path: string, progressed: () => void): Promise<DirectoryState | 'unknown'> {
		let beginnings = 0;
		let listedMs = 0;
		let isOld = false;
		for (let part = 0; part < maxParts; part++) {
			const given = await asking.ask(device, { folder: folder.id, path, part });
			if (!given || given.state === 'unknown') return 'unknown';
			if (given.state !== 'page') return given.state;
			const page = decodePage(given.page, officeId, folder.device);
			if (page?.folder !== folder.id || page.path !== path || page.part !== part) return 'unknown';
			if (part > 0 && page.listedMs !== listedMs) {
				if (++beginnings >= maxBeginnings) return 'unknown';
				part = -1;
				continue;
			}
			listedMs = page.listedMs;
			// What is older than what is held here is no news, whoever signed it; but what it tells files are known by is.
			if (!known.take(folder.id, page, given.page, true)) isOld = true;
			progressed();
			if (page.parts > 0) break;
		}
		return isOld ? 'unknown' : 'whole';
	}

	return {
		async read(id, path, progressed) {
			await deps.ready;
			const folder = folders().get(id);
			if (!folder) return 'gone';
			if (folder.device === selfDevice) return readOwn(folder, path, progressed);
			const linked = mesh.links.get().filter((link) => !link.limited).map((link) => link.device);
			if (linked.includes(folder.device)) {
				const state = await readFrom(folder.device, folder, path, progressed);
				if (state !== 'unknown') return state;
			}
			const holders = linked.filter((device) => device !== folder.device && mayRead(folder, device, roster())).slice(0, maxHoldersAsked);
			for (const device of holders) if ((await readFrom(device, folder, path, progressed)) === 'whole') return 'whole';
			return 'unreachable';
		},
		stop: () => asking.stop(),
	};
}
