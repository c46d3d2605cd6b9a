/** The Files place over the fake office: sharing, walking by keyboard, looking, fetching, the tray, and the names of UI.md. */
import { page, userEvent } from 'vitest/browser';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { ComponentProps } from 'svelte';
import Chats from '../../src/lib/components/chat/Chats.svelte';
import Files from '../../src/lib/components/files/Files.svelte';
import TransferTray from '../../src/lib/components/files/TransferTray.svelte';
import FilesHere from '../../src/lib/components/settings/FilesHere.svelte';
import type { Transfer } from '../../src/sync/files.ts';
import { createFakeOffice, type FakeOffice } from '../support/fake-office.ts';
import { item } from '../support/fake-folders.ts';
import { show } from '../support/show.ts';

beforeEach(async () => {
	await page.viewport(1280, 800);
});

const plans = { folder: 'f-plans', path: '' };
const grid = (name = 'Files in Plans and price lists') => page.getByRole('grid', { name });
const row = (name: string | RegExp) => page.getByRole('row').filter({ has: page.getByRole('gridcell', { name }) });

function showFiles(props: Partial<ComponentProps<typeof Files>> = {}, office: FakeOffice = createFakeOffice()): FakeOffice & { onopen: ReturnType<typeof vi.fn> } {
	const onopen = vi.fn();
	show(Files, { at: plans, onopen, ontalk: vi.fn(), ...props }, { office });
	return { ...office, onopen };
}

/** The rows in the page, by the names they are read by. */
const names = (): string[] => [...document.querySelectorAll('[role=rowgroup] [role=row] > .name')].map((cell) => cell.ariaLabel ?? '');
const activeName = (): string => document.getElementById(document.querySelector('[role=grid]')?.getAttribute('aria-activedescendant') ?? '')?.querySelector('.name')?.ariaLabel ?? '';

describe('the folders', () => {
	test('stand in a list, one’s own first, each with its state in words', async () => {
		const { onopen } = showFiles({ at: undefined });
		const list = page.getByRole('list', { name: 'Shared folders' });
		await expect.element(list.getByRole('button', { name: 'Site photographs, yours' })).toBeVisible();
		await expect.element(list.getByRole('button', { name: 'Scans of the front desk, yours' })).toHaveAccessibleDescription('Not shared at the moment: the browser wants one click.');
		await expect.element(list.getByRole('button', { name: 'For the meeting, yours' })).toHaveAccessibleDescription('Shared until this page closes.');
		await expect.element(list.getByRole('button', { name: 'Accounts 2019–2026, of Tom Okafor' })).toHaveAccessibleDescription(/^Away/);
		await list.getByRole('button', { name: 'Plans and price lists, of Ana Costa' }).click();
		expect(onopen).toHaveBeenCalledWith(plans);
	});

	test('an office without any says so and leads on', async () => {
		showFiles({ at: undefined }, createFakeOffice({ alone: true }));
		await expect.element(page.getByText('Nothing is shared in this office yet.').last()).toBeVisible();
		await page.getByRole('button', { name: 'Share a folder' }).last().click();
		await expect.element(page.getByRole('dialog', { name: 'Share a folder' })).toBeVisible();
	});

	test('one whose browser wants a click is shared again by one', async () => {
		const { calls } = showFiles({ at: { folder: 'f-ask', path: '' } });
		await page.getByRole('button', { name: 'Share again' }).click();
		expect(calls).toEqual(['resumeSharing f-ask']);
		await expect.element(page.getByRole('button', { name: 'Share again' })).not.toBeInTheDocument();
	});

	test('who may see one is changed, and sharing stops after a question', async () => {
		const { calls } = showFiles({ at: { folder: 'f-site', path: '' } });
		await page.getByRole('button', { name: 'About this folder' }).click();
		await expect.element(page.getByRole('region', { name: 'About this folder' })).toHaveTextContent('Workshop, Ana Costa');
		await page.getByRole('button', { name: 'Change who may see it' }).click();
		const dialog = page.getByRole('dialog', { name: 'Change who may see it' });
		await expect.element(dialog.getByRole('checkbox', { name: 'Workshop' })).toBeChecked();
		await dialog.getByRole('radio', { name: 'Everyone in the office' }).click();
		await dialog.getByRole('button', { name: 'Save' }).click();
		await vi.waitFor(() => expect(calls).toContain('changeAudience f-site everyone'));
		await page.getByRole('button', { name: 'Stop sharing' }).click();
		await page.getByRole('alertdialog', { name: 'Stop sharing Site photographs?' }).getByRole('button', { name: 'Stop sharing' }).click();
		await vi.waitFor(() => expect(calls).toContain('stopSharing f-site'));
	});
});

