/**
 * A day on which trust is asked for: a name that looks like a colleague's, an invite used on two sides, owners and the printed key, two people
 * who verify each other and a change of keys afterwards, what was said before handed to a newcomer, and somebody taken out while away. One story;
 * each step rests on those before.
 */
import { createCompany, expect, expectCleanPages, test, type Company } from '../support/office-test.ts';
import { askToJoin, foundOffice, goTo, invite, joinOffice, joinWithinMs, mainNavigation, message, openConversation, openDirect, personItem, room, say, type Person } from '../support/people-in-browsers.mjs';

test.describe.configure({ mode: 'serial' });

/** New pages find each other through the server, build links and compare logs. */
const meetWithinMs = 40_000;
const code = /\d{4} \d{4} \d{4} \d{4}/;

let company: Company;
let ana: Person;
let ben: Person;
let cleo: Person;
let dora: Person;
let printedKey: string;

test.beforeAll(({ browser, server }) => {
	company = createCompany(browser, server.url);
});

test.afterAll(async () => {
	await company.goHome();
});

const alarm = (person: Person, text: RegExp | string) => person.page.getByRole('alert').filter({ hasText: text });

test('one owner is reminded that there should be two, until there are', async () => {
	ana = await company.arrive('Ana Costa');
	printedKey = await foundOffice(ana.page, { office: 'Harbour Office', name: 'Ana Costa' });
	ben = await company.arrive('Ben Ito');
	await joinOffice(ben.page, await invite(ana.page), 'Ben Ito');
	await goTo(ana.page, 'People');
	const reminder = ana.page.getByText('You are the only owner.', { exact: false });
	await expect(reminder).toBeVisible();
	await personItem(ana.page, 'Ben Ito').click();
	await ana.page.getByRole('button', { name: 'Change role' }).click();
	await ana.page.getByRole('radio', { name: 'Owner' }).click();
	await ana.page.getByRole('button', { name: 'Save' }).click();
	await expect(reminder).toHaveCount(0);
	await goTo(ben.page, 'People');
	await personItem(ben.page, 'Ben Ito').click();
	await expect(ben.page.getByRole('region', { name: 'Ben Ito' }).getByText('Owner', { exact: true })).toBeVisible({ timeout: meetWithinMs });
	await expect(ben.page.getByText('You are the only owner.', { exact: false })).toHaveCount(0);
});

test('A41: a name that looks like a colleague’s is refused where one joins and where one renames', async () => {
	const link = await invite(ana.page);
	cleo = await company.arrive('Cleo Marsh');
	// Cyrillic letters, as the eye reads them: Ben Ito.
	await askToJoin(cleo.page, link, 'Ве\u{6E} Itо');
	await expect(alarm(cleo, 'one that looks like it')).toBeVisible({ timeout: joinWithinMs });
	await expect(mainNavigation(cleo.page)).toHaveCount(0);
	await cleo.page.getByRole('button', { name: 'Choose another name' }).click();
	await cleo.page.getByRole('textbox', { name: 'Your name' }).fill('Cleo Marsh');
	await cleo.page.getByRole('button', { name: 'Join office' }).click();
	await expect(mainNavigation(cleo.page)).toBeVisible({ timeout: joinWithinMs });

	await goTo(cleo.page, 'Settings');
	const name = cleo.page.getByRole('textbox', { name: 'Your name' });
	const save = cleo.page.getByRole('button', { name: 'Save', exact: true });
	await name.fill('Аna Соsta');
	await save.click();
	await expect(alarm(cleo, 'one that looks like it')).toBeVisible();
	await name.fill('Cleo\u{202E} Marsh');
	await save.click();
	await expect(alarm(cleo, 'nobody can see')).toBeVisible();
	await goTo(ana.page, 'People');
	await expect(personItem(ana.page, 'Cleo Marsh')).toBeVisible();
	await expect(ana.page.getByRole('list', { name: 'People' }).getByRole('button')).toHaveCount(3);
});

test('two verify each other by the number on both screens', async () => {
	const numbers: string[] = [];
	for (const [one, other] of [[ana, cleo], [cleo, ana]] as const) {
		await goTo(one.page, 'People');
		await personItem(one.page, other.name).click();
		await one.page.getByRole('button', { name: 'Verify' }).click();
		numbers.push(await one.page.getByRole('group', { name: 'Safety number' }).innerText());
	}
	expect(numbers[0]).toMatch(/^(\d{5}\s*){12}$/);
	expect(numbers[1]).toBe(numbers[0]);
	for (const one of [ana, cleo]) {
		await one.page.getByRole('button', { name: 'They match' }).click();
		await expect(one.page.getByRole('status').filter({ hasText: 'is verified on this device' })).toBeVisible();
		await one.page.keyboard.press('Escape');
		await expect(one.page.getByText('Verified by you')).toBeVisible();
	}
});

