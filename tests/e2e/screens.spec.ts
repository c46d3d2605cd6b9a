/** Every screen, light and dark: axe finds no serious fault; at phone width nothing is cut; the keyboard reaches what matters. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, expectCleanPages, test } from '../support/office-test.ts';
import { askToJoin, foundOffice, goTo, invite, joinOffice, joinWithinMs, mainNavigation, message, openConversation, postNotice, say, setStatus } from '../support/people-in-browsers.mjs';

const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Runs axe on what the page shows now, in both colour schemes. */
async function expectAccessible(page: Page, screen: string): Promise<void> {
	for (const colorScheme of ['light', 'dark'] as const) {
		await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
		const { violations } = await new AxeBuilder({ page }).withTags(rules).analyze();
		const serious = violations
			.filter(({ impact }) => impact === 'serious' || impact === 'critical')
			.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target.join(' ')} ${node.failureSummary ?? ''}`).join('; ')}`);
		expect.soft(serious, `${screen}, ${colorScheme}`).toEqual([]);
	}
}

async function expectNothingCut(page: Page, screen: string): Promise<void> {
	await expect.soft(page.getByRole('heading', { level: 1 }), `${screen} has one h1`).toHaveCount(1);
	const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
	expect.soft(over, `${screen} scrolls sideways by so many pixels`).toBeLessThanOrEqual(0);
}

test('axe finds no serious fault on any screen, light and dark', async ({ company, server }) => {
	test.setTimeout(240_000);
	const ana = await company.arrive('Ana Costa');
	const { page } = ana;
	await expect(page.getByRole('heading', { name: 'Landline' })).toBeVisible();
	await expectAccessible(page, 'first visit');
	await page.getByRole('button', { name: 'Create an office' }).click();
	await expectAccessible(page, 'create');
	await page.getByRole('textbox', { name: 'Office name' }).fill('Harbour Office');
	await page.getByRole('textbox', { name: 'Your name' }).fill('Ana Costa');
	await page.getByRole('button', { name: 'Create office' }).click();
	await expect(page.getByRole('dialog', { name: 'Recovery key' })).toBeVisible();
	await expectAccessible(page, 'recovery key');
	await page.getByRole('checkbox', { name: 'I wrote it down' }).click();
	await page.getByRole('button', { name: 'I have kept it' }).click();
	await expect(mainNavigation(page)).toBeVisible();
	await expectAccessible(page, 'chats, empty');

	const link = await invite(page, { uses: 9, confirm: false });
	const ben = await company.arrive('Ben Ito');
	await ben.page.goto(link);
	await expect(ben.page.getByRole('heading', { name: 'Join the office' })).toBeVisible();
	await expectAccessible(ben.page, 'join');
	await joinOffice(ben.page, link, 'Ben Ito');
	const doorLink = await invite(page, { uses: 3, confirm: true });
	const cleo = await company.arrive('Cleo Okafor');
	await askToJoin(cleo.page, doorLink, 'Cleo Okafor');
	await expect(cleo.page.getByText(/Your code: /).first()).toBeVisible({ timeout: joinWithinMs });
	await expectAccessible(cleo.page, 'waiting for a manager');
	await expect(page.getByRole('region', { name: 'Waiting to join' })).toBeVisible({ timeout: joinWithinMs });
	await expectAccessible(page, 'people, with one waiting');
	await page.getByRole('button', { name: 'Invite people' }).first().click();
	await expect(page.getByRole('dialog', { name: 'Invite people' })).toBeVisible();
	await expectAccessible(page, 'invite people');
	await page.keyboard.press('Escape');

	await page.getByRole('button', { name: 'My status' }).first().click();
	await expect(page.getByRole('radio', { name: 'Busy' })).toBeVisible();
	await expectAccessible(page, 'my status');
	await page.keyboard.press('Escape');

	await openConversation(page, 'Everyone');
	await openConversation(ben.page, 'Everyone');
	await say(page, 'Good morning');
	await say(page, 'and a second line');
	await say(ben.page, 'Morning!');
	await expect(message(page, 'Morning!')).toBeVisible();
	await expectAccessible(page, 'a conversation');
	await page.getByRole('button', { name: 'New conversation' }).first().click();
	await expect(page.getByRole('dialog')).toBeVisible();
	await expectAccessible(page, 'new conversation');
	await page.keyboard.press('Escape');

	await postNotice(page, { title: 'Fire drill', text: 'Thursday at ten.', acknowledge: true });
	await expectAccessible(page, 'placard of a manager');
	await page.getByRole('button', { name: '0 of 1 acknowledged' }).click();
	await expect(page.getByRole('region', { name: 'Acknowledgements' })).toBeVisible();
	await expectAccessible(page, 'the roll');
	await goTo(ben.page, 'Placard');
	await expect(ben.page.getByRole('button', { name: 'Acknowledge' })).toBeVisible();
	await expectAccessible(ben.page, 'placard of a member');
	await goTo(page, 'Settings');
	await expectAccessible(page, 'settings');

	const second = await ana.context.newPage();
	await second.goto(server.url);
	await expect(second.getByRole('heading', { name: 'Landline is open in another tab' })).toBeVisible();
	await expectAccessible(second, 'second tab');
	await second.goto(`${server.url}/no-such-page`);
	await expect(second.getByRole('heading', { level: 1 })).toBeVisible();
	await expectAccessible(second, 'a page that does not exist');
	expectCleanPages(company.everyone, server);
});

