/** The Node tests over sources of which one check was taken out; LANDLINE_MUTATION says which. */
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { mutations } from './list.ts';

const mutation = mutations.find(({ name }) => name === process.env['LANDLINE_MUTATION']);
if (!mutation) throw new Error('LANDLINE_MUTATION names a line of tests/mutations/list.ts');

const mutate: Plugin = {
	name: 'landline-mutation',
	enforce: 'pre',
	transform(code, id) {
		if (!id.endsWith(`/src/${mutation.file}`)) return undefined;
		if (code.split(mutation.find).length !== 2) this.error(`${mutation.file} no longer holds, once: ${mutation.find}`);
		return { code: code.replace(mutation.find, mutation.replace), map: null };
	},
};

export default defineConfig({ plugins: [mutate], test: { environment: 'node', testTimeout: 30_000 } });
