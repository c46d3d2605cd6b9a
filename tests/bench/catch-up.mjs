/**
 * `npm run bench -- catch-up [--entries N] [--rounds R]`: a device that was away catches up on what 20 authors wrote, beside a Y.Array of as many
 * sealed messages; in turns, each in a new page of one browser. Prints every row with its aim, met or not.
 */
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { chromiumArgs, findChromium } from '../support/browsers.mjs';
import { bundle, importBundled, serveFiles } from './bundle.mjs';
import { machineName } from './machine.mjs';
import { median } from './measure.mjs';
import { keepSection } from './sections.mjs';

const authors = 20;
const aims = { mainThreadMs: 3_000, longestTaskMs: 50 };
/** Of the entries, those in Everyone. */
const posts = 0.2;
const endMs = Date.UTC(2026, 10, 1);

/**
 * @typedef {object} Round
 * @property {number} entries
 * @property {number} bytes
 * @property {number} storedMs
 * @property {number} openedMs
 * @property {number} signatureChecks
 * @property {number} mainThreadMs processor time of the page's main thread
 * @property {number} longestTaskMs
 * @property {number} longTasks
 */

/** @param {readonly string[]} args */
export async function main(args) {
	const { values } = parseArgs({ args: [...args], options: { entries: { type: 'string' }, rounds: { type: 'string' }, profile: { type: 'string' } } });
	const entries = Number(values.entries ?? 10_000);
	const rounds = Number(values.rounds ?? 3);
	const executablePath = findChromium();
	if (executablePath === undefined || !Number.isInteger(entries) || entries < 100 || !Number.isInteger(rounds) || rounds < 1) {
		console.error(executablePath === undefined ? 'The bench needs Chromium or Chrome: install one, or set LANDLINE_CHROMIUM to its path.' : '--entries takes a number from 100, --rounds one from 1.');
		process.exitCode = 1;
		return;
	}
	const { makeOffice } = await importBundled('make-office.ts');
	/** @type {import('./make-office.ts').MadeOffice} */
	const office = makeOffice({ people: authors, entries, posts, notices: 0, seed: 2026, endMs });
	const site = await serveFiles({ '/page.js': await bundle('catch-up-page.ts'), '/colleague.js': await bundle('colleague.worker.ts'), '/office.bin': office.file });
	const browser = await chromium.launch({ executablePath, args: chromiumArgs });
	try {
		/** @type {Round[]} */ const ours = [];
		/** @type {Round[]} */ const rival = [];
		for (let round = 0; round < rounds; round += 1) {
			rival.push(await runRound(browser, site.url, 'rival'));
			ours.push(await runRound(browser, site.url, 'ours', values.profile));
			console.log(`Round ${round + 1} of ${rounds} is done.`);
		}
		report(office, rounds, machineName(browser), ours, rival);
	} finally {
		await browser.close();
		site.stop();
	}
}

/** @param {import('playwright-core').Browser} browser @param {string} url @param {'ours' | 'rival'} contender @param {string | undefined} [profileFile] @returns {Promise<Round>} */
async function runRound(browser, url, contender, profileFile) {
	const context = await browser.newContext();
	try {
		const page = await context.newPage();
		page.on('pageerror', (error) => console.error(error));
		await page.goto(url);
		await page.evaluate((who) => Reflect.get(window, 'catchUp').prepare(who), contender);
		const session = await context.newCDPSession(page);
		await session.send('HeapProfiler.collectGarbage');
		// Processor time, not the wall's: other work of the machine does not count.
		await session.send('Performance.enable', { timeDomain: 'threadTicks' });
		const before = await taskMs(session);
		if (profileFile !== undefined) {
			await session.send('Profiler.enable');
			await session.send('Profiler.start');
		}
		const sinceMs = await page.evaluate(() => performance.now());
		const measured = await page.evaluate(() => Reflect.get(window, 'catchUp').go());
		const mainThreadMs = (await taskMs(session)) - before;
		if (profileFile !== undefined) {
			const { profile } = await session.send('Profiler.stop');
			(await import('node:fs')).writeFileSync(profileFile, JSON.stringify(profile));
		}
		/** @type {readonly { ms: number }[]} */
		const tasks = await page.evaluate((since) => Reflect.get(window, 'catchUp').longTasks(since), sinceMs);
		return { ...measured, mainThreadMs, longTasks: tasks.length, longestTaskMs: Math.max(0, ...tasks.map(({ ms }) => ms)) };
	} finally {
		await context.close();
	}
}

/** @param {import('playwright-core').CDPSession} session */
async function taskMs(session) {
	const { metrics } = await session.send('Performance.getMetrics');
	return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? NaN) * 1000;
}

/** @param {import('./make-office.ts').MadeOffice} office @param {number} rounds @param {string} machine @param {readonly Round[]} ours @param {readonly Round[]} rival */
function report(office, rounds, machine, ours, rival) {
	const of = (/** @type {readonly Round[]} */ all, /** @type {keyof Round} */ key) => median(all.map((one) => one[key]));
	const worst = (/** @type {readonly Round[]} */ all) => Math.max(...all.map((one) => one.longestTaskMs));
	const checksAim = (authors + office.acts) * 2;
	const longest = (/** @type {number} */ ms) => (ms === 0 ? '< 50' : ms.toFixed(0));
	keepSection({
		name: 'catch-up',
		command: `catch-up --entries ${office.entries} --rounds ${rounds}`,
		machine,
		about: `A device that knows the office's ${office.acts} acts was away while ${authors} authors wrote ${office.entries} entries: a fifth in Everyone, the rest mail, of
which one message in 25 is its own. It fetches, verifies, stores, opens and shows them, with the app's log, replication, disk and
views over a MessagePort to a colleague in a worker. Beside it a Y.Array of as many sealed bodies by as many clients: one update applied to
a document and written as one row of IndexedDB, as y-indexeddb does; it verifies, opens and shows nothing. In turns, each in a new page, medians of
${rounds} rounds, the longest task of all rounds. Processor time of the page's main thread; tasks by the wall clock, as the browser reports those over 50 ms.`,
		columns: ['Landline', 'Y.Array', 'aim'],
		rows: [
			['main thread in total, ms', of(ours, 'mainThreadMs').toFixed(0), of(rival, 'mainThreadMs').toFixed(0), `≤ ${aims.mainThreadMs}`, of(ours, 'mainThreadMs') <= aims.mainThreadMs],
			['longest task, ms', longest(worst(ours)), longest(worst(rival)), `≤ ${aims.longestTaskMs}`, worst(ours) <= aims.longestTaskMs],
			['tasks over 50 ms', of(ours, 'longTasks').toFixed(0), of(rival, 'longTasks').toFixed(0), '0', of(ours, 'longTasks') === 0],
			['signature checks', of(ours, 'signatureChecks').toFixed(0), '0', `≤ ${checksAim}`, of(ours, 'signatureChecks') <= checksAim],
			['until all is stored, ms', of(ours, 'storedMs').toFixed(0), of(rival, 'storedMs').toFixed(0), ''],
			['until all is opened and shown, ms', of(ours, 'openedMs').toFixed(0), '–', ''],
			['received, MB', (of(ours, 'bytes') / 1e6).toFixed(1), (of(rival, 'bytes') / 1e6).toFixed(1), ''],
			['entries', of(ours, 'entries').toFixed(0), of(rival, 'entries').toFixed(0), ''],
		],
	});
}
