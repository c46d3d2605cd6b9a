/** Departments on the screen: managers list, make, change and dissolve them; everybody sees where a colleague, and oneself, belongs. */
import { page, userEvent } from 'vitest/browser';
import { beforeEach, expect, test } from 'vitest';
import People from '../../src/lib/components/people/People.svelte';
import SettingsPlace from '../../src/lib/components/settings/SettingsPlace.svelte';
import { createFakeOffice, type FakeOffice } from '../support/fake-office.ts';
import { show } from '../support/show.ts';

const none = (): void => undefined;

beforeEach(async () => {
	await page.viewport(1280, 800);
});

async function open(office: FakeOffice): Promise<ReturnType<typeof page.getByRole>> {
	show(People, { open: undefined, onopen: none, onmessage: none }, { office });
	await page.getByRole('button', { name: 'Departments' }).click();
	return page.getByRole('dialog', { name: 'Departments' });
}

test('a manager makes a department by keyboard, and the list says so', async () => {
	const office = createFakeOffice({ role: 'manager' });
	const dialog = await open(office);
	await expect.element(dialog.getByRole('list', { name: 'Departments' })).toHaveTextContent('Workshop');
	dialog.getByRole('button', { name: 'New department' }).element().focus();
	await userEvent.keyboard('{Enter}');
	await expect.element(dialog.getByRole('textbox', { name: 'Department name' })).toHaveFocus();
	await userEvent.keyboard('Canteen');
	await dialog.getByRole('checkbox', { name: 'Priya Raman' }).click();
	await userEvent.keyboard('{Enter}');
	await expect.element(dialog.getByRole('status')).toHaveTextContent('Canteen is saved.');
	await expect.element(dialog.getByRole('button', { name: 'New department' })).toHaveFocus();
	const priya = office.people.get().find(({ name }) => name === 'Priya Raman')!.id;
	expect(office.departments.get().find(({ name }) => name === 'Canteen')?.members).toEqual([priya]);
	await expect.element(dialog.getByRole('list', { name: 'Departments' })).toHaveTextContent('Canteen');
});

test('one is renamed; a name that is taken is said; dissolving asks first', async () => {
	const office = createFakeOffice({ role: 'owner' });
	const dialog = await open(office);
	await dialog.getByRole('button', { name: 'Edit Sales' }).click();
	const name = dialog.getByRole('textbox', { name: 'Department name' });
	await name.fill('Workshop');
	await dialog.getByRole('button', { name: 'Save' }).click();
	await expect.element(dialog.getByRole('alert')).toHaveTextContent('There is a department of that name already');
	await name.fill('Sales and rentals');
	await dialog.getByRole('button', { name: 'Save' }).click();
	await dialog.getByRole('button', { name: 'Edit Sales and rentals' }).click();
	await dialog.getByRole('button', { name: 'Dissolve' }).click();
	await page.getByRole('alertdialog', { name: 'Dissolve Sales and rentals?' }).getByRole('button', { name: 'Dissolve' }).click();
	await expect.element(dialog.getByRole('status')).toHaveTextContent('Sales and rentals is dissolved.');
	expect(office.departments.get().some(({ name: one }) => one.startsWith('Sales'))).toBe(false);
});

test('members are offered nothing of the kind', async () => {
	show(People, { open: undefined, onopen: none, onmessage: none }, { office: createFakeOffice({ role: 'member' }) });
	await expect.element(page.getByRole('list', { name: 'People' })).toBeVisible();
	await expect.element(page.getByRole('button', { name: 'Departments' })).not.toBeInTheDocument();
});

test('where managers have put one is not one’s own to say', async () => {
	const office = createFakeOffice({ role: 'member' });
	show(SettingsPlace, {}, { office });
	const field = page.getByRole('textbox', { name: 'Department' });
	await expect.element(field).not.toHaveAttribute('readonly');
	office.departments.set([{ id: 'd', name: 'Workshop', members: [office.self.get().id] }]);
	office.self.set({ ...office.self.get(), department: 'Workshop' });
	await expect.element(field).toHaveAttribute('readonly');
	await expect.element(field).toHaveValue('Workshop');
	await expect.element(field).toHaveAccessibleDescription('Managers put you in it.');
});
