/**
 * `npm run test:lan`: LANs in network namespaces, with the real server and Chromium as it comes (mDNS hiding on). Every connection that
 * must work has a control that must fail, so that the test is known to test. Ends with one line of JSON for the runner.
 * `node tests/lan/run.mjs WORD` runs the tests whose name holds the word.
 */
import { appTests } from './app-tests.mjs';
import { removeMeshPage } from './mesh-lan.mjs';
import { meshTests } from './mesh-tests.mjs';

const word = process.argv[2] ?? '';
const failures = [];
let passed = 0;
for (const { name, run } of [...meshTests, ...appTests].filter((test) => test.name.includes(word))) {
	const startMs = Date.now();
	try {
		await run();
		passed += 1;
		console.log(`  ok    ${name} (${((Date.now() - startMs) / 1000).toFixed(1)} s)`);
	} catch (error) {
		failures.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
		console.log(`  FAIL  ${name}\n        ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
	}
}
removeMeshPage();
console.log(JSON.stringify({ passed, failed: failures.length, failures }));
process.exitCode = failures.length === 0 ? 0 : 1;
