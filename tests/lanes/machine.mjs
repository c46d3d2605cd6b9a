/** What this machine has: browsers and tools. Each question answers `undefined` when the thing is there, else the reason to skip. */
import { spawnSync } from 'node:child_process';
import { findChromium, findFirefox } from '../support/browsers.mjs';
import { runCommand } from './command.mjs';

const installLimitMs = 180_000;

/** @type {Promise<string | undefined> | undefined} */
let chromium;

/**
 * Looks for a Chromium once and, where there is none, asks Playwright to install its own.
 * @param {string} root
 * @returns {Promise<string | undefined>}
 */
export function lacksChromium(root) {
	chromium ??= lookForChromium(root);
	return chromium;
}

/** @param {string} root @returns {Promise<string | undefined>} */
async function lookForChromium(root) {
	const found = findChromium();
	if (found !== undefined) {
		console.log(`Browser: ${found}`);
		return undefined;
	}
	console.log('No Chromium or Chrome is installed; trying "npx playwright install chromium".');
	await runCommand(['npx', 'playwright', 'install', 'chromium'], { cwd: root, limitMs: installLimitMs });
	if (findChromium() !== undefined) return undefined;
	return 'no Chromium or Chrome is installed and Playwright could not install its own (install chromium, or set LANDLINE_CHROMIUM to its path)';
}

export function lacksFirefox() {
	return findFirefox() === undefined ? 'no Firefox is installed (install firefox-esr, or set LANDLINE_FIREFOX to its path)' : undefined;
}

export function lacksNamespaces() {
	if (process.platform !== 'linux') return 'network namespaces exist on Linux only';
	if (process.getuid?.() !== 0) return 'making network namespaces needs root';
	if (!hasTool('ip', ['-V'])) return 'the tool "ip" is missing (Debian: iproute2)';
	const name = `landline-probe-${process.pid}`;
	const made = spawnSync('ip', ['netns', 'add', name], { encoding: 'utf8' });
	if (made.status !== 0) return `this machine does not let root make a network namespace (${made.stderr.trim()})`;
	spawnSync('ip', ['netns', 'delete', name]);
	return undefined;
}

export function lacksCertificateTools() {
	if (!hasTool('openssl', ['version'])) return 'the tool "openssl" is missing';
	return hasTool('certutil', ['-H']) ? undefined : 'the tool "certutil" is missing (Debian: libnss3-tools)';
}

/** @param {string} name @param {readonly string[]} args */
function hasTool(name, args) {
	return spawnSync(name, args, { stdio: 'ignore' }).error === undefined;
}