test('a change of keys afterwards is shown, and nothing goes out in silence until it was seen', async () => {
	await openDirect(ana.page, 'Cleo Marsh');
	await say(ana.page, 'Before the change');
	await openConversation(cleo.page, 'Ana Costa');
	await expect(message(cleo.page, 'Before the change')).toBeVisible({ timeout: meetWithinMs });
	await goTo(cleo.page, 'Settings');
	await cleo.page.getByRole('button', { name: 'Link another device' }).click();
	const dialog = cleo.page.getByRole('dialog', { name: 'Link another device' });
	const link = await dialog.getByRole('textbox', { name: 'Device link' }).inputValue();
	const second = await company.arrive('Cleo’s second browser');
	await second.page.goto(link);
	await second.page.getByRole('button', { name: 'Link this device' }).click();
	await dialog.getByRole('button', { name: 'Add', exact: true }).click({ timeout: joinWithinMs });
	await expect(mainNavigation(second.page)).toBeVisible({ timeout: joinWithinMs });
	await dialog.getByRole('button', { name: 'Done' }).click();

	await expect(alarm(ana, 'keys changed since you verified them')).toBeVisible({ timeout: meetWithinMs });
	await expect(ana.page.getByRole('log', { name: 'Messages' }).getByText('Cleo Marsh has a new device')).toBeVisible();
	await say(ana.page, 'To the first one only?');
	await expect(alarm(ana, 'Look at the change first')).toBeVisible();
	await openConversation(cleo.page, 'Ana Costa');
	await expect(message(cleo.page, 'Before the change')).toBeVisible();
	await expect(message(cleo.page, 'To the first one only?')).toHaveCount(0);
	await ana.page.getByRole('button', { name: 'I have seen it, go on' }).click();
	await expect(alarm(ana, 'keys changed since you verified them')).toHaveCount(0);
	await ana.page.getByRole('textbox', { name: 'Message', exact: true }).press('Enter');
	for (const page of [cleo.page, second.page]) {
		if (page === second.page) await openConversation(page, 'Ana Costa');
		await expect(message(page, 'To the first one only?')).toBeVisible({ timeout: meetWithinMs });
	}
	await second.close();
});

test('who is added to a group is given what was said there before, marked as shared', async () => {
	await goTo(ana.page, 'Chats');
	await ana.page.getByRole('button', { name: 'New conversation' }).first().click();
	const dialog = ana.page.getByRole('dialog', { name: 'New conversation' });
	await dialog.getByRole('textbox', { name: 'Title (optional)' }).fill('Regatta');
	await dialog.getByRole('checkbox', { name: 'Ben Ito' }).click();
	await dialog.getByRole('checkbox', { name: /share earlier messages/ }).click();
	await dialog.getByRole('button', { name: 'Start conversation' }).click();
	await room(ana.page, 'Regatta').waitFor();
	await say(ana.page, 'The boats are paid');
	await openConversation(ben.page, 'Regatta');
	await expect(message(ben.page, 'The boats are paid')).toBeVisible({ timeout: meetWithinMs });
	await say(ben.page, 'And the jetty is booked');
	await expect(message(ana.page, 'And the jetty is booked')).toBeVisible({ timeout: meetWithinMs });

	await ana.page.getByRole('button', { name: 'Details' }).click();
	await ana.page.getByRole('button', { name: 'Add people' }).click();
	const adding = ana.page.getByRole('dialog', { name: 'Add people' });
	await adding.getByRole('checkbox', { name: 'Cleo Marsh' }).click();
	await adding.getByRole('button', { name: 'Add people' }).click();
	await openConversation(cleo.page, 'Regatta');
	await expect(message(cleo.page, 'The boats are paid')).toHaveCount(0);
	// The offer is still there when the panel was closed, and Ana has been elsewhere.
	await ana.page.getByRole('region', { name: 'Details' }).getByRole('button', { name: 'Close' }).click();
	await openConversation(ana.page, 'Everyone');
	await openConversation(ana.page, 'Regatta');
	await ana.page.getByRole('button', { name: 'Details' }).click();
	const give = ana.page.getByRole('button', { name: 'Share earlier messages with Cleo Marsh' });
	await give.click();
	await expect(ana.page.getByText('Cleo Marsh can now read what was said before.')).toBeVisible();
	await expect(give).toHaveCount(0);
	for (const text of ['The boats are paid', 'And the jetty is booked']) {
		await expect(message(cleo.page, text)).toBeVisible({ timeout: meetWithinMs });
		await expect(message(cleo.page, text)).toContainText('Shared by Ana Costa');
	}
	await expect(message(cleo.page, 'And the jetty is booked')).toHaveAccessibleName(/^Ben Ito,/);
});

