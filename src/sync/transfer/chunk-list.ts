/**
 * How a content is cut and what it is known by (PROTOCOL.md, section 11): chunks, their leaves, groups of 1,024 leaves, one root. Whoever
 * has a root believes nobody: the groups are checked under it, a group's leaves under the group, a chunk under its leaf.
 */
import { concat, equal } from '../../crypto/bytes.ts';
import { groupOf, leafBytes, leafOf, rootOf } from '../../crypto/file-hash.ts';
import { chunkTagBytes } from '../../crypto/file-seal.ts';

export const plainChunkBytes = 1024 * 1024;
export const sealedChunkBytes = plainChunkBytes + chunkTagBytes;
export const leavesPerGroup = 1024;
/** More is refused where it is read: a list of leaves is held in memory, 32 MiB of it for this much. */
export const maxContentBytes = 2 ** 40;
/** Hashes on their way at once: WebCrypto runs them on threads of its own. */
const hashesInFlight = 4;

/** Sizes of a content: all its bytes, and those of each chunk but the last. */
export interface Cut {
	readonly size: number;
	readonly chunkBytes: number;
}

/** Whether a cut told by others is one we use. */
export const isCut = ({ size, chunkBytes }: Cut): boolean =>
	Number.isSafeInteger(size) && size >= 0 && size <= maxContentBytes && (chunkBytes === plainChunkBytes || chunkBytes === sealedChunkBytes);

export const chunkCount = ({ size, chunkBytes }: Cut): number => Math.ceil(size / chunkBytes);
export const groupCount = (cut: Cut): number => Math.ceil(chunkCount(cut) / leavesPerGroup);
/** Bytes of chunk `index`; 0 where there is none. */
export const chunkLength = ({ size, chunkBytes }: Cut, index: number): number => Math.max(0, Math.min(chunkBytes, size - index * chunkBytes));
/** Leaves of group `index`; 0 where there is none. */
export const groupLength = (cut: Cut, index: number): number => Math.max(0, Math.min(leavesPerGroup, chunkCount(cut) - index * leavesPerGroup));

/** Leaves and groups are joined, 32 bytes each. */
export interface ChunkList extends Cut {
	readonly leaves: Uint8Array;
	readonly groups: Uint8Array;
	readonly root: Uint8Array;
}

/**
 * The list of a content that is read here. Each chunk is read once, a few at a time.
 *
 * @param read chunk `index`; exactly as long as the cut says, else this rejects: the content is another by now
 */
export async function listContent(cut: Cut, read: (index: number) => Promise<Uint8Array>, signal?: AbortSignal): Promise<ChunkList> {
	const count = chunkCount(cut);
	const leaves = new Uint8Array(count * leafBytes);
	let next = 0;
	const work = async (): Promise<void> => {
		for (let index = next++; index < count; index = next++) {
			signal?.throwIfAborted();
			const chunk = await read(index);
			if (chunk.length !== chunkLength(cut, index)) throw new RangeError(`chunk ${index} has ${chunk.length} bytes`);
			leaves.set(await leafOf(chunk), index * leafBytes);
		}
	};
	await Promise.all(Array.from({ length: Math.min(hashesInFlight, count) }, work));
	return listOfLeaves(cut, leaves);
}

/** The list over leaves that are known already. */
export async function listOfLeaves(cut: Cut, leaves: Uint8Array): Promise<ChunkList> {
	const groups = concat(...(await Promise.all(Array.from({ length: groupCount(cut) }, (_, index) => groupOf(leavesOfGroup(leaves, index))))));
	return { ...cut, leaves, groups, root: await rootOf(cut.size, cut.chunkBytes, groups) };
}

export const leavesOfGroup = (leaves: Uint8Array, group: number): Uint8Array => leaves.subarray(group * leavesPerGroup * leafBytes, (group + 1) * leavesPerGroup * leafBytes);
export const leafAt = (leaves: Uint8Array, index: number): Uint8Array => leaves.subarray(index * leafBytes, (index + 1) * leafBytes);

/** Whether these are the groups under that root. */
export async function areGroups(cut: Cut, root: Uint8Array, groups: Uint8Array): Promise<boolean> {
	return groups.length === groupCount(cut) * leafBytes && equal(await rootOf(cut.size, cut.chunkBytes, groups), root);
}

/** Whether these are the leaves of group `index`, `groups` having been checked. */
export async function areLeaves(cut: Cut, groups: Uint8Array, index: number, leaves: Uint8Array): Promise<boolean> {
	return leaves.length > 0 && leaves.length === groupLength(cut, index) * leafBytes && equal(await groupOf(leaves), leafAt(groups, index));
}

/** Whether this is chunk `index`, its leaf having been checked. */
export async function isChunk(cut: Cut, index: number, leaf: Uint8Array, chunk: Uint8Array): Promise<boolean> {
	return chunk.length > 0 && chunk.length === chunkLength(cut, index) && equal(await leafOf(chunk), leaf);
}
