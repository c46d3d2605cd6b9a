/** The built app on LANs in network namespaces: one computer a person, the server on its own (LAN.md, sections 1 and 4). */
import { fileURLToPath } from 'node:url';
import { createOneSubnet, createTwoSubnets, launchChromiumIn, runIn } from '../support/namespaces.mjs';
import { askToJoin, foundOffice, goTo, invite, joinOffice, mainNavigation, message, openConversation, personItem, room, say, sitDown } from '../support/people-in-browsers.mjs';
import { until } from './mesh-lan.mjs';

const port = 8787;
const stunPort = 3478;
const serveScript = fileURLToPath(new URL('../support/serve-app.mjs', import.meta.url));
/** A newcomer who cannot be linked would see this for ever. */
const controlMs = 20_000;
const arriveMs = 30_000;
/** After so long without an answer the one who knocked is told. */
const knockMs = 45_000;

/** @typedef {import('../support/people-in-browsers.mjs').Person} Person */

/**
 * @param {import('../support/namespaces.mjs').Lan} lan @param {{ stun: boolean }} options
 * @param {(company: { sit: (host: number, name: string) => Promise<Person>, server: ReturnType<typeof runIn> }) => Promise<void>} story
 */
async function withAppOn(lan, { stun }, story) {
	const url = `http://${lan.server.address}:${port}`;
	const server = runIn(lan.server, [process.execPath, serveScript, '--port', String(port), '--stun-port', String(stun ? stunPort : 0)]);
	/** @type {import('playwright-core').Browser[]} */
	const browsers = [];
	try {
		await until(() => server.output().includes(`:${port}`), 10_000, () => `the server did not start: ${server.output()}`);
		await story({
			server,
			async sit(index, name) {
				const browser = await launchChromiumIn(lan.hosts[index], { secureOrigin: url });
				browsers.push(browser);
				const person = await sitDown(browser, url, name);
				await person.open();
				return person;
			},
		});
	} finally {
		await Promise.all(browsers.map((browser) => browser.close().catch(() => undefined)));
		await server.stop();
		lan.remove();
	}
}

/** Waits for a message in the open conversation. @param {Person} person @param {string} text */
async function hears(person, text, withinMs = arriveMs) {
	await message(person.page, text).waitFor({ timeout: withinMs });
	const count = await message(person.page, text).count();
	if (count !== 1) throw new Error(`${person.name} sees "${text}" ${count} times`);
}

/** Ana founds the office, the others join by one invite; all have "Everyone" open. @param {(host: number, name: string) => Promise<Person>} sit @param {readonly string[]} names */
async function openOffice(sit, names) {
	const [ana, ...others] = await Promise.all(names.map((name, i) => sit(i, name)));
	await foundOffice(ana.page, { office: 'Harbour Office', name: ana.name });
	const link = await invite(ana.page, { uses: others.length });
	for (const other of others) await joinOffice(other.page, link, other.name);
	const all = [ana, ...others];
	for (const person of all) await openConversation(person.page, 'Everyone');
	for (const person of all) await say(person.page, `hello from ${person.name}`);
	for (const person of all) for (const other of all) await hears(person, `hello from ${other.name}`);
	return all;
}

/** @param {Person} person @param {string} name @param {RegExp} state @param {number} withinMs */
async function sees(person, name, state, withinMs) {
	const item = personItem(person.page, name);
	await until(async () => state.test(`${await item.getAttribute('aria-label')} ${await item.textContent()}`), withinMs, async () => `${person.name} sees "${await item.textContent()}" instead of ${String(state)}`);
}

