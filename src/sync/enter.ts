/**
 * From an office that rests in this browser to one that is open, or to a join that goes on where it was. Whatever cannot be opened is
 * shown and left as it lies.
 */
import type { DeviceKeys } from '../crypto/identity.ts';
import type { FailureCode } from './failures.ts';
import type { Key } from './landline.ts';
import type { Lead } from './lead.ts';
import type { Id } from './log/entry.ts';
import { forgetFormerKeys, loadDeviceKeys } from './office/keys/device-keys.ts';
import type { Office } from './office.ts';
import { forgetPendingJoin, loadPendingJoin, openJoin, type PendingJoin } from './open-join.ts';
import { openOffice } from './open-office.ts';
import type { At, Running, Session } from './session.ts';

export interface Entering {
	/** Leads the office, unless another tab does, and opens it. */
	enterOffice(officeId: Id): Promise<void>;
	/** Opens the office this tab leads; answers what keeps it shut. */
	enterLed(officeId: Id, lead: Lead, key?: Key): Promise<FailureCode | undefined>;
	/** Opens the office, or goes on with its join, over a store that is open. */
	enterOpened(at: At): Promise<void>;
	/** Goes on joining until the office opens. */
	runJoin(at: At, pending: PendingJoin, keys: DeviceKeys): Promise<void>;
	/** The office over a store that holds it. */
	open(at: At, keys: DeviceKeys, fresh?: boolean): Promise<Office>;
}

export function createEntering(session: Session): Entering {
	const { parts, stores, stage } = session;
	const { ports } = parts;

	async function open({ officeId, store }: At, keys: DeviceKeys, fresh = false): Promise<Office> {
		const office = await openOffice({ officeId, keys, store, ports, origin: parts.origin, configured: parts.configured, clockOffMs: parts.clockOffMs, fresh });
		return {
			...office,
			noteActivity() {
				office.noteActivity();
				session.noteActivity();
			},
		};
	}

	async function enterOffice(officeId: Id): Promise<void> {
		const lead = await session.tryLead(officeId);
		session.want({ officeId, lead });
		if (lead === undefined) stage.set({ kind: 'second-tab', officeId });
		else await enterLed(officeId, lead);
	}

	async function enterLed(officeId: Id, lead: Lead, key?: Key): Promise<FailureCode | undefined> {
		const opened = await stores.open(officeId, key);
		switch (opened.kind) {
			case 'refused':
				return opened.code;
			case 'locked':
				stage.set({ kind: 'locked', officeId, ways: opened.ways });
				return undefined;
			case 'missing':
				stage.set({ kind: 'cleared' });
				return undefined;
			case 'newer':
			case 'unreadable':
				stage.set({ kind: 'broken', why: opened.kind, officeId });
				return undefined;
			case 'open':
				break;
		}
		const { store, vault } = opened;
		try {
			if (key?.kind === 'recovery-code') {
				const replaced = await vault.replacePassphrase(key.passphrase);
				if (!replaced.ok) {
					store.close();
					return replaced.code;
				}
			}
			await enterOpened({ officeId, lead, store, vault });
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
			stage.set({ kind: 'broken', why: 'unreadable', officeId });
			return;
		}
		parts.sentinel.set();
		session.watch(store);
		if (pending) {
			await runJoin(at, pending, keys);
			return;
		}
		await forgetFormerKeys(store);
		const office = await open(at, keys);
		// Without GENESIS there is no mesh key in force, so no peer can be met who has it.
		if (office.name === '') {
			await office.close();
			store.close();
			stage.set({ kind: 'broken', why: 'unreadable', officeId });
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
			await forgetFormerKeys(at.store);
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

	return { enterOffice, enterLed, enterOpened, runJoin, open };
}
