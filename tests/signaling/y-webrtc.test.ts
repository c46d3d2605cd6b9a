/** An unmodified y-webrtc client, in real Chromium, finds its colleague through this server and syncs (DESIGN.md, D5). */
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSignalingServer, type SignalingServer } from '../../signaling/server.ts';
import { createAppFixture, type AppFixture } from '../support/app-fixture.ts';
import { chromiumArgs, findChromium } from '../support/browsers.ts';
import type { ClientState, StartOptions, YWebrtcClient } from '../support/y-webrtc-client.ts';

const executablePath = findChromium();
if (executablePath === undefined) console.error('SKIPPED: the y-webrtc client test needs Chromium or Chrome, and none was found (LANDLINE_CHROMIUM names one).');

type Visit = { readonly page: Page; readonly received: string[]; readonly errors: string[] };
type Frame = { readonly type: string; readonly data?: { readonly from?: string } };

describe.skipIf(executablePath === undefined)('an unmodified y-webrtc client', () => {
	let browser: Browser;
	let app: AppFixture;
	let server: SignalingServer;

	beforeAll(async () => {
		app = createAppFixture({ 'client.js': await bundle() });
		server = await createSignalingServer({ appDirectory: app.directory, host: '127.0.0.1', port: 0, stunPort: 0 });
		browser = await chromium.launch({
			...(executablePath === undefined ? {} : { executablePath }),
			args: [...chromiumArgs, '--disable-features=WebRtcHideLocalIpsWithMdns'],
		});
	}, 60_000);

	afterAll(async () => {
		await browser.close();
		await server.close();
		app.remove();
	});

	/** A context of its own: no BroadcastChannel between the two, so what arrives came by WebRTC. */
	async function visit(): Promise<Visit> {
		const context = await browser.newContext();
		const page = await context.newPage();
		const received: string[] = [];
		const errors: string[] = [];
		page.on('pageerror', (error) => errors.push(error.message));
		page.on('console', (message) => {
			if (message.type() === 'error') errors.push(message.text());
		});
		page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => received.push(payload.toString())));
		await page.goto(`http://127.0.0.1:${server.port}/`);
		await page.waitForFunction(() => 'client' in globalThis);
		return { page, received, errors };
	}

	const start = (page: Page, options: StartOptions): Promise<void> =>
		page.evaluate((given) => (globalThis as unknown as { client: YWebrtcClient }).client.start(given), options);
	const write = (page: Page, text: string): Promise<void> =>
		page.evaluate((given) => (globalThis as unknown as { client: YWebrtcClient }).client.write(given), text);
	const state = (page: Page): Promise<ClientState> => page.evaluate(() => (globalThis as unknown as { client: YWebrtcClient }).client.state());

	it.each([
		['without a password, signals as objects', {}],
		['with a password, signals as base64 text', { password: 'a shared secret' }],
	])('syncs a document both ways %s', async (_name, extra) => {
		const options = {
			room: `notes-${Object.keys(extra).length}`,
			signaling: `ws://127.0.0.1:${server.port}/signal`,
			stun: `stun:127.0.0.1:${server.stunPort}`,
			...extra,
		};
		const [ana, ben] = [await visit(), await visit()];
		await start(ana.page, options);
		await write(ana.page, 'from Ana. ');
		await start(ben.page, options);
		await expect.poll(async () => (await state(ben.page)).text, { timeout: 20_000 }).toBe('from Ana. ');
		await write(ben.page, 'from Ben.');
		await expect.poll(async () => (await state(ana.page)).text, { timeout: 20_000 }).toBe('from Ana. from Ben.');

		const { peers, peerId } = await state(ana.page);
		expect(peers).toBe(1);
		const frames = ana.received.map((text) => JSON.parse(text) as Frame);
		expect(frames[0]).toEqual({ type: 'welcome', address: '127.0.0.1', build: 'fixture-1', stunPort: server.stunPort });
		expect(frames.some((frame) => frame.type === 'publish')).toBe(true);
		expect(frames.filter((frame) => frame.data?.from === peerId)).toEqual([]);
		expect([...ana.errors, ...ben.errors]).toEqual([]);
		await ana.page.context().close();
		await ben.page.context().close();
	}, 60_000);
});

/** The page's script with y-webrtc and Yjs inside, built into memory. */
async function bundle(): Promise<string> {
	const result = await build({
		configFile: false,
		logLevel: 'error',
		build: {
			write: false,
			minify: false,
			lib: { entry: fileURLToPath(new URL('../support/y-webrtc-client.ts', import.meta.url)), formats: ['es'], fileName: 'client' },
		},
	});
	const outputs = (Array.isArray(result) ? result : [result]).flatMap((one) => ('output' in one ? one.output : []));
	const chunk = outputs.find((one) => one.type === 'chunk');
	if (!chunk) throw new Error('the bundle holds no script');
	return chunk.code;
}
