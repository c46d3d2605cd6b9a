/** The bytes by which a content is asked for (PROTOCOL.md, section 11). */
import { fromHex, hex } from '../../crypto/bytes.ts';
import type { Reader, Writer } from '../../crypto/codec.ts';
import { type Cut, isCut, plainChunkBytes } from './chunk-list.ts';
import type { ContentRef } from './content.ts';
import { folderIdBytes, maxPathBytes } from './manifest.ts';

const idBytes = 32;

export const cutOf = (ref: ContentRef): Cut => ({ size: ref.size, chunkBytes: ref.kind === 'attachment' ? ref.chunkBytes : plainChunkBytes });

export function writeRef(writer: Writer, ref: ContentRef): Writer {
	if (ref.kind === 'folder-file') return writer.u8(1).raw(bytesOf(ref.folder)).text(ref.path).u64(ref.size).u64(ref.modifiedMs);
	return writer.u8(2).raw(bytesOf(ref.message)).raw(bytesOf(ref.root)).u64(ref.size).u32(ref.chunkBytes);
}

function bytesOf(id: string): Uint8Array {
	const bytes = fromHex(id);
	if (!bytes) throw new Error('an id that is no hex');
	return bytes;
}

/** Fails on an unknown kind, a path that is empty or too long, and a size or cut that is not used. */
export function readRef(r: Reader): ContentRef {
	const kind = r.u8();
	const ref: ContentRef =
		kind === 1
			? { kind: 'folder-file', folder: hex(r.raw(folderIdBytes)), path: r.text(maxPathBytes), size: r.u64(), modifiedMs: r.u64() }
			: kind === 2
				? { kind: 'attachment', message: hex(r.raw(idBytes)), root: hex(r.raw(idBytes)), size: r.u64(), chunkBytes: r.u32() }
				: r.fail();
	if (!isCut(cutOf(ref)) || (ref.kind === 'folder-file' && ref.path === '')) r.fail();
	return ref;
}
