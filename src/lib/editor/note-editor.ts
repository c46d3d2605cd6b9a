/**
 * The editor of a note: Tiptap over the live content. Loaded with the first note that is opened. The content and the cursors come from the
 * seam as they are and go into Tiptap's Yjs binding as they are: this file names no type of Yjs (DESIGN.md, Layers).
 */
import { Editor, Extension } from '@tiptap/core';
import Collaboration, { isChangeOrigin } from '@tiptap/extension-collaboration';
import { Markdown } from '@tiptap/markdown';
import { Plugin } from '@tiptap/pm/state';
import type { OpenNote } from '../../sync/documents.ts';
import { noteCursors } from './note-cursors.ts';
import { isLink, noteSchema } from './note-schema.ts';

/** One paste: larger ones would fill a note at once. */
const maxPastedLength = 40_000;

/** The app's policy stops both and would report each; the schema takes neither. Nothing rests on this being complete. */
const refusedAttribute = /\s(?:style|on[a-z]+)\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>]+)/gi;

export type NoteAct = 'bold' | 'italic' | 'strike' | 'heading' | 'bulletList' | 'orderedList' | 'blockquote' | 'codeBlock' | 'undo' | 'redo';

export interface NoteEditor {
	run(act: NoteAct): void;
	isActive(act: NoteAct): boolean;
	/** The address of the link at the cursor; empty where there is none. */
	link(): string;
	/** Makes what is marked a link, or with an empty address no longer one. `false` for an address that may not be one. */
	setLink(href: string): boolean;
	setEditable(editable: boolean): void;
	markdown(): string;
	focus(): void;
	destroy(): void;
}

export interface NoteEditorOptions {
	readonly note: OpenNote;
	readonly element: HTMLElement;
	/** Accessible name. */
	readonly label: string;
	readonly editable: boolean;
	/** The selection or the text changed. */
	readonly changed: () => void;
	/** Something was not taken in: the note is full, or the paste too large. */
	readonly refused: (why: 'full' | 'paste') => void;
}

export function createNoteEditor({ note, element, label, editable, changed, refused }: NoteEditorOptions): NoteEditor {
	const withinLimits = Extension.create({
		name: 'withinLimits',
		addProseMirrorPlugins: () => [
			new Plugin({
				filterTransaction(transaction, state) {
					if (!transaction.docChanged || isChangeOrigin(transaction)) return true;
					const grows = transaction.doc.content.size - state.doc.content.size;
					if (grows > 0 && note.state.get().full) refused('full');
					else if (grows > maxPastedLength) refused('paste');
					else return true;
					return false;
				},
			}),
		],
	});
	const editor = new Editor({
		element,
		editable,
		injectCSS: false,
		enableCoreExtensions: true,
		// Not HTML, not even empty: reading some would need a policy for it.
		content: { type: 'doc', content: [{ type: 'paragraph' }] },
		extensions: [...noteSchema, Collaboration.configure({ fragment: note.content }), noteCursors(note), withinLimits, Markdown],
		editorProps: {
			transformPastedHTML: (html) => html.replaceAll(refusedAttribute, ''),
			attributes: { role: 'textbox', 'aria-multiline': 'true', 'aria-label': label, class: 'note-text', dir: 'auto', spellcheck: 'true' },
		},
		onTransaction: changed,
	});

	return {
		run(act) {
			const chain = editor.chain().focus();
			switch (act) {
				case 'bold':
					return void chain.toggleBold().run();
				case 'italic':
					return void chain.toggleItalic().run();
				case 'strike':
					return void chain.toggleStrike().run();
				case 'heading':
					return void chain.toggleHeading({ level: 2 }).run();
				case 'bulletList':
					return void chain.toggleBulletList().run();
				case 'orderedList':
					return void chain.toggleOrderedList().run();
				case 'blockquote':
					return void chain.toggleBlockquote().run();
				case 'codeBlock':
					return void chain.toggleCodeBlock().run();
				case 'undo':
					return void editor.commands.undo();
				case 'redo':
					return void editor.commands.redo();
			}
		},
		isActive: (act) => editor.isActive(act),
		link: () => (editor.getAttributes('link') as { href?: string }).href ?? '',
		setLink(href) {
			if (href !== '' && !isLink(href)) return false;
			const chain = editor.chain().focus().extendMarkRange('link');
			return href === '' ? chain.unsetLink().run() : chain.setLink({ href }).run();
		},
		setEditable: (to) => {
			if (editor.isEditable !== to) editor.setEditable(to, false);
		},
		markdown: () => editor.getMarkdown(),
		focus: () => void editor.commands.focus(),
		destroy: () => editor.destroy(),
	};
}
