/** The screens before an office is open, by the names of UI.md. */
import { page, userEvent } from 'vitest/browser';
import { describe, expect, test, vi } from 'vitest';
import ClearedStorage from '../../src/lib/components/start/ClearedStorage.svelte';
import CreateOffice from '../../src/lib/components/start/CreateOffice.svelte';
import FirstVisit from '../../src/lib/components/start/FirstVisit.svelte';
import JoinOffice from '../../src/lib/components/start/JoinOffice.svelte';
import JoinProgress from '../../src/lib/components/start/JoinProgress.svelte';
import Requirements from '../../src/lib/components/start/Requirements.svelte';
import SecondTab from '../../src/lib/components/start/SecondTab.svelte';
import Unlock from '../../src/lib/components/start/Unlock.svelte';
import { createFakeLandline, fakeRecoveryKey, goodInvite } from '../support/fake-landline.ts';
import { show } from '../support/show.ts';

describe('first visit', () => {
	test('offers to create and to join, and checks an invite link before it leads on', async () => {
		const oninvite = vi.fn();
		show(FirstVisit, { oncreate: vi.fn(), oninvite });
		await expect.element(page.getByRole('heading', { name: 'Landline' })).toBeVisible();
		await expect.element(page.getByRole('button', { name: 'Create an office' })).toBeVisible();
		await page.getByRole('button', { name: 'I have an invite' }).click();
		const link = page.getByRole('textbox', { name: 'Invite link' });
		await link.fill('https://office.example/join#nonsense');
		await page.getByRole('button', { name: 'Continue' }).click();
		await expect.element(page.getByRole('alert')).toHaveTextContent('damaged');
		expect(oninvite).not.toHaveBeenCalled();
		await link.fill(`https://office.example/join#${goodInvite}`);
		await userEvent.keyboard('{Enter}');
		expect(oninvite).toHaveBeenCalledOnce();
	});

	test.each([
		[{ secure: false, webrtc: true, storage: true }, 'ready', 'not a secure context'],
		[{ secure: true, webrtc: false, storage: true }, 'ready', 'WebRTC is missing'],
		[{ secure: true, webrtc: true, storage: false }, 'ready', 'no storage'],
		[{ secure: true, webrtc: true, storage: true }, 'failed', 'service worker could not be installed'],
	] as const)('what the browser lacks is said in an alert: %o, worker %s', async (needs, worker, sentence) => {
		show(Requirements, { needs, worker, reason: 'certificate error' });
		await expect.element(page.getByRole('alert')).toHaveTextContent(sentence);
	});
});

describe('creating an office', () => {
	test('shows the recovery key once and goes on only when it is kept', async () => {
		const landline = createFakeLandline('first-visit');
		const onfounded = vi.fn();
		show(CreateOffice, { onback: vi.fn(), onfounded }, { landline });
		await page.getByRole('textbox', { name: 'Office name' }).fill('Harbour Office');
		await page.getByRole('textbox', { name: 'Your name' }).fill('Ana Costa');
		await expect.element(page.getByLabelText('Passphrase (optional)')).toBeVisible();
		await page.getByRole('button', { name: 'Create office' }).click();
		const dialog = page.getByRole('dialog', { name: 'Recovery key' });
		await expect.element(dialog.getByRole('textbox', { name: 'Recovery key' })).toHaveValue(fakeRecoveryKey);
		await expect.element(dialog.getByRole('button', { name: 'Print' })).toBeEnabled();
		await expect.element(dialog.getByRole('button', { name: 'Copy' })).toBeEnabled();
		const kept = dialog.getByRole('button', { name: 'I have kept it' });
		await expect.element(kept).toBeDisabled();
		await userEvent.keyboard('{Escape}');
		await expect.element(dialog).toBeVisible();
		await dialog.getByRole('checkbox', { name: 'I wrote it down' }).click();
		await expect.element(kept).toBeEnabled();
		await kept.click();
		expect(landline.stage.get().kind).toBe('open');
		expect(onfounded).toHaveBeenCalledOnce();
	});

	test('printing also counts as keeping', async () => {
		const print = vi.spyOn(window, 'print').mockImplementation(() => undefined);
		show(CreateOffice, { onback: vi.fn(), onfounded: vi.fn() }, { landline: createFakeLandline('first-visit') });
		await page.getByRole('textbox', { name: 'Office name' }).fill('Harbour Office');
		await page.getByRole('textbox', { name: 'Your name' }).fill('Ana Costa');
		await userEvent.keyboard('{Enter}');
		await page.getByRole('button', { name: 'Print' }).click();
		expect(print).toHaveBeenCalledOnce();
		expect(document.querySelector('.print-sheet')?.textContent).toContain(fakeRecoveryKey);
		await expect.element(page.getByRole('button', { name: 'I have kept it' })).toBeEnabled();
		print.mockRestore();
	});
});

