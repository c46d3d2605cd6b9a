/**
 * The live documents of each conversation, as entries tell of them, and their secret drawn anew when the readers change (PROTOCOL.md, 9, "Live
 * documents"). One device does, the same by everybody's reckoning; the next one a while later, if it is not there. Who opens a document for
 * which there is no secret does not wait for it.
 */
import { hex } from '../../../crypto/bytes.ts';
import type { Random } from '../../../crypto/random.ts';
import { fail, type Result, succeed } from '../../failures.ts';
import type { Id } from '../../log/entry.ts';
import type { Clock } from '../../ports.ts';
import { createCell, derive, type Source } from '../../source.ts';
import { isTitle } from './conversation-content.ts';
import type { ConversationViews } from './conversation-views.ts';
import { documentBytes, type DocumentRow, type DocumentsContent, maxDocuments, secretBytes } from './document-content.ts';
import { type DocumentList, foldDocuments } from './document-list.ts';
import type { Roster } from './roster.ts';
import type { Threads } from './threads.ts';

/** Lets a change of members arrive whole. */
const gatherMs = 2_000;
const turnMs = 4_000;
const maxTurns = 10;

export interface DocumentLists {
	list(conversation: Id): Source<DocumentList>;
	/** Another number after a change in any of them. */
	readonly changed: Source<number>;
	create(conversation: Id, title: string): Promise<Result<string>>;
	/** Gives the row another title, or puts it away. */
	change(conversation: Id, document: string, to: Partial<Pick<DocumentRow, 'title' | 'away'>>): Promise<Result>;
	/** Draws a secret for the present readers, unless there is one. */
	ensureSecret(conversation: Id): Promise<Result>;
	stop(): void;
}

export function createDocumentLists({ threads, views, roster, send, caughtUp = createCell(true), maySend = () => true, selfDevice, clock, random }: {
	readonly threads: Threads;
	readonly views: Pick<ConversationViews, 'setting'>;
	readonly roster: Source<Roster>;
	readonly send: (conversation: Id, compose: () => Result<DocumentsContent>) => Promise<Result>;
	/** Until then a newer secret may be on its way. */
	readonly caughtUp?: Source<boolean> | undefined;
	/** Not while the list of people is stale. */
	readonly maySend?: (() => boolean) | undefined;
	readonly selfDevice: Id;
	readonly clock: Clock;
	readonly random: Random;
}): DocumentLists {
	const lists = new Map<Id, Source<DocumentList>>();
	const waiting = new Map<Id, { readonly epoch: Id; readonly cancel: () => void }>();
	let cancel: (() => void) | undefined;

	function list(conversation: Id): Source<DocumentList> {
		const known = lists.get(conversation);
		if (known) return known;
		const thread = threads.thread(conversation);
		const made = derive([thread.version, roster], () => foldDocuments(conversation, views.setting(conversation), thread.timeline.ordered(), roster.get()));
		lists.set(conversation, made);
		return made;
	}

	const rowsOf = (now: DocumentList): DocumentRow[] => [...now.documents.values()].map(({ document, title, away }) => ({ document, title, away }));

	/** Writes the whole list with one row changed, under the secret that is, or a new one. */
	function write(conversation: Id, changed: (rows: DocumentRow[]) => Result<readonly DocumentRow[]>): Promise<Result> {
		if (!maySend()) return Promise.resolve(fail('list-stale'));
		const fresh = random(secretBytes);
		return send(conversation, () => {
			const now = list(conversation).get();
			const rows = changed(rowsOf(now));
			return rows.ok ? succeed({ secret: now.secret ?? fresh, rows: rows.value }) : rows;
		});
	}

	const lacksSecret = (now: DocumentList): boolean => now.secret === undefined && [...now.documents.values()].some(({ away }) => !away) && now.members.has(roster.get().self);

	function look(): void {
		cancel = undefined;
		if (!caughtUp.get() || !roster.get().mayWrite) return;
		for (const thread of threads.all()) {
			if (!thread.hasDocuments) continue;
			const now = list(thread.id).get();
			const wait = waiting.get(thread.id);
			if (wait && (wait.epoch !== now.epoch || !lacksSecret(now))) {
				wait.cancel();
				waiting.delete(thread.id);
			}
			if (!lacksSecret(now) || waiting.has(thread.id)) continue;
			const cancelTurn = clock.after(turnOf(now) * turnMs, () => {
				waiting.delete(thread.id);
				void ensureSecret(thread.id);
			});
			waiting.set(thread.id, { epoch: now.epoch, cancel: cancelTurn });
		}
	}

	/** Where this device stands in the row of those that could; another begins with each epoch. */
	function turnOf({ members, epoch }: DocumentList): number {
		const devices = roster.get().devicesOf(members).map((device) => device.id).sort();
		const first = Number.parseInt(epoch.slice(0, 8), 16) % Math.max(1, devices.length);
		const place = devices.indexOf(selfDevice);
		return Math.min(maxTurns, (place - first + devices.length) % Math.max(1, devices.length));
	}

	function ensureSecret(conversation: Id): Promise<Result> {
		return write(conversation, (rows) => (list(conversation).get().secret === undefined ? succeed(rows) : fail('not-found')));
	}

	const lookSoon = (): void => void (cancel ??= clock.after(gatherMs, look));
	const stops = [threads.changed.subscribe(lookSoon), roster.subscribe(lookSoon), caughtUp.subscribe(lookSoon)];
	return {
		list,
		changed: threads.changed,
		async create(conversation, title) {
			const name = title.trim();
			if (name === '') return fail('title-empty');
			if (!isTitle(name)) return fail('title-too-long');
			const document = hex(random(documentBytes));
			const written = await write(conversation, (rows) => (rows.length < maxDocuments ? succeed([...rows, { document, title: name, away: false }]) : fail('too-many')));
			return written.ok ? succeed(document) : written;
		},
		change(conversation, document, to) {
			const name = to.title?.trim();
			if (name === '') return Promise.resolve(fail('title-empty'));
			if (name !== undefined && !isTitle(name)) return Promise.resolve(fail('title-too-long'));
			return write(conversation, (rows) => {
				if (!rows.some((row) => row.document === document)) return fail('not-found');
				return succeed(rows.map((row) => (row.document === document ? { ...row, ...to, ...(name === undefined ? {} : { title: name }) } : row)));
			});
		},
		async ensureSecret(conversation) {
			const now = list(conversation).get();
			return now.secret === undefined && caughtUp.get() ? ensureSecret(conversation) : fail('not-found');
		},
		stop() {
			for (const stop of stops) stop();
			cancel?.();
			for (const wait of waiting.values()) wait.cancel();
		},
	};
}
