// Pictures of every screen of the harness: `node tests/support/harness/shots.mjs OUT [filter]`, with the harness on 127.0.0.1:18311.
import { chromium } from 'playwright-core';

const [out = '/tmp/shots', filter = ''] = process.argv.slice(2);
const base = process.env.HARNESS ?? 'http://127.0.0.1:18311';
const wide = { width: 1280, height: 800 };
const phone = { width: 360, height: 740 };

const screens = {
	first: { fake: { stage: 'first-visit' } },
	'first-invite': { fake: { stage: 'first-visit' }, act: async (page) => page.getByRole('button', { name: 'I have an invite' }).click() },
	create: { fake: { stage: 'first-visit' }, act: async (page) => page.getByRole('button', { name: 'Create an office' }).click() },
	recovery: {
		fake: { stage: 'first-visit' },
		act: async (page) => {
			await page.getByRole('button', { name: 'Create an office' }).click();
			await page.getByLabel('Office name').fill('Müller & Töchter');
			await page.getByLabel('Your name').fill('Ben Ode');
			await page.getByRole('button', { name: 'Create office' }).click();
			await page.getByRole('dialog').waitFor();
		},
	},
	door: { fake: { door: true } },
	join: { fake: { stage: 'first-visit' }, path: '/join#AQAAgoodinvite' },
	'join-damaged': { fake: { stage: 'first-visit' }, path: '/join#nonsense' },
	'join-looking': { fake: { stage: 'joining' } },
	'join-waiting': { fake: { stage: 'joining', joining: 'waiting' } },
	'device-join': { fake: { stage: 'first-visit' }, path: '/join#AgAAgooddevice' },
	'device-reaching': { fake: { stage: 'joining', joining: 'reaching' } },
	'device-comparing': { fake: { stage: 'joining', joining: 'comparing' } },
	'join-failed': { fake: { stage: 'joining', joining: 'failed' } },
	second: { fake: { stage: 'second-tab' } },
	cleared: { fake: { stage: 'cleared' } },
	broken: { fake: { stage: 'broken', two: true } },
	locked: { fake: { stage: 'locked', two: true } },
	'locked-passkey': { fake: { ways: ['passkey'] }, act: async (page) => page.getByRole('button', { name: 'Passkey lost' }).click() },
	'locked-code': { fake: { stage: 'locked' }, act: async (page) => page.getByRole('button', { name: 'Forgot passphrase' }).click() },
	'locked-new': {
		fake: { stage: 'locked' },
		act: async (page) => {
			await page.getByLabel('Passphrase', { exact: true }).fill('wrong');
			await page.getByRole('button', { name: 'Unlock' }).click();
			await page.getByRole('button', { name: 'Forgot passphrase' }).click();
			await page.getByLabel('Recovery code').fill('7KQ2 9VXM 4HTN 0RGB 8WCE 1DYP 6SZA 3JFK 5N2Q 7KQ2 9VXM 4HTN 0RGB 8WCE');
			await page.getByRole('button', { name: 'Continue' }).click();
			await page.getByLabel('New passphrase', { exact: true }).fill('short');
			await page.getByLabel('New passphrase again').fill('shirt');
		},
	},
	protection: { path: '/settings', fake: { protected: true }, act: async (page) => page.getByRole('button', { name: 'Lock now' }).scrollIntoViewIfNeeded() },
	'protection-set': { path: '/settings', act: async (page) => page.getByRole('button', { name: 'Set a passphrase' }).click() },
	'protection-change': { path: '/settings', fake: { protected: true }, act: async (page) => page.getByRole('button', { name: 'Change passphrase' }).click() },
	'protection-remove': { path: '/settings', fake: { protected: true }, act: async (page) => page.getByRole('button', { name: 'Remove passphrase' }).click() },
	'protection-offer': {
		path: '/settings',
		act: async (page) => {
			await page.getByRole('button', { name: 'Set a passphrase' }).click();
			await page.getByLabel('New passphrase', { exact: true }).fill('a long passphrase');
			await page.getByLabel('New passphrase again').fill('a long passphrase');
			await page.getByRole('dialog').getByRole('button', { name: 'Set a passphrase' }).click();
			await page.getByRole('button', { name: 'Not now' }).waitFor();
		},
	},
	'protection-passkey': { path: '/settings', fake: { passkeyAlone: true }, act: async (page) => page.getByRole('button', { name: 'Make a recovery code' }).click() },
	'protection-code': {
		path: '/settings',
		fake: { protected: true },
		act: async (page) => {
			await page.getByRole('button', { name: 'Make a new recovery code' }).click();
			await page.getByLabel('Current passphrase').fill('a long passphrase');
			await page.getByRole('dialog').getByRole('button', { name: 'Make a new recovery code' }).click();
			await page.getByText('I wrote it down').waitFor();
		},
	},
	'status-locking': { fake: { protected: true }, act: async (page) => page.getByRole('button', { name: 'My status' }).click() },
	chats: {},
	'chats-waiting': { fake: { waiting: true }, path: '/#everyone' },
	everyone: { path: '/#everyone' },
	direct: { path: '/#d-ana' },
	group: { path: '/#g-move', act: async (page) => page.getByRole('button', { name: 'Details' }).click() },
	alone: { fake: { alone: true }, path: '/#everyone' },
	'new-conversation': { act: async (page) => page.getByRole('button', { name: 'New conversation' }).click() },
	people: { path: '/people' },
	'people-alone': { path: '/people', fake: { alone: true } },
	person: { path: '/people', act: async (page) => page.getByRole('button', { name: /^Ana Costa/ }).click() },
	verify: {
		path: '/people',
		act: async (page) => {
			await page.getByRole('button', { name: /^Ana Costa/ }).click();
			await page.getByRole('button', { name: 'Verify' }).click();
			await page.getByText('They match').waitFor();
		},
	},
	'keys-changed': { fake: { keys: 'changed' }, path: '/#d-ana' },
	'keys-new': { fake: { keys: 'unverified' }, path: '/#d-ana' },
	'person-keys': { fake: { keys: 'changed' }, path: '/people', act: async (page) => page.getByRole('button', { name: /^Ana Costa/ }).click() },
	'person-rtl': { path: '/people', act: async (page) => page.getByRole('button', { name: /^دانا/ }).click() },
	'verify-rtl': {
		path: '/people',
		act: async (page) => {
			await page.getByRole('button', { name: /^دانا/ }).click();
			await page.getByRole('button', { name: 'Verify' }).click();
			await page.getByRole('button', { name: 'They do not match' }).click();
		},
	},
	'remove-rtl': {
		path: '/people',
		act: async (page) => {
			await page.getByRole('button', { name: /^دانا/ }).click();
			await page.getByRole('button', { name: 'Remove from office' }).click();
		},
	},
	'remove-device': {
		path: '/people',
		act: async (page) => {
			await page.getByRole('button', { name: /^Ana Costa/ }).click();
			await page.getByRole('button', { name: /^Remove Device/ }).first().click();
		},
	},
	'person-blocked': { path: '/people', fake: { blocked: true }, act: async (page) => page.getByRole('button', { name: /^Ana Costa/ }).click() },
	blocked: { path: '/#d-ana', fake: { blocked: true } },
	'person-long': { path: '/people', act: async (page) => page.getByRole('button', { name: /^Wolfe/ }).click() },
	role: {
		path: '/people',
		act: async (page) => {
			await page.getByRole('button', { name: /^Priya/ }).click();
			await page.getByRole('button', { name: 'Change role' }).click();
		},
	},
	invite: {
		path: '/people',
		act: async (page) => {
			await page.getByRole('button', { name: 'Invite people' }).click();
			await page.getByLabel('Uses').fill('5');
			await page.getByLabel('Label (optional)').fill('Workshop, first floor');
			await page.getByRole('button', { name: 'Create invite' }).click();
			await page.getByRole('img', { name: 'Invite QR code' }).scrollIntoViewIfNeeded();
		},
	},
	placard: { path: '/placard' },
	'placard-roll': { path: '/placard', act: async (page) => page.getByRole('button', { name: /acknowledged$/ }).first().click() },
	'new-notice': { path: '/placard', act: async (page) => page.getByRole('button', { name: 'New notice' }).click() },
	remove: {
		path: '/people',
		act: async (page) => {
			await page.getByRole('button', { name: /^Ana Costa/ }).click();
			await page.getByRole('button', { name: 'Remove from office' }).click();
		},
	},
	removed: { fake: { connection: { readOnly: 'removed', removedBy: 'Ana Costa', linked: 0, online: 0 } }, path: '/#everyone' },
	forked: { fake: { connection: { readOnly: 'forked', linked: 0, online: 0 } }, path: '/#everyone' },
	contested: { fake: { waiting: true, contested: true }, path: '/#everyone' },
	'name-taken': { fake: { stage: 'joining', joining: 'name-taken' } },
	stale: { fake: { connection: { list: 'stale' } }, path: '/#everyone' },
	suspended: { fake: { connection: { readOnly: 'suspended', code: '4829 1304 7716 2085' } }, path: '/#everyone' },
	recover: { path: '/settings', act: async (page) => page.getByRole('button', { name: 'Become an owner' }).scrollIntoViewIfNeeded() },
	leave: { path: '/settings', act: async (page) => page.getByRole('button', { name: 'Leave the office' }).scrollIntoViewIfNeeded() },
	settings: { path: '/settings' },
	'device-link': { path: '/settings', act: async (page) => page.getByRole('button', { name: 'Link another device' }).click() },
	'device-compare': {
		path: '/settings',
		act: async (page) => {
			await page.getByRole('button', { name: 'Link another device' }).click();
			await page.evaluate(() => fake.fakeOffice.deviceLink.set({ ...fake.fakeOffice.deviceLink.get(), step: 'compare', code: '4829 1304 7716 2085' }));
		},
	},
	'device-added': {
		path: '/settings',
		act: async (page) => {
			await page.getByRole('button', { name: 'Link another device' }).click();
			await page.evaluate(() => fake.fakeOffice.addDevice());
			await page.getByRole('button', { name: 'Done' }).click();
		},
	},
	knock: {
		path: '/people',
		act: async (page) => {
			await page.getByRole('button', { name: 'Add by address' }).click();
			await page.getByRole('textbox', { name: 'Address' }).fill('192.168.1.40');
			await page.getByRole('button', { name: 'Knock', exact: true }).click();
		},
	},
	'knock-asked': { fake: { knock: true }, path: '/#everyone' },
	record: {
		path: '/settings',
		act: async (page) => {
			await page.getByRole('button', { name: 'Record of the office' }).click();
			await page.getByRole('button', { name: 'Check the record' }).click();
		},
	},
	doctor: { path: '/settings', act: async (page) => page.getByRole('button', { name: 'Copy report' }).scrollIntoViewIfNeeded() },
	trouble: { fake: { trouble: true, waiting: true }, path: '/#everyone' },
	status: { path: '/#everyone', act: async (page) => page.getByRole('button', { name: 'My status' }).click() },
};

