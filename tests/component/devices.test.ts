/** Linking a further device, and knocking, by their names. */
import { page, userEvent } from 'vitest/browser';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { createRawSnippet } from 'svelte';
import People from '../../src/lib/components/people/People.svelte';
import SettingsPlace from '../../src/lib/components/settings/SettingsPlace.svelte';
import Shell from '../../src/lib/components/shell/Shell.svelte';
import JoinOffice from '../../src/lib/components/start/JoinOffice.svelte';
import JoinProgress from '../../src/lib/components/start/JoinProgress.svelte';
import { createFakeLandline, goodDeviceLink } from '../support/fake-landline.ts';
import { show } from '../support/show.ts';

beforeEach(async () => {
	await page.viewport(1280, 800);
});

const nothing = createRawSnippet(() => ({ render: () => '<p>here</p>' }));

describe('a further device', () => {
	test('is linked by its code: add where it is the same', async () => {
		const { office } = show(SettingsPlace, {});
		await page.getByRole('button', { name: 'Link another device' }).click();
		const dialog = page.getByRole('dialog', { name: 'Link another device' });
		await expect.element(dialog.getByRole('img', { name: 'Device QR code' })).toBeVisible();
		await expect.element(dialog.getByRole('textbox', { name: 'Device link' })).toHaveFocus();
		await expect.element(dialog.getByRole('status').filter({ hasText: 'Waiting for your other device' })).toBeVisible();
		office.deviceLink.set({ ...office.deviceLink.get()!, step: 'compare', code: '4829 1304 7716 2085' });
		await expect.element(dialog.getByText('4829 1304 7716 2085')).toBeVisible();
		await dialog.getByRole('button', { name: 'Add', exact: true }).click();
		await dialog.getByRole('button', { name: 'Done' }).click();
		expect(office.calls).toEqual(['linkDevice', 'addDevice', 'endDeviceLink']);
		await page.getByRole('button', { name: /^Remove Device/ }).click();
		await page.getByRole('alertdialog', { name: /^Remove Device/ }).getByRole('button', { name: 'Remove', exact: true }).click();
		await vi.waitFor(() => expect(office.calls.at(-1)).toMatch(/^removeDevice /));
	});

	test('is turned away where the codes differ, and the link is over', async () => {
		const { office } = show(SettingsPlace, {});
		await page.getByRole('button', { name: 'Link another device' }).click();
		const dialog = page.getByRole('dialog', { name: 'Link another device' });
		office.deviceLink.set({ ...office.deviceLink.get()!, step: 'compare', code: '4829 1304 7716 2085' });
		await dialog.getByRole('button', { name: 'The codes differ' }).click();
		await expect.element(dialog.getByRole('alert')).toHaveTextContent('Nobody was added');
		await dialog.getByRole('button', { name: 'Make a new link' }).click();
		await expect.element(dialog.getByRole('textbox', { name: 'Device link' })).toBeVisible();
		await userEvent.keyboard('{Escape}');
		await vi.waitFor(() => expect(office.calls).toEqual(['linkDevice', 'endDeviceLink', 'linkDevice', 'endDeviceLink']));
	});

	test('asks for no name where the link is opened, and shows the code to compare', async () => {
		const landline = createFakeLandline('first-visit');
		show(JoinOffice, { invite: goodDeviceLink }, { landline });
		await expect.element(page.getByRole('heading', { level: 1, name: 'Link this device' })).toBeVisible();
		await expect.element(page.getByText('another device of Ben Ode')).toBeVisible();
		await expect.element(page.getByRole('textbox', { name: 'Your name' })).not.toBeInTheDocument();
		await page.getByRole('button', { name: 'Link this device' }).click();
		expect(landline.calls).toEqual(['join']);
	});

	test('is told how far it is', async () => {
		const landline = createFakeLandline('joining');
		landline.joining.set({ step: 'reaching', officeHint: 'Harbour', name: 'Ben Ode' });
		show(JoinProgress, { joining: landline.joining }, { landline });
		await expect.element(page.getByRole('status')).toHaveTextContent('Looking for your other device');
		landline.joining.set({ step: 'comparing', officeName: 'Harbour', code: '4829 1304 7716 2085' });
		await expect.element(page.getByText('Your code: 4829 1304 7716 2085')).toBeVisible();
		landline.joining.set({ step: 'failed', code: 'link-over' });
		await expect.element(page.getByRole('alert')).toHaveTextContent('works no more');
		await expect.element(page.getByRole('heading', { level: 1, name: 'Link this device' })).toBeVisible();
		landline.joining.set({ step: 'suspended', officeName: 'Harbour' });
		await expect.element(page.getByRole('status')).toHaveTextContent('A manager has to confirm you first');
	});
});

describe('a knock', () => {
	test('is sent to an address, and its answer opens the conversation', async () => {
		const onmessage = vi.fn();
		const { office } = show(People, { open: undefined, onopen: vi.fn(), onmessage });
		await page.getByRole('button', { name: 'Add by address' }).click();
		const dialog = page.getByRole('dialog', { name: 'Add by address' });
		await dialog.getByRole('textbox', { name: 'Address' }).fill('ana');
		await dialog.getByRole('button', { name: 'Knock' }).click();
		await expect.element(dialog.getByRole('alert')).toHaveTextContent('no address');
		await dialog.getByRole('textbox', { name: 'Address' }).fill('192.168.1.40');
		await dialog.getByRole('button', { name: 'Knock' }).click();
		await expect.element(dialog.getByRole('status')).toHaveTextContent('Knocked at 192.168.1.40');
		office.ownKnock.set({ ...office.ownKnock.get()!, step: 'no-answer' });
		await expect.element(dialog.getByRole('status')).toHaveTextContent('No answer yet.');
		office.ownKnock.set({ ...office.ownKnock.get()!, step: 'answered', name: 'Ana Costa', conversation: 'd-ana' });
		await vi.waitFor(() => expect(onmessage).toHaveBeenCalledWith('d-ana'));
		await expect.element(dialog).not.toBeInTheDocument();
	});

	test('asks the person, who answers or ignores', async () => {
		const ontalk = vi.fn();
		const { office } = show(Shell, { place: 'chats', ontalk, children: nothing });
		const knock = { member: 'ana', name: 'Ana Costa', atMs: 0 };
		office.knocks.set([{ id: 'k1', ...knock }, { id: 'k2', ...knock, name: 'Tom Okafor' }]);
		const asked = page.getByRole('alertdialog', { name: 'Ana Costa would like to talk' });
		await asked.getByRole('button', { name: 'Answer' }).click();
		await vi.waitFor(() => expect(ontalk).toHaveBeenCalledWith('direct-ana'));
		await page.getByRole('alertdialog', { name: 'Tom Okafor would like to talk' }).getByRole('button', { name: 'Ignore' }).click();
		expect(office.calls).toEqual(['answerKnock k1', 'ignoreKnock k2']);
		await expect.element(page.getByRole('alertdialog')).not.toBeInTheDocument();
	});

	test('that was answered while one was elsewhere is told in the shell', async () => {
		const ontalk = vi.fn();
		const { office } = show(Shell, { place: 'chats', ontalk, children: nothing });
		office.ownKnock.set({ address: '192.168.1.40', step: 'answered', name: 'Ana Costa', conversation: 'd-ana' });
		await expect.element(page.getByRole('status').filter({ hasText: 'Ana Costa answered.' })).toBeVisible();
		await page.getByRole('button', { name: 'Open conversation' }).click();
		expect(ontalk).toHaveBeenCalledWith('d-ana');
	});
});
