/**
 * The built app behind the real server, as a process of its own on loopback. JavaScript with types in comments, because the Firefox
 * lane and the bench run it in plain Node.
 */
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Long, because the first start may build. */
const startWithinMs = 180_000;
const stopWithinMs = 4_000;

/**
 * @typedef {object} AppServer
 * @property {string} url without a slash at the end
 * @property {number} port
 * @property {number} stunPort
 * @property {() => Promise<void>} stop
 * @property {() => import('node:child_process').ChildProcess | undefined} process the running one
 * @property {(args?: readonly string[]) => Promise<void>} start again on the same ports, with other flags if given
 */

/**
 * Starts `npm start`'s script on 127.0.0.1, free ports.
 * @param {{ args?: readonly string[], stun?: boolean, preload?: string }} [options] `preload`: a module's URL for `node --import`; the process then has an IPC channel
 * @returns {Promise<AppServer>}
 */
export async function startAppServer({ args = [], stun = true, preload } = {}) {
	const stunPort = stun ? await freeUdpPort() : 0;
	let flags = args;
	let running = await run(0, stunPort, flags, preload);
	let child = /** @type {import('node:child_process').ChildProcess | undefined} */ (running.child);
	const { url, port } = running;
	return {
		url,
		port,
		stunPort,
		process: () => child,
		async stop() {
			if (child !== undefined) await stop(child);
			child = undefined;
		},
		async start(again = flags) {
			if (child !== undefined) await stop(child);
			flags = again;
			running = await run(port, stunPort, flags, preload);
			child = running.child;
		},
	};
}

/** @param {number} port @param {number} stunPort @param {readonly string[]} args @param {string | undefined} preload */
function run(port, stunPort, args, preload) {
	const child = spawn(process.execPath, [...(preload === undefined ? [] : ['--import', preload]), 'signaling/start.mjs', '--host', '127.0.0.1', '--port', String(port), '--stun-port', String(stunPort), ...args], {
		cwd: root,
		stdio: preload === undefined ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'pipe', 'pipe', 'ipc'],
	});
	process.once('exit', () => child.kill());
	return new Promise((resolve, reject) => {
		let printed = '';
		const late = setTimeout(() => {
			child.kill();
			reject(new Error(`The server did not start in ${startWithinMs / 1000} s:\n${printed}`));
		}, startWithinMs);
		const hear = (/** @type {Buffer} */ text) => {
			printed += String(text);
			const found = /^\s+(https?:\/\/[^\s]+?:(\d+))\s*$/m.exec(printed);
			if (found?.[1] === undefined) return;
			clearTimeout(late);
			resolve({ child, url: found[1], port: Number(found[2]) });
		};
		child.stdout?.on('data', hear);
		child.stderr?.on('data', hear);
		child.once('exit', (code) => {
			clearTimeout(late);
			reject(new Error(`The server ended with code ${code} before it was ready:\n${printed}`));
		});
	});
}

/** @param {import('node:child_process').ChildProcess} child @returns {Promise<void>} */
function stop(child) {
	if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
	return new Promise((resolve) => {
		const hard = setTimeout(() => child.kill('SIGKILL'), stopWithinMs);
		child.once('exit', () => {
			clearTimeout(hard);
			resolve();
		});
		child.kill('SIGTERM');
	});
}

/** @returns {Promise<number>} */
function freeUdpPort() {
	return new Promise((resolve, reject) => {
		const socket = createSocket('udp4');
		socket.once('error', reject);
		socket.bind(0, '127.0.0.1', () => {
			const { port } = socket.address();
			socket.close(() => resolve(port));
		});
	});
}
