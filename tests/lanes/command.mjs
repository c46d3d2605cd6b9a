/**
 * Runs one command in a process group of its own, with a time limit. At the limit, or when the runner is stopped, that group gets
 * SIGTERM and later SIGKILL, and nothing else on the machine is touched.
 */
import { spawn } from 'node:child_process';

const killAfterMs = 8_000;

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
	process.once(signal, () => {
		for (const child of running) killGroup(child, 'SIGTERM');
		setTimeout(() => process.exit(1), 2_000);
	});
}

/**
 * @param {readonly string[]} command program and arguments
 * @param {{ cwd: string, limitMs: number, env?: Record<string, string>, capture?: boolean }} options `capture` also keeps the standard output
 * @returns {Promise<{ code: number, timedOut: boolean, output: string }>}
 */
export function runCommand(command, { cwd, limitMs, env = {}, capture = false }) {
	return new Promise((resolve) => {
		const [program = '', ...args] = command;
		const child = /** @type {import('node:child_process').ChildProcess} */ (spawn(program, args, {
			cwd,
			env: { ...process.env, ...env },
			detached: process.platform !== 'win32',
			stdio: ['ignore', capture ? 'pipe' : 'inherit', 'inherit'],
		}));
		running.add(child);
		let output = '';
		let timedOut = false;
		child.stdout?.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
			output += text;
			process.stdout.write(text);
		});
		const limit = setTimeout(() => {
			timedOut = true;
			console.error(`Stopped after ${limitMs / 1000} s: ${command.join(' ')}`);
			killGroup(child, 'SIGTERM');
			setTimeout(() => killGroup(child, 'SIGKILL'), killAfterMs).unref();
		}, limitMs);
		const settle = (/** @type {number} */ code) => {
			clearTimeout(limit);
			running.delete(child);
			resolve({ code: timedOut ? 1 : code, timedOut, output });
		};
		child.once('error', (error) => {
			console.error(`${program} did not start: ${error.message}`);
			settle(1);
		});
		child.once('close', (code) => settle(code ?? 1));
	});
}

/** @param {import('node:child_process').ChildProcess} child @param {NodeJS.Signals} signal */
function killGroup(child, signal) {
	if (child.pid === undefined) return;
	try {
		if (process.platform === 'win32') child.kill(signal);
		else process.kill(-child.pid, signal);
	} catch {
		// The group has ended by itself.
	}
}
