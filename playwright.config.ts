/**
 * End-to-end tests on the built app and the real server. Chromium hides local addresses behind mDNS names by default; the `mdns` project
 * keeps that, the others switch it off for speed, as LAN.md section 9 asks. `pictures` makes the pictures of the documents.
 */
import { defineConfig } from '@playwright/test';
import { chromiumArgs, findChromium, withoutMdnsArgs } from './tests/support/browsers.mjs';

const executablePath = findChromium();
const browser = (args: readonly string[]): { launchOptions: { executablePath?: string; args: string[] } } => ({
	launchOptions: { ...(executablePath === undefined ? {} : { executablePath }), args: [...args] },
});

export default defineConfig({
	testDir: 'tests/e2e',
	outputDir: 'test-results/playwright',
	timeout: 120_000,
	expect: { timeout: 20_000 },
	forbidOnly: process.env['CI'] !== undefined,
	// Every page is a person with keys of their own and WebRTC links: more at once would starve two cores.
	workers: 1,
	reporter: [['list']],
	use: { actionTimeout: 20_000, navigationTimeout: 20_000, trace: 'off', screenshot: 'only-on-failure' },
	projects: [
		{ name: 'e2e', testIgnore: ['**/hidden-addresses.spec.ts', '**/tls.spec.ts'], use: browser([...chromiumArgs, ...withoutMdnsArgs]) },
		{ name: 'mdns', testMatch: '**/hidden-addresses.spec.ts', use: browser(chromiumArgs) },
		{ name: 'tls', testMatch: '**/tls.spec.ts', use: browser(chromiumArgs) },
		{ name: 'pictures', testDir: 'tests/pictures', testMatch: '**/*.pictures.ts', use: browser([...chromiumArgs, ...withoutMdnsArgs]) },
	],
});
