/**
 * `npm run bench -- files [--size MiB] [--rounds R] [--large MiB] [--only ROW,…]`: a file from one page to another, by the app's bulk plane into its staging, beside the
 * bare channel of the same two pages and other ways of sending, in turns in one browser. Prints every row with its aim and floor, met or not.
 */
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { chromiumArgs, findChromium, withoutMdnsArgs } from '../support/browsers.mjs';
import { filesRows } from './files-table.mjs';
import { bundleSite, serveFiles } from './bundle.mjs';
import { machineName, renderersMiB } from './machine.mjs';
import { keepSection } from './sections.mjs';

const MiB = 1024 * 1024;
const rawWays = ['raw 64', 'raw 128', 'raw 255'];
const rivalWays = ['pairdrop', 'simple-peer', 'trystero', 'localsend'];
const capMiB = 4;
const smallFiles = 10_000;
const smallBytes = 4_096;
const chatMs = 4_000;
const warmMiB = 8;

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('playwright-core').Browser} Browser */
/** @typedef {{ id: string, page: Page }} Person */
/** @typedef {Record<string, number[]>} Numbers */

/** @param {readonly string[]} args */
export async function main(args) {
	const { values } = parseArgs({ args: [...args], options: { size: { type: 'string' }, rounds: { type: 'string' }, large: { type: 'string' }, only: { type: 'string' } } });
	const size = Number(values.size ?? 64);
	const rounds = Number(values.rounds ?? 5);
	const large = Number(values.large ?? 4 * size);
	const executablePath = findChromium();
	if (executablePath === undefined || ![size, rounds, large].every((one) => Number.isInteger(one) && one > 0)) {
		console.error(executablePath === undefined ? 'The bench needs Chromium or Chrome: install one, or set LANDLINE_CHROMIUM to its path.' : '--size and --large take MiB, --rounds a number from 1.');
		process.exitCode = 1;
		return;
	}
	const site = await serveFiles(await bundleSite('files-page.ts'));
	const browser = await chromium.launch({ executablePath, args: [...chromiumArgs, ...withoutMdnsArgs] });
	/** @type {Numbers} */ const numbers = {};
	const is = (/** @type {string} */ name) => values.only === undefined || values.only.split(',').includes(name);
	try {
		const [giver, taker] = await people(browser, site.url, 2);
		if (giver === undefined || taker === undefined) throw new Error('no pages');
		const warm = await call(giver, 'give', 'warm', warmMiB * MiB);
		await call(taker, 'fetchOne', warm, giver.id, [giver.id]);
		if (is('speed')) for (let round = 0; round < rounds; round += 1) await speedRound(giver, taker, size * MiB, numbers, round);
		if (is('chat')) await chatRow(giver, taker, size * MiB, numbers);
		if (is('alone')) add(numbers, 'work alone', size / ((await call(giver, 'workAlone', `bench-${size}`, size * MiB)) / 1000));
		if (is('small')) await smallRow(giver, taker, numbers);
		if (is('flipped')) await flippedRow(browser, site.url, size * MiB, numbers);
		if (is('break')) await breakRow(browser, site.url, size * MiB, numbers);
		if (is('capped')) await cappedRow(browser, site.url, numbers);
		if (is('killed')) await killedRow(browser, site.url, numbers);
		if (is('memory')) await memoryRow(browser, site.url, size, large, numbers);
		const rows = filesRows(numbers, { capMiB, large, size });
		const section = {
			name: 'files',
			command: `files --size ${size} --rounds ${rounds} --large ${large}`,
			machine: machineName(browser),
			about: `${size} MiB from one page to another, both in one headless browser on one machine, in turns, medians of ${rounds} rounds (lowest to highest). C is the bare data channel of the
same two pages, the best of messages of 64, 128 and 255 KiB; bytes made in memory, the receiver counts and lets go. Ours reads a file of the browser's private disk, hashes it, sends it, and the
receiver hashes, seals and writes it there, before it counts. The other ways are replicas of how each sends (FILES.md), with no disk at either end. Capped sources are held to
${capMiB} MiB/s each. Memory is the growth of all renderer processes together. A folder on the private disk stands for one the person picked.`,
			columns: ['measured', 'of C', 'aim', 'floor'],
			rows,
		};
		if (values.only === undefined) keepSection(section);
		else for (const row of rows) console.log(row.join('  '));
	} finally {
		await browser.close();
		site.stop();
	}
}

/** @param {Numbers} numbers @param {string} name @param {number} value */
function add(numbers, name, value) {
	(numbers[name] ??= []).push(value);
}

/** @param {Person} person @param {string} name @param {...unknown} given */
function call({ page }, name, ...given) {
	return page.evaluate(([what, list]) => Reflect.get(window, 'filesBench')[/** @type {string} */ (what)](.../** @type {unknown[]} */ (list)), /** @type {[string, unknown[]]} */ ([name, given]));
}

