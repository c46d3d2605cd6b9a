/** What the log makes of a run of messages. */
import { expect, test } from 'vitest';
import { rows } from '../../../src/lib/components/chat/rows.ts';
import type { Message } from '../../../src/sync/office.ts';

const minuteMs = 60_000;
const noon = new Date(2026, 2, 3, 12).getTime();

function message(id: string, author: string, minutes: number, more: Partial<Message> = {}): Message {
	return { id, kind: 'text', author, authorName: author, own: author === 'me', text: id, wallMs: noon + minutes * minuteMs, state: 'sent', heldFor: [], unread: false, sharedBy: '', blocked: false, attachment: undefined, ...more };
}

const shape = (messages: readonly Message[], newId?: string): string[] =>
	rows(messages, newId).map((row) => (row.kind === 'message' ? `${row.message.id}${row.first ? ' first' : ''}${row.last ? ' last' : ''}` : row.kind));

test('messages of one author within five minutes stand together', () => {
	expect(shape([message('a', 'ana', 0), message('b', 'ana', 5), message('c', 'ana', 11), message('d', 'ben', 12)])).toEqual([
		'day',
		'a first',
		'b last',
		'c first last',
		'd first last',
	]);
});

test('a day, the new line and an event part what would stand together', () => {
	const messages = [message('a', 'ana', 12 * 60 - 1), message('b', 'ana', 12 * 60 + 1), message('c', 'ana', 12 * 60 + 2), message('d', 'ana', 12 * 60 + 3, { kind: 'event' })];
	expect(shape(messages, 'c')).toEqual(['day', 'a first last', 'day', 'b first last', 'new', 'c first last', 'event']);
});

test('a state is told by the last own message, and by each that has not arrived', () => {
	const told = rows([message('a', 'me', 0, { state: 'held' }), message('b', 'me', 1, { state: 'sending' }), message('c', 'me', 2), message('d', 'me', 3)], undefined).filter(
		(row) => row.kind === 'message' && row.telling,
	);
	expect(told.map((row) => row.key)).toEqual(['b', 'd']);
});

test('nothing gives nothing', () => {
	expect(rows([], undefined)).toEqual([]);
});
