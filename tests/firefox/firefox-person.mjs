/** What a person does in Firefox, by the accessible names of UI.md, over WebDriver BiDi: Playwright drives only a Firefox of its own. */
import puppeteer from 'puppeteer-core';
import { findFirefox } from '../support/browsers.mjs';

const waitMs = 30_000;

/** Quiet: nothing of Firefox's own leaves the machine; its WebRTC addresses stay hidden as by default. */
const prefs = {
	'app.update.enabled': false,
	'app.normandy.enabled': false,
	'browser.safebrowsing.downloads.remote.enabled': false,
	'browser.safebrowsing.malware.enabled': false,
	'browser.safebrowsing.phishing.enabled': false,
	'datareporting.policy.dataSubmissionEnabled': false,
	'extensions.update.enabled': false,
	'network.captive-portal-service.enabled': false,
	'network.connectivity-service.enabled': false,
	'services.settings.server': 'http://127.0.0.1:9/',
	'toolkit.telemetry.enabled': false,
	// Both browsers stand on one machine, and the page is served from loopback.
	'media.peerconnection.ice.loopback': true,
};

/** @returns {Promise<import('puppeteer-core').Browser>} */
export function launchFirefox() {
	const executablePath = findFirefox();
	if (executablePath === undefined) throw new Error('There is no Firefox.');
	return puppeteer.launch({ browser: 'firefox', executablePath, headless: true, extraPrefsFirefox: prefs });
}

/** A person in a Firefox tab. @param {import('puppeteer-core').Page} page */
export function createFirefoxPerson(page) {
	page.setDefaultTimeout(waitMs);
	const named = (/** @type {string} */ role, /** @type {string} */ name) => page.locator(`::-p-aria([role="${role}"][name="${name}"])`);
	return {
		page,
		/** @param {string} role @param {string} name */
		async see(role, name, timeoutMs = waitMs) {
			await named(role, name).setTimeout(timeoutMs).wait();
		},
		/** @param {string} role @param {string} name */
		async click(role, name) {
			await named(role, name).click();
		},
		/** @param {string} field @param {string} text */
		async fill(field, text) {
			await named('textbox', field).fill(text);
		},
		/** Resolves once the text stands on the page. @param {string} text */
		async read(text, timeoutMs = waitMs) {
			await page.waitForFunction((what) => document.body.innerText.includes(what), { timeout: timeoutMs, polling: 200 }, text);
		},
		/** Opens a conversation of the list whose button begins with the title. @param {string} title */
		async openConversation(title) {
			await page.locator(`::-p-aria([role="link"][name="Chats"])`).click();
			await page.waitForFunction((what) => [...document.querySelectorAll('[aria-label="Conversations"] button, ul button')].some((one) => one.textContent?.includes(what)), { timeout: waitMs }, title);
			await page.evaluate((what) => {
				const buttons = [...document.querySelectorAll('[aria-label="Conversations"] button, ul button')];
				/** @type {HTMLElement | undefined} */ (buttons.find((one) => one.textContent?.includes(what)))?.click();
			}, title);
			await named('textbox', 'Message').wait();
		},
		/** @param {string} text */
		async say(text) {
			await named('textbox', 'Message').fill(text);
			await named('textbox', 'Message').click();
			await page.keyboard.press('Enter');
		},
	};
}
