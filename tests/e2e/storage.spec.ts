/** What rests in the browser: the app without its server, cleared storage, a full disk, a blocked service worker, a clock years off. */
import type { Page } from '@playwright/test';
import { startAppServer } from '../support/app-server.mjs';
import { createCompany, expect, expectCleanPages, test } from '../support/office-test.ts';
import { foundOffice, goTo, invite, joinOffice, mainNavigation, message, openConversation, personItem, say } from '../support/people-in-browsers.mjs';

const yearMs = 365 * 86_400_000;

/** Waits until the service worker controls pages to come. */
async function serviceWorkerReady(page: Page): Promise<void> {
	await page.evaluate(async () => {
		await navigator.serviceWorker.ready;
	});
}

test('the app starts, with its history, while the server is switched off', async ({ browser }) => {
	const server = await startAppServer();
	const company = createCompany(browser, server.url);
	try {
		const ana = await company.arrive('Ana Costa');
		await foundOffice(ana.page, { office: 'Harbour Office', name: 'Ana Costa' });
		await openConversation(ana.page, 'Everyone');
		await say(ana.page, 'Note to myself');
		await expect(message(ana.page, 'Note to myself')).toContainText('sent');
		await serviceWorkerReady(ana.page);
		await ana.close();
		await server.stop();

		await ana.open();
		await expect(mainNavigation(ana.page)).toBeVisible();
		await openConversation(ana.page, 'Everyone');
		await expect(message(ana.page, 'Note to myself')).toHaveCount(1);
		await say(ana.page, 'Written without a server');
		await expect(message(ana.page, 'Written without a server')).toContainText('sent');
		await ana.page.reload();
		await openConversation(ana.page, 'Everyone');
		await expect(message(ana.page, 'Written without a server')).toHaveCount(1);
		expectCleanPages(company.everyone, server);
	} finally {
		await company.goHome();
		await server.stop();
	}
});

test('cleared storage is recognised, and no new identity is made behind the back', async ({ company }) => {
	const ana = await company.arrive('Ana Costa');
	await foundOffice(ana.page, { office: 'Harbour Office', name: 'Ana Costa' });
	const plain = new URL('/healthz', ana.page.url()).href;
	await ana.close();
	ana.page = await ana.context.newPage();
	await ana.page.goto(plain);
	await ana.page.evaluate(async () => {
		for (const { name } of await indexedDB.databases()) {
			await new Promise((resolve, reject) => {
				const request = indexedDB.deleteDatabase(name!);
				request.onsuccess = resolve;
				request.onerror = reject;
			});
		}
	});
	await ana.open();
	await expect(ana.page.getByRole('heading', { name: "This browser's data was cleared" })).toBeVisible();
	await expect(ana.page.getByRole('button', { name: 'I have an invite' })).toBeVisible();
	await expect(mainNavigation(ana.page)).toHaveCount(0);
	await ana.page.getByRole('button', { name: 'Start over' }).click();
	await expect(ana.page.getByRole('button', { name: 'Create an office' })).toBeVisible();
});

test('with a passphrase, a start asks for it, and a wrong one opens nothing', async ({ company, server }) => {
	const ana = await company.arrive('Ana Costa');
	await ana.page.getByRole('button', { name: 'Create an office' }).click();
	await ana.page.getByRole('textbox', { name: 'Office name' }).fill('Harbour Office');
	await ana.page.getByRole('textbox', { name: 'Your name' }).fill('Ana Costa');
	await ana.page.getByLabel('Passphrase (optional)').fill('correct horse battery');
	await ana.page.getByRole('button', { name: 'Create office' }).click();
	await ana.page.getByRole('checkbox', { name: 'I wrote it down' }).click();
	await ana.page.getByRole('button', { name: 'I have kept it' }).click();
	await openConversation(ana.page, 'Everyone');
	await say(ana.page, 'Behind a passphrase');
	await expect(message(ana.page, 'Behind a passphrase')).toContainText('sent');

	await ana.close();
	await ana.open();
	await expect(ana.page.getByRole('heading', { name: 'Unlock Landline' })).toBeVisible();
	await ana.page.getByLabel('Passphrase', { exact: true }).fill('incorrect horse');
	await ana.page.getByRole('button', { name: 'Unlock' }).click();
	await expect(ana.page.getByRole('alert').first()).toContainText('does not open');
	await expect(mainNavigation(ana.page)).toHaveCount(0);
	await ana.page.getByLabel('Passphrase', { exact: true }).fill('correct horse battery');
	await ana.page.getByRole('button', { name: 'Unlock' }).click();
	await openConversation(ana.page, 'Everyone');
	await expect(message(ana.page, 'Behind a passphrase')).toHaveCount(1);
	expectCleanPages(company.everyone, server);
});

