/**
 * Five devices. Ana takes Cleo out while Cleo, Dora and Eli are away. A changed client then runs on Cleo's keys, and Eli, who does not know
 * yet, meets nobody else. Afterwards the others come back: what Cleo wrote with an old clock is nowhere, and Cleo reads nothing new.
 */
import { buildPageScript } from '../support/page-script.mjs';
import { expect, expectCleanPages, test } from '../support/office-test.ts';
import { foundOffice, goTo, invite, joinOffice, message, openConversation, personItem, say } from '../support/people-in-browsers.mjs';

const dayMs = 86_400_000;
/** New pages find each other through the server, build links and compare logs. */
const meetWithinMs = 40_000;

test('A04: who was removed writes nowhere and reads nothing new, with whatever client, past a stale colleague and one who was away', async ({ company, server }) => {
	test.setTimeout(240_000);
	const script = await buildPageScript('hostile-page.ts');
	const ana = await company.arrive('Ana Costa');
	await foundOffice(ana.page, { office: 'Harbour Office', name: 'Ana Costa' });
	const link = await invite(ana.page, { uses: 4, confirm: false });
	const [ben, cleo, dora, eli] = [await company.arrive('Ben Ito'), await company.arrive('Cleo Marsh'), await company.arrive('Dora Lind'), await company.arrive('Eli Weiss')];
	for (const one of [ben, cleo, dora, eli]) await joinOffice(one.page, link, one.name);
	for (const one of [ana, ben, cleo, dora, eli]) await openConversation(one.page, 'Everyone');
	await say(cleo.page, 'written in time');
	for (const one of [ana, ben, dora, eli]) await expect(message(one.page, 'written in time')).toBeVisible({ timeout: meetWithinMs });
	for (const one of [cleo, dora, eli]) await one.close();

	await goTo(ana.page, 'People');
	await personItem(ana.page, 'Cleo Marsh').click();
	await ana.page.getByRole('button', { name: 'Remove from office' }).click();
	await ana.page.getByRole('alertdialog', { name: 'Remove Cleo Marsh?' }).getByRole('button', { name: 'Remove' }).click();
	await expect(personItem(ana.page, 'Cleo Marsh')).toHaveCount(0);
	await openConversation(ana.page, 'Everyone');
	await say(ana.page, 'after the removal');
	await expect(message(ben.page, 'after the removal')).toBeVisible({ timeout: meetWithinMs });
	await ana.close();
	await ben.close();

	// The changed client stands in a page of the app's origin that is not the app, with the vault of Cleo's profile.
	const attacker = await cleo.context.newPage();
	await attacker.goto(`${server.url}/config`);
	await attacker.evaluate(script);
	await attacker.evaluate(() => hostile.start());
	const keys = await attacker.evaluate(() => hostile.keys());
	expect(keys).toBeGreaterThan(0);
	await eli.open();
	await openConversation(eli.page, 'Everyone');
	await expect.poll(() => attacker.evaluate(() => hostile.links()), { timeout: meetWithinMs }).toBe(1);
	await attacker.evaluate((wallMs) => hostile.write('written yesterday', wallMs), Date.now() - dayMs);
	// Eli cannot know better.
	await expect(message(eli.page, 'written yesterday')).toBeVisible({ timeout: meetWithinMs });
	const [received, opened] = await attacker.evaluate(() => [hostile.received(), hostile.opened()] as const);

	// The office comes back, and Dora, who was away all the time. To each the changed client links if it may, and pushes what it wrote.
	for (const one of [ana, ben, dora]) await one.open();
	for (const one of [ana, ben, dora]) await openConversation(one.page, 'Everyone');
	for (const one of [dora, eli]) await expect(message(one.page, 'after the removal')).toBeVisible({ timeout: meetWithinMs });
	for (const one of [ana, ben, dora, eli]) await expect(one.page.getByText('Connected to 3 of 3').first()).toBeVisible({ timeout: meetWithinMs });
	await say(dora.page, 'the four of us');
	for (const one of [ana, ben, eli]) await expect(message(one.page, 'the four of us')).toBeVisible({ timeout: meetWithinMs });
	await attacker.evaluate((wallMs) => hostile.write('and once more', wallMs), Date.now() - dayMs);
	// Only to be told do former colleagues get a link, a limited one.
	await expect.poll(() => attacker.evaluate(() => hostile.links()), { timeout: meetWithinMs }).toBe(0);
	expect(await attacker.evaluate(() => hostile.opened())).toBeGreaterThan(opened);
	for (const one of [ana, ben, dora, eli]) {
		await expect(message(one.page, 'written in time')).toBeVisible();
		for (const text of ['written yesterday', 'and once more']) await expect(message(one.page, text)).toHaveCount(0);
	}
	expect(await attacker.evaluate(() => [hostile.received(), hostile.keys()])).toEqual([received, keys]);

	// Nor does a new start bring it back to where it was shown.
	await eli.close();
	await eli.open();
	await openConversation(eli.page, 'Everyone');
	await expect(message(eli.page, 'the four of us')).toBeVisible();
	await expect(message(eli.page, 'written yesterday')).toHaveCount(0);

	// With the app itself Cleo is told by whom, and keeps what was there.
	await attacker.close();
	await cleo.open();
	await expect(cleo.page.getByRole('alert').filter({ hasText: 'You were removed from this office by Ana Costa.' })).toBeVisible({ timeout: meetWithinMs });
	await openConversation(cleo.page, 'Everyone');
	await expect(message(cleo.page, 'written in time')).toBeVisible();
	for (const text of ['after the removal', 'the four of us']) await expect(message(cleo.page, text)).toHaveCount(0);
	expectCleanPages([ana, ben, dora, eli], server);
});
