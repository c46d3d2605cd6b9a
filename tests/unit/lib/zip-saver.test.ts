/** What was fetched as one archive, or as the browser's own downloads. */
import { expect, test } from 'vitest';
import { concat, utf8 } from '../../../src/crypto/bytes.ts';
import { createDownloadSaver } from '../../../src/lib/saving/download-saver.ts';
import type { Download, Downloads } from '../../../src/lib/saving/downloads.ts';
import { createWorkerDownloads } from '../../../src/lib/saving/worker-downloads.ts';
import { createZipSaver } from '../../../src/lib/saving/zip-saver.ts';
import type { PlannedFile } from '../../../src/sync/transfer/supply.ts';

const planned = (path: string, size: number): PlannedFile => ({ ref: { kind: 'folder-file', folder: 'ab', path, size, modifiedMs: 0 }, path, size, modifiedMs: 0 });

// eslint-disable-next-line @typescript-eslint/require-await -- as staging gives them
async function* bytesOf(text: string): AsyncGenerator<Uint8Array<ArrayBuffer>> {
	yield utf8(text).slice();
}

/** What the browser would be given. */
function createTaker(): Downloads & { readonly taken: { readonly download: Download; readonly bytes: Uint8Array }[] } {
	const taken: { download: Download; bytes: Uint8Array }[] = [];
	return {
		taken,
		async save(download) {
			const parts: Uint8Array[] = [];
			const reader = download.body().getReader();
			for (let next = await reader.read(); !next.done; next = await reader.read()) parts.push(next.value);
			taken.push({ download, bytes: concat(...parts) });
			return { ok: true, value: undefined };
		},
	};
}

/** Names and sizes out of a zip's central directory. */
function entriesOf(zip: Uint8Array): readonly { name: string; size: number }[] {
	const view = new DataView(zip.buffer, zip.byteOffset);
	const end = zip.length - 22;
	expect(view.getUint32(end, true)).toBe(0x06054b50);
	const entries: { name: string; size: number }[] = [];
	for (let at = view.getUint32(end + 16, true); entries.length < view.getUint16(end + 10, true); ) {
		expect(view.getUint32(at, true)).toBe(0x02014b50);
		const length = view.getUint16(at + 28, true);
		entries.push({ name: new TextDecoder().decode(zip.subarray(at + 46, at + 46 + length)), size: view.getUint32(at + 24, true) });
		at += 46 + length + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
	}
	return entries;
}

test('an archive holds every file under a name that leads nowhere else, and is as long as it said', async () => {
	const taker = createTaker();
	const saver = createZipSaver('Angebote / 2026', taker);
	for (const [path, text] of [['Verträge/契約.txt', 'one'], ['../../etc/passwd', 'two'], ['Verträge/A.txt', 'three'], ['Verträge/a.txt', 'four'], ['leer.txt', '']] as const) {
		expect(await saver.has(planned(path, 1))).toBe(false);
		expect((await saver.add(planned(path, utf8(text).length), () => bytesOf(text))).ok).toBe(true);
	}
	expect(taker.taken).toEqual([]);
	expect(await saver.finish()).toEqual({ ok: true, value: undefined });
	const [only] = taker.taken;
	expect([only?.download.name, only?.download.size]).toEqual(['Angebote _ 2026.zip', only?.bytes.length]);
	expect(entriesOf(only!.bytes)).toEqual([
		{ name: 'Verträge/契約.txt', size: 3 },
		{ name: 'unnamed/unnamed/etc/passwd', size: 3 },
		{ name: 'Verträge/A.txt', size: 5 },
		{ name: 'Verträge/a (2).txt', size: 4 },
		{ name: 'leer.txt', size: 0 },
	]);
});

test('an archive beyond 4 GiB says its length before its first byte is read', async () => {
	let size = 0;
	const saver = createZipSaver('film', {
		save(download) {
			size = download.size;
			return Promise.resolve({ ok: true, value: undefined });
		},
	});
	let read = 0;
	// eslint-disable-next-line @typescript-eslint/require-await -- as staging gives them
	async function* never(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
		read++;
		yield new Uint8Array(1);
	}
	for (const path of ['a.mov', 'b.mov', 'c.mov']) await saver.add(planned(path, 3 * 2 ** 30), never);
	await saver.finish();
	expect(size).toBeGreaterThan(9 * 2 ** 30);
	expect(size).toBeLessThan(9 * 2 ** 30 + 1000);
	expect(read).toBe(0);
});

test('each file by itself, and none after a stop', async () => {
	const taker = createTaker();
	const saver = createDownloadSaver(taker);
	await saver.add(planned('a/CON', 3), () => bytesOf('one'));
	saver.abort();
	expect(await saver.add(planned('b', 3), () => bytesOf('two'))).toEqual({ ok: false, code: 'closed' });
	expect(taker.taken.map(({ download, bytes }) => [download.name, download.size, new TextDecoder().decode(bytes)])).toEqual([['_CON', 3, 'one']]);
});

test('A40: the worker answers a download once, as an attachment of bytes, and nothing else', async () => {
	const downloads = createWorkerDownloads();
	const id = crypto.randomUUID();
	const { port1, port2 } = new MessageChannel();
	const asked: unknown[] = [];
	port1.onmessage = ({ data }: MessageEvent<{ kind: string }>) => {
		asked.push(data.kind);
		if (data.kind === 'more') port1.postMessage(asked.filter((kind) => kind === 'more').length <= 2 ? { kind: 'piece', piece: utf8('abc') } : { kind: 'end' });
	};
	downloads.offer({ kind: 'download', id, name: `a"b'\r\nX: y;ü.html`, size: 6 }, port2);
	downloads.offer({ kind: 'download', id: '../x', name: 'x', size: 1 }, new MessageChannel().port2);
	expect([downloads.answer(crypto.randomUUID()).status, downloads.answer('../x').status]).toEqual([404, 404]);
	const answer = downloads.answer(id);
	expect(answer.headers.get('Content-Type')).toBe('application/octet-stream');
	expect(answer.headers.get('Content-Disposition')).toBe("attachment; filename*=UTF-8''a%22b%27%0D%0AX%3A%20y%3B%C3%BC.html");
	expect([answer.headers.get('Content-Length'), answer.headers.get('Cache-Control'), answer.headers.get('Content-Security-Policy')]).toEqual(['6', 'no-store', "default-src 'none'; sandbox"]);
	expect(await answer.text()).toBe('abcabc');
	expect(asked).toEqual(['ready', 'more', 'more', 'more']);
	expect(downloads.answer(id).status).toBe(404);
	port1.close();
});

test('a download that ends before its length is an error, not a shorter file', async () => {
	const downloads = createWorkerDownloads();
	for (const last of [{ kind: 'end' }, { kind: 'stop' }]) {
		const id = crypto.randomUUID();
		const { port1, port2 } = new MessageChannel();
		let pieces = 0;
		port1.onmessage = ({ data }: MessageEvent<{ kind: string }>) => {
			if (data.kind === 'more') port1.postMessage(pieces++ === 0 ? { kind: 'piece', piece: utf8('abc') } : last);
		};
		downloads.offer({ kind: 'download', id, name: 'a', size: 6 }, port2);
		await expect(downloads.answer(id).text()).rejects.toThrow();
		port1.close();
	}
});
