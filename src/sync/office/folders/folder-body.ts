/** What stands inside a FOLDER (PROTOCOL.md, 11): that somebody shares a folder, its name, and whom it is for; nothing of what lies in it. */
import { fromHex, hex } from '../../../crypto/bytes.ts';
import { createWriter, decode, type Reader } from '../../../crypto/codec.ts';
import { type Extension, readExtensions, writeExtensions } from '../../extensions.ts';
import { idToBytes } from '../../log/entry.ts';
import { readIds } from '../conversations/inner.ts';

/** Of a folder and of a department. */
export const shortIdBytes = 16;
export const maxFolderNameBytes = 255;
/** What a letter of 16 KiB holds beside the rest. */
export const maxNamedPeople = 400;
const maxDepartments = 255;

export interface FolderBody {
	/** 16 bytes, hex. */
	readonly folder: string;
	readonly state: 'shared' | 'over';
	readonly name: string;
	/** 16 bytes each, hex. Both lists are empty where the folder is for everyone. */
	readonly departments: readonly string[];
	/** Member ids. */
	readonly people: readonly string[];
	readonly extensions: readonly Extension[];
}

export function encodeFolder(body: FolderBody): Uint8Array {
	const w = createWriter().raw(shortId(body.folder)).u8(body.state === 'shared' ? 1 : 2).text(body.name).u8(body.departments.length);
	for (const id of body.departments) w.raw(shortId(id));
	w.u16(body.people.length);
	for (const id of body.people) w.raw(idToBytes(id));
	return writeExtensions(w, body.extensions).bytes();
}

export function decodeFolder(bytes: Uint8Array): FolderBody | undefined {
	return decode(bytes, (r) => {
		const folder = readShortId(r);
		const state = r.u8();
		const name = r.text(maxFolderNameBytes);
		const departments = Array.from({ length: r.u8() }, () => readShortId(r));
		const people = readIds(r, r.u16());
		const extensions = readExtensions(r);
		if (name === '' || (state !== 1 && state !== 2)) return r.fail();
		return { folder, state: state === 1 ? 'shared' : 'over', name, departments, people, extensions };
	});
}

export const fitsAudience = (audience: { readonly departments: readonly string[]; readonly people: readonly string[] }): boolean =>
	audience.departments.length <= maxDepartments && audience.people.length <= maxNamedPeople;

export const readShortId = (r: Reader): string => hex(r.raw(shortIdBytes));

/** The bytes of a folder's or department's id; a malformed one is a broken invariant. */
export function shortId(id: string): Uint8Array {
	const bytes = fromHex(id);
	if (bytes?.length !== shortIdBytes) throw new Error('not the id of a folder');
	return bytes;
}
