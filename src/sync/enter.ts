/**
 * From an office that rests in this browser to one that is open, or to a join that goes on where it was. Whatever cannot be opened is
 * shown and left as it lies.
 */
import type { DeviceKeys } from '../crypto/identity.ts';
import type { FailureCode } from './failures.ts';
import type { Lead } from './lead.ts';
import type { Id } from './log/entry.ts';
import { loadDeviceKeys } from './office/keys/device-keys.ts';
import type { Office } from './office.ts';
import { forgetPendingJoin, loadPendingJoin, openJoin, type PendingJoin } from './open-join.ts';
import { openOffice } from './open-office.ts';
import type { At, Running, Session } from './session.ts';

export interface Entering {
	/** Leads the office, unless another tab does, and opens it. */
	enterOffice(officeId: Id): Promise<void>;
	/** Opens the office this tab leads; answers what keeps it shut. */
	enterLed(officeId: Id, lead: Lead, passphrase: string): Promise<FailureCode | undefined>;
	/** Goes on joining until the office opens. */
	runJoin(at: At, pending: PendingJoin, keys: DeviceKeys): Promise<void>;
	/** The office over a store that holds it. */
	open(at: At, keys: DeviceKeys, fresh?: boolean): Promise<Office>;
}

export function createEntering(session: Session): Entering {
	const { parts, stores, stage } = session;
	const { ports } = parts;

	const open = (at: At, keys: DeviceKeys, fresh = false): Promise<Office> =>
		openOffice({ officeId: at.officeId, keys, store: at.store, ports, origin: parts.origin, configured: parts.configured, clockOffMs: parts.clockOffMs, fresh });

	async function enterOffice(officeId: Id): Promise<void> {
		const lead = await session.tryLead(officeId);
		session.want({ officeId, lead });
		if (lead === undefined) stage.set({ kind: 'second-tab' });
		else await enterLed(officeId, lead, '');
	}

	async function enterLed(officeId: Id, lead: Lead, passphrase: string): Promise<FailureCode | undefined> {
		const store = await stores.open(officeId, passphrase);
		if (typeof store === 'string') {
			if (store === 'wrong-passphrase') return store;
			if (store === 'locked') stage.set({ kind: 'locked', officeId });
			else if (store === 'missing') stage.set({ kind: 'cleared' });
			else stage.set({ kind: 'broken', why: store });
			return undefined;
		}
		try {
			await enterOpened({ officeId, lead, store });
		} catch (error) {
			if (session.running()?.store !== store) store.close();
			throw error;
		}
		return undefined;
	}

	async function enterOpened(at: At): Promise<void> {
		const { officeId, store } = at;
		const keys = await loadDeviceKeys(store);
		const pending = await loadPendingJoin(store);
		if (keys === undefined) {
			store.close();
			stage.set({ kind: 'broken', why: 'unreadable' });
			return;
		}
		parts.sentinel.set();
		session.watch(store);
		if (pending) {
			await runJoin(at, pending, keys);
			return;
		}
		const office = await open(at, keys);
		// Without GENESIS there is no mesh key in force, so no peer can be met who has it.
		if (office.name === '') {
			await office.close();
			store.close();
			stage.set({ kind: 'broken', why: 'unreadable' });
			return;
		}
		if (!(await session.run({ ...at, close: () => office.close() }))) return;
		stage.set({ kind: 'open', office });
		// It costs the order of the list.
		await stores.touch(officeId).catch(() => undefined);
	}

	async function runJoin(at: At, pending: PendingJoin, keys: DeviceKeys): Promise<void> {
		const joiner = await openJoin({ store: at.store, keys, pending, ports, configured: parts.configured });
		const mine: Running = { ...at, close: () => joiner.stop(), withdraw: () => joiner.withdraw() };
		if (!(await session.run(mine))) return;
		stage.set({ kind: 'joining', joining: joiner.joining });
		const isMine = (): boolean => session.running() === mine;
		const becomeMember = async (): Promise<void> => {
			if (!isMine()) return;
			await joiner.stop();
			// Cancelled, closed or taken over by another tab at any of these steps: then it is theirs.
			if (!isMine()) return;
			await forgetPendingJoin(at.store);
			const office = await open(at, keys, true);
			if (isMine()) {
				session.setRunning({ ...at, close: () => office.close() });
				stage.set({ kind: 'open', office });
			} else await office.close();
		};
		joiner.admitted.then(becomeMember).catch((error: unknown) => {
			if (!isMine()) return;
			session.diskFailed(error);
			session.closeRunning().catch(session.diskFailed);
		});
	}

	return { enterOffice, enterLed, runJoin, open };
}
