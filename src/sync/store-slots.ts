/**
 * The slots of a vault as rows of `meta` (PROTOCOL.md, section 10). They change in one transaction, after which something still opens: no
 * moment is without a slot, whatever is cut off when.
 */
import type { IDBPDatabase } from 'idb';
import { hex } from '../crypto/bytes.ts';
import { sha256 } from '../crypto/hash.ts';
import type { ProfileSlot } from '../crypto/vault-profile.ts';
import { decodeSlot, encodeSlot, type PasskeySlot, type PassphraseSlot, type RecoverySlot, type SealedSlot } from '../crypto/vault-slot.ts';
import { commit, type OfficeSchema } from './store-database.ts';

/** The first slot's row, and how the others' begin. Records' tags are hex, so none begins so. */
const firstRow = 'slot';
const credentialHexLength = 16;

export type Slot = ProfileSlot | SealedSlot;

/** What a vault can be opened with. */
export interface Slots {
	readonly profile: ProfileSlot | undefined;
	readonly passphrase: PassphraseSlot | undefined;
	readonly passkeys: readonly PasskeySlot[];
	readonly recovery: RecoverySlot | undefined;
}

export interface SlotChange {
	readonly put?: readonly Slot[];
	/** Of these kinds all but what is put. */
	readonly drop?: readonly Slot['kind'][];
}

/** Whether a row of `meta` is a slot and no record. */
export const isSlotRow = (key: string): boolean => key.startsWith(firstRow);

/** Whether there is any, be it unreadable: then this is somebody's vault. */
export async function hasSlots(db: IDBPDatabase<OfficeSchema>): Promise<boolean> {
	return (await db.count('meta', allRows())) > 0;
}

export async function readSlots(db: IDBPDatabase<OfficeSchema>): Promise<Slots> {
	const rows = await db.getAll('meta', allRows());
	return sort(rows.map(readSlot));
}

/** Strict, and all of it or nothing. Rejects if nothing but a recovery code, or nothing at all, would open the vault afterwards. */
export async function changeSlots(db: IDBPDatabase<OfficeSchema>, { put = [], drop = [] }: SlotChange): Promise<Slots> {
	const tx = db.transaction('meta', 'readwrite', { durability: 'strict' });
	const range = allRows();
	const [keys, values] = await Promise.all([tx.store.getAllKeys(range), tx.store.getAll(range)]);
	const after = new Map(keys.map((key, index) => [key, readSlot(values[index])]));
	const added = new Map(put.map((slot) => [rowOf(slot), slot]));
	const gone = keys.filter((key) => drop.some((kind) => kind === after.get(key)?.kind) && !added.has(key));
	for (const key of gone) after.delete(key);
	for (const [key, slot] of added) after.set(key, slot);
	const slots = sort([...after.values()]);
	await commit(tx, (wait) => {
		if (!slots.profile && !slots.passphrase && slots.passkeys.length === 0) throw new Error('a vault must keep a slot that opens it');
		for (const [key, slot] of added) wait(tx.store.put(slot.kind === 'profile' ? slot : encodeSlot(slot), key));
		for (const key of gone) wait(tx.store.delete(key));
	});
	return slots;
}

const allRows = (): IDBKeyRange => IDBKeyRange.bound(firstRow, `${firstRow}\uffff`);

function rowOf(slot: Slot): string {
	switch (slot.kind) {
		case 'profile':
			return firstRow;
		case 'passkey':
			return `${firstRow}-passkey-${hex(sha256(slot.credentialId)).slice(0, credentialHexLength)}`;
		case 'passphrase':
		case 'recovery':
			return `${firstRow}-${slot.kind}`;
	}
}

function readSlot(value: ProfileSlot | Uint8Array | undefined): Slot | undefined {
	return value instanceof Uint8Array ? decodeSlot(value) : value;
}

function sort(slots: readonly (Slot | undefined)[]): Slots {
	const of = <K extends Slot['kind']>(kind: K) => slots.filter((slot): slot is Extract<Slot, { kind: K }> => slot?.kind === kind);
	return { profile: of('profile')[0], passphrase: of('passphrase').at(-1), passkeys: of('passkey'), recovery: of('recovery')[0] };
}