describe('sharing', () => {
	test('a picked folder lasts, and goes to whom one chooses', async () => {
		const root = await navigator.storage.getDirectory();
		const handle = await root.getDirectoryHandle('Designs', { create: true });
		vi.stubGlobal('showDirectoryPicker', () => Promise.resolve(handle));
		const { calls, people, departments } = showFiles({ at: undefined });
		await page.getByRole('button', { name: 'Share a folder' }).first().click();
		const dialog = page.getByRole('dialog', { name: 'Share a folder' });
		await dialog.getByRole('button', { name: 'Share', exact: true }).click();
		await expect.element(dialog.getByRole('alert')).toHaveTextContent('Please choose a folder.');
		await dialog.getByRole('button', { name: 'Choose folder' }).click();
		await expect.element(dialog.getByRole('textbox', { name: 'Name' })).toHaveValue('Designs');
		await expect.element(dialog.getByText('It stays shared after a restart.')).toBeVisible();
		await dialog.getByRole('radio', { name: 'Chosen departments and people' }).click();
		await dialog.getByRole('button', { name: 'Share', exact: true }).click();
		await expect.element(dialog.getByRole('alert')).toHaveTextContent('at least one person');
		await dialog.getByRole('checkbox', { name: 'Sales' }).click();
		await dialog.getByRole('checkbox', { name: 'Jürgen Weiß' }).click();
		await dialog.getByRole('button', { name: 'Share', exact: true }).click();
		await vi.waitFor(() => expect(calls).toEqual([`share Designs ${departments.get().find((one) => one.name === 'Sales')!.id}+${people.get()[2]!.id} handle Designs`]));
		await expect.element(page.getByText('Designs is shared.')).toBeVisible();
	});

	test('a browser without folder handles says how long it lasts', async () => {
		vi.stubGlobal('showDirectoryPicker', undefined);
		const { calls } = showFiles({ at: undefined });
		await page.getByRole('button', { name: 'Share a folder' }).first().click();
		const dialog = page.getByRole('dialog', { name: 'Share a folder' });
		await expect.element(dialog.getByText('It is shared until this page closes.')).toBeVisible();
		const file = new File(['x'], 'a.txt');
		Object.defineProperty(file, 'webkitRelativePath', { value: 'Trip/photos/a.txt' });
		const input = document.querySelector<HTMLInputElement>('input[webkitdirectory]')!;
		Object.defineProperty(input, 'files', { value: [file], configurable: true });
		input.dispatchEvent(new Event('change', { bubbles: true }));
		await expect.element(dialog.getByText('“Trip” is chosen: 1 file.')).toBeVisible();
		await dialog.getByRole('button', { name: 'Share', exact: true }).click();
		await vi.waitFor(() => expect(calls).toEqual(['share Trip everyone photos/a.txt']));
	});
});

