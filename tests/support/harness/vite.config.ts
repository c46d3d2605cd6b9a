/** The real pages over a fake Landline, for looking at the interface: `npx vite dev --port 18311 --config tests/support/harness/vite.config.ts`. Not part of the app. */
import adapter from '@sveltejs/adapter-static';
import { sveltekit } from '@sveltejs/kit/vite';
import { resolve } from 'node:path';
import { defineConfig } from 'vite';

const fake = resolve(import.meta.dirname, 'start-fake.ts');

export default defineConfig({
	plugins: [
		{
			name: 'fake-landline',
			enforce: 'pre',
			resolveId: (source) => (source.endsWith('/start-landline.ts') ? fake : undefined),
		},
		sveltekit({
			compilerOptions: { runes: true },
			outDir: resolve(import.meta.dirname, '../../../.svelte-kit/harness'),
			adapter: adapter({ fallback: 'index.html' }),
			serviceWorker: { register: false },
		}),
	],
	cacheDir: 'node_modules/.vite-harness',
	server: { host: '127.0.0.1', strictPort: true, hmr: false, watch: null },
});
