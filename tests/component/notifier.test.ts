/** News outside the page: toasts only while it is hidden, a count for title and badge. */
import { expect, test, vi } from 'vitest';
import { Notifier } from '../../src/lib/view/notifier.svelte.ts';
import { everyoneId } from '../../src/sync/office.ts';
import { createFakeOffice } from '../support/fake-office.ts';

function watched(hidden: boolean, permission: NotificationPermission = 'granted') {
	const showNotification = vi.fn(() => Promise.resolve());
	const close = vi.fn();
	const getNotifications = vi.fn(() => Promise.resolve([{ close } as unknown as Notification]));
	const setAppBadge = vi.fn(() => Promise.resolve());
	const clearAppBadge = vi.fn(() => Promise.resolve());
	const notifier = new Notifier({
		document: { hidden },
		registration: () => ({ showNotification, getNotifications }),
		notification: { permission, requestPermission: () => Promise.resolve('granted' as const) },
		badge: { setAppBadge, clearAppBadge },
	});
	const office = createFakeOffice();
	return { notifier, office, close, showNotification, setAppBadge, clearAppBadge, stop: notifier.follow(office) };
}

test('counts what is unread, and clears the badge with the last of it', async () => {
	const { notifier, office, setAppBadge, clearAppBadge } = watched(false);
	expect(notifier.count).toBe(6);
	expect(setAppBadge).toHaveBeenLastCalledWith(6);
	for (const { id } of office.conversations.get()) await office.markRead(id);
	await office.markNoticesRead();
	expect(notifier.count).toBe(0);
	expect(clearAppBadge).toHaveBeenCalled();
});

test('tells of a message, a notice to come and a newcomer while hidden', () => {
	const { office, showNotification } = watched(true);
	const ana = office.people.get()[1]!;
	office.receive(everyoneId, ana, 'Lunch?');
	expect(showNotification).toHaveBeenCalledWith('Ana Costa in Everyone', expect.objectContaining({ body: 'Lunch?', tag: 'conversation-everyone' }));
	office.receive('d-ana', ana, 'Only you');
	expect(showNotification).toHaveBeenLastCalledWith('Ana Costa', expect.objectContaining({ body: 'Only you' }));
	office.waiting.set([{ id: 'w', name: 'Lena', code: '1', sinceMs: 0, contested: false, bringsBack: '' }]);
	expect(showNotification).toHaveBeenLastCalledWith('Lena waits to be let in', expect.anything());
});

test.each([
	['in sight', false, 'granted'],
	['without leave', true, 'denied'],
] as const)('shows nothing %s', (_name, hidden, permission) => {
	const { office, showNotification } = watched(hidden, permission);
	office.receive(everyoneId, office.people.get()[1]!, 'Lunch?');
	expect(showNotification).not.toHaveBeenCalled();
});

test('is silent once it is stopped, as when Landline is locked, and takes down what it showed', async () => {
	const { office, close, showNotification, stop, notifier } = watched(true);
	stop();
	await vi.waitFor(() => expect(close).toHaveBeenCalledOnce());
	office.receive(everyoneId, office.people.get()[1]!, 'Lunch?');
	expect(showNotification).not.toHaveBeenCalled();
	expect(notifier.count).toBe(0);
});