describe('a folder', () => {
	test('shows folders first, numbers as numbers, and what deceives the eye', async () => {
		showFiles();
		await expect.element(grid()).toBeVisible();
		expect(names().slice(0, 2)).toEqual(['Drawings, folder', '图纸 2026, folder']);
		expect(names().indexOf('Price list 9.xlsx')).toBeLessThan(names().indexOf('Price list 10.xlsx'));
		expect(names()).toContain('Photo_[U+202E]gpj.exe, program, hidden letters');
		await expect.element(row('Price list 10.xlsx')).toHaveTextContent('with 2 colleagues');
		await expect.element(row(/^holiday.jpg/)).toHaveTextContent('45 % here');
		await page.getByRole('columnheader', { name: 'Size' }).getByRole('button').click();
		await expect.element(page.getByRole('columnheader', { name: 'Size' })).toHaveAttribute('aria-sort', 'descending');
		expect(names()[2]).toBe('backup.tar');
	});

	test('is walked by keyboard: arrows, Home and End, letters, Enter, Backspace', async () => {
		const { onopen, calls } = showFiles();
		const element = grid().element() as HTMLElement;
		element.focus();
		await vi.waitFor(() => expect(activeName()).toBe('Drawings, folder'));
		await userEvent.keyboard('{ArrowDown}{ArrowDown}');
		await vi.waitFor(() => expect(activeName()).toBe('backup.tar'));
		await userEvent.keyboard('{End}');
		await vi.waitFor(() => expect(activeName()).toMatch(/^عرض السعر/));
		await userEvent.keyboard('price list 2');
		await vi.waitFor(() => expect(activeName()).toBe('Price list 2026.pdf'));
		// Past the three columns that sort.
		await userEvent.keyboard('{Tab}{Tab}{Tab}{Tab}');
		await expect.element(page.getByRole('button', { name: 'Download Price list 2026.pdf' })).toHaveFocus();
		await userEvent.keyboard('{Enter}');
		await vi.waitFor(() => expect(calls).toEqual(['fetch f-plans [Price list 2026.pdf] download']));
		element.focus();
		await userEvent.keyboard('{Home}{Enter}');
		expect(onopen).toHaveBeenLastCalledWith({ folder: 'f-plans', path: 'Drawings' });
	});

	test('Space and Shift select, and what is selected is fetched into one folder or one zip', async () => {
		vi.stubGlobal('showDirectoryPicker', undefined);
		const { calls } = showFiles();
		(grid().element() as HTMLElement).focus();
		await userEvent.keyboard('{ArrowDown}{ArrowDown} ');
		await expect.element(row('backup.tar')).toHaveAttribute('aria-selected', 'true');
		await userEvent.keyboard('{Shift>}{ArrowDown}{ArrowDown}{/Shift}');
		await expect.element(page.getByText('3 selected', { exact: true })).toBeInTheDocument();
		await page.getByRole('button', { name: 'Download 3 selected' }).click();
		await vi.waitFor(() => expect(calls).toEqual(['fetch f-plans [backup.tar, holiday.jpg, invoice.pdf.exe] zip']));
		(grid().element() as HTMLElement).focus();
		await userEvent.keyboard('{Escape}');
		await page.getByRole('button', { name: 'Other ways to download' }).click();
		await page.getByRole('menuitem', { name: /^Keep in Landline/ }).click();
		await vi.waitFor(() => expect(calls.at(-1)).toBe('fetch f-plans [] here'));
	});

	test('a whole folder goes into a folder of the disk where the browser can write one', async () => {
		const handle = await (await navigator.storage.getDirectory()).getDirectoryHandle('Downloads', { create: true });
		vi.stubGlobal('showDirectoryPicker', () => Promise.resolve(handle));
		const { calls } = showFiles({ at: { folder: 'f-plans', path: 'Drawings' } });
		await page.getByRole('button', { name: 'Download folder' }).click();
		await vi.waitFor(() => expect(calls).toEqual(['fetch f-plans [Drawings] folder Downloads']));
	});

	test('is filtered, and its way back stands above it', async () => {
		const { onopen } = showFiles({ at: { folder: 'f-plans', path: 'Drawings/Ground floor' } });
		const way = page.getByRole('navigation', { name: 'Path' });
		await expect.element(way).toHaveTextContent(/Plans and price lists\s*Drawings\s*Ground floor/);
		expect(document.querySelector('[aria-current=location]')?.textContent).toBe('Ground floor');
		await way.getByRole('button', { name: 'Plans and price lists' }).click();
		expect(onopen).toHaveBeenLastCalledWith(plans);
	});

	test('with fifty thousand rows keeps a few in the page, and the end is one key away', async () => {
		const office = createFakeOffice();
		office.files.items.set('f-plans', Array.from({ length: 50_000 }, (_, index) => item([`scan ${String(index)}.png`, index, 1])));
		showFiles({}, office);
		(grid().element() as HTMLElement).focus();
		await userEvent.keyboard('{End}');
		await vi.waitFor(() => expect(activeName()).toBe('scan 49999.png'));
		expect(document.querySelectorAll('[role=row]').length).toBeLessThan(60);
		await expect.element(grid()).toHaveAttribute('aria-rowcount', '50001');
		await expect.element(row('scan 49999.png')).toHaveAttribute('aria-rowindex', '50001');
	});

	test('that cannot be read says why, with the one button that leads on', async () => {
		const office = createFakeOffice();
		office.files.items.set('f-plans', []);
		const cell = office.files.listing('f-plans', '');
		showFiles({}, office);
		cell.set({ ...cell.get(), items: [], state: 'unreachable' });
		await expect.element(page.getByText('Neither Ana Costa nor anybody who has this list is here at the moment.')).toBeVisible();
		await page.getByRole('button', { name: 'Write to Ana Costa' }).click();
		await vi.waitFor(() => expect(office.calls[0]).toMatch(/^startConversation/));
		cell.set({ ...cell.get(), state: 'refused' });
		await expect.element(page.getByText('This folder is not shared with you any more.')).toBeVisible();
		await expect.element(page.getByRole('button', { name: 'To all folders' })).toBeVisible();
	});

	test('a name is found over all folders', async () => {
		const { onopen } = showFiles({ at: undefined });
		await page.getByRole('searchbox', { name: 'Find files in all folders' }).fill('عرض');
		await expect.element(grid('Found files')).toBeVisible();
		expect(names()).toEqual(['عرض السعر النهائي للمكتب الرئيسي (نسخة ٢).pdf, in Plans and price lists', 'عرض.pdf, in عروض الأسعار']);
		await grid('Found files').getByText('عرض', { exact: true }).click();
		expect(onopen).toHaveBeenLastCalledWith({ folder: 'f-rtl', path: '' });
	});
});

