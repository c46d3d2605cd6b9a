/**
 * The shared notes of an office: which are open, and in which rooms they are (DESIGN.md, D4; PROTOCOL.md, 9, "Live documents"). Yjs, y-webrtc
 * and what depends on them are loaded with the first note that is opened: the start of the app knows nothing of them.
 *
 * y-webrtc brings together those who are in a room at the same time, and nobody would sit in the rooms of all notes. So who opens a note calls
 * the others over the mesh (DOCUMENT_CALL): a device that holds something of it joins the room for ten minutes, unseen. Who writes alone, and
 * meets the others later, is brought level by whichever of them is there.
 */
import { hex } from '../../../crypto/bytes.ts';
import { createWriter, decode } from '../../../crypto/codec.ts';
import type { DeviceKeys } from '../../../crypto/identity.ts';
import type { Documents, Note, NoteState, OpenNote } from '../../documents.ts';
import { done, fail, type Result, succeed } from '../../failures.ts';
import type { LinkInfo, Mesh } from '../../link/mesh.ts';
import { messageTypes } from '../../link/message-types.ts';
import { type Id, idBytes, idToBytes } from '../../log/entry.ts';
import { documentBytes } from '../../office/conversations/document-content.ts';
import type { DocumentList } from '../../office/conversations/document-list.ts';
import type { DocumentLists } from '../../office/conversations/document-lists.ts';
import type { Roster } from '../../office/conversations/roster.ts';
import type { Ports } from '../../ports.ts';
import { derive, type Source } from '../../source.ts';
import { type OfficeStore, StoreFailure } from '../../store.ts';
import { fullBytes } from './limits.ts';
import type { LiveDocument } from './live-document.ts';
import { roomKeys } from './room-keys.ts';

/** How long a note stays in its room after it was closed here, or a colleague called. */
const keptMs = 10 * 60_000;
const callEveryMs = 4 * 60_000;
/** Notes in their rooms without being on the screen. */
const maxUnseen = 6;

export interface DocumentsDeps {
	readonly officeId: Id;
	readonly keys: DeviceKeys;
	readonly store: OfficeStore;
	readonly ports: Ports;
	readonly lists: DocumentLists;
	readonly roster: Source<Roster>;
	readonly mesh: Pick<Mesh, 'send' | 'onMessage' | 'onOpened' | 'links'>;
}

interface Held {
	readonly conversation: Id;
	readonly document: string;
	readonly live: LiveDocument;
	/** On the screen so many times. */
	shown: number;
	keptUntilMs: number;
	readonly stop: () => void;
}

