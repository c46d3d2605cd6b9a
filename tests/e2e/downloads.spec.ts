/** Downloads through a service worker, as the browser takes them. */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { build } from 'vite';

const pieceBytes = 1024 * 1024;

interface Saving {
	save(name: string, pieces: number, pieceBytes: number, stopAfter?: number): Promise<string>;
	ready(): Promise<void>;
	readonly asked: { readonly pieces: number };
}
type Saves = typeof globalThis & { readonly testDownloads: Saving };

async function bundle(name: string): Promise<string> {
	const built = await build({
		configFile: false,
		logLevel: 'error',
		build: { write: false, target: 'es2022', minify: false, lib: { entry: fileURLToPath(new URL(`../support/${name}`, import.meta.url)), formats: ['iife'], name: 'part', fileName: () => 'part.js' } },
	});
	const first = Array.isArray(built) ? built[0] : built;
	if (!first || !('output' in first)) throw new Error('nothing was built');
	return first.output[0].code;
}

let server: Server;
let url = '';
const served: string[] = [];

test.beforeAll(async () => {
	const files: Record<string, string> = { '/page.js': await bundle('downloads-page.ts'), '/sw.js': await bundle('downloads-worker.ts') };
	server = createServer((request, response) => {
		const path = request.url ?? '/';
		served.push(path);
		const script = files[path];
		response.setHeader('Content-Type', script === undefined ? 'text/html' : 'text/javascript');
		response.end(script ?? '<!doctype html><title>downloads</title><script src="/page.js"></script>');
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});

test.afterAll(() => {
	server.closeAllConnections();
	server.close();
});

test('a file of 64 MiB is streamed to the disk under its name; the page stays, the server is not asked', async ({ page }) => {
	await page.goto(url);
	await page.evaluate(() => (globalThis as Saves).testDownloads.ready());
	const downloading = page.waitForEvent('download');
	const saving = page.evaluate((bytes) => (globalThis as Saves).testDownloads.save('Verträge 契約.bin', 64, bytes), pieceBytes);
	const download = await downloading;
	expect(download.suggestedFilename()).toBe('Verträge 契約.bin');
	expect(await saving).toBe('ok');
	const bytes = readFileSync(await download.path());
	expect(bytes.length).toBe(64 * pieceBytes);
	for (let piece = 0; piece < 64; piece++) expect([bytes[piece * pieceBytes], bytes[(piece + 1) * pieceBytes - 1]]).toEqual([piece + 1, piece + 1]);
	expect(page.url()).toBe(url);
	expect(served.filter((path) => path.startsWith('/download/'))).toEqual([]);
});

test('one that is stopped is no file: the browser says it failed', async ({ page }) => {
	await page.goto(url);
	await page.evaluate(() => (globalThis as Saves).testDownloads.ready());
	const downloading = page.waitForEvent('download');
	const saving = page.evaluate((bytes) => (globalThis as Saves).testDownloads.save('half.bin', 64, bytes, 8), pieceBytes);
	const download = await downloading;
	expect(await saving).toBe('closed');
	expect(await download.failure()).not.toBeNull();
});

test('one the person cancels in the browser ends in the page as well, and no more is read', async ({ page }) => {
	await page.goto(url);
	await page.evaluate(() => (globalThis as Saves).testDownloads.ready());
	const downloading = page.waitForEvent('download');
	const saving = page.evaluate((bytes) => (globalThis as Saves).testDownloads.save('film.bin', 4000, bytes), pieceBytes);
	const download = await downloading;
	await download.cancel();
	expect(await saving).toBe('closed');
	expect(await page.evaluate(() => (globalThis as Saves).testDownloads.asked.pieces)).toBeLessThan(4000);
});
