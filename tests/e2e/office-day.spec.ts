/**
 * A day at the office: Ana founds it, Ben and Cleo join, and the three live through presence, talk, mail held by a colleague and the
 * placard, each in a browser context of their own. One story; each step rests on those before.
 */
import { createCompany, expect, expectCleanPages, test, type Company } from '../support/office-test.ts';
import {
	foundOffice,
	goTo,
	joinOffice,
	mainNavigation,
	message,
	notice,
	openConversation,
	openDirect,
	personItem,
	postNotice,
	room,
	say,
	setStatus,
	startGroup,
	type Person,
} from '../support/people-in-browsers.mjs';

test.describe.configure({ mode: 'serial' });

/** A goodbye is one frame over an open link. */
const goodbyeWithinMs = 5_000;
/** UI.md and LAN.md: a colleague cut off turns unknown within 30 s. */
const unknownWithinMs = 35_000;
/** New pages find each other through the server, build links and compare logs. */
const meetWithinMs = 30_000;

let company: Company;
let ana: Person;
let ben: Person;
let cleo: Person;
let everyonesLink: string;

test.beforeAll(({ browser, server }) => {
	company = createCompany(browser, server.url);
});

test.afterAll(async () => {
	await company.goHome();
});

test('Ana founds the office and gets a recovery key to keep', async () => {
	ana = await company.arrive('Ana Costa');
	await expect(ana.page.getByRole('heading', { name: 'Landline' })).toBeVisible();
	const recoveryKey = await foundOffice(ana.page, { office: 'Harbour Office', name: 'Ana Costa' });
	expect(recoveryKey.replace(/[^A-Za-z0-9]/g, '').length).toBeGreaterThan(40);
	await openConversation(ana.page, 'Everyone');
});

