/**
 * The files of this computer's shared folders as contents to give (PROTOCOL.md, 11). A file is hashed when it is read; once it was read whole, its
 * root is signed, and its leaves rest on the disk under the file's path, size and date. A file that is another by now is not given.
 */
import { equal, fromHex, hex, utf8 } from '../../../crypto/bytes.ts';
import { leafBytes, leafOf } from '../../../crypto/file-hash.ts';
import { sha256 } from '../../../crypto/hash.ts';
import type { Id } from '../../log/entry.ts';
import type { Clock } from '../../ports.ts';
import type { OfficeStore } from '../../store.ts';
import { chunkCount, chunkLength, groupLength, leafAt, leavesOfGroup, leavesPerGroup, listOfLeaves, plainChunkBytes } from '../../transfer/chunk-list.ts';
import { createChunkSet } from '../../transfer/chunk-set.ts';
import { contentKey, type FolderFileRef, type Holding, type Unreadable } from '../../transfer/content.ts';
import { encodeManifest } from '../../transfer/manifest.ts';
import type { Shares } from './shares.ts';

const bucket = 'leaves';
/** Leaves of staged contents rest in the same bucket. */
const keyOf = (key: string): string => `shared/${hex(sha256(utf8(key)))}`;
/** What was read this lately is not looked at on the disk again before the next chunk. */
const sureMs = 1_000;
/** Files whose leaves are held in memory, those read last. */
const maxKept = 2_000;
/** Roots are told in pages: who has fetched a folder passes it on by them. */
const maxRoots = 200_000;

/** `permission`: the browser wants the person's word first. */
export type UnreadableShare = Unreadable | 'permission';

export interface SharedContents {
	/** A file of an own folder, if it is still the one meant. */
	open(ref: FolderFileRef): Promise<Holding | UnreadableShare>;
	/** Its root, where it was read whole. */
	rootOf(ref: FolderFileRef): Id | undefined;
	/** Another number after more roots are known. */
	rootsVersion(): number;
	/** The file itself, for looking at one's own. */
	file(ref: FolderFileRef): Promise<File | UnreadableShare>;
	forget(folder: string): void;
}

interface Known {
	readonly ref: FolderFileRef;
	readonly leaves: Uint8Array;
	readonly has: Uint8Array;
	missing: number;
	root: Uint8Array | undefined;
	groups: Uint8Array | undefined;
	file: File;
	lookedMs: number;
}

