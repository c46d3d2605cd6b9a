/** `npm run test:firefox`: Firefox joins an office founded in Chromium and the other way round, and both talk, on the built app. */
import { runInThisContext } from 'node:vm';
import { chromium } from 'playwright-core';
import { startAppServer } from '../support/app-server.mjs';
import { chromiumArgs, findChromium } from '../support/browsers.mjs';
import { foundOffice, goTo, invite, joinOffice, message, openConversation, personItem, say, sitDown } from '../support/people-in-browsers.mjs';
import { createFirefoxPerson, launchFirefox } from './firefox-person.mjs';
import { createStory } from '../support/story.mjs';
import { buildPageScript } from '../support/page-script.mjs';

const stepMs = 90_000;
const meetMs = 30_000;

const executablePath = findChromium();
if (executablePath === undefined) throw new Error('There is no Chromium.');
const story = createStory('firefox');
const server = await startAppServer();
const chrome = await chromium.launch({ executablePath, args: chromiumArgs });
const firefox = await launchFirefox();
console.log(`Chromium ${chrome.version()}, ${await firefox.version()}`);

try {
	const ana = await sitDown(chrome, server.url, 'Ana Costa');
	const fox = createFirefoxPerson(await firefox.newPage());
	let link = '';

	await story.step('Ana founds an office in Chromium', stepMs, async () => {
		await ana.open();
		await foundOffice(ana.page, { office: 'Harbour Office', name: 'Ana Costa' });
		link = await invite(ana.page, { uses: 3, confirm: false });
	});
	await story.step('Felix joins in Firefox through her invite', stepMs, async () => {
		await fox.page.goto(link);
		await fox.fill('Your name', 'Felix Renard');
		await fox.click('button', 'Join office');
		await fox.see('navigation', 'Main', 60_000);
	});
	await story.step('they see each other', stepMs, async () => {
		await goTo(ana.page, 'People');
		await personItem(ana.page, 'Felix Renard').and(ana.page.getByRole('button', { name: /, available/ })).waitFor({ timeout: meetMs });
		await fox.click('link', 'People');
		await fox.read('Ana Costa');
		await fox.read('Connected to 1 of 1');
	});
	await story.step('Chromium to Firefox, in Everyone', stepMs, async () => {
		await openConversation(ana.page, 'Everyone');
		await fox.openConversation('Everyone');
		await say(ana.page, 'Hello from Chromium');
		await fox.read('Hello from Chromium');
	});
	await story.step('Firefox to Chromium, in Everyone', stepMs, async () => {
		await fox.say('Hello from Firefox');
		await message(ana.page, 'Hello from Firefox').waitFor({ timeout: meetMs });
	});
	await story.step('a direct conversation, sealed for Felix, is delivered and answered', stepMs, async () => {
		await goTo(ana.page, 'People');
		await personItem(ana.page, 'Felix Renard').click();
		await ana.page.getByRole('button', { name: 'Message', exact: true }).click();
		await say(ana.page, 'Only for you');
		await message(ana.page, 'Only for you').filter({ hasText: /delivered|read/ }).waitFor({ timeout: meetMs });
		await fox.openConversation('Ana Costa');
		await fox.read('Only for you');
		await fox.say('Got it');
		await message(ana.page, 'Got it').waitFor({ timeout: meetMs });
	});
	await story.step('A53: both browsers and Node judge every disputed signature and key alike', stepMs, async () => {
		const script = await buildPageScript('verdicts-page.ts');
		const [inNode, inChromium, inFirefox] = [runInThisContext(`${script};verdicts()`), await ana.page.evaluate(`${script};verdicts()`), await fox.page.evaluate(`${script};verdicts()`)].map((verdicts) => JSON.stringify(verdicts));
		if (inNode.length < 500 || inChromium !== inNode || inFirefox !== inNode) throw new Error(`Node ${inNode}, Chromium ${inChromium}, Firefox ${inFirefox}`);
	});
	await story.step('Firefox reloads and has its history', stepMs, async () => {
		await fox.page.reload();
		await fox.see('navigation', 'Main', 60_000);
		await fox.openConversation('Ana Costa');
		await fox.read('Only for you');
	});
	await story.step('Ben joins in Chromium while only Firefox is online', stepMs, async () => {
		await ana.close();
		const ben = await sitDown(chrome, server.url, 'Ben Ito');
		await ben.open();
		await joinOffice(ben.page, link, 'Ben Ito');
		await openConversation(ben.page, 'Everyone');
		await message(ben.page, 'Hello from Firefox').waitFor({ timeout: meetMs });
	});
} finally {
	await chrome.close();
	await firefox.close();
	await server.stop();
	story.end();
}
