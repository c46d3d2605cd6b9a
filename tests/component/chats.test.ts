/** Chats: the list, the log, writing by keyboard, states in words. */
import { page, userEvent } from 'vitest/browser';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import Chats from '../../src/lib/components/chat/Chats.svelte';
import { everyoneId, type Message } from '../../src/sync/office.ts';
import { createFakeOffice } from '../support/fake-office.ts';
import { show } from '../support/show.ts';

beforeEach(async () => {
	await page.viewport(1280, 800);
});

const field = () => page.getByRole('textbox', { name: 'Message', exact: true });
const log = () => page.getByRole('log', { name: 'Messages' });

describe('the list', () => {
	test('names conversations by title and tells unread counts by description', async () => {
		const onopen = vi.fn();
		show(Chats, { open: undefined, onopen });
		const list = page.getByRole('list', { name: 'Conversations' });
		const everyone = list.getByRole('button', { name: 'Everyone', exact: true });
		await expect.element(everyone).toHaveAccessibleDescription(/2 unread messages/);
		await everyone.click();
		expect(onopen).toHaveBeenCalledWith(everyoneId);
	});

	test('moves by arrow keys, with one item in the tab order', async () => {
		show(Chats, { open: undefined, onopen: vi.fn() });
		await expect.element(page.getByRole('list', { name: 'Conversations' })).toBeVisible();
		const items = [...document.querySelectorAll<HTMLElement>('[data-item]')];
		expect(items.filter((item) => item.tabIndex === 0)).toHaveLength(1);
		items[0]?.focus();
		await userEvent.keyboard('{ArrowDown}{ArrowDown}');
		expect(document.activeElement).toBe(items[2]);
		await userEvent.keyboard('{End}');
		expect(document.activeElement).toBe(items.at(-1));
		expect(items.filter((item) => item.tabIndex === 0)).toEqual([items.at(-1)]);
	});
});

