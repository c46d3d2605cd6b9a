/**
 * Everything people write, composed: Everyone, conversations, the placard, acknowledgements, read marks and drafts
 * (PROTOCOL.md, 4 and 9). Entries come from the log, what was opened rests in `kept`, and every view is a pure function of the two.
 */
import type { DeviceKeys } from '../../../crypto/identity.ts';
import type { Random } from '../../../crypto/random.ts';
import { type Entry, type Id, kinds, lanes } from '../../log/entry.ts';
import type { Log } from '../../log/log.ts';
import type { Office } from '../../office.ts';
import type { Clock } from '../../ports.ts';
import { createCell, type Source, when } from '../../source.ts';
import { type OfficeStore, StoreFailure } from '../../store.ts';
import { createTurns } from '../../turns.ts';
import { type AttachmentStates, createAttachmentStates } from './attachment-states.ts';
import { createAcknowledgements } from '../placard/acknowledgements.ts';
import type { ContentRoots, Deliveries } from './content-ports.ts';
import { directId } from './conversation-content.ts';
import { createConversationViews } from './conversation-views.ts';
import { createConversations } from './conversations.ts';
import { createDocumentLists, type DocumentLists } from './document-lists.ts';
import { createDrafts } from './drafts.ts';
import { createEarlyScreen } from './early-screen.ts';
import { createKeyRequests } from './key-requests.ts';
import { createLetterWriter } from './letter-writer.ts';
import { createSharedHistory } from './shared-history.ts';
import { createLetters } from '../keys/letters.ts';
import { createEveryone } from './everyone.ts';
import { createFolderEntries } from '../folders/folder-entries.ts';
import type { FolderContent } from '../folders/folders.ts';
import { openGivenHistory } from './given-history.ts';
import { createKept, type KeptEntry } from './kept.ts';
import { createMailer } from './mailer.ts';
import { openMarks } from './marks.ts';
import { createMessageFiles, type MessageFiles } from './message-files.ts';
import type { MembersState } from '../members/members.ts';
import { createNotices } from '../placard/notices.ts';
import { createOpener, type Opened } from './opener.ts';
import { createOutbox } from './outbox.ts';
import { createPlacard } from '../placard/placard.ts';
import { openPrekeys } from '../keys/prekeys.ts';
import { createRoster, type Roster, sameCuts } from './roster.ts';
import { createSealedCopies } from '../keys/sealed-copies.ts';
import { createSenderKeys } from '../keys/sender-keys.ts';
import { createThreads } from './threads.ts';

/** Between two looks at the clock. */
const sliceLength = 64;
/** A page may stay open for weeks. */
const forgetEveryMs = 24 * 60 * 60 * 1000;

export interface ContentDeps {
	readonly officeId: Id;
	readonly keys: DeviceKeys;
	readonly log: Log;
	readonly store: OfficeStore;
	readonly members: Source<MembersState>;
	readonly roots: ContentRoots;
	readonly deliveries: Deliveries;
	/** Whether the log was level with a colleague's since the start; without it, what is held counts as everything. */
	readonly caughtUp?: Source<boolean>;
	/** Whether nothing new may be sealed to a member until this person has seen their keys. */
	readonly isHeldBack?: (member: Id) => boolean;
	/** Whether the list of people is good enough to draw a new secret for those it names. */
	readonly maySend?: () => boolean;
	/** Members this person has blocked. */
	readonly blocked?: Source<ReadonlySet<Id>>;
	/** What is here of the files that messages bring. */
	readonly attachments?: AttachmentStates;
	/** Of the running app. With it a start shows the last screen while the views are built; without, they are built first. */
	readonly build?: string;
	/** What is read while the last screen is shown is read after this. */
	readonly behind?: Promise<void>;
	readonly clock: Clock;
	readonly random: Random;
}

/** The part of the Office that content implements; `open-office.ts` spreads it. */
export type ContentPart = Pick<
	Office,
	| 'conversations'
	| 'notices'
	| 'messages'
	| 'sendMessage'
	| 'startConversation'
	| 'addToConversation'
	| 'leaveConversation'
	| 'shareHistory'
	| 'markRead'
	| 'draft'
	| 'saveDraft'
	| 'postNotice'
	| 'withdrawNotice'
	| 'acknowledge'
	| 'markNoticesRead'
>;

export interface Content {
	readonly part: ContentPart;
	/** What shared folders are made of. */
	readonly folders: FolderContent;
	readonly messageFiles: MessageFiles;
	readonly documents: DocumentLists;
	/** The people as content sees them. */
	readonly roster: Source<Roster>;
	/** Resolves once the views stand over all that rests on this disk. */
	readonly built: Promise<void>;
	/** Sealed bodies that opened to something not allowed, or not at all; for the doctor page. */
	refused(): number;
	/** Writes what is gathered to the disk and listens no more. */
	stop(): Promise<void>;
}

