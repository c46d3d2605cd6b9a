/**
 * `n u16 × (hint 8 | enc 32 | ct 48)`: one key wrapped to many devices (PROTOCOL.md, 9), in KEYS and ACK. A carrier sees only a
 * rounded number: the copies are shuffled, filled up with dummies, and each is found by a hint that two devices alone can make.
 */
import { kemKeyBytes, kemPublicKey } from '../../../crypto/agree.ts';
import { equal } from '../../../crypto/bytes.ts';
import type { Reader, Writer } from '../../../crypto/codec.ts';
import { hintBytes, hintWith, keysHintKey, senderKeyBytes, unwrapSenderKey, type WrapContext, wrappedKeyBytes, wrapSenderKey } from '../../../crypto/conversation-keys.ts';
import { hpkeTagBytes } from '../../../crypto/hpke.ts';
import type { DeviceKeys } from '../../../crypto/identity.ts';
import type { Random } from '../../../crypto/random.ts';
import { type Id, idToBytes } from '../../log/entry.ts';
import type { Prekeys } from './prekeys.ts';

const smallSizes = [8, 16, 32, 64, 128] as const;
const largeStep = 128;
/** What still fits a body, padded: 640 copies are 56,320 bytes. */
export const maxCopies = 640;
const copyBytes = hintBytes + wrappedKeyBytes;

export interface Copy {
	readonly hint: Uint8Array;
	readonly wrapped: Uint8Array;
}

/** A device to wrap for. */
export interface Recipient {
	readonly id: Id;
	readonly kemPublic: Uint8Array;
}

/** Found and opened; found but the secret half is gone; or none of the copies is for this device. */
export type FoundKey = { readonly key: Uint8Array } | 'locked' | 'not-ours';

export interface SealedCopies {
	/** Wraps `key` in the entry of this device at `seq`. Throws above `maxCopies`: commands ask first. */
	wrap(key: Uint8Array, seq: number, recipients: readonly Recipient[]): readonly Copy[];
	/** Whether copies in an entry of this device at `seq` hold one for that device: by its hint, which is as rare by chance as a key. */
	carries(copies: readonly Copy[], seq: number, recipient: Recipient): boolean;
	/** Looks for this device's copy in an entry of `author`. */
	find(copies: readonly Copy[], author: Recipient, seq: number): FoundKey;
}

export function createSealedCopies(deps: {
	readonly officeId: Id;
	readonly keys: DeviceKeys;
	readonly prekeys: Prekeys;
	readonly random: Random;
}): SealedCopies {
	const { keys, prekeys, random } = deps;
	const officeId = idToBytes(deps.officeId);
	/** One scalar multiplication per colleague's device and start. */
	const hintKeys = new Map<Id, Uint8Array | undefined>();

	function hintKey(device: Recipient): Uint8Array | undefined {
		if (!hintKeys.has(device.id)) hintKeys.set(device.id, keysHintKey(keys.kemSecret, device.kemPublic));
		return hintKeys.get(device.id);
	}

	return {
		wrap(key, seq, recipients) {
			if (recipients.length > maxCopies) throw new Error('too many devices for one set of copies');
			const author = keys.signPublic;
			const copies: Copy[] = [];
			for (const recipient of recipients) {
				const own = hintKey(recipient);
				const context: WrapContext = { officeId, author, seq, recipient: idToBytes(recipient.id) };
				const wrapped = wrapSenderKey(random, prekeys.newest(recipient.id, recipient.kemPublic), context, key);
				// A device with a key of low order shuts itself out, nobody else.
				if (own && wrapped) copies.push({ hint: hintWith(own, author, seq), wrapped });
			}
			while (copies.length < paddedCount(recipients.length)) copies.push(dummy(random));
			return shuffled(copies, random);
		},
		carries(copies, seq, recipient) {
			const shared = hintKey(recipient);
			const hint = shared && hintWith(shared, keys.signPublic, seq);
			return hint !== undefined && copies.some((copy) => equal(copy.hint, hint));
		},
		find(copies, author, seq) {
			const authorBytes = idToBytes(author.id);
			const shared = hintKey(author);
			const hint = shared && hintWith(shared, authorBytes, seq);
			const mine = hint ? copies.filter((copy) => equal(copy.hint, hint)) : [];
			if (mine.length === 0) return 'not-ours';
			const context: WrapContext = { officeId, author: authorBytes, seq, recipient: keys.signPublic };
			for (const { wrapped } of mine) {
				for (const prekey of prekeys.own()) {
					const key = unwrapSenderKey(prekey.secretKey, prekey.publicKey, context, wrapped);
					if (key) return { key };
				}
			}
			return 'locked';
		},
	};
}

export function writeCopies(w: Writer, copies: readonly Copy[]): Writer {
	w.u16(copies.length);
	for (const copy of copies) w.raw(copy.hint).raw(copy.wrapped);
	return w;
}

export function readCopies(r: Reader): readonly Copy[] {
	const count = r.u16();
	if (count * copyBytes > r.remaining()) r.fail();
	return Array.from({ length: count }, () => ({ hint: r.raw(hintBytes), wrapped: r.raw(wrappedKeyBytes) }));
}

/** How many copies stand in an entry for that many recipients. */
export function paddedCount(recipients: number): number {
	return smallSizes.find((size) => recipients <= size) ?? Math.ceil(recipients / largeStep) * largeStep;
}

/** Looks like a copy: its `enc` is a real point, because half of all 32-byte strings are not. */
function dummy(random: Random): Copy {
	const wrapped = new Uint8Array(wrappedKeyBytes);
	wrapped.set(kemPublicKey(random(kemKeyBytes)));
	wrapped.set(random(senderKeyBytes + hpkeTagBytes), kemKeyBytes);
	return { hint: random(hintBytes), wrapped };
}

/** Fisher and Yates. The bias of a 32-bit remainder over 640 places is below 2^-22. */
function shuffled(copies: readonly Copy[], random: Random): readonly Copy[] {
	const order = [...copies];
	const draws = new DataView(new Uint8Array(random(4 * Math.max(1, order.length))).buffer);
	for (let last = order.length - 1; last > 0; last--) {
		const other = draws.getUint32(4 * last) % (last + 1);
		const a = order[last];
		const b = order[other];
		if (a && b) [order[last], order[other]] = [b, a];
	}
	return order;
}
