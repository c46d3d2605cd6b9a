/** A file's manifest (PROTOCOL.md, section 11): what stood at a path of a shared folder, and its root, signed by the device it lies on. */
import { createWriter, decode, type Reader, type Writer } from '../../crypto/codec.ts';
import { leafBytes } from '../../crypto/file-hash.ts';
import { sign, signatureBytes, verify } from '../../crypto/identity.ts';
import { labels } from '../../crypto/labels.ts';
import { type Cut, isCut, plainChunkBytes } from './chunk-list.ts';

export const folderIdBytes = 16;
/** What the longest names of 16 levels take. */
export const maxPathBytes = 4096;

export interface Manifest extends Cut {
	/** The folder's id, 16 bytes. */
	readonly folder: Uint8Array;
	readonly path: string;
	readonly modifiedMs: number;
	readonly root: Uint8Array;
}

const write = (manifest: Manifest): Writer =>
	createWriter().raw(manifest.folder).text(manifest.path).u64(manifest.size).u64(manifest.modifiedMs).u32(manifest.chunkBytes).raw(manifest.root);

const read = (r: Reader): Manifest => ({
	folder: r.raw(folderIdBytes).slice(),
	path: r.text(maxPathBytes),
	size: r.u64(),
	modifiedMs: r.u64(),
	chunkBytes: r.u32(),
	root: r.raw(leafBytes).slice(),
});

export function encodeManifest(manifest: Manifest, officeId: Uint8Array, signSecret: Uint8Array): Uint8Array {
	const body = write(manifest).bytes();
	return createWriter().raw(body).raw(sign(signSecret, labels.fileManifest, officeId, body)).bytes();
}

/** The manifest, checked to be the owner's device's word; `undefined` if malformed, too large, cut otherwise, or not signed by it. */
export function decodeManifest(bytes: Uint8Array, officeId: Uint8Array, signPublic: Uint8Array): Manifest | undefined {
	return decode(bytes, (r) => {
		const manifest = read(r);
		const body = bytes.subarray(0, bytes.length - r.remaining());
		if (!isCut(manifest) || manifest.chunkBytes !== plainChunkBytes || manifest.path === '') r.fail();
		if (!verify(signPublic, r.raw(signatureBytes), labels.fileManifest, officeId, body)) r.fail();
		return manifest;
	});
}
