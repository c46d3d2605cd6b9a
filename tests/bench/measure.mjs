/** One round of the mesh bench: start N pages at once, and measure them. The same code measures both contenders. */
import { renderersMiB } from './machine.mjs';

const connectWithinMs = 240_000;
const settleMs = 3_000;
const changes = 5;
const changeWithinMs = 30_000;

/** @typedef {import('playwright-core').Page} Page */

/**
 * @typedef {object} Contender
 * @property {string} name
 * @property {readonly Page[]} pages blank ones, each in a context of its own with the counter in it
 * @property {(page: Page) => Promise<unknown>} start
 * @property {(page: Page, text: string) => Promise<unknown>} write
 * @property {(page: Page, text: string) => Promise<unknown>} read resolves when the page has it
 * @property {(page: Page) => Promise<unknown>} [ready] before the first write
 * @property {() => Promise<number>} deliveries
 * @property {ReadonlySet<string>} payloadKinds
 */

/**
 * @typedef {object} Round
 * @property {number} connectedMs from the start of all to the last page's last connection; NaN when it never came
 * @property {number} reached share of the pairs connected at the end, 0 to 1
 * @property {number} deliveries
 * @property {number} payloadPerChange
 * @property {number} idlePerSecond messages per second and page
 * @property {number} connectionsPerPair
 * @property {number} constructedPerPair
 * @property {number} memoryMiB per page
 */

/** @param {import('playwright-core').Browser} browser @param {Contender} contender @param {{ idleMs: number, round: number }} options @returns {Promise<Round>} */
export async function measureRound(browser, contender, { idleMs, round }) {
	const { pages } = contender;
	const pairs = (pages.length * (pages.length - 1)) / 2;
	const deliveriesBefore = await contender.deliveries();
	const startedMs = Date.now();
	await Promise.all(pages.map((page) => contender.start(page)));
	const waits = await Promise.allSettled(pages.map((page) => page.waitForFunction(() => Reflect.get(window, 'benchCounts').connectedAtMs > 0, undefined, { timeout: connectWithinMs, polling: 250 })));
	const counts = await readAll(pages);
	const connectedMs = waits.some(({ status }) => status === 'rejected') ? NaN : Math.max(...counts.map((one) => one.connectedAtMs)) - startedMs;
	await sleep(settleMs);
	const deliveries = (await contender.deliveries()) - deliveriesBefore;
	await Promise.all(pages.map((page) => contender.ready?.(page)));
	await sleep(settleMs);

	const idleBefore = total(await readAll(pages));
	const idleStartMs = Date.now();
	await sleep(idleMs);
	const idle = total(await readAll(pages)) - idleBefore;
	const idlePerMs = idle / (Date.now() - idleStartMs);

	const payload = [];
	for (let change = 0; change < changes; change += 1) {
		const text = `change ${round}.${change}`;
		const writer = /** @type {Page} */ (pages[change % pages.length]);
		const before = await readAll(pages);
		await contender.write(writer, text);
		await Promise.all(pages.map((page) => withTimeout(contender.read(page, text), changeWithinMs)));
		await sleep(1_000);
		const after = await readAll(pages);
		payload.push(total(after, contender.payloadKinds) - total(before, contender.payloadKinds));
	}

	const end = await readAll(pages);
	const open = end.reduce((sum, one) => sum + one.open, 0) / 2;
	return {
		connectedMs,
		reached: Math.min(1, open / pairs),
		deliveries,
		payloadPerChange: median(payload),
		idlePerSecond: (idlePerMs * 1000) / pages.length,
		connectionsPerPair: open / pairs,
		constructedPerPair: end.reduce((sum, one) => sum + one.constructed, 0) / 2 / pairs,
		memoryMiB: ((await renderersMiB(browser)) ?? NaN) / pages.length,
	};
}

/** @param {readonly Page[]} pages @returns {Promise<import('./count-in-page.mjs').PageCounts[]>} */
function readAll(pages) {
	return Promise.all(pages.map((page) => page.evaluate(() => Reflect.get(window, 'benchCounts'))));
}

/** @param {readonly import('./count-in-page.mjs').PageCounts[]} counts @param {ReadonlySet<string>} [kinds] none = all */
function total(counts, kinds) {
	let sum = 0;
	for (const { sent } of counts) for (const [kind, times] of Object.entries(sent)) if (kinds?.has(kind) ?? true) sum += times;
	return sum;
}

/** @param {readonly number[]} values */
export function median(values) {
	const sorted = [...values].sort((a, b) => a - b);
	const low = sorted[Math.floor((sorted.length - 1) / 2)] ?? NaN;
	const high = sorted[Math.ceil((sorted.length - 1) / 2)] ?? NaN;
	return (low + high) / 2;
}

/** @param {number} ms @returns {Promise<void>} */
function sleep(ms) {
	return new Promise((resolve) => setTimeout(resolve, ms));
}

/** @template T @param {Promise<T>} promise @param {number} ms @returns {Promise<T>} */
function withTimeout(promise, ms) {
	return Promise.race([promise, sleep(ms).then(() => Promise.reject(new Error(`A page did not get a change in ${ms / 1000} s.`)))]);
}
