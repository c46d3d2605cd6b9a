/** Where the browsers of this machine are, and the flags that keep them quiet: no request of theirs leaves the test. */
import { existsSync } from 'node:fs';

const chromiumPaths = [
	'/usr/bin/chromium',
	'/usr/bin/chromium-browser',
	'/usr/bin/google-chrome',
	'/usr/bin/google-chrome-stable',
	'/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
	'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

const firefoxPaths = [
	'/usr/bin/firefox-esr',
	'/usr/bin/firefox',
	'/Applications/Firefox.app/Contents/MacOS/firefox',
	'C:\\Program Files\\Mozilla Firefox\\firefox.exe',
];

/** Path of an installed Chromium or Chrome, `undefined` when there is none. `LANDLINE_CHROMIUM` overrides. */
export function findChromium(): string | undefined {
	return process.env['LANDLINE_CHROMIUM'] ?? chromiumPaths.find((path) => existsSync(path));
}

/** Path of an installed Firefox, `undefined` when there is none. `LANDLINE_FIREFOX` overrides. */
export function findFirefox(): string | undefined {
	return process.env['LANDLINE_FIREFOX'] ?? firefoxPaths.find((path) => existsSync(path));
}

export const chromiumArgs = [
	'--no-sandbox',
	'--disable-gpu',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
	'--no-first-run',
];
