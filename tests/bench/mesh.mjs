/**
 * `npm run bench -- mesh [--pages N] [--rounds R]`: N pages of Landline beside N pages of y-webrtc 10.3 with its own server, in one run,
 * in turns, in the same browser. Prints every row with its aim, met or not, and keeps the table in docs/benchmarks.md.
 */
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { startAppServer } from '../support/app-server.mjs';
import { chromiumArgs, findChromium, withoutMdnsArgs } from '../support/browsers.mjs';
import { askToJoin, foundOffice, invite, joinOffice, message, openConversation, say } from '../support/people-in-browsers.mjs';
import { countInPage } from './count-in-page.mjs';
import { machineName } from './machine.mjs';
import { measureRound, median } from './measure.mjs';
import { writeTable } from './table.mjs';
import { askDeliveries, startRival } from './y-webrtc.mjs';

/** A whole number of our beats (20 s) and of y-webrtc's awareness renewals (15 s). */
const idleMs = 60_000;
const readWithinMs = 60_000;

/** @typedef {import('playwright-core').Browser} Browser */
/** @typedef {import('playwright-core').BrowserContext} BrowserContext */
/** @typedef {import('playwright-core').Page} Page */

/** @param {readonly string[]} args */
export async function main(args) {
	const { values } = parseArgs({ args: [...args], options: { pages: { type: 'string' }, rounds: { type: 'string' }, only: { type: 'string' } } });
	const pages = Number(values.pages ?? 12);
	const rounds = Number(values.rounds ?? 2);
	if (!Number.isInteger(pages) || pages < 2 || pages > 60 || !Number.isInteger(rounds) || rounds < 1) {
		console.error('--pages takes a number from 2 to 60, --rounds one from 1.');
		process.exitCode = 1;
		return;
	}
	const executablePath = findChromium();
	if (executablePath === undefined) {
		console.error('The bench needs Chromium or Chrome: install one, or set LANDLINE_CHROMIUM to its path.');
		process.exitCode = 1;
		return;
	}

	const server = await startAppServer({ preload: new URL('./count-deliveries.mjs', import.meta.url).href });
	const rival = await startRival({ stun: `stun:127.0.0.1:${server.stunPort}`, pages });
	const browser = await chromium.launch({ executablePath, args: [...chromiumArgs, ...withoutMdnsArgs] });
	try {
		const ours = values.only === 'y-webrtc' ? undefined : await settleOffice(browser, server, pages);
		/** @type {import('./measure.mjs').Round[]} */ const oursRounds = [];
		/** @type {import('./measure.mjs').Round[]} */ const rivalRounds = [];
		for (let round = 0; round < rounds; round += 1) {
			if (values.only !== 'ours') rivalRounds.push(await rivalRound(browser, rival, pages, round));
			if (ours) oursRounds.push(await ourRound(browser, server, ours, round));
			console.log(`Round ${round + 1} of ${rounds} is done.`);
		}
		const firstRead = ours ? await firstMessage(browser, ours) : undefined;
		writeTable({ pages, rounds, machine: machineName(browser), ours: oursRounds, rival: rivalRounds, firstRead });
	} finally {
		await browser.close();
		rival.stop();
		await server.stop();
	}
}

/**
 * @typedef {object} SettledOffice
 * @property {string} url
 * @property {string} link an invite with uses left
 * @property {BrowserContext[]} contexts one per person
 */

/** Founds an office and lets N - 1 people join by its interface; all pages are closed afterwards. @param {Browser} browser @param {import('../support/app-server.mjs').AppServer} server @param {number} pages @returns {Promise<SettledOffice>} */
async function settleOffice(browser, server, pages) {
	const contexts = [];
	let link = '';
	for (let index = 0; index < pages; index += 1) {
		const context = await browser.newContext({ reducedMotion: 'reduce' });
		await context.addInitScript(countInPage, { aim: pages - 1, ours: true });
		contexts.push(context);
		const page = await context.newPage();
		if (index === 0) {
			await page.goto(server.url);
			await foundOffice(page, { office: 'Bench', name: 'Person 0' });
			link = await invite(page, { uses: pages + 20, confirm: false });
			await openConversation(page, 'Everyone');
			await say(page, 'The first message');
		} else {
			await joinOffice(page, link, `Person ${index}`);
		}
		process.stdout.write(`\r${index + 1} of ${pages} have joined.`);
	}
	process.stdout.write('\n');
	for (const context of contexts) for (const page of context.pages()) await page.close();
	return { url: server.url, link, contexts };
}

