/** Removing people and devices, roles both ways, leaving, recovery, and what stands on the screen of who is out or has an old list. */
import { page, userEvent } from 'vitest/browser';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { createRawSnippet } from 'svelte';
import OpenInvites from '../../src/lib/components/people/OpenInvites.svelte';
import People from '../../src/lib/components/people/People.svelte';
import SettingsPlace from '../../src/lib/components/settings/SettingsPlace.svelte';
import Shell from '../../src/lib/components/shell/Shell.svelte';
import { createFakeOffice } from '../support/fake-office.ts';
import { show } from '../support/show.ts';

beforeEach(async () => {
	await page.viewport(1280, 800);
});

const nothing = createRawSnippet(() => ({ render: () => '<p>here</p>' }));
const open = (office: ReturnType<typeof createFakeOffice>, name: string) =>
	show(People, { open: office.people.get().find((person) => person.name === name)?.id, onopen: vi.fn(), onmessage: vi.fn() }, { office });

describe('a person', () => {
	test('is removed after being asked about once more, by keyboard', async () => {
		const office = createFakeOffice();
		open(office, 'Tom Okafor');
		await page.getByRole('button', { name: 'Remove from office' }).click();
		const dialog = page.getByRole('alertdialog', { name: 'Remove Tom Okafor?' });
		await expect.element(dialog).toBeVisible();
		await userEvent.keyboard('{Escape}');
		await expect.element(dialog).not.toBeInTheDocument();
		expect(office.calls).toEqual([]);
		await page.getByRole('button', { name: 'Remove from office' }).click();
		await dialog.getByRole('button', { name: 'Remove' }).click();
		await vi.waitFor(() => expect(office.calls).toEqual([expect.stringMatching(/^removeMember /)]));
		await expect.element(page.getByText('Tom Okafor is no longer in the office.')).toBeVisible();
	});

	test('with two devices shows both, and either can be taken out', async () => {
		const office = createFakeOffice();
		open(office, 'Ana Costa');
		const list = page.getByRole('list', { name: 'Devices' });
		await expect.element(list.getByRole('listitem').nth(1)).toBeVisible();
		await list.getByRole('button', { name: /^Remove Device since/ }).first().click();
		await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click();
		await vi.waitFor(() => expect(office.calls).toEqual([expect.stringMatching(/^removeDevice /)]));
		// The last goes with the person alone.
		await expect.element(list.getByRole('button')).not.toBeInTheDocument();
	});

	test('is made an owner, and a member again', async () => {
		const office = createFakeOffice();
		open(office, 'Ana Costa');
		await page.getByRole('button', { name: 'Change role' }).click();
		const dialog = page.getByRole('dialog', { name: 'Change role' });
		for (const role of ['Member', 'Manager', 'Owner']) await expect.element(dialog.getByRole('radio', { name: role })).toBeVisible();
		await dialog.getByRole('radio', { name: 'Owner' }).click();
		await dialog.getByRole('button', { name: 'Save' }).click();
		await vi.waitFor(() => expect(office.people.get().find((person) => person.name === 'Ana Costa')?.role).toBe('owner'));
	});

	test('is neither removed nor raised by a member', async () => {
		const office = createFakeOffice({ role: 'member' });
		open(office, 'Tom Okafor');
		await expect.element(page.getByRole('button', { name: 'Message' })).toBeVisible();
		for (const name of ['Remove from office', 'Change role']) await expect.element(page.getByRole('button', { name })).not.toBeInTheDocument();
	});
});

test('the only owner is reminded of a second one, until there is one', async () => {
	const office = createFakeOffice();
	open(office, 'Tom Okafor');
	await expect.element(page.getByText(/^You are the only owner/)).toBeVisible();
	office.people.set(office.people.get().map((person) => (person.name === 'Ana Costa' ? { ...person, role: 'owner' as const } : person)));
	await expect.element(page.getByText(/^You are the only owner/)).not.toBeInTheDocument();
});

test('an open invite says who came through it', async () => {
	const office = createFakeOffice();
	await office.createInvite({ uses: 3, confirm: false, role: 'member', days: 7, label: 'Workshop' });
	office.invites.set(office.invites.get().map((invite) => ({ ...invite, uses: 2, cameThrough: ['Tom Okafor', 'Priya Raman'] })));
	show(OpenInvites, {}, { office });
	await expect.element(page.getByText('Came through it: Tom Okafor, Priya Raman')).toBeVisible();
});

describe('what stays on the screen', () => {
	test.each([
		[{ readOnly: 'removed', removedBy: 'Ana Costa' }, 'You were removed from this office by Ana Costa.'],
		[{ readOnly: 'left' }, 'You have left this office.'],
		[{ readOnly: 'suspended', code: '4829 1304 7716 2085' }, 'Your code: 4829 1304 7716 2085'],
		[{ list: 'unconfirmed' }, 'You came in through a colleague alone'],
	] as const)('of one who is %o', async (change, words) => {
		const { office } = show(Shell, { place: 'chats', children: nothing });
		office.connection.set({ ...office.connection.get(), ...change });
		await expect.element(page.getByRole('alert')).toHaveTextContent(words);
	});

	test('of one with an old list: it waits, or goes out on the person’s word', async () => {
		const { office } = show(Shell, { place: 'chats', children: nothing });
		office.connection.set({ ...office.connection.get(), list: 'stale' });
		await expect.element(page.getByRole('alert')).toHaveTextContent('Waiting for a colleague with the current list of people.');
		await page.getByRole('button', { name: 'Send anyway' }).click();
		await expect.element(page.getByRole('alert')).toHaveTextContent('You send to people on a list that is two weeks old');
		await expect.element(page.getByRole('button', { name: 'Send anyway' })).not.toBeInTheDocument();
	});
});

describe('in the settings', () => {
	test('ownership is recovered with the printed key, and the next one is shown once', async () => {
		const office = createFakeOffice({ role: 'member' });
		show(SettingsPlace, {}, { office });
		const field = page.getByRole('textbox', { name: 'Recovery key' });
		await field.fill('ABCD');
		await page.getByRole('button', { name: 'Become an owner' }).click();
		await expect.element(page.getByText('That is not a whole recovery key.')).toBeVisible();
		await field.fill('0'.repeat(56));
		await page.getByRole('button', { name: 'Become an owner' }).click();
		const dialog = page.getByRole('dialog', { name: 'Recovery key' });
		await expect.element(dialog.getByRole('textbox', { name: 'Recovery key' })).toHaveValue(`NEXT KEY0${' 0000'.repeat(12)}`);
		await dialog.getByRole('checkbox', { name: 'I wrote it down' }).click();
		await dialog.getByRole('button', { name: 'I have kept it' }).click();
		await expect.element(page.getByText('You are an owner now.')).toBeVisible();
		await expect.element(field).toHaveValue('');
	});

	test('one leaves the office after being asked once more; the only owner does not', async () => {
		const office = createFakeOffice();
		show(SettingsPlace, {}, { office });
		await page.getByRole('button', { name: 'Leave the office' }).click();
		await page.getByRole('alertdialog').getByRole('button', { name: 'Leave' }).click();
		await expect.element(page.getByText('You are the only owner. Make someone else an owner first.')).toBeVisible();
	});
});