describe('an open conversation', () => {
	test('is a region with a log; Enter sends, Shift and Enter breaks the line', async () => {
		const office = createFakeOffice({ alone: true });
		show(Chats, { open: everyoneId, onopen: vi.fn() }, { office });
		await expect.element(page.getByRole('region', { name: 'Everyone' })).toBeVisible();
		await field().fill('first');
		await userEvent.keyboard('{Shift>}{Enter}{/Shift}second{Enter}');
		expect(office.calls).toContain(`sendMessage ${everyoneId} first\nsecond`);
		await expect.element(field()).toHaveValue('');
		const article = log().getByRole('article', { name: /^Ben Ode, \d\d:\d\d$/ });
		await expect.element(article).toHaveTextContent('first second');
		await expect.element(article).toHaveTextContent('sent');
	});

	test('says states in words', async () => {
		show(Chats, { open: 'g-move', onopen: vi.fn() });
		await expect.element(log().getByText('held for 2 people')).toBeVisible();
		await expect.element(log().getByText('waiting for its key')).toBeVisible();
	});

	test('says who a message is held for', async () => {
		show(Chats, { open: 'd-tom', onopen: vi.fn() });
		await expect.element(log().getByText('held for Tom Okafor')).toBeVisible();
	});

	test('loses nothing when sending fails', async () => {
		const office = createFakeOffice({ alone: true });
		show(Chats, { open: everyoneId, onopen: vi.fn() }, { office });
		await field().fill('fail');
		await userEvent.keyboard('{Enter}');
		await expect.element(page.getByRole('alert')).toHaveTextContent('disk is full');
		await expect.element(field()).toHaveValue('fail');
	});

	test('marks what is seen as read and keeps the "new" line where it was', async () => {
		const { office } = show(Chats, { open: everyoneId, onopen: vi.fn() });
		await vi.waitFor(() => expect(office.calls).toContain(`markRead ${everyoneId}`));
		await expect.element(log().getByText('New', { exact: true })).toBeInTheDocument();
	});

	test('draws no "new" line above what comes while one looks on', async () => {
		const office = createFakeOffice({ alone: true });
		show(Chats, { open: everyoneId, onopen: vi.fn() }, { office });
		await expect.element(page.getByRole('region', { name: 'Everyone' })).toBeVisible();
		for (const text of ['the very first', 'the second']) {
			office.receive(everyoneId, office.self.get(), text);
			const cell = office.messages(everyoneId);
			cell.set(cell.get().map((message, index, all) => (index === all.length - 1 ? { ...message, unread: true } : message)));
			await expect.element(log().getByText(text)).toBeVisible();
		}
		expect(log().getByText('New', { exact: true }).elements()).toEqual([]);
	});

	test('leaves the reader at an earlier word when a state changes, and goes to the end with their next word', async () => {
		const office = createFakeOffice({ alone: true });
		show(Chats, { open: everyoneId, onopen: vi.fn() }, { office });
		for (let i = 0; i < 40; i += 1) await office.sendMessage(everyoneId, `word ${String(i)}`);
		const element = (): HTMLElement => log().element() as HTMLElement;
		const fromEnd = (): number => element().scrollHeight - element().scrollTop - element().clientHeight;
		element().style.maxHeight = '400px';
		await vi.waitFor(() => expect(office.messages(everyoneId).get().filter((message) => message.state === 'sent')).toHaveLength(40));
		await vi.waitFor(() => expect([element().scrollHeight > 1000, fromEnd() < 2]).toEqual([true, true]));
		element().scrollTop = 0;
		await expect.element(page.getByRole('button', { name: 'Newest messages' })).toBeVisible();
		const cell = office.messages(everyoneId);
		cell.set(cell.get().map((message) => ({ ...message, state: 'sent', heldFor: ['Ana'] })));
		await new Promise((resolve) => setTimeout(resolve, 100));
		expect(element().scrollTop).toBe(0);
		await office.sendMessage(everyoneId, 'and another');
		await vi.waitFor(() => expect(fromEnd()).toBeLessThan(2));
	});

	test('keeps a draft when one looks elsewhere', async () => {
		const office = createFakeOffice();
		show(Chats, { open: 'd-ana', onopen: vi.fn() }, { office });
		await field().fill('half a thought');
		await vi.waitFor(async () => expect(await office.draft('d-ana')).toBe('half a thought'));
	});

	test('shows user text as text, isolated and whole', async () => {
		const office = createFakeOffice({ alone: true });
		show(Chats, { open: everyoneId, onopen: vi.fn() }, { office });
		await office.sendMessage(everyoneId, '<b onclick=alert(1)>x</b> https://intranet.example/plan.');
		await expect.element(log().getByText('<b onclick=alert(1)>x</b>')).toBeVisible();
		await expect.element(log().getByRole('link', { name: 'https://intranet.example/plan', exact: true })).toBeVisible();
		expect(document.querySelector('article b')).toBeNull();
	});

	test('shows the newest 200 of a long log, and earlier ones on request', async () => {
		const office = createFakeOffice({ alone: true });
		const me = office.self.get();
		const old = (index: number): Message => ({
			id: `m${String(index)}`,
			kind: 'text',
			author: me.id,
			authorName: me.name,
			own: true,
			text: `message ${String(index)}.`,
			wallMs: 1_700_000_000_000 + index * 1000,
			state: 'sent',
			heldFor: [],
			unread: false,
			sharedBy: '',
			blocked: false,
			attachment: undefined,
		});
		office.messages(everyoneId).set(Array.from({ length: 450 }, (_, index) => old(index)));
		show(Chats, { open: everyoneId, onopen: vi.fn() }, { office });
		await expect.element(log().getByText('message 449.')).toBeVisible();
		const drawn = (): number => document.querySelectorAll('article').length;
		// What stands at the end is drawn first, and the rest frame by frame.
		await vi.waitFor(() => expect(drawn()).toBe(200));
		await page.getByRole('button', { name: 'Show earlier messages' }).click();
		await vi.waitFor(() => expect(drawn()).toBe(400));
		await expect.element(log().getByText('message 250.')).toBeInViewport();
	});
});

test('a new conversation is begun by ticking people', async () => {
	const onopen = vi.fn();
	const { office } = show(Chats, { open: undefined, onopen });
	await page.getByRole('button', { name: 'New conversation' }).click();
	const dialog = page.getByRole('dialog', { name: 'New conversation' });
	await dialog.getByRole('button', { name: 'Start conversation' }).click();
	await expect.element(dialog.getByRole('alert')).toHaveTextContent('at least one person');
	await dialog.getByRole('textbox', { name: 'Title (optional)' }).fill('Regatta');
	await dialog.getByRole('checkbox', { name: 'Ana Costa' }).click();
	await dialog.getByRole('checkbox', { name: 'Priya Raman' }).click();
	await dialog.getByRole('button', { name: 'Start conversation' }).click();
	await vi.waitFor(() => expect(onopen).toHaveBeenCalledOnce());
	expect(office.conversations.get().at(-1)).toMatchObject({ kind: 'group', title: 'Regatta' });
	await expect.element(dialog).not.toBeInTheDocument();
});
