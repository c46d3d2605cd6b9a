/** Verifying a colleague by number and by camera, and what a change of their keys looks like. */
import { page, userEvent } from 'vitest/browser';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { encode } from 'uqr';
import Chats from '../../src/lib/components/chat/Chats.svelte';
import People from '../../src/lib/components/people/People.svelte';
import { createFakeOffice, type FakeOffice, fakeSafetyCode, fakeSafetyNumber } from '../support/fake-office.ts';
import { show } from '../support/show.ts';

const modulePx = 8;

beforeEach(async () => {
	await page.viewport(1280, 800);
});

const priyaIn = (office: FakeOffice) => office.people.get().find((person) => person.name === 'Priya Raman')!;
const anaIn = (office: FakeOffice) => office.people.get()[1]!;

function verifyDialog() {
	const office = createFakeOffice();
	const priya = priyaIn(office);
	show(People, { open: priya.id, onopen: vi.fn(), onmessage: vi.fn() }, { office });
	const dialog = page.getByRole('dialog', { name: 'Verify Priya Raman' });
	return { office, priya, dialog, open: () => page.getByRole('button', { name: 'Verify', exact: true }).click() };
}

/** A camera that looks at a screen with this code, or at a white wall. */
function cameraOn(code: string | undefined): MediaStreamTrack[] {
	const canvas = document.createElement('canvas');
	const { data, size } = code === undefined ? { data: [], size: 50 } : encode(code, { ecc: 'M', border: 4 });
	canvas.width = canvas.height = size * modulePx;
	const pen = canvas.getContext('2d')!;
	function draw(): void {
		pen.fillStyle = '#fff';
		pen.fillRect(0, 0, canvas.width, canvas.height);
		pen.fillStyle = '#000';
		for (const [y, row] of data.entries()) for (const [x, dark] of row.entries()) if (dark) pen.fillRect(x * modulePx, y * modulePx, modulePx, modulePx);
	}
	const redraw = setInterval(draw, 50);
	draw();
	const tracks: MediaStreamTrack[] = [];
	const spy = vi.spyOn(navigator.mediaDevices, 'getUserMedia').mockImplementation(() => {
		const stream = canvas.captureStream(20);
		tracks.push(...stream.getTracks());
		return Promise.resolve(stream);
	});
	onTestFinished(() => {
		clearInterval(redraw);
		spy.mockRestore();
	});
	return tracks;
}

test('two people compare the number', async () => {
	const { office, priya, dialog, open } = verifyDialog();
	await expect.element(page.getByText('Not verified')).toBeVisible();
	await open();
	await expect.element(dialog.getByRole('group', { name: 'Safety number' })).toHaveTextContent(fakeSafetyNumber);
	await expect.element(dialog.getByRole('img', { name: 'Safety number QR code' })).toBeVisible();
	await dialog.getByRole('button', { name: 'They match' }).click();
	await expect.element(dialog.getByRole('status')).toHaveTextContent('Priya Raman is verified on this device.');
	expect(office.calls).toEqual([`markVerified ${priya.id} ${fakeSafetyNumber}`]);
	await userEvent.keyboard('{Escape}');
	await expect.element(page.getByText('Verified by you')).toBeVisible();
});

test('who finds other numbers is told what to do, and nobody stays verified', async () => {
	const { office, priya, dialog, open } = verifyDialog();
	await open();
	await dialog.getByRole('button', { name: 'They do not match' }).click();
	await expect.element(dialog.getByRole('alert')).toHaveTextContent('write nothing confidential to Priya Raman');
	expect(office.calls).toEqual([`forgetVerification ${priya.id}`]);
});

test('the camera reads the code on the other screen, and is off again', async () => {
	const tracks = cameraOn(fakeSafetyCode);
	const { office, priya, dialog, open } = verifyDialog();
	await open();
	await dialog.getByRole('button', { name: 'Scan their code' }).click();
	await expect.element(dialog.getByRole('status')).toHaveTextContent('Priya Raman is verified on this device.');
	expect(office.calls).toEqual([`compareScanned ${priya.id} ${fakeSafetyCode}`]);
	expect(tracks.map((track) => track.readyState)).toEqual(['ended']);
});