export function createDocuments(deps: DocumentsDeps): { readonly part: Documents; stop(): Promise<void> } {
	const { officeId, keys, store, ports, lists, roster, mesh } = deps;
	const { clock } = ports;
	const held = new Map<string, Promise<Held>>();
	const self = hex(keys.signPublic);
	let stopped = false;
	let cancelBeat = clock.after(callEveryMs, beat);

	async function hold(conversation: Id, document: string): Promise<Held> {
		const { openLiveDocument } = await import('./live-document.ts');
		const live = await openLiveDocument({ id: document, officeId, keys, store, ports });
		const list = lists.list(conversation);
		const enter = (): void => live.enter(keysOf(list.get(), document));
		enter();
		return { conversation, document, live, shown: 0, keptUntilMs: 0, stop: list.subscribe(enter) };
	}

	/** Of the room for the present readers: none while there is no secret for them, and for who is not one of them. */
	function keysOf(list: DocumentList, document: string): ReturnType<typeof roomKeys> | undefined {
		if (!list.secret || !list.members.has(roster.get().self) || !roster.get().mayWrite) return undefined;
		return list.documents.get(document)?.away === false ? roomKeys(list.secret, document) : undefined;
	}

	function get(conversation: Id, document: string): Promise<Held> {
		const known = held.get(document);
		if (known) return known;
		const made = hold(conversation, document);
		held.set(document, made);
		made.catch(() => held.delete(document));
		return made;
	}

	async function drop(one: Held): Promise<void> {
		held.delete(one.document);
		one.stop();
		await one.live.close();
	}

	/** Notes that nobody looks at any more leave their rooms. */
	async function tidy(): Promise<void> {
		const unseen: Held[] = [];
		for (const one of await Promise.all([...held.values()].map((promise) => promise.catch(() => undefined)))) {
			if (one && one.shown === 0) unseen.push(one);
		}
		unseen.sort((a, b) => b.keptUntilMs - a.keptUntilMs);
		await Promise.all(unseen.filter((one, index) => index >= maxUnseen || one.keptUntilMs <= clock.now()).map(drop));
	}

	function beat(): void {
		cancelBeat = clock.after(callEveryMs, beat);
		void callAll();
		void tidy();
	}

	async function callAll(only?: Id): Promise<void> {
		for (const promise of [...held.values()]) {
			const one = await promise.catch(() => undefined);
			if (one && one.shown > 0) call(one, only);
		}
	}

	function call({ conversation, document }: Pick<Held, 'conversation' | 'document'>, only?: Id): void {
		const message = createWriter().u8(messageTypes.documentCall).raw(idToBytes(conversation)).raw(Uint8Array.from(document.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))).bytes();
		const { members } = lists.list(conversation).get();
		for (const { device, limited } of mesh.links.get()) {
			const member = roster.get().memberOf(device);
			if (!limited && device !== self && member !== undefined && members.has(member) && (only === undefined || only === device)) mesh.send(device, message, true);
		}
	}

	/** A colleague has opened a note: if something of it is here, this device comes. */
	async function called(from: LinkInfo, payload: Uint8Array): Promise<void> {
		const asked = decode(payload, (r) => ({ conversation: hex(r.raw(idBytes)), document: hex(r.raw(documentBytes)) }));
		const member = roster.get().memberOf(from.device);
		if (!asked || from.limited || stopped || member === undefined) return;
		const { conversation, document } = asked;
		const list = lists.list(conversation).get();
		if (!list.members.has(member) || !keysOf(list, document)) return;
		const known = held.get(document);
		if (!known && held.size >= maxUnseen) await tidy();
		if (!known && held.size >= maxUnseen) return;
		const one = await get(conversation, document).catch(() => undefined);
		if (!one) return;
		one.keptUntilMs = clock.now() + keptMs;
		if (one.shown === 0 && one.live.empty()) await drop(one);
	}

	function stateOf(one: Held): Source<NoteState> {
		const list = lists.list(one.conversation);
		return derive([one.live.state, one.live.devices, list, roster], () => {
			const live = one.live.state.get();
			const now = list.get();
			const people = roster.get();
			const writers = [...one.live.devices.get()].flatMap(([cursor, device]) => {
				const member = people.memberOf(device);
				const isIn = member !== undefined && now.members.has(member) && people.state.devices.has(device);
				return isIn ? [{ member, name: people.name(member), cursor, self: device === self }] : [];
			});
			const isIn = now.members.has(people.self) && people.mayWrite && now.documents.get(one.document)?.away === false;
			return {
				room: !isIn ? ('closed' as const) : now.secret ? ('open' as const) : ('waiting' as const),
				connections: live.connections,
				writers,
				full: live.full,
				fill: Math.min(1, live.bytes / fullBytes),
				damaged: live.damaged,
				unsaved: live.unsaved,
			};
		});
	}

	const stops = [
		mesh.onMessage([messageTypes.documentCall], (from, payload) => void called(from, payload)),
		mesh.onOpened((link) => void callAll(link.device)),
	];

	const notes = new Map<Id, Source<readonly Note[]>>();
	const part: Documents = {
		notes(conversation) {
			const known = notes.get(conversation);
			if (known) return known;
			const list = lists.list(conversation);
			const made = derive([list, roster], () =>
				[...list.get().documents.values()]
					.filter(({ away }) => !away)
					.map(({ document, title, author, wallMs }) => ({ id: document, title, authorName: roster.get().name(author), wallMs }))
					.sort((a, b) => a.title.localeCompare(b.title) || (a.id < b.id ? -1 : 1)),
			);
			notes.set(conversation, made);
			return made;
		},
		createNote: (conversation, title) => lists.create(conversation, title),
		renameNote: (conversation, note, title) => lists.change(conversation, note, { title }),
		putAwayNote: (conversation, note) => lists.change(conversation, note, { away: true }),
		async openNote(conversation, note) {
			const list = lists.list(conversation).get();
			if (stopped || list.documents.get(note)?.away !== false) return fail('not-found');
			// Not waited for: one may write meanwhile, and the room is entered when there is a secret.
			if (!list.secret && list.members.has(roster.get().self)) void lists.ensureSecret(conversation);
			try {
				const one = await get(conversation, note);
				one.shown += 1;
				one.live.show(true);
				call(one);
				return succeed(openNote(one));
			} catch (error) {
				if (error instanceof StoreFailure) return fail(error.code);
				throw error;
			}
		},
	};

	function openNote(one: Held): OpenNote {
		let isOpen = true;
		return {
			content: one.live.content,
			cursors: one.live.cursors,
			state: stateOf(one),
			versions: async () => (await one.live.versions()).map(({ slot, atMs }) => ({ id: slot, atMs })),
			async restore(version): Promise<Result> {
				return (await one.live.restore(version)) ? done : fail('not-found');
			},
			async close() {
				if (!isOpen) return;
				isOpen = false;
				one.shown -= 1;
				if (one.shown > 0) return;
				one.live.show(false);
				one.keptUntilMs = clock.now() + keptMs;
				await one.live.flush();
				await tidy();
			},
		};
	}

	return {
		part,
		async stop() {
			stopped = true;
			cancelBeat();
			for (const stop of stops) stop();
			await Promise.all([...held.values()].map((promise) => promise.then(drop, () => undefined)));
		},
	};
}
