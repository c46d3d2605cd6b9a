/**
 * `npm run bench -- typing [--messages N] [--keys N] [--burst N] [--rounds R]`: the built app with a long conversation open. What a keystroke costs the page, what each message of
 * a burst from a colleague costs it, and whether anything stalls.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { startAppServer } from '../support/app-server.mjs';
import { chromiumArgs, findChromium, withoutMdnsArgs } from '../support/browsers.mjs';
import { invite, mainNavigation, message, openConversation } from '../support/people-in-browsers.mjs';
import { importBundled } from './bundle.mjs';
import { machineName } from './machine.mjs';
import { median } from './measure.mjs';
import { fillProfile, longest, measureThread, newContext } from './profile.mjs';
import { keepSection } from './sections.mjs';

const aims = { keyMs: 8, messageMs: 16, longestTaskMs: 50 };
const people = 10;
const withinMs = 180_000;
/** After the office stands: what a start still does is not counted. */
const settleMs = 10_000;
const keyPauseMs = 30;

/** @param {readonly string[]} args */
export async function main(args) {
	const { values } = parseArgs({ args: [...args], options: { messages: { type: 'string' }, keys: { type: 'string' }, burst: { type: 'string' }, rounds: { type: 'string' } } });
	const [messages, keys, burst, rounds] = [Number(values.messages ?? 10_000), Number(values.keys ?? 200), Number(values.burst ?? 600), Number(values.rounds ?? 3)];
	const executablePath = findChromium();
	if (executablePath === undefined || ![messages, keys, burst, rounds].every((value) => Number.isInteger(value) && value >= 1)) {
		console.error(executablePath === undefined ? 'The bench needs Chromium or Chrome: install one, or set LANDLINE_CHROMIUM to its path.' : '--messages, --keys, --burst and --rounds take whole numbers.');
		process.exitCode = 1;
		return;
	}
	const { makeOffice } = await importBundled('make-office.ts');
	/** @type {import('./make-office.ts').MadeOffice} */
	const office = makeOffice({ people, entries: messages, posts: 1, notices: 1, seed: 2026, endMs: Date.now() });
	const server = await startAppServer();
	const browser = await chromium.launch({ executablePath, args: [...chromiumArgs, ...withoutMdnsArgs] });
	try {
		const context = await newContext(browser);
		await fillProfile(context, server.url, office);
		const page = await context.newPage();
		page.setDefaultTimeout(withinMs);
		await page.goto(server.url);
		const link = await invite(page);
		const colleagues = await newContext(browser);
		const colleague = await colleagues.newPage();
		colleague.setDefaultTimeout(withinMs);
		await colleague.goto(link);
		await colleague.getByRole('textbox', { name: 'Your name' }).fill('Colleague');
		await colleague.getByRole('button', { name: 'Join office' }).click();
		await mainNavigation(colleague).waitFor();
		for (const one of [page, colleague]) await openConversation(one, 'Everyone');
		await message(colleague, office.lastPost).first().waitFor();
		await sleep(settleMs);
		/** @type {{ key: Cost, burst: Cost }[]} */ const measured = [];
		for (let round = 0; round < rounds; round += 1) {
			const key = await costOf(page, keys, async () => {
				await composer(page).focus();
				for (let n = 0; n < keys; n += 1) await page.keyboard.press('a', { delay: keyPauseMs });
			});
			await composer(page).fill('');
			const one = await costOf(page, burst, async () => {
				await colleague.evaluate(writeMany, { count: burst, prefix: `burst ${round}.` });
				await message(page, `burst ${round}.${burst - 1}.`).first().waitFor();
			});
			measured.push({ key, burst: one });
			console.log(`Round ${round + 1} of ${rounds} is done.`);
		}
		report({ messages: office.entries, keys, burst, rounds }, machineName(browser), measured);
	} finally {
		await browser.close();
		await server.stop();
	}
}

/** @param {import('playwright-core').Page} page */
const composer = (page) => page.getByRole('textbox', { name: 'Message', exact: true });

/** @typedef {{ eachMs: number, longestMs: number }} Cost processor time of the page's main thread for each, and the longest task */

/** @param {import('playwright-core').Page} page @param {number} count @param {() => Promise<void>} work @returns {Promise<Cost>} */
async function costOf(page, count, work) {
	const startMs = await page.evaluate(() => performance.now());
	const meter = await measureThread(page, undefined);
	await work();
	const eachMs = (await meter.read()) / count;
	/** @type {import('./watch-page.mjs').Watched} */
	const watched = await page.evaluate(() => Reflect.get(window, 'watched'));
	return { eachMs, longestMs: longest(watched.longTasks.filter((task) => task.startMs >= startMs)) };
}

/** In the colleague's page: as fast as it can be typed and sent. @param {{ count: number, prefix: string }} what */
async function writeMany({ count, prefix }) {
	const area = document.querySelector('textarea');
	for (let n = 0; area !== null && n < count; n += 1) {
		area.value = `${prefix}${n}.`;
		area.dispatchEvent(new InputEvent('input', { bubbles: true }));
		area.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
		await new Promise((resolve) => setTimeout(resolve, 0));
	}
}

/** @param {{ messages: number, keys: number, burst: number, rounds: number }} of @param {string} machine @param {readonly { key: Cost, burst: Cost }[]} measured */
function report({ messages, keys, burst, rounds }, machine, measured) {
	const task = (/** @type {number} */ ms) => (ms === 0 ? '< 50' : ms.toFixed(0));
	const keyMs = median(measured.map(({ key }) => key.eachMs));
	const messageMs = median(measured.map((one) => one.burst.eachMs));
	const [longestKey, longestBurst] = [Math.max(...measured.map(({ key }) => key.longestMs)), Math.max(...measured.map((one) => one.burst.longestMs))];
	keepSection({
		name: 'typing',
		command: `typing --messages ${messages} --keys ${keys} --burst ${burst} --rounds ${rounds}`,
		machine,
		about: `The built app with a conversation of ${messages} messages open: ${keys} keys typed into the composer, then ${burst} messages of a colleague's page beside it, sent as fast as it can. Processor time of
the reader's main thread with all it does meanwhile, drawing too, divided by keys and messages; medians of ${rounds} rounds, the longest tasks of all. The aims are half a frame and a frame of 60 a second.`,
		columns: ['Landline', 'aim'],
		rows: [
			['a key, ms', keyMs.toFixed(1), `≤ ${aims.keyMs}`, keyMs <= aims.keyMs],
			['typing: longest task, ms', task(longestKey), `≤ ${aims.longestTaskMs}`, longestKey <= aims.longestTaskMs],
			['a message of a burst, ms', messageMs.toFixed(1), `≤ ${aims.messageMs}`, messageMs <= aims.messageMs],
			['burst: longest task, ms', task(longestBurst), `≤ ${aims.longestTaskMs}`, longestBurst <= aims.longestTaskMs],
		],
	});
}
