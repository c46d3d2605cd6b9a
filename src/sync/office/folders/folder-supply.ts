/** Files and folders of a shared folder as something to fetch: what lies in them, looked up while it is fetched, and who may vouch for it. */
import { equal, fromHex, hex } from '../../../crypto/bytes.ts';
import { fail, type Result, succeed } from '../../failures.ts';
import type { MeshPort } from '../../link/mesh-port.ts';
import { type Id, idToBytes } from '../../log/entry.ts';
import { contentKey, type ContentTrust, type FolderFileRef } from '../../transfer/content.ts';
import { decodeManifest } from '../../transfer/manifest.ts';
import { stagedBytes } from '../../transfer/staged-bytes.ts';
import type { Staging } from '../../transfer/staging/staging.ts';
import type { Planned, Supply } from '../../transfer/supply.ts';
import type { Roster } from '../conversations/roster.ts';
import { mayRead } from './audience.ts';
import type { Directories } from './directories.ts';
import type { Folder } from './folder-entries.ts';
import { itemsOf, type KnownPages } from './known-pages.ts';
import { isPath, joinPath, type PageItem } from './page.ts';

export interface FolderSupplyDeps {
	readonly officeId: Id;
	readonly selfDevice: Id;
	readonly mesh: MeshPort;
	readonly folders: () => ReadonlyMap<string, Folder>;
	readonly roster: () => Roster;
	readonly directories: Directories;
	readonly known: KnownPages;
	readonly staging: Staging;
}

export const refOf = (folder: string, path: string, { size, modifiedMs }: Pick<PageItem, 'size' | 'modifiedMs'>): FolderFileRef => ({ kind: 'folder-file', folder, path, size, modifiedMs });

const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));
const lastOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** @param paths none: the whole folder */
export function createFolderSupply(deps: FolderSupplyDeps): (folder: string, paths: readonly string[]) => Result<Supply> {
	const { mesh, folders, roster, directories, known, staging } = deps;
	const officeId = idToBytes(deps.officeId);

	return (id, paths) => {
		const begun = folders().get(id);
		if (!begun) return fail('not-found');
		if (begun.device === deps.selfDevice || !paths.every(isPath)) return fail('not-allowed');
		const [only] = paths;
		const name = paths.length === 1 && only !== undefined && only !== '' ? lastOf(only) : begun.body.name;
		/** Roots that pages told. */
		const roots = new Map<string, Id>();
		/** Directories with files of which no root was told. */
		const rootless = new Set<string>();

		function planned(path: string, below: string, item: PageItem): Planned {
			const ref = refOf(id, path, item);
			const root = item.root ?? known.rootOf(id, path, item);
			if (root !== undefined) roots.set(contentKey(ref), root);
			else if (item.size > 0) rootless.add(parentOf(path));
			return { ref, path: below, size: item.size, modifiedMs: item.modifiedMs };
		}

		/** The names of a directory, the newest to be had; else why there are none. */
		async function namesIn(path: string): Promise<readonly PageItem[] | 'file-gone' | 'not-allowed' | 'unreachable'> {
			const state = await directories.read(id, path, () => undefined);
			if (state === 'gone') return 'file-gone';
			if (state === 'refused') return 'not-allowed';
			const directory = known.get(id, path);
			return directory?.whole === true ? itemsOf(directory) : 'unreachable';
		}

		async function* walk(path: string, below: string): AsyncGenerator<Planned, 'whole' | 'unreachable'> {
			let end: 'whole' | 'unreachable' = 'whole';
			const waiting = [{ path, below }];
			for (let at = waiting.pop(); at; at = waiting.pop()) {
				const items = await namesIn(at.path);
				if (items === 'unreachable') end = 'unreachable';
				else if (typeof items === 'string') yield { path: at.below, code: items };
				else {
					for (const item of items) {
						const inside = { path: joinPath(at.path, item.name), below: joinPath(at.below, item.name) };
						if (item.kind === 'file') yield planned(inside.path, inside.below, item);
						else waiting.push(inside);
					}
				}
			}
			return end;
		}

		async function* plan(): AsyncGenerator<Planned, 'whole' | 'unreachable'> {
			if (paths.length === 0 || paths.includes('')) return yield* walk('', begun?.body.name ?? '');
			let end: 'whole' | 'unreachable' = 'whole';
			const read = new Map<string, Awaited<ReturnType<typeof namesIn>>>();
			for (const path of paths) {
				const parent = parentOf(path);
				const items = read.get(parent) ?? (await namesIn(parent));
				read.set(parent, items);
				if (typeof items === 'string') {
					if (items === 'unreachable') end = 'unreachable';
					else yield { path: lastOf(path), code: items };
					continue;
				}
				const item = items.find((one) => one.name === lastOf(path));
				if (!item) yield { path: lastOf(path), code: 'file-gone' };
				else if (item.kind === 'file') yield planned(path, item.name, item);
				else if ((yield* walk(path, item.name)) === 'unreachable') end = 'unreachable';
			}
			return end;
		}

		return succeed({
			name,
			plan,
			trust: (ref): ContentTrust => ({
				isOwner: (device) => device === (folders().get(id) ?? begun).device,
				root: roots.get(contentKey(ref)),
				rootOf(manifest) {
					if (ref.kind !== 'folder-file') return undefined;
					const read = decodeManifest(manifest, officeId, idToBytes((folders().get(id) ?? begun).device));
					const folder = fromHex(ref.folder);
					const isIt = read && folder && equal(read.folder, folder) && read.path === ref.path && read.size === ref.size && read.modifiedMs === ref.modifiedMs;
					return isIt ? hex(read.root) : undefined;
				},
			}),
			async refresh() {
				let isMore = false;
				for (const path of [...rootless]) {
					await directories.read(id, path, () => undefined);
					rootless.delete(path);
					for (const item of itemsOf(known.get(id, path))) {
						if (item.kind === 'folder' || item.size === 0) continue;
						const inside = joinPath(path, item.name);
						const key = contentKey(refOf(id, inside, item));
						const root = item.root ?? known.rootOf(id, inside, item);
						if (root === undefined) rootless.add(path);
						else if (!roots.has(key)) {
							roots.set(key, root);
							isMore = true;
						}
					}
				}
				return isMore;
			},
			candidates() {
				// Also of one that is not for this person any more: its owner's device says so.
				const folder = folders().get(id) ?? begun;
				const linked = mesh.links.get().filter((link) => !link.limited).map((link) => link.device);
				return [...linked.filter((device) => device === folder.device), ...linked.filter((device) => device !== folder.device && mayRead(folder, device, roster()))];
			},
			bytes: ({ ref }) => stagedBytes(staging, ref),
		});
	};
}
