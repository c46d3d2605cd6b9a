/**
 * The closed schema of a note: headings, lists, quotes, code, rules, emphasis and links to http, https and mailto. Its names are those that
 * `sync/live/documents/node-names.ts` lets in from colleagues; nothing in it takes HTML, a style, an image or a script. No extension brings
 * styles of its own (`injectCSS: false` in the editor): the app's policy allows none.
 */
import type { Extensions } from '@tiptap/core';
import StarterKit from '@tiptap/starter-kit';

const linkProtocols = ['http', 'https', 'mailto'];

/** Whether a link may lead there. Relative ones may not: they would lead into the app. */
export function isLink(href: string): boolean {
	try {
		return linkProtocols.includes(new URL(href).protocol.slice(0, -1));
	} catch {
		return false;
	}
}

export const noteSchema: Extensions = [
	StarterKit.configure({
		heading: { levels: [1, 2, 3] },
		link: { openOnClick: false, autolink: true, linkOnPaste: true, defaultProtocol: 'https', protocols: linkProtocols, isAllowedUri: isLink, HTMLAttributes: { target: '_blank', rel: 'noopener noreferrer nofollow' } },
		// Undo is Yjs's own: it takes back one's own changes alone.
		undoRedo: false,
		// Would write a paragraph into everybody's note by itself.
		trailingNode: false,
		dropcursor: false,
	}),
];
