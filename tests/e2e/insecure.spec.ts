/** A page without HTTPS, as a colleague sees it who opens the bare address: it says so, why, and what to do, and offers nothing that cannot work. */
import { chromiumArgs } from '../support/browsers.mjs';
import { startAppServer } from '../support/app-server.mjs';
import { expect, test } from '../support/office-test.ts';

const name = 'landline.test';

test('without HTTPS the page says why it cannot work', async ({ playwright, browser: _, launchOptions }) => {
	const server = await startAppServer({ args: ['--name', name] });
	const browser = await playwright.chromium.launch({ ...launchOptions, args: [...chromiumArgs, `--host-resolver-rules=MAP ${name} 127.0.0.1`] });
	try {
		const page = await browser.newPage();
		await page.goto(`http://${name}:${server.port}/`);
		expect(await page.evaluate(() => isSecureContext)).toBe(false);
		await expect(page.getByRole('alert').first()).toContainText(/https|certificate/i);
		await expect(page.getByRole('button', { name: 'Create an office' })).toHaveCount(0);
		// The control: the same server under an address browsers hold secure.
		await page.goto(`http://127.0.0.1:${server.port}/`);
		await expect(page.getByRole('button', { name: 'Create an office' })).toBeVisible();
		await expect(page.getByRole('alert')).toHaveCount(0);
	} finally {
		await browser.close();
		await server.stop();
	}
});
