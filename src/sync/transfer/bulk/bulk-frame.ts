/**
 * What travels on a bulk connection (PROTOCOL.md, section 11): requests and answers on channel 0, bytes on channel 1. One message each, no
 * larger than the other end takes; each data frame says where it belongs, so that nothing rests on what came before it.
 */
import { createWriter, decode, type Reader } from '../../../crypto/codec.ts';
import { leafBytes } from '../../../crypto/file-hash.ts';
import { groupCount, leavesPerGroup } from '../chunk-list.ts';
import type { ContentRef } from '../content.ts';
import { cutOf, readRef, writeRef } from '../content-ref.ts';

/** Room for a header below the 256 KiB that Chromium takes. */
export const maxPayloadBytes = 128 * 1024;
export const dataHeaderBytes = 16;
/** Channel 0: a request for 256 files with long names. */
export const maxControlBytes = 252 * 1024;
export const maxChunksAsked = 16;
export const maxFilesAsked = 256;
/** Of all files of one request together. */
export const maxBundleBytes = 1024 * 1024;
/** A file above it is fetched by itself. */
export const maxBundledBytes = 64 * 1024;
const maxManifestBytes = 8 * 1024;
const maxListBytes = leavesPerGroup * leafBytes;
/** In place of an item: the whole request. */
const allItems = 0xffff;

export const bulkTypes = { first: 1, ping: 2, pong: 3, get: 16, getFiles: 17, getList: 18, cancel: 19, leaf: 20, list: 21, refuse: 22, data: 32, files: 33 } as const;

const reasons = ['refused', 'not-here', 'changed', 'gone', 'busy'] as const;
export type RefuseReason = (typeof reasons)[number];

/** Of a list: the groups (and the manifest), or the leaves of one group. */
export type ListPart = 'groups' | number;

export type ControlMessage =
	| { readonly type: 'ping' | 'pong'; readonly nonce: number }
	| { readonly type: 'get'; readonly request: number; readonly ref: ContentRef; readonly chunks: readonly number[] }
	| { readonly type: 'getFiles'; readonly request: number; readonly refs: readonly ContentRef[] }
	| { readonly type: 'getList'; readonly request: number; readonly ref: ContentRef; readonly part: ListPart }
	| { readonly type: 'cancel'; readonly request: number }
	| { readonly type: 'leaf'; readonly request: number; readonly chunk: number; readonly leaf: Uint8Array }
	| { readonly type: 'list'; readonly request: number; readonly manifest: Uint8Array | undefined; readonly bytes: Uint8Array }
	/** `item` undefined: the whole request, as far as it is not answered. */
	| { readonly type: 'refuse'; readonly request: number; readonly item: number | undefined; readonly reason: RefuseReason };

export function encodeControl(message: ControlMessage): Uint8Array<ArrayBuffer> {
	const writer = createWriter().u8(bulkTypes[message.type]);
	switch (message.type) {
		case 'ping':
		case 'pong':
			writer.u32(message.nonce);
			break;
		case 'get':
			writeRef(writer.u32(message.request), message.ref).u8(message.chunks.length);
			for (const chunk of message.chunks) writer.u32(chunk);
			break;
		case 'getFiles':
			writer.u32(message.request).u16(message.refs.length);
			for (const ref of message.refs) writeRef(writer, ref);
			break;
		case 'getList':
			writeRef(writer.u32(message.request), message.ref).u32(message.part === 'groups' ? 0 : message.part + 1);
			break;
		case 'cancel':
			writer.u32(message.request);
			break;
		case 'leaf':
			writer.u32(message.request).u32(message.chunk).raw(message.leaf);
			break;
		case 'list':
			writer.u32(message.request).u8(message.manifest ? 1 : 0);
			if (message.manifest) writer.lp(message.manifest);
			writer.lp(message.bytes);
			break;
		case 'refuse':
			writer.u32(message.request).u16(message.item ?? allItems).u8(reasons.indexOf(message.reason) + 1);
			break;
	}
	return new Uint8Array(writer.bytes());
}

/** `undefined` for what breaks the rules: the connection is to be closed. */
export function decodeControl(bytes: Uint8Array): ControlMessage | undefined {
	return bytes.length > maxControlBytes ? undefined : decode(bytes, readControl);
}

