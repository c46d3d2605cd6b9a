/** A LAN with the signaling server and a browser with a bare mesh page on each host: what the LAN tests share. */
import { fileURLToPath } from 'node:url';
import { buildMeshPage } from '../support/mesh-page.mjs';
import { launchChromiumIn, runIn } from '../support/namespaces.mjs';

const port = 8787;
const stunPort = 3478;
const secret = 'c0'.repeat(32);
const serveScript = fileURLToPath(new URL('../support/serve-page.mjs', import.meta.url));

/** @type {Promise<{ directory: string, remove: () => void }> | undefined} */
let built;

export function removeMeshPage() {
	void built?.then((page) => page.remove());
}

/**
 * @param {import('../support/namespaces.mjs').Lan} lan
 * @param {{ stun: boolean, completion: boolean }} options
 * @param {(site: { pages: import('playwright-core').Page[], devices: string[], server: ReturnType<typeof runIn>, startServer: () => Promise<void> }) => Promise<void>} story
 */
export async function withMeshOn(lan, { stun, completion }, story) {
	built ??= buildMeshPage();
	const { directory } = await built;
	const site = { pages: /** @type {import('playwright-core').Page[]} */ ([]), devices: /** @type {string[]} */ ([]), server: serve(), startServer };
	const browsers = [];
	function serve() {
		return runIn(lan.server, [process.execPath, serveScript, directory, String(port), String(stun ? stunPort : 0)]);
	}
	async function startServer() {
		site.server = serve();
		await until(() => site.server.output().includes('ready'), 10_000, () => `the server did not start: ${site.server.output()}`);
	}
	try {
		await until(() => site.server.output().includes('ready'), 10_000, () => `the server did not start: ${site.server.output()}`);
		const url = `http://${lan.server.address}:${port}`;
		await Promise.all(
			lan.hosts.map(async (host, i) => {
				const browser = await launchChromiumIn(host, { secureOrigin: url });
				browsers.push(browser);
				const page = await browser.newPage();
				await page.goto(`${url}/`);
				await page.waitForFunction(() => 'meshPage' in globalThis);
				site.pages[i] = page;
			}),
		);
		for (const page of site.pages) {
			site.devices.push(await page.evaluate((o) => globalThis.meshPage.start(o), { stunPort: stun ? stunPort : 0, secret, withoutCompletion: !completion }));
		}
		await story(site);
	} finally {
		await Promise.all(browsers.map((browser) => browser.close().catch(() => undefined)));
		await site.server.stop();
	}
}

/** Polls until `holds`; throws `what` after the limit. @param {() => boolean | Promise<boolean>} holds @param {number} limitMs @param {() => string | Promise<string>} what */
export async function until(holds, limitMs, what) {
	const end = Date.now() + limitMs;
	for (;;) {
		if (await holds()) return;
		if (Date.now() > end) throw new Error(await what());
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
}

/** Whether every page is linked to every other. @param {readonly import('playwright-core').Page[]} pages */
export async function isFull(pages) {
	const counts = await Promise.all(pages.map((page) => page.evaluate(() => globalThis.meshPage.links().length)));
	return counts.every((count) => count === pages.length - 1);
}