describe('joining', () => {
	test('asks for a name; a damaged invite is said at once and can be replaced', async () => {
		const onjoining = vi.fn();
		const { landline } = show(JoinOffice, { invite: 'nonsense', onjoining });
		await expect.element(page.getByRole('heading', { name: 'Join the office' })).toBeVisible();
		await expect.element(page.getByRole('alert')).toHaveTextContent('damaged');
		await page.getByRole('textbox', { name: 'Invite link' }).fill(`x/join#${goodInvite}`);
		await page.getByRole('textbox', { name: 'Your name' }).fill('Ben Ito');
		await page.getByRole('button', { name: 'Join office' }).click();
		expect(landline.calls).toContain('join Ben Ito');
		expect(onjoining).toHaveBeenCalledOnce();
	});

	test('tells how far it is, with the code a manager compares, and why it failed', async () => {
		const landline = createFakeLandline('joining');
		show(JoinProgress, { joining: landline.joining }, { landline });
		await expect.element(page.getByRole('status')).toHaveTextContent('Looking for a colleague');
		landline.joining.set({ step: 'waiting', officeName: 'Harbour Office', code: '4829130477162085', comesBack: false });
		await expect.element(page.getByRole('status')).toHaveTextContent('Waiting for a manager to let you in');
		await expect.element(page.getByText('Your code: 4829 1304 7716 2085')).toBeVisible();
		for (const [code, words] of [
			['invite-expired', 'expired'],
			['invite-used-up', 'used as often'],
			['invite-revoked', 'revoked'],
			['invite-refused', 'did not let you in'],
		] as const) {
			landline.joining.set({ step: 'failed', code });
			await expect.element(page.getByRole('alert')).toHaveTextContent(words);
		}
		await page.getByRole('button', { name: 'Back' }).click();
		expect(landline.calls).toContain('cancelJoin');
	});
});

test('a second tab can take over', async () => {
	const { landline } = show(SecondTab, { officeId: 'ab' });
	await expect.element(page.getByRole('heading', { name: 'Landline is open in another tab' })).toBeVisible();
	await page.getByRole('button', { name: 'Use Landline here' }).click();
	expect(landline.calls).toContain('takeOver');
});

test('cleared storage is named, with both ways on', async () => {
	const { landline } = show(ClearedStorage, { oninvite: vi.fn(), onstartover: vi.fn() });
	await expect.element(page.getByRole('heading', { name: "This browser's data was cleared" })).toBeVisible();
	await expect.element(page.getByRole('button', { name: 'I have an invite' })).toBeVisible();
	await page.getByRole('button', { name: 'Start over' }).click();
	expect(landline.calls).toContain('startOver');
});

test('a locked office says what a wrong passphrase may mean', async () => {
	const { landline } = show(Unlock, { officeId: 'ab', ways: ['passphrase'] }, { landline: createFakeLandline('locked') });
	await expect.element(page.getByRole('heading', { name: 'Unlock Landline' })).toBeVisible();
	await page.getByLabelText('Passphrase', { exact: true }).fill('wrong');
	await page.getByRole('button', { name: 'Unlock' }).click();
	await expect.element(page.getByRole('alert')).toHaveTextContent('does not open');
	await page.getByRole('button', { name: 'Forgot passphrase' }).click();
	await page.getByLabelText('Passphrase', { exact: true }).fill('correct');
	await page.getByRole('button', { name: 'Unlock' }).click();
	expect(landline.stage.get().kind).toBe('open');
});
