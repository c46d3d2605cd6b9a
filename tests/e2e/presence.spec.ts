/** Away by itself after five idle minutes, and back with the first touch: Ben's clock is wound on, everyone else's runs as ever. */
import { expect, expectCleanPages, test } from '../support/office-test.ts';
import { foundOffice, goTo, invite, joinOffice, personItem } from '../support/people-in-browsers.mjs';

test('five idle minutes make a person away, a touch brings them back', async ({ company, server }) => {
	const ana = await company.arrive('Ana Costa');
	await foundOffice(ana.page, { office: 'Harbour Office', name: 'Ana Costa' });
	const link = await invite(ana.page);
	const ben = await company.arrive('Ben Ito', { prepare: (context) => context.clock.install() });
	await joinOffice(ben.page, link, 'Ben Ito');
	await goTo(ana.page, 'People');
	await expect(personItem(ana.page, 'Ben Ito')).toHaveAccessibleName(/^Ben Ito, available/, { timeout: 30_000 });
	// In steps, as time passes in a page that lives: one jump would look like sleep.
	for (let minute = 0; minute < 6; minute += 1) await ben.page.clock.runFor(60_000);
	await expect(personItem(ana.page, 'Ben Ito')).toHaveAccessibleName(/^Ben Ito, away/);
	let x = 200;
	await expect(async () => {
		await ben.page.mouse.move((x += 10), 200);
		await expect(personItem(ana.page, 'Ben Ito')).toHaveAccessibleName(/^Ben Ito, available/, { timeout: 1_000 });
	}).toPass({ timeout: 30_000 });
	expectCleanPages(company.everyone, server);
});