describe('a look at a file', () => {
	async function look(name: string, content: Blob | undefined): Promise<void> {
		const office = createFakeOffice();
		if (content) office.files.contents.set(name, content);
		showFiles({}, office);
		await page.getByRole('searchbox', { name: 'Filter this folder' }).fill(name);
		await vi.waitFor(() => expect(names()).toHaveLength(1));
		(grid().element() as HTMLElement).focus();
		await userEvent.keyboard('{Enter}');
		await expect.element(page.getByRole('region', { name: 'Preview', exact: true })).toBeVisible();
	}

	test('text is text, also where it could be active', async () => {
		await look('logo.svg', new Blob(['<svg xmlns="http://www.w3.org/2000/svg"><script>document.title = "ran"</script></svg>'], { type: 'image/svg+xml' }));
		await expect.element(page.getByRole('region', { name: 'Preview of logo.svg' })).toHaveTextContent('<script>document.title');
		expect(document.querySelector('section svg script')).toBeNull();
		expect(document.title).not.toBe('ran');
	});

	test('HTML under the name of a picture is text', async () => {
		await look('holiday.jpg', new Blob(['<img src=x onerror="document.title=1">'], { type: 'text/html' }));
		await expect.element(page.getByRole('region', { name: 'Preview of holiday.jpg' })).toHaveTextContent('onerror');
		await expect.element(page.getByText('What is in it does not fit its ending.')).toBeVisible();
	});

	test('a picture is a picture', async () => {
		const canvas = new OffscreenCanvas(8, 8);
		canvas.getContext('2d')!.fillRect(0, 0, 8, 8);
		await look('holiday.jpg', await canvas.convertToBlob({ type: 'image/png' }));
		await expect.element(page.getByRole('img', { name: 'Preview of holiday.jpg' })).toBeVisible();
	});

	test('what nobody here has, and what cannot be shown, is said', async () => {
		await look('notes.txt', undefined);
		await expect.element(page.getByRole('alert')).toHaveTextContent('Nobody who has this file is here at the moment.');
	});

	test('a program is not even fetched to be looked at', async () => {
		await look('invoice.pdf.exe', undefined);
		await expect.element(page.getByText('Landline cannot show this kind of file.')).toBeVisible();
		await expect.element(page.getByText('This is a program. Opening it runs it.')).toBeVisible();
	});
});

