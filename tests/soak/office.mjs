/**
 * `npm run soak -- office [--minutes 10] [--people 5] [--seed N]`: an office of people who write, reload, close, are killed, come back,
 * and lose their server, at random from a seed. In the end all meet, and everyone must read the same, once, whole, in one order; then
 * the office must be quiet.
 */
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { startAppServer } from '../support/app-server.mjs';
import { chromiumArgs, findChromium } from '../support/browsers.mjs';
import { foundOffice, invite, joinOffice } from '../support/people-in-browsers.mjs';
import { createDesk } from './desk.mjs';
import { createDay } from './day.mjs';
import { meet } from './meet.mjs';

const names = ['Ana Costa', 'Ben Ito', 'Cleo Okafor', 'Dora Weiss', 'Emil Strand', 'Fay Moreno'];
/** So many have a browser of their own, to be killed. */
const killable = 2;

/** @param {readonly string[]} args */
export async function main(args) {
	const { values } = parseArgs({ args: [...args], options: { minutes: { type: 'string' }, people: { type: 'string' }, seed: { type: 'string' } } });
	const minutes = Number(values.minutes ?? 10);
	const people = Number(values.people ?? 5);
	const seed = Number(values.seed ?? Date.now() % 1_000_000);
	if (!(minutes > 0) || !Number.isInteger(people) || people < 3 || people > names.length || !Number.isInteger(seed)) {
		console.error(`--minutes takes a number, --people one from 3 to ${names.length}, --seed a whole number.`);
		process.exitCode = 1;
		return;
	}
	const executablePath = findChromium();
	if (executablePath === undefined) {
		console.error('The soak needs Chromium or Chrome: install one, or set LANDLINE_CHROMIUM to its path.');
		process.exitCode = 1;
		return;
	}
	console.log(`Soak of an office: ${people} people, ${minutes} minutes, seed ${seed}.`);
	const begun = Date.now();
	const tell = (/** @type {string} */ text) => console.log(`${((Date.now() - begun) / 1000).toFixed(1).padStart(7)} s  ${text}`);

	const server = await startAppServer();
	const browser = await chromium.launch({ executablePath, args: chromiumArgs });
	/** @type {import('./desk.mjs').Desk[]} */ const desks = [];
	try {
		for (const [at, name] of names.slice(0, people).entries()) {
			const own = at >= people - killable;
			desks.push(await createDesk({ name, url: server.url, executablePath, browser: own ? undefined : browser }));
		}
		const [founder, ...others] = desks;
		if (founder === undefined) throw new Error('nobody is here');
		await founder.open();
		await foundOffice(founder.page, { office: 'Soak Office', name: founder.name });
		const link = await invite(founder.page, { uses: people });
		for (const desk of others) {
			await joinOffice(desk.page, link, desk.name);
			desk.present = true;
			tell(`${desk.name} joined`);
		}
		const day = createDay({ desks, server, seed, tell });
		await day.run(minutes * 60_000);
		const wrong = [...day.troubles, ...(await meet({ desks, server, day, tell }))];
		for (const one of wrong) console.log(`WRONG  ${one}`);
		console.log(`${day.said.length} messages, ${day.notices.size} notices, ${wrong.length} faults; seed ${seed}.`);
		if (wrong.length > 0) process.exitCode = 1;
	} finally {
		for (const desk of desks) await desk.leave().catch(() => undefined);
		await browser.close();
		await server.stop();
	}
}
