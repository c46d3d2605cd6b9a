/**
 * What was opened, sorted into conversations: one thread each, Everyone among them. Feeding the same entries in any order, at once or one by
 * one, gives the same threads.
 */
import { fromUtf8 } from '../../../crypto/bytes.ts';
import { type Entry, type Header, type Id, kinds, lanes } from '../../log/entry.ts';
import { everyoneId } from '../../office.ts';
import { type Cell, createCell, type Source } from '../../source.ts';
import { decodeChange, decodeRead } from './conversation-content.ts';
import { decodeMessageInner, decodePostInner, innerTypes, type PostInner } from './inner.ts';
import type { KeptEntry } from './kept.ts';
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
	/** Another number after each change. */
	readonly version: Source<number>;
}

export interface Threads {
	/** Creates it empty where there is none yet. */
	thread(id: Id): Thread;
	all(): Iterable<Thread>;
	/** Another number after a change in any of them. */
	readonly changed: Source<number>;
	/** Takes opened POST and MSG entries; others are left alone. */
	place(entries: readonly KeptEntry[]): void;
	/** Shows in that thread that something is there which does not open. Once it opens it takes its true place. */
	placeSealed(threadId: Id, entry: Entry, sealed: 'locked' | 'refused'): void;
}

interface ThreadData extends Thread {
	readonly reads: Map<Id, Map<Id, number>>;
	lastOwn: LastOwn | undefined;
	readonly version: Cell<number>;
	/** What `stateCache` was made from. */
	ordered: readonly Item[] | undefined;
	stateCache: readonly Item[];
}

export function createThreads(selfDevice: Id): Threads {
	const threads = new Map<Id, ThreadData>();
	const sealedAt = new Map<Id, ThreadData>();
	const changed = createCell(0);
	const change = (one: ThreadData): void => {
		one.version.set(one.version.get() + 1);
		changed.set(changed.get() + 1);
	};

	function thread(id: Id): ThreadData {
		const held = threads.get(id);
		if (held) return held;
		const timeline = createTimeline();
		const made: ThreadData = {
			id,
			timeline,
			stateItems() {
				const ordered = timeline.ordered();
				if (made.ordered !== ordered) {
					made.ordered = ordered;
					const items = ordered.filter((item) => changesState(item.type));
					if (items.length !== made.stateCache.length || items.some((item, index) => item !== made.stateCache[index])) made.stateCache = items;
				}
				return made.stateCache;
			},
			reads: new Map(),
			lastOwn: undefined,
			version: createCell(0),
			ordered: undefined,
			stateCache: [],
		};
		threads.set(id, made);
		return made;
	}

	function placeOne(entry: KeptEntry): ThreadData | undefined {
		const { header, id } = entry;
		const sealed = sealedAt.get(id);
		if (sealed) {
			sealedAt.delete(id);
			sealed.timeline.remove(id);
			change(sealed);
		}
		if (header.kind === kinds.post) {
			const inner = decodePostInner(entry.inner);
			if (!inner) return undefined;
			return put(thread(everyoneId), id, header, inner);
		}
		const inner = header.kind === kinds.msg ? decodeMessageInner(entry.inner) : undefined;
		if (!inner) return undefined;
		const into = thread(inner.conversation);
		if (header.author === selfDevice && header.seq > (into.lastOwn?.seq ?? -1)) into.lastOwn = { id, seq: header.seq, epoch: inner.epoch };
		return put(into, id, header, inner);
	}

	function put(into: ThreadData, id: Id, header: Header, inner: PostInner): ThreadData {
		if (inner.type === innerTypes.read) noteRead(into, header.author, inner.content);
		else if (inner.type !== innerTypes.dummy) into.timeline.add(itemOf(id, header, inner));
		return into;
	}

	return {
		thread,
		all: () => threads.values(),
		changed,
		place(entries) {
			const touched = new Set<ThreadData>();
			for (const entry of entries) {
				const into = placeOne(entry);
				if (into) touched.add(into);
			}
			for (const one of touched) change(one);
		},
		placeSealed(threadId, entry, sealed) {
			if (sealedAt.has(entry.id)) return;
			const into = thread(threadId);
			sealedAt.set(entry.id, into);
			into.timeline.add({ ...itemOf(entry.id, entry.header, { type: 0, follows: [], content: new Uint8Array(0) }), sealed });
			change(into);
		},
	};
}

function itemOf(id: Id, header: Header, inner: PostInner): Item {
	return {
		id,
		device: header.author,
		lane: header.lane,
		seq: header.seq,
		lamport: header.lamport,
		wallMs: header.wallMs,
		type: inner.type,
		follows: inner.follows,
		text: inner.type === innerTypes.text ? (fromUtf8(inner.content) ?? '') : '',
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
