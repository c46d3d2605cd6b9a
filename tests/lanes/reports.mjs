/** Reads what a lane reports into numbers. A lane that crashed before its report counts as one failure. */
import { readFileSync } from 'node:fs';

/** @typedef {{ passed: number, failed: number, skipped: number, notes?: string[] }} Tally */

/** @param {string} path Vitest's JSON report @returns {Tally | undefined} */
export function readVitest(path) {
	const report = readJson(path);
	if (report === undefined) return undefined;
	const notes = [];
	for (const file of report.testResults ?? []) {
		const failures = file.assertionResults.filter((one) => one.status === 'failed');
		for (const one of failures) notes.push(`${relative(file.name)}: ${one.fullName}`);
		if (file.status === 'failed' && failures.length === 0) notes.push(`${relative(file.name)}: did not run: ${file.message ?? ''}`.split('\n')[0]);
	}
	const unrun = notes.filter((note) => note.includes(': did not run')).length;
	return { passed: report.numPassedTests, failed: report.numFailedTests + unrun, skipped: report.numPendingTests + (report.numTodoTests ?? 0), notes };
}

/** @param {string} path Playwright's JSON report @returns {Tally | undefined} */
export function readPlaywright(path) {
	const report = readJson(path);
	if (report === undefined) return undefined;
	const notes = [];
	const visit = (suite, trail) => {
		for (const spec of suite.specs ?? []) if (!spec.ok) notes.push([...trail, spec.title].join(' > '));
		for (const inner of suite.suites ?? []) visit(inner, [...trail, inner.title]);
	};
	for (const suite of report.suites ?? []) visit(suite, [suite.title]);
	for (const error of report.errors ?? []) notes.push(String(error.message ?? 'error').split('\n')[0]);
	const { expected, unexpected, flaky, skipped } = report.stats;
	return { passed: expected + flaky, failed: unexpected + (report.errors?.length ?? 0), skipped, notes };
}

/** @param {string} output what the lane printed; the last line that is JSON with `passed` and `failed` counts @returns {Tally | undefined} */
export function readJsonLine(output) {
	for (const line of output.split('\n').reverse()) {
		if (!line.trimStart().startsWith('{')) continue;
		try {
			const value = JSON.parse(line);
			if (typeof value.passed === 'number' && typeof value.failed === 'number') return { passed: value.passed, failed: value.failed, skipped: value.skipped ?? 0, notes: value.failures ?? [] };
		} catch {
			// Some other line that begins with a brace.
		}
	}
	return undefined;
}

function readJson(path) {
	try {
		return JSON.parse(readFileSync(path, 'utf8'));
	} catch {
		return undefined;
	}
}

function relative(path) {
	return path.replace(`${process.cwd()}/`, '');
}
