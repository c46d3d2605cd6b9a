/** The end of a soak: all meet, everyone's rooms are read and compared, and then nobody does anything and the wire is watched. */
import { goTo, message, mainNavigation, notice, openConversation, personItem, room, say, setStatus } from '../support/people-in-browsers.mjs';
import { compareRoom } from './ledger.mjs';
import { directRoom } from './day.mjs';

const meetWithinMs = 90_000;
const settleWithinMs = 60_000;
const idleMs = 60_000;
/** One beat in 20 s and a little more, per link. */
const maxSendsPerLinkAndMinute = 12;
/** Attempts that failed, while colleagues and the server came and went, are made again with back-off. */
const maxConnections = 150;
const maxHeapBytes = 60_000_000;

/** @typedef {import('./desk.mjs').Desk} Desk */

/**
 * @param {{ desks: readonly Desk[], server: import('../support/app-server.mjs').AppServer, day: ReturnType<typeof import('./day.mjs').createDay>, tell: (text: string) => void }} parts
 * @returns {Promise<string[]>} what is wrong
 */
export async function meet({ desks, day, tell }) {
	/** @type {string[]} */ const wrong = [];
	const others = desks.length - 1;
	/** @param {string} what @param {() => Promise<unknown>} look */
	const expect = async (what, look) => {
		await look().catch((error) => wrong.push(`${what}: ${String(error).split('\n')[0]}`));
	};

	for (const desk of desks) {
		await expect(`${desk.name} opens`, () => mainNavigation(desk.page).waitFor({ timeout: settleWithinMs }));
		await expect(`${desk.name} is available`, () => setStatus(desk.page, 'Available', ''));
	}
	for (const desk of desks) {
		await expect(`${desk.name} meets all`, () => desk.page.getByText(`Connected to ${others} of ${others}`).first().waitFor({ timeout: meetWithinMs }));
	}
	tell('all have met');

	const rooms = [...new Set(['Everyone', ...day.groups.keys(), ...day.said.map((one) => one.room)])];
	for (const name of rooms) {
		const members = desks.filter((desk) => name === 'Everyone' || day.groups.get(name)?.includes(desk.name) || name.split(' and ').includes(desk.name));
		const titleFor = (/** @type {Desk} */ desk) => desks.find((one) => one !== desk && name === directRoom(desk.name, one.name))?.name ?? name;
		/** @type {string[]} */ let faults = [];
		const until = Date.now() + settleWithinMs;
		do {
			/** @type {Map<string, import('./ledger.mjs').Shown[]>} */ const seen = new Map();
			faults = [];
			for (const desk of members) {
				try {
					await openConversation(desk.page, titleFor(desk));
					seen.set(desk.name, await readRoom(desk));
				} catch (error) {
					faults.push(`${name}: ${desk.name} cannot open it: ${String(error).split('\n')[0]}`);
				}
			}
			faults.push(...compareRoom(name, day.said, seen));
			for (const [person, shown] of seen) {
				const odd = shown.filter((one) => one.author.startsWith(`${person},`) && one.state !== (name === 'Everyone' ? 'sent' : 'read'));
				if (odd.length > 0) faults.push(`${name}: ${person}'s "${odd[0]?.text}" and ${odd.length - 1} more are "${odd[0]?.state}"`);
			}
		} while (faults.length > 0 && Date.now() < until);
		wrong.push(...faults);
	}
	tell('all rooms are read');

	wrong.push(...(await unread(desks, expect)));
	for (const desk of desks) {
		await goTo(desk.page, 'People');
		for (const one of desks) await expect(`${desk.name} sees ${one.name}`, () => personItem(desk.page, one.name).and(desk.page.getByRole('button', { name: /, available/ })).waitFor());
	}
	const [manager] = desks;
	if (manager && day.notices.size > 0) {
		await goTo(manager.page, 'Placard');
		for (const [title, done] of day.notices) {
			const text = `${done.size} of ${others} acknowledged`;
			await expect(`the roll of ${title} is ${text}`, () => notice(manager.page, title).getByRole('button', { name: text }).waitFor());
		}
	}
	wrong.push(...(await quiet(desks, tell)));
	for (const desk of desks) wrong.push(...[...new Set(desk.complaints)].map((text) => `${desk.name}'s page: ${text.slice(0, 600)}`));
	return wrong;
}

