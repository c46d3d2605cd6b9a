/** Bringing a colleague back with a new device, as managers, the one who comes back, and everybody else see it. */
import { page } from 'vitest/browser';
import { beforeEach, expect, test } from 'vitest';
import { createRawSnippet } from 'svelte';
import People from '../../src/lib/components/people/People.svelte';
import Shell from '../../src/lib/components/shell/Shell.svelte';
import JoinProgress from '../../src/lib/components/start/JoinProgress.svelte';
import { createFakeLandline } from '../support/fake-landline.ts';
import { createFakeOffice, type FakeOffice } from '../support/fake-office.ts';
import { show } from '../support/show.ts';

const nothing = createRawSnippet(() => ({ render: () => '<p>here</p>' }));

beforeEach(async () => {
	await page.viewport(1280, 800);
});

function open(office: FakeOffice, name: string): void {
	const person = office.people.get().find((one) => one.name === name)!;
	show(People, { open: person.id, onopen: () => undefined, onmessage: () => undefined }, { office });
}

test('a manager makes the link from the person’s page; a member is not offered it', async () => {
	const office = createFakeOffice({ role: 'manager' });
	open(office, 'Tom Okafor');
	await page.getByRole('button', { name: 'New device for them' }).click();
	const dialog = page.getByRole('dialog', { name: 'New device for them' });
	await dialog.getByRole('button', { name: 'Create link' }).click();
	await expect.element(dialog.getByRole('textbox', { name: 'Invite link' })).toHaveFocus();
	expect(office.calls.some((call) => call.startsWith('createReturn'))).toBe(true);
});

test('a member is offered nothing of the kind', async () => {
	open(createFakeOffice({ role: 'member' }), 'Tom Okafor');
	await expect.element(page.getByRole('button', { name: 'Message' })).toBeVisible();
	await expect.element(page.getByRole('button', { name: 'New device for them' })).not.toBeInTheDocument();
});

test('who waits with such a link is named with whom they come back as, and sees it too', async () => {
	const { office, leave } = show(Shell, { place: 'chats', children: nothing });
	office.waiting.set([{ id: 'w1', name: 'Lena', code: '4829 1304 7716 2085', sinceMs: 0, contested: false, bringsBack: 'Lena Fischer' }]);
	await expect.element(page.getByRole('region', { name: 'Waiting to join' })).toHaveTextContent('comes back as Lena Fischer; their devices before are cut off');
	await leave();
	const landline = createFakeLandline('joining');
	show(JoinProgress, { joining: landline.joining }, { landline });
	landline.joining.set({ step: 'waiting', officeName: 'Harbour Office', code: '4829130477162085', comesBack: true });
	await expect.element(page.getByText(/^You come back as yourself/)).toBeVisible();
});

test('everybody is told, verified before or not, and writes again once they have seen it', async () => {
	const office = createFakeOffice();
	office.people.set(office.people.get().map((person) => (person.name === 'Tom Okafor' ? { ...person, cameBack: true, keysUnseen: true } : person)));
	open(office, 'Tom Okafor');
	const alert = page.getByRole('alert').filter({ hasText: 'Tom Okafor is back with a new device' });
	await expect.element(alert).toBeVisible();
	await alert.getByRole('button', { name: 'I have seen it, go on' }).click();
	expect(office.calls.some((call) => call.startsWith('noteKeyChange'))).toBe(true);
});
