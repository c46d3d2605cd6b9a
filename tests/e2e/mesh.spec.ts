/** The mesh in real pages without an office: ten meet and hear each other, one is killed, the server is killed, links are found again. */
import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { chromium, expect, test, type Page } from '@playwright/test';
import { chromiumArgs, findChromium, withoutMdnsArgs } from '../support/browsers.mjs';
import { buildMeshPage } from '../support/mesh-page.mjs';

const secret = 'e2'.repeat(32);
const pageCount = 9;

/** The real signaling server with the mesh page in the app's place. */
async function serve(directory: string): Promise<{ process: ChildProcess; url: string }> {
	const script = fileURLToPath(new URL('../support/serve-page.mjs', import.meta.url));
	const child = spawn(process.execPath, [script, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
	const port = await new Promise<string>((resolve, reject) => {
		child.once('exit', () => reject(new Error('the server ended')));
		child.stdout.on('data', (text: Buffer) => {
			const ready = /ready (\d+)/.exec(String(text))?.[1];
			if (ready !== undefined) resolve(ready);
		});
	});
	return { process: child, url: `http://127.0.0.1:${port}/` };
}

async function join(page: Page, url: string): Promise<string> {
	await page.goto(url);
	await page.waitForFunction(() => 'meshPage' in globalThis);
	return page.evaluate((options) => meshPage.start(options), { stunPort: 0, secret });
}

const linkCounts = (pages: readonly Page[]): Promise<number[]> => Promise.all(pages.map((page) => page.evaluate(() => meshPage.links().length)));

test('ten pages: all meet, all hear, one is killed, and without the server links are found again', async ({ browser }) => {
	test.setTimeout(180_000);
	const built = await buildMeshPage();
	const server = await serve(built.directory);
	const executablePath = findChromium();
	const elsewhere = await chromium.launchServer({ ...(executablePath === undefined ? {} : { executablePath }), args: [...chromiumArgs, ...withoutMdnsArgs] });
	const context = await browser.newContext();
	try {
		const pages: Page[] = [];
		for (let i = 0; i < pageCount; i++) pages.push(await context.newPage());
		const victim = await (await chromium.connect(elsewhere.wsEndpoint())).newPage();
		await Promise.all(pages.map((page) => join(page, server.url)));
		const killed = await join(victim, server.url);
		await expect.poll(() => linkCounts([...pages, victim]), { timeout: 60_000 }).toEqual(Array.from({ length: pageCount + 1 }, () => pageCount));

		await victim.evaluate(() => meshPage.say('hello all'));
		for (const page of pages) await expect.poll(() => page.evaluate(() => meshPage.heard())).toEqual(['9:hello all']);

		const [first] = pages as [Page, ...Page[]];
		expect(await first.evaluate((device) => meshPage.sayTo(device, 'x', 1_500_000), killed)).toBe(true);
		await expect.poll(() => victim.evaluate(() => meshPage.heard().at(-1)), { timeout: 30_000 }).toMatch(/^1500000:xxx/);

		await elsewhere.kill();
		await expect.poll(() => linkCounts(pages), { timeout: 30_000, message: 'silence is noticed' }).toEqual(pages.map(() => pageCount - 1));

		server.process.kill('SIGKILL');
		await expect.poll(() => first.evaluate(() => meshPage.server())).not.toBe('connected');
		const attempts = (await first.evaluate(() => meshPage.stats())).attempts;
		await first.evaluate(() => meshPage.breakAllButOne());
		await first.evaluate(() => meshPage.probe());
		await expect.poll(() => first.evaluate(() => meshPage.closes().length), { timeout: 10_000 }).toBeGreaterThanOrEqual(pageCount - 2);
		await expect.poll(() => linkCounts(pages), { timeout: 60_000, message: 'found again through a neighbour' }).toEqual(pages.map(() => pageCount - 1));
		expect((await first.evaluate(() => meshPage.stats())).attempts - attempts).toBeLessThan(3 * pageCount);
	} finally {
		await context.close();
		await elsewhere.close();
		server.process.kill('SIGKILL');
		built.remove();
	}
});
