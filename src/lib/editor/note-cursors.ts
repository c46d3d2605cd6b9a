/**
 * Colleagues' cursors in a note. The name is the one the office knows the cursor's device by, handed in; what a cursor says of itself is never
 * shown, and one that is not proven or not well-formed is left out: the binding would trip over it.
 */
import { Extension } from '@tiptap/core';
import { Plugin } from '@tiptap/pm/state';
import { setMeta, yCursorPlugin, yCursorPluginKey } from '@tiptap/y-tiptap';
import type { OpenNote } from '../../sync/documents.ts';

/** How many colours `note.css` knows. */
const colours = 6;

export function noteCursors(note: OpenNote): Extension {
	const nameOf = (cursor: number): string | undefined => note.state.get().writers.find((writer) => writer.cursor === cursor && !writer.self)?.name;
	const colourOf = (cursor: number): string => `colour-${cursor % colours}`;
	return Extension.create({
		name: 'noteCursors',
		addProseMirrorPlugins: () => [
			yCursorPlugin(note.cursors, {
				awarenessStateFilter: (_own: number, cursor: number, state: unknown) => nameOf(cursor) !== undefined && isCursor(state),
				cursorBuilder: (_user: unknown, cursor: number) => {
					const caret = document.createElement('span');
					caret.className = `note-caret ${colourOf(cursor)}`;
					const label = document.createElement('span');
					label.className = 'note-caret-name';
					label.textContent = nameOf(cursor) ?? '';
					caret.append(label);
					return caret;
				},
				selectionBuilder: (_user: unknown, cursor: number) => ({ class: `note-selection ${colourOf(cursor)}` }),
			}) as Plugin,
			new Plugin({
				view(view) {
					// Drawn anew only when names come or go, and as the binding itself does it, in a turn of its own: between a key and its letter the
					// caret would be put back to before it.
					const named = (): string => note.state.get().writers.map(({ cursor, name }) => `${cursor} ${name}`).join();
					let before = named();
					const stop = note.state.subscribe(() => {
						const now = named();
						if (now === before) return;
						before = now;
						setMeta(view, yCursorPluginKey, { awarenessUpdated: true });
					});
					return { destroy: stop };
				},
			}),
		],
	});
}

function isCursor(state: unknown): boolean {
	const cursor = typeof state === 'object' && state !== null && 'cursor' in state ? state.cursor : undefined;
	return typeof cursor === 'object' && cursor !== null && 'anchor' in cursor && 'head' in cursor && isPlace(cursor.anchor) && isPlace(cursor.head);
}

/** A relative position as Yjs writes it to JSON. */
function isPlace(value: unknown): boolean {
	if (typeof value !== 'object' || value === null) return false;
	const { type, item, tname, assoc } = value as Record<string, unknown>;
	const isId = (id: unknown): boolean => id === undefined || id === null || (typeof id === 'object' && 'client' in id && 'clock' in id && Number.isSafeInteger(id.client) && Number.isSafeInteger(id.clock));
	return isId(type) && isId(item) && (tname === undefined || tname === null || tname === 'note') && (assoc === undefined || assoc === null || typeof assoc === 'number');
}
