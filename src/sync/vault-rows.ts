/**
 * Rows as they rest (PROTOCOL.md, section 10): sealed under a sub-key of their object store, bound to store and row key; the row keys
 * themselves keyed hashes, because they would name persons.
 */
import { hex, utf8 } from '../crypto/bytes.ts';
import { derive, hmac } from '../crypto/hash.ts';
import { labels } from '../crypto/labels.ts';
import type { Random } from '../crypto/random.ts';
import { openRecord, sealRecord, storeKey } from '../crypto/vault.ts';
import type { StoreName } from './store-database.ts';

/** Stands in every record's associated data; a later form of a record takes the next. */
const recordVersion = 1;
const tagHexLength = 32;

export interface VaultRows {
	/** The row key for a clear one, hex. */
	tag(store: StoreName, key: string): string;
	seal(store: StoreName, rowKey: string, plain: Uint8Array): Uint8Array;
	/** `undefined` for a record that is damaged or stood elsewhere; it is counted. */
	open(store: StoreName, rowKey: string, sealed: Uint8Array): Uint8Array | undefined;
	readonly damaged: () => number;
}

export function createVaultRows(dataKey: Uint8Array, random: Random): VaultRows {
	let damaged = 0;
	const keys = new Map<StoreName, Uint8Array>();
	const tagKey = derive(dataKey, labels.vault, utf8('row-tags'));

	const keyOf = (store: StoreName): Uint8Array => {
		const key = keys.get(store) ?? storeKey(dataKey, store);
		keys.set(store, key);
		return key;
	};

	return {
		tag: (store, key) => hex(hmac(tagKey, utf8(`${store}\0${key}`))).slice(0, tagHexLength),
		seal: (store, rowKey, plain) => sealRecord(random, keyOf(store), store, rowKey, recordVersion, plain),
		open(store, rowKey, sealed) {
			const plain = openRecord(keyOf(store), store, rowKey, recordVersion, sealed);
			if (plain === undefined) damaged++;
			return plain;
		},
		damaged: () => damaged,
	};
}
