/** FILE, type 8 of inner (PROTOCOL.md, 11): what is told in a conversation of a file whose sealed bytes are fetched apart. */
import { hex } from '../../../crypto/bytes.ts';
import { createWriter, decode } from '../../../crypto/codec.ts';
import { fileKeyBytes } from '../../../crypto/file-seal.ts';
import { type Extension, readExtensions, writeExtensions } from '../../extensions.ts';
import { type Id, idToBytes } from '../../log/entry.ts';
import { isCut, plainChunkBytes, sealedChunkBytes } from '../../transfer/chunk-list.ts';

export const maxFileNameBytes = 255;
const maxMediaTypeBytes = 127;
export const maxThumbnailBytes = 16 * 1024;

export interface FileMessage {
	readonly name: string;
	/** As the sender's device saw it; not to be relied on. */
	readonly mediaType: string;
	/** Of the sealed bytes, which are what travels. */
	readonly size: number;
	readonly chunkBytes: number;
	readonly root: Id;
	readonly key: Uint8Array;
	readonly thumbnail: Uint8Array;
	readonly extensions: readonly Extension[];
}

export function encodeFileMessage(file: FileMessage): Uint8Array {
	const w = createWriter().text(file.name).text(file.mediaType).u64(file.size).u32(file.chunkBytes).raw(idToBytes(file.root)).raw(file.key).lp(file.thumbnail);
	return writeExtensions(w, file.extensions).bytes();
}

export function decodeFileMessage(content: Uint8Array): FileMessage | undefined {
	return decode(content, (r) => {
		const name = r.text(maxFileNameBytes);
		const mediaType = r.text(maxMediaTypeBytes);
		const cut = { size: r.u64(), chunkBytes: r.u32() };
		const root = hex(r.raw(32));
		const key = r.raw(fileKeyBytes).slice();
		const thumbnail = r.lp(maxThumbnailBytes).slice();
		const extensions = readExtensions(r);
		if (name === '' || !isCut(cut) || cut.chunkBytes !== sealedChunkBytes) return r.fail();
		return { name, mediaType, ...cut, root, key, thumbnail, extensions };
	});
}

/** Each chunk is longer by a tag when it is sealed. */
const tagBytes = sealedChunkBytes - plainChunkBytes;
export const plainSize = (sealedSize: number): number => sealedSize - Math.ceil(sealedSize / sealedChunkBytes) * tagBytes;
export const sealedSize = (size: number): number => size + Math.ceil(size / plainChunkBytes) * tagBytes;