/** @type {readonly { name: string, run: (note: (text: string) => void) => Promise<void> }[]} */
export const appTests = [
	{
		name: '(a) app: two subnets, a router: found, join, talk',
		run: () => withAppOn(createTwoSubnets(), { stun: true }, async ({ sit }) => void (await openOffice(sit, ['Ana Costa', 'Ben Okafor']))),
	},
	{
		name: '(b) app: one subnet without a gateway: found, join, talk',
		run: () => withAppOn(createOneSubnet(), { stun: true }, async ({ sit }) => void (await openOffice(sit, ['Ana Costa', 'Ben Okafor']))),
	},
	{
		name: '(b) app, control: one subnet without a gateway, STUN off, nobody can join',
		run: () =>
			withAppOn(createOneSubnet(), { stun: false }, async ({ sit }) => {
				const ana = await sit(0, 'Ana Costa');
				await foundOffice(ana.page, { office: 'Harbour Office', name: ana.name });
				const link = await invite(ana.page);
				const ben = await sit(1, 'Ben Okafor');
				await askToJoin(ben.page, link, ben.name);
				await new Promise((resolve) => setTimeout(resolve, controlMs));
				if (await mainNavigation(ben.page).isVisible()) throw new Error('the control joined');
			}),
	},
	{
		name: '(a) app: a knock over a router is answered, and one at an address where nobody sits is not',
		run: () => {
			const lan = createTwoSubnets();
			return withAppOn(lan, { stun: true }, async ({ sit }) => {
				const [ana, ben] = await openOffice(sit, ['Ana Costa', 'Ben Okafor']);
				const asked = ben.page.getByRole('alertdialog', { name: 'Ana Costa would like to talk' });
				const dialog = ana.page.getByRole('dialog', { name: 'Add by address' });
				const knockAt = async (/** @type {string} */ address) => {
					await goTo(ana.page, 'People');
					await ana.page.getByRole('button', { name: 'Add by address' }).click();
					await dialog.getByRole('textbox', { name: 'Address' }).fill(address);
					await dialog.getByRole('button', { name: 'Knock' }).click();
					await dialog.getByText(`Knocked at ${address}`).waitFor();
				};
				// The control: an address of Ben's subnet that is nobody's.
				await knockAt('10.77.2.99');
				await dialog.getByText('No answer yet').waitFor({ timeout: knockMs });
				if (await asked.isVisible()) throw new Error('a knock at another address was heard');
				await ana.page.keyboard.press('Escape');

				await knockAt(lan.hosts[1].address);
				await asked.getByRole('button', { name: 'Answer' }).click({ timeout: arriveMs });
				for (const [person, other] of /** @type {const} */ ([[ben, ana], [ana, ben]])) await room(person.page, other.name).waitFor({ timeout: arriveMs });
				await say(ben.page, 'You knocked, through a router?');
				await hears(ana, 'You knocked, through a router?');
			});
		},
	},
	{
		name: '(c) app: the server is killed: chat goes on, a lost link is found again or its messages carried',
		run: () => {
			const lan = createTwoSubnets(2);
			return withAppOn(lan, { stun: true }, async ({ sit, server }) => {
				const [ana, ben, cho] = await openOffice(sit, ['Ana Costa', 'Ben Okafor', 'Cho Tanaka']);
				await server.stop('SIGKILL');
				await say(ana.page, 'the server is gone');
				for (const person of [ben, cho]) await hears(person, 'the server is gone');
				const [one, two] = lan.hosts;
				lan.block(one, two);
				await new Promise((resolve) => setTimeout(resolve, 25_000));
				await say(ana.page, 'our link is gone too');
				await hears(ben, 'our link is gone too');
				await say(ben.page, 'and yet I hear you');
				await hears(ana, 'and yet I hear you');
				lan.unblock(one, two);
				await say(cho.page, 'all well');
				for (const person of [ana, ben]) await hears(person, 'all well');
			});
		},
	},
	{
		name: '(d) app: a cable is cut for 40 s: unknown within 30 s, and every message arrives once it is back',
		run: (note) => {
			const lan = createTwoSubnets(2);
			return withAppOn(lan, { stun: true }, async ({ sit }) => {
				const [ana, ben, cho] = await openOffice(sit, ['Ana Costa', 'Ben Okafor', 'Cho Tanaka']);
				await goTo(ana.page, 'People');
				await sees(ana, ben.name, /available/i, 10_000);
				const cutMs = Date.now();
				lan.cut(lan.hosts[1]);
				await sees(ana, ben.name, /unknown|last seen/i, 30_000);
				note(`unknown after ${((Date.now() - cutMs) / 1000).toFixed(1)} s`);
				await openConversation(ana.page, 'Everyone');
				await say(ana.page, 'written while Ben was cut off');
				await say(ben.page, 'written on the loose end');
				await hears(cho, 'written while Ben was cut off');
				await new Promise((resolve) => setTimeout(resolve, Math.max(0, cutMs + 40_000 - Date.now())));
				lan.mend(lan.hosts[1]);
				const mendedMs = Date.now();
				await hears(ben, 'written while Ben was cut off');
				for (const person of [ana, cho]) await hears(person, 'written on the loose end');
				note(`all there ${((Date.now() - mendedMs) / 1000).toFixed(1)} s after the cable was back`);
			});
		},
	},
];
