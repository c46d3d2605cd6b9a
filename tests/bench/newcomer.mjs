/**
 * `npm run bench -- newcomer [--people N] [--entries N] [--rounds R]`: the built app over an office after a year. A colleague's browser holds all of it
 * and starts cold; newcomers join through its invite over real connections, and read the placard and Everyone.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { startAppServer } from '../support/app-server.mjs';
import { chromiumArgs, findChromium, withoutMdnsArgs } from '../support/browsers.mjs';
import { goTo, invite, mainNavigation, message, notice, openConversation } from '../support/people-in-browsers.mjs';
import { importBundled } from './bundle.mjs';
import { machineName } from './machine.mjs';
import { median } from './measure.mjs';
import { fillProfile, longest, measureThread, newContext } from './profile.mjs';
import { keepSection } from './sections.mjs';

const aims = { receivedMB: 60, readMs: 20_000, coldMs: 1_000, longestTaskMs: 50 };
const posts = 0.2;
const notices = 40;
const readWithinMs = 120_000;
/** Nothing has come for so long: that was all. */
const quietMs = 5_000;
/** The app was open before with this build, this long after its first screen: it has saved its last screen. */
const openBeforeMs = 16_000;
/** How long a cold start is watched after its first screen. */
const afterStartMs = 8_000;
const releaseMs = 3_000;

/** @typedef {import('playwright-core').Browser} Browser */
/** @typedef {import('playwright-core').BrowserContext} BrowserContext */
/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('./watch-page.mjs').Watched} Watched */

/** @param {readonly string[]} args */
export async function main(args) {
	const { values } = parseArgs({ args: [...args], options: { people: { type: 'string' }, entries: { type: 'string' }, rounds: { type: 'string' }, profile: { type: 'string' } } });
	const [people, entries, rounds] = [Number(values.people ?? 100), Number(values.entries ?? 65_000), Number(values.rounds ?? 3)];
	const executablePath = findChromium();
	if (executablePath === undefined || ![people, entries, rounds].every((value) => Number.isInteger(value) && value >= 1)) {
		console.error(executablePath === undefined ? 'The bench needs Chromium or Chrome: install one, or set LANDLINE_CHROMIUM to its path.' : '--people, --entries and --rounds take whole numbers.');
		process.exitCode = 1;
		return;
	}
	const { makeOffice } = await importBundled('make-office.ts');
	/** @type {import('./make-office.ts').MadeOffice} */
	const office = makeOffice({ people, entries, posts, notices, seed: 2026, endMs: Date.now() });
	console.log(`An office of ${people} with ${office.acts} acts and ${office.entries} entries: ${(office.file.length / 1e6).toFixed(1)} MB.`);
	const server = await startAppServer();
	const browser = await chromium.launch({ executablePath, args: [...chromiumArgs, ...withoutMdnsArgs] });
	try {
		const context = await newContext(browser);
		await fillProfile(context, server.url, office);
		console.log('The colleague has it all.');
		const first = await coldStart(context, server.url, undefined, openBeforeMs);
		await first.colleague.close();
		await sleep(releaseMs);
		/** @type {Start[]} */ const starts = [];
		/** @type {Awaited<ReturnType<typeof join>>[]} */ const joins = [];
		for (let round = 0; round < rounds; round += 1) {
			const { colleague, ...start } = await coldStart(context, server.url, round === 0 ? values.profile : undefined);
			starts.push(start);
			const link = await invite(colleague);
			joins.push(await join(browser, link, office, round, values.profile));
			await colleague.close();
			// The tab's lead over the office goes with its process.
			await sleep(releaseMs);
			console.log(`Round ${round + 1} of ${rounds} is done.`);
		}
		report(office, people, rounds, machineName(browser), starts, joins, first.firstScreenMs);
	} finally {
		await browser.close();
		await server.stop();
	}
}

/** @typedef {Omit<Awaited<ReturnType<typeof coldStart>>, 'colleague'>} Start */

/** From an empty tab to the first screen, and what follows it. @param {BrowserContext} context @param {string} url @param {string | undefined} profile @param {number} [watchMs] */
async function coldStart(context, url, profile, watchMs = afterStartMs) {
	const page = await context.newPage();
	const meter = await measureThread(page, profile && `${profile}-start.cpuprofile`);
	await page.goto(url);
	await page.waitForFunction(() => Reflect.get(window, 'watched').firstScreenMs > 0, undefined, { timeout: readWithinMs, polling: 50 });
	const beforeScreenMs = await meter.read();
	await page.waitForTimeout(watchMs);
	const threadMs = await meter.read();
	await meter.stop();
	/** @type {Watched} */
	const watched = await page.evaluate(() => Reflect.get(window, 'watched'));
	return {
		colleague: page,
		firstScreenMs: watched.firstScreenMs,
		beforeScreenMs,
		threadMs,
		longestAfterMs: longest(watched.longTasks.filter(({ startMs }) => startMs > watched.firstScreenMs)),
		longestBeforeMs: longest(watched.longTasks.filter(({ startMs }) => startMs <= watched.firstScreenMs)),
	};
}

