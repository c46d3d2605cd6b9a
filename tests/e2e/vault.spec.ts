/** The vault at rest in a real browser: a stolen disk, locking, a passkey, the printed code, two offices in one profile. */
import type { Page } from '@playwright/test';
import { everythingKept, placesOf } from '../support/known-plaintexts.ts';
import { createCompany, expect, expectCleanPages, test } from '../support/office-test.ts';
import { foundOffice, goTo, invite, joinOffice, mainNavigation, message, openConversation, openDirect, personItem, postNotice, say, setStatus } from '../support/people-in-browsers.mjs';

/** Stealing begins after 5 s of silence. */
const letsGoWithinMs = 4_500;
const horse = 'correct horse battery';
const staple = 'another staple entirely';

const unlockHeading = (page: Page) => page.getByRole('heading', { name: 'Unlock Landline' });

async function unlock(page: Page, passphrase: string): Promise<void> {
	await page.getByLabel('Passphrase', { exact: true }).fill(passphrase);
	await page.getByRole('button', { name: 'Unlock', exact: true }).click();
}

/** Sets the first passphrase in the settings; answers the recovery code that is offered then. */
async function protect(page: Page, passphrase: string): Promise<string> {
	await goTo(page, 'Settings');
	await page.getByRole('button', { name: 'Set a passphrase' }).click();
	const dialog = page.getByRole('dialog', { name: 'Set a passphrase' });
	await dialog.getByLabel('New passphrase', { exact: true }).fill(passphrase);
	await dialog.getByLabel('New passphrase again').fill(passphrase);
	await dialog.getByRole('button', { name: 'Set a passphrase' }).click();
	await page.getByRole('dialog', { name: 'Recovery code' }).getByRole('button', { name: 'Make a recovery code' }).click();
	const sheet = page.getByRole('dialog', { name: 'Recovery code' });
	const code = await sheet.getByRole('textbox', { name: 'Recovery code' }).inputValue();
	await sheet.getByRole('checkbox', { name: 'I wrote it down' }).click();
	await sheet.getByRole('button', { name: 'I have kept it' }).click();
	await expect(sheet).toBeHidden();
	return code;
}

async function lockNow(page: Page): Promise<void> {
	await goTo(page, 'Settings');
	await page.getByRole('button', { name: 'Lock now' }).click();
	await expect(unlockHeading(page)).toBeVisible();
}

