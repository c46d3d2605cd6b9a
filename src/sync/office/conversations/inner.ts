/**
 * What stands inside the seals of POST and MSG (PROTOCOL.md, 9). Everyone's inside names no place, because its key is bound to
 * one; a conversation's names conversation, epoch, author and seq, and is refused where these are not the entry's own (A02, A26).
 */
import { createWriter, decode, type Reader } from '../../../crypto/codec.ts';
import { hex } from '../../../crypto/bytes.ts';
import { maxPaddedContentBytes } from '../../../crypto/seal.ts';
import { type Id, idBytes, idToBytes } from '../../log/entry.ts';

export const innerTypes = {
	text: 1,
	create: 2,
	add: 3,
	remove: 4,
	leave: 5,
	title: 6,
	read: 7,
	file: 8,
	edit: 9,
	retract: 10,
	reaction: 11,
	dummy: 12,
	documents: 13,
} as const;

/** How many earlier messages one may name as those it follows. */
export const maxFollows = 16;
/** A message's text, in UTF-8. */
export const maxTextBytes = 32 * 1024;

export interface PostInner {
	readonly type: number;
	/** Entry ids this one was written in sight of. */
	readonly follows: readonly Id[];
	readonly content: Uint8Array;
}

export interface MessageInner extends PostInner {
	readonly conversation: Id;
	readonly epoch: Id;
	readonly author: Id;
	readonly seq: number;
}

export function readId(r: Reader): Id {
	return hex(r.raw(idBytes));
}

/** Reads `count` ids. */
export function readIds(r: Reader, count: number): Id[] {
	if (count * idBytes > r.remaining()) r.fail();
	return Array.from({ length: count }, () => readId(r));
}

export function encodePostInner(inner: PostInner): Uint8Array {
	const w = createWriter().u8(inner.type).u8(inner.follows.length);
	for (const id of inner.follows) w.raw(idToBytes(id));
	return w.lp(inner.content).bytes();
}

export function decodePostInner(bytes: Uint8Array): PostInner | undefined {
	return decode(bytes, (r) => {
		const type = r.u8();
		return { type, follows: readFollows(r), content: readContent(r, type) };
	});
}

export function encodeMessageInner(inner: MessageInner): Uint8Array {
	const w = createWriter().u8(inner.type).raw(idToBytes(inner.conversation)).raw(idToBytes(inner.epoch)).raw(idToBytes(inner.author)).u64(inner.seq);
	w.u8(inner.follows.length);
	for (const id of inner.follows) w.raw(idToBytes(id));
	return w.lp(inner.content).bytes();
}

export function decodeMessageInner(bytes: Uint8Array): MessageInner | undefined {
	return decode(bytes, (r) => {
		const type = r.u8();
		const conversation = readId(r);
		const epoch = readId(r);
		const author = readId(r);
		const seq = r.u64();
		return { type, conversation, epoch, author, seq, follows: readFollows(r), content: readContent(r, type) };
	});
}

function readFollows(r: Reader): readonly Id[] {
	const count = r.u8();
	if (count > maxFollows) r.fail();
	return readIds(r, count);
}

function readContent(r: Reader, type: number): Uint8Array {
	return r.lp(type === innerTypes.text ? maxTextBytes : maxPaddedContentBytes);
}