test('she makes an invite, as a link and as a QR code', async () => {
	await goTo(ana.page, 'People');
	await ana.page.getByRole('button', { name: 'Invite people' }).first().click();
	const dialog = ana.page.getByRole('dialog', { name: 'Invite people' });
	const confirm = dialog.getByRole('checkbox', { name: 'Ask a manager before letting people in' });
	await expect(confirm).not.toBeChecked();
	await dialog.getByRole('spinbutton', { name: 'Uses' }).fill('4');
	await expect(confirm).toBeChecked();
	await confirm.setChecked(false);
	await dialog.getByRole('button', { name: 'Create invite' }).click();
	const link = dialog.getByRole('textbox', { name: 'Invite link' });
	await expect(link).toHaveValue(/^http:\/\/127\.0\.0\.1:\d+\/join#[\w-]{80,}$/);
	await expect(dialog.getByRole('img', { name: 'Invite QR code' })).toBeVisible();
	everyonesLink = await link.inputValue();
	await ana.page.keyboard.press('Escape');
});

test('Ben joins, and the link is wiped from his address bar', async () => {
	ben = await company.arrive('Ben Ito');
	await joinOffice(ben.page, everyonesLink, 'Ben Ito');
	expect(ben.page.url()).not.toContain('#');
	await goTo(ben.page, 'People');
	await expect(personItem(ben.page, 'Ana Costa')).toHaveAccessibleName(/^Ana Costa, available/, { timeout: meetWithinMs });
	await expect(personItem(ana.page, 'Ben Ito')).toHaveAccessibleName(/^Ben Ito, available/);
	await expect(ana.page.getByText('Connected to 1 of 1').first()).toBeVisible();
});

test('Cleo joins while Ana, who invited her, is away: Ben witnesses', async () => {
	await ana.close();
	await expect(personItem(ben.page, 'Ana Costa')).toHaveAccessibleName(/^Ana Costa, offline/, { timeout: goodbyeWithinMs });
	cleo = await company.arrive('Cleo Okafor');
	await joinOffice(cleo.page, everyonesLink, 'Cleo Okafor');
	await goTo(cleo.page, 'People');
	await expect(personItem(cleo.page, 'Ben Ito')).toHaveAccessibleName(/^Ben Ito, available/, { timeout: meetWithinMs });
});

test('Ana, back while Ben is away, meets Cleo, whom she never met', async () => {
	await ben.close();
	await ana.open();
	await goTo(ana.page, 'People');
	await expect(personItem(ana.page, 'Cleo Okafor')).toHaveAccessibleName(/^Cleo Okafor, available/, { timeout: meetWithinMs });
	await expect(personItem(cleo.page, 'Ana Costa')).toHaveAccessibleName(/^Ana Costa, available/, { timeout: meetWithinMs });
	await ben.open();
	await goTo(ben.page, 'People');
	for (const person of [ana, ben, cleo]) await expect(person.page.getByText('Connected to 2 of 2').first()).toBeVisible({ timeout: meetWithinMs });
});

test('a status with a note is seen by the others, and invisible looks like offline', async () => {
	await setStatus(ben.page, 'Busy', 'in a meeting till 3');
	await expect(personItem(ana.page, 'Ben Ito')).toHaveAccessibleName(/^Ben Ito, busy, in a meeting till 3/);
	await setStatus(ben.page, 'Invisible');
	await expect(personItem(cleo.page, 'Ben Ito')).toHaveAccessibleName(/^Ben Ito, offline/);
	await setStatus(ben.page, 'Available', '');
	await expect(personItem(cleo.page, 'Ben Ito')).toHaveAccessibleName(/^Ben Ito, available/);
});

test('everyone talks in Everyone', async () => {
	for (const person of [ana, ben, cleo]) await openConversation(person.page, 'Everyone');
	await say(ana.page, 'Good morning, harbour');
	for (const person of [ben, cleo]) await expect(message(person.page, 'Good morning, harbour')).toHaveAccessibleName(/^Ana Costa, /);
	await expect(message(ana.page, 'Good morning, harbour')).toContainText('sent');
	await say(ben.page, 'Morning!');
	await say(cleo.page, 'Tag 🌊, 你好, שלום');
	for (const person of [ana, ben, cleo]) {
		await expect(message(person.page, 'Morning!')).toHaveCount(1);
		await expect(message(person.page, '你好')).toHaveCount(1);
	}
});

test('a direct conversation is delivered and read, and nobody else sees it', async () => {
	await openDirect(ana.page, 'Ben Ito');
	await say(ana.page, 'Only for Ben');
	await expect(message(ana.page, 'Only for Ben')).toContainText('delivered');
	await openConversation(ben.page, 'Ana Costa');
	await expect(message(ben.page, 'Only for Ben')).toBeVisible();
	await expect(message(ana.page, 'Only for Ben')).toContainText('read');
	await goTo(cleo.page, 'Chats');
	await expect(cleo.page.getByRole('list', { name: 'Conversations' })).not.toContainText('Only for Ben');
	await expect(cleo.page.getByText('Only for Ben')).toHaveCount(0);
});

test('Shift and Enter break the line, and text is shown as text', async () => {
	await openDirect(ana.page, 'Ben Ito');
	const field = ana.page.getByRole('textbox', { name: 'Message', exact: true });
	await field.fill('<b onclick=alert(1)>not bold</b>');
	await field.press('Shift+Enter');
	await field.pressSequentially('second line');
	await field.press('Enter');
	await openConversation(ben.page, 'Ana Costa');
	await expect(message(ben.page, 'second line')).toContainText('<b onclick=alert(1)>not bold</b>');
});

test('a group made ad hoc', async () => {
	await startGroup(cleo.page, 'Regatta', ['Ana Costa', 'Ben Ito']);
	await say(cleo.page, 'Who brings the boat?');
	await openConversation(ana.page, 'Regatta');
	await expect(message(ana.page, 'Who brings the boat?')).toHaveAccessibleName(/^Cleo Okafor, /);
	await say(ana.page, 'Ben does');
	await openConversation(ben.page, 'Regatta');
	await expect(message(ben.page, 'Who brings the boat?')).toBeVisible();
	await expect(message(ben.page, 'Ben does')).toBeVisible();
	await expect(message(cleo.page, 'Ben does')).toBeVisible();
	await expect(message(cleo.page, 'Who brings the boat?')).toContainText(/delivered|read/);
});

test("mail for someone away is held by a colleague, and arrives although its sender has gone", async () => {
	await ben.close();
	await openDirect(ana.page, 'Ben Ito');
	await say(ana.page, 'Read this when you are back');
	await expect(message(ana.page, 'Read this when you are back')).toContainText('held for Ben');
	await ana.close();
	await goTo(cleo.page, 'People');
	await expect(personItem(cleo.page, 'Ana Costa')).toHaveAccessibleName(/^Ana Costa, offline/, { timeout: goodbyeWithinMs });
	await expect(cleo.page.getByText('Read this when you are back')).toHaveCount(0);
	await ben.open();
	await openConversation(ben.page, 'Ana Costa');
	await expect(message(ben.page, 'Read this when you are back')).toHaveCount(1, { timeout: meetWithinMs });
	await ben.close();
	await ana.open();
	await openConversation(ana.page, 'Ben Ito');
	await expect(message(ana.page, 'Read this when you are back')).toContainText(/delivered|read/, { timeout: meetWithinMs });
	await ben.open();
});

test('Ana posts a notice and asks to acknowledge; members cannot post', async () => {
	await postNotice(ana.page, { title: 'Fire drill', text: 'Thursday at ten.\nUse the stairs.', acknowledge: true });
	await goTo(ben.page, 'Placard');
	await expect(notice(ben.page, 'Fire drill')).toContainText('Thursday at ten.', { timeout: meetWithinMs });
	await expect(notice(ben.page, 'Fire drill')).toContainText('Ana Costa');
	await expect(ben.page.getByRole('button', { name: 'New notice' })).toHaveCount(0);
	await expect(ben.page.getByRole('button', { name: /acknowledged$/ })).toHaveCount(0);
});

test('Ben acknowledges, and the roll tells Ana who has', async () => {
	await notice(ben.page, 'Fire drill').getByRole('button', { name: 'Acknowledge' }).click();
	await expect(notice(ben.page, 'Fire drill').getByRole('button', { name: 'Acknowledged' })).toBeDisabled();
	const roll = notice(ana.page, 'Fire drill').getByRole('button', { name: '1 of 2 acknowledged' });
	await roll.click();
	const region = ana.page.getByRole('region', { name: 'Acknowledgements' });
	await expect(region.getByRole('list', { name: 'Acknowledged' })).toContainText('Ben Ito');
	await expect(region.getByRole('list', { name: 'Not yet' })).toContainText('Cleo Okafor');
});

test('Dora comes late and reads the placard with the manager away', async () => {
	await ana.close();
	const dora = await company.arrive('Dora Weiss');
	await joinOffice(dora.page, everyonesLink, 'Dora Weiss');
	await goTo(dora.page, 'Placard');
	await expect(notice(dora.page, 'Fire drill')).toContainText('Use the stairs.', { timeout: meetWithinMs });
	await notice(dora.page, 'Fire drill').getByRole('button', { name: 'Acknowledge' }).click();
	await openConversation(dora.page, 'Everyone');
	await expect(message(dora.page, 'Good morning, harbour')).toBeVisible();
	await ana.open();
	await goTo(ana.page, 'Placard');
	await expect(notice(ana.page, 'Fire drill').getByRole('button', { name: '2 of 3 acknowledged' })).toBeVisible({ timeout: meetWithinMs });
});

test('a reload and a new start keep history, identity and the draft', async () => {
	await openConversation(ben.page, 'Regatta');
	const field = ben.page.getByRole('textbox', { name: 'Message', exact: true });
	await field.fill('I will bring the');
	await goTo(ben.page, 'People');
	await openConversation(ben.page, 'Regatta');
	await expect(field).toHaveValue('I will bring the');
	await ben.page.reload();
	await openConversation(ben.page, 'Regatta');
	await expect(ben.page.getByRole('textbox', { name: 'Message', exact: true })).toHaveValue('I will bring the');
	await expect(message(ben.page, 'Who brings the boat?')).toHaveCount(1);
	await ben.close();
	await ben.open();
	await openConversation(ben.page, 'Regatta');
	await expect(message(ben.page, 'Ben does')).toHaveCount(1);
	await ben.page.getByRole('textbox', { name: 'Message', exact: true }).fill('');
	await say(ben.page, 'boat and the oars');
	await openConversation(cleo.page, 'Regatta');
	await expect(message(cleo.page, 'boat and the oars')).toHaveAccessibleName(/^Ben Ito, /, { timeout: meetWithinMs });
});

test('a second tab is offered "Use Landline here", and the first lets go', async () => {
	const first = ben.page;
	const second = await ben.context.newPage();
	await second.goto(new URL('/', first.url()).href);
	await expect(second.getByRole('heading', { name: 'Landline is open in another tab' })).toBeVisible();
	await second.getByRole('button', { name: 'Use Landline here' }).click();
	await expect(mainNavigation(second)).toBeVisible();
	await expect(first.getByRole('heading', { name: 'Landline is open in another tab' })).toBeVisible();
	ben.page = second;
	await first.close();
	await openConversation(second, 'Regatta');
	await say(second, 'From the other tab');
	await expect(message(cleo.page, 'From the other tab')).toHaveCount(1, { timeout: meetWithinMs });
});

test('a colleague whose browser dies without a goodbye turns unknown within 30 seconds', async () => {
	await goTo(ana.page, 'People');
	await expect(personItem(ana.page, 'Cleo Okafor')).toHaveAccessibleName(/^Cleo Okafor, available/, { timeout: meetWithinMs });
	await cleo.page.goto('chrome://crash').catch(() => undefined);
	await expect(personItem(ana.page, 'Cleo Okafor')).toHaveAccessibleName(/^Cleo Okafor, unknown, last seen \d/, { timeout: unknownWithinMs });
});

test('the server may stop: who is connected goes on', async ({ server }) => {
	await openConversation(ana.page, 'Everyone');
	await openConversation(ben.page, 'Everyone');
	await server.stop();
	try {
		await expect(ana.page.getByText(/Signaling server unreachable, still connected to \d/).first()).toBeVisible({ timeout: 60_000 });
		await say(ana.page, 'No server, no matter');
		await expect(message(ben.page, 'No server, no matter')).toBeVisible();
		await expect(room(ben.page, 'Everyone')).toBeVisible();
	} finally {
		await server.start();
	}
});

test('no page broke a policy or asked anybody but the server', ({ server }) => {
	expectCleanPages(company.everyone, server);
});