test('A44: the disk of a locked device shows no name, no text and no key', async ({ company, server }) => {
	const ana = await company.arrive('Ana', {
		prepare: (context) =>
			context.addInitScript(() => {
				// Whatever 32 bytes the page draws is, or becomes, a secret: device keys, mesh key, data key, recovery key.
				const drawn: string[] = [];
				Object.assign(globalThis, { drawn });
				const native = crypto.getRandomValues.bind(crypto);
				crypto.getRandomValues = <T extends ArrayBufferView | null>(view: T): T => {
					native(view as unknown as Uint8Array<ArrayBuffer>);
					if (view instanceof Uint8Array && view.length === 32) drawn.push([...view].map((byte) => byte.toString(16).padStart(2, '0')).join(''));
					return view;
				};
			}),
	});
	const recoveryKey = await foundOffice(ana.page, { office: 'Quillfeather Estates', name: 'Anastasia Featherstone' });
	const ben = await company.arrive('Ben');
	await joinOffice(ben.page, await invite(ana.page), 'Benedikt Ytterwick');
	await openConversation(ana.page, 'Everyone');
	await say(ana.page, 'Breakfast moves to the greenhouse');
	await openDirect(ana.page, 'Benedikt Ytterwick');
	await say(ana.page, 'The salary round is postponed');
	await expect(message(ana.page, 'The salary round is postponed')).toContainText(/sent|delivered|held/);
	await openDirect(ben.page, 'Anastasia Featherstone');
	await say(ben.page, 'Understood, zinnias it is');
	await expect(message(ana.page, 'Understood, zinnias it is')).toBeVisible();
	await ana.page.getByRole('textbox', { name: 'Message', exact: true }).fill('An unfinished confession');
	await postNotice(ana.page, { title: 'Fire drill on Wednesday', text: 'Assemble beneath the walnut tree.' });
	await setStatus(ana.page, 'Busy', 'counting teaspoons');
	const code = await protect(ana.page, horse);

	await lockNow(ana.page);
	await goTo(ben.page, 'People');
	await expect(personItem(ben.page, 'Anastasia Featherstone')).toHaveAccessibleName(/offline/);
	const drawn = await ana.page.evaluate(() => (globalThis as unknown as { drawn: string[] }).drawn);
	expect(drawn.length).toBeGreaterThan(5);
	const kept = await everythingKept(ana.page);
	expect(kept.length).toBeGreaterThan(50);
	const secrets = [
		'Quillfeather Estates', 'Anastasia Featherstone', 'Benedikt Ytterwick', 'Breakfast moves to the greenhouse', 'The salary round is postponed', 'Understood, zinnias it is',
		'An unfinished confession', 'Fire drill on Wednesday', 'Assemble beneath the walnut tree.', 'counting teaspoons', horse, code, code.replaceAll(' ', ''), recoveryKey, recoveryKey.replaceAll(' ', ''),
		...drawn.map((hex) => Buffer.from(hex, 'hex')),
	];
	for (const secret of secrets) expect(placesOf(secret, kept), `places of ${typeof secret === 'string' ? secret : secret.toString('hex')}`).toEqual([]);
	// Nor a key that the browser itself would use for whoever sits down here.
	expect(placesOf('CryptoKey', kept).filter((where) => where.startsWith('landline-'))).toEqual([]);

	await unlock(ana.page, horse);
	await openDirect(ana.page, 'Benedikt Ytterwick');
	await expect(message(ana.page, 'Understood, zinnias it is')).toBeVisible();
	await expect(ana.page.getByRole('textbox', { name: 'Message', exact: true })).toHaveValue('An unfinished confession');
	expectCleanPages(company.everyone, server);
});

test('the search in the disk would find a text and a key in any of their forms', async ({ company }) => {
	const ana = await company.arrive('Ana');
	const key = Buffer.from('00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff', 'hex');
	await ana.page.evaluate(async (hex) => {
		const bytes = Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(i * 2, i * 2 + 2), 16));
		localStorage.setItem('a', btoa(`x${String.fromCharCode(...bytes)}`));
		const clear = 'Zoë in clear';
		sessionStorage.setItem('b', clear);
		await (await caches.open('c')).put('/c', new Response(Uint16Array.from({ length: clear.length }, (_, at) => clear.charCodeAt(at))));
		await new Promise<void>((resolve) => {
			const request = indexedDB.open('d', 1);
			request.onupgradeneeded = () => request.result.createObjectStore('s').put({ deep: [bytes] }, hex.toUpperCase());
			request.onsuccess = () => {
				request.result.close();
				resolve();
			};
		});
	}, key.toString('hex'));
	const kept = await everythingKept(ana.page);
	expect(placesOf(key, kept)).toEqual(['d / s / keys', 'd / s', 'localStorage']);
	expect(placesOf('Zoë in clear', kept).map((where) => where.split(' ')[0])).toEqual(['sessionStorage', 'c']);
});

