/**
 * Prekeys (PROTOCOL.md, 3 and 9): the keys that senders wrap to. A device publishes a new one in each BASE of its mail lane; the
 * card's own key is prekey 0. A secret half is stored in one transaction with the BASE that names it, and forgotten 30 days after
 * its successor: that is how long a stolen disk can open what was carried.
 */
import { kemKeyBytes, kemPublicKey } from '../../../crypto/agree.ts';
import { equal, hex } from '../../../crypto/bytes.ts';
import { createWriter, decode } from '../../../crypto/codec.ts';
import type { DeviceKeys } from '../../../crypto/identity.ts';
import type { Random } from '../../../crypto/random.ts';
import { type Entry, type Id, kinds, lanes } from '../../log/entry.ts';
import type { Clock } from '../../ports.ts';
import type { Companion, OfficeStore } from '../../store.ts';

const bucket = 'keys';
/** Of the rows with private halves. */
export const prekeyPrefix = 'prekey-';
/** How long a secret half outlives its successor. */
const keepAfterSuccessorMs = 30 * 24 * 60 * 60 * 1000;

export interface Prekey {
	readonly publicKey: Uint8Array;
	readonly secretKey: Uint8Array;
	/** 0 for the card's own key. */
	readonly drawnMs: number;
}

export interface Prekeys {
	/** One's own, newest first, the card's key last. */
	own(): readonly Prekey[];
	/** The newest prekey that device published, as far as held here. */
	newest(device: Id, cardKemPublic: Uint8Array): Uint8Array;
	/** Whether the private half of the newest prekey this device published is still here. */
	holdsNewest(): boolean;
	/** Takes note of a BASE entry of the mail lane. */
	note(entry: Entry): void;
	/** Draws a new pair: the public half for a BASE, and the record to be written in one transaction with it. */
	draw(): { readonly publicKey: Uint8Array; readonly record: Companion };
	/** Deletes what is past its time. To be called once everything held has been opened. */
	forgetOld(): Promise<void>;
}

export async function openPrekeys(deps: {
	readonly store: OfficeStore;
	readonly keys: DeviceKeys;
	readonly clock: Clock;
	readonly random: Random;
}): Promise<Prekeys> {
	const { store, keys, clock, random } = deps;
	const card: Prekey = { publicKey: keys.kemPublic, secretKey: keys.kemSecret, drawnMs: 0 };
	let drawn: Prekey[] = [];
	for (const [key, value] of await store.all(bucket)) {
		const prekey = key.startsWith(prekeyPrefix) ? decodePrekey(value) : undefined;
		if (prekey) drawn.push(prekey);
	}
	drawn.sort((a, b) => b.drawnMs - a.drawnMs);
	const self = hex(keys.signPublic);
	const published = new Map<Id, { readonly seq: number; readonly prekey: Uint8Array | undefined }>();

	return {
		own: () => [...drawn, card],
		// One's own is the newest drawn, also while the BASE that names it is being written: a published one may have been lost.
		newest: (device, cardKemPublic) => (device === self ? drawn[0]?.publicKey : published.get(device)?.prekey) ?? cardKemPublic,
		holdsNewest() {
			const newest = published.get(self)?.prekey;
			return newest === undefined || drawn.some((prekey) => equal(prekey.publicKey, newest));
		},
		note(entry) {
			const { author, seq, lane, kind } = entry.header;
			if (kind !== kinds.base || lane !== lanes.mail) return;
			const before = published.get(author);
			if (before && before.seq >= seq) return;
			published.set(author, { seq, prekey: decodeBasePrekey(entry.body) ?? before?.prekey });
		},
		draw() {
			const secretKey = random(kemKeyBytes);
			const publicKey = kemPublicKey(secretKey);
			const drawnMs = Math.max(0, Math.floor(clock.now()));
			drawn = [{ secretKey, publicKey, drawnMs }, ...drawn];
			return { publicKey, record: { bucket, key: prekeyPrefix + hex(publicKey), value: createWriter().raw(secretKey).u64(drawnMs).bytes() } };
		},
		async forgetOld() {
			const now = clock.now();
			const old = drawn.filter((_, index) => {
				const successor = drawn[index - 1];
				return successor !== undefined && now - successor.drawnMs > keepAfterSuccessorMs;
			});
			for (const prekey of old) await store.delete(bucket, prekeyPrefix + hex(prekey.publicKey));
			drawn = drawn.filter((prekey) => !old.some((gone) => equal(gone.publicKey, prekey.publicKey)));
		},
	};
}

function decodePrekey(value: Uint8Array): Prekey | undefined {
	return decode(value, (r) => {
		const secretKey = r.raw(kemKeyBytes);
		return { secretKey, publicKey: kemPublicKey(secretKey), drawnMs: r.u64() };
	});
}

/** `BASE = releasedUpTo u64 | opt(prekey 32)`. */
function decodeBasePrekey(body: Uint8Array): Uint8Array | undefined {
	return decode(body, (r) => {
		r.u64();
		return r.u8() === 1 ? r.raw(kemKeyBytes).slice() : undefined;
	});
}
