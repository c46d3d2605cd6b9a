/**
 * Tells of news outside the page (LAN.md 7): a toast while the page is hidden, a badge and a count in the title. No push: nothing
 * comes while Landline is closed, and the settings say so.
 */
import { untrack } from 'svelte';
import type { Conversation, Knock, Newcomer, Notice, Office } from '../../sync/office.ts';
import { words } from '../words.ts';

export type Permission = NotificationPermission | 'missing';

/** What it needs of the browser, so that a test can listen. */
export interface NotifierParts {
	readonly document: Pick<Document, 'hidden'>;
	readonly registration: () => Pick<ServiceWorkerRegistration, 'showNotification' | 'getNotifications'> | undefined;
	readonly notification: Pick<typeof Notification, 'permission' | 'requestPermission'> | undefined;
	readonly badge: { setAppBadge?(count: number): Promise<void>; clearAppBadge?(): Promise<void> };
}

const maxBodyLength = 200;

export class Notifier {
	permission = $state<Permission>('missing');
	/** Unread messages and notices, and newcomers who wait. */
	count = $state(0);
	#parts: NotifierParts;

	constructor(parts: NotifierParts) {
		this.#parts = parts;
		this.permission = parts.notification?.permission ?? 'missing';
	}

	/** Needs a click of the person. */
	async ask(): Promise<void> {
		if (this.#parts.notification) this.permission = await this.#parts.notification.requestPermission();
	}

	/** Follows an office until the returned function is called. */
	follow(office: Office): () => void {
		let conversations = office.conversations.get();
		let notices = office.notices.get();
		let waiting = office.waiting.get();
		let knocks = office.knocks.get();
		const changed = (): void => {
			const before = { conversations, notices, waiting, knocks };
			conversations = office.conversations.get();
			notices = office.notices.get();
			waiting = office.waiting.get();
			knocks = office.knocks.get();
			this.#recount(conversations, notices, waiting);
			if (!this.#parts.document.hidden) return;
			for (const conversation of conversations) this.#tellMessage(conversation, before.conversations);
			for (const notice of notices) this.#tellNotice(notice, before.notices);
			for (const newcomer of waiting) this.#tellNewcomer(newcomer, before.waiting);
			for (const knock of knocks) this.#tellKnock(knock, before.knocks);
		};
		const stops = [office.conversations, office.notices, office.waiting, office.knocks].map((source) => source.subscribe(changed));
		this.#recount(conversations, notices, waiting);
		return () => {
			for (const stop of stops) stop();
			this.#recount([], [], []);
			void this.#takeDown();
		};
	}

	/** A note that stays after the office was locked or left would show its texts to anybody, and keeps them on the disk. */
	async #takeDown(): Promise<void> {
		const shown = await this.#parts.registration()?.getNotifications().catch(() => []);
		for (const note of shown ?? []) note.close();
	}

	#recount(conversations: readonly Conversation[], notices: readonly Notice[], waiting: readonly Newcomer[]): void {
		const count = conversations.reduce((sum, one) => sum + one.unread, 0) + notices.filter((one) => one.unread).length + waiting.length;
		// Whoever follows from within an effect must not come to depend on the count.
		if (count === untrack(() => this.count)) return;
		this.count = count;
		// A badge is a courtesy: where the platform refuses it, the title still counts.
		if (count > 0) void this.#parts.badge.setAppBadge?.(count).catch(() => undefined);
		else void this.#parts.badge.clearAppBadge?.().catch(() => undefined);
	}

	#tellMessage(now: Conversation, before: readonly Conversation[]): void {
		const earlier = before.find((one) => one.id === now.id);
		if (now.unread <= (earlier?.unread ?? 0)) return;
		this.#show(words.notify.from(now.lastAuthor, now.title), now.lastText, `conversation-${now.id}`, `/#${now.id}`);
	}

	#tellNotice(now: Notice, before: readonly Notice[]): void {
		if (!now.unread || before.some((one) => one.id === now.id)) return;
		this.#show(words.notify.notice(now.authorName), now.title, `notice-${now.id}`, '/placard');
	}

	#tellNewcomer(now: Newcomer, before: readonly Newcomer[]): void {
		if (before.some((one) => one.id === now.id)) return;
		this.#show(words.notify.newcomer(now.name), now.code, `newcomer-${now.id}`, '/people');
	}

	#tellKnock(now: Knock, before: readonly Knock[]): void {
		if (!before.some((one) => one.id === now.id)) this.#show(words.knock.asks(now.name), '', `knock-${now.member}`, '/');
	}

	#show(title: string, body: string, tag: string, url: string): void {
		if (this.permission !== 'granted') return;
		const options: NotificationOptions & { renotify: boolean } = {
			body: body.slice(0, maxBodyLength),
			tag,
			renotify: true,
			icon: '/icon-192.png',
			data: { url },
		};
		void this.#parts.registration()?.showNotification(title, options).catch(() => undefined);
	}
}
