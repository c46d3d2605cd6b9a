/** `npm run pictures`: the pictures of the documents, made from the running app with three people in it. */
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { expect, test } from '../support/office-test.ts';
import { foundOffice, goTo, invite, joinOffice, message, notice, openConversation, openDirect, postNotice, say, setStatus, startGroup } from '../support/people-in-browsers.mjs';

const folder = fileURLToPath(new URL('../../docs/pictures/', import.meta.url));
const desk = { width: 1280, height: 800 };
const phone = { width: 390, height: 844 };

async function picture(page: Page, name: string): Promise<void> {
	await page.mouse.move(0, 0);
	await page.evaluate(() => {
		if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
	});
	await page.screenshot({ path: `${folder}${name}.png`, animations: 'disabled', caret: 'hide' });
}

test('pictures', async ({ company }) => {
	test.setTimeout(240_000);
	mkdirSync(folder, { recursive: true });
	const ana = await company.arrive('Ana Costa', { viewport: desk });
	await expect(ana.page.getByRole('heading', { name: 'Landline' })).toBeVisible();
	await picture(ana.page, 'first-visit-light');
	await foundOffice(ana.page, { office: 'Harbour Office', name: 'Ana Costa' });
	const link = await invite(ana.page, { uses: 9, confirm: false });
	const ben = await company.arrive('Ben Ito', { viewport: desk, colorScheme: 'dark' });
	await joinOffice(ben.page, link, 'Ben Ito');
	const cleo = await company.arrive('Cleo Okafor', { viewport: phone, hasTouch: true, isMobile: true });
	await joinOffice(cleo.page, link, 'Cleo Okafor');
	for (const { page } of company.everyone) await expect(page.getByText('Connected to 2 of 2').first()).toBeVisible({ timeout: 30_000 });

	await setStatus(ben.page, 'Busy', 'in a meeting till 3');
	await openConversation(ana.page, 'Everyone');
	await openConversation(ben.page, 'Everyone');
	await openConversation(cleo.page, 'Everyone');
	await say(ana.page, 'Good morning! The new berth plan hangs by the door.');
	await expect(message(ben.page, 'berth plan')).toBeVisible();
	await say(ben.page, 'Thanks. Is the Meridian still due at ten?');
	await expect(message(cleo.page, 'Meridian')).toBeVisible();
	await say(cleo.page, 'Half past: the pilot is late.');
	await expect(message(ana.page, 'Half past')).toBeVisible();
	await say(ana.page, 'Then I will tell the customs office.');
	await say(ana.page, 'Coffee is on me.');
	await expect(message(cleo.page, 'Coffee')).toBeVisible();

	await postNotice(ana.page, { title: 'Fire drill on Thursday', text: 'At ten sharp. Leave by the stairs on the water side and meet at the crane.\n\nPlease confirm that you have read this.', acknowledge: true });
	await postNotice(ana.page, { title: 'Canteen closed on Friday', text: 'The kitchen gets its new stove.' });
	await goTo(ben.page, 'Placard');
	await notice(ben.page, 'Fire drill').getByRole('button', { name: 'Acknowledge' }).click();

	await openDirect(cleo.page, 'Ana Costa');
	await say(cleo.page, 'Could you sign the bill of lading?');
	await openDirect(ana.page, 'Cleo Okafor');
	await expect(message(ana.page, 'bill of lading')).toBeVisible();
	await say(ana.page, 'On my way.');
	await startGroup(ben.page, 'Regatta', ['Ana Costa', 'Cleo Okafor']);
	await say(ben.page, 'Who brings the boat?');
	await openConversation(ana.page, 'Regatta');
	await expect(message(ana.page, 'Who brings')).toBeVisible();

	await openConversation(ana.page, 'Everyone');
	await picture(ana.page, 'chats-light');
	await openConversation(ben.page, 'Everyone');
	await picture(ben.page, 'chats-dark');
	await openConversation(cleo.page, 'Everyone');
	await picture(cleo.page, 'chats-phone');
	await goTo(cleo.page, 'People');
	await picture(cleo.page, 'people-phone');
	await goTo(ana.page, 'People');
	await picture(ana.page, 'people-light');
	await goTo(ana.page, 'Placard');
	await notice(ana.page, 'Fire drill').getByRole('button', { name: '1 of 2 acknowledged' }).click();
	await expect(ana.page.getByRole('region', { name: 'Acknowledgements' })).toBeVisible();
	await picture(ana.page, 'placard-light');
	await goTo(ben.page, 'Placard');
	await picture(ben.page, 'placard-dark');
	await goTo(ana.page, 'Settings');
	await picture(ana.page, 'settings-light');
});