/** @param {Browser} browser @param {string} link @param {import('./make-office.ts').MadeOffice} office @param {number} round @param {string | undefined} profile */
async function join(browser, link, office, round, profile) {
	const context = await newContext(browser);
	try {
		const page = await context.newPage();
		page.on('pageerror', (error) => console.error(error));
		await page.goto(link);
		await page.getByRole('textbox', { name: 'Your name' }).fill(`Newcomer ${round}`);
		const meter = await measureThread(page, profile && round === 0 ? `${profile}-join.cpuprofile` : undefined);
		const startMs = await page.evaluate(() => performance.now());
		const startedMs = Date.now();
		await page.getByRole('button', { name: 'Join office' }).click();
		await mainNavigation(page).waitFor({ timeout: readWithinMs });
		const insideMs = Date.now() - startedMs;
		await goTo(page, 'Placard');
		await notice(page, office.lastNotice).waitFor({ timeout: readWithinMs });
		const placardMs = Date.now() - startedMs;
		await openConversation(page, 'Everyone');
		await message(page, office.lastPost).first().waitFor({ timeout: readWithinMs });
		const readMs = Date.now() - startedMs;
		await page.waitForFunction((quiet) => performance.now() - Reflect.get(window, 'watched').receivedAtMs > quiet, quietMs, { timeout: readWithinMs, polling: 250 });
		const threadMs = await meter.read();
		await meter.stop();
		/** @type {Watched} */
		const watched = await page.evaluate(() => Reflect.get(window, 'watched'));
		const tasks = watched.longTasks.filter(({ startMs: atMs }) => atMs >= startMs);
		return { insideMs, placardMs, readMs, receivedMB: watched.receivedBytes / 1e6, levelMs: watched.receivedAtMs - startMs, threadMs, longestMs: longest(tasks), longTasks: tasks.length };
	} finally {
		await context.close();
	}
}

/**
 * @param {import('./make-office.ts').MadeOffice} office @param {number} people @param {number} rounds @param {string} machine
 * @param {readonly Start[]} starts @param {readonly Awaited<ReturnType<typeof join>>[]} joins @param {number} updatedMs
 */
function report(office, people, rounds, machine, starts, joins, updatedMs) {
	const received = median(joins.map((one) => one.receivedMB));
	const read = median(joins.map((one) => one.readMs));
	const cold = median(starts.map((one) => one.firstScreenMs));
	const longestAfter = Math.max(...starts.map((one) => one.longestAfterMs));
	const longestJoin = Math.max(...joins.map((one) => one.longestMs));
	const task = (/** @type {number} */ ms) => (ms === 0 ? '< 50' : ms.toFixed(0));
	const of = (/** @type {readonly number[]} */ all) => median(all).toFixed(0);
	keepSection({
		name: 'newcomer',
		command: `newcomer --people ${people} --entries ${office.entries} --rounds ${rounds}`,
		machine,
		about: `The built app behind its own server, an office of ${people} after a year: ${office.acts} acts, ${notices} of them notices, and ${office.entries} entries inside the horizon in
${office.chains} chains, a fifth of them in Everyone. One browser profile holds all of it, was open once before with this build, and is started cold, which is timed from the empty tab. Newcomers join through its
invite over WebRTC in the same headless browser, timed from "Join office" until they see the newest notice and the newest post. Medians of ${rounds} rounds, the longest tasks of
all rounds; processor time is that of the page's main thread.`,
		columns: ['Landline', 'aim'],
		rows: [
			['newcomer: received, MB', received.toFixed(1), `≤ ${aims.receivedMB}`, received <= aims.receivedMB],
			['newcomer: until placard and Everyone are read, ms', read.toFixed(0), `≤ ${aims.readMs}`, read <= aims.readMs],
			['newcomer: until inside, ms', of(joins.map((one) => one.insideMs)), ''],
			['newcomer: until all has come, ms', of(joins.map((one) => one.levelMs)), ''],
			['newcomer: main thread, ms', of(joins.map((one) => one.threadMs)), ''],
			['newcomer: longest task, ms', task(longestJoin), `≤ ${aims.longestTaskMs}`, longestJoin <= aims.longestTaskMs],
			['cold start: until the first screen, ms', cold.toFixed(0), `≤ ${aims.coldMs}`, cold <= aims.coldMs],
			['first start of a build: until the first screen, ms', updatedMs.toFixed(0), ''],
			['cold start: main thread until then, ms', of(starts.map((one) => one.beforeScreenMs)), ''],
			[`cold start: main thread until ${afterStartMs / 1000} s later, ms`, of(starts.map((one) => one.threadMs)), ''],
			['cold start: longest task before the screen, ms', task(Math.max(...starts.map((one) => one.longestBeforeMs))), ''],
			['cold start: longest task after it, ms', task(longestAfter), `≤ ${aims.longestTaskMs}`, longestAfter <= aims.longestTaskMs],
		],
	});
}