test('the printed key makes an owner, once; the next key takes its place', async () => {
	await goTo(cleo.page, 'Settings');
	const field = cleo.page.getByRole('textbox', { name: 'Recovery key' });
	const become = cleo.page.getByRole('button', { name: 'Become an owner' });
	await field.fill(printedKey);
	await become.click();
	const sheet = cleo.page.getByRole('dialog', { name: 'Recovery key' });
	const next = await sheet.getByRole('textbox', { name: 'Recovery key' }).inputValue();
	expect(next).not.toBe(printedKey);
	await sheet.getByRole('checkbox', { name: 'I wrote it down' }).click();
	await sheet.getByRole('button', { name: 'I have kept it' }).click();
	await expect(cleo.page.getByText('You are an owner now.')).toBeVisible();
	await goTo(ana.page, 'People');
	await personItem(ana.page, 'Cleo Marsh').click();
	await expect(ana.page.getByRole('region', { name: 'Cleo Marsh' }).getByText('Owner', { exact: true })).toBeVisible({ timeout: meetWithinMs });
	await goTo(ben.page, 'Settings');
	await ben.page.getByRole('textbox', { name: 'Recovery key' }).fill(printedKey);
	await ben.page.getByRole('button', { name: 'Become an owner' }).click();
	await expect(alarm(ben, 'not the one in force here')).toBeVisible();
});

test('an invite for one, used on two sides at once: the second to come is held until a manager has compared the digits', async () => {
	const link = await invite(ana.page);
	await goTo(ben.page, 'People');
	await expect(ben.page.getByText(/Connected to 2 of 2/).first()).toBeVisible({ timeout: meetWithinMs });
	await ana.close();
	await cleo.close();
	dora = await company.arrive('Dora Lind');
	await joinOffice(dora.page, link, 'Dora Lind');
	await dora.close();
	await ben.close();
	await ana.open();
	const eli = await company.arrive('Eli Weiss');
	await joinOffice(eli.page, link, 'Eli Weiss');

	await ben.open();
	await dora.open();
	const region = ana.page.getByRole('region', { name: 'Waiting to join' });
	await expect(region).toContainText('held since', { timeout: meetWithinMs });
	const held = (await region.getByRole('button', { name: 'Let in Dora Lind' }).count()) === 1 ? dora : eli;
	await expect(alarm(held, 'A manager has to confirm that you belong here')).toBeVisible({ timeout: meetWithinMs });
	await expect(region).toContainText(code.exec(await alarm(held, 'Your code:').innerText())?.[0] ?? 'no code');
	await region.getByRole('button', { name: `Let in ${held.name}` }).click();
	await expect(alarm(held, 'A manager has to confirm that you belong here')).toHaveCount(0, { timeout: meetWithinMs });
	for (const one of [ana, held]) await openConversation(one.page, 'Everyone');
	await say(held.page, 'In at last');
	await expect(message(ana.page, 'In at last')).toBeVisible({ timeout: meetWithinMs });
	await eli.close();
});

test('who was taken out while away is told when back, keeps what was there and gets nothing that came later', async ({ server }) => {
	await openConversation(ana.page, 'Everyone');
	await openConversation(dora.page, 'Everyone');
	await say(ana.page, 'written while Dora was in');
	await expect(message(dora.page, 'written while Dora was in')).toBeVisible({ timeout: meetWithinMs });
	await dora.close();
	await goTo(ana.page, 'People');
	await personItem(ana.page, 'Dora Lind').click();
	await ana.page.getByRole('button', { name: 'Remove from office' }).click();
	await ana.page.getByRole('alertdialog', { name: 'Remove Dora Lind?' }).getByRole('button', { name: 'Remove' }).click();
	await expect(personItem(ana.page, 'Dora Lind')).toHaveCount(0);
	await openConversation(ana.page, 'Everyone');
	await say(ana.page, 'said without Dora');

	await dora.open();
	await expect(alarm(dora, 'You were removed from this office by Ana Costa.')).toBeVisible({ timeout: meetWithinMs });
	await openConversation(dora.page, 'Everyone');
	await say(ana.page, 'said while Dora looks on');
	await expect(message(ben.page, 'said while Dora looks on')).toHaveCount(0);
	await openConversation(ben.page, 'Everyone');
	await expect(message(ben.page, 'said while Dora looks on')).toBeVisible({ timeout: meetWithinMs });
	await expect(message(dora.page, 'written while Dora was in')).toBeVisible();
	for (const text of ['said without Dora', 'said while Dora looks on']) await expect(dora.page.getByText(text)).toHaveCount(0);
	await expect(dora.page.getByText('You are no longer in the office.')).toBeVisible();
	await expect(dora.page.getByRole('textbox', { name: 'Message', exact: true })).toHaveCount(0);
	expectCleanPages(company.everyone, server);
});
