/** Shared notes beside a conversation, in the real components and the real editor. */
import axe from 'axe-core';
import { page, userEvent } from 'vitest/browser';
import { beforeEach, expect, test, vi } from 'vitest';
import Chats from '../../src/lib/components/chat/Chats.svelte';
import { isLink } from '../../src/lib/editor/note-schema.ts';
import { createFakeOffice } from '../support/fake-office.ts';
import { show } from '../support/show.ts';

beforeEach(async () => {
	await page.viewport(1280, 800);
});

async function withNote() {
	const office = createFakeOffice();
	show(Chats, { open: 'g-move', onopen: vi.fn() }, { office });
	await page.getByRole('button', { name: 'Shared notes' }).click();
	const notes = page.getByRole('region', { name: 'Shared notes' });
	await notes.getByRole('textbox', { name: 'Title of the note' }).fill('Agenda');
	await notes.getByRole('button', { name: 'Create note' }).click();
	const paper = notes.getByRole('textbox', { name: 'Text of Agenda' });
	await expect.element(paper, { timeout: 20_000 }).toBeVisible();
	return { office, notes, paper };
}

test('a note is begun, written in by keyboard, and formatted; the list has it', async () => {
	const { office, notes, paper } = await withNote();
	await paper.click();
	await userEvent.keyboard('Budget');
	await notes.getByRole('button', { name: 'Heading' }).click();
	await expect.element(paper.getByRole('heading', { name: 'Budget' })).toBeVisible();
	await expect.element(notes.getByRole('button', { name: 'Heading' })).toHaveAttribute('aria-pressed', 'true');
	const [doc] = [...office.documents.docs.values()];
	expect(doc?.getXmlFragment('note').toJSON()).toBe('<heading level="2">Budget</heading>');
	await notes.getByRole('button', { name: 'Undo' }).click();
	await notes.getByRole('button', { name: 'All notes' }).click();
	await expect.element(notes.getByRole('list', { name: 'Notes' }).getByRole('button', { name: /^Agenda/ })).toBeVisible();
});

test('has no faults axe finds, in light and dark, and fits 360 pixels', async () => {
	const { notes } = await withNote();
	for (const theme of ['light', 'dark']) {
		document.documentElement.dataset['theme'] = theme;
		// Colours need a moment to settle.
		await new Promise((resolve) => setTimeout(resolve, 400));
		const { violations } = await axe.run(notes.element(), { rules: { region: { enabled: false } } });
		expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
	}
	delete document.documentElement.dataset['theme'];
	await page.viewport(360, 740);
	expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(360);
	await expect.element(notes.getByRole('toolbar', { name: 'Formatting' })).toBeVisible();
});

test('a full note takes nothing more, and says so; a closed one is only read', async () => {
	const { office, notes, paper } = await withNote();
	await paper.click();
	await userEvent.keyboard('kept');
	office.documents.state.set({ ...office.documents.state.get(), full: true, fill: 1 });
	await userEvent.keyboard(' more');
	await expect.element(paper).toHaveTextContent(/^kept$/);
	await expect.element(notes.getByRole('alert').first()).toHaveTextContent('This note is full.');
	office.documents.state.set({ ...office.documents.state.get(), full: false, fill: 0, room: 'closed' });
	await expect.element(paper).toHaveAttribute('contenteditable', 'false');
	await expect.element(notes.getByText('You are no longer in this conversation.')).toBeVisible();
});

test('links lead to http, https and mailto alone', () => {
	for (const href of ['https://a.example/', 'http://10.0.0.2/x', 'mailto:ana@a.example']) expect(isLink(href), href).toBe(true);
	for (const href of ['javascript:alert(1)', ' javascript:alert(1)', 'data:text/html,x', '//a.example', '/settings', 'file:///etc/passwd', 'blob:https://a.example/1', '']) expect(isLink(href), href).toBe(false);
});
