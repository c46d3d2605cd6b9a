/** A day with files in real browsers: one shares, others look, fetch, break off, go on, are lied to by a changed client, and send each other files. */
import { readFileSync } from 'node:fs';
import { createCompany, expect, expectCleanPages, test, type Company } from '../support/office-test.ts';
import { chooseNext, filesOn, flipWhatIsGiven, keepFolder, limitUpload, openFolder, putFiles, shareFolder, stubPicker, transferOf } from '../support/files-in-browsers.mjs';
import { foundOffice, invite, joinOffice, message, openConversation, type Person } from '../support/people-in-browsers.mjs';

test.describe.configure({ mode: 'serial' });

const mebibyte = 2 ** 20;
const fetchWithinMs = 60_000;
/** A page that closes says goodbye; one that does not is missed within this. */
const awayWithinMs = 60_000;
/** Of three pages together, while 256 MiB pass: far below the file, with room for what garbage collection leaves lying. */
const flatWithinBytes = 192 * mebibyte;
const names = {
	'read me.txt': 'Hello from the workshop.',
	'图纸/平面图 2026.txt': 'ground floor',
	'عروض/عرض السعر.txt': 'an offer',
	'Übersicht/Größe/naïve Ωmega.txt': 'deep',
	'scan.bin': 3 * mebibyte,
};

/** Resident memory of a process, by Linux's own count. */
function residentBytes(pid: number): number {
	const pageBytes = 4096;
	try {
		return Number(readFileSync(`/proc/${String(pid)}/statm`, 'utf8').split(' ')[1]) * pageBytes;
	} catch {
		return 0;
	}
}

let company: Company;
let ana: Person;
let ben: Person;
let link: string;

test.beforeAll(({ browser, server }) => {
	company = createCompany(browser, server.url);
});

test.afterAll(async () => {
	await company.goHome();
});

test('Ana shares a folder, and Ben looks through it', async () => {
	ana = await company.arrive('Ana Costa', { prepare: stubPicker });
	await foundOffice(ana.page, { office: 'Harbour Office', name: 'Ana Costa' });
	link = await invite(ana.page, { uses: 9, confirm: false });
	await putFiles(ana.page, 'Plans', names);
	await shareFolder(ana.page, 'Plans');
	ben = await company.arrive('Ben Ito', { prepare: stubPicker });
	await joinOffice(ben.page, link, 'Ben Ito');
	await openFolder(ben.page, 'Plans');
	const grid = ben.page.getByRole('grid', { name: 'Files in Plans' });
	await expect(grid.getByRole('gridcell', { name: '图纸, folder' })).toBeVisible();
	await expect(grid.getByRole('row').filter({ hasText: 'scan' })).toContainText('3.1 MB');
	await grid.getByRole('button', { name: 'عروض', exact: true }).click();
	await expect(ben.page.getByRole('grid', { name: 'Files in عروض' }).getByRole('gridcell', { name: 'عرض السعر.txt', exact: true })).toBeVisible();
	await ben.page.getByRole('navigation', { name: 'Path' }).getByRole('button', { name: 'Plans' }).click();
});

test('he reads a text without anything of it being run, and finds one by name over all folders', async () => {
	const { page } = ben;
	await page.getByRole('grid', { name: 'Files in Plans' }).getByRole('button', { name: 'read me.txt', exact: true }).click();
	await expect(page.getByRole('region', { name: 'Preview of read me.txt' })).toHaveText('Hello from the workshop.', { timeout: fetchWithinMs });
	await page.getByRole('searchbox', { name: 'Find files in all folders' }).fill('größe');
	await expect(page.getByRole('grid', { name: 'Found files' }).getByRole('gridcell', { name: /^Größe/ })).toBeVisible({ timeout: 30_000 });
	await page.getByRole('searchbox', { name: 'Find files in all folders' }).fill('');
});

test('he keeps the whole folder, nested names in several scripts and all', async () => {
	await openFolder(ben.page, 'Plans');
	await keepFolder(ben.page);
	await expect(transferOf(ben.page, 'Plans')).toContainText('done, 5 files', { timeout: fetchWithinMs });
});