describe('transfers', () => {
	const transfer: Transfer = {
		id: 't1',
		direction: 'in',
		name: 'Plans',
		colleagues: ['Ana Costa'],
		state: 'fetching',
		files: { done: 3, total: 12, skipped: 2 },
		bytes: { done: 50_000_000, total: 200_000_000 },
		bytesPerSecond: 12_500_000,
		secondsLeft: 12,
		failed: [],
		failure: undefined,
	};

	test('tell rate and time left, pause, go on, and are cancelled', async () => {
		const { office } = show(TransferTray, {});
		office.files.transfers.set([transfer]);
		const tray = page.getByRole('region', { name: 'Transfers' });
		const bar = tray.getByRole('progressbar', { name: 'Downloading Plans' });
		await expect.element(bar).toHaveAttribute('aria-valuenow', '25');
		await expect.element(bar).toHaveAttribute('aria-valuetext', '25 %, 3 of 12 files, 50 MB of 200 MB, 12.5 MB/s, 12 s left, 2 were there already, from Ana Costa');
		await tray.getByRole('button', { name: 'Pause' }).click();
		await tray.getByRole('button', { name: 'Resume' }).click();
		await tray.getByRole('button', { name: 'Cancel' }).click();
		expect(office.calls).toEqual(['pause t1', 'resume t1', 'cancel t1']);
		await tray.getByRole('button', { name: 'Remove Plans from the list' }).click();
		await expect.element(tray).not.toBeInTheDocument();
	});

	test('tell what failed and why, try only that again, and say the end to screen readers', async () => {
		const { office } = show(TransferTray, {});
		office.files.transfers.set([transfer]);
		await expect.element(page.getByRole('status')).toHaveTextContent('Downloading Plans.');
		office.files.transfers.set([{ ...transfer, state: 'done', failed: [{ path: 'old/CON', code: 'name-impossible' }] }]);
		await expect.element(page.getByRole('status')).toHaveTextContent('Plans is there, but 1 file failed.');
		await page.getByText('What failed').click();
		await expect.element(page.getByRole('list', { name: 'What failed' })).toHaveTextContent('old/CON No file can have this name on this computer.');
		await page.getByRole('button', { name: 'Try the failed again' }).click();
		expect(office.calls).toEqual(['retry t1']);
	});

	test('what goes out is told calmly', async () => {
		const { office } = show(TransferTray, {});
		office.files.transfers.set([{ ...transfer, direction: 'out' }]);
		const tray = page.getByRole('region', { name: 'Transfers' });
		await expect.element(tray.getByRole('progressbar', { name: 'Sending Plans' })).toBeVisible();
		await expect.element(tray).toHaveTextContent('to Ana Costa');
		await expect.element(tray.getByRole('button', { name: 'Cancel' })).not.toBeInTheDocument();
		await expect.element(page.getByRole('status')).toHaveTextContent('');
	});
});

