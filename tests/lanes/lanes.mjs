/** The lanes of `npm test`, in their order: what each runs, how long it may take, and what it needs of the machine. */
import { join } from 'node:path';
import { lacksChromium, lacksFirefox, lacksNamespaces } from './machine.mjs';
import { readJsonLine, readPlaywright, readVitest } from './reports.mjs';

const minuteMs = 60_000;

/**
 * @typedef {object} Lane
 * @property {string} name
 * @property {string} title
 * @property {readonly (readonly string[])[]} commands each counts as one test, unless `read` tells more
 * @property {number} limitMs for each command
 * @property {Record<string, string>} [env]
 * @property {boolean} [needsBuild] runs the app as built
 * @property {boolean} [onRequest] not part of `npm test`
 * @property {(root: string) => string | undefined | Promise<string | undefined>} [lacks] why it cannot run here
 * @property {(output: string) => import('./reports.mjs').Tally | undefined} [read]
 */

/** @param {string} root @param {string} reports folder for machine-readable reports @returns {readonly Lane[]} */
export function lanes(root, reports) {
	const bin = (name) => join(root, 'node_modules', '.bin', name);
	const vitest = (name, project) => {
		const file = join(reports, `${name}.json`);
		return { commands: [[bin('vitest'), 'run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`]], read: () => readVitest(file) };
	};
	const playwright = (name, ...projects) => {
		const file = join(reports, `${name}.json`);
		return {
			commands: [[bin('playwright'), 'test', '--reporter=list,json', ...projects.map((one) => `--project=${one}`)]],
			env: { PLAYWRIGHT_JSON_OUTPUT_NAME: file },
			read: () => readPlaywright(file),
		};
	};
	return [
		// First, because it writes the types that lint needs.
		{ name: 'check', title: 'types', commands: [['npm', 'run', '--silent', 'check']], limitMs: 4 * minuteMs },
		{ name: 'lint', title: 'eslint and knip', commands: [[bin('eslint'), '.'], [bin('knip')]], limitMs: 4 * minuteMs },
		{ name: 'build', title: 'the build', commands: [['npm', 'run', '--silent', 'build']], limitMs: 3 * minuteMs },
		{ name: 'unit', title: 'unit, property and scenario tests in Node', limitMs: 12 * minuteMs, ...vitest('unit', 'node') },
		{ name: 'mutations', title: 'checks taken out of the sources, which tests must notice', commands: [['node', 'tests/mutations/run.mjs']], limitMs: 8 * minuteMs, read: readJsonLine },
		{ name: 'browser', title: 'unit and component tests in Chromium', limitMs: 6 * minuteMs, lacks: lacksChromium, ...vitest('browser', 'chromium') },
		{ name: 'e2e', title: 'end to end in Chromium', limitMs: 15 * minuteMs, needsBuild: true, lacks: lacksChromium, ...playwright('e2e', 'e2e', 'mdns', 'tls') },
		{
			name: 'firefox',
			title: 'Firefox and Chromium',
			commands: [['node', 'tests/firefox/run.mjs']],
			limitMs: 3 * minuteMs,
			needsBuild: true,
			lacks: async (where) => (await lacksChromium(where)) ?? lacksFirefox(),
			read: readJsonLine,
		},
		{
			name: 'lan',
			title: 'LANs in network namespaces',
			commands: [['node', 'tests/lan/run.mjs']],
			limitMs: 9 * minuteMs,
			needsBuild: true,
			lacks: async (where) => (await lacksChromium(where)) ?? lacksNamespaces(),
			read: readJsonLine,
		},
		// Last of all: it reads the reports of the lanes before it.
		{
			name: 'attacks',
			title: 'every attack of the list has a test that passed',
			commands: [['node', 'tests/lanes/attacks.mjs']],
			limitMs: minuteMs,
			lacks: lacksChromium,
			read: readJsonLine,
		},
		{ name: 'pictures', title: 'pictures for the documents', limitMs: 4 * minuteMs, needsBuild: true, onRequest: true, lacks: lacksChromium, ...playwright('pictures', 'pictures') },
	];
}