test('another code raises the alarm; something else is named for what it is', async () => {
	cameraOn(fakeSafetyCode.replace('AbzM', 'AbzN'));
	const { office, priya, dialog, open } = verifyDialog();
	await open();
	await dialog.getByRole('button', { name: 'Scan their code' }).click();
	await expect.element(dialog.getByRole('alert')).toHaveTextContent('write nothing confidential');
	expect(office.calls.at(-1)).toBe(`forgetVerification ${priya.id}`);
	await dialog.getByText('Compare by text instead').click();
	await dialog.getByRole('textbox', { name: 'Their code' }).fill('https://example.org');
	await dialog.getByRole('button', { name: 'Compare', exact: true }).click();
	await expect.element(dialog.getByRole('alert')).toHaveTextContent('no code of a safety number');
});

test('the camera goes off by its button, and with the dialog', async () => {
	const tracks = cameraOn(undefined);
	const { dialog, open } = verifyDialog();
	await open();
	await dialog.getByRole('button', { name: 'Scan their code' }).click();
	await vi.waitFor(() => expect(tracks).toHaveLength(1));
	await dialog.getByRole('button', { name: 'Stop the camera' }).click();
	await vi.waitFor(() => expect(tracks[0]?.readyState).toBe('ended'));
	await dialog.getByRole('button', { name: 'Scan their code' }).click();
	await vi.waitFor(() => expect(tracks).toHaveLength(2));
	await userEvent.keyboard('{Escape}');
	await vi.waitFor(() => expect(tracks[1]?.readyState).toBe('ended'));
});

test('a camera that is refused says so, and the number is still there', async () => {
	vi.spyOn(navigator.mediaDevices, 'getUserMedia').mockRejectedValueOnce(new DOMException('no', 'NotAllowedError'));
	const { dialog, open } = verifyDialog();
	await open();
	await dialog.getByRole('button', { name: 'Scan their code' }).click();
	await expect.element(dialog.getByRole('alert')).toHaveTextContent('does not give Landline the camera');
	await expect.element(dialog.getByRole('group', { name: 'Safety number' })).toBeVisible();
});

test('of who was verified, new keys stop what is written until they were seen; nothing typed is lost', async () => {
	const office = createFakeOffice();
	const ana = anaIn(office);
	office.people.set(office.people.get().map((person) => (person.id === ana.id ? { ...person, verification: 'changed', keysUnseen: true } : person)));
	show(Chats, { open: 'd-ana', onopen: vi.fn() }, { office });
	const alarm = page.getByRole('alert').filter({ hasText: 'Ana Costa’s keys changed since you verified them' });
	await expect.element(alarm).toBeVisible();
	const message = page.getByRole('textbox', { name: 'Message' });
	await message.fill('the code is 4711');
	await page.getByRole('button', { name: 'Send' }).click();
	await expect.element(page.getByText('The keys of this colleague have changed. Look at the change first.')).toBeVisible();
	await expect.element(message).toHaveValue('the code is 4711');
	await alarm.getByRole('button', { name: 'I have seen it, go on' }).click();
	await expect.element(alarm).not.toBeInTheDocument();
	await page.getByRole('button', { name: 'Send' }).click();
	await vi.waitFor(() => expect(office.calls.filter((call) => call.startsWith('sendMessage'))).toHaveLength(2));
	await expect.element(message).toHaveValue('');
});

test('of who was never verified, new keys are a note, and verifying again clears the alarm', async () => {
	const office = createFakeOffice();
	const ana = anaIn(office);
	const become = (verification: 'unverified' | 'changed'): void => office.people.set(office.people.get().map((person) => (person.id === ana.id ? { ...person, verification, keysUnseen: true } : person)));
	become('unverified');
	show(Chats, { open: 'd-ana', onopen: vi.fn() }, { office });
	await page.getByRole('status').filter({ hasText: 'Ana Costa’s keys changed' }).getByRole('button', { name: 'I have seen it' }).click();
	await expect.element(page.getByText('Ana Costa’s keys changed')).not.toBeInTheDocument();
	become('changed');
	await page.getByRole('button', { name: 'Verify again' }).click();
	const dialog = page.getByRole('dialog', { name: 'Verify Ana Costa' });
	await dialog.getByRole('button', { name: 'They match' }).click();
	await expect.element(dialog.getByRole('status')).toHaveTextContent('Ana Costa is verified on this device.');
	expect(office.people.get()[1]).toMatchObject({ verification: 'verified', keysUnseen: false });
});
