/** What protects this device: the settings, and the screen of a device that is locked. */
import { page, userEvent } from 'vitest/browser';
import { describe, expect, test } from 'vitest';
import MyStatus from '../../src/lib/components/shell/MyStatus.svelte';
import Protection from '../../src/lib/components/settings/Protection.svelte';
import Unlock from '../../src/lib/components/start/Unlock.svelte';
import { createFakeLandline, fakeRecoveryKey } from '../support/fake-landline.ts';
import { fakeRecoveryCode } from '../support/fake-vault.ts';
import { show } from '../support/show.ts';

describe('the settings', () => {
	test('say honestly what an unprotected device is, and set a passphrase with a code that is shown once', async () => {
		const { landline } = show(Protection, {});
		await expect.element(page.getByText('Only this browser profile: whoever can use this computer’s account can read everything.')).toBeVisible();
		await expect.element(page.getByRole('button', { name: 'Lock now' })).not.toBeInTheDocument();
		await page.getByRole('button', { name: 'Set a passphrase' }).click();
		const dialog = page.getByRole('dialog', { name: 'Set a passphrase' });
		const set = dialog.getByRole('button', { name: 'Set a passphrase' });
		await dialog.getByLabelText('New passphrase', { exact: true }).fill('four random words here');
		await dialog.getByLabelText('New passphrase again').fill('four random words hers');
		await expect.element(dialog.getByRole('alert')).toHaveTextContent('not the same');
		await expect.element(set).toBeDisabled();
		await dialog.getByLabelText('New passphrase again').fill('four random words here');
		await userEvent.keyboard('{Enter}');
		await expect.element(page.getByRole('dialog', { name: 'Recovery code' })).toHaveTextContent('The passphrase is set.');
		expect(landline.calls).toContain('setPassphrase four random words here');
	});

	test('offer the code after the first passkey, and show it until it is kept', async () => {
		const { landline } = show(Protection, {});
		await page.getByRole('button', { name: 'Add a passkey' }).click();
		await page.getByRole('dialog', { name: 'Add a passkey' }).getByRole('button', { name: 'Add a passkey' }).click();
		await page.getByRole('button', { name: 'Make a recovery code' }).last().click();
		const sheet = page.getByRole('dialog', { name: 'Recovery code' });
		await expect.element(sheet.getByRole('textbox', { name: 'Recovery code' })).toHaveValue(fakeRecoveryCode);
		await userEvent.keyboard('{Escape}');
		await expect.element(sheet).toBeVisible();
		await sheet.getByRole('checkbox', { name: 'I wrote it down' }).click();
		await sheet.getByRole('button', { name: 'I have kept it' }).click();
		await expect.element(page.getByText('A recovery code has been made.')).toBeVisible();
		expect(landline.calls).toEqual(['addPasskey', 'makeRecoveryCode']);
	});

	test('ask for the passphrase of now before they change anything, and lock', async () => {
		const landline = createFakeLandline('open');
		landline.vault.protection.set({ ways: ['passphrase'], passkeys: 0, lockAfterMinutes: 0 });
		show(Protection, {}, { landline });
		await expect.element(page.getByRole('alert')).toHaveTextContent('There is no recovery code');
		await page.getByRole('button', { name: 'Remove passphrase' }).click();
		const dialog = page.getByRole('dialog', { name: 'Remove passphrase' });
		await dialog.getByLabelText('Current passphrase').fill('a guess');
		await dialog.getByRole('button', { name: 'Remove passphrase' }).click();
		await expect.element(dialog.getByRole('alert')).toHaveTextContent('does not open');
		await userEvent.keyboard('{Escape}');
		await page.getByRole('radio', { name: 'After 15 minutes' }).click();
		expect(landline.calls).toContain('lockAfter 15');
		await page.getByRole('button', { name: 'Lock now' }).click();
		expect(landline.stage.get().kind).toBe('locked');
	});

	test('My status locks too, where there is something to unlock with', async () => {
		const landline = createFakeLandline('open');
		landline.vault.protection.set({ ways: ['passkey'], passkeys: 1, lockAfterMinutes: 0 });
		show(MyStatus, {}, { landline });
		await page.getByRole('button', { name: 'My status' }).click();
		await page.getByRole('button', { name: 'Lock now' }).click();
		expect(landline.calls).toContain('lock');
	});
});

describe('a locked device', () => {
	test('with a passkey alone asks for no passphrase', async () => {
		const landline = createFakeLandline('locked');
		show(Unlock, { officeId: 'ab', ways: ['passkey'] }, { landline });
		await expect.element(page.getByLabelText('Passphrase', { exact: true })).not.toBeInTheDocument();
		await page.getByRole('button', { name: 'Use a passkey' }).click();
		expect(landline.calls).toContain('unlock passkey');
	});

	test('opens by the printed code and a new passphrase', async () => {
		const landline = createFakeLandline('locked');
		show(Unlock, { officeId: 'ab', ways: ['passphrase', 'recovery-code'] }, { landline });
		await page.getByRole('button', { name: 'Forgot passphrase' }).click();
		await page.getByRole('textbox', { name: 'Recovery code' }).fill('7KQ2');
		await page.getByRole('button', { name: 'Continue' }).click();
		await expect.element(page.getByRole('alert')).toHaveTextContent('missing or mistyped');
		await page.getByRole('textbox', { name: 'Recovery code' }).fill(fakeRecoveryKey);
		await page.getByRole('button', { name: 'Continue' }).click();
		await page.getByLabelText('New passphrase', { exact: true }).fill('four random words here');
		await page.getByLabelText('New passphrase again').fill('four random words here');
		await page.getByRole('button', { name: 'Set passphrase and unlock' }).click();
		expect(landline.calls).toContain('unlock recovery-code');
	});

	test('without a code says what is left, removes only after a question, and offers other offices', async () => {
		const landline = createFakeLandline('locked');
		const other = 'c4'.repeat(32);
		landline.offices.set([...landline.offices.get(), { id: other, openedMs: 0 }]);
		show(Unlock, { officeId: landline.fakeOffice.id, ways: ['passphrase'] }, { landline });
		await expect.element(page.getByRole('list', { name: 'Other offices in this browser' }).getByRole('button')).toHaveTextContent('Office c4c4 c4c4');
		await page.getByRole('button', { name: 'Forgot passphrase' }).click();
		await expect.element(page.getByText('There is no recovery code for this computer')).toBeVisible();
		await page.getByRole('button', { name: 'Remove from this browser' }).click();
		expect(landline.calls).not.toContain('startOver');
		await page.getByRole('alertdialog').getByRole('button', { name: 'Remove from this browser' }).click();
		expect(landline.calls).toContain('startOver');
	});
});
