/** Messages on their way to the disk, shown as "sending" until they stand in the log. */
import type { Lane } from '../../log/entry.ts';
import { type Cell, createCell, type Source } from '../../source.ts';

export interface Sending {
	readonly temporaryId: string;
	readonly text: string;
	readonly wallMs: number;
	readonly lane: Lane;
	/** Where it is about to stand; once the thread has an own entry there, this one is no longer shown. */
	readonly seq: number | undefined;
}

export interface Outbox {
	sending(conversation: string): Source<readonly Sending[]>;
	/** Shows a message; the answer tells its place, and takes it away once it was written or could not be. */
	add(conversation: string, message: { text: string; wallMs: number; lane: Lane }): { readonly placed: (seq: number) => void; readonly done: () => void };
}

export function createOutbox(): Outbox {
	const cells = new Map<string, Cell<readonly Sending[]>>();
	let count = 0;

	function cell(conversation: string): Cell<readonly Sending[]> {
		let held = cells.get(conversation);
		if (!held) {
			held = createCell<readonly Sending[]>([]);
			cells.set(conversation, held);
		}
		return held;
	}

	return {
		sending: cell,
		add(conversation, message) {
			const held = cell(conversation);
			const temporaryId = `sending-${++count}`;
			held.set([...held.get(), { ...message, temporaryId, seq: undefined }]);
			return {
				placed: (seq) => held.set(held.get().map((one) => (one.temporaryId === temporaryId ? { ...one, seq } : one))),
				done: () => held.set(held.get().filter((one) => one.temporaryId !== temporaryId)),
			};
		},
	};
}
