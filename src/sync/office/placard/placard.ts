/**
 * The placard's notices out of what is held (PROTOCOL.md, 4): versions and withdrawals of managers, by the resolver's word alone. A notice is
 * known by its first version; the version shown is the last in order of display.
 */
import { fromUtf8 } from '../../../crypto/bytes.ts';
import { contentKey } from '../../../crypto/mesh-key.ts';
import { open, seal } from '../../../crypto/seal.ts';
import { hex } from '../../../crypto/bytes.ts';
import type { Random } from '../../../crypto/random.ts';
import { type Entry, type Header, headerPrefix, type Id, idToBytes, kinds, lanes } from '../../log/entry.ts';
import { createCell, type Source } from '../../source.ts';
import { decodeAct } from '../members/acts.ts';
import type { ContentRoots } from '../conversations/content-ports.ts';
import type { KeptEntry } from '../conversations/kept.ts';
import { decodeNotice, type NoticeBody, noticeHash } from './notice-body.ts';
import type { Opened } from '../conversations/opener.ts';

/** To everybody, under the mesh key's content root. */
const toAll = 0;

export interface Version {
	readonly id: Id;
	readonly header: Header;
	readonly body: NoticeBody;
	readonly text: string;
	/** What an acknowledgement names. */
	readonly hash: Id;
}

export interface Posted {
	/** Entry id of the first version. */
	readonly id: Id;
	readonly first: Version;
	readonly current: Version;
}

export interface Placard {
	/** The inner of a NOTICE. */
	open(entry: Entry): Opened;
	/** Audience, key id and sealed form for a NOTICE at that place; `undefined` without a root. */
	seal(at: { readonly author: Id; readonly seq: number; readonly prefix: Uint8Array }, inner: Uint8Array): { audience: number; keyId: Uint8Array; sealed: Uint8Array } | undefined;
	/** Takes opened NOTICE entries; others are left alone. */
	place(entries: readonly KeptEntry[]): void;
	/** Takes NOTICE_WITHDRAW entries; others are left alone. */
	placeWithdrawals(entries: Iterable<Entry>): void;
	/** Those that stand, newest first. */
	posted(inForce: ReadonlySet<Id>): readonly Posted[];
	/** Another number after each change. */
	readonly version: Source<number>;
}

export function createPlacard(deps: { readonly roots: ContentRoots; readonly random: Random }): Placard {
	const versions = new Map<Id, Version>();
	/** Withdrawing acts by notice. */
	const withdrawals = new Map<Id, Id[]>();
	const version = createCell(0);
	const keyAt = (root: Uint8Array, author: Id, seq: number): Uint8Array => contentKey(root, kinds.notice, idToBytes(author), lanes.office, seq);

	return {
		version,
		open(entry) {
			const act = decodeAct(entry.header.kind, entry.body);
			if (act?.type !== 'notice') return 'refused';
			if (act.audience !== toAll) return 'not-ours';
			const keyId = hex(act.keyId);
			const root = deps.roots.root(keyId);
			if (!root) return 'pending';
			const inner = open(keyAt(root, entry.header.author, entry.header.seq), headerPrefix(entry.headerBytes), act.sealed);
			if (!inner) return deps.roots.isSure(keyId) ? 'refused' : 'pending';
			deps.roots.opened(keyId);
			return decodeNotice(inner) ? inner : 'refused';
		},
		seal(at, inner) {
			const current = deps.roots.current();
			if (!current) return undefined;
			return { audience: toAll, keyId: current.keyId, sealed: seal(deps.random, keyAt(current.root, at.author, at.seq), at.prefix, inner) };
		},
		place(entries) {
			let changed = false;
			for (const { id, header, inner } of entries) {
				const body = header.kind === kinds.notice ? decodeNotice(inner) : undefined;
				if (!body || versions.has(id)) continue;
				versions.set(id, { id, header, body, text: fromUtf8(body.content) ?? '', hash: noticeHash(inner) });
				changed = true;
			}
			if (changed) version.set(version.get() + 1);
		},
		placeWithdrawals(entries) {
			let changed = false;
			for (const entry of entries) {
				if (entry.header.kind !== kinds.noticeWithdraw) continue;
				const act = decodeAct(entry.header.kind, entry.body);
				if (act?.type !== 'noticeWithdraw') continue;
				withdrawals.set(act.notice, [...(withdrawals.get(act.notice) ?? []), entry.id]);
				changed = true;
			}
			if (changed) version.set(version.get() + 1);
		},
		posted(inForce) {
			const current = new Map<Id, Version>();
			for (const one of versions.values()) {
				const id = one.body.revises ?? one.id;
				const known = current.get(id);
				if (inForce.has(one.id) && (!known || isLater(one.header, known.header))) current.set(id, one);
			}
			const posted: Posted[] = [];
			for (const [id, newest] of current) {
				const first = versions.get(id);
				const isFirst = first !== undefined && first.body.revises === undefined && inForce.has(id);
				const isWithdrawn = withdrawals.get(id)?.some((act) => inForce.has(act)) ?? false;
				if (isFirst && !isWithdrawn) posted.push({ id, first, current: newest });
			}
			return posted.sort((a, b) => (isLater(a.first.header, b.first.header) ? -1 : 1));
		},
	};
}

/** In order of display. */
function isLater(a: Header, b: Header): boolean {
	if (a.lamport !== b.lamport) return a.lamport > b.lamport;
	if (a.author !== b.author) return a.author > b.author;
	return a.seq > b.seq;
}
