/**
 * Reading MSG (PROTOCOL.md, 9): the sender key out of the KEYS entry its own author wrote, found by hint, and with it the message; or the
 * key of that one message, given in a SHARE. A key counts for its author alone, whoever sends one (A28), and for one conversation at one
 * epoch: the first message under it says which (A02).
 */
import { createWriter, decode } from '../../../crypto/codec.ts';
import { messageKey, openMessage, openMessageWith, sealMessage, senderKeyBytes } from '../../../crypto/conversation-keys.ts';
import type { Random } from '../../../crypto/random.ts';
import { type Entry, headerPrefix, type Id, kinds, lanes, type Verify, verifyEntry } from '../../log/entry.ts';
import type { Log } from '../../log/log.ts';
import { decodeMessageInner, type MessageInner } from '../conversations/inner.ts';
import type { KeptEntry } from '../conversations/kept.ts';
import type { Opened } from '../conversations/opener.ts';
import { type Copy, readCopies, type Recipient, type SealedCopies, writeCopies } from './sealed-copies.ts';

/** Which sender key a MSG is under: what stands before its seal. */
export interface KeyPlace {
	readonly keysSeq: number;
	readonly index: number;
}

export interface SenderKeys {
	/** An entry that came inside a SHARE is checked by its signature first: it never stood in the log. */
	open(entry: Entry): Opened;
	/** Takes the key of one message, whoever gave it. */
	give(id: Id, key: Uint8Array): void;
	/** Takes note of a message opened earlier, so that its key stays bound to its conversation and epoch. */
	note(kept: KeptEntry): void;
	/** The key of a KEYS entry of that device, if it is held and for us. */
	keyOf(author: Id, keysSeq: number): Uint8Array | undefined;
	/** The key of that one message, to be handed on; `undefined` where it is not held. */
	messageKeyOf(entry: Entry): Uint8Array | undefined;
	/** What the messages under the same key belong to, as far as one of them was opened. */
	conversationOf(entry: Entry): Id | undefined;
}

export function createSenderKeys(deps: {
	readonly log: Log;
	readonly copies: SealedCopies;
	/** The card key of a device of the office; `undefined` while it is not known. */
	readonly device: (id: Id) => Recipient | undefined;
	readonly verify?: Verify | undefined;
}): SenderKeys {
	const { log, copies } = deps;
	const found = new Map<string, Uint8Array | 'locked' | 'not-ours' | 'refused'>();
	const given = new Map<Id, Uint8Array>();
	const bound = new Map<string, Pick<MessageInner, 'conversation' | 'epoch'>>();
	const place = (author: Id, keysSeq: number): string => `${author}:${keysSeq}`;

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

	/** What was opened, if it says of itself what its entry says, and no message under its key said otherwise. */
	function checked(entry: Entry, sealed: KeyPlace, bytes: Uint8Array | undefined): Uint8Array | 'refused' {
		const { author, seq } = entry.header;
		const inner = bytes && decodeMessageInner(bytes);
		if (!inner || inner.author !== author || inner.seq !== seq) return 'refused';
		const under = place(author, sealed.keysSeq);
		const before = bound.get(under);
		if (before && (before.conversation !== inner.conversation || before.epoch !== inner.epoch)) return 'refused';
		bound.set(under, inner);
		return bytes;
	}

	return {
		open(entry) {
			const { author, lane, seq } = entry.header;
			const isForeign = log.get(entry.id) === undefined;
			// Who hands a forged entry on is not its author: it is told of nowhere.
			if (isForeign && (log.at(author, lane, seq) !== undefined || !deps.device(author) || !verifyEntry(entry, deps.verify))) return 'not-ours';
			const sealed = decodeMessageBody(entry.body);
			if (!sealed || sealed.keysSeq >= seq) return 'refused';
			const key = find(author, sealed.keysSeq);
			const shared = given.get(entry.id);
			const aad = headerPrefix(entry.headerBytes);
			if (typeof key !== 'string') return checked(entry, sealed, openMessage(key, sealed.index, aad, sealed.sealed));
			// A wrong key is no fault of the message's author.
			const opened = shared ? checked(entry, sealed, openMessageWith(shared, aad, sealed.sealed)) : key;
			return opened === 'refused' ? key : opened;
		},
		give(id, key) {
			given.set(id, key);
		},
		note(kept) {
			const entry = log.get(kept.id);
			const at = entry && decodeMessageBody(entry.body);
			const inner = decodeMessageInner(kept.inner);
			if (at && inner) bound.set(place(kept.header.author, at.keysSeq), inner);
		},
		keyOf(author, keysSeq) {
			const key = find(author, keysSeq);
			return typeof key === 'string' ? undefined : key;
		},
		messageKeyOf(entry) {
			const at = decodeMessageBody(entry.body);
			const key = at && find(entry.header.author, at.keysSeq);
			return key === undefined || typeof key === 'string' ? given.get(entry.id) : messageKey(key, at?.index ?? 0);
		},
		conversationOf(entry) {
			const at = decodeMessageBody(entry.body);
			return at && bound.get(place(entry.header.author, at.keysSeq))?.conversation;
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
