/**
 * `npm run test:lan`: LANs in network namespaces, with the real server and Chromium as it comes (mDNS hiding on). Every connection that
 * must work has a control that must fail, so that the test is known to test. Ends with one line of JSON for the runner.
 * `node tests/lan/run.mjs WORD` runs the tests whose name holds the word.
 */
import { appTests } from './app-tests.mjs';
import { removeMeshPage } from './mesh-lan.mjs';
import { meshTests } from './mesh-tests.mjs';

// The namespaces are removed on exit; browsers get a moment to end first.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => setTimeout(() => process.exit(1), 1_000));

const word = process.argv[2] ?? '';
/** The tests mostly wait, each on a LAN of its own. */
const atOnce = 2;
const queue = [...meshTests, ...appTests].filter((test) => test.name.includes(word));
const failures = [];
let passed = 0;

async function work() {
	for (let test = queue.shift(); test !== undefined; test = queue.shift()) {
		const startMs = Date.now();
		const notes = [];
		const seconds = () => `${((Date.now() - startMs) / 1000).toFixed(1)} s`;
		try {
			await test.run((note) => notes.push(note));
			passed += 1;
			console.log([`  ok    ${test.name} (${seconds()})`, ...notes.map((note) => `        ${note}`)].join('\n'));
		} catch (error) {
			failures.push(`${test.name}: ${error instanceof Error ? error.message : String(error)}`);
			console.log([`  FAIL  ${test.name} (${seconds()})`, ...notes, error instanceof Error ? (error.stack ?? error.message) : String(error)].join('\n        '));
		}
	}
}

await Promise.all(Array.from({ length: atOnce }, work));
removeMeshPage();
console.log(JSON.stringify({ passed, failed: failures.length, failures }));
process.exitCode = failures.length === 0 ? 0 : 1;