test('a passphrase is worked out beside the page, which goes on answering; the worker comes from the store when the server is off', async ({ company, server }) => {
	const ana = await company.arrive('Ana Costa');
	await foundOffice(ana.page, { office: 'Harbour Office', name: 'Ana Costa' });
	await protect(ana.page, horse);
	await ana.page.evaluate(async () => {
		await navigator.serviceWorker.ready;
	});
	await lockNow(ana.page);
	await ana.page.evaluate(() => {
		const stalls: number[] = [];
		Object.assign(globalThis, { stalls });
		new PerformanceObserver((list) => stalls.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask' });
	});
	const worker = ana.page.waitForEvent('worker');
	await unlock(ana.page, 'incorrect horse');
	expect((await worker).url()).toContain('offload.worker');
	await expect(ana.page.getByRole('alert').first()).toContainText('does not open');
	const stalls = await ana.page.evaluate(() => (globalThis as unknown as { stalls: number[] }).stalls);
	expect(stalls, 'tasks over 50 ms while the passphrase was worked out').toEqual([]);

	await server.stop();
	try {
		await ana.page.reload();
		const again = ana.page.waitForEvent('worker');
		await unlock(ana.page, horse);
		expect((await again).url()).toContain('offload.worker');
		await expect(mainNavigation(ana.page)).toBeVisible();
	} finally {
		await server.start();
	}
	expectCleanPages(company.everyone, server);
});

test('who forgot the passphrase comes in with the printed code, chooses a new one, and the old one opens nothing', async ({ company, server }) => {
	const ana = await company.arrive('Ana Costa');
	await foundOffice(ana.page, { office: 'Harbour Office', name: 'Ana Costa' });
	const code = await protect(ana.page, horse);
	await lockNow(ana.page);
	await ana.page.getByRole('button', { name: 'Forgot passphrase' }).click();
	const field = ana.page.getByRole('textbox', { name: 'Recovery code' });
	await field.fill(code.slice(0, -2));
	await ana.page.getByRole('button', { name: 'Continue' }).click();
	await expect(ana.page.getByRole('alert').first()).toContainText('missing or mistyped');
	await field.fill(code.toLowerCase());
	await ana.page.getByRole('button', { name: 'Continue' }).click();
	await ana.page.getByLabel('New passphrase', { exact: true }).fill(staple);
	await ana.page.getByLabel('New passphrase again').fill(staple);
	await ana.page.getByRole('button', { name: 'Set passphrase and unlock' }).click();
	await expect(mainNavigation(ana.page)).toBeVisible();

	await ana.page.reload();
	await unlock(ana.page, horse);
	await expect(ana.page.getByRole('alert').first()).toContainText('does not open');
	await unlock(ana.page, staple);
	await expect(mainNavigation(ana.page)).toBeVisible();
	expectCleanPages(company.everyone, server);
});

test('a passkey opens Landline, beside a passphrase or alone', async ({ browser, server }) => {
	// WebAuthn wants a name, not an address.
	const url = server.url.replace('127.0.0.1', 'localhost');
	const company = createCompany(browser, url);
	try {
		const ana = await company.arrive('Ana Costa');
		const cdp = await ana.context.newCDPSession(ana.page);
		await cdp.send('WebAuthn.enable');
		const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
			options: { protocol: 'ctap2', ctap2Version: 'ctap2_1', transport: 'internal', hasResidentKey: true, hasUserVerification: true, hasPrf: true, isUserVerified: true, automaticPresenceSimulation: true },
		});
		await foundOffice(ana.page, { office: 'Harbour Office', name: 'Ana Costa' });
		await goTo(ana.page, 'Settings');
		await expect(ana.page.getByText('Only this browser profile')).toBeVisible();
		await ana.page.getByRole('button', { name: 'Add a passkey' }).click();
		await ana.page.getByRole('dialog', { name: 'Add a passkey' }).getByRole('button', { name: 'Add a passkey' }).click();
		await ana.page.getByRole('dialog', { name: 'Recovery code' }).getByRole('button', { name: 'Not now' }).click();
		await expect(ana.page.getByText('One passkey opens it.')).toBeVisible();
		const { credentials } = await cdp.send('WebAuthn.getCredentials', { authenticatorId });
		expect(credentials).toHaveLength(1);
		// The browser's own list of passkeys may leave this computer: it names neither person nor office.
		expect(JSON.stringify(credentials)).not.toMatch(/Harbour|Ana/);

		await lockNow(ana.page);
		await expect(ana.page.getByLabel('Passphrase', { exact: true })).toHaveCount(0);
		await ana.page.getByRole('button', { name: 'Use a passkey' }).click();
		await expect(mainNavigation(ana.page)).toBeVisible();

		await protect(ana.page, horse);
		await ana.page.reload();
		await expect(ana.page.getByLabel('Passphrase', { exact: true })).toBeVisible();
		await ana.page.getByRole('button', { name: 'Use a passkey' }).click();
		await expect(mainNavigation(ana.page)).toBeVisible();

		await cdp.send('WebAuthn.clearCredentials', { authenticatorId });
		await lockNow(ana.page);
		await ana.page.getByRole('button', { name: 'Use a passkey' }).click();
		await expect(ana.page.getByRole('alert').first()).toContainText('got none');
		await unlock(ana.page, horse);
		await expect(mainNavigation(ana.page)).toBeVisible();
		expectCleanPages(company.everyone, { ...server, url });
	} finally {
		await company.goHome();
	}
});

