/** Builds the bare mesh page into a folder the signaling server can serve. Plain Node, for the lanes that run without Vitest. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const entry = fileURLToPath(new URL('mesh-page.ts', import.meta.url));

/** @returns {Promise<{ directory: string, remove: () => void }>} */
export async function buildMeshPage() {
	const directory = mkdtempSync(join(tmpdir(), 'landline-mesh-page-'));
	await build({
		configFile: false,
		logLevel: 'error',
		build: { outDir: directory, emptyOutDir: false, target: 'es2022', minify: false, lib: { entry, formats: ['es'], fileName: () => 'mesh-page.js' } },
	});
	writeFileSync(join(directory, 'index.html'), '<!doctype html><title>mesh</title><script type="module" src="/mesh-page.js"></script>\n');
	return { directory, remove: () => rmSync(directory, { recursive: true, force: true }) };
}
