/** A device that may write no more becomes a new one. */
import { page, userEvent } from 'vitest/browser';
import { beforeEach, expect, test } from 'vitest';
import { createRawSnippet } from 'svelte';
import Shell from '../../src/lib/components/shell/Shell.svelte';
import { goodDeviceLink } from '../support/fake-landline.ts';
import { show } from '../support/show.ts';

const nothing = createRawSnippet(() => ({ render: () => '<p>here</p>' }));

beforeEach(async () => {
	await page.viewport(1280, 800);
});

test.each(['forked', 'removed'] as const)('one that is %s is offered to start anew, by keyboard, with a link that is looked at', async (readOnly) => {
	const { office, landline } = show(Shell, { place: 'chats', children: nothing });
	office.connection.set({ ...office.connection.get(), readOnly });
	const begin = page.getByRole('button', { name: 'Start anew here' });
	await expect.element(begin).toBeVisible();
	begin.element().focus();
	await userEvent.keyboard('{Enter}');
	const dialog = page.getByRole('dialog', { name: 'Start anew here' });
	await dialog.getByRole('textbox', { name: 'Link' }).fill('nonsense');
	await userEvent.keyboard('{Enter}');
	await expect.element(dialog.getByRole('alert')).toHaveTextContent('This invite is damaged');
	await dialog.getByRole('textbox', { name: 'Link' }).fill(`https://chat.office.internal/join#${goodDeviceLink}`);
	await userEvent.keyboard('{Enter}');
	await expect.poll(() => landline.calls).toContain(`startAnew ${goodDeviceLink}`);
});

test('one that may write is not', async () => {
	const { office } = show(Shell, { place: 'chats', children: nothing });
	office.connection.set({ ...office.connection.get(), readOnly: 'suspended' });
	await expect.element(page.getByRole('alert')).toBeVisible();
	await expect.element(page.getByRole('button', { name: 'Start anew here' })).not.toBeInTheDocument();
});
