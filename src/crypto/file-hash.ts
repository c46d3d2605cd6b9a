/**
 * The hashes of the file plane (PROTOCOL.md, section 11), by WebCrypto: at a chunk's size it is ten times as fast as noble and runs off the
 * thread that asks. It has no incremental form, so nothing here is ever longer than a chunk or a list of leaves.
 */
import { createWriter } from './codec.ts';
import { labelled, labels } from './labels.ts';

export const leafBytes = 32;

/** SHA-256 of one chunk. */
export async function leafOf(chunk: Uint8Array): Promise<Uint8Array> {
	return new Uint8Array(await crypto.subtle.digest('SHA-256', chunk as BufferSource));
}

/** `H(file-group, leaves)`; at most 1,024 leaves, joined. */
export function groupOf(leaves: Uint8Array): Promise<Uint8Array> {
	return leafOf(labelled(labels.fileGroup, leaves));
}

/** `H(file-root, size u64 | c u32 | groups)`: what a content is known by. */
export function rootOf(size: number, chunkBytes: number, groups: Uint8Array): Promise<Uint8Array> {
	return leafOf(labelled(labels.fileRoot, createWriter().u64(size).u32(chunkBytes).raw(groups).bytes()));
}