/** Pages that know each other, the first linked to all others. @param {Browser} browser @param {string} url @param {number} count @returns {Promise<Person[]>} */
async function people(browser, url, count) {
	/** @type {Person[]} */ const all = [];
	for (let index = 0; index < count; index += 1) {
		const id = String(index + 1).padStart(2, '0').repeat(32);
		const page = await (await browser.newContext()).newPage();
		page.on('pageerror', (error) => console.error(error));
		await page.exposeFunction('relay', async (/** @type {string} */ to, /** @type {string} */ kind, /** @type {string} */ text) => {
			const other = all.find((one) => one.id === to);
			if (other) await call(other, 'hear', id, kind, text).catch(() => undefined);
		});
		all.push({ id, page });
		await begin({ id, page }, url);
	}
	const [first, ...others] = all;
	for (const other of others) if (first) await call(other, 'dial', first.id);
	return all;
}

/** @param {Person} person @param {string} url */
async function begin(person, url) {
	await person.page.goto(url);
	await person.page.waitForFunction(() => Reflect.get(window, 'filesBench') !== undefined);
	await call(person, 'start', person.id);
}

/** @param {Person[]} all */
async function end(all) {
	for (const { page } of all) await page.context().close();
}

/** @param {Person} giver @param {Person} taker @param {number} bytes @param {Numbers} numbers @param {number} round */
async function speedRound(giver, taker, bytes, numbers, round) {
	const speed = (/** @type {number} */ ms) => bytes / MiB / (ms / 1000);
	const name = `bench-${bytes / MiB}`;
	const turns = [
		...[...rawWays, ...rivalWays].map((way) => async () => {
			await call(taker, 'openRaw', giver.id, false);
			await call(giver, 'openRaw', taker.id, true);
			// A channel just opened is slow whoever sends on it: not what is compared.
			await call(giver, 'sendRaw', taker.id, 'raw 64', warmMiB * MiB);
			add(numbers, way, speed(await call(giver, 'sendRaw', taker.id, way, bytes)));
			await Promise.all([call(giver, 'closeRaw', taker.id), call(taker, 'closeRaw', giver.id)]);
		}),
		async () => {
			const ref = await call(giver, 'give', name, bytes);
			const got = await call(taker, 'fetchOne', ref, giver.id, [giver.id]);
			expectDone(got);
			add(numbers, 'ours', speed(got.ms));
			add(numbers, 'ours with export', speed(got.ms + (await call(taker, 'exportTo', ref))));
			await call(taker, 'forget', ref);
		},
		async () => {
			const ref = await call(giver, 'give', name, bytes, { sealed: true });
			const got = await call(taker, 'fetchOne', ref, giver.id, [giver.id]);
			expectDone(got);
			add(numbers, 'ours sealed', speed(got.ms));
			await call(taker, 'forget', ref);
		},
	];
	// Each round begins elsewhere, so that none always comes first.
	for (let at = 0; at < turns.length; at += 1) await turns[(at + round * 2) % turns.length]?.();
	process.stdout.write(`\rRound ${round + 1} is done.   `);
}

/** @param {{ outcome: string, lasting: boolean }} got */
function expectDone(got) {
	if (got.outcome !== 'done' || !got.lasting) throw new Error(`the fetch ended as ${got.outcome}${got.lasting ? '' : ', in memory'}`);
}

/** @param {Person} giver @param {Person} taker @param {number} bytes @param {Numbers} numbers */
async function chatRow(giver, taker, bytes, numbers) {
	numbers['chat idle'] = await call(taker, 'chat', giver.id, chatMs);
	const ref = await call(giver, 'give', `bench-${bytes / MiB}`, bytes);
	const busy = [];
	for (const until = Date.now() + chatMs; Date.now() < until; ) {
		const fetching = call(taker, 'fetchOne', ref, giver.id, [giver.id]);
		let isOver = false;
		void fetching.then(() => (isOver = true));
		while (!isOver) busy.push(...(await call(taker, 'chat', giver.id, 300)));
		await fetching;
		await call(taker, 'forget', ref);
	}
	numbers['chat busy'] = busy;
}

/** @param {Person} giver @param {Person} taker @param {Numbers} numbers */
async function smallRow(giver, taker, numbers) {
	await call(giver, 'giveSmall', smallFiles, smallBytes);
	for (let round = 0; round < 3; round += 1) {
		const { ms, done } = await call(taker, 'fetchSmall', smallFiles, smallBytes, giver.id);
		if (done !== smallFiles) throw new Error(`${done} of ${smallFiles} small files came`);
		add(numbers, 'small files', smallFiles / (ms / 1000));
		await call(taker, 'forgetFolders');
	}
}

