/** Live documents in real Chromium: two who write at once, one who was away, another room, and what somebody hostile with the room's key can do (A43). */
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createSignalingServer, type SignalingServer } from '../../signaling/server.ts';
import { createAppFixture, type AppFixture } from '../support/app-fixture.ts';
import { chromiumArgs, findChromium } from '../support/browsers.ts';
import type { LiveDocumentPage } from '../support/live-document-page.ts';

const executablePath = findChromium();
if (executablePath === undefined) console.error('SKIPPED: the live documents need Chromium or Chrome, and none was found (LANDLINE_CHROMIUM names one).');

interface Person {
	readonly page: Page;
	readonly errors: string[];
	/** Calls the page. */
	do<Name extends keyof LiveDocumentPage>(name: Name, ...args: Parameters<LiveDocumentPage[Name]>): Promise<Awaited<ReturnType<LiveDocumentPage[Name]>>>;
	lines(): Promise<string[]>;
}

const within = { timeout: 30_000 };

describe.skipIf(executablePath === undefined)('live documents', () => {
	let browser: Browser;
	let app: AppFixture;
	let server: SignalingServer;
	let people: Person[] = [];

	beforeAll(async () => {
		app = createAppFixture({ 'client.js': await bundle() });
		server = await createSignalingServer({ appDirectory: app.directory, host: '127.0.0.1', port: 0, stunPort: 0 });
		browser = await chromium.launch({ ...(executablePath === undefined ? {} : { executablePath }), args: [...chromiumArgs] });
	}, 60_000);

	afterEach(async () => {
		for (const person of people) expect(person.errors).toEqual([]);
		await Promise.all(people.map(({ page }) => page.context().close()));
		people = [];
	});

	afterAll(async () => {
		await browser.close();
		await server.close();
		app.remove();
	});

	async function visit(): Promise<Person> {
		const context = await browser.newContext();
		const page = await context.newPage();
		const errors: string[] = [];
		page.on('pageerror', (error) => errors.push(error.message));
		await page.goto(`http://127.0.0.1:${server.port}/#${server.stunPort}`);
		await page.waitForFunction(() => 'page' in globalThis);
		const person: Person = {
			page,
			errors,
			do: (name, ...args) =>
				page.evaluate(([method, given]) => (globalThis as unknown as { page: Record<string, (...all: unknown[]) => unknown> }).page[method]!(...given), [name, args] as [string, unknown[]]) as never,
			lines: () => person.do('lines'),
		};
		people.push(person);
		return person;
	}

	async function inRoom(secret: number): Promise<Person> {
		const person = await visit();
		await person.do('open');
		await person.do('enter', secret);
		return person;
	}

	const connected = async (person: Person, count = 1): Promise<void> => expect.poll(async () => (await person.do('state')).connections, within).toBe(count);

	it('two write at once and agree; each is shown to the other by proof', async () => {
		const [ana, ben] = [await inRoom(1), await inRoom(1)];
		await connected(ana);
		await connected(ben);
		await Promise.all([ana.do('write', 'from Ana'), ben.do('write', 'from Ben')]);
		await expect.poll(async () => (await ana.lines()).sort(), within).toEqual(['from Ana', 'from Ben']);
		expect(await ben.lines()).toEqual(await ana.lines());
		await expect.poll(async () => (await ana.do('state')).devices, within).toBe(2);
	}, 90_000);

	it('who writes while away brings it along', async () => {
		const [ana, ben] = [await inRoom(2), await inRoom(2)];
		await connected(ana);
		await ana.do('write', 'together');
		await expect.poll(() => ben.lines(), within).toEqual(['together']);
		await ben.do('leave');
		await ben.do('write', 'Ben alone');
		await ana.do('write', 'Ana alone');
		await ben.do('enter', 2);
		await expect.poll(async () => (await ana.lines()).sort(), within).toEqual(['Ana alone', 'Ben alone', 'together']);
		await expect.poll(() => ben.lines(), within).toEqual(await ana.lines());
	}, 120_000);

	it('closed and opened again, from the disk, while nobody else is there', async () => {
		const ana = await inRoom(3);
		await ana.do('write', 'kept');
		await ana.do('close');
		await ana.do('open');
		expect(await ana.lines()).toEqual(['kept']);
		await ana.do('enter', 3);
		await ana.do('enter', 4);
		await ana.do('enter', 3);
		expect(await ana.lines()).toEqual(['kept']);
	}, 60_000);

	it('A43: who knows what the server knows can neither join nor inject', async () => {
		const [ana, ben, eve] = [await inRoom(5), await inRoom(5), await visit()];
		await connected(ana);
		await ana.do('write', 'ours');
		await expect.poll(() => ben.lines(), within).toEqual(['ours']);
		await eve.do('intrude', 5, false);
		for (const data of ['', 'not base64 §', btoa('rubbish'), btoa('\u0007AES-GCM\u000c123456789012\u0004abcd'), { type: 'announce', from: 'eve' }, 7, null, 'A'.repeat(50_000)]) await eve.do('inject', 5, data);
		await eve.page.waitForTimeout(4_000);
		expect(await eve.do('intruder')).toEqual({ connected: 0, lines: [] });
		expect((await ana.do('state')).connections).toBe(1);
		await ana.do('write', 'still');
		await expect.poll(() => ben.lines(), within).toEqual(['ours', 'still']);
		// Its own page trips over what it injected; ours did not.
		eve.errors.length = 0;
	}, 90_000);

	it("A43: who has left sits in the old room, alone: nothing new reaches them, nothing of theirs arrives", async () => {
		const [ana, ben, carol] = [await inRoom(6), await inRoom(6), await visit()];
		await carol.do('intrude', 6);
		await connected(ana, 2);
		await ana.do('write', 'while Carol was in');
		await expect.poll(async () => (await carol.do('intruder')).lines, within).toEqual(['while Carol was in']);
		await Promise.all([ana.do('enter', 7), ben.do('enter', 7)]);
		await connected(ana, 1);
		// Their cursors came along.
		for (const one of [ana, ben]) await expect.poll(async () => (await one.do('state')).devices, within).toBe(2);
		await carol.do('forge', 77, 'from outside');
		await ana.do('write', 'after Carol left');
		await expect.poll(() => ben.lines(), within).toEqual(['while Carol was in', 'after Carol left']);
		await ana.page.waitForTimeout(3_000);
		expect(await carol.do('intruder')).toEqual({ connected: 0, lines: ['while Carol was in', 'from outside'] });
		expect(await ana.lines()).toEqual(['while Carol was in', 'after Carol left']);
	}, 120_000);

	it('A43: hostile bytes over the real channel are not let in: oversized, too many clients, rubbish, text, the word of a tab beside', async () => {
		const [ana, ben, eve] = [await inRoom(8), await inRoom(8), await visit()];
		await connected(ana);
		await ana.do('write', 'untouched');
		await expect.poll(() => ben.lines(), within).toEqual(['untouched']);
		const manyClients = [0, 2, ...lengthPrefixed([...varUint(30_000), ...Array.from({ length: 30_000 }, (_, client) => [1, ...varUint(client + 1), 0, 0, 1]).flat(), 0])];
		const floods: readonly (readonly number[])[] = [
			manyClients.slice(0, 190_000),
			[0, 2, ...lengthPrefixed(Array.from({ length: 198_000 }, () => 1))],
			[4, 1, 3, 65, 66, 67],
			[9, 9, 9],
			[0, 2, 5, 1, 255, 255, 255, 255],
			[0, 0, 3, 255, 255, 255],
			[1, 3, 1, 5, 1],
		];
		for (const bytes of floods) {
			// Under a new name each time: who was sent away would have to wait.
			await eve.do('intrude', 8);
			await expect.poll(async () => (await eve.do('intruder')).connected, within).toBeGreaterThan(0);
			const before = (await ana.do('state')).refused + (await ben.do('state')).refused;
			await eve.do('sendRaw', bytes);
			await expect.poll(async () => (await ana.do('state')).refused + (await ben.do('state')).refused, within).toBeGreaterThan(before);
			await eve.do('stopIntruding');
		}
		expect(await ana.lines()).toEqual(['untouched']);
		await ana.do('write', 'and we write on');
		await expect.poll(() => ben.lines(), within).toEqual(['untouched', 'and we write on']);
		expect((await ana.do('state')).bytes).toBeLessThan(1_000);
		eve.errors.length = 0;
	}, 180_000);

	it('A43: a forged client number: all agree, and whose it was writes on under another; a mass delete is undone from what was kept', async () => {
		const [ana, ben, eve] = [await inRoom(9), await inRoom(9), await visit()];
		await connected(ana);
		for (let line = 0; line < 12; line++) await ana.do('write', `line ${line} of a page that somebody will miss`);
		await expect.poll(async () => (await ben.lines()).length, within).toBe(12);
		const { client } = await ana.do('state');
		await eve.do('intrude', 9);
		await expect.poll(async () => (await eve.do('intruder')).lines.length, within).toBe(12);
		await eve.do('forge', client, 'in the name of Ana');
		await expect.poll(async () => (await ana.lines()).at(-1), within).toBe('in the name of Ana');
		expect((await ana.do('state')).client).not.toBe(client);
		await ana.do('write', 'Ana writes on');
		await expect.poll(async () => (await ben.lines()).at(-1), within).toBe('Ana writes on');
		await expect.poll(async () => (await eve.do('intruder')).lines.at(-1), within).toBe('Ana writes on');
		// What was there a few seconds ago is what is kept.
		await ben.page.waitForTimeout(3_500);
		await eve.do('deleteAll');
		await expect.poll(() => ben.lines(), within).toEqual([]);
		await eve.do('stopIntruding');
		expect(await ben.do('versions')).toBeGreaterThan(0);
		expect(await ben.do('restore')).toBe(true);
		await expect.poll(async () => (await ana.lines()).length, within).toBe(14);
		expect((await ana.lines()).slice(0, 2)).toEqual(['line 0 of a page that somebody will miss', 'line 1 of a page that somebody will miss']);
	}, 120_000);
});

function varUint(value: number): number[] {
	const bytes: number[] = [];
	for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
	return [...bytes, value];
}

const lengthPrefixed = (bytes: readonly number[]): number[] => [...varUint(bytes.length), ...bytes];

/** The page's script, built into memory. */
async function bundle(): Promise<string> {
	const result = await build({
		configFile: false,
		logLevel: 'error',
		build: { write: false, minify: false, target: 'es2022', lib: { entry: fileURLToPath(new URL('../support/live-document-page.ts', import.meta.url)), formats: ['es'], fileName: 'client' } },
	});
	const outputs = (Array.isArray(result) ? result : [result]).flatMap((one) => ('output' in one ? one.output : []));
	const chunk = outputs.find((one) => one.type === 'chunk');
	if (!chunk) throw new Error('the bundle holds no script');
	return chunk.code;
}
