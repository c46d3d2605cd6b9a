/** Staging's records as they rest in the vault's store: which file of the private disk holds what, under which key. Names of files say nothing. */
import { createWriter, decode, type Reader, type Writer } from '../../../crypto/codec.ts';
import { leafBytes } from '../../../crypto/file-hash.ts';
import { fileKeyBytes } from '../../../crypto/file-seal.ts';
import { type Cut, isCut, leavesPerGroup } from '../chunk-list.ts';

const recordVersion = 1;
/** A path with what stands beside it in a content's key. */
const maxKeyTextBytes = 8192;
const maxBitsBytes = 2 ** 17;
const maxGroupsBytes = 2 ** 15;
const maxManifestBytes = 8192;
const maxUnsure = 2 ** 16;
const maxBatch = 2 ** 16;

/** A content in a file of its own. */
export interface FileRecord extends Cut {
	readonly key: string;
	readonly fileKey: Uint8Array;
	/** Chunks that rest. */
	readonly bits: Uint8Array;
	/** Of those, the ones of the last batch: read again after a start that followed no orderly end. */
	readonly unsure: readonly number[];
	/** Empty until known. */
	readonly groups: Uint8Array;
	readonly manifest: Uint8Array;
}

/** A file that gathers small contents. */
export interface PackRecord {
	readonly scope: string;
	readonly fileKey: Uint8Array;
}

export interface PackedEntry {
	readonly key: string;
	readonly at: number;
	readonly size: number;
	readonly leaf: Uint8Array;
}

const begin = (): Writer => createWriter().u8(recordVersion);
const isOurs = (r: Reader): void => {
	if (r.u8() !== recordVersion) r.fail();
};

export function encodeFile(record: FileRecord): Uint8Array {
	const writer = begin().text(record.key).u64(record.size).u32(record.chunkBytes).raw(record.fileKey).lp(record.bits).lp(record.groups).lp(record.manifest).u32(record.unsure.length);
	for (const index of record.unsure) writer.u32(index);
	return writer.bytes();
}

export const decodeFile = (bytes: Uint8Array): FileRecord | undefined =>
	decode(bytes, (r) => {
		isOurs(r);
		const record = {
			key: r.text(maxKeyTextBytes),
			size: r.u64(),
			chunkBytes: r.u32(),
			fileKey: r.raw(fileKeyBytes),
			bits: r.lp(maxBitsBytes),
			groups: r.lp(maxGroupsBytes),
			manifest: r.lp(maxManifestBytes),
			unsure: list(r, maxUnsure, () => r.u32()),
		};
		return isCut(record) ? record : r.fail();
	});

export const encodePack = (record: PackRecord): Uint8Array => begin().text(record.scope).raw(record.fileKey).bytes();

export const decodePack = (bytes: Uint8Array): PackRecord | undefined =>
	decode(bytes, (r) => {
		isOurs(r);
		return { scope: r.text(maxKeyTextBytes), fileKey: r.raw(fileKeyBytes) };
	});

export function encodeBatch(entries: readonly PackedEntry[]): Uint8Array {
	const writer = begin().u32(entries.length);
	for (const { key, at, size, leaf } of entries) writer.text(key).u64(at).u32(size).raw(leaf);
	return writer.bytes();
}

export const decodeBatch = (bytes: Uint8Array): readonly PackedEntry[] | undefined =>
	decode(bytes, (r) => {
		isOurs(r);
		return list(r, maxBatch, () => ({ key: r.text(maxKeyTextBytes), at: r.u64(), size: r.u32(), leaf: r.raw(leafBytes).slice() }));
	});

/** `whole`: every leaf of the group is known; else those of the chunks that rest. */
export const encodeLeaves = (leaves: Uint8Array, whole: boolean): Uint8Array => begin().u8(whole ? 1 : 0).raw(leaves).bytes();

export const decodeLeaves = (bytes: Uint8Array): { readonly leaves: Uint8Array; readonly whole: boolean } | undefined =>
	decode(bytes, (r) => {
		isOurs(r);
		const whole = r.u8() === 1;
		return r.remaining() <= leavesPerGroup * leafBytes ? { leaves: r.raw(r.remaining()).slice(), whole } : r.fail();
	});

function list<T>(r: Reader, max: number, read: () => T): readonly T[] {
	const count = r.u32();
	if (count > max) r.fail();
	return Array.from({ length: count }, read);
}
