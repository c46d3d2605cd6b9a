/**
 * Reading MSG (PROTOCOL.md, 9): the sender key out of the KEYS entry its own author wrote, found by hint, and with it the message. A key counts
 * for its author alone, whoever sends one (A28), and for one conversation at one epoch: the first message under it says which (A02).
 */
import { createWriter, decode } from '../../../crypto/codec.ts';
import { openMessage, sealMessage, senderKeyBytes } from '../../../crypto/conversation-keys.ts';
import type { Random } from '../../../crypto/random.ts';
import { type Entry, headerPrefix, type Id, kinds, lanes } from '../../log/entry.ts';
import type { Log } from '../../log/log.ts';
import { decodeMessageInner } from '../conversations/inner.ts';
import type { KeptEntry } from '../conversations/kept.ts';
import type { Opened } from '../conversations/opener.ts';
import { type Copy, readCopies, type Recipient, type SealedCopies, writeCopies } from './sealed-copies.ts';

/** Which sender key a MSG is under: what stands before its seal. */
export interface KeyPlace {
	readonly keysSeq: number;
	readonly index: number;
}

export interface SenderKeys {
	open(entry: Entry): Opened;
	/** Takes note of a message opened earlier, so that its key stays bound to its conversation and epoch. */
	note(kept: KeptEntry): void;
	/** The key of a KEYS entry of that device, if it is held and for us. */
	keyOf(author: Id, keysSeq: number): Uint8Array | undefined;
}

export function createSenderKeys(deps: {
	readonly log: Log;
	readonly copies: SealedCopies;
	/** The card key of a device of the office; `undefined` while it is not known. */
	readonly device: (id: Id) => Recipient | undefined;
}): SenderKeys {
	const { log, copies } = deps;
	const found = new Map<string, Uint8Array | 'locked' | 'not-ours' | 'refused'>();
	const bound = new Map<string, string>();
	const place = (author: Id, keysSeq: number): string => `${author}:${keysSeq}`;
	const meaning = (inner: { conversation: Id; epoch: Id }): string => inner.conversation + inner.epoch;

	function find(author: Id, keysSeq: number): Uint8Array | 'pending' | 'locked' | 'not-ours' | 'refused' {
		const known = found.get(place(author, keysSeq));
		if (known) return known;
		const entry = log.at(author, lanes.mail, keysSeq);
		const card = deps.device(author);
		if (!entry || !card) return 'pending';
		const held = entry.header.kind === kinds.keys ? decode(entry.body, readCopies) : undefined;
		const key = held ? copies.find(held, card, keysSeq) : 'refused';
		const answer = typeof key === 'string' ? key : key.key;
		found.set(place(author, keysSeq), answer);
		return answer;
	}

	return {
		open(entry) {
			const { author, seq } = entry.header;
			const sealed = decodeMessageBody(entry.body);
			if (!sealed || sealed.keysSeq >= seq) return 'refused';
			const key = find(author, sealed.keysSeq);
			if (typeof key === 'string') return key;
			const bytes = openMessage(key, sealed.index, headerPrefix(entry.headerBytes), sealed.sealed);
			const inner = bytes && decodeMessageInner(bytes);
			if (!inner || inner.author !== author || inner.seq !== seq) return 'refused';
			const under = place(author, sealed.keysSeq);
			const before = bound.get(under);
			if (before !== undefined && before !== meaning(inner)) return 'refused';
			bound.set(under, meaning(inner));
			return bytes;
		},
		note(kept) {
			const entry = log.get(kept.id);
			const at = entry && decodeMessageBody(entry.body);
			const inner = decodeMessageInner(kept.inner);
			if (at && inner) bound.set(place(kept.header.author, at.keysSeq), meaning(inner));
		},
		keyOf(author, keysSeq) {
			const key = find(author, keysSeq);
			return typeof key === 'string' ? undefined : key;
		},
	};
}

/** The body of a KEYS entry. */
export function encodeKeysBody(copies: readonly Copy[]): Uint8Array {
	return writeCopies(createWriter(), copies).bytes();
}

/** The body of a MSG; `undefined` if the inner is too long. */
export function encodeMessageBody(random: Random, key: Uint8Array, at: KeyPlace, prefix: Uint8Array, inner: Uint8Array): Uint8Array | undefined {
	const sealed = sealMessage(random, key, at.index, prefix, inner);
	return sealed && createWriter().u64(at.keysSeq).u32(at.index).raw(sealed).bytes();
}

export function decodeMessageBody(body: Uint8Array): (KeyPlace & { readonly sealed: Uint8Array }) | undefined {
	return decode(body, (r) => ({ keysSeq: r.u64(), index: r.u32(), sealed: r.raw(r.remaining()) }));
}

/** A fresh sender key. */
export const drawSenderKey = (random: Random): Uint8Array => random(senderKeyBytes);
