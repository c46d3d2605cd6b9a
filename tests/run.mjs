/**
 * `npm test`: runs every lane this machine can run, says loudly which it skips and why, and ends with `N passed, N failed`.
 * `node tests/run.mjs unit e2e` runs the lanes named. LANDLINE_ALL_LANES=1 (the CI) makes a skipped lane a failure.
 * This file stays readable for an old Node, so that it can say that it is too old.
 */
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
	console.error(`Landline needs Node 20.19 or later; this is ${process.versions.node}. Install a newer Node from your distribution or nodejs.org.`);
	process.exitCode = 1;
} else {
	const { runLanes } = await import('./lanes/run-lanes.mjs');
	await runLanes(process.argv.slice(2));
}
