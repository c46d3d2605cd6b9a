/** A member with a changed client: writes into its own mail lane what no honest client would. */
import { utf8 } from '../../src/crypto/bytes.ts';
import type { Random } from '../../src/crypto/random.ts';
import { type Entry, kinds, lanes, type Position } from '../../src/sync/log/entry.ts';
import { encodeMessageInner, innerTypes, type MessageInner } from '../../src/sync/office/conversations/inner.ts';
import { createLetters } from '../../src/sync/office/keys/letters.ts';
import { openPrekeys } from '../../src/sync/office/keys/prekeys.ts';
import { type Copy, createSealedCopies, type Recipient } from '../../src/sync/office/keys/sealed-copies.ts';
import { createSenderKeys, encodeKeysBody, encodeMessageBody, type SenderKeys } from '../../src/sync/office/keys/sender-keys.ts';
import { must, type Talker } from './content-office.ts';
import { createMemoryStore } from './memory-store.ts';

const cardOf = (talker: Talker): Recipient => ({ id: talker.id, kemPublic: talker.keys.kemPublic });

export async function hostileMail(mallory: Talker, officeId: string, random: Random) {
	const prekeys = await openPrekeys({ store: createMemoryStore(officeId), keys: mallory.keys, clock: { now: () => 0, after: () => () => undefined }, random });
	const copies = createSealedCopies({ officeId, keys: mallory.keys, prekeys, random });
	const letters = createLetters({ copies, device: () => undefined, random });
	const write = async (kind: number, body: (at: Position) => Uint8Array): Promise<Entry> => must(await mallory.log.append({ kind, lane: lanes.mail, body }));
	return {
		keys: (key: Uint8Array, readers: readonly Talker[]) => write(kinds.keys, (at) => encodeKeysBody(copies.wrap(key, at.seq, readers.map(cardOf)))),
		copies: (make: (at: Position) => readonly Copy[]) => write(kinds.keys, (at) => encodeKeysBody(make(at))),
		wrap: (key: Uint8Array, seq: number, readers: readonly Talker[]) => copies.wrap(key, seq, readers.map(cardOf)),
		message(key: Uint8Array, keysSeq: number, index: number, inner: (at: Position) => Partial<MessageInner> & Pick<MessageInner, 'conversation'>) {
			return write(kinds.msg, (at) => {
				const whole = { type: innerTypes.text, epoch: '11'.repeat(32), author: at.author, seq: at.seq, follows: [], content: utf8('hostile'), ...inner(at) };
				return encodeMessageBody(random, key, { keysSeq, index }, at.prefix, encodeMessageInner(whole))!;
			});
		},
		/** A KEYREQ or SHARE. */
		letter: (kind: number, inner: Uint8Array, readers: readonly Talker[]) => write(kind, (at) => letters.seal(at, inner, readers.map(cardOf))),
		raw: (kind: number, body: Uint8Array) => write(kind, () => body),
	};
}

/** The keys this device can open, as a changed client would take them from its own memory. */
export async function keysOpenTo(talker: Talker, random: Random): Promise<SenderKeys> {
	const store = createMemoryStore(talker.log.officeId, talker.disk);
	const prekeys = await openPrekeys({ store, keys: talker.keys, clock: { now: () => 0, after: () => () => undefined }, random });
	const copies = createSealedCopies({ officeId: talker.log.officeId, keys: talker.keys, prekeys, random });
	return createSenderKeys({ log: talker.log, copies, device: (id) => talker.members.get().devices.get(id) });
}