export function createSharedContents(deps: { readonly officeId: Id; readonly signSecret: Uint8Array; readonly shares: Shares; readonly store: OfficeStore; readonly clock: Clock }): SharedContents {
	const { shares, store, clock } = deps;
	const officeId = fromHex(deps.officeId) ?? new Uint8Array(0);
	const known = new Map<string, Known>();
	const beginning = new Map<string, Promise<Known>>();
	const roots = new Map<string, Id>();
	let rootsVersion = 0;

	async function look(ref: FolderFileRef): Promise<File | UnreadableShare> {
		const share = shares.get(ref.folder);
		if (!share || share.state === 'missing') return 'gone';
		if (share.state === 'ask') return 'permission';
		const file = await share.reader.file(ref.path);
		if (typeof file === 'string') {
			shares.look(ref.folder);
			return file === 'gone' ? 'gone' : 'permission';
		}
		return file.size === ref.size && Math.max(0, file.lastModified) === ref.modifiedMs ? file : 'changed';
	}

	/** One for all who ask at once, or each would know a part of the leaves and nobody the root. */
	function begin(ref: FolderFileRef, file: File): Promise<Known> {
		const key = contentKey(ref);
		const held = known.get(key);
		if (held) return Promise.resolve(held);
		const begun = beginning.get(key) ?? beginAnew(ref, file).finally(() => beginning.delete(key));
		beginning.set(key, begun);
		return begun;
	}

	async function beginAnew(ref: FolderFileRef, file: File): Promise<Known> {
		const key = contentKey(ref);
		const count = chunkCount({ size: ref.size, chunkBytes: plainChunkBytes });
		const rested = count > 1 ? await store.get(bucket, keyOf(key)).catch(() => undefined) : undefined;
		const isRested = rested?.length === count * leafBytes;
		const one: Known = {
			ref,
			leaves: isRested ? rested.slice() : new Uint8Array(count * leafBytes),
			has: new Uint8Array(count).fill(isRested ? 1 : 0),
			missing: isRested ? 0 : count,
			root: undefined,
			groups: undefined,
			file,
			lookedMs: clock.now(),
		};
		if (one.missing === 0) await finish(one);
		known.set(key, one);
		if (known.size > maxKept) known.delete(known.keys().next().value ?? '');
		return one;
	}

	async function finish(one: Known): Promise<void> {
		const list = await listOfLeaves({ size: one.ref.size, chunkBytes: plainChunkBytes }, one.leaves);
		one.groups = list.groups;
		one.root = list.root;
		const key = contentKey(one.ref);
		if (roots.has(key)) return;
		rootsVersion += 1;
		roots.set(key, hex(list.root));
		if (roots.size > maxRoots) roots.delete(roots.keys().next().value ?? '');
	}

	async function note(one: Known, index: number, leaf: Uint8Array): Promise<void> {
		if (one.has[index] === 1) return;
		one.leaves.set(leaf, index * leafBytes);
		one.has[index] = 1;
		one.missing -= 1;
		if (one.missing > 0) return;
		await finish(one);
		// What does not rest is read again.
		if (one.has.length > 1) await store.put(bucket, keyOf(contentKey(one.ref)), one.leaves.slice()).catch(() => undefined);
	}

	function letGo(key: string): void {
		known.delete(key);
		if (roots.delete(key)) rootsVersion += 1;
		void store.delete(bucket, keyOf(key)).catch(() => undefined);
	}

	function holdingOf(one: Known): Holding {
		const { ref } = one;
		const cut = { size: ref.size, chunkBytes: plainChunkBytes };
		const all = createChunkSet(chunkCount(cut), 'all');
		return {
			have: () => all,
			async readChunk(index) {
				if (clock.now() - one.lookedMs > sureMs) {
					const now = await look(ref);
					if (typeof now === 'string') return now === 'permission' ? 'gone' : now;
					one.file = now;
					one.lookedMs = clock.now();
				}
				const from = index * plainChunkBytes;
				try {
					const bytes = new Uint8Array(await one.file.slice(from, from + chunkLength(cut, index)).arrayBuffer());
					if (bytes.length !== chunkLength(cut, index)) return 'changed';
					const leaf = await leafOf(bytes);
					if (one.has[index] === 1 && !equal(leafAt(one.leaves, index), leaf)) {
						// Other bytes of the same size and date: what it was known by was another file's.
						letGo(contentKey(ref));
						return 'changed';
					}
					await note(one, index, leaf);
					return { bytes, leaf };
				} catch (error) {
					// The browser's own way to say that the file is not the one it was when it was picked.
					if (!(error instanceof DOMException)) throw error;
					one.lookedMs = -Infinity;
					const now = await look(ref);
					return now === 'gone' || now === 'permission' ? 'gone' : 'changed';
				}
			},
			leavesOfGroup(group) {
				const from = group * leavesPerGroup;
				const length = groupLength(cut, group);
				const isKnown = length > 0 && one.has.subarray(from, from + length).every((has) => has === 1);
				return Promise.resolve(isKnown ? leavesOfGroup(one.leaves, group).slice() : undefined);
			},
			groups: () => Promise.resolve(one.groups),
			manifest() {
				const { folder, path, size, modifiedMs } = ref;
				const folderBytes = fromHex(folder);
				if (!one.root || !folderBytes) return Promise.resolve(undefined);
				return Promise.resolve(encodeManifest({ folder: folderBytes, path, size, modifiedMs, chunkBytes: plainChunkBytes, root: one.root }, officeId, deps.signSecret));
			},
		};
	}

	return {
		async open(ref) {
			const file = await look(ref);
			if (typeof file === 'string') {
				if (file !== 'permission') known.delete(contentKey(ref));
				return file;
			}
			const one = await begin(ref, file);
			one.file = file;
			one.lookedMs = clock.now();
			return holdingOf(one);
		},
		rootOf: (ref) => roots.get(contentKey(ref)),
		rootsVersion: () => rootsVersion,
		file: look,
		forget(folder) {
			for (const [key, { ref }] of known) if (ref.folder === folder) letGo(key);
		},
	};
}
