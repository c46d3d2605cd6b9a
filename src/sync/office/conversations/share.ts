/**
 * What stands inside a SHARE (PROTOCOL.md, 9): keys of single messages, given to who lacks them. `n u8 × (entry 32 | message key 32 |
 * opt(lp Entry))`; an entry travels along where the reader's replica begins after it. Who gives a key vouches for nothing: the message's own
 * signature and the key commitment inside it do.
 */
import { createWriter, decode } from '../../../crypto/codec.ts';
import { pad, unpad } from '../../../crypto/seal.ts';
import { decodeEntry, encodeEntry, type Entry, type Id, idBytes, idToBytes, maxEntryBytes } from '../../log/entry.ts';
import { readId } from './inner.ts';

/** Of one SHARE, padded: with its copies a larger one would not fit an entry. */
const maxInnerBytes = 16_384 - 4;
const maxPairs = 255;
const keyBytes = 32;
const pairBytes = idBytes + keyBytes + 1;

export interface SharedKey {
	readonly id: Id;
	readonly key: Uint8Array;
	/** The message itself, where it travels along. */
	readonly entry: Entry | undefined;
}

/** Padded inners that together carry these, in order. A message too long to travel goes by its key alone. */
export function packShares(keys: readonly SharedKey[]): readonly Uint8Array[] {
	const inners: Uint8Array[] = [];
	let rows: Uint8Array[] = [];
	let bytes = 1;
	const close = (): void => {
		const w = createWriter().u8(rows.length);
		for (const row of rows) w.raw(row);
		const padded = pad(w.bytes());
		if (!padded) throw new Error('a share over its limit');
		inners.push(padded);
		rows = [];
		bytes = 1;
	};
	for (const one of keys) {
		const travels = one.entry && encodeEntry(one.entry);
		const fits = travels !== undefined && pairBytes + 4 + travels.length < maxInnerBytes;
		const w = createWriter().raw(idToBytes(one.id)).raw(one.key);
		const row = (fits ? w.u8(1).lp(travels) : w.u8(0)).bytes();
		if (rows.length === maxPairs || bytes + row.length > maxInnerBytes) close();
		rows.push(row);
		bytes += row.length;
	}
	if (rows.length > 0) close();
	return inners;
}

/** The keys in a padded inner; `undefined` if malformed, or if an entry that travels is not the one named. */
export function decodeShare(padded: Uint8Array): readonly SharedKey[] | undefined {
	const inner = unpad(padded);
	return (
		inner &&
		decode(inner, (r) =>
			Array.from({ length: r.u8() }, () => {
				const id = readId(r);
				const key = r.raw(keyBytes);
				const has = r.u8();
				if (has > 1) return r.fail();
				if (has === 0) return { id, key, entry: undefined };
				const entry = decodeEntry(r.lp(maxEntryBytes));
				return entry?.id === id ? { id, key, entry } : r.fail();
			}),
		)
	);
}
