import adapter from '@sveltejs/adapter-static';
import { sveltekit } from '@sveltejs/kit/vite';
import { playwright } from '@vitest/browser-playwright';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { chromiumArgs, findChromium } from './tests/support/browsers.ts';

const chromium = findChromium();

/**
 * simple-peer's default ICE servers are public ones. The mesh always hands in its own, so these would never be asked; but a reader of
 * the bundle, or a filter on the LAN, cannot know that. A build that no longer finds them fails, so that nobody forgets to look.
 */
const withoutPublicIceServers: Plugin = {
	name: 'landline-without-public-ice-servers',
	transform(code, id) {
		if (!id.includes('simple-peer/simplepeer.min.js')) return undefined;
		const stripped = code.replace('{urls:["stun:stun.l.google.com:19302","stun:global.stun.twilio.com:3478"]}', '');
		if (stripped === code) this.error('simple-peer no longer names its public ICE servers where they were: look for them anew.');
		return { code: stripped, map: null };
	},
};

/** y-webrtc's default signaling server is a public one. The rooms always hand in ours; what holds for the ICE servers holds for it. */
const withoutPublicSignaling: Plugin = {
	name: 'landline-without-public-signaling',
	transform(code, id) {
		if (!id.includes('y-webrtc/src/y-webrtc.js')) return undefined;
		const stripped = code.replace("['wss://y-webrtc-eu.fly.dev']", '[]');
		if (stripped === code) this.error('y-webrtc no longer names its public signaling server where it was: look for it anew.');
		return { code: stripped, map: null };
	},
};

/** What only who opens a note needs: the editor, Yjs, and what is between them. */
const ofNotes = /\/node_modules\/(?:@tiptap|prosemirror-[a-z-]+|orderedmap|rope-sequence|w3c-keyname|marked|linkifyjs|yjs|y-webrtc|y-protocols|lib0|isomorphic\.js)\/|\/src\/lib\/editor\/|\/src\/sync\/live\/documents\/(?!documents\.ts|room-keys\.ts|limits\.ts)/;

/**
 * Kit's single bundle takes in what is imported dynamically too. All but the notes' part stays in it: the start is one script as before, and
 * that part is a second one, fetched (from the service worker's store) with the first note that is opened.
 */
const notesApart: Plugin = {
	name: 'landline-notes-apart',
	enforce: 'post',
	config(config) {
		// eslint-disable-next-line @typescript-eslint/no-deprecated -- Kit writes it under the old name.
		const output = config.build?.rolldownOptions?.output ?? config.build?.rollupOptions?.output;
		if (output === undefined || Array.isArray(output) || output.codeSplitting !== false) return;
		output.codeSplitting = {
			// A group takes along what its modules import: the office first, so that the notes' part gets only what it alone needs.
			groups: [
				{ name: 'office', test: (id: string) => !ofNotes.test(id), priority: 2 },
				{ name: 'notes', test: ofNotes, priority: 1 },
			],
		};
	},
};

/**
 * One configuration builds the app and runs the Node and Chromium test projects.
 * Kit's options stand in the `sveltekit()` call, so there is no `svelte.config.js` (DESIGN.md, D12).
 */
export default defineConfig({
	plugins: [
		withoutPublicIceServers,
		withoutPublicSignaling,
		sveltekit({
			compilerOptions: { runes: true },
			adapter: adapter({ pages: 'build/app', assets: 'build/app', fallback: 'index.html' }),
			// One script and one style sheet: at a start the service worker answers two requests instead of forty.
			output: { bundleStrategy: 'single' },
			serviceWorker: { register: false },
			typescript: {
				config: (config) => ({
					...config,
					include: [
						...(config['include'] as string[]),
						'../vite.config.ts',
						'../playwright.config.ts',
						'../tests/**/*.ts',
						'../tests/**/*.svelte',
					],
				}),
			},
		}),
		notesApart,
	],
	build: { target: 'es2022' },
	test: {
		projects: [
			{
				extends: true,
				test: {
					name: 'node',
					environment: 'node',
					include: ['tests/{unit,scenario,signaling}/**/*.test.ts'],
					testTimeout: 30_000,
				},
			},
			{
				extends: true,
				// Found late, each of these would make Vite reload the page in the middle of a test.
				optimizeDeps: {
					include: [
						'@tiptap/core',
						'@tiptap/extension-collaboration',
						'@tiptap/markdown',
						'@tiptap/pm/state',
						'@tiptap/starter-kit',
						'@tiptap/y-tiptap',
						'@noble/ciphers/chacha.js',
						'@noble/curves/ed25519.js',
						'@noble/hashes/hkdf.js',
						'@noble/hashes/hmac.js',
						'@noble/hashes/scrypt.js',
						'@noble/hashes/sha2.js',
						'axe-core',
						'bits-ui',
						'client-zip',
						'fast-check',
						'minidenticons',
						'qr/decode.js',
						'uqr',
						'y-protocols/awareness',
						'yjs',
					],
					// Hundreds of icons, of which each test meets a few more.
					exclude: ['@lucide/svelte'],
				},
				test: {
					name: 'chromium',
					include: ['tests/unit/{crypto,codec}/**/*.test.ts', 'tests/component/**/*.test.ts', 'tests/browser/**/*.test.ts'],
					testTimeout: 60_000,
					browser: {
						enabled: true,
						headless: true,
						screenshotFailures: false,
						provider: playwright({
							launchOptions: { ...(chromium ? { executablePath: chromium } : {}), args: chromiumArgs },
						}),
						instances: [{ browser: 'chromium' }],
					},
				},
			},
		],
	},
});
