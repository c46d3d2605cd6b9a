/** The rival of the mesh bench: y-webrtc 10.3 on a bare page, with its own server from its package. */
import { fork } from 'node:child_process';
import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const counter = new URL('./count-deliveries.mjs', import.meta.url).href;
const serverScript = fileURLToPath(new URL('../../node_modules/y-webrtc/bin/server.js', import.meta.url));

/**
 * @param {{ stun: string, pages: number }} bench
 * @returns {Promise<{ url: string, deliveries: () => Promise<number>, stop: () => void }>}
 */
export async function startRival({ stun, pages }) {
	const script = await bundle();
	const signalingPort = await freePort();
	const child = fork(serverScript, { env: { ...process.env, PORT: String(signalingPort) }, execArgv: ['--import', counter], stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
	await new Promise((resolve) => child.stdout?.once('data', resolve));

	const site = createServer((request, response) => {
		const isScript = request.url === '/page.js';
		response.writeHead(200, { 'Content-Type': isScript ? 'text/javascript' : 'text/html' });
		response.end(isScript ? script : '<!doctype html><meta charset="utf-8"><title>y-webrtc</title><script type="module" src="/page.js"></script>');
	});
	await new Promise((resolve) => site.listen(0, '127.0.0.1', () => resolve(undefined)));
	const address = /** @type {import('node:net').AddressInfo} */ (site.address());
	const facts = encodeURIComponent(JSON.stringify({ signaling: `ws://127.0.0.1:${signalingPort}`, stun, pages }));
	return {
		url: `http://127.0.0.1:${address.port}/#${facts}`,
		deliveries: () => askDeliveries(child),
		stop: () => {
			child.kill();
			site.close();
		},
	};
}

/** @param {import('node:child_process').ChildProcess} child a server with the counter preloaded @returns {Promise<number>} */
export function askDeliveries(child) {
	return new Promise((resolve) => {
		child.once('message', (/** @type {{ deliveries: number }} */ answer) => resolve(answer.deliveries));
		child.send('deliveries?');
	});
}

/** @returns {Promise<string>} */
async function bundle() {
	const output = await build({
		configFile: false,
		logLevel: 'error',
		build: { write: false, target: 'es2022', lib: { entry: fileURLToPath(new URL('./y-webrtc-page.mjs', import.meta.url)), formats: ['es'], fileName: 'page' } },
	});
	const [first] = Array.isArray(output) ? output : [output];
	if (first === undefined || !('output' in first)) throw new Error('The bundler gave nothing.');
	return first.output[0].code;
}

/** @returns {Promise<number>} */
function freePort() {
	return new Promise((resolve) => {
		const probe = createTcpServer().listen(0, '127.0.0.1', () => {
			const { port } = /** @type {import('node:net').AddressInfo} */ (probe.address());
			probe.close(() => resolve(port));
		});
	});
}
