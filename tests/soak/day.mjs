/** What people do all day, drawn from a seed: they write, read, reload, close, die and come back, and the server comes and goes. */
import { goTo, mainNavigation, message, notice, openConversation, openDirect, postNotice, say, setStatus, startGroup } from '../support/people-in-browsers.mjs';

const pauseMs = { least: 200, most: 1_500 };
const awayMs = { least: 3_000, most: 40_000 };
const keptWithinMs = 15_000;
const maxGroups = 5;
const maxNotices = 6;

/** @typedef {import('./desk.mjs').Desk} Desk */

/**
 * @param {{ desks: readonly Desk[], server: import('../support/app-server.mjs').AppServer, seed: number, tell: (text: string) => void }} parts
 */
export function createDay({ desks, server, seed, tell }) {
	const random = mulberry(seed);
	const below = (/** @type {number} */ n) => Math.floor(random() * n);
	/** @template T @param {readonly T[]} from @returns {T} */
	const pick = (from) => /** @type {T} */ (from[below(from.length)]);
	const between = (/** @type {{ least: number, most: number }} */ { least, most }) => least + below(most - least);

	/** @type {import('./ledger.mjs').Said[]} */ const said = [];
	/** Groups by title. @type {Map<string, readonly string[]>} */ const groups = new Map();
	/** Notices by title: who acknowledged. @type {Map<string, Set<string>>} */ const notices = new Map();
	/** @type {string[]} */ const troubles = [];
	/** When who is away comes back. @type {Map<Desk, number>} */ const returns = new Map();
	let serverBackAt = 0;

	const present = () => desks.filter((desk) => desk.present);

	/** Opens a room at random; answers its name in the ledger. @param {Desk} desk */
	async function enter(desk) {
		const draw = random();
		const mine = [...groups].filter(([, members]) => members.includes(desk.name));
		if (draw < 0.4) {
			await openConversation(desk.page, 'Everyone');
			return 'Everyone';
		}
		if (draw < 0.65 && mine.length > 0) {
			const [title] = pick(mine);
			await openConversation(desk.page, title);
			return title;
		}
		const other = pick(desks.filter((one) => one !== desk));
		await openDirect(desk.page, other.name);
		return directRoom(desk.name, other.name);
	}

	/** @param {Desk} desk */
	async function talk(desk, times = 1 + below(3)) {
		const room = await enter(desk);
		for (let i = 0; i < times; i += 1) await utter(desk, room);
		return room;
	}

	/** @param {Desk} desk @param {string} room */
	async function utter(desk, room) {
		const one = { room, author: desk.name, text: `#${said.length + 1}. ${desk.name.split(' ')[0]} in ${room}`, kept: false };
		said.push(one);
		await say(desk.page, one.text);
		await message(desk.page, one.text).filter({ hasNotText: 'sending' }).waitFor({ timeout: keptWithinMs });
		one.kept = true;
	}

	/** @param {Desk} desk */
	function goAway(desk) {
		returns.set(desk, Date.now() + between(awayMs));
	}

	/** @type {readonly [number, string, (desk: Desk) => Promise<unknown>][]} */
	const deeds = [
		[50, 'talks', (desk) => talk(desk)],
		[
			8,
			'reloads',
			async (desk) => {
				await desk.page.reload();
				await mainNavigation(desk.page).waitFor();
			},
		],
		[
			8,
			'closes the page',
			async (desk) => {
				goAway(desk);
				await desk.close();
			},
		],
		[
			6,
			'writes and closes at once',
			async (desk) => {
				await talk(desk, 1);
				goAway(desk);
				await desk.close();
			},
		],
		[
			8,
			'writes and is killed',
			async (desk) => {
				await talk(desk, 2);
				goAway(desk);
				if (desk.killable) await desk.kill();
				else await desk.close();
			},
		],
		[
			4,
			'starts a group',
			async (desk) => {
				if (groups.size >= maxGroups) return;
				const others = desks.filter((one) => one !== desk).sort(() => random() - 0.5);
				const members = others.slice(0, 2 + below(others.length - 2)).map((one) => one.name);
				const title = `Group ${groups.size + 1}`;
				await startGroup(desk.page, title, members);
				groups.set(title, [desk.name, ...members]);
				await utter(desk, title);
			},
		],
		[
			4,
			'sets a status',
			(desk) => setStatus(desk.page, pick(/** @type {const} */ (['Available', 'Away', 'Busy', 'Invisible'])), pick(['', 'in a meeting', 'back at three'])),
		],
		[
			4,
			'looks at the placard',
			async (desk) => {
				if (desk === desks[0]) {
					if (notices.size >= maxNotices) return;
					const title = `Notice ${notices.size + 1}`;
					await postNotice(desk.page, { title, text: 'Please confirm.', acknowledge: true });
					notices.set(title, new Set());
					return;
				}
				await goTo(desk.page, 'Placard');
				for (const [title, done] of notices) {
					const button = notice(desk.page, title).getByRole('button', { name: 'Acknowledge', exact: true });
					if (done.has(desk.name) || !(await button.isVisible())) continue;
					await button.click();
					await notice(desk.page, title).getByRole('button', { name: 'Acknowledged' }).waitFor();
					done.add(desk.name);
				}
			},
		],
		[
			2,
			'sees the server stop',
			async () => {
				if (serverBackAt !== 0) return;
				serverBackAt = Date.now() + between(awayMs);
				await server.stop();
			},
		],
	];
	const weight = deeds.reduce((sum, [one]) => sum + one, 0);

	function draw() {
		let at = below(weight);
		return deeds.find(([one]) => (at -= one) < 0) ?? deeds[0];
	}

	async function comeBack() {
		if (serverBackAt !== 0 && Date.now() > serverBackAt) {
			serverBackAt = 0;
			await server.start();
			tell('the server is back');
		}
		for (const [desk, at] of returns) {
			if (Date.now() < at) continue;
			returns.delete(desk);
			tell(`${desk.name} comes back${serverBackAt === 0 ? '' : ', without a server'}`);
			await desk.open();
			await mainNavigation(desk.page).waitFor({ timeout: 40_000 });
		}
	}

	/** @param {string} what @param {() => Promise<unknown>} work @param {Desk} [desk] */
	async function attempt(what, work, desk) {
		try {
			await work();
		} catch (error) {
			troubles.push(`${what}: ${error instanceof Error ? error.message.split('\n').slice(0, 3).join(' ') : String(error)}`);
			tell(`TROUBLE ${troubles.at(-1)}`);
			await desk?.page.screenshot({ path: `test-results/soak-${troubles.length}.png` }).catch(() => undefined);
		}
	}

	return {
		said,
		groups,
		notices,
		troubles,
		/** @param {number} ms */
		async run(ms) {
			const end = Date.now() + ms;
			while (Date.now() < end) {
				await attempt('coming back', comeBack);
				await new Promise((resolve) => setTimeout(resolve, between(pauseMs)));
				const here = present();
				const deed = draw();
				if (here.length === 0 || deed === undefined) continue;
				const desk = pick(here);
				tell(`${desk.name} ${deed[1]}`);
				await attempt(`${desk.name} ${deed[1]}`, () => deed[2](desk), desk);
			}
			await server.start();
			for (const desk of desks) if (!desk.present) await attempt(`${desk.name} comes back`, () => desk.open(), desk);
		},
	};
}

/** @param {string} a @param {string} b */
export const directRoom = (a, b) => [a, b].sort().join(' and ');

/** @param {number} seed */
function mulberry(seed) {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let x = Math.imul(state ^ (state >>> 15), state | 1);
		x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
		return ((x ^ (x >>> 14)) >>> 0) / 4_294_967_296;
	};
}
