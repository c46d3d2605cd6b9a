/**
 * A page (PROTOCOL.md, 11): up to 1,000 names of one directory, signed by the device the folder lies on, so that whoever has read it can pass
 * it on and nobody can add a name to it.
 */
import { createWriter, decode, type Reader, type Writer } from '../../../crypto/codec.ts';
import { sign, signatureBytes, verify } from '../../../crypto/identity.ts';
import { labels } from '../../../crypto/labels.ts';
import { type Id, idToBytes, latestMs } from '../../log/entry.ts';
import { readId } from '../conversations/inner.ts';
import { readShortId, shortId } from './folder-body.ts';

export const maxPageItems = 1000;
/** The longest directory that is shown: 200,000 names. */
export const maxParts = 200;
export const maxItemNameBytes = 255;
export const maxPathBytes = 4096;
/** 1,000 items of the longest names. */
export const maxPageBytes = 512 * 1024;
const fileKind = 1;
const folderKind = 2;

export interface PageItem {
	readonly kind: 'file' | 'folder';
	readonly name: string;
	/** 0 of a folder, as is `modifiedMs`. */
	readonly size: number;
	readonly modifiedMs: number;
	/** Where the owner's device has read the whole file. */
	readonly root: Id | undefined;
}

export interface Page {
	/** 16 bytes, hex. */
	readonly folder: string;
	readonly path: string;
	readonly part: number;
	/** 0 while the directory is still being read. */
	readonly parts: number;
	readonly listedMs: number;
	readonly items: readonly PageItem[];
}

/** Whether a name may stand in a path: each of its systems reads something else into the rest. */
export function isItemName(name: string): boolean {
	return name !== '' && name !== '.' && name !== '..' && !/[/\\\0]/u.test(name);
}

/** Whether it leads through folders to something inside the root; '' is the root. */
export const isPath = (path: string): boolean => path === '' || path.split('/').every(isItemName);

export const joinPath = (path: string, name: string): string => (path === '' ? name : `${path}/${name}`);

export function encodePage(page: Page, officeId: Id, signSecret: Uint8Array): Uint8Array {
	const body = writePage(page).bytes();
	return createWriter().raw(body).raw(sign(signSecret, labels.folderPage, idToBytes(officeId), body)).bytes();
}

/** A page as that device signed it; `undefined` where it did not, or where it says what no page may. */
export function decodePage(bytes: Uint8Array, officeId: Id, device: Id): Page | undefined {
	if (bytes.length > maxPageBytes) return undefined;
	return decode(bytes, (r) => {
		const page = readPage(r);
		const body = bytes.subarray(0, bytes.length - r.remaining());
		if (!verify(idToBytes(device), r.raw(signatureBytes), labels.folderPage, idToBytes(officeId), body)) r.fail();
		return page;
	});
}

/** A page that was checked when it came, and has rested sealed since. */
export function decodeRestedPage(bytes: Uint8Array): Page | undefined {
	return decode(bytes, (r) => {
		const page = readPage(r);
		r.raw(signatureBytes);
		return page;
	});
}

function writePage(page: Page): Writer {
	const w = createWriter().raw(shortId(page.folder)).text(page.path).u16(page.part).u16(page.parts).u64(page.listedMs).u16(page.items.length);
	for (const { kind, name, size, modifiedMs, root } of page.items) {
		w.u8(kind === 'file' ? fileKind : folderKind).text(name);
		if (kind === 'folder') continue;
		w.u64(size).u64(modifiedMs);
		if (root === undefined) w.u8(0);
		else w.u8(1).raw(idToBytes(root));
	}
	return w;
}

function readPage(r: Reader): Page {
	const folder = readShortId(r);
	const path = r.text(maxPathBytes);
	const part = r.u16();
	const parts = r.u16();
	const listedMs = r.u64();
	const count = r.u16();
	const isInRange = parts <= maxParts && part < maxParts && (parts === 0 || part < parts) && count <= maxPageItems;
	if (!isInRange || !isPath(path) || listedMs === 0) r.fail();
	const names = new Set<string>();
	const items = Array.from({ length: count }, () => {
		const item = readItem(r);
		// A second thing of the same name could not be told from the first.
		if (names.has(item.name)) r.fail();
		names.add(item.name);
		return item;
	});
	return { folder, path, part, parts, listedMs, items };
}

function readItem(r: Reader): PageItem {
	const kind = r.u8();
	const name = r.text(maxItemNameBytes);
	if (!isItemName(name) || (kind !== fileKind && kind !== folderKind)) r.fail();
	if (kind === folderKind) return { kind: 'folder', name, size: 0, modifiedMs: 0, root: undefined };
	const size = r.u64();
	const modifiedMs = Math.min(r.u64(), latestMs);
	const has = r.u8();
	if (has > 1) r.fail();
	return { kind: 'file', name, size, modifiedMs, root: has === 1 ? readId(r) : undefined };
}

