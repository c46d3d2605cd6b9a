/**
 * What the screen may read and do with live documents, the shared notes of a conversation: part of the seam `office.ts`. Ids are lowercase
 * hex. `LiveContent` and `LiveCursors` go from here into the editor's binding as they are: the screen knows nothing of what they consist of.
 */
import type { Result } from './failures.ts';
import type { LiveContent, LiveCursors } from './live/documents/live-document.ts';
import type { Source } from './source.ts';

export interface Note {
	readonly id: string;
	readonly title: string;
	/** Name of who began it, or had it last named, as far as this device knows. */
	readonly authorName: string;
	/** When it was begun, by their clock, ms. */
	readonly wallMs: number;
}

/** Somebody who has the note open. */
export interface Writer {
	/** Member id. */
	readonly member: string;
	readonly name: string;
	/** Their cursor's number. */
	readonly cursor: number;
	readonly self: boolean;
}

export interface NoteState {
	/**
	 * `waiting`: the conversation changed, and no key for its present members has come yet: one may write, and it is joined then.
	 * `closed`: one is no longer in the conversation; what is here can be read.
	 */
	readonly room: 'open' | 'waiting' | 'closed';
	/** Colleagues' devices connected. */
	readonly connections: number;
	readonly writers: readonly Writer[];
	/** Nothing more can be added; taking away still works. */
	readonly full: boolean;
	/** How full, 0 to 1. */
	readonly fill: number;
	/** Part of it could not be read on this device. */
	readonly damaged: boolean;
	/** This device's disk takes no more. */
	readonly unsaved: boolean;
}

/** An earlier state, put aside on this device. */
export interface NoteVersion {
	readonly id: number;
	readonly atMs: number;
}

export interface OpenNote {
	readonly content: LiveContent;
	readonly cursors: LiveCursors;
	readonly state: Source<NoteState>;
	/** Newest first. */
	versions(): Promise<readonly NoteVersion[]>;
	/** Puts an earlier state in the place of the present one; the present one is kept too. */
	restore(version: number): Promise<Result>;
	/** Everything is on the disk when it resolves. */
	close(): Promise<void>;
}

export interface Documents {
	/** In order of their titles. */
	notes(conversationId: string): Source<readonly Note[]>;
	/** Answers its id. */
	createNote(conversationId: string, title: string): Promise<Result<string>>;
	renameNote(conversationId: string, noteId: string, title: string): Promise<Result>;
	/** Off the list, for everybody in the conversation. What colleagues have on their devices stays there. */
	putAwayNote(conversationId: string, noteId: string): Promise<Result>;
	openNote(conversationId: string, noteId: string): Promise<Result<OpenNote>>;
}
