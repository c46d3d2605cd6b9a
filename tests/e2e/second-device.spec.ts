/** A colleague links a second browser by the code on the first, is one person in both, and takes it out again. */
import { expect, expectCleanPages, test } from '../support/office-test.ts';
import { foundOffice, goTo, invite, joinOffice, joinWithinMs, mainNavigation, message, openConversation, openDirect, personItem, say } from '../support/people-in-browsers.mjs';

const code = /\d{4} \d{4} \d{4} \d{4}/;

test('a second device is linked by its code, is the same person, and reads nothing new once removed', async ({ company, server }) => {
	test.slow();
	const ana = await company.arrive('Ana Costa');
	await foundOffice(ana.page, { office: 'Harbour Office', name: 'Ana Costa' });
	const ben = await company.arrive('Ben Ito');
	await joinOffice(ben.page, await invite(ana.page), 'Ben Ito');

	await goTo(ben.page, 'Settings');
	await ben.page.getByRole('button', { name: 'Link another device' }).click();
	const dialog = ben.page.getByRole('dialog', { name: 'Link another device' });
	await expect(dialog.getByRole('img', { name: 'Device QR code' })).toBeVisible();
	const link = await dialog.getByRole('textbox', { name: 'Device link' }).inputValue();

	const second = await company.arrive('Ben’s second browser');
	await second.page.goto(link);
	await expect(second.page.getByText('This browser becomes another device of Ben Ito in Harbour Office.')).toBeVisible();
	await expect(second.page.getByRole('textbox', { name: 'Your name' })).toHaveCount(0);
	await second.page.getByRole('button', { name: 'Link this device' }).click();
	await expect(second.page.getByText(/Your code: /)).toBeVisible({ timeout: joinWithinMs });
	const shown = code.exec(await second.page.getByText(/Your code: /).innerText())?.[0];
	await expect(dialog.getByText(/Your code: /)).toContainText(shown!, { timeout: joinWithinMs });
	await dialog.getByRole('button', { name: 'Add', exact: true }).click();
	await expect(mainNavigation(second.page)).toBeVisible({ timeout: joinWithinMs });
	await dialog.getByRole('button', { name: 'Done' }).click();

	// One person in Ana's list, and what is written to Ben stands in both browsers.
	await openDirect(ana.page, 'Ben Ito');
	await say(ana.page, 'Lunch at noon?');
	await goTo(ana.page, 'People');
	await expect(ana.page.getByRole('list', { name: 'People' }).getByRole('button')).toHaveCount(2);
	await expect(personItem(ana.page, 'Ben Ito')).toHaveCount(1);
	for (const { page } of [ben, second]) {
		await openConversation(page, 'Ana Costa');
		await expect(message(page, 'Lunch at noon?')).toBeVisible({ timeout: 30_000 });
	}
	// What Ben writes in one is his own in the other.
	await say(second.page, 'Noon is fine');
	await expect(message(ben.page, 'Noon is fine')).toBeVisible({ timeout: 30_000 });
	await expect(message(ben.page, 'Noon is fine')).toHaveAccessibleName(/^(You|Ben Ito),/);
	await openConversation(ana.page, 'Ben Ito');
	await expect(message(ana.page, 'Noon is fine')).toBeVisible({ timeout: 30_000 });
	await expect(ana.page.getByRole('list', { name: 'Conversations' }).getByRole('button', { name: 'Ben Ito' })).toHaveCount(1);

	await goTo(ben.page, 'Settings');
	const devices = ben.page.getByRole('list', { name: 'Your devices' });
	await expect(devices.getByRole('listitem')).toHaveCount(2);
	await devices.getByRole('button', { name: /^Remove Device/ }).click();
	await ben.page.getByRole('alertdialog', { name: /^Remove Device/ }).getByRole('button', { name: 'Remove', exact: true }).click();
	await expect(devices.getByRole('listitem')).toHaveCount(1);
	// Ana, the owner, has heard of it once she draws a new key; what she says then the removed browser cannot read.
	await ana.page.waitForTimeout(5_000);
	await say(ana.page, 'The door code is 4711');
	await openConversation(ben.page, 'Ana Costa');
	await expect(message(ben.page, 'The door code is 4711')).toBeVisible({ timeout: 30_000 });
	await second.page.waitForTimeout(3_000);
	await expect(second.page.getByText('The door code is 4711')).toHaveCount(0);
	expectCleanPages(company.everyone, server);
});
