/**
 * What was opened, sorted into conversations: one thread each, Everyone among them. Feeding the same entries in any order, at once or one by
 * one, gives the same threads. What does not count, because it lies beyond a cut, is left out as if it had never come.
 */
import { fromUtf8 } from '../../../crypto/bytes.ts';
import { type Entry, type Header, type Id, kinds, lanes } from '../../log/entry.ts';
import { everyoneId } from '../../office.ts';
import { type Cell, createCell, type Source } from '../../source.ts';
import { decodeChange, decodeRead } from './conversation-content.ts';
import { decodeFileMessage } from './file-message.ts';
import { decodeDocuments } from './document-content.ts';
import { decodeMessageInner, decodePostInner, innerTypes, type PostInner } from './inner.ts';
import type { KeptEntry } from './kept.ts';
import type { Place } from './roster.ts';
import { decodeShare } from './share.ts';
import { changesState, createTimeline, type Item, type Timeline } from './timeline.ts';

/** One's newest message there: its KEYS may still serve. */
export interface LastOwn {
	readonly id: Id;
	readonly seq: number;
	readonly epoch: Id;
}

export interface Thread {
	readonly id: Id;
	readonly timeline: Timeline;
	/** The entries that change a group's state, in order of display; the same array until one is added. */
	stateItems(): readonly Item[];
	/** By reader's device: up to which seq of each author's device it was read. */
	readonly reads: ReadonlyMap<Id, ReadonlyMap<Id, number>>;
	readonly lastOwn: LastOwn | undefined;
	/** Whether anything of its live documents was ever told. */
	readonly hasDocuments: boolean;
	/** How often the giver of a message that stands here changed. */
	readonly gifts: number;
	/** Another number after each change. */
	readonly version: Source<number>;
}

/** Who gave the key of a message that was not written for this device. */
interface Giver {
	readonly device: Id;
	readonly lamport: number;
}

export interface Threads {
	/** Creates it empty where there is none yet. */
	thread(id: Id): Thread;
	all(): Iterable<Thread>;
	/** Another number after a change in any of them. */
	readonly changed: Source<number>;
	/** Takes opened POST, MSG and SHARE entries; others are left alone. */
	place(entries: readonly KeptEntry[]): void;
	/** Shows that something is there which does not open. Once it opens it takes its true place. */
	placeSealed(entry: Entry, sealed: 'locked' | 'refused'): void;
	/** The device that shared a message, the first if several did. */
	giverOf(id: Id): Id | undefined;
	/** Sorts everything anew: what counts has changed. */
	sortAgain(entries: Iterable<KeptEntry>): void;
}

interface ThreadData extends Thread {
	timeline: Timeline;
	readonly reads: Map<Id, Map<Id, number>>;
	lastOwn: LastOwn | undefined;
	hasDocuments: boolean;
	gifts: number;
	readonly version: Cell<number>;
	/** What `stateCache` was made from. */
	ordered: readonly Item[] | undefined;
	stateCache: readonly Item[];
}

export interface ThreadsDeps {
	readonly selfDevice: Id;
	/** Whether that place of a chain counts, by the members as they are now. */
	readonly counts: (place: Place) => boolean;
	/** Where an entry that does not open is told of; `undefined`: nowhere. Asked again after each change. */
	readonly homeOfSealed: (entry: Entry) => Id | undefined;
}

