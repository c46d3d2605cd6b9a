/** The contents of a conversation's own entries: CREATE, ADD, REMOVE, LEAVE, TITLE, READ (PROTOCOL.md, 9), and its ids. */
import { fromUtf8, hex, utf8 } from '../../../crypto/bytes.ts';
import { createWriter, decode, type Reader, type Writer } from '../../../crypto/codec.ts';
import { tag } from '../../../crypto/hash.ts';
import { labels } from '../../../crypto/labels.ts';
import { readExtensions, writeExtensions } from '../../extensions.ts';
import { type Id, idBytes, idToBytes } from '../../log/entry.ts';
import { innerTypes, readId, readIds } from './inner.ts';

/** Of CREATE's extensions: one byte, 1. */
const sharesHistoryTag = 1;
export const nonceBytes = 16;
export const maxTitleBytes = 128;
/** Members of one group. Bounds what one hostile entry can make others compute. */
export const maxGroupMembers = 500;
export const maxStateHeads = 255;
const maxReadRows = 1024;
const maxStateBytes = idBytes + nonceBytes + 4 + maxTitleBytes + 2 + maxGroupMembers * idBytes + 1 + maxStateHeads * idBytes;

/** A group as one entry tells it whole, for those who could not read what came before. */
export interface GroupState {
	/** Creator device and nonce: the conversation id is their hash, so neither can be claimed falsely. */
	readonly creator: Id;
	readonly nonce: Uint8Array;
	readonly title: string;
	/** Member ids, sorted. */
	readonly members: readonly Id[];
	/** State entries that no other state entry follows, sorted. */
	readonly heads: readonly Id[];
}

export type StateChange =
	/** `sharesHistory`: members may give newcomers what was said before. */
	| { readonly type: 'create'; readonly nonce: Uint8Array; readonly title: string; readonly members: readonly Id[]; readonly sharesHistory: boolean }
	| { readonly type: 'add'; readonly members: readonly Id[]; readonly state: GroupState }
	| { readonly type: 'remove'; readonly members: readonly Id[] }
	| { readonly type: 'leave' }
	| { readonly type: 'title'; readonly title: string };

/** The same from both ends: nobody has to create it. */
export function directId(officeId: Id, memberA: Id, memberB: Id): Id {
	const [smaller, larger] = memberA < memberB ? [memberA, memberB] : [memberB, memberA];
	return hex(tag(labels.conversation, idToBytes(officeId), Uint8Array.of(0), idToBytes(smaller), idToBytes(larger)));
}

export function groupId(officeId: Id, creatorDevice: Id, nonce: Uint8Array): Id {
	return hex(tag(labels.conversation, idToBytes(officeId), Uint8Array.of(1), idToBytes(creatorDevice), nonce));
}

/** `H(epoch, conversation | n u8 state heads sorted | n u16 devices sorted)`: one set of readers at one state. */
export function epochId(conversation: Id, heads: readonly Id[], devices: readonly Id[]): Id {
	const w = createWriter().raw(idToBytes(conversation)).u8(heads.length);
	for (const id of [...heads].sort()) w.raw(idToBytes(id));
	w.u16(devices.length);
	for (const id of [...devices].sort()) w.raw(idToBytes(id));
	return hex(tag(labels.epoch, w.bytes()));
}

export function encodeChange(change: StateChange): Uint8Array {
	const w = createWriter();
	switch (change.type) {
		case 'create':
			return writeExtensions(writeIds(w.raw(change.nonce).text(change.title), change.members), change.sharesHistory ? [{ tag: sharesHistoryTag, bytes: Uint8Array.of(1) }] : []).bytes();
		case 'add':
			return writeIds(w, change.members).lp(encodeState(change.state)).bytes();
		case 'remove':
			return writeIds(w, change.members).bytes();
		case 'leave':
			return w.bytes();
		case 'title':
			return w.text(change.title).bytes();
	}
}

/** The change of an inner of that type; `undefined` for malformed content and for types that change no state. */
export function decodeChange(type: number, content: Uint8Array): StateChange | undefined {
	return decode<StateChange>(content, (r) => {
		switch (type) {
			case innerTypes.create: {
				const nonce = r.raw(nonceBytes);
				const title = r.text(maxTitleBytes);
				const members = readMembers(r);
				const sharesHistory = readExtensions(r).some(({ tag, bytes }) => tag === sharesHistoryTag && bytes.length === 1 && bytes[0] === 1);
				return { type: 'create', nonce, title, members, sharesHistory };
			}
			case innerTypes.add: {
				const members = readMembers(r);
				return { type: 'add', members, state: decodeState(r.lp(maxStateBytes)) ?? r.fail() };
			}
			case innerTypes.remove:
				return { type: 'remove', members: readMembers(r) };
			case innerTypes.leave:
				return { type: 'leave' };
			case innerTypes.title:
				return { type: 'title', title: r.text(maxTitleBytes) };
			default:
				return r.fail();
		}
	});
}

export function changeType(change: StateChange): number {
	return innerTypes[change.type];
}

export function encodeState(state: GroupState): Uint8Array {
	const w = writeIds(createWriter().raw(idToBytes(state.creator)).raw(state.nonce).text(state.title), state.members);
	w.u8(state.heads.length);
	for (const id of state.heads) w.raw(idToBytes(id));
	return w.bytes();
}

export function decodeState(bytes: Uint8Array): GroupState | undefined {
	return decode(bytes, (r) => {
		const creator = readId(r);
		const nonce = r.raw(nonceBytes);
		const title = r.text(maxTitleBytes);
		const members = readMembers(r);
		return { creator, nonce, title, members, heads: readIds(r, r.u8()) };
	});
}

/** How far each author device's messages of this conversation were read. */
export function encodeRead(read: ReadonlyMap<Id, number>): Uint8Array {
	const rows = [...read].sort(([a], [b]) => (a < b ? -1 : 1)).slice(0, maxReadRows);
	const w = createWriter().u16(rows.length);
	for (const [device, seq] of rows) w.raw(idToBytes(device)).u64(seq);
	return w.bytes();
}

export function decodeRead(content: Uint8Array): ReadonlyMap<Id, number> | undefined {
	return decode(content, (r) => {
		const count = r.u16();
		if (count > maxReadRows) r.fail();
		return new Map(Array.from({ length: count }, () => [readId(r), r.u64()] as const));
	});
}

/** Whether a title fits its field and survives the way there and back. */
export function isTitle(title: string): boolean {
	const bytes = utf8(title);
	return bytes.length <= maxTitleBytes && fromUtf8(bytes) === title;
}

function writeIds(w: Writer, ids: readonly Id[]): Writer {
	w.u16(ids.length);
	for (const id of ids) w.raw(idToBytes(id));
	return w;
}

function readMembers(r: Reader): Id[] {
	const count = r.u16();
	if (count > maxGroupMembers) r.fail();
	return readIds(r, count);
}
