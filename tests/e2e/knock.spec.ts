/** "Add by address": a knock is answered by a person, or nobody learns anything. All browsers of this test sit at 127.0.0.1. */
import { expect, expectCleanPages, test } from '../support/office-test.ts';
import { foundOffice, goTo, invite, joinOffice, message, room, say, setStatus } from '../support/people-in-browsers.mjs';
import type { Page } from 'playwright-core';

async function knock(page: Page, address: string): Promise<void> {
	await goTo(page, 'People');
	await page.getByRole('button', { name: 'Add by address' }).click();
	const dialog = page.getByRole('dialog', { name: 'Add by address' });
	await dialog.getByRole('textbox', { name: 'Address' }).fill(address);
	await dialog.getByRole('button', { name: 'Knock' }).click();
}

test('a knock opens the conversation on both sides where it is answered, and tells nothing where it is ignored', async ({ company, server }) => {
	test.slow();
	const ana = await company.arrive('Ana Costa');
	await foundOffice(ana.page, { office: 'Harbour Office', name: 'Ana Costa' });
	const ben = await company.arrive('Ben Ito');
	await joinOffice(ben.page, await invite(ana.page), 'Ben Ito');
	await expect(ana.page.getByText('Connected to 1 of 1')).toBeVisible({ timeout: 30_000 });
	await expect(ben.page.getByText('Connected to 1 of 1')).toBeVisible({ timeout: 30_000 });

	await knock(ana.page, 'Ben');
	const dialog = ana.page.getByRole('dialog', { name: 'Add by address' });
	await expect(dialog.getByRole('alert')).toContainText('no address');
	await expect(dialog.getByText('Your address: 127.0.0.1')).toBeVisible();
	await ana.page.keyboard.press('Escape');

	await knock(ana.page, '127.0.0.1');
	await expect(dialog.getByRole('status')).toContainText('Knocked at 127.0.0.1');
	const asked = ben.page.getByRole('alertdialog', { name: 'Ana Costa would like to talk' });
	await expect(asked).toBeVisible();
	await expect(ana.page.getByRole('alertdialog')).toHaveCount(0);
	await asked.getByRole('button', { name: 'Answer' }).click();
	await expect(room(ben.page, 'Ana Costa')).toBeVisible();
	await expect(room(ana.page, 'Ben Ito')).toBeVisible();
	await say(ben.page, 'You knocked?');
	await expect(message(ana.page, 'You knocked?')).toBeVisible({ timeout: 30_000 });

	// Ben goes invisible: he is asked all the same, and Ana sees what she would see of an empty desk.
	await setStatus(ben.page, 'Invisible');
	await knock(ana.page, '127.0.0.1');
	await expect(asked).toBeVisible();
	await asked.getByRole('button', { name: 'Ignore' }).click();
	await expect(asked).toHaveCount(0);
	await expect(dialog.getByRole('status')).toContainText('No answer yet', { timeout: 45_000 });
	expectCleanPages(company.everyone, server);
});
