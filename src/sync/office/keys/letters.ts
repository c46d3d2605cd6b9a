/**
 * A letter: `lp SEAL(k, aad = Header up to and with refs, inner) | copies of k as in KEYS` (PROTOCOL.md, 9), the body of ACK, KEYREQ and
 * SHARE. Who it is for shows in nothing: a carrier sees a rounded number of copies.
 */
import { createWriter, decode } from '../../../crypto/codec.ts';
import { senderKeyBytes } from '../../../crypto/conversation-keys.ts';
import type { Random } from '../../../crypto/random.ts';
import { open, seal, sealOverheadBytes } from '../../../crypto/seal.ts';
import { type Entry, headerPrefix, type Id, type Position } from '../../log/entry.ts';
import { readCopies, type Recipient, type SealedCopies, writeCopies } from './sealed-copies.ts';

/** The longest inner: a share of 16 KiB. */
const maxLetterBytes = 16_384;

/** The inner, or why there is none: as `Opened` of the opener. */
export type OpenedLetter = Uint8Array | 'pending' | 'locked' | 'not-ours' | 'refused';

export interface Letters {
	/** The body of a letter at that place. */
	seal(at: Position, inner: Uint8Array, recipients: readonly Recipient[]): Uint8Array;
	open(entry: Entry): OpenedLetter;
}

export function createLetters(deps: {
	readonly copies: SealedCopies;
	/** The card of a device; `undefined` while it is not known. */
	readonly device: (id: Id) => Recipient | undefined;
	readonly random: Random;
}): Letters {
	const { copies, random } = deps;
	return {
		seal(at, inner, recipients) {
			const key = random(senderKeyBytes);
			return writeCopies(createWriter().lp(seal(random, key, at.prefix, inner)), copies.wrap(key, at.seq, recipients)).bytes();
		},
		open(entry) {
			const body = decode(entry.body, (r) => ({ sealed: r.lp(maxLetterBytes + sealOverheadBytes), copies: readCopies(r) }));
			if (!body) return 'refused';
			const card = deps.device(entry.header.author);
			if (!card) return 'pending';
			const found = copies.find(body.copies, card, entry.header.seq);
			if (typeof found === 'string') return found;
			return open(found.key, headerPrefix(entry.headerBytes), body.sealed) ?? 'refused';
		},
	};
}
