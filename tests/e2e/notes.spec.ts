/** Shared notes: two who write at once and agree, one who writes while away, and one who leaves and sees nothing newer. */
import type { Locator, Page } from 'playwright-core';
import { expect, expectCleanPages, test } from '../support/office-test.ts';
import { foundOffice, goTo, invite, joinOffice } from '../support/people-in-browsers.mjs';

const met = { timeout: 45_000 };
const panel = (page: Page): Locator => page.getByRole('region', { name: 'Shared notes' });
const paper = (page: Page): Locator => page.getByRole('textbox', { name: 'Text of Agenda' });

async function openGroup(page: Page, title: string): Promise<void> {
	await goTo(page, 'Chats');
	await page.getByRole('list', { name: 'Conversations' }).getByRole('button', { name: title }).click();
	await page.getByRole('button', { name: 'Shared notes' }).click();
}

async function openNote(page: Page): Promise<void> {
	await panel(page).getByRole('list', { name: 'Notes' }).getByRole('button', { name: 'Agenda' }).click(met);
	await expect(paper(page)).toBeVisible(met);
}

/** The lines of the text, without the names at cursors. */
const lines = (page: Page): Promise<string[]> =>
	paper(page).evaluate((element) => {
		const copy = element.cloneNode(true) as HTMLElement;
		for (const caret of copy.querySelectorAll('.note-caret')) caret.remove();
		return [...copy.children].map((child) => child.textContent.replaceAll('\u2060', ''));
	});
const has = async (page: Page, ...texts: readonly string[]): Promise<void> => expect.poll(() => lines(page), met).toEqual(expect.arrayContaining([...texts]));

/** At the end of what stands there. */
async function write(page: Page, text: string): Promise<void> {
	await paper(page).click();
	await page.keyboard.press('Control+End');
	// The editor hears of a moved caret in a turn of its own; a colleague's coming or going in between would set it back.
	await page.waitForTimeout(250);
	await page.keyboard.press('Enter');
	await page.keyboard.type(text, { delay: 40 });
}

/** At the end of one line. */
async function addTo(page: Page, line: RegExp, text: string): Promise<void> {
	await paper(page).locator('p').filter({ hasText: line }).click();
	await page.keyboard.press('End');
	await page.waitForTimeout(250);
	await page.keyboard.type(text, { delay: 40 });
}

