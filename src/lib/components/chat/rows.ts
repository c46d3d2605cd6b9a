/** What the log shows for a run of messages: day separators, the "new" line, and which messages stand together (UI.md, "Space"). */
import type { Message } from '../../../sync/office.ts';
import { sameDay } from '../../times.ts';

/** Messages of one author within this time stand together. */
const groupMs = 5 * 60_000;

export type Row =
	| { readonly kind: 'day'; readonly key: string; readonly ms: number }
	| { readonly kind: 'new'; readonly key: string }
	| { readonly kind: 'event'; readonly key: string; readonly message: Message }
	| {
			readonly kind: 'message';
			readonly key: string;
			readonly message: Message;
			/** Bears the author's name and face. */
			readonly first: boolean;
			readonly last: boolean;
			/** Its state is worth the room: the last of its kind, or not yet arrived. */
			readonly telling: boolean;
	  };

/** `rows` again and again: a row that says the same is the same object, so that the page need not look at it. */
export function createRows(): (messages: readonly Message[], newId: string | undefined) => readonly Row[] {
	let before = new Map<string, Row>();
	return (messages, newId) => {
		const now = rows(messages, newId).map((row) => {
			const known = before.get(row.key);
			return known && isSame(known, row) ? known : row;
		});
		before = new Map(now.map((row) => [row.key, row]));
		return now;
	};
}

function isSame(one: Row, other: Row): boolean {
	switch (one.kind) {
		case 'day':
			return other.kind === 'day' && one.ms === other.ms;
		case 'new':
			return other.kind === 'new';
		case 'event':
			return other.kind === 'event' && one.message === other.message;
		case 'message':
			return other.kind === 'message' && one.message === other.message && one.first === other.first && one.last === other.last && one.telling === other.telling;
	}
}

/** @param newId the message the "new" line stands above */
export function rows(messages: readonly Message[], newId: string | undefined): readonly Row[] {
	const result: Row[] = [];
	const lastOwn = messages.findLast((message) => message.own && message.kind === 'text')?.id;
	messages.forEach((message, index) => {
		const before = messages[index - 1];
		const after = messages[index + 1];
		if (!before || !sameDay(before.wallMs, message.wallMs)) result.push({ kind: 'day', key: `day-${message.id}`, ms: message.wallMs });
		if (message.id === newId) result.push({ kind: 'new', key: 'new' });
		if (message.kind === 'event') {
			result.push({ kind: 'event', key: message.id, message });
			return;
		}
		const last = !after || !together(message, after, newId);
		result.push({
			kind: 'message',
			key: message.id,
			message,
			first: !before || !together(before, message, newId),
			last,
			telling: message.id === lastOwn || message.state === 'sending' || (last && message.state === 'held') || message.state === 'waiting-for-key',
		});
	});
	return result;
}

function together(before: Message, after: Message, newId: string | undefined): boolean {
	return (
		after.id !== newId &&
		before.kind === 'text' &&
		after.kind === 'text' &&
		before.author === after.author &&
		before.sharedBy === after.sharedBy &&
		sameDay(before.wallMs, after.wallMs) &&
		Math.abs(after.wallMs - before.wallMs) <= groupMs
	);
}