test('a screen that nobody touches is locked after the time chosen, and one that slept through it at the first sign of life', async ({ company, server }) => {
	const minuteMs = 60_000;
	const ana = await company.arrive('Ana Costa', { prepare: (context) => context.clock.install() });
	await foundOffice(ana.page, { office: 'Harbour Office', name: 'Ana Costa' });
	await protect(ana.page, horse);
	await ana.page.getByRole('radio', { name: 'After 5 minutes' }).click();
	await openConversation(ana.page, 'Everyone');
	await say(ana.page, 'Behind the lock');
	await expect(message(ana.page, 'Behind the lock')).toContainText('sent');
	await ana.context.clock.fastForward(4 * minuteMs);
	await ana.page.keyboard.press('Shift');
	await ana.context.clock.fastForward(4 * minuteMs);
	await expect(mainNavigation(ana.page)).toBeVisible();
	await ana.context.clock.fastForward(2 * minuteMs);
	await expect(unlockHeading(ana.page)).toBeVisible();
	await expect(ana.page.getByText('Behind the lock')).toHaveCount(0);
	await unlock(ana.page, horse);
	await openConversation(ana.page, 'Everyone');
	await expect(message(ana.page, 'Behind the lock')).toBeVisible();

	// The lid is closed: no timer runs, and the clock has gone on when it is opened.
	await ana.context.clock.pauseAt(Date.now() + 60 * minuteMs);
	await ana.page.keyboard.press('Shift');
	await ana.context.clock.resume();
	await expect(unlockHeading(ana.page)).toBeVisible();
	expectCleanPages(company.everyone, server);
});

test('an authenticator that keeps no secret is told, and nothing changes', async ({ browser, server }) => {
	const company = createCompany(browser, server.url.replace('127.0.0.1', 'localhost'));
	try {
		const ana = await company.arrive('Ana Costa');
		const cdp = await ana.context.newCDPSession(ana.page);
		await cdp.send('WebAuthn.enable');
		await cdp.send('WebAuthn.addVirtualAuthenticator', {
			options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
		});
		await foundOffice(ana.page, { office: 'Harbour Office', name: 'Ana Costa' });
		await goTo(ana.page, 'Settings');
		await ana.page.getByRole('button', { name: 'Add a passkey' }).click();
		await ana.page.getByRole('dialog').getByRole('button', { name: 'Add a passkey' }).click();
		await expect(ana.page.getByRole('dialog').getByRole('alert')).toContainText('cannot keep a secret');
		await ana.page.keyboard.press('Escape');
		await expect(ana.page.getByText('Only this browser profile')).toBeVisible();
	} finally {
		await company.goHome();
	}
});