test('members write a note together; it is kept, exported, and closed to who leaves', async ({ company, server }) => {
	test.setTimeout(360_000);
	const ana = await company.arrive('Ana Costa');
	await foundOffice(ana.page, { office: 'Harbour Office', name: 'Ana Costa' });
	const ben = await company.arrive('Ben Ito');
	await joinOffice(ben.page, await invite(ana.page), 'Ben Ito');
	const carol = await company.arrive('Carol Díaz');
	await joinOffice(carol.page, await invite(ana.page), 'Carol Díaz');
	for (const { page } of [ana, ben, carol]) await expect(page.getByText('Connected to 2 of 2')).toBeVisible(met);

	await goTo(ana.page, 'Chats');
	await ana.page.getByRole('button', { name: 'New conversation' }).click();
	const dialog = ana.page.getByRole('dialog', { name: 'New conversation' });
	await dialog.getByRole('textbox', { name: 'Title (optional)' }).fill('Harbour plan');
	await dialog.getByRole('checkbox', { name: 'Ben Ito' }).check();
	await dialog.getByRole('checkbox', { name: 'Carol Díaz' }).check();
	await dialog.getByRole('button', { name: 'Start conversation' }).click();
	await ana.page.getByRole('button', { name: 'Shared notes' }).click();
	await panel(ana.page).getByRole('textbox', { name: 'Title of the note' }).fill('Agenda');
	await panel(ana.page).getByRole('button', { name: 'Create note' }).click();
	await expect(paper(ana.page)).toBeVisible(met);

	for (const { page } of [ben, carol]) {
		await openGroup(page, 'Harbour plan');
		await openNote(page);
	}
	await expect(panel(ana.page).getByText('Here with you: Ben Ito, Carol Díaz').or(panel(ana.page).getByText('Here with you: Carol Díaz, Ben Ito'))).toBeVisible(met);

	// Both at once, each in a line of their own.
	for (const line of ['Monday', 'Ana:', 'Ben:']) await write(ana.page, line);
	await has(ben.page, 'Monday', 'Ana:', 'Ben:');
	await Promise.all([addTo(ana.page, /^Ana:/, ' was here'), addTo(ben.page, /^Ben:/, ' was here')]);
	for (const { page } of [ana, ben, carol]) {
		await has(page, 'Ana: was here', 'Ben: was here');
	}
	expect(await lines(ana.page)).toEqual(await lines(ben.page));
	// Ana's cursor under her name, as Ben sees it.
	await expect(panel(ben.page).locator('.note-caret-name', { hasText: 'Ana Costa' })).toBeVisible(met);

	// A heading by the toolbar; what is pasted keeps its structure and loses the rest.
	await paper(ana.page).click();
	await ana.page.keyboard.press('Control+Home');
	await ana.page.keyboard.type('First of all');
	await ana.page.getByRole('toolbar', { name: 'Formatting' }).getByRole('button', { name: 'Heading' }).click();
	await expect(paper(ben.page).getByRole('heading', { name: 'First of all' })).toBeVisible(met);
	await paper(ana.page).evaluate((element) => {
		const data = new DataTransfer();
		data.setData('text/html', '<p style="color:red" onclick="alert(1)">pasted <b>bold</b> <a href="javascript:alert(1)">bad</a> <a href="https://harbour.example/">good</a><img src="https://elsewhere.example/x.png"><script>alert(1)</script></p><ul><li>one</li><li>two</li></ul>');
		element.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
	});
	await expect(paper(ben.page).getByRole('listitem').filter({ hasText: 'two' })).toBeVisible(met);
	await expect(paper(ben.page).getByRole('link', { name: 'good' })).toHaveAttribute('href', 'https://harbour.example/');
	await expect(paper(ben.page).locator('[style*="red"], [onclick], script, img[src], a[href^="javascript"]')).toHaveCount(0);

	// Ben's page is closed; both write; he comes back.
	await openAgain(ben.page);
	await ben.context.setOffline(true);
	await write(ben.page, 'Ben alone');
	await write(ana.page, 'Ana meanwhile');
	await ben.context.setOffline(false);
	for (const { page } of [ana, ben]) {
		await has(page, 'Ben alone', 'Ana meanwhile');
	}

	const saving = ana.page.waitForEvent('download');
	await panel(ana.page).getByRole('button', { name: 'More' }).click();
	await ana.page.getByRole('button', { name: 'Export as Markdown' }).click();
	const saved = await saving;
	expect(saved.suggestedFilename()).toBe('Agenda.md');
	const chunks: Buffer[] = [];
	for await (const chunk of await saved.createReadStream()) chunks.push(chunk as Buffer);
	const markdown = Buffer.concat(chunks).toString('utf8');
	expect(markdown).toContain('## First of all');
	expect(markdown).toContain('- one');
	expect(markdown).toContain('[good](https://harbour.example/)');

	// Carol leaves: what is written from then on never reaches her page.
	await panel(carol.page).getByRole('button', { name: 'Close' }).click();
	await carol.page.getByRole('button', { name: 'Details' }).click();
	await carol.page.getByRole('button', { name: 'Leave' }).click();
	await carol.page.getByRole('alertdialog').getByRole('button', { name: 'Leave' }).click();
	await carol.page.getByRole('button', { name: 'Shared notes' }).click();
	await openNote(carol.page);
	await expect(panel(carol.page).getByText('You are no longer in this conversation.')).toBeVisible(met);
	await expect(panel(ana.page).getByText('Here with you: Ben Ito', { exact: true })).toBeVisible({ timeout: 90_000 });
	await write(ana.page, 'without Carol');
	await has(ben.page, 'without Carol');
	await carol.page.waitForTimeout(5_000);
	expect(await lines(carol.page)).toContain('Ana: was here');
	expect(await lines(carol.page)).not.toContain('without Carol');
	await expect(paper(carol.page)).toHaveAttribute('contenteditable', 'false');

	expectCleanPages(company.everyone, server);
});

/** Kept over a reload. */
async function openAgain(page: Page): Promise<void> {
	const before = await lines(page);
	await page.reload();
	await openGroup(page, 'Harbour plan');
	await openNote(page);
	await expect.poll(() => lines(page), met).toEqual(before);
}
