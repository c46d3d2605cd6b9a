/** Who may come in, and the sentence for who may not: confirmation with a code, the door, and invites damaged, used up, revoked, expired. */
import { startAppServer } from '../support/app-server.mjs';
import { createCompany, expect, expectCleanPages, test } from '../support/office-test.ts';
import { askToJoin, foundOffice, goTo, invite, joinOffice, joinWithinMs, mainNavigation, personItem, type Person } from '../support/people-in-browsers.mjs';

const dayMs = 86_400_000;
const code = /\d{4} \d{4} \d{4} \d{4}/;

/** Reads the code on the newcomer's screen and lets in who shows the same on the manager's. */
async function letIn(manager: Person, newcomer: Person): Promise<void> {
	await expect(newcomer.page.getByRole('status').filter({ hasText: 'Waiting for a manager to let you in' }).first()).toBeVisible({ timeout: joinWithinMs });
	const shown = code.exec(await newcomer.page.getByText(/Your code: /).first().innerText())?.[0];
	expect(shown).toBeDefined();
	const waiting = manager.page.getByRole('region', { name: 'Waiting to join' });
	await expect(waiting).toContainText(newcomer.name, { timeout: joinWithinMs });
	await expect(waiting).toContainText(shown!);
	await waiting.getByRole('button', { name: `Let in ${newcomer.name}` }).click();
	await expect(mainNavigation(newcomer.page)).toBeVisible({ timeout: joinWithinMs });
	await expect(waiting.getByRole('button', { name: `Let in ${newcomer.name}` })).toHaveCount(0);
}

test('with a confirmation, a newcomer waits with a code, also through a reload, and is let in or refused', async ({ company, server }) => {
	const ana = await company.arrive('Ana Costa');
	await foundOffice(ana.page, { office: 'Harbour Office', name: 'Ana Costa' });
	const link = await invite(ana.page, { uses: 5, confirm: true });

	const ben = await company.arrive('Ben Ito');
	await askToJoin(ben.page, link, 'Ben Ito');
	await letIn(ana, ben);

	const cleo = await company.arrive('Cleo Okafor');
	await askToJoin(cleo.page, link, 'Cleo Okafor');
	await expect(cleo.page.getByText(/Your code: /).first()).toBeVisible({ timeout: joinWithinMs });
	await cleo.page.reload();
	await letIn(ana, cleo);

	const mallory = await company.arrive('Mallory');
	await askToJoin(mallory.page, link, 'Mallory');
	const waiting = ana.page.getByRole('region', { name: 'Waiting to join' });
	await waiting.getByRole('button', { name: 'Refuse Mallory' }).click({ timeout: joinWithinMs });
	await expect(mallory.page.getByRole('alert').filter({ hasText: /refused|did not let|not let you in|turned/i }).first()).toBeVisible({ timeout: joinWithinMs });
	await expect(mainNavigation(mallory.page)).toHaveCount(0);
	await goTo(ben.page, 'People');
	await expect(personItem(ben.page, 'Mallory')).toHaveCount(0);
	expectCleanPages(company.everyone, server);
});

test('the door makes the plain address the invitation', async ({ browser }) => {
	const server = await startAppServer();
	const company = createCompany(browser, server.url);
	try {
		const ana = await company.arrive('Ana Costa');
		await foundOffice(ana.page, { office: 'Harbour Office', name: 'Ana Costa' });
		const link = await invite(ana.page, { uses: 50, confirm: true });
		await server.start(['--door', link]);

		const dora = await company.arrive('Dora Weiss');
		await expect(dora.page.getByRole('heading', { name: 'Join the office' })).toBeVisible();
		await expect(dora.page.getByRole('link', { name: 'Create an office' }).or(dora.page.getByRole('button', { name: 'Create an office' }))).toBeVisible();
		await dora.page.getByRole('textbox', { name: 'Your name' }).fill('Dora Weiss');
		await dora.page.getByRole('button', { name: 'Join office' }).click();
		await letIn(ana, dora);
		expectCleanPages(company.everyone, server);
	} finally {
		await company.goHome();
		await server.stop();
	}
});

test('a damaged invite gets a sentence, by link and by hand', async ({ company }) => {
	const eve = await company.arrive('Eve');
	await eve.page.goto(new URL('/join#AQ-not-an-invite', eve.page.url()).href);
	await expect(eve.page.getByRole('alert').first()).toContainText(/damaged|incomplete|not complete/i);
	await eve.open();
	await eve.page.getByRole('button', { name: 'I have an invite' }).click();
	await eve.page.getByRole('textbox', { name: 'Invite link' }).fill('https://example.org/join#%%%');
	await eve.page.getByRole('button', { name: 'Continue' }).click();
	await expect(eve.page.getByRole('alert').first()).toContainText(/damaged|incomplete|not complete|not an invite/i);
});

test('a used-up, a revoked and an expired invite each get their sentence', async ({ company }) => {
	// Ana's clock can be moved: an invite expires by the clock of the member who is asked.
	const ana = await company.arrive('Ana Costa', {
		prepare: (context) =>
			context.addInitScript(() => {
				const now = Date.now.bind(Date);
				Date.now = () => now() + Number(sessionStorage.getItem('aheadMs') ?? 0);
			}),
	});
	await foundOffice(ana.page, { office: 'Harbour Office', name: 'Ana Costa' });

	const single = await invite(ana.page);
	const ben = await company.arrive('Ben Ito');
	await joinOffice(ben.page, single, 'Ben Ito');
	const late = await company.arrive('Late');
	await askToJoin(late.page, single, 'Late');
	await expect(late.page.getByRole('alert').filter({ hasText: /used/i }).first()).toBeVisible({ timeout: joinWithinMs });

	const revoked = await invite(ana.page);
	await ana.page.getByRole('button', { name: 'Invite people' }).first().click();
	const dialog = ana.page.getByRole('dialog', { name: 'Invite people' });
	await dialog.getByRole('list', { name: 'Open invites' }).getByRole('button', { name: /^Revoke/ }).first().click();
	await expect(dialog.getByRole('list', { name: 'Open invites' }).getByRole('button', { name: /^Revoke/ })).toHaveCount(0);
	await ana.page.keyboard.press('Escape');
	const eve = await company.arrive('Eve');
	await askToJoin(eve.page, revoked, 'Eve');
	await expect(eve.page.getByRole('alert').filter({ hasText: /revoked|withdrawn|taken back/i }).first()).toBeVisible({ timeout: joinWithinMs });

	const expiring = await invite(ana.page);
	await ben.close();
	await ana.page.evaluate((ms) => sessionStorage.setItem('aheadMs', String(ms)), 800 * dayMs);
	const slow = await company.arrive('Slow');
	await askToJoin(slow.page, expiring, 'Slow');
	await expect(slow.page.getByRole('alert').filter({ hasText: /expired|too old/i }).first()).toBeVisible({ timeout: joinWithinMs });
});