test('he fetches it into a folder of his own, each file as it was, under its own name', async () => {
	await chooseNext(ben.page, 'From Ana');
	await ben.page.getByRole('button', { name: 'Download folder' }).click();
	await expect(transferOf(ben.page, 'Plans').filter({ hasText: 'done' })).toHaveCount(2, { timeout: fetchWithinMs });
	const shared = await filesOn(ana.page, 'Plans');
	const fetched = await filesOn(ben.page, 'From Ana');
	expect(Object.keys(shared)).toHaveLength(5);
	expect(Object.fromEntries(Object.entries(fetched).map(([path, hash]) => [path.replace(/^Plans\//, ''), hash]))).toEqual(shared);
	await ben.page.getByRole('button', { name: 'Clear finished' }).click();
});

test('a transfer broken off at half its way by a reload goes on from there', async () => {
	await putFiles(ana.page, 'Film', { 'film.bin': 48 * mebibyte });
	await shareFolder(ana.page, 'Film');
	await limitUpload(ana.page, '5 MB/s');
	await openFolder(ben.page, 'Film');
	await keepFolder(ben.page);
	const bar = ben.page.getByRole('progressbar', { name: 'Downloading Film' });
	await expect.poll(async () => Number(await bar.getAttribute('aria-valuenow')), { timeout: fetchWithinMs }).toBeGreaterThanOrEqual(50);
	await expect(bar).toHaveAttribute('aria-valuetext', /MB\/s, .* left/);
	await ben.page.reload();
	await expect(bar).toBeVisible({ timeout: 30_000 });
	// What had been written and flushed counts at once; at most 16 MiB of 48 are asked for again.
	expect(Number(await bar.getAttribute('aria-valuenow'))).toBeGreaterThanOrEqual(50 - 34);
	await limitUpload(ana.page, 'None');
	await expect(transferOf(ben.page, 'Film')).toContainText('done', { timeout: fetchWithinMs });
});

test('she sends a file in the conversation, and Ben opens it', async () => {
	await openConversation(ana.page, 'Everyone');
	await ana.page.locator('input[type=file]').setInputFiles([{ name: 'minutes.txt', mimeType: 'text/plain', buffer: Buffer.from('We met at ten.') }]);
	await ana.page.getByRole('button', { name: 'Send', exact: true }).click();
	await openConversation(ben.page, 'Everyone');
	const card = message(ben.page, 'minutes');
	await expect(card.getByRole('button', { name: 'Download minutes.txt' })).toBeVisible({ timeout: 30_000 });
	await card.getByRole('button', { name: 'Open' }).click();
	await expect(ben.page.getByRole('region', { name: 'Preview of minutes.txt' })).toHaveText('We met at ten.', { timeout: fetchWithinMs });
	await ben.page.keyboard.press('Escape');
});

test('a colleague whose changed client turns bits gives nobody anything; once the owner is back the file comes whole', async () => {
	await putFiles(ana.page, 'Ledger', { 'ledger.bin': 4 * mebibyte });
	await shareFolder(ana.page, 'Ledger');
	const eve = await company.arrive('Eve Moss', {
		async prepare(context) {
			await stubPicker(context);
			await flipWhatIsGiven(context);
		},
	});
	await joinOffice(eve.page, link, 'Eve Moss');
	await openFolder(eve.page, 'Ledger');
	await keepFolder(eve.page);
	await expect(transferOf(eve.page, 'Ledger')).toContainText('done', { timeout: fetchWithinMs });
	await openFolder(ben.page, 'Ledger');
	await ana.close();
	await expect(ben.page.getByText('Away: only what colleagues have fetched can be had.').first()).toBeVisible({ timeout: awayWithinMs });
	await keepFolder(ben.page);
	await expect(transferOf(ben.page, 'Ledger')).toContainText(/waits for somebody who has the rest, .*0 B of 4.2 MB/, { timeout: fetchWithinMs });
	await ana.open();
	await expect(transferOf(ben.page, 'Ledger')).toContainText('done', { timeout: fetchWithinMs });
	await eve.close();
});

test('256 MiB pass, and the memory of both pages stays flat', async ({ browser }) => {
	await putFiles(ana.page, 'Archive', { 'archive.bin': 256 * mebibyte });
	await shareFolder(ana.page, 'Archive');
	await openFolder(ben.page, 'Archive');
	const session = await browser.newBrowserCDPSession();
	const renderersBytes = async (): Promise<number> => {
		const { processInfo } = await session.send('SystemInfo.getProcessInfo');
		return processInfo.filter(({ type }) => type === 'renderer').reduce((sum, { id }) => sum + residentBytes(id), 0);
	};
	const before = await renderersBytes();
	let most = before;
	await keepFolder(ben.page);
	await expect
		.poll(
			async () => {
				most = Math.max(most, await renderersBytes());
				return transferOf(ben.page, 'Archive').textContent();
			},
			{ timeout: 90_000, intervals: [300] },
		)
		.toContain('done');
	console.log(`renderers grew by ${String(Math.round((most - before) / mebibyte))} MiB`);
	expect(most - before).toBeLessThan(flatWithinBytes);
});

test('Ana goes home: who looked at the folder only now has it from the two who keep it', async () => {
	const cleo = await company.arrive('Cleo Park', { prepare: stubPicker });
	await joinOffice(cleo.page, link, 'Cleo Park');
	await openFolder(cleo.page, 'Plans');
	await keepFolder(cleo.page);
	await expect(transferOf(cleo.page, 'Plans')).toContainText('done, 5 files', { timeout: fetchWithinMs });
	const dan = await company.arrive('Dan Roe', { prepare: stubPicker });
	await joinOffice(dan.page, link, 'Dan Roe');
	await openFolder(dan.page, 'Plans');
	await ana.close();
	await expect(dan.page.getByText('Away: only what colleagues have fetched can be had.').first()).toBeVisible({ timeout: awayWithinMs });
	await keepFolder(dan.page);
	await expect(transferOf(dan.page, 'Plans')).toContainText('done, 5 files', { timeout: fetchWithinMs });
});

test('nothing in these pages broke the policy, and nothing was asked of anybody else', ({ server }) => {
	expectCleanPages(company.everyone, server);
});
