/** The office's record in the settings. */
import { page } from 'vitest/browser';
import { beforeEach, expect, test, vi } from 'vitest';
import SettingsPlace from '../../src/lib/components/settings/SettingsPlace.svelte';
import { show } from '../support/show.ts';

beforeEach(async () => {
	await page.viewport(1280, 800);
});

async function openRecord() {
	const { office } = show(SettingsPlace, {});
	await page.getByRole('button', { name: 'Record of the office' }).click();
	const dialog = page.getByRole('dialog', { name: 'Record of the office' });
	const rows = dialog.getByRole('list', { name: 'Record of the office' }).getByRole('listitem');
	return { office, dialog, rows };
}

test('everybody reads what was done, newest first, and can look for one kind', async () => {
	const { dialog, rows } = await openRecord();
	await expect.element(rows.last()).toHaveTextContent('Ben Ode founded the office');
	expect(rows.elements()).toHaveLength(8);
	await expect.element(dialog.getByText('not in force: the author had no right to it')).toBeVisible();
	await dialog.getByRole('combobox', { name: 'Show' }).selectOptions('Roles');
	await expect.element(rows.first()).toHaveTextContent('Ben Ode made Ana Costa a manager');
	expect(rows.elements()).toHaveLength(1);
	await dialog.getByRole('combobox', { name: 'Show' }).selectOptions('What does not count');
	await expect.element(rows.first()).toHaveTextContent('Jürgen Weiß removed Ana Costa from the office');
});

test('the check says what it found', async () => {
	const { office, dialog } = await openRecord();
	await dialog.getByRole('button', { name: 'Check the record' }).click();
	await expect.element(dialog.getByRole('status')).toHaveTextContent('1,204 entries of 12 devices checked. Nothing is missing or altered.');
	office.recordCheck.set({ entries: 1204, devices: 12, faults: [{ author: 'Ana Costa', seq: 6, what: 'altered' }], waiting: 2, forked: [] });
	await dialog.getByRole('button', { name: 'Check the record' }).click();
	const alert = dialog.getByRole('alert');
	await expect.element(alert).toHaveTextContent('Entry 7 of a device of Ana Costa is not what was written.');
	await expect.element(alert).toHaveTextContent('2 entries wait for others that a colleague still has to send.');
});

test('it is saved as a table', async () => {
	const { dialog } = await openRecord();
	const blobs: Blob[] = [];
	vi.spyOn(URL, 'createObjectURL').mockImplementation((blob) => {
		blobs.push(blob as Blob);
		return '#';
	});
	vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => undefined);
	await dialog.getByRole('button', { name: 'Save as a table' }).click();
	vi.restoreAllMocks();
	const rows = (await blobs[0]!.text()).trimEnd().split('\r\n');
	expect(rows).toHaveLength(9);
	expect(rows[1]).toContain('“=Jürgen, Weiß”');
});
