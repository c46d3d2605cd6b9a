/** `npm run test:mutations`: takes out one check of the sources after another and lets the tests that guard it run; each must fail. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';

const root = fileURLToPath(new URL('../..', import.meta.url));
const limitMs = 120_000;

// The list is TypeScript, for the sake of its one type; Vite reads it.
const vite = await createServer({ root, configFile: false, logLevel: 'error', server: { middlewareMode: true, watch: null }, optimizeDeps: { noDiscovery: true } });
/** @type {readonly import('./list.ts').Mutation[]} */
const mutations = (await vite.ssrLoadModule('/tests/mutations/list.ts'))['mutations'];
await vite.close();

const reports = mkdtempSync(join(tmpdir(), 'landline-mutations-'));
const failures = [];
for (const [index, { name, file, find, tests }] of mutations.entries()) {
	if (readFileSync(join(root, 'src', file), 'utf8').split(find).length !== 2) {
		console.log(`NOT THERE: ${name}`);
		failures.push(`src/${file} no longer holds, once: ${find}`);
		continue;
	}
	const report = join(reports, `${index}.json`);
	spawnSync(join(root, 'node_modules', '.bin', 'vitest'), ['run', '--config', 'tests/mutations/vitest.config.ts', '--reporter=json', `--outputFile=${report}`, ...tests], {
		cwd: root,
		env: { ...process.env, LANDLINE_MUTATION: name },
		timeout: limitMs,
		stdio: 'ignore',
	});
	const noticed = noticing(report);
	console.log(`${noticed.length > 0 ? 'noticed' : 'NOT NOTICED'}: ${name}${noticed.length > 0 ? ` (${noticed.length} tests, among them “${noticed[0]}”)` : ''}`);
	if (noticed.length === 0) failures.push(`no test notices: ${name}`);
}
rmSync(reports, { recursive: true });
console.log(JSON.stringify({ passed: mutations.length - failures.length, failed: failures.length, failures }));
process.exitCode = failures.length > 0 ? 1 : 0;

/** Tests that ran and failed; a file that did not load notices nothing. @param {string} report @returns {readonly string[]} */
function noticing(report) {
	try {
		const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
		return testResults.flatMap((/** @type {any} */ file) => file.assertionResults.filter((/** @type {any} */ one) => one.status === 'failed').map((/** @type {any} */ one) => one.title));
	} catch {
		return [];
	}
}