/**
 * Loads what was kept, then opens what has come since and follows the log. Resolves once there is something to show: what was kept, or the last
 * screen in its place.
 */
export async function createContent(deps: ContentDeps): Promise<Content> {
	const { officeId, keys, log, store, members, roots, deliveries, clock, random } = deps;
	const selfDevice = log.device;
	const kept = createKept({ store, clock });
	const [prekeys, marks, given] = await Promise.all([openPrekeys({ store, keys, clock, random }), openMarks(store), openGivenHistory(store)]);
	const roster = createRoster(members, selfDevice);
	const turns = createTurns(clock);
	/** Long lists without holding up the screen. */
	async function inSlices<T>(list: readonly T[], work: (some: readonly T[]) => void): Promise<void> {
		for (let at = 0; at < list.length; at += sliceLength) {
			const pause = turns();
			if (pause) await pause;
			work(list.slice(at, at + sliceLength));
		}
	}
	const device = (id: Id) => roster.get().card(id);
	const copies = createSealedCopies({ officeId, keys, prekeys, random });
	const senderKeys = createSenderKeys({ log, copies, device });
	const letters = createLetters({ copies, device, random });
	const everyone = createEveryone({ roots, random });
	const placard = createPlacard({ roots, random });
	const acknowledgements = createAcknowledgements(letters);
	const folders = createFolderEntries({ roots, letters, random });
	const threads = createThreads({ selfDevice, counts: (place) => roster.get().counts(place), homeOfSealed });

	/** A message that does not open names no conversation: another under its key may, else it is told where one talks with its author. */
	function homeOfSealed(entry: Entry): Id | undefined {
		const now = roster.get();
		const { self } = now;
		const author = now.memberOf(entry.header.author);
		if (entry.header.kind !== kinds.msg || author === undefined || author === self || self === '') return undefined;
		const conversation = senderKeys.conversationOf(entry);
		return conversation !== undefined && views.setting(conversation) ? conversation : directId(officeId, self, author);
	}

	function place(entries: readonly KeptEntry[]): void {
		threads.place(entries);
		placard.place(entries);
		acknowledgements.place(entries);
		folders.place(entries);
	}

	const opener = createOpener({
		log,
		kept,
		clock,
		openers: new Map<number, (entry: Entry) => Opened>([
			[kinds.post, (entry) => everyone.open(entry)],
			[kinds.msg, (entry) => senderKeys.open(entry)],
			[kinds.notice, (entry) => placard.open(entry)],
			[kinds.ack, (entry) => acknowledgements.open(entry)],
			[kinds.folder, (entry) => folders.open(entry)],
			[kinds.keyreq, (entry) => keyRequests.open(entry)],
			[kinds.share, (entry) => history.open(entry)],
		]),
		onOpened(batch) {
			place(batch.kept);
			for (const author of mailAuthors(batch.kept)) if (author !== selfDevice) deliveries.decrypted(author);
			for (const entry of batch.locked) threads.placeSealed(entry, 'locked');
			for (const entry of batch.refused) threads.placeSealed(entry, 'refused');
			keyRequests.locked(batch.locked);
			keyRequests.place(batch.kept);
			opener.again(history.take(batch.kept));
		},
	});

	const blocked = deps.blocked ?? createCell<ReadonlySet<Id>>(new Set());
	const outbox = createOutbox();
	const views = createConversationViews({ officeId, selfDevice, log, threads, roster, marks, outbox, deliveries, blocked, given: given.all, attachments: deps.attachments ?? createAttachmentStates() });
	const mailer = createMailer({ log, copies, senderKeys, prekeys, clock, random });
	const write = createLetterWriter({ log, letters, prekeys, clock });
	const keyRequests = createKeyRequests({ log, kept, letters, copies, senderKeys, roster, write, caughtUp: deps.caughtUp, clock });
	const history = createSharedHistory({ log, letters, senderKeys, views, roster, write, given });

	const notices = createNotices({ log, placard, acknowledgements, roots, prekeys, roster, marks, clock });
	const early = await createEarlyScreen({ ...deps, marks, blocked, conversations: views.conversations, messages: (id) => views.messages(id), notices: notices.notices });
	let inOrder: readonly KeptEntry[] = [];
	/** In slices, which nobody is told of while the last screen is shown. */
	async function load(): Promise<void> {
		await kept.load();
		inOrder = [...kept.all()].sort((a, b) => a.header.lamport - b.header.lamport);
		await inSlices(inOrder, (some) => {
			place(some);
			keyRequests.note(some);
		});
		if (early.isShown()) for (const { id } of threads.all()) await inSlices([id], ([one = id]) => void views.shown(one));
	}
	placard.placeWithdrawals(log.entries(lanes.office));
	const stops = [
		// Before the opener hears of them: what follows a BASE may be wrapped to its prekey.
		log.subscribe((entries) => {
			for (const entry of entries) prekeys.note(entry);
			placard.placeWithdrawals(entries);
		}),
		members.subscribe(membersChanged),
		roots.subscribe(() => opener.retry()),
	];

	const conversations = createConversations({ officeId, log, threads, roster, views, mailer, everyone, prekeys, marks, outbox, isHeldBack: deps.isHeldBack ?? (() => false), clock, random });
	const documents = createDocumentLists({ threads, views, roster, send: (conversation, compose) => conversations.sendDocuments(conversation, compose), caughtUp: deps.caughtUp, maySend: deps.maySend, selfDevice, clock, random });
	const drafts = createDrafts(store);

	let { cuts } = members.get();
	function membersChanged(): void {
		const now = members.get().cuts;
		if (!sameCuts(cuts, now)) {
			early.drop();
			threads.sortAgain(kept.all());
		}
		cuts = now;
		opener.retry();
	}

	let stopped = false;
	/** Once the log holds what the disk does: what was kept is on the screen before. */
	async function begin(): Promise<void> {
		await inSlices(inOrder, (some) => {
			for (const entry of some) if (entry.header.kind === kinds.msg) senderKeys.note(entry);
		});
		await inSlices([...log.entries(lanes.mail)], (some) => {
			for (const entry of some) prekeys.note(entry);
		});
		if (stopped) return;
		opener.start();
		// Those that a power cut kept from being opened, or that travelled.
		opener.again(history.take(inOrder));
		if (deps.caughtUp) stops.push(deps.caughtUp.subscribe(tryToForget));
		forgetDaily();
	}
	// A backlog is opened in slices while the screen is already there. Only once it is, with what waited at the colleagues, and rests on
	// the disk, may old keys go: what was sealed to them could never be opened again.
	async function forgetOldKeys(): Promise<void> {
		if (deps.caughtUp?.get() === false) return;
		await opener.idle();
		if (await kept.flush()) await prekeys.forgetOld();
	}
	const tryToForget = (): void => void forgetOldKeys().catch(() => undefined);
	let cancelForgetting = (): void => undefined;
	function forgetDaily(): void {
		tryToForget();
		cancelForgetting = clock.after(forgetEveryMs, forgetDaily);
	}
	let isLoaded = false;
	const loaded = (early.isShown() ? (deps.behind ?? Promise.resolve()) : Promise.resolve()).then(load).then(() => {
		isLoaded = true;
		early.built();
	});
	if (!early.isShown()) await loaded;
	// A disk that fails behind the last screen is told of by the store.
	const built = Promise.all([loaded, when(log.whole)]).then(begin);
	void built.catch((error: unknown) => {
		if (!(error instanceof StoreFailure)) throw error;
	});

	/** What one does follows from what is held: all of it. */
	const afterLoading =
		<A extends readonly unknown[], T>(command: (...args: A) => Promise<T>) =>
		(...args: A): Promise<T> =>
			isLoaded ? command(...args) : loaded.then(() => command(...args));

	return {
		part: {
			conversations: early.conversations,
			messages: (id) => (isLoaded ? views.messages(id) : early.messages(id)),
			notices: early.notices,
			sendMessage: afterLoading(conversations.commands.sendMessage),
			startConversation: afterLoading(conversations.commands.startConversation),
			addToConversation: afterLoading(conversations.commands.addToConversation),
			leaveConversation: afterLoading(conversations.commands.leaveConversation),
			markRead: afterLoading(conversations.commands.markRead),
			shareHistory: afterLoading((conversation: string, member: string) => history.share(conversation, member)),
			postNotice: afterLoading(notices.postNotice),
			withdrawNotice: afterLoading(notices.withdrawNotice),
			acknowledge: afterLoading(notices.acknowledge),
			markNoticesRead: afterLoading(notices.markNoticesRead),
			...drafts,
		},
		folders: { entries: folders, roster, prekeys, copies },
		messageFiles: createMessageFiles({ threads, views, roster, conversations }),
		documents,
		roster,
		built,
		refused: () => opener.refused(),
		async stop() {
			stopped = true;
			for (const stop of stops) stop();
			opener.stop();
			keyRequests.stop();
			cancelForgetting();
			conversations.stop();
			documents.stop();
			await early.stop();
			await kept.flush();
		},
	};
}

function mailAuthors(entries: readonly KeptEntry[]): ReadonlySet<Id> {
	return new Set(entries.filter((entry) => entry.header.kind === kinds.msg).map((entry) => entry.header.author));
}
