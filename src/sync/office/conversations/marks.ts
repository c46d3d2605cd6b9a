/**
 * How far this person has read, kept on this device alone: by conversation, the highest seq of each author's device. What arrives late
 * from somebody else stays unread, wherever it is sorted in. A mark also says that a conversation was opened here, messages or none.
 */
import type { Id } from '../../log/entry.ts';
import { type Cell, createCell, type Source } from '../../source.ts';
import type { OfficeStore } from '../../store.ts';
import { decodeRead, encodeRead } from './conversation-content.ts';

const bucket = 'marks';

export type Mark = ReadonlyMap<Id, number>;

export interface Marks {
	/** `undefined` where nothing was read or opened yet. */
	mark(conversation: string): Source<Mark | undefined>;
	/** Ids of all that have a mark. */
	opened(): readonly string[];
	/** Another number after each change. */
	readonly changed: Source<number>;
	/** Raises the mark to cover these places; never lowers it. An empty list opens the conversation. */
	raise(conversation: string, read: Iterable<readonly [device: Id, seq: number]>): Promise<void>;
}

export async function openMarks(store: OfficeStore): Promise<Marks> {
	const cells = new Map<string, Cell<Mark | undefined>>();
	const changed = createCell(0);
	for (const [key, value] of await store.all(bucket)) {
		const mark = decodeRead(value);
		if (mark) cell(key).set(mark);
	}

	function cell(conversation: string): Cell<Mark | undefined> {
		let held = cells.get(conversation);
		if (!held) {
			held = createCell<Mark | undefined>(undefined);
			cells.set(conversation, held);
		}
		return held;
	}

	return {
		mark: cell,
		opened: () => [...cells].filter(([, held]) => held.get() !== undefined).map(([key]) => key),
		changed,
		async raise(conversation, read) {
			const held = cell(conversation);
			const before = held.get();
			const mark = new Map(before);
			for (const [device, seq] of read) mark.set(device, Math.max(seq, mark.get(device) ?? -1));
			if (before && [...mark].every(([device, seq]) => before.get(device) === seq)) return;
			held.set(mark);
			changed.set(changed.get() + 1);
			try {
				await store.put(bucket, conversation, encodeRead(mark));
			} catch {
				// Only what is unread after the next start hangs on it.
			}
		},
	};
}