/** A holder flips a byte; the owner has it right. @param {Browser} browser @param {string} url @param {number} bytes @param {Numbers} numbers */
async function flippedRow(browser, url, bytes, numbers) {
	const all = await people(browser, url, 3);
	const [taker, owner, hostile] = /** @type {[Person, Person, Person]} */ (all);
	const ref = await call(owner, 'give', `bench-${bytes / MiB}`, bytes, { listed: true });
	await call(hostile, 'give', `bench-${bytes / MiB}`, bytes, { listed: true, flipped: 1 });
	await call(owner, 'limit', 8 * MiB);
	await call(hostile, 'limit', 8 * MiB);
	await call(owner, 'served');
	await call(hostile, 'served');
	expectDone(await call(taker, 'fetchOne', ref, owner.id, [hostile.id, owner.id]));
	add(numbers, 'chunks again', (await call(owner, 'served')) + (await call(hostile, 'served')) - Math.ceil(bytes / MiB));
	await end(all);
}

/** The taker's page is loaded anew in the middle. @param {Browser} browser @param {string} url @param {number} bytes @param {Numbers} numbers */
async function breakRow(browser, url, bytes, numbers) {
	const all = await people(browser, url, 2);
	const [taker, giver] = /** @type {[Person, Person]} */ (all);
	const ref = await call(giver, 'give', `bench-${bytes / MiB}`, bytes);
	await call(giver, 'served');
	const broken = call(taker, 'fetchOne', ref, giver.id, [giver.id]).catch(() => undefined);
	while ((await call(taker, 'held', ref)) < bytes / 2) await new Promise((resolve) => setTimeout(resolve, 20));
	await begin(taker, url);
	await broken;
	await call(taker, 'dial', giver.id);
	const heldAfter = await call(taker, 'held', ref);
	await call(giver, 'served');
	const got = await call(taker, 'fetchOne', ref, giver.id, [giver.id]);
	expectDone(got);
	add(numbers, 'fetched again', Math.max(0, bytes / 2 - heldAfter) / MiB);
	add(numbers, 'flows again', got.firstMs);
	await end(all);
}

/** @param {Browser} browser @param {string} url @param {Numbers} numbers */
async function cappedRow(browser, url, numbers) {
	const all = await people(browser, url, 4);
	const [taker, ...givers] = /** @type {[Person, ...Person[]]} */ (all);
	const size = 48;
	let ref;
	for (const giver of givers) {
		ref = await call(giver, 'give', `bench-${size}`, size * MiB, { listed: true });
		await call(giver, 'limit', capMiB * MiB);
	}
	for (let round = 0; round < 3; round += 1) {
		const got = await call(taker, 'fetchOne', ref, givers[0]?.id, givers.map(({ id }) => id));
		expectDone(got);
		add(numbers, 'capped', size / (got.ms / 1000));
		await call(taker, 'forget', ref);
	}
	await end(all);
}

/** @param {Browser} browser @param {string} url @param {Numbers} numbers */
async function killedRow(browser, url, numbers) {
	const all = await people(browser, url, 3);
	const [taker, first, second] = /** @type {[Person, Person, Person]} */ (all);
	const size = 48;
	const ref = await call(first, 'give', `bench-${size}`, size * MiB, { listed: true });
	await call(second, 'give', `bench-${size}`, size * MiB, { listed: true });
	for (const giver of [first, second]) await call(giver, 'limit', capMiB * MiB);
	const fetching = call(taker, 'fetchOne', ref, first.id, [first.id, second.id]);
	while ((await call(taker, 'held', ref)) < (size * MiB) / 3) await new Promise((resolve) => setTimeout(resolve, 20));
	await first.page.close();
	const got = await fetching;
	expectDone(got);
	add(numbers, 'killed pause', got.pauseMs);
	await end(all);
}

/** @param {Browser} browser @param {string} url @param {number} size @param {number} large @param {Numbers} numbers */
async function memoryRow(browser, url, size, large, numbers) {
	for (const [name, mebibytes] of /** @type {[string, number][]} */ ([
		['memory', size],
		['memory large', large],
	])) {
		const all = await people(browser, url, 2);
		const [taker, giver] = /** @type {[Person, Person]} */ (all);
		const ref = await call(giver, 'give', `bench-${mebibytes}`, mebibytes * MiB);
		// The first fetch brings what any fetch needs once: code, threads, connections.
		const warm = await call(giver, 'give', 'warm', 8 * MiB);
		await call(taker, 'fetchOne', warm, giver.id, [giver.id]);
		const before = (await renderersMiB(browser)) ?? NaN;
		let peak = before;
		const fetching = call(taker, 'fetchOne', ref, giver.id, [giver.id]);
		let isOver = false;
		void fetching.then(() => (isOver = true));
		while (!isOver) {
			await new Promise((resolve) => setTimeout(resolve, 250));
			peak = Math.max(peak, (await renderersMiB(browser)) ?? NaN);
		}
		expectDone(await fetching);
		add(numbers, name, peak - before);
		await end(all);
	}
}

