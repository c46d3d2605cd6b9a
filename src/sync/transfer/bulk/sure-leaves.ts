/**
 * The leaves a fetch may believe (PROTOCOL.md, section 11): those under a root that the owner signed or the message told, whoever passed them
 * on, and those from the owner's own device. Without its sure leaf no chunk is asked of anybody but the owner.
 */
import { equal, fromHex, hex } from '../../../crypto/bytes.ts';
import { groupOf, rootOf } from '../../../crypto/file-hash.ts';
import { areGroups, areLeaves, groupLength, leafAt, leavesPerGroup } from '../chunk-list.ts';
import type { ChunkSink, ContentRef, ContentTrust } from '../content.ts';
import { cutOf } from '../content-ref.ts';
import type { ListPart } from './bulk-frame.ts';

const retryMs = 2_000;

/** A source that may be asked for lists. */
export interface ListSource {
	readonly device: string;
	getList(part: ListPart): Promise<{ readonly manifest: Uint8Array | undefined; readonly bytes: Uint8Array } | undefined>;
}

export interface SureLeaves {
	/** Undefined until it is sure. */
	leaf(index: number): Uint8Array | undefined;
	/** Told by the owner's device together with the chunk. */
	told(index: number, leaf: Uint8Array): void;
	/** Asks the sources for what is missing to be sure of a chunk, unless that is under way or was in vain just now. */
	want(index: number, sources: readonly ListSource[]): void;
	/** The manifest, so that what was fetched can be passed on. */
	wantManifest(sources: readonly ListSource[]): Promise<void>;
}

export interface SureLeavesDeps {
	readonly now: () => number;
	readonly ref: ContentRef;
	readonly trust: ContentTrust;
	readonly sink: Pick<ChunkSink, 'learnt'>;
	/** More is sure than before. */
	readonly learnt: () => void;
	/** Told lists that are not the root's. */
	readonly lied: (device: string) => void;
}

export function createSureLeaves({ now, ref, trust, sink, learnt, lied }: SureLeavesDeps): SureLeaves {
	const cut = cutOf(ref);
	const lists = new Map<number, Uint8Array>();
	const singles = new Map<number, Uint8Array>();
	const underway = new Set<ListPart>();
	const inVainMs = new Map<ListPart, number>();
	let root = ref.kind === 'attachment' ? fromHex(ref.root) : trust.root === undefined ? undefined : fromHex(trust.root);
	let groups: Uint8Array | undefined;
	let manifest: Uint8Array | undefined;

	async function once(part: ListPart, work: () => Promise<boolean>): Promise<void> {
		if (underway.has(part) || now() - (inVainMs.get(part) ?? Number.NEGATIVE_INFINITY) < retryMs) return;
		underway.add(part);
		const found = await work();
		underway.delete(part);
		if (found) learnt();
		else inVainMs.set(part, now());
	}

	async function loadGroups(sources: readonly ListSource[]): Promise<boolean> {
		for (const source of sources) {
			const answer = await source.getList('groups');
			if (!answer) continue;
			const told = answer.manifest && ref.kind === 'folder-file' ? trust.rootOf(answer.manifest) : undefined;
			const under = root ?? (told === undefined ? undefined : fromHex(told));
			if (!under) continue;
			if (!(await areGroups(cut, under, answer.bytes))) {
				lied(source.device);
				continue;
			}
			root = under;
			groups = answer.bytes;
			sink.learnt?.({ groups });
			if (answer.manifest && told === hex(under)) {
				manifest = answer.manifest;
				sink.learnt?.({ manifest });
			}
			return true;
		}
		return false;
	}

	async function loadLeaves(group: number, sources: readonly ListSource[]): Promise<boolean> {
		for (const source of sources) {
			const bytes = (await source.getList(group))?.bytes;
			if (!bytes) continue;
			if (groups ? await areLeaves(cut, groups, group, bytes) : trust.isOwner(source.device) && bytes.length === groupLength(cut, group) * 32) {
				lists.set(group, bytes);
				if (groups) sink.learnt?.({ group, leaves: bytes });
				return true;
			}
			if (groups) lied(source.device);
		}
		return false;
	}

	return {
		leaf(index) {
			const list = lists.get(Math.floor(index / leavesPerGroup));
			return list ? leafAt(list, index % leavesPerGroup) : singles.get(index);
		},
		told(index, leaf) {
			singles.set(index, leaf);
		},
		want(index, sources) {
			const group = Math.floor(index / leavesPerGroup);
			if (lists.has(group) || sources.length === 0) return;
			if (groups) void once(group, () => loadLeaves(group, sources));
			else void once('groups', async () => (await loadGroups(sources)) || (await loadLeaves(group, sources.filter(({ device }) => trust.isOwner(device)))));
		},
		async wantManifest(sources) {
			if (ref.kind !== 'folder-file' || manifest) return;
			await loadGroups(sources);
		},
	};

}

/** Whether a file of one chunk is the one with that root: it needs no list. */
export async function isUnderRoot(ref: ContentRef, root: string, leaf: Uint8Array): Promise<boolean> {
	const { size, chunkBytes } = cutOf(ref);
	return equal(await rootOf(size, chunkBytes, await groupOf(leaf)), fromHex(root) ?? new Uint8Array());
}