test('a full disk is said, and what was stored stays', async ({ company }) => {
	// Chromium lowers no quota for a context that keeps its storage in memory, so the store's writes fail here as they would on a full disk.
	const ana = await company.arrive('Ana Costa', {
		prepare: (context) =>
			context.addInitScript(() => {
				for (const write of ['put', 'add'] as const) {
					const native = Object.getOwnPropertyDescriptor(IDBObjectStore.prototype, write)!.value as (this: IDBObjectStore, ...args: unknown[]) => IDBRequest<IDBValidKey>;
					IDBObjectStore.prototype[write] = function (...args: unknown[]) {
						if (sessionStorage.getItem('diskIsFull') !== null) throw new DOMException('The disk is full.', 'QuotaExceededError');
						return native.apply(this, args);
					};
				}
			}),
	});
	await foundOffice(ana.page, { office: 'Harbour Office', name: 'Ana Costa' });
	await openConversation(ana.page, 'Everyone');
	await say(ana.page, 'Before the disk was full');
	await expect(message(ana.page, 'Before the disk was full')).toContainText('sent');

	await ana.page.evaluate(() => sessionStorage.setItem('diskIsFull', ''));
	await say(ana.page, 'After it was full');
	await expect(ana.page.getByRole('alert').filter({ hasText: /full|space/i }).first()).toBeVisible();
	// The words are not lost: they stand in the field again.
	await expect(ana.page.getByRole('textbox', { name: 'Message', exact: true })).toHaveValue('After it was full');

	await ana.page.evaluate(() => sessionStorage.removeItem('diskIsFull'));
	await ana.page.getByRole('button', { name: 'Send' }).click();
	await expect(message(ana.page, 'After it was full')).toContainText('sent');
	await ana.page.reload();
	await openConversation(ana.page, 'Everyone');
	await expect(message(ana.page, 'Before the disk was full')).toHaveCount(1);
	await expect(message(ana.page, 'After it was full')).toHaveCount(1);
});

test('a browser that blocks the service worker is told what that means', async ({ company }) => {
	const ana = await company.arrive('Ana Costa', {
		serviceWorkers: 'allow',
		prepare: (context) =>
			context.addInitScript(() => {
				navigator.serviceWorker.register = () => Promise.reject(new DOMException('blocked by policy', 'SecurityError'));
			}),
	});
	await expect(ana.page.getByRole('alert').filter({ hasText: /service worker|offline|without the server/i }).first()).toBeVisible();
	await foundOffice(ana.page, { office: 'Harbour Office', name: 'Ana Costa' });
});

test('a clock years off is told, and the office still works', async ({ company }) => {
	const ana = await company.arrive('Ana Costa');
	await foundOffice(ana.page, { office: 'Harbour Office', name: 'Ana Costa' });
	const link = await invite(ana.page);
	const ben = await company.arrive('Ben Ito', {
		prepare: (context) =>
			context.addInitScript((behindMs) => {
				const now = Date.now.bind(Date);
				Date.now = () => now() - behindMs;
			}, 6 * yearMs),
	});
	await joinOffice(ben.page, link, 'Ben Ito');
	await goTo(ana.page, 'People');
	await expect(personItem(ana.page, 'Ben Ito')).toHaveAccessibleName(/^Ben Ito, available/, { timeout: 30_000 });
	for (const person of [ana, ben]) await openConversation(person.page, 'Everyone');
	await say(ben.page, 'What year is it?');
	await expect(message(ana.page, 'What year is it?')).toBeVisible();
	await say(ana.page, 'Not that one');
	await expect(message(ben.page, 'Not that one')).toBeVisible();
	// Order is causal, not by the clock.
	await expect(ana.page.getByRole('log', { name: 'Messages' }).getByRole('article')).toHaveText([/What year/, /Not that one/]);
	await expect(ben.page.getByText(/clock/i).first()).toBeVisible({ timeout: 45_000 });
});