test('two offices in one profile: each opens, and one that cannot be read does not hide the other', async ({ company, server }) => {
	const ana = await company.arrive('Ana Costa');
	await foundOffice(ana.page, { office: 'First Office', name: 'Ana Costa' });
	const zoe = await company.arrive('Zoe Ode');
	await foundOffice(zoe.page, { office: 'Second Office', name: 'Zoe Ode' });
	await joinOffice(ana.page, await invite(zoe.page), 'Ana in the Second');
	await goTo(ana.page, 'Settings');
	await expect(ana.page.getByText('Second Office').first()).toBeVisible();
	await ana.page.getByRole('button', { name: /^Open Office/ }).click();
	await goTo(ana.page, 'People');
	await expect(personItem(ana.page, 'Ana Costa')).toBeVisible();
	await ana.page.reload();
	await goTo(ana.page, 'Settings');
	await expect(ana.page.getByText('First Office').first()).toBeVisible();

	const url = ana.page.url();
	await ana.page.goto(new URL('/healthz', url).href);
	await ana.page.evaluate(async () => {
		const names = (await indexedDB.databases()).flatMap(({ name = '' }) => (name.startsWith('landline-') ? [name] : []));
		const list = await new Promise<IDBDatabase>((resolve) => {
			const request = indexedDB.open('landline');
			request.onsuccess = () => resolve(request.result);
		});
		const offices = await new Promise<{ id: string; openedMs: number }[]>((resolve) => {
			const objects = list.transaction('offices').objectStore('offices');
			const ids = objects.getAllKeys() as IDBRequest<string[]>;
			const rows = objects.getAll() as IDBRequest<{ openedMs: number }[]>;
			rows.onsuccess = () => resolve(ids.result.map((id, index) => ({ id, openedMs: rows.result[index]?.openedMs ?? 0 })));
		});
		list.close();
		const [newest] = offices.sort((a, b) => b.openedMs - a.openedMs);
		const name = names.find((one) => newest?.id.startsWith(one.slice('landline-'.length)));
		const db = await new Promise<IDBDatabase>((resolve) => {
			const request = indexedDB.open(name ?? '');
			request.onsuccess = () => resolve(request.result);
		});
		await new Promise<void>((resolve) => {
			const tx = db.transaction('meta', 'readwrite');
			tx.objectStore('meta').clear();
			tx.oncomplete = () => resolve();
		});
		db.close();
	});
	await ana.page.goto(new URL('/', url).href);
	await expect(ana.page.getByRole('heading', { name: 'Landline cannot open its data' })).toBeVisible();
	await ana.page.getByRole('button', { name: /^Open Office/ }).click();
	await goTo(ana.page, 'People');
	await expect(personItem(ana.page, 'Ana in the Second')).toBeVisible();
	expectCleanPages([zoe], server);
});

test('A47: two tabs, one writer: the second may not write until the first has let go, which it does when asked', async ({ company, server }) => {
	const ana = await company.arrive('Ana Costa');
	await foundOffice(ana.page, { office: 'Harbour Office', name: 'Ana Costa' });
	let [here, there] = [ana.page, await ana.context.newPage()];
	await there.goto(new URL('/', here.url()).href);
	const written: string[] = [];
	for (const text of ['first', 'second', 'third', 'fourth']) {
		await openConversation(here, 'Everyone');
		await say(here, text);
		await expect(message(here, text)).toContainText('sent');
		written.push(text);
		await expect(there.getByRole('heading', { name: 'Landline is open in another tab' })).toBeVisible();
		await expect(there.getByRole('textbox', { name: 'Message', exact: true })).toHaveCount(0);
		const held = await there.evaluate(async () => (await navigator.locks.query()).held?.length);
		expect(held, 'tabs that may write').toBe(1);
		const asked = Date.now();
		await there.getByRole('button', { name: 'Use Landline here' }).click();
		await expect(mainNavigation(there)).toBeVisible();
		expect(Date.now() - asked, 'the leader lets go when asked; after 5 s the lock would be stolen').toBeLessThan(letsGoWithinMs);
		[here, there] = [there, here];
	}
	await openConversation(here, 'Everyone');
	await expect(here.getByRole('log', { name: 'Messages' }).getByRole('article')).toHaveText(written.map((text) => new RegExp(text)));
	expectCleanPages(company.everyone, server);
});
