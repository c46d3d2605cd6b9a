/** The shell, people, the placard and the settings, by the names of UI.md. */
import { page, userEvent } from 'vitest/browser';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import People from '../../src/lib/components/people/People.svelte';
import Placard from '../../src/lib/components/placard/Placard.svelte';
import SettingsPlace from '../../src/lib/components/settings/SettingsPlace.svelte';
import Shell from '../../src/lib/components/shell/Shell.svelte';
import { createRawSnippet } from 'svelte';
import { createFakeOffice } from '../support/fake-office.ts';
import { show } from '../support/show.ts';

beforeEach(async () => {
	await page.viewport(1280, 800);
});

const nothing = createRawSnippet(() => ({ render: () => '<p>here</p>' }));

describe('the shell', () => {
	test('leads to the places and tells what is new by description', async () => {
		show(Shell, { place: 'chats', children: nothing });
		const main = page.getByRole('navigation', { name: 'Main' });
		for (const place of ['Placard', 'Files', 'People', 'Settings']) await expect.element(main.getByRole('link', { name: place, exact: true })).toBeVisible();
		const chats = main.getByRole('link', { name: 'Chats', exact: true });
		await expect.element(chats).toHaveAttribute('aria-current', 'page');
		await expect.element(chats).toHaveAccessibleDescription('5 unread messages');
		await expect.element(page.getByRole('heading', { level: 1, name: 'Chats' })).toBeVisible();
	});

	test('says in words how it is connected', async () => {
		const { office } = show(Shell, { place: 'chats', children: nothing });
		const now = office.connection.get();
		await expect.element(page.getByText('Connected to 4 of 5')).toBeVisible();
		office.connection.set({ ...now, linked: 0, online: 0 });
		await expect.element(page.getByText('Alone on the network')).toBeVisible();
		office.connection.set({ ...now, linked: 3, server: 'unreachable' });
		await expect.element(page.getByText('Signaling server unreachable, still connected to 3')).toBeVisible();
		office.connection.set({ ...now, readOnly: 'forked' });
		await expect.element(page.getByRole('alert')).toHaveTextContent('You can read, but not write');
	});

	test('sets the own status and note', async () => {
		const { office } = show(Shell, { place: 'chats', children: nothing });
		await page.getByRole('button', { name: 'My status' }).click();
		for (const name of ['Available', 'Away', 'Invisible']) await expect.element(page.getByRole('radio', { name })).toBeVisible();
		await page.getByRole('radio', { name: 'Busy' }).click();
		await expect.element(page.getByRole('radio', { name: 'Busy' })).toBeChecked();
		expect(office.status.get().availability).toBe('busy');
		await page.getByRole('textbox', { name: 'Status note' }).fill('in a meeting till 3');
		await userEvent.keyboard('{Enter}');
		await vi.waitFor(() => expect(office.status.get().note).toBe('in a meeting till 3'));
		await userEvent.keyboard('{Escape}');
		await expect.element(page.getByRole('button', { name: 'My status' })).toHaveAccessibleDescription('Busy, in a meeting till 3');
	});

	test('shows managers who waits, with the code', async () => {
		const { office } = show(Shell, { place: 'chats', children: nothing });
		office.waiting.set([
			{ id: 'w1', name: 'Lena Fischer', code: '4829 1304 7716 2085', sinceMs: 0, contested: false, bringsBack: '' },
			{ id: 'w2', name: 'Mallory', code: '1111 2222 3333 4444', sinceMs: 0, contested: false, bringsBack: '' },
		]);
		const region = page.getByRole('region', { name: 'Waiting to join' });
		await expect.element(region).toHaveTextContent('4829 1304 7716 2085');
		await region.getByRole('button', { name: 'Let in Lena Fischer' }).click();
		await region.getByRole('button', { name: 'Refuse Mallory' }).click();
		expect(office.calls).toEqual(['letIn w1', 'refuse w2']);
		await expect.element(region).not.toBeInTheDocument();
	});

	test('offers a new version', async () => {
		const { worker } = show(Shell, { place: 'chats', children: nothing });
		const takeOver = vi.spyOn(worker, 'takeOver').mockImplementation(() => undefined);
		worker.waiting = true;
		await expect.element(page.getByText('A new version is ready')).toBeVisible();
		await page.getByRole('button', { name: 'Reload' }).click();
		expect(takeOver).toHaveBeenCalledOnce();
	});
});

