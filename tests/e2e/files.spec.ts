/**
 * Shared folders in real browsers: Ana shares a folder, Ben looks into it and keeps a copy, Ana leaves, and Cleo has it from Ben. One story; each
 * step rests on those before.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { createCompany, expect, expectCleanPages, test, type Company } from '../support/office-test.ts';
import { foundOffice, invite, joinOffice, mainNavigation, type Person } from '../support/people-in-browsers.mjs';

test.describe.configure({ mode: 'serial' });

/** New pages find each other through the server, build links and compare logs. */
const meetWithinMs = 30_000;
const fetchWithinMs = 60_000;
const bigBytes = 12 * 1024 * 1024 + 17;
const manyFiles = 150;

let company: Company;
let ana: Person;
let ben: Person;
let cleo: Person;
let folder = '';

test.beforeAll(({ browser, server }) => {
	company = createCompany(browser, server.url);
	folder = mkdtempSync(join(tmpdir(), 'landline-share-'));
	mkdirSync(join(folder, 'пирс', '空港'), { recursive: true });
	writeFileSync(join(folder, 'quay.txt'), 'The quay is free from nine.');
	writeFileSync(join(folder, 'пирс', '空港', 'plan.bin'), Buffer.alloc(bigBytes, 'landline '));
	writeFileSync(join(folder, '.DS_Store'), 'nobody means to share this');
	for (let i = 0; i < manyFiles; i++) writeFileSync(join(folder, 'пирс', `note-${String(i)}.txt`), `note ${String(i)}`);
});

test.afterAll(async () => {
	await company.goHome();
	rmSync(folder, { recursive: true });
});

const toFiles = (page: Page): Promise<void> => mainNavigation(page).getByRole('link', { name: 'Files' }).click();
const entry = (page: Page, name: RegExp) => page.getByRole('list', { name: 'Shared folders' }).getByRole('button', { name });

async function keep(page: Page): Promise<void> {
	await toFiles(page);
	await entry(page, /Harbour plans/).click();
	await page.getByRole('button', { name: 'Other ways to download' }).first().click();
	await page.getByRole('menuitem', { name: /Keep in Landline/ }).click();
}

test('Ana shares a folder with everyone', async () => {
	ana = await company.arrive('Ana Costa');
	await foundOffice(ana.page, { office: 'Harbour Office', name: 'Ana Costa' });
	const link = await invite(ana.page, { uses: 2 });
	ben = await company.arrive('Ben Ode');
	await joinOffice(ben.page, link, 'Ben Ode');
	cleo = await company.arrive('Cleo Park');
	await joinOffice(cleo.page, link, 'Cleo Park');

	await toFiles(ana.page);
	await ana.page.getByRole('button', { name: 'Share a folder' }).first().click();
	const dialog = ana.page.getByRole('dialog', { name: 'Share a folder' });
	await dialog.locator('input[type=file]').setInputFiles(folder);
	await dialog.getByRole('textbox', { name: 'Name' }).fill('Harbour plans');
	await dialog.getByRole('button', { name: 'Share', exact: true }).click();
	await expect(dialog).toBeHidden();
	await expect(entry(ana.page, /Harbour plans/)).toBeVisible();
});

test('Ben finds it in his list, sees what is in it, and looks at a text', async () => {
	await toFiles(ben.page);
	await entry(ben.page, /Harbour plans/).click({ timeout: meetWithinMs });
	const grid = ben.page.getByRole('grid', { name: /Files in Harbour plans/ });
	await expect(grid.getByRole('row')).toHaveCount(3, { timeout: meetWithinMs });
	await expect(grid).not.toContainText('DS_Store');
	await grid.getByText('quay.txt').click();
	await ben.page.keyboard.press('Enter');
	await expect(ben.page.getByText('The quay is free from nine.')).toBeVisible({ timeout: fetchWithinMs });
});

test('he keeps all of it in Landline', async () => {
	await keep(ben.page);
	await expect(ben.page.getByRole('region', { name: 'Transfers' }).getByText(/^done, 152 files/)).toBeVisible({ timeout: fetchWithinMs });
});

test('Ana leaves; Cleo has the folder from Ben, also what was begun before a reload', async () => {
	await ana.close();
	await keep(cleo.page);
	await cleo.page.reload();
	await expect(mainNavigation(cleo.page)).toBeVisible({ timeout: meetWithinMs });
	await toFiles(cleo.page);
	await entry(cleo.page, /Harbour plans/).click({ timeout: meetWithinMs });
	await expect(cleo.page.getByRole('region', { name: 'Transfers' }).getByText(/^done, 152 files/)).toBeVisible({ timeout: fetchWithinMs });
	await cleo.page.getByRole('grid').getByText('пирс').click();
	await cleo.page.getByRole('grid').getByText('note-7.txt').click();
	await cleo.page.keyboard.press('Enter');
	await expect(cleo.page.getByText('note 7', { exact: true })).toBeVisible({ timeout: fetchWithinMs });
});

test('no page broke the rules on the way', ({ server }) => {
	expectCleanPages([ana, ben, cleo], server);
});
