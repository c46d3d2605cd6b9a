/** This device's keys at rest: in the sealed store, written strictly, for without them the person is locked out of their own office. */
import { createWriter, decode } from '../../../crypto/codec.ts';
import type { DeviceKeys } from '../../../crypto/identity.ts';
import type { OfficeStore } from '../../store.ts';

const record = 'device';
const keyBytes = 32;

export function saveDeviceKeys(store: OfficeStore, keys: DeviceKeys): Promise<void> {
	const bytes = createWriter().raw(keys.signPublic).raw(keys.signSecret).raw(keys.kemPublic).raw(keys.kemSecret).bytes();
	return store.put('keys', record, bytes, true);
}

/** `undefined` when there are none or the record is damaged. */
export async function loadDeviceKeys(store: OfficeStore): Promise<DeviceKeys | undefined> {
	const bytes = await store.get('keys', record);
	return (
		bytes &&
		decode(bytes, (r) => ({ signPublic: r.raw(keyBytes), signSecret: r.raw(keyBytes), kemPublic: r.raw(keyBytes), kemSecret: r.raw(keyBytes) }))
	);
}