test('at phone width nothing is cut or scrolls sideways', async ({ company }) => {
	const ana = await company.arrive('Ana Costa', { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
	const { page } = ana;
	await expectNothingCut(page, 'first visit');
	await foundOffice(page, { office: 'Harbour Office of the United Shipping and Forwarding Company', name: 'Ana Maria Costa de Albuquerque' });
	await expectNothingCut(page, 'chats');
	await openConversation(page, 'Everyone');
	await say(page, `${'Donaudampfschifffahrtsgesellschaft'.repeat(4)} and https://intranet.example/${'a'.repeat(120)}`);
	await expect(message(page, 'Donaudampf')).toContainText('sent');
	await expectNothingCut(page, 'a conversation');
	for (const place of ['People', 'Placard', 'Settings'] as const) {
		await goTo(page, place);
		await expectNothingCut(page, place);
	}
	await postNotice(page, { title: 'Fire drill', text: 'Thursday at ten. '.repeat(20) });
	await expectNothingCut(page, 'the placard with a notice');
});

test('the keyboard alone is enough to found, write and set a status', async ({ company }) => {
	const ana = await company.arrive('Ana Costa');
	const { page } = ana;
	await page.getByRole('button', { name: 'Create an office' }).focus();
	await page.keyboard.press('Enter');
	await page.getByRole('textbox', { name: 'Office name' }).fill('Harbour Office');
	await page.keyboard.press('Tab');
	await expect(page.getByRole('textbox', { name: 'Your name' })).toBeFocused();
	await page.keyboard.type('Ana Costa');
	await page.keyboard.press('Enter');
	const dialog = page.getByRole('dialog', { name: 'Recovery key' });
	await expect(dialog).toBeVisible();
	await expect(dialog.getByRole('button', { name: 'I have kept it' })).toBeDisabled();
	await dialog.getByRole('checkbox', { name: 'I wrote it down' }).focus();
	await page.keyboard.press('Space');
	await dialog.getByRole('button', { name: 'I have kept it' }).focus();
	await page.keyboard.press('Enter');
	await expect(mainNavigation(page)).toBeVisible();
	await openConversation(page, 'Everyone');
	await page.getByRole('textbox', { name: 'Message', exact: true }).focus();
	await page.keyboard.type('By hand');
	await page.keyboard.press('Enter');
	await expect(message(page, 'By hand')).toBeVisible();
	await setStatus(page, 'Busy', 'in a meeting till 3');
	await page.keyboard.press('Escape');
	await page.reload();
	await page.getByRole('button', { name: 'My status' }).first().click();
	await expect(page.getByRole('radio', { name: 'Busy' })).toBeChecked();
});
