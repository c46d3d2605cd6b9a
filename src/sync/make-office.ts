/**
 * A new office on this device. What this tab led before is left only once `fill` is through; if it cannot be filled, nothing of it stays, so
 * that no later start finds half an office. A vault that is there already is never written over.
 */
import type { DeviceKeys } from '../crypto/identity.ts';
import { fail, type Result, succeed } from './failures.ts';
import type { Id } from './log/entry.ts';
import { loadDeviceKeys, saveDeviceKeys } from './office/keys/device-keys.ts';
import type { At, Session } from './session.ts';
import type { OfficeStore } from './store.ts';

export interface NewOffice<T> {
	readonly officeId: Id;
	readonly passphrase: string;
	readonly keys: DeviceKeys;
	/** Puts into the store what makes it an office; answers how it begins. */
	readonly fill: (at: At) => Promise<() => Promise<T>>;
}

/** Rejects with a `StoreFailure`. */
export async function makeOffice<T>(session: Session, { officeId, passphrase, keys, fill }: NewOffice<T>): Promise<Result<T>> {
	const { parts, stores } = session;
	const lead = await session.takeLead(officeId);
	let store: OfficeStore | undefined;
	let isHalf = false;
	try {
		const made = await stores.create(officeId, passphrase);
		store = made.store;
		if ((await loadDeviceKeys(store)) !== undefined) {
			store.close();
			lead.release();
			return fail('already-in-office');
		}
		isHalf = true;
		await saveDeviceKeys(store, keys);
		const begin = await fill({ officeId, lead, store, vault: made.vault });
		isHalf = false;
		parts.sentinel.set();
		session.watch(store);
		// A disk that fails under the old office must not cost the new one.
		await session.leave().catch(() => undefined);
		session.want({ officeId, lead });
		const begun = await begin();
		await session.refresh().catch(() => undefined);
		return succeed(begun);
	} catch (error) {
		const hasLeft = session.wanted()?.lead === lead;
		if (hasLeft) await session.closeRunning().catch(() => undefined);
		store?.close();
		if (isHalf) await stores.remove(officeId).catch(() => undefined);
		lead.release();
		if (hasLeft) {
			session.want(undefined);
			session.diskFailed(error);
		}
		throw error;
	}
}
