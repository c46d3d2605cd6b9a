/**
 * A person of the soak at a desk: either a context of the shared browser, or a browser process of their own on a profile that stays,
 * which can be killed as by a power cut and started again.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { countInPage } from '../bench/count-in-page.mjs';
import { chromiumArgs } from '../support/browsers.mjs';

const startWithinMs = 60_000;
/** What the browser itself logs about a server that is off is no fault of the page. */
const networkNoise = /Failed to load resource|WebSocket connection to|net::ERR_|ERR_CONNECTION/;

/** @typedef {import('playwright-core').BrowserContext} BrowserContext */
/** @typedef {import('playwright-core').Page} Page */

/**
 * @typedef {object} Desk
 * @property {string} name
 * @property {Page} page
 * @property {boolean} present the page is open
 * @property {boolean} killable
 * @property {string[]} complaints errors in the console, exceptions nobody caught, policy reports
 * @property {() => Promise<void>} open
 * @property {() => Promise<void>} close the page, as a person does
 * @property {() => Promise<void>} kill the whole browser, at once; only where `killable`
 * @property {() => Promise<void>} leave for good
 */

/**
 * @param {{ name: string, url: string, executablePath: string, browser: import('playwright-core').Browser | undefined }} at without `browser` the desk has its own process
 * @returns {Promise<Desk>}
 */
export async function createDesk({ name, url, executablePath, browser }) {
	/** @type {string[]} */ const complaints = [];
	const profile = browser === undefined ? mkdtempSync(join(tmpdir(), 'landline-soak-')) : undefined;
	/** @type {{ child: import('node:child_process').ChildProcess, browser: import('playwright-core').Browser } | undefined} */
	let own;
	/** @type {BrowserContext | undefined} */
	let context;

	async function begin() {
		if (browser !== undefined) context = await browser.newContext({ reducedMotion: 'reduce' });
		else {
			own = await startBrowser(executablePath, /** @type {string} */ (profile));
			context = own.browser.contexts()[0];
			if (context === undefined) throw new Error('the browser has no context');
		}
		await watch(context, complaints);
		return context;
	}

	/** @type {Desk} */
	const desk = {
		name,
		page: await (await begin()).newPage(),
		present: false,
		killable: browser === undefined,
		complaints,
		async open() {
			if (desk.page.isClosed()) desk.page = await (context ?? (await begin())).newPage();
			await desk.page.goto(url);
			desk.present = true;
		},
		async close() {
			desk.present = false;
			await desk.page.close();
		},
		async kill() {
			desk.present = false;
			const { child, browser: killed } = own ?? {};
			const gone = new Promise((resolve) => child?.once('exit', resolve));
			child?.kill('SIGKILL');
			await gone;
			await killed?.close().catch(() => undefined);
			context = undefined;
			own = undefined;
		},
		async leave() {
			if (own) await desk.kill();
			else await context?.close();
			if (profile) rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
		},
	};
	return desk;
}

/** @param {BrowserContext} context @param {string[]} complaints */
async function watch(context, complaints) {
	context.setDefaultTimeout(20_000);
	await context.addInitScript(countInPage, { aim: 1, ours: true });
	await context.addInitScript(() => {
		document.addEventListener('securitypolicyviolation', (event) => console.error(`policy violation: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
	});
	context.on('console', (message) => {
		if ((message.type() === 'error' || message.type() === 'warning') && !networkNoise.test(message.text())) complaints.push(`${message.type()}: ${message.text()}`);
	});
	context.on('weberror', (error) => complaints.push(error.error().stack ?? String(error.error())));
}

/** @param {string} executablePath @param {string} profile @returns {Promise<{ child: import('node:child_process').ChildProcess, browser: import('playwright-core').Browser }>} */
async function startBrowser(executablePath, profile) {
	const child = spawn(executablePath, [...chromiumArgs, '--headless=new', '--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank'], { stdio: ['ignore', 'ignore', 'pipe'] });
	process.once('exit', () => child.kill('SIGKILL'));
	const address = await new Promise((resolve, reject) => {
		const late = setTimeout(() => reject(new Error('the browser did not start')), startWithinMs);
		let said = '';
		child.stderr?.on('data', (/** @type {Buffer} */ text) => {
			said += String(text);
			const found = /DevTools listening on (ws:\S+)/.exec(said);
			if (!found) return;
			clearTimeout(late);
			resolve(found[1]);
		});
	});
	return { child, browser: await chromium.connectOverCDP(address) };
}
