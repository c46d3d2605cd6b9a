/** Builds the changed client of `hostile-page.ts` into one script, for a page of the app's own origin to run. */
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const entry = fileURLToPath(new URL('hostile-page.ts', import.meta.url));

/** @returns {Promise<string>} */
export async function buildHostilePage() {
	const built = await build({
		configFile: false,
		logLevel: 'error',
		build: { write: false, target: 'es2022', minify: false, lib: { entry, formats: ['iife'], name: 'hostilePage', fileName: () => 'hostile-page.js' } },
	});
	const [bundle] = Array.isArray(built) ? built : [built];
	const chunk = bundle && 'output' in bundle ? bundle.output[0] : undefined;
	if (!chunk) throw new Error('nothing was built');
	return chunk.code;
}
