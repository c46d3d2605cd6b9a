/**
 * The office over TLS: a throw-away root in the browser's own store, never by ignoring certificate errors. Page, WebSocket and service
 * worker work; a browser without the root does not get in, which proves that the root is what lets the other one in.
 */
import { chromiumArgs } from '../support/browsers.mjs';
import { startAppServer } from '../support/app-server.mjs';
import { makeCertificates } from '../support/certificates.mjs';
import { lacksCertificateTools } from '../lanes/machine.mjs';
import { createCompany, expect, expectCleanPages, test } from '../support/office-test.ts';
import { foundOffice, invite, joinOffice, mainNavigation, message, openConversation, say } from '../support/people-in-browsers.mjs';

const name = 'landline.internal';
const lacking = lacksCertificateTools();

test('people meet over TLS, and the app starts offline from there', async ({ playwright, launchOptions }) => {
	// The CI installs the tools and lets no lane pass by being skipped.
	test.skip(lacking !== undefined && process.env['LANDLINE_ALL_LANES'] !== '1', lacking);
	const certificates = makeCertificates(name);
	const server = await startAppServer({ args: ['--cert', certificates.cert, '--key', certificates.key, '--name', name] });
	const launch = (home: string): ReturnType<typeof playwright.chromium.launch> =>
		playwright.chromium.launch({ ...launchOptions, args: [...chromiumArgs, `--host-resolver-rules=MAP ${name} 127.0.0.1`], env: { ...definedEnv(), HOME: home } });
	const url = `https://${name}:${server.port}`;
	expect(server.url).toBe(url);
	const stranger = await launch(certificates.strangerHome);
	const browser = await launch(certificates.trustingHome);
	const company = createCompany(browser, url);
	try {
		const lost = await stranger.newPage();
		await expect(lost.goto(url)).rejects.toThrow(/ERR_CERT_AUTHORITY_INVALID/);

		const ana = await company.arrive('Ana Costa');
		expect(await ana.page.evaluate(() => isSecureContext)).toBe(true);
		await foundOffice(ana.page, { office: 'Harbour Office', name: 'Ana Costa' });
		const link = await invite(ana.page);
		expect(link).toContain(`${url}/join#`);
		const ben = await company.arrive('Ben Ito');
		await joinOffice(ben.page, link, 'Ben Ito');
		for (const { page } of company.everyone) await openConversation(page, 'Everyone');
		await say(ben.page, 'Hello over TLS');
		await expect(message(ana.page, 'Hello over TLS')).toBeVisible();
		expect(ana.requests.some((one) => one.startsWith(`wss://${name}:`))).toBe(true);

		await ana.page.evaluate(async () => {
			await navigator.serviceWorker.ready;
		});
		await ana.close();
		await server.stop();
		await ana.open();
		await expect(mainNavigation(ana.page)).toBeVisible();
		await openConversation(ana.page, 'Everyone');
		await expect(message(ana.page, 'Hello over TLS')).toHaveCount(1);
		expectCleanPages(company.everyone, server);
	} finally {
		await company.goHome();
		await browser.close();
		await stranger.close();
		await server.stop();
		certificates.remove();
	}
});

function definedEnv(): Record<string, string> {
	return Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
