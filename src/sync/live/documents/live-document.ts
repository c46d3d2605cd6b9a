/**
 * One live document while it is open (PROTOCOL.md, 9, "Live documents"): its Y.Doc, its rows on the disk, the room it is in, who else is
 * there, and the limits. The room changes with the readers; the document stays.
 *
 * Its content and cursors are handed upward as what they are, but under names that say nothing: the screen passes them to the editor's
 * binding and knows no type of Yjs (DESIGN.md, Layers).
 */
import { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';
import type { DeviceKeys } from '../../../crypto/identity.ts';
import { createCandidateRule } from '../../link/candidate.ts';
import type { Clock, Ports } from '../../ports.ts';
import { createCell, type Source } from '../../source.ts';
import type { OfficeStore } from '../../store.ts';
import { createDocumentRows, type Version } from './document-rows.ts';
import { fullBytes } from './limits.ts';
import { type DocumentRoom, enterRoom } from './room.ts';
import type { RoomKeys } from './room-keys.ts';
import { createTrial } from './trial.ts';
import { createWriters } from './writers.ts';

type Id = string;

/** What the editor binds to. */
export type LiveContent = Y.XmlFragment;
/** Whose cursors are where. */
export type LiveCursors = Awareness;

const field = 'note';
/** A state is put aside before the first change after this long. */
const versionEveryMs = 10 * 60_000;
/** And before this part of the text goes at once, if there was this much. */
const lossShare = 0.5;
const lossFromLength = 200;
/** An update of one's own: nothing of it is refused, so the editor asks before. */
const fromDisk = Symbol('from the disk');

export interface LiveDocumentDeps {
	readonly id: string;
	readonly officeId: Id;
	readonly keys: DeviceKeys;
	readonly store: OfficeStore;
	readonly ports: Pick<Ports, 'clock' | 'wrtc' | 'iceServers' | 'appHost' | 'signalUrl'>;
}

export interface LiveDocumentState {
	/** Colleagues' devices connected. */
	readonly connections: number;
	/** Of the whole, as it would be sent. */
	readonly bytes: number;
	readonly full: boolean;
	/** Part of it could not be read from the disk. */
	readonly damaged: boolean;
	/** The disk took no more. */
	readonly unsaved: boolean;
	/** Things that came and were not let in. */
	readonly refused: number;
}

export interface LiveDocument {
	readonly content: LiveContent;
	readonly cursors: LiveCursors;
	/** Devices there, by the number of their cursor. */
	readonly devices: Source<ReadonlyMap<number, Id>>;
	readonly state: Source<LiveDocumentState>;
	/** Enters the room of these keys, and leaves the one before; without: none. */
	enter(keys: RoomKeys | undefined): void;
	versions(): Promise<readonly Version[]>;
	/** Puts an earlier state in the place of the present one, as a change like any other. */
	restore(slot: number): Promise<boolean>;
	/** Whether this person shows as being in it. */
	show(there: boolean): void;
	/** Resolves once everything is on the disk, or the disk has refused it. */
	flush(): Promise<void>;
	/** Whether anything was ever written in it. */
	readonly empty: () => boolean;
	close(): Promise<void>;
}

/** Loads what is on the disk. Rejects with a `StoreFailure`. */
export async function openLiveDocument(deps: LiveDocumentDeps): Promise<LiveDocument> {
	const { id, ports } = deps;
	const { clock } = ports;
	const doc = new Y.Doc();
	const content = doc.getXmlFragment(field);
	const encode = (): Uint8Array => Y.encodeStateAsUpdate(doc);
	const parts = createCell<LiveDocumentState>({ connections: 0, bytes: 0, full: false, damaged: false, unsaved: false, refused: 0 });
	const change = (part: Partial<LiveDocumentState>): void => {
		const now = parts.get();
		if (Object.entries(part).some(([name, value]) => now[name as keyof LiveDocumentState] !== value)) parts.set({ ...now, ...part });
	};
	const rows = createDocumentRows({ store: deps.store, id, clock, merge: (updates) => Y.mergeUpdates([...updates]), state: encode, failed: () => change({ unsaved: true }) });

	const { updates, damaged } = await rows.load();
	for (const update of updates) Y.applyUpdate(doc, update, fromDisk);
	change({ damaged });

	const size = createSize(clock, encode, (bytes) => change({ bytes, full: bytes >= fullBytes }));
	const versions = createVersionKeeper({ doc, content, clock, encode, keep: (state) => void rows.keepVersion(state).catch(() => undefined) });
	const onUpdate = (update: Uint8Array, origin: unknown): void => {
		if (origin === fromDisk) return;
		change({ unsaved: false });
		rows.add(update);
		size.grow(update.length);
	};
	doc.on('update', onUpdate);

	const cursors = new Awareness(doc);
	const trial = createTrial(doc);
	const writers = createWriters({ awareness: cursors, keys: deps.keys, officeId: deps.officeId, document: id });
	const allowed = createCandidateRule(ports.appHost);
	let room: { readonly name: string; readonly room: DocumentRoom; readonly stop: () => void } | undefined;
	let closed = false;
	let shown = false;

	function leave(): Promise<void> {
		const before = room;
		room = undefined;
		before?.stop();
		change({ connections: 0 });
		return before?.room.leave() ?? Promise.resolve();
	}

	return {
		content,
		cursors,
		devices: writers.devices,
		state: parts,
		enter(keys) {
			if (closed || keys?.name === room?.name) return;
			// y-webrtc takes one's own cursor away with the room it leaves, the one in the next room too.
			void leave().then(() => {
				if (!closed) writers.show(shown);
			});
			if (!keys || ports.signalUrl === '') return;
			// Those of the old room are not in the new one until they say so.
			const others = [...cursors.getStates().keys()].filter((client) => client !== cursors.clientID);
			for (const client of others) cursors.states.delete(client);
			if (others.length > 0) cursors.emit('change', [{ added: [], updated: [], removed: others }, 'room']);
			const entered = enterRoom({
				doc,
				awareness: cursors,
				keys,
				signalingUrl: ports.signalUrl,
				wrtc: ports.wrtc,
				iceServers: ports.iceServers,
				allowed,
				check: { stateBytes: size.estimate, measure: size.measure, passes: (update) => trial.passes(update), writers: () => cursors.meta.size },
				clock,
				refused: () => change({ refused: parts.get().refused + 1 }),
			});
			room = { name: keys.name, room: entered, stop: entered.connections.subscribe(() => change({ connections: entered.connections.get() })) };
		},
		versions: () => rows.versions(),
		async restore(slot) {
			const state = await rows.version(slot);
			if (!state) return false;
			const then = new Y.Doc();
			Y.applyUpdate(then, state);
			await rows.keepVersion(encode());
			const earlier = then.getXmlFragment(field);
			doc.transact(() => {
				content.delete(0, content.length);
				content.insert(0, earlier.toArray().filter((node) => node instanceof Y.XmlElement || node instanceof Y.XmlText).map((node) => node.clone()));
			});
			then.destroy();
			return true;
		},
		flush: () => rows.flush().catch(() => change({ unsaved: true })),
		show(there) {
			shown = there;
			writers.show(there);
		},
		empty: () => content.length === 0,
		async close() {
			if (closed) return;
			closed = true;
			const gone = leave();
			size.stop();
			versions.stop();
			writers.stop();
			trial.stop();
			doc.off('update', onUpdate);
			await rows.flush().catch(() => undefined);
			await gone;
			cursors.destroy();
			doc.destroy();
		},
	};
}

/** The size of the whole: guessed with each update, measured when it has been quiet for a second. */
function createSize(clock: Clock, encode: () => Uint8Array, measured: (bytes: number) => void): { readonly estimate: () => number; readonly measure: () => number; grow(bytes: number): void; stop(): void } {
	let bytes = 0;
	let cancel: (() => void) | undefined;
	function measure(): number {
		cancel?.();
		cancel = undefined;
		bytes = encode().length;
		measured(bytes);
		return bytes;
	}
	measure();
	return {
		estimate: () => bytes,
		measure,
		grow(by) {
			bytes += by;
			if (bytes >= fullBytes) cancel ??= clock.after(0, measure);
			else cancel ??= clock.after(1_000, measure);
		},
		stop: () => cancel?.(),
	};
}

/**
 * Puts states aside: the one before a change, where the last is ten minutes old, and the one before much of the text goes at once, whoever
 * takes it. What was is read before a change is made, from what is put aside anyway every few seconds of writing.
 */
function createVersionKeeper({ doc, content, clock, encode, keep }: {
	readonly doc: Y.Doc;
	readonly content: Y.XmlFragment;
	readonly clock: Clock;
	readonly encode: () => Uint8Array;
	readonly keep: (state: Uint8Array) => void;
}): { stop(): void } {
	let last = content.length > 0 ? { state: encode(), length: lengthOf(content) } : undefined;
	let keptMs = 0;
	let cancel: (() => void) | undefined;

	function look(): void {
		cancel = undefined;
		const length = lengthOf(content);
		last = { state: encode(), length };
	}
	function changed({ changed: touched }: Y.Transaction): void {
		if (touched.size === 0) return;
		const length = lengthOf(content);
		const isLoss = last !== undefined && last.length >= lossFromLength && length < last.length * (1 - lossShare);
		if (last && (isLoss || clock.now() - keptMs >= versionEveryMs)) {
			keep(last.state);
			keptMs = clock.now();
			last = undefined;
		}
		if (isLoss) look();
		else cancel ??= clock.after(3_000, look);
	}
	doc.on('afterTransaction', changed);
	return {
		stop() {
			cancel?.();
			doc.off('afterTransaction', changed);
		},
	};
}

/** Of the text, without what marks it. */
function lengthOf(node: Y.XmlFragment | Y.XmlElement): number {
	let length = 0;
	for (const child of node.toArray()) length += child instanceof Y.XmlText ? child.length : child instanceof Y.XmlElement ? lengthOf(child) : 0;
	return length;
}