/** Messages that come while one looks elsewhere are counted. @param {readonly Desk[]} desks @param {(what: string, look: () => Promise<unknown>) => Promise<void>} expect */
async function unread(desks, expect) {
	/** @type {string[]} */ const wrong = [];
	const [speaker, ...listeners] = desks;
	if (speaker === undefined) return wrong;
	for (const desk of listeners) await goTo(desk.page, 'People');
	await openConversation(speaker.page, 'Everyone');
	for (const text of ['Last call, one', 'Last call, two', 'Last call, three']) await say(speaker.page, text);
	for (const desk of listeners) {
		await goTo(desk.page, 'Chats');
		if (await room(desk.page, 'Everyone').isVisible()) continue;
		await expect(`${desk.name} has 3 unread`, () => desk.page.getByRole('list', { name: 'Conversations' }).getByText('3 unread messages').first().waitFor());
		await openConversation(desk.page, 'Everyone');
		await expect(`${desk.name} reads the last call`, () => message(desk.page, 'Last call, three').waitFor());
	}
	return wrong;
}

/** @param {Desk} desk @returns {Promise<import('./ledger.mjs').Shown[]>} */
async function readRoom({ page }) {
	const earlier = page.getByRole('button', { name: 'Show earlier messages' });
	while (await earlier.isVisible()) await earlier.click();
	return page.getByRole('log', { name: 'Messages' }).evaluate((log) =>
		[...log.querySelectorAll('article')].map((article) => ({
			author: article.getAttribute('aria-label') ?? '',
			text: article.querySelector('.bubble')?.textContent.trim() ?? '',
			state: article.querySelector('.state')?.textContent.trim() ?? '',
		})),
	);
}

/** Nobody does anything. @param {readonly Desk[]} desks @param {(text: string) => void} tell */
async function quiet(desks, tell) {
	/** @type {string[]} */ const wrong = [];
	const links = desks.length - 1;
	const counts = () =>
		Promise.all(desks.map((desk) => desk.page.evaluate(() => structuredClone(/** @type {{ benchCounts: import('../bench/count-in-page.mjs').PageCounts }} */ (/** @type {unknown} */ (window)).benchCounts))));
	const before = await counts();
	await new Promise((resolve) => setTimeout(resolve, idleMs));
	const after = await counts();
	for (const [at, desk] of desks.entries()) {
		const [from, to] = [before[at], after[at]];
		if (!from || !to) continue;
		/** @type {Record<string, number>} */ const kinds = {};
		let sent = 0;
		for (const [kind, count] of Object.entries(to.sent)) {
			const more = count - (from.sent[kind] ?? 0);
			if (more > 0) kinds[kind] = more;
			sent += more;
		}
		const session = await desk.page.context().newCDPSession(desk.page);
		await session.send('HeapProfiler.collectGarbage');
		const { usedSize } = await session.send('Runtime.getHeapUsage');
		tell(`${desk.name}: ${sent} sends in ${idleMs / 1000} s idle ${JSON.stringify(kinds)}, ${to.constructed} connections made, ${to.open} open, heap ${(usedSize / 1e6).toFixed(1)} MB`);
		if (sent > (maxSendsPerLinkAndMinute * links * idleMs) / 60_000) wrong.push(`${desk.name} sends ${sent} messages while idle`);
		if (to.open !== links) wrong.push(`${desk.name} holds ${to.open} open connections instead of ${links}`);
		if (to.constructed > maxConnections) wrong.push(`${desk.name} made ${to.constructed} connections`);
		if (usedSize > maxHeapBytes) wrong.push(`${desk.name}'s heap holds ${usedSize} bytes`);
	}
	return wrong;
}
