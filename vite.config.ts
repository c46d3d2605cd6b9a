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

/**
 * One configuration builds the app and runs the Node and Chromium test projects.
 * Kit's options stand in the `sveltekit()` call, so there is no `svelte.config.js` (DESIGN.md, D12).
 */
export default defineConfig({
	plugins: [
		withoutPublicIceServers,
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
						'@noble/ciphers/chacha.js',
						'@noble/curves/ed25519.js',
						'@noble/hashes/hkdf.js',
						'@noble/hashes/hmac.js',
						'@noble/hashes/scrypt.js',
						'@noble/hashes/sha2.js',
						'axe-core',
						'bits-ui',
						'fast-check',
						'minidenticons',
						'qr/decode.js',
						'uqr',
					],
					// Hundreds of icons, of which each test meets a few more.
					exclude: ['@lucide/svelte'],
				},
				test: {
					name: 'chromium',
					include: ['tests/unit/{crypto,codec}/**/*.test.ts', 'tests/component/**/*.test.ts'],
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