const browser = await chromium.launch({ executablePath: process.env.LANDLINE_CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
for (const [variant, viewport, colorScheme, forcedColors = 'none'] of [
	['light', wide, 'light'],
	['dark', wide, 'dark'],
	['phone', phone, 'light'],
	['zoom', { width: 640, height: 400 }, 'light'],
	['forced', wide, 'light', 'active'],
]) {
	for (const [name, { fake = {}, path = '/', act }] of Object.entries(screens)) {
		const title = `${name}-${variant}`;
		if (!title.includes(filter) && !new RegExp(`^(${filter})$`).test(title)) continue;
		const context = await browser.newContext({ viewport, colorScheme, forcedColors, deviceScaleFactor: 1, hasTouch: variant === 'phone' });
		const page = await context.newPage();
		page.on('pageerror', (error) => console.log(title, 'error:', error.message));
		page.on('console', (message) => message.type() === 'error' && console.log(title, 'console:', message.text()));
		await page.addInitScript((wish) => {
			localStorage.setItem('fake', wish);
			// The development server has no worker; its failure would stand in every picture.
			const registration = Object.assign(new EventTarget(), { waiting: null, installing: null, update: () => Promise.resolve() });
			navigator.serviceWorker.register = () => Promise.resolve(registration);
		}, JSON.stringify(fake));
		await page.goto(base + path);
		await page.locator('h1').first().waitFor({ state: 'attached' });
		await page.waitForTimeout(500);
		try {
			await act?.(page);
		} catch (error) {
			console.log(title, 'act:', error.message.split('\n')[0]);
		}
		await page.waitForTimeout(350);
		const sideways = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
		if (sideways) console.log(title, 'scrolls sideways');
		await page.screenshot({ path: `${out}/${title}.png` });
		await context.close();
	}
}
await browser.close();