/** @param {Browser} browser @param {import('../support/app-server.mjs').AppServer} server @param {SettledOffice} office @param {number} round */
async function ourRound(browser, server, office, round) {
	const pages = await Promise.all(office.contexts.map((context) => context.newPage()));
	const counted = server.process();
	if (counted === undefined) throw new Error('The server is not running.');
	try {
		return await measureRound(
			browser,
			{
				name: 'Landline',
				pages,
				start: (page) => page.goto(office.url),
				ready: (page) => openConversation(page, 'Everyone'),
				write: (page, text) => say(page, text),
				read: (page, text) => message(page, text).first().waitFor({ timeout: readWithinMs }),
				deliveries: () => askDeliveries(counted),
				// RANGE and ENTRY (PROTOCOL.md 8), and what continues them.
				payloadKinds: new Set(['19', '20', 'continued']),
			},
			{ idleMs, round },
		);
	} finally {
		await Promise.all(pages.map((page) => page.close()));
	}
}

/** @param {Browser} browser @param {Awaited<ReturnType<typeof startRival>>} rival @param {number} count @param {number} round */
async function rivalRound(browser, rival, count, round) {
	const contexts = await Promise.all(Array.from({ length: count }, () => browser.newContext()));
	try {
		await Promise.all(contexts.map((context) => context.addInitScript(countInPage, { aim: count - 1, ours: false })));
		const pages = await Promise.all(contexts.map((context) => context.newPage()));
		return await measureRound(
			browser,
			{
				name: 'y-webrtc 10.3',
				pages,
				start: (page) => page.goto(rival.url),
				write: (page, text) => page.evaluate((what) => Reflect.get(window, 'benchWrite')(what), text),
				read: (page, text) => page.waitForFunction((what) => Reflect.get(window, 'benchHas')(what), text, { timeout: readWithinMs, polling: 100 }),
				deliveries: rival.deliveries,
				// messageSync of y-webrtc's protocol; 1 is awareness.
				payloadKinds: new Set(['0']),
			},
			{ idleMs, round },
		);
	} finally {
		await Promise.all(contexts.map((context) => context.close()));
	}
}

/**
 * From typing the URL to the first message read, with three colleagues online: a newcomer through an invite, and a person coming back.
 * @param {Browser} browser @param {SettledOffice} office @returns {Promise<{ newcomerMs: number, returningMs: number }>}
 */
async function firstMessage(browser, office) {
	const colleagues = await Promise.all(office.contexts.slice(0, 3).map((context) => context.newPage()));
	await Promise.all(colleagues.map((page) => page.goto(office.url)));
	await openConversation(/** @type {Page} */ (colleagues[0]), 'Everyone');
	const newcomerMs = [];
	const returningMs = [];
	for (let index = 0; index < 3; index += 1) {
		const context = await browser.newContext();
		const page = await context.newPage();
		const joinsAtMs = Date.now();
		await askToJoin(page, office.link, `Newcomer ${index} of ${Date.now()}`);
		await openConversation(page, 'Everyone');
		await message(page, 'The first message').waitFor({ timeout: readWithinMs });
		newcomerMs.push(Date.now() - joinsAtMs);
		await page.close();
		const again = await context.newPage();
		const returnsAtMs = Date.now();
		await again.goto(office.url);
		await openConversation(again, 'Everyone');
		await message(again, 'The first message').waitFor({ timeout: readWithinMs });
		returningMs.push(Date.now() - returnsAtMs);
		await context.close();
	}
	await Promise.all(colleagues.map((page) => page.close()));
	return { newcomerMs: median(newcomerMs), returningMs: median(returningMs) };
}

