/** This device's keys at rest: in the sealed store, written strictly, for without them the person is locked out of their own office. */
import { createWriter, decode } from '../../../crypto/codec.ts';
import type { DeviceKeys } from '../../../crypto/identity.ts';
import type { Companion, OfficeStore } from '../../store.ts';
import { prekeyPrefix } from './prekeys.ts';

const bucket = 'keys';
const record = 'device';
/** While this browser starts anew: the keys it had. */
const formerRecord = 'device-before';
const keyBytes = 32;

export function saveDeviceKeys(store: OfficeStore, keys: DeviceKeys): Promise<void> {
	return store.put(bucket, record, encode(keys), true);
}

/** `undefined` when there are none or the record is damaged. */
export async function loadDeviceKeys(store: OfficeStore): Promise<DeviceKeys | undefined> {
	return read(store, record);
}

/** Takes new keys in place of those there, which stay aside until they are forgotten or taken back. `alongside` rests with that or not at all. */
export async function replaceDeviceKeys(store: OfficeStore, keys: DeviceKeys, alongside: Companion): Promise<void> {
	const before = await store.get(bucket, record);
	if (before === undefined) throw new Error('keys are replaced where there are some');
	await store.putAll([{ bucket, key: formerRecord, value: before }, { bucket, key: record, value: encode(keys) }, alongside], true);
}

/** The keys that stand aside. */
export const loadFormerKeys = (store: OfficeStore): Promise<DeviceKeys | undefined> => read(store, formerRecord);

/** The keys that stand aside become this device's again. */
export async function takeBackDeviceKeys(store: OfficeStore): Promise<void> {
	const keys = await read(store, formerRecord);
	if (keys === undefined) return;
	await saveDeviceKeys(store, keys);
	await store.delete(bucket, formerRecord);
}

/** Deletes the keys that stand aside, and what only they could open. */
export async function forgetFormerKeys(store: OfficeStore): Promise<void> {
	const rows = await store.all(bucket);
	if (!rows.has(formerRecord)) return;
	// Last the record that says there is something to forget: a start that finds it goes on here.
	for (const key of rows.keys()) if (key.startsWith(prekeyPrefix)) await store.delete(bucket, key);
	await store.delete(bucket, formerRecord);
}

function encode(keys: DeviceKeys): Uint8Array {
	return createWriter().raw(keys.signPublic).raw(keys.signSecret).raw(keys.kemPublic).raw(keys.kemSecret).bytes();
}

async function read(store: OfficeStore, key: string): Promise<DeviceKeys | undefined> {
	const bytes = await store.get(bucket, key);
	return (
		bytes &&
		decode(bytes, (r) => ({ signPublic: r.raw(keyBytes), signSecret: r.raw(keyBytes), kemPublic: r.raw(keyBytes), kemSecret: r.raw(keyBytes) }))
	);
}