export function createThreads({ selfDevice, counts, homeOfSealed }: ThreadsDeps): Threads {
	const threads = new Map<Id, ThreadData>();
	const sealed = new Map<Id, { readonly entry: Entry; readonly sealed: 'locked' | 'refused'; home: ThreadData | undefined }>();
	const givers = new Map<Id, Giver>();
	const changed = createCell(0);
	/** Those who follow all of them hear of a batch once. */
	const change = (touched: ReadonlySet<ThreadData>): void => {
		for (const one of touched) one.version.set(one.version.get() + 1);
		if (touched.size > 0) changed.set(changed.get() + 1);
	};

	function thread(id: Id): ThreadData {
		const held = threads.get(id);
		if (held) return held;
		const made: ThreadData = {
			id,
			timeline: createTimeline(),
			stateItems() {
				const ordered = made.timeline.ordered();
				if (made.ordered !== ordered) {
					made.ordered = ordered;
					const items = ordered.filter((item) => changesState(item.type));
					if (items.length !== made.stateCache.length || items.some((item, index) => item !== made.stateCache[index])) made.stateCache = items;
				}
				return made.stateCache;
			},
			reads: new Map(),
			lastOwn: undefined,
			hasDocuments: false,
			gifts: 0,
			version: createCell(0),
			ordered: undefined,
			stateCache: [],
		};
		threads.set(id, made);
		return made;
	}

	function placeOne({ header, id, inner: bytes }: KeptEntry, touched: Set<ThreadData>): void {
		const before = sealed.get(id);
		sealed.delete(id);
		if (before?.home) {
			before.home.timeline.remove(id);
			touched.add(before.home);
		}
		if (!counts(placeOf(id, header))) return;
		if (header.kind === kinds.share) placeShare(header, bytes, touched);
		if (header.kind === kinds.post) {
			const inner = decodePostInner(bytes);
			if (inner) touched.add(put(thread(everyoneId), id, header, inner));
		}
		if (header.kind !== kinds.msg) return;
		const inner = decodeMessageInner(bytes);
		if (!inner) return;
		const into = thread(inner.conversation);
		if (header.author === selfDevice && header.seq > (into.lastOwn?.seq ?? -1)) into.lastOwn = { id, seq: header.seq, epoch: inner.epoch };
		const documents = inner.type === innerTypes.documents ? decodeDocuments(inner.content) : undefined;
		if (documents) into.hasDocuments = true;
		touched.add(put(into, id, header, inner, documents && { epoch: inner.epoch, content: documents }));
	}

	function placeShare(header: Header, inner: Uint8Array, touched: Set<ThreadData>): void {
		for (const { id } of decodeShare(inner) ?? []) {
			const known = givers.get(id);
			const isFirst = !known || header.lamport < known.lamport || (header.lamport === known.lamport && header.author < known.device);
			if (!isFirst) continue;
			givers.set(id, { device: header.author, lamport: header.lamport });
			for (const one of threads.values()) {
				if (!one.timeline.get(id)) continue;
				one.gifts++;
				touched.add(one);
			}
		}
	}

	function put(into: ThreadData, id: Id, header: Header, inner: PostInner, documents?: Item['documents']): ThreadData {
		if (inner.type === innerTypes.read) noteRead(into, header.author, inner.content);
		else if (inner.type !== innerTypes.dummy) into.timeline.add(documents ? { ...itemOf(id, header, inner), documents } : itemOf(id, header, inner));
		return into;
	}

	/** Brings what does not open to where it is told of: an earlier message under its key may have said where it belongs. */
	function settleSealed(touched: Set<ThreadData>): void {
		for (const [id, one] of sealed) {
			const { entry } = one;
			const home = counts(placeOf(id, entry.header)) ? homeOfSealed(entry) : undefined;
			if (home === one.home?.id) continue;
			if (one.home) touched.add(one.home);
			one.home?.timeline.remove(id);
			one.home = home === undefined ? undefined : thread(home);
			if (!one.home) continue;
			one.home.timeline.add({ ...itemOf(id, entry.header, { type: 0, follows: [], content: new Uint8Array(0) }), sealed: one.sealed });
			touched.add(one.home);
		}
	}

	function placeAll(entries: Iterable<KeptEntry>): void {
		const touched = new Set<ThreadData>();
		for (const entry of entries) placeOne(entry, touched);
		settleSealed(touched);
		change(touched);
	}

	return {
		thread,
		all: () => threads.values(),
		changed,
		place: placeAll,
		placeSealed(entry, why) {
			if (!sealed.has(entry.id)) sealed.set(entry.id, { entry, sealed: why, home: undefined });
			placeAll([]);
		},
		giverOf: (id) => givers.get(id)?.device,
		sortAgain(entries) {
			givers.clear();
			for (const one of threads.values()) {
				one.timeline = createTimeline();
				one.reads.clear();
				one.lastOwn = undefined;
			}
			for (const one of sealed.values()) one.home = undefined;
			placeAll(entries);
			change(new Set(threads.values()));
		},
	};
}

const placeOf = (id: Id, { author, lane, seq }: Header): Place => ({ device: author, lane, seq, id });

function itemOf(id: Id, header: Header, inner: PostInner): Item {
	const file = inner.type === innerTypes.file ? decodeFileMessage(inner.content) : undefined;
	return {
		id,
		device: header.author,
		lane: header.lane,
		seq: header.seq,
		lamport: header.lamport,
		wallMs: header.wallMs,
		type: inner.type,
		follows: inner.follows,
		text: inner.type === innerTypes.text ? (fromUtf8(inner.content) ?? '') : (file?.name ?? ''),
		file,
		change: header.lane === lanes.mail && changesState(inner.type) ? decodeChange(inner.type, inner.content) : undefined,
		sealed: undefined,
	};
}

function noteRead(into: ThreadData, reader: Id, content: Uint8Array): void {
	const read = decodeRead(content);
	if (!read) return;
	const mine = into.reads.get(reader) ?? new Map<Id, number>();
	for (const [device, seq] of read) mine.set(device, Math.max(seq, mine.get(device) ?? -1));
	into.reads.set(reader, mine);
}