function readControl(r: Reader): ControlMessage {
	switch (r.u8()) {
		case bulkTypes.ping:
			return { type: 'ping', nonce: r.u32() };
		case bulkTypes.pong:
			return { type: 'pong', nonce: r.u32() };
		case bulkTypes.get: {
			const request = r.u32();
			const ref = readRef(r);
			const count = r.u8();
			const { size, chunkBytes } = cutOf(ref);
			if (count === 0 || count > maxChunksAsked) r.fail();
			const chunks = Array.from({ length: count }, () => r.u32());
			if (new Set(chunks).size !== count || chunks.some((chunk) => chunk * chunkBytes >= size)) r.fail();
			return { type: 'get', request, ref, chunks };
		}
		case bulkTypes.getFiles: {
			const request = r.u32();
			const count = r.u16();
			if (count === 0 || count > maxFilesAsked) r.fail();
			const refs = Array.from({ length: count }, () => readRef(r));
			if (refs.some(({ size }) => size === 0 || size > maxBundledBytes) || refs.reduce((sum, { size }) => sum + size, 0) > maxBundleBytes) r.fail();
			return { type: 'getFiles', request, refs };
		}
		case bulkTypes.getList: {
			const request = r.u32();
			const ref = readRef(r);
			const part = r.u32();
			if (part > groupCount(cutOf(ref))) r.fail();
			return { type: 'getList', request, ref, part: part === 0 ? 'groups' : part - 1 };
		}
		case bulkTypes.cancel:
			return { type: 'cancel', request: r.u32() };
		case bulkTypes.leaf:
			return { type: 'leaf', request: r.u32(), chunk: r.u32(), leaf: r.raw(leafBytes).slice() };
		case bulkTypes.list: {
			const request = r.u32();
			const told = r.u8();
			if (told > 1) r.fail();
			const manifest = told === 1 ? r.lp(maxManifestBytes).slice() : undefined;
			return { type: 'list', request, manifest, bytes: r.lp(maxListBytes).slice() };
		}
		case bulkTypes.refuse: {
			const request = r.u32();
			const item = r.u16();
			return { type: 'refuse', request, item: item === allItems ? undefined : item, reason: reasons[r.u8() - 1] ?? r.fail() };
		}
		default:
			return r.fail();
	}
}

/** A data frame over `payload`, which is copied once, into it. */
export function encodeData(request: number, chunk: number, offset: number, payload: Uint8Array): Uint8Array<ArrayBuffer> {
	const frame = new Uint8Array(dataHeaderBytes + payload.length);
	const view = new DataView(frame.buffer);
	view.setUint8(0, bulkTypes.data);
	view.setUint32(4, request);
	view.setUint32(8, chunk);
	view.setUint32(12, offset);
	frame.set(payload, dataHeaderBytes);
	return frame;
}

export interface FileAnswered {
	/** Its place in the request. */
	readonly item: number;
	readonly leaf: Uint8Array;
	readonly bytes: Uint8Array;
}

const fileHeaderBytes = 2 + leafBytes + 4;
/** Of an answer with several files, before them. */
const filesHeaderBytes = 8;
/** What files may take of one frame. */
export const bytesOfFile = (size: number): number => fileHeaderBytes + size;
export const maxFilesFrameBytes = filesHeaderBytes + maxPayloadBytes;

export function encodeFiles(request: number, files: readonly FileAnswered[]): Uint8Array<ArrayBuffer> {
	const frame = new Uint8Array(filesHeaderBytes + files.reduce((sum, { bytes }) => sum + bytesOfFile(bytes.length), 0));
	const view = new DataView(frame.buffer);
	view.setUint8(0, bulkTypes.files);
	view.setUint16(2, files.length);
	view.setUint32(4, request);
	let at = filesHeaderBytes;
	for (const { item, leaf, bytes } of files) {
		view.setUint16(at, item);
		frame.set(leaf, at + 2);
		view.setUint32(at + 2 + leafBytes, bytes.length);
		frame.set(bytes, at + fileHeaderBytes);
		at += fileHeaderBytes + bytes.length;
	}
	return frame;
}

export type DataFrame =
	| { readonly type: 'data'; readonly request: number; readonly chunk: number; readonly offset: number; readonly payload: Uint8Array }
	| { readonly type: 'files'; readonly request: number; readonly files: readonly FileAnswered[] };

/** Views into the frame, no copies. `undefined` for what breaks the rules. */
export function decodeData(buffer: ArrayBuffer): DataFrame | undefined {
	const view = new DataView(buffer);
	if (buffer.byteLength <= filesHeaderBytes) return undefined;
	if (view.getUint8(0) === bulkTypes.data && view.getUint8(1) === 0 && view.getUint16(2) === 0) {
		if (buffer.byteLength <= dataHeaderBytes || buffer.byteLength > dataHeaderBytes + maxPayloadBytes) return undefined;
		return { type: 'data', request: view.getUint32(4), chunk: view.getUint32(8), offset: view.getUint32(12), payload: new Uint8Array(buffer, dataHeaderBytes) };
	}
	if (view.getUint8(0) !== bulkTypes.files || view.getUint8(1) !== 0 || buffer.byteLength > maxFilesFrameBytes) return undefined;
	const files = decode(new Uint8Array(buffer, filesHeaderBytes), (r) =>
		Array.from({ length: Math.min(view.getUint16(2), maxFilesAsked) }, () => ({ item: r.u16(), leaf: r.raw(leafBytes), bytes: r.lp(maxBundledBytes) })),
	);
	return files && { type: 'files', request: view.getUint32(4), files };
}
