/**
 * Where the browsers of this machine are, and the flags that keep them quiet: no request of theirs leaves the test.
 * JavaScript with types in comments, because the runner, the Firefox lane and the bench run it in plain Node.
 */
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const chromiumPaths = [
	'/usr/bin/chromium',
	'/usr/bin/chromium-browser',
	'/usr/bin/google-chrome',
	'/usr/bin/google-chrome-stable',
	'/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
	'/Applications/Chromium.app/Contents/MacOS/Chromium',
	'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

const firefoxPaths = [
	'/usr/bin/firefox-esr',
	'/usr/bin/firefox',
	'/Applications/Firefox.app/Contents/MacOS/firefox',
	'C:\\Program Files\\Mozilla Firefox\\firefox.exe',
];

/**
 * Path of an installed Chromium or Chrome, else of Playwright's own, else `undefined`. `LANDLINE_CHROMIUM` overrides.
 * @returns {string | undefined}
 */
export function findChromium() {
	const path = process.env['LANDLINE_CHROMIUM'] ?? chromiumPaths.find((one) => existsSync(one)) ?? chromium.executablePath();
	return existsSync(path) ? path : undefined;
}

/**
 * Path of an installed Firefox, `undefined` when there is none. `LANDLINE_FIREFOX` overrides.
 * @returns {string | undefined}
 */
export function findFirefox() {
	const path = process.env['LANDLINE_FIREFOX'] ?? firefoxPaths.find((one) => existsSync(one));
	return path !== undefined && existsSync(path) ? path : undefined;
}

export const chromiumArgs = [
	'--no-sandbox',
	'--disable-gpu',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
	'--no-first-run',
];

/** Shows real addresses in candidates, as a managed fleet does by policy; without it they hide behind mDNS names. */
export const withoutMdnsArgs = ['--disable-features=WebRtcHideLocalIpsWithMdns'];
