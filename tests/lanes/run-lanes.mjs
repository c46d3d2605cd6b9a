/** Runs lanes one after another, sums what they report, and prints the summary whose last line is `N passed, N failed`. */
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from './command.mjs';
import { lanes as allLanes } from './lanes.mjs';
import { findChromium } from '../support/browsers.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const reports = join(root, 'test-results', 'lanes');
const skipIsFailure = process.env['LANDLINE_ALL_LANES'] === '1';

/** @param {readonly string[]} names lanes to run; none = all */
export async function runLanes(names) {
	const lanes = allLanes(root, reports);
	const unknown = names.filter((name) => !lanes.some((lane) => lane.name === name));
	if (unknown.length > 0) {
		console.error(`There is no lane "${unknown.join('", "')}". Lanes: ${lanes.map((lane) => lane.name).join(', ')}.`);
		process.exitCode = 1;
		return;
	}
	const chosen = lanes.filter((lane) => (names.length === 0 ? lane.onRequest !== true : names.includes(lane.name)));
	if (chosen.some((lane) => lane.needsBuild) && !chosen.some((lane) => lane.name === 'build') && !isBuilt()) {
		chosen.unshift(...lanes.filter((lane) => lane.name === 'build'));
	}

	mkdirSync(reports, { recursive: true });
	const rows = [];
	for (const lane of chosen) rows.push(await runLane(lane));
	summarize(rows);
}

/** @param {import('./lanes.mjs').Lane} lane */
async function runLane(lane) {
	console.log(`\n=== ${lane.name}: ${lane.title}`);
	const startedMs = Date.now();
	const seconds = () => (Date.now() - startedMs) / 1000;
	const lacking = await lane.lacks?.(root);
	if (lacking !== undefined) {
		console.log(`!!! SKIPPED ${lane.name}: ${lacking}`);
		return { lane, passed: 0, failed: skipIsFailure ? 1 : 0, skipped: 1, seconds: seconds(), notes: [`SKIPPED: ${lacking}`] };
	}

	const chromium = findChromium();
	const total = { passed: 0, failed: 0, skipped: 0 };
	const notes = [];
	for (const command of lane.commands) {
		rmSync(join(reports, `${lane.name}.json`), { force: true });
		const { code, timedOut, output } = await runCommand(command, {
			cwd: root,
			limitMs: lane.limitMs,
			env: { ...lane.env, ...(chromium === undefined ? {} : { LANDLINE_CHROMIUM: chromium }) },
			capture: lane.read !== undefined,
		});
		const tally = lane.read ? lane.read(output) : { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
		const crashed = timedOut || tally === undefined || (code !== 0 && tally.failed === 0);
		total.passed += tally?.passed ?? 0;
		total.failed += (tally?.failed ?? 0) + (crashed ? 1 : 0);
		total.skipped += tally?.skipped ?? 0;
		notes.push(...(tally?.notes ?? []));
		if (timedOut) notes.push(`stopped at its limit of ${lane.limitMs / 1000} s`);
		else if (crashed) notes.push(`ended with exit code ${code} and no failure of its own: it crashed`);
		else if (code !== 0 && !lane.read) notes.push(command.join(' ').replace(root, ''));
	}
	return { lane, ...total, seconds: seconds(), notes };
}

function summarize(rows) {
	console.log('\n=== summary');
	for (const { lane, passed, failed, skipped, seconds, notes } of rows) {
		const mark = failed > 0 ? 'FAILED' : passed === 0 && skipped > 0 ? 'SKIPPED' : 'ok';
		console.log(`${lane.name.padEnd(9)} ${mark.padEnd(8)} ${passed} passed, ${failed} failed, ${skipped} skipped  (${seconds.toFixed(0)} s)`);
		for (const note of notes) console.log(`          ${note}`);
	}
	const sum = (key) => rows.reduce((total, row) => total + row[key], 0);
	const skipped = sum('skipped');
	console.log(`\n${sum('passed')} passed, ${sum('failed')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
	process.exitCode = sum('failed') > 0 ? 1 : 0;
}

/** The lanes that need the build start the server through `npm start`'s script, which builds anew when the sources are newer. */
function isBuilt() {
	return statSync(join(root, 'build/app/index.html'), { throwIfNoEntry: false }) !== undefined;
}
