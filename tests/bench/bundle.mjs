/** Bundles the benches' TypeScript: for pages and workers as text, for this process as a module. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'vite';

/** @param {string} name of a file beside this one @returns {Promise<string>} */
export async function bundle(name) {
	const output = await build({
		configFile: false,
		logLevel: 'error',
		build: { write: false, target: 'es2022', minify: false, lib: { entry: fileURLToPath(new URL(name, import.meta.url)), formats: ['es'], fileName: 'bundle' }, rollupOptions: { output: { codeSplitting: false } } },
	});
	const [first] = Array.isArray(output) ? output : [output];
	if (first === undefined || !('output' in first)) throw new Error('The bundler gave nothing.');
	return first.output[0].code;
}

/**
 * With what it starts besides, a worker: everything by the path it is asked for under; the page's own is `/page.js`.
 * @param {string} name @returns {Promise<Record<string, string | Uint8Array>>}
 */
export async function bundleSite(name) {
	const output = await build({
		configFile: false,
		logLevel: 'error',
		worker: { format: 'es' },
		build: { write: false, target: 'es2022', minify: false, assetsInlineLimit: 0, rollupOptions: { input: fileURLToPath(new URL(name, import.meta.url)), preserveEntrySignatures: 'strict', output: { entryFileNames: 'page.js' } } },
	});
	const [first] = Array.isArray(output) ? output : [output];
	if (first === undefined || !('output' in first)) throw new Error('The bundler gave nothing.');
	return Object.fromEntries(first.output.map((file) => [`/${file.fileName}`, file.type === 'chunk' ? file.code : file.source]));
}

/** @param {string} name @returns {Promise<Record<string, any>>} */
export async function importBundled(name) {
	const directory = mkdtempSync(join(tmpdir(), 'landline-bench-'));
	const file = join(directory, 'bundle.mjs');
	try {
		writeFileSync(file, await bundle(name));
		return await import(pathToFileURL(file).href);
	} finally {
		rmSync(directory, { recursive: true, force: true });
	}
}

/**
 * Serves these on loopback; `/` is an empty page that loads `/page.js`.
 * @param {Readonly<Record<string, string | Uint8Array>>} files by path @returns {Promise<{ url: string, stop: () => void }>}
 */
export async function serveFiles(files) {
	const site = createServer((request, response) => {
		const path = request.url ?? '/';
		const file = path === '/' ? '<!doctype html><meta charset="utf-8"><title>bench</title><script type="module" src="/page.js"></script>' : files[path];
		const type = path === '/' ? 'text/html' : path.endsWith('.js') ? 'text/javascript' : 'application/octet-stream';
		response.writeHead(file === undefined ? 404 : 200, { 'Content-Type': type });
		response.end(file);
	});
	await new Promise((resolve) => site.listen(0, '127.0.0.1', () => resolve(undefined)));
	const address = /** @type {import('node:net').AddressInfo} */ (site.address());
	return { url: `http://127.0.0.1:${address.port}/`, stop: () => void site.close() };
}
