/** Saving into a folder, and small pictures of images: what only a browser can do. The folder is one of the private disk, which has the same handles. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { utf8 } from '../../src/crypto/bytes.ts';
import { createFolderSaver } from '../../src/lib/saving/folder-saver.ts';
import { imageSize, makeThumbnail, shownThumbnail } from '../../src/lib/view/thumbnail.ts';
import type { PlannedFile } from '../../src/sync/transfer/supply.ts';

const directory = 'saved-by-a-test';
let root: FileSystemDirectoryHandle;

beforeEach(async () => {
	root = await (await navigator.storage.getDirectory()).getDirectoryHandle(directory, { create: true });
});
afterEach(async () => {
	await (await navigator.storage.getDirectory()).removeEntry(directory, { recursive: true });
});

const planned = (path: string, text: string, modifiedMs = 1): PlannedFile => ({ ref: { kind: 'folder-file', folder: 'ab', path, size: utf8(text).length, modifiedMs }, path, size: utf8(text).length, modifiedMs });

// eslint-disable-next-line @typescript-eslint/require-await -- as staging gives them
async function* bytesOf(text: string): AsyncGenerator<Uint8Array<ArrayBuffer>> {
	const bytes = utf8(text).slice();
	yield bytes.slice(0, 3);
	yield bytes.slice(3);
}

async function all(handle = root, inside = ''): Promise<Record<string, string>> {
	const found: Record<string, string> = {};
	for await (const [name, child] of handle.entries()) {
		if (child.kind === 'directory') Object.assign(found, await all(child, `${inside}${name}/`));
		else found[inside + name] = await (await (child).getFile()).text();
	}
	return found;
}

async function put(name: string, text: string): Promise<void> {
	const writable = await (await root.getFileHandle(name, { create: true })).createWritable();
	await writable.write(text);
	await writable.close();
}

test('files go into their folders, side by side, under names every disk takes', async () => {
	const saver = createFolderSaver(root);
	const files = [planned('Verträge/契約.txt', 'one'), planned('Verträge/alt/مذكرة.txt', 'two'), planned('CON', 'three'), planned('../out.txt', 'four'), planned('Verträge/a:b?.txt', 'five')];
	expect(await Promise.all(files.map((file, index) => saver.add(file, () => bytesOf(['one', 'two', 'three', 'four', 'five'][index]!))))).toEqual(files.map(() => ({ ok: true, value: undefined })));
	expect((await saver.finish()).ok).toBe(true);
	expect(await all()).toEqual({ 'Verträge/契約.txt': 'one', 'Verträge/alt/مذكرة.txt': 'two', _CON: 'three', 'unnamed/out.txt': 'four', 'Verträge/a_b_.txt': 'five' });
});

test('what is there already is skipped, and nothing that stands there is written over', async () => {
	await put('same.txt', 'same');
	await put('other.txt', 'a letter of my own');
	await put('old.txt', 'aaaa');
	await put('leftover.txt', '');
	await root.getDirectoryHandle('folder.txt', { create: true });
	const saver = createFolderSaver(root);
	expect(await saver.has(planned('same.txt', 'same'))).toBe(true);
	expect(await saver.has(planned('other.txt', 'theirs'))).toBe(false);
	expect(await saver.has(planned('nowhere/x.txt', 'x'))).toBe(false);
	const later = Date.now() + 3_600_000;
	for (const [name, text, ms] of [['same.txt', 'same', 1], ['other.txt', 'theirs', 1], ['old.txt', 'bbbb', later], ['leftover.txt', 'whole', 1], ['folder.txt', 'a file', 1]] as const) {
		expect(await saver.add(planned(name, text, ms), () => bytesOf(text))).toEqual({ ok: true, value: undefined });
	}
	expect(await all()).toEqual({
		'same.txt': 'same',
		'other.txt': 'a letter of my own',
		'other (2).txt': 'theirs',
		'old.txt': 'aaaa',
		'old (2).txt': 'bbbb',
		'leftover.txt': 'whole',
		'folder (2).txt': 'a file',
	});
});

test('no part of a file ever stands for the whole: neither when its bytes break off nor when it is stopped', async () => {
	const saver = createFolderSaver(root);
	async function* broken(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
		yield* bytesOf('half of it');
		throw new DOMException('gone', 'NotReadableError');
	}
	expect(await saver.add(planned('broken.txt', 'half of it, and more'), broken)).toEqual({ ok: false, code: 'disk-failed' });
	let more: (() => void) | undefined;
	async function* slow(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
		yield* bytesOf('half');
		await new Promise<void>((resolve) => (more = resolve));
		yield* bytesOf('rest');
	}
	const adding = saver.add(planned('slow.txt', 'halfrest'), slow);
	await expect.poll(() => more).toBeDefined();
	saver.abort();
	more?.();
	expect(await adding).toEqual({ ok: false, code: 'closed' });
	expect(await saver.add(planned('after.txt', 'x'), () => bytesOf('x'))).toEqual({ ok: false, code: 'closed' });
	expect(await all()).toEqual({});
	// Tried again, it takes the name it should have.
	const again = createFolderSaver(root);
	await again.add(planned('broken.txt', 'whole'), () => bytesOf('whole'));
	expect(await all()).toEqual({ 'broken.txt': 'whole' });
});

async function picture(width: number, height: number, type: string): Promise<Blob> {
	const canvas = new OffscreenCanvas(width, height);
	const context = canvas.getContext('2d')!;
	for (let at = 0; at < width; at += 8) {
		context.fillStyle = `hsl(${at % 360} 80% 50%)`;
		context.fillRect(at, 0, 8, height);
	}
	return canvas.convertToBlob({ type });
}

test('a thumbnail is at most 320 pixels and 16 KiB, of what this browser decodes', async () => {
	for (const type of ['image/png', 'image/jpeg', 'image/webp']) {
		const thumbnail = await makeThumbnail(await picture(1200, 800, type));
		expect(thumbnail.length).toBeGreaterThan(100);
		expect(thumbnail.length).toBeLessThanOrEqual(16 * 1024);
		const shown = shownThumbnail(thumbnail)!;
		const bitmap = await createImageBitmap(shown);
		expect(Math.max(bitmap.width, bitmap.height)).toBeLessThanOrEqual(320);
	}
	expect(imageSize(new Uint8Array(await (await picture(1200, 800, 'image/jpeg')).arrayBuffer()))).toEqual({ width: 1200, height: 800 });
	expect(await makeThumbnail(new Blob(['no image']))).toEqual(new Uint8Array());
	expect(await makeThumbnail(new Blob(['<svg xmlns="http://www.w3.org/2000/svg"/>'], { type: 'image/svg+xml' }))).toEqual(new Uint8Array());
});

test('A37: an image that claims a hundred thousand pixels a side is not decoded, one\'s own or another\'s', async () => {
	const bytes = new Uint8Array(await (await picture(64, 64, 'image/png')).arrayBuffer());
	new DataView(bytes.buffer).setUint32(16, 100_000);
	new DataView(bytes.buffer).setUint32(20, 100_000);
	expect(imageSize(bytes)).toEqual({ width: 100_000, height: 100_000 });
	expect(await makeThumbnail(new Blob([bytes]))).toEqual(new Uint8Array());
	expect(shownThumbnail(bytes)).toBeUndefined();
	// Small bytes and many pixels, too many bytes, no image, a page that says it is one, a header that ends early.
	const wide = new Uint8Array(await (await picture(400, 10, 'image/png')).arrayBuffer());
	expect(shownThumbnail(wide)).toBeUndefined();
	const small = new Uint8Array(await (await picture(64, 64, 'image/png')).arrayBuffer());
	expect(shownThumbnail(small)).toBeInstanceOf(Blob);
	for (const wrong of [new Uint8Array([...small, ...new Uint8Array(16 * 1024)]), utf8('<svg onload="alert(1)"/>'), utf8('GIF89a'), small.subarray(0, 20), utf8('\u00ff\u00d8\u00ff')]) {
		expect(shownThumbnail(wrong)).toBeUndefined();
	}
	for (let at = 0; at < 60; at++) expect(() => imageSize(small.subarray(0, at))).not.toThrow();
	// A JPEG of segments that never come to a frame.
	const endless = new Uint8Array(16 * 1024).fill(0xff);
	endless.set([0xff, 0xd8, 0xff]);
	expect(shownThumbnail(endless)).toBeUndefined();
});
