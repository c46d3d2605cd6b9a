/** Shared notes behind the seam, in memory: real content for the editor, nobody else in the room but who is let in here. */
import { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';
import type { Documents, Note, NoteState } from '../../src/sync/documents.ts';
import { done, fail, succeed } from '../../src/sync/failures.ts';
import { type Cell, createCell } from '../../src/sync/source.ts';

export interface FakeDocuments extends Documents {
	notes(conversationId: string): Cell<readonly Note[]>;
	/** Of a note once it was opened. */
	readonly state: Cell<NoteState>;
	readonly docs: ReadonlyMap<string, Y.Doc>;
}

export function createFakeDocuments(self: () => { id: string; name: string }): FakeDocuments {
	const lists = new Map<string, Cell<readonly Note[]>>();
	const docs = new Map<string, Y.Doc>();
	const state = createCell<NoteState>({ room: 'open', connections: 0, writers: [], full: false, fill: 0, damaged: false, unsaved: false });
	let counter = 0;

	function notes(id: string): Cell<readonly Note[]> {
		const list = lists.get(id) ?? createCell<readonly Note[]>([]);
		lists.set(id, list);
		return list;
	}

	return {
		notes,
		state,
		docs,
		createNote(conversation, title) {
			if (title.trim() === '') return Promise.resolve(fail('title-empty'));
			const id = `d${counter++}`;
			notes(conversation).set([...notes(conversation).get(), { id, title: title.trim(), authorName: self().name, wallMs: Date.now() }]);
			return Promise.resolve(succeed(id));
		},
		renameNote(conversation, id, title) {
			notes(conversation).set(notes(conversation).get().map((note) => (note.id === id ? { ...note, title } : note)));
			return Promise.resolve(done);
		},
		putAwayNote(conversation, id) {
			notes(conversation).set(notes(conversation).get().filter((note) => note.id !== id));
			return Promise.resolve(done);
		},
		openNote(_conversation, id) {
			const doc = docs.get(id) ?? new Y.Doc();
			docs.set(id, doc);
			const cursors = new Awareness(doc);
			state.set({ ...state.get(), writers: [{ member: self().id, name: self().name, cursor: doc.clientID, self: true }] });
			return Promise.resolve(
				succeed({
					content: doc.getXmlFragment('note'),
					cursors,
					state,
					versions: () => Promise.resolve([{ id: 0, atMs: Date.now() - 60_000 }]),
					restore: () => Promise.resolve(done),
					close() {
						cursors.destroy();
						return Promise.resolve();
					},
				}),
			);
		},
	};
}
