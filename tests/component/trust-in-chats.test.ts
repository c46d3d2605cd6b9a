/** Shared history, blocking, and strings of hostile colleagues, in the real components. */
import { page } from 'vitest/browser';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import Chats from '../../src/lib/components/chat/Chats.svelte';
import People from '../../src/lib/components/people/People.svelte';
import Placard from '../../src/lib/components/placard/Placard.svelte';
import SettingsPlace from '../../src/lib/components/settings/SettingsPlace.svelte';
import { everyoneId } from '../../src/sync/office.ts';
import { createFakeOffice, type FakeOffice } from '../support/fake-office.ts';
import InShell from '../support/InShell.svelte';
import { show } from '../support/show.ts';

beforeEach(async () => {
	await page.viewport(1280, 800);
});

describe('shared history', () => {
	test('is allowed when a group is made, and offered after somebody was added', async () => {
		const office = createFakeOffice();
		const onopen = vi.fn();
		show(Chats, { open: undefined, onopen }, { office });
		await page.getByRole('button', { name: 'New conversation' }).click();
		await page.getByRole('checkbox', { name: 'Ana Costa' }).click();
		const box = page.getByRole('checkbox', { name: 'Members may share earlier messages with people added later' });
		await expect.element(box).not.toBeChecked();
		await box.click();
		await page.getByRole('button', { name: 'Start conversation' }).click();
		await vi.waitFor(() => expect(onopen).toHaveBeenCalledOnce());
		expect(office.conversations.get().at(-1)).toMatchObject({ kind: 'group', sharesHistory: true });
	});

	test('is given by a button of the details, once', async () => {
		const office = createFakeOffice();
		const priya = office.people.get()[5]!;
		const group = must(await office.startConversation([office.people.get()[1]!.id], 'Plan', true));
		show(Chats, { open: group, onopen: vi.fn() }, { office });
		await page.getByRole('button', { name: 'Details' }).click();
		const details = page.getByRole('region', { name: 'Details' });
		await expect.element(details.getByText('Members may share earlier messages with people who are added.')).toBeVisible();
		await details.getByRole('button', { name: 'Add people' }).click();
		await page.getByRole('checkbox', { name: priya.name }).click();
		await page.getByRole('dialog').getByRole('button', { name: 'Add people' }).click();
		const button = details.getByRole('button', { name: 'Share earlier messages with Priya Raman' });
		await button.click();
		await expect.element(details.getByRole('status')).toHaveTextContent('Priya Raman can now read what was said before.');
		expect(office.calls).toContain(`shareHistory ${group} ${priya.id}`);
		await expect.element(button).not.toBeInTheDocument();
	});

	test('is marked with who shared it', async () => {
		const office = createFakeOffice();
		const log = office.messages('g-move');
		log.set(log.get().map((message, index) => (index === 1 ? { ...message, sharedBy: 'Ana Costa' } : message)));
		show(Chats, { open: 'g-move', onopen: vi.fn() }, { office });
		await expect.element(page.getByRole('article', { name: /^Jürgen Weiß/ }).first().getByText('Shared by Ana Costa')).toBeVisible();
		expect(document.querySelectorAll('.shared')).toHaveLength(1);
	});
});

describe('blocking', () => {
	test('is done and undone at the person, and the direct conversation says so', async () => {
		const office = createFakeOffice();
		const ana = office.people.get()[1]!;
		show(People, { open: ana.id, onopen: vi.fn(), onmessage: vi.fn() }, { office });
		await page.getByRole('button', { name: 'Block', exact: true }).click();
		await expect.element(page.getByRole('status')).toHaveTextContent('Ana Costa is blocked on this device. They are not told.');
		expect(office.people.get()[1]?.blocked).toBe(true);
		await page.getByRole('button', { name: 'Unblock' }).click();
		await expect.element(page.getByRole('button', { name: 'Block', exact: true })).toBeVisible();
	});

	test('takes the place where one writes to them; their words in a group are shown on request', async () => {
		const office = createFakeOffice();
		must(await office.block(office.people.get()[1]!.id, true));
		show(Chats, { open: 'd-ana', onopen: vi.fn() }, { office });
		await expect.element(page.getByText('You blocked Ana Costa.')).toBeVisible();
		await expect.element(page.getByRole('textbox', { name: 'Message', exact: true })).not.toBeInTheDocument();
	});

	test('in a group collapses their words until they are asked for', async () => {
		const office = createFakeOffice();
		const log = office.messages(everyoneId);
		log.set(log.get().map((message, index) => ({ ...message, blocked: index === 0 })));
		show(Chats, { open: everyoneId, onopen: vi.fn() }, { office });
		await expect.element(page.getByText('Message of a blocked colleague')).toBeVisible();
		await expect.element(page.getByText('The new price list')).not.toBeInTheDocument();
		await page.getByRole('button', { name: 'Show', exact: true }).click();
		await expect.element(page.getByText('The new price list')).toBeVisible();
	});
});

