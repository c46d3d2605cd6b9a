/** The content of a DOCUMENTS entry (PROTOCOL.md, 9, "Live documents"): a conversation's documents by name, and the secret of their rooms. */
import { fromHex, hex } from '../../../crypto/bytes.ts';
import { createWriter, decode } from '../../../crypto/codec.ts';
import { readExtensions, writeExtensions } from '../../extensions.ts';
import { isTitle, maxTitleBytes } from './conversation-content.ts';

export const secretBytes = 32;
export const documentBytes = 16;
/** Documents of one conversation, those put away included. */
export const maxDocuments = 64;

export interface DocumentRow {
	readonly document: string;
	readonly title: string;
	readonly away: boolean;
}

/** A DOCUMENTS entry's content: the whole list, as its author knew it. */
export interface DocumentsContent {
	readonly secret: Uint8Array;
	readonly rows: readonly DocumentRow[];
}

export function encodeDocuments({ secret, rows }: DocumentsContent): Uint8Array {
	const w = createWriter().raw(secret).u8(rows.length);
	for (const { document, title, away } of rows) w.raw(fromHex(document) ?? new Uint8Array(documentBytes)).u8(away ? 1 : 0).text(title);
	return writeExtensions(w, []).bytes();
}

export function decodeDocuments(content: Uint8Array): DocumentsContent | undefined {
	return decode(content, (r) => {
		const secret = r.raw(secretBytes).slice();
		const count = r.u8();
		if (count > maxDocuments) r.fail();
		const rows = Array.from({ length: count }, () => {
			const document = hex(r.raw(documentBytes));
			const state = r.u8();
			const title = r.text(maxTitleBytes);
			if (state > 1 || !isTitle(title)) r.fail();
			return { document, title, away: state === 1 };
		});
		readExtensions(r);
		return { secret, rows };
	});
}