describe('people', () => {
	test('items tell name and availability', async () => {
		show(People, { open: undefined, onopen: vi.fn(), onmessage: vi.fn() });
		const list = page.getByRole('list', { name: 'People' });
		await expect.element(list.getByRole('button', { name: 'Ana Costa, available, in a meeting till 3', exact: true })).toBeVisible();
		await expect.element(list.getByRole('button', { name: /^小林 健, unknown, last seen (yesterday )?\d\d:\d\d$/ })).toBeVisible();
		await expect.element(list.getByRole('button', { name: 'Tom Okafor, offline', exact: true })).toBeVisible();
	});

	test('a person is written to, and raised by an owner', async () => {
		const office = createFakeOffice();
		const priya = office.people.get().find((person) => person.name === 'Priya Raman')!;
		const onmessage = vi.fn();
		show(People, { open: priya.id, onopen: vi.fn(), onmessage }, { office });
		await page.getByRole('button', { name: 'Change role' }).click();
		const dialog = page.getByRole('dialog', { name: 'Change role' });
		await expect.element(dialog.getByRole('radio', { name: 'Member' })).toBeChecked();
		await dialog.getByRole('radio', { name: 'Manager' }).click();
		await dialog.getByRole('button', { name: 'Save' }).click();
		await vi.waitFor(() => expect(office.people.get().find((person) => person.id === priya.id)?.role).toBe('manager'));
		await page.getByRole('button', { name: 'Message', exact: true }).click();
		await vi.waitFor(() => expect(onmessage).toHaveBeenCalledOnce());
	});

	test('invites by link and code; asks a manager from two uses on; revokes', async () => {
		const { office } = show(People, { open: undefined, onopen: vi.fn(), onmessage: vi.fn() });
		await page.getByRole('button', { name: 'Invite people' }).click();
		const dialog = page.getByRole('dialog', { name: 'Invite people' });
		const confirm = dialog.getByRole('checkbox', { name: 'Ask a manager before letting people in' });
		await expect.element(confirm).not.toBeChecked();
		await dialog.getByRole('spinbutton', { name: 'Uses' }).fill('4');
		await expect.element(confirm).toBeChecked();
		await dialog.getByRole('textbox', { name: 'Label (optional)' }).fill('Workshop');
		await dialog.getByRole('button', { name: 'Create invite' }).click();
		await expect.element(dialog.getByRole('textbox', { name: 'Invite link' })).toHaveValue(office.invites.get()[0]?.link ?? '');
		await expect.element(dialog.getByRole('textbox', { name: 'Invite link' })).toHaveFocus();
		await expect.element(dialog.getByRole('img', { name: 'Invite QR code' })).toBeVisible();
		await expect.element(dialog.getByRole('button', { name: 'Copy link' })).toBeVisible();
		await dialog.getByRole('list', { name: 'Open invites' }).getByRole('button', { name: 'Revoke Workshop' }).click();
		await vi.waitFor(() => expect(office.invites.get()).toHaveLength(0));
	});

	test('a member is not offered what only managers can do', async () => {
		const office = createFakeOffice({ role: 'member' });
		show(People, { open: office.people.get()[1]!.id, onopen: vi.fn(), onmessage: vi.fn() }, { office });
		await expect.element(page.getByRole('button', { name: 'Message', exact: true })).toBeVisible();
		await expect.element(page.getByRole('button', { name: 'Invite people' })).not.toBeInTheDocument();
		await expect.element(page.getByRole('button', { name: 'Change role' })).not.toBeInTheDocument();
	});
});

describe('the placard', () => {
	test('a notice is acknowledged, and its roll opens', async () => {
		show(Placard, {});
		const notice = page.getByRole('list', { name: 'Notices' }).getByRole('article', { name: 'Fire drill on Thursday at 10' });
		await expect.element(notice).toHaveTextContent('Ana Costa');
		await notice.getByRole('button', { name: 'Acknowledge', exact: true }).click();
		await expect.element(notice.getByRole('button', { name: 'Acknowledged', exact: true })).toBeDisabled();
		await notice.getByRole('button', { name: '3 of 9 acknowledged' }).click();
		const roll = page.getByRole('region', { name: 'Acknowledgements' });
		await expect.element(roll.getByRole('list', { name: 'Acknowledged' })).toHaveTextContent('Priya Raman');
		await expect.element(roll.getByRole('list', { name: 'Not yet' })).toHaveTextContent('Tom Okafor');
	});

	test('a manager posts; an empty title is said', async () => {
		const { office } = show(Placard, {});
		await page.getByRole('button', { name: 'New notice' }).click();
		await page.getByRole('button', { name: 'Post notice' }).click();
		await expect.element(page.getByRole('alert')).toHaveTextContent('title');
		await page.getByRole('textbox', { name: 'Title' }).fill('Lift');
		await page.getByRole('textbox', { name: 'Text' }).fill('Out of order.');
		await page.getByRole('checkbox', { name: 'Ask everyone to acknowledge' }).click();
		await page.getByRole('button', { name: 'Post notice' }).click();
		await expect.element(page.getByRole('article', { name: 'Lift' }).getByRole('button', { name: '0 of 9 acknowledged' })).toBeVisible();
		expect(office.notices.get()).toHaveLength(3);
	});

	test('a member cannot post', async () => {
		show(Placard, {}, { office: createFakeOffice({ role: 'member' }) });
		await expect.element(page.getByRole('article', { name: 'Heating' })).toBeVisible();
		await expect.element(page.getByRole('button', { name: 'New notice' })).not.toBeInTheDocument();
	});
});

test('the settings have their sections, and a theme that holds', async () => {
	show(SettingsPlace, {});
	for (const name of ['This device', 'Appearance', 'Notifications', 'Office', 'Doctor']) {
		await expect.element(page.getByRole('region', { name, exact: true })).toBeInTheDocument();
	}
	await page.getByRole('radio', { name: 'Dark' }).click();
	expect(document.documentElement.dataset['theme']).toBe('dark');
	await page.getByRole('radio', { name: 'As the computer' }).click();
	expect(document.documentElement.dataset['theme']).toBeUndefined();
	await expect.element(page.getByRole('list', { name: 'Doctor' })).toHaveTextContent('The browser can link to other browsers directly.');
});
