/** Builds a TypeScript file of this folder into one script, for a page or Node to run. */
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/** @param {string} file @returns {Promise<string>} */
export async function buildPageScript(file) {
	const entry = fileURLToPath(new URL(file, import.meta.url));
	const built = await build({
		configFile: false,
		logLevel: 'error',
		build: { write: false, target: 'es2022', minify: false, lib: { entry, formats: ['iife'], name: 'pageScript', fileName: () => 'page-script.js' } },
	});
	const [bundle] = Array.isArray(built) ? built : [built];
	const chunk = bundle && 'output' in bundle ? bundle.output[0] : undefined;
	if (!chunk) throw new Error('nothing was built');
	return chunk.code;
}
