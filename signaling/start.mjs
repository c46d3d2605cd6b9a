/**
 * `npm start`: builds when the build is missing or older than the sources, then runs the server with the flags given.
 * Plain JavaScript that an old Node can still read far enough to say that it is too old.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const outputs = ['build/app/index.html', 'build/signaling/main.js'];
const sources = ['src', 'static', 'signaling', 'vite.config.ts', 'package.json', 'tsconfig.json'];
const argv = process.argv.slice(2);

function isTooOld(version) {
	const [major, minor] = version.split('.').map(Number);
	return major < 20 || (major === 20 && minor < 19);
}

/** Time of the last change below a path, folders included: a deleted file changes its folder. 0 when there is nothing. */
function newest(path) {
	const stat = statSync(path, { throwIfNoEntry: false });
	if (!stat) return 0;
	if (!stat.isDirectory()) return stat.mtimeMs;
	return readdirSync(path).reduce((latest, name) => Math.max(latest, newest(join(path, name))), stat.mtimeMs);
}

function buildReason() {
	const built = outputs.map((path) => newest(join(root, path)));
	if (built.includes(0)) return 'for the first time';
	const changed = Math.max(...sources.map((path) => newest(join(root, path))));
	return changed > Math.min(...built) ? 'because the sources are newer than the last build' : undefined;
}

/** Runs `npm run build` and shows its output only when it fails. Returns whether it worked. */
function build(reason) {
	console.log(`Building Landline ${reason}. This takes about half a minute.`);
	const npm = process.env.npm_execpath;
	const options = { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 };
	const done = npm
		? spawnSync(process.execPath, [npm, 'run', 'build'], options)
		: spawnSync('npm', ['run', 'build'], { ...options, shell: process.platform === 'win32' });
	if (done.status === 0) return true;
	process.stderr.write(`${done.stdout ?? ''}${done.stderr ?? ''}\n`);
	console.error(
		statSync(join(root, 'node_modules/vite'), { throwIfNoEntry: false })
			? `The build failed${done.error ? ` (${done.error.message})` : ''}; what it printed stands above. Nothing was started.`
			: 'The build failed because its tools are not installed. Run "npm ci" first, then "npm start" again.',
	);
	return false;
}

if (isTooOld(process.versions.node)) {
	console.error(`Landline needs Node 20.19 or later; this is ${process.versions.node}. Install a newer Node from your distribution or nodejs.org.`);
	process.exitCode = 1;
} else {
	const reason = buildReason();
	if (reason === undefined || build(reason)) {
		const { main } = await import(pathToFileURL(join(root, 'build/signaling/main.js')).href);
		await main(argv);
	} else {
		process.exitCode = 1;
	}
}
