/** A browser profile that holds the past of an office, and what is measured in its pages; for the benches of the built app. */
import { bundle } from './bundle.mjs';
import { watchPage } from './watch-page.mjs';

const fillWithinMs = 240_000;

/** @typedef {import('playwright-core').Browser} Browser */
/** @typedef {import('playwright-core').BrowserContext} BrowserContext */
/** @typedef {import('playwright-core').Page} Page */

/** @param {Browser} browser */
export async function newContext(browser) {
	const context = await browser.newContext({ reducedMotion: 'reduce' });
	await context.addInitScript(watchPage);
	return context;
}

/** @param {BrowserContext} context @param {string} url @param {import('./make-office.ts').MadeOffice} office */
export async function fillProfile(context, url, office) {
	const page = await context.newPage();
	page.on('pageerror', (error) => console.error(error));
	await page.route(`${url}/bench/`, (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>fill</title><script type="module" src="/bench/fill.js"></script>' }));
	const script = await bundle('fill-page.ts');
	await page.route(`${url}/bench/fill.js`, (route) => route.fulfill({ contentType: 'text/javascript', body: script }));
	await page.route(`${url}/bench/office.bin`, (route) => route.fulfill({ contentType: 'application/octet-stream', body: Buffer.from(office.file) }));
	await page.goto(`${url}/bench/`);
	page.setDefaultTimeout(fillWithinMs);
	await page.evaluate(() => Reflect.get(window, 'fill')('/bench/office.bin'));
	await page.close();
}

/** Processor time of the page's main thread. @param {Page} page @param {string | undefined} profileFile */
export async function measureThread(page, profileFile) {
	const session = await page.context().newCDPSession(page);
	await session.send('Performance.enable', { timeDomain: 'threadTicks' });
	const taskMs = async () => ((await session.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'TaskDuration')?.value ?? NaN) * 1000;
	if (profileFile !== undefined) {
		await session.send('Profiler.enable');
		await session.send('Profiler.start');
	}
	const before = await taskMs();
	return {
		read: async () => (await taskMs()) - before,
		stop: async () => {
			if (profileFile === undefined) return;
			const { profile } = await session.send('Profiler.stop');
			(await import('node:fs')).writeFileSync(profileFile, JSON.stringify(profile));
		},
	};
}

/** @param {readonly { ms: number }[]} tasks */
export const longest = (tasks) => Math.max(0, ...tasks.map(({ ms }) => ms));