describe('A42: what people can write is text and nothing else', () => {
	const hostile = [
		'<img src=x onerror="globalThis.wasHit = 1">',
		'"><script>globalThis.wasHit = 1</script>',
		'<svg/onload=globalThis.wasHit=1><a href="javascript:globalThis.wasHit=1">x</a>',
		'javascript:globalThis.wasHit=1',
		'https://intranet.example/"onmouseover="globalThis.wasHit=1',
		'__proto__',
		'constructor',
		'{@html globalThis.wasHit=1}${globalThis.wasHit=1}{{globalThis.wasHit=1}}',
	] as const;

	/** Every string that a colleague chooses is this one. */
	function poisoned(string: string): FakeOffice {
		const office = createFakeOffice({ role: 'owner', self: string, name: string });
		office.people.set(office.people.get().map((person) => ({ ...person, name: string, department: string, note: string, invitedBy: string })));
		office.conversations.set(office.conversations.get().map((one) => ({ ...one, title: string, lastText: string, lastAuthor: string })));
		for (const { id } of office.conversations.get()) {
			const log = office.messages(id);
			log.set(log.get().map((message) => ({ ...message, text: string, authorName: string, sharedBy: string, heldFor: [string] })));
		}
		office.notices.set(office.notices.get().map((one) => ({ ...one, title: string, text: string, authorName: string, roll: { acknowledged: [{ id: 'a', name: string, wallMs: 1 }], notYet: [{ id: 'b', name: string }] } })));
		office.waiting.set([{ id: 'w', name: string, code: string, sinceMs: 0, contested: false, bringsBack: '' }]);
		return office;
	}

	function expectInert(): void {
		expect((globalThis as { wasHit?: number }).wasHit).toBeUndefined();
		expect(document.querySelectorAll('#app script, #app iframe, #app [onerror], #app [onload], #app [onmouseover], #app img[src="x"]')).toHaveLength(0);
		for (const link of document.querySelectorAll('#app a')) expect(link.getAttribute('href')).toMatch(/^(\/|#|https?:\/\/)/);
		expect(Object.keys(Object.prototype)).toEqual([]);
	}

	const places = [
		['the chats', Chats, { open: 'g-move', onopen: () => undefined }],
		['a direct conversation', Chats, { open: 'd-tom', onopen: () => undefined }],
		['the people', People, { open: undefined, onopen: () => undefined, onmessage: () => undefined }],
		['the placard', Placard, {}],
		['the settings', SettingsPlace, {}],
	] as const;

	test.for(hostile)('%s', { timeout: 30_000 }, async (string) => {
		for (const [place, inside, props] of places) {
			const office = poisoned(string);
			const people = office.people.get();
			must(await office.createInvite({ uses: 1, confirm: true, role: 'member', days: 1, label: string }));
			const given: Record<string, unknown> = place === 'the people' ? { ...props, open: people[1]?.id } : props;
			const shown = show(InShell as never, { Inside: inside, inside: given }, { office });
			await expect.element(page.getByText(string, { exact: false }).first()).toBeInTheDocument();
			await new Promise((resolve) => setTimeout(resolve, 30));
			expectInert();
			await shown.leave();
		}
	});
});

function must<T>(result: { ok: true; value: T } | { ok: false; code: string }): T {
	if (!result.ok) throw new Error(result.code);
	return result.value;
}
