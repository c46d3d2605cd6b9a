/** What stands inside a NOTICE (PROTOCOL.md, 4): fields of later builds included, their bytes are final. */
import { hex } from '../../../crypto/bytes.ts';
import { createWriter, decode } from '../../../crypto/codec.ts';
import { tag } from '../../../crypto/hash.ts';
import { labels } from '../../../crypto/labels.ts';
import { type Extension, readExtensions, writeExtensions } from '../../extensions.ts';
import { type Id, idToBytes } from '../../log/entry.ts';
import { readId } from '../conversations/inner.ts';

export const maxNoticeTitleBytes = 256;
export const maxNoticeTextBytes = 49_152;
const asksFlag = 1;

export interface NoticeBody {
	readonly flags: number;
	readonly priority: 0 | 1 | 2;
	readonly startsMs: number;
	/** 0 = does not expire. */
	readonly expiresMs: number;
	/** Id of the first version, where this is a later one. */
	readonly revises: Id | undefined;
	readonly title: string;
	readonly format: 0 | 1;
	readonly content: Uint8Array;
	readonly extensions: readonly Extension[];
}

/** A plain notice with nothing special. */
export function plainNotice(notice: { title: string; content: Uint8Array; asksAcknowledgement: boolean; startsMs: number }): NoticeBody {
	const { title, content, startsMs } = notice;
	return { flags: notice.asksAcknowledgement ? asksFlag : 0, priority: 0, startsMs, expiresMs: 0, revises: undefined, title, format: 0, content, extensions: [] };
}

export const asksAcknowledgement = (body: NoticeBody): boolean => (body.flags & asksFlag) !== 0;

export function encodeNotice(body: NoticeBody): Uint8Array {
	const w = createWriter().u16(body.flags).u8(body.priority).u64(body.startsMs).u64(body.expiresMs);
	if (body.revises === undefined) w.u8(0);
	else w.u8(1).raw(idToBytes(body.revises));
	return writeExtensions(w.text(body.title).u8(body.format).lp(body.content), body.extensions).bytes();
}

export function decodeNotice(bytes: Uint8Array): NoticeBody | undefined {
	return decode(bytes, (r) => {
		const flags = r.u16();
		const priority = r.u8();
		const startsMs = r.u64();
		const expiresMs = r.u64();
		const isRevision = r.u8();
		if (isRevision > 1) r.fail();
		const revises = isRevision === 1 ? readId(r) : undefined;
		const title = r.text(maxNoticeTitleBytes);
		const format = r.u8();
		const content = r.lp(maxNoticeTextBytes);
		const extensions = readExtensions(r);
		if (priority !== 0 && priority !== 1 && priority !== 2) return r.fail();
		if (format !== 0 && format !== 1) return r.fail();
		return { flags, priority, startsMs, expiresMs, revises, title, format, content, extensions };
	});
}

/** `H(notice, inner)`: what an acknowledgement signs. */
export function noticeHash(inner: Uint8Array): Id {
	return hex(tag(labels.notice, inner));
}