describe('files in a conversation', () => {
	const article = (name: string) => page.getByRole('article').filter({ has: page.getByRole('button', { name: `Download ${name}`, exact: true }) });

	test('are shown with size and warning; a large one is offered first, with its small picture', async () => {
		const { office } = show(Chats, { open: 'd-ana', onopen: vi.fn() });
		await expect.element(article('Contract.docm')).toHaveTextContent('92 kB');
		await expect.element(article('Contract.docm')).toHaveTextContent('It may hold macros');
		const offer = article('عرض السعر.png');
		await expect.element(offer).toHaveTextContent('48 MB · Offered. It is fetched when you ask for it.');
		await expect.element(offer.getByRole('img', { name: 'Small picture of عرض السعر.png' })).toBeVisible();
		await offer.getByRole('button', { name: 'Open', exact: true }).click();
		await expect.element(page.getByRole('dialog', { name: 'عرض السعر.png' }).getByRole('button', { name: 'Fetch it to look at (48 MB)' })).toBeVisible();
		await userEvent.keyboard('{Escape}');
		await offer.getByRole('button', { name: 'Download عرض السعر.png' }).click();
		expect(office.calls).toContain('fetchAttachment m-offer download');
	});

	test('are picked, dropped and pasted, taken away again, and sent before the words', async () => {
		const { office } = show(Chats, { open: 'd-ana', onopen: vi.fn() });
		await page.getByRole('button', { name: 'Attach a file' }).click({ trial: true });
		const input = document.querySelector<HTMLInputElement>('input[type=file]')!;
		const picked = new DataTransfer();
		picked.items.add(new File(['a'], 'plan.txt'));
		input.files = picked.files;
		input.dispatchEvent(new Event('change', { bubbles: true }));
		const waiting = page.getByRole('list', { name: 'Files to send' });
		await expect.element(waiting).toHaveTextContent('plan.txt');
		const dropped = new DataTransfer();
		dropped.items.add(new File(['b'], 'photo.png'));
		dropped.items.add(new File(['c'], 'wrong.png'));
		const region = page.getByRole('region', { name: 'Ana Costa' }).element();
		region.dispatchEvent(new DragEvent('dragover', { dataTransfer: dropped, bubbles: true, cancelable: true }));
		await expect.element(page.getByText('Drop files to send them to Ana Costa')).toBeVisible();
		region.dispatchEvent(new DragEvent('drop', { dataTransfer: dropped, bubbles: true, cancelable: true }));
		const clipboard = new DataTransfer();
		clipboard.items.add(new File(['d'], 'image.png', { type: 'image/png' }));
		const field = page.getByRole('textbox', { name: 'Message', exact: true });
		field.element().dispatchEvent(new ClipboardEvent('paste', { clipboardData: clipboard, bubbles: true, cancelable: true }));
		await waiting.getByRole('button', { name: 'Take away wrong.png' }).click();
		await field.fill('Here they are.');
		await userEvent.keyboard('{Enter}');
		await vi.waitFor(() => expect(office.calls.filter((call) => call.startsWith('send'))).toEqual(['sendFiles d-ana plan.txt photo.png image.png', 'sendMessage d-ana Here they are.']));
		await expect.element(waiting).not.toBeInTheDocument();
	});
});

test('the settings tell what is held, let go of it, and limit what goes out', async () => {
	const { office } = show(FilesHere, {});
	await expect.element(page.getByText(/^734 MB of your colleagues’ files are held here/)).toBeVisible();
	await page.getByRole('button', { name: 'Forget all that is held' }).click();
	await page.getByRole('alertdialog').getByRole('button', { name: 'Forget', exact: true }).click();
	await expect.element(page.getByText('Nothing of your colleagues’ files is held here.')).toBeVisible();
	await page.getByRole('combobox', { name: 'Upload limit' }).selectOptions('5 MB/s');
	expect(office.calls).toEqual(['forget all', 'setUploadLimit 5000000']);
});

test.each([360, 640])('at %i px nothing is cut or scrolls sideways', async (width) => {
	await page.viewport(width, 740);
	const office = createFakeOffice();
	showFiles({}, office);
	await expect.element(grid()).toBeVisible();
	expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(width);
	const element = grid().element();
	expect(element.scrollWidth).toBeLessThanOrEqual(element.clientWidth);
	await page.getByRole('button', { name: 'About this folder' }).click();
	await expect.element(page.getByRole('region', { name: 'About this folder' })).toBeVisible();
	expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(width);
});
