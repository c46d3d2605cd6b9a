/**
 * Holds the reports of a test run against the list of attacks: each line needs a test that bears its number and passed, none that failed.
 * `npm run attacks` runs the suites that hold them and writes `docs/security/attacks.md`; the lane of `npm test` fails
 * when a line has no test or one that failed, and tells when the page is older than the tests.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { attacks } from './attack-list.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const reports = join(root, 'test-results', 'lanes');
const page = join(root, 'docs', 'security', 'attacks.md');
/** In a title: `A02, A26: …`, alone or after the titles of the groups it stands in. */
const numbersOf = /(?:^|[\s>])(A\d\d(?:, A\d\d)*): /g;

/** More tests of one file than this are told by their number. */
const maxListed = 8;

/** @typedef {{ readonly file: string, readonly title: string, readonly passed: boolean }} Proof */

/** @returns {readonly Proof[] | undefined} `undefined` while a report is missing */
function readProofs() {
	/** @type {Proof[]} */
	const proofs = [];
	for (const name of ['unit', 'browser']) {
		const report = readJson(`${name}.json`);
		if (report === undefined) return undefined;
		for (const file of report.testResults) {
			for (const one of file.assertionResults) if (one.status !== 'pending') proofs.push({ file: within(file.name), title: [...one.ancestorTitles, one.title].join(' > '), passed: one.status === 'passed' });
		}
	}
	const report = readJson('e2e.json');
	if (report === undefined) return undefined;
	const visit = (/** @type {any} */ suite, /** @type {readonly string[]} */ trail) => {
		for (const spec of suite.specs ?? []) proofs.push({ file: `tests/e2e/${spec.file.split('/').pop()}`, title: [...trail, spec.title].join(' > '), passed: spec.ok });
		for (const inner of suite.suites ?? []) visit(inner, [...trail, inner.title]);
	};
	for (const suite of report.suites) visit(suite, []);
	return proofs;
}

/** @param {string} name */
function readJson(name) {
	try {
		return JSON.parse(readFileSync(join(reports, name), 'utf8'));
	} catch {
		return undefined;
	}
}

/** @param {string} path */
function within(path) {
	return path.replace(root, '');
}

/** @param {readonly Proof[]} proofs @returns {ReadonlyMap<string, readonly Proof[]>} */
function byNumber(proofs) {
	/** @type {Map<string, Proof[]>} */
	const found = new Map();
	for (const proof of proofs) {
		for (const match of proof.title.matchAll(numbersOf)) {
			for (const number of (match[1] ?? '').split(', ')) found.set(number, [...(found.get(number) ?? []), proof]);
		}
	}
	return found;
}

/** @param {ReadonlyMap<string, readonly Proof[]>} found */
function pageOf(found) {
	// The same test may run in Node and in Chromium.
	const tests = (/** @type {readonly Proof[]} */ of) => {
		const texts = [...new Set(of.map(({ file, title }) => `${file}: ${lastNumbered(title)}`))].sort();
		// A table of published vectors is one line.
		const files = [...new Set(texts.map((text) => text.split(': ')[0] ?? ''))];
		return files.flatMap((file) => {
			const own = texts.filter((text) => text.startsWith(`${file}: `));
			return own.length > maxListed ? [`${file}: ${own.length} cases, from “${(own[0] ?? '').slice(file.length + 2)}” on`] : own;
		});
	};
	const rows = attacks.map(({ number, attack, outcome, later }) => {
		const of = found.get(number) ?? [];
		const result = later !== undefined && of.length === 0 ? `comes with ${later}` : of.length === 0 ? '**no test**' : of.every(({ passed }) => passed) ? 'passed' : '**failed**';
		return `| ${number} | ${cell(attack)} | ${cell(outcome)} | ${tests(of).map(cell).join('<br>')} | ${result} |`;
	});
	return `# Attacks and their tests

Made from a test run by \`npm run attacks\`; \`npm test\` fails when a line has no test, or one that fails. What each adversary can and cannot do stands in the [threat model](threat-model.md), the rules in [PROTOCOL.md](../../src/sync/PROTOCOL.md).

| # | Attack | Must come of it | Tests | Result |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`;
}

/** From the group or test on that bears the number. @param {string} title */
function lastNumbered(title) {
	const parts = title.split(' > ');
	const first = parts.findIndex((part) => /^A\d\d/.test(part));
	return parts.slice(Math.max(0, first)).join(' › ');
}

/** @param {string} text */
function cell(text) {
	return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ');
}

const write = process.argv.includes('--write');
const proofs = readProofs();
if (proofs === undefined) {
	console.log('The lanes unit, browser and e2e have left no report: run them first.');
	console.log(JSON.stringify({ passed: 0, failed: 1, failures: ['no reports of the lanes unit, browser and e2e'] }));
	process.exitCode = 1;
} else {
	const found = byNumber(proofs);
	const due = attacks.filter(({ later }) => later === undefined);
	const failures = due.filter(({ number }) => !(found.get(number) ?? []).some(() => true)).map(({ number, attack }) => `${number}: no test (${attack})`);
	for (const [number, of] of found) for (const { file, title, passed } of of) if (!passed) failures.push(`${number}: failed: ${file}: ${title}`);
	const text = pageOf(found);
	if (write) writeFileSync(page, text);
	else if (readText(page) !== text) console.log('docs/security/attacks.md is older than these tests: write it anew with `npm run attacks`.');
	for (const failure of failures) console.log(failure);
	console.log(`${due.length - failures.filter((one) => one.includes(': no test')).length} of ${due.length} attacks are tested.`);
	console.log(JSON.stringify({ passed: due.length - failures.length, failed: failures.length, failures }));
	process.exitCode = failures.length > 0 ? 1 : 0;
}

/** @param {string} path */
function readText(path) {
	try {
		return readFileSync(path, 'utf8');
	} catch {
		return undefined;
	}
}
