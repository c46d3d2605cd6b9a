/** Whether browsers meet at all on a LAN, by the mesh alone (LAN.md, sections 1 and 4). */
import { createOneSubnet, createTwoSubnets } from '../support/namespaces.mjs';
import { isFull, until, withMeshOn } from './mesh-lan.mjs';

const connectWithinMs = 15_000;
/** Controls watch as long as an attempt may take and its retry begins. */
const controlMs = 17_000;

/** @param {() => import('../support/namespaces.mjs').Lan} make @param {{ stun: boolean, completion: boolean }} options @param {(text: string) => void} note */
async function connects(make, options, note) {
	const lan = make();
	try {
		await withMeshOn(lan, options, async ({ pages }) => {
			await until(() => isFull(pages), connectWithinMs, () => 'the pages did not connect');
			const pairs = await Promise.all(pages.map((page) => page.evaluate(() => globalThis.meshPage.pairs())));
			note(`chosen pairs: ${pairs.flat().join(', ')}`);
		});
	} finally {
		lan.remove();
	}
}

/** @param {() => import('../support/namespaces.mjs').Lan} make @param {{ stun: boolean, completion: boolean }} options */
async function failsToConnect(make, options) {
	const lan = make();
	try {
		await withMeshOn(lan, options, async ({ pages }) => {
			await new Promise((resolve) => setTimeout(resolve, controlMs));
			const [{ attempts, opened }] = await Promise.all(pages.map((page) => page.evaluate(() => globalThis.meshPage.stats())));
			if (attempts === 0) throw new Error('the control proves nothing: no attempt was made');
			if (opened > 0) throw new Error('the control connected');
		});
	} finally {
		lan.remove();
	}
}

/** Four hosts linked to each other; the story then begins. @param {Parameters<typeof withMeshOn>[2] extends (site: infer S) => unknown ? (site: S, lan: import('../support/namespaces.mjs').Lan) => Promise<void> : never} story */
async function withFullMesh(story) {
	const lan = createTwoSubnets(2);
	try {
		await withMeshOn(lan, { stun: true, completion: true }, async (site) => {
			await until(() => isFull(site.pages), connectWithinMs, () => 'the pages did not connect');
			await story(site, lan);
		});
	} finally {
		lan.remove();
	}
}

/** The links of a page, as device ids. @param {import('playwright-core').Page} page */
const linksOf = (page) => page.evaluate(() => globalThis.meshPage.links().map((link) => link.device));

/** @type {readonly { name: string, run: (note: (text: string) => void) => Promise<void> }[]} */
export const meshTests = [
	{ name: '(a) two subnets, a router: connects by STUN alone', run: (note) => connects(() => createTwoSubnets(), { stun: true, completion: false }, note) },
	{ name: '(a) two subnets, a router: connects by candidate completion alone', run: (note) => connects(() => createTwoSubnets(), { stun: false, completion: true }, note) },
	{ name: '(a) control: two subnets with neither fails', run: () => failsToConnect(() => createTwoSubnets(), { stun: false, completion: false }) },
	{ name: '(b) one subnet without a gateway: connects with STUN', run: (note) => connects(() => createOneSubnet(), { stun: true, completion: true }, note) },
	{ name: '(b) control: one subnet without a gateway, STUN off, fails', run: () => failsToConnect(() => createOneSubnet(), { stun: false, completion: true }) },
	{
		name: '(c) mesh: the server is killed, a lost link is found again through a neighbour',
		run: (note) =>
			withFullMesh(async ({ pages, devices, server }, lan) => {
				const [first, second] = pages;
				const [one, two] = lan.hosts;
				await server.stop('SIGKILL');
				await until(async () => (await first.evaluate(() => globalThis.meshPage.server())) !== 'connected', 5_000, () => 'the loss of the server was not noticed');
				lan.block(one, two);
				const apart = async () => !(await linksOf(first)).includes(devices[1]) && !(await linksOf(second)).includes(devices[0]);
				await until(apart, 30_000, () => 'the link was not lost');
				lan.unblock(one, two);
				const freeMs = Date.now();
				await until(() => isFull(pages), 45_000, async () => `the link was not found again: ${JSON.stringify(await second.evaluate(() => globalThis.meshPage.stats()))}`);
				note(`found again after ${((Date.now() - freeMs) / 1000).toFixed(1)} s`);
				await first.evaluate(() => globalThis.meshPage.say('without a server'));
				for (const page of pages.slice(1)) {
					await until(async () => (await page.evaluate(() => globalThis.meshPage.heard())).some((text) => text.endsWith('without a server')), 5_000, () => 'a broadcast did not arrive');
				}
			}),
	},
	{
		name: '(d) mesh: a cable is cut for 40 s: noticed within 30 s, back within 20 s, few connections built',
		run: (note) =>
			withFullMesh(async ({ pages, devices }, lan) => {
				const [host] = lan.hosts;
				const others = pages.slice(1);
				const cutMs = Date.now();
				lan.cut(host);
				await until(async () => (await Promise.all(others.map(linksOf))).every((links) => !links.includes(devices[0])), 30_000, () => 'the cut was not noticed within 30 s');
				note(`noticed after ${((Date.now() - cutMs) / 1000).toFixed(1)} s`);
				await new Promise((resolve) => setTimeout(resolve, Math.max(0, cutMs + 40_000 - Date.now())));
				lan.mend(host);
				const mendedMs = Date.now();
				await until(() => isFull(pages), 20_000, () => 'not linked again within 20 s');
				note(`linked again after ${((Date.now() - mendedMs) / 1000).toFixed(1)} s`);
				for (const page of pages) {
					const { built } = await page.evaluate(() => globalThis.meshPage.stats());
					if (built > 30) throw new Error(`${built} connections were built`);
				}
			}),
	},
];
