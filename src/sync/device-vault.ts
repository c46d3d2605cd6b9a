/** The vault of the office that is open now, as the screen sees it: what protects it, changing that, and locking by command or after idle time. */
import { fail, done, type Result } from './failures.ts';
import { createIdleLock } from './idle-lock.ts';
import { type DeviceVault, type LockDelay, lockDelays, type Protection } from './landline.ts';
import type { Running, Session } from './session.ts';
import { createCell } from './source.ts';
import { StoreFailure } from './store.ts';
import type { Vault } from './vault.ts';

const lockAfterKey = 'lock-after';
const none: Protection = { ways: [], passkeys: 0, lockAfterMinutes: 0 };

export function createDeviceVault(session: Session): DeviceVault {
	const { stage } = session;
	const protection = createCell(none);
	const idle = createIdleLock(session.parts.ports.clock, () => void lock());
	let shown: Running | undefined;
	let chosen: LockDelay = 0;
	let stopWatching: (() => void) | undefined;

	session.onActivity(() => idle.noteActivity());
	stage.subscribe(() => follow(stage.get().kind === 'open' ? session.running() : undefined));

	/** Shows the vault of what runs now. */
	function follow(running: Running | undefined): void {
		if (running === shown) return;
		stopWatching?.();
		stopWatching = undefined;
		shown = running;
		chosen = 0;
		protection.set(none);
		idle.set(0);
		if (running === undefined) return;
		stopWatching = running.vault.ways.subscribe(() => tell(running.vault));
		tell(running.vault);
		void loadDelay(running);
	}

	function tell(vault: Vault): void {
		const ways = vault.ways.get();
		const lockAfterMinutes = ways.length === 0 ? 0 : chosen;
		protection.set({ ways, passkeys: vault.passkeys.get(), lockAfterMinutes });
		idle.set(lockAfterMinutes);
	}

	async function loadDelay({ store, vault }: Running): Promise<void> {
		// What cannot be read is as if it had never been chosen; the settings show it.
		const bytes = await store.get('prefs', lockAfterKey).catch(() => undefined);
		const minutes = lockDelays.find((delay) => delay === bytes?.[0]) ?? 0;
		if (shown?.store !== store) return;
		chosen = minutes;
		tell(vault);
	}

	async function lock(): Promise<Result> {
		const wanted = session.wanted();
		if (shown === undefined || wanted?.lead === undefined) return fail('closed');
		const ways = shown.vault.ways.get();
		if (ways.length === 0) return fail('not-protected');
		// First and at once: whoever looks at the screen sees nothing more, however long a goodbye takes.
		stage.set({ kind: 'locked', officeId: wanted.officeId, ways });
		await session.closeRunning().catch((error: unknown) => {
			if (!(error instanceof StoreFailure)) throw error;
		});
		return done;
	}

	/** Changes of an office that is no longer open come too late. */
	async function change<T>(work: (vault: Vault) => Promise<Result<T>>): Promise<Result<T>> {
		if (shown === undefined) return fail('closed');
		try {
			return await work(shown.vault);
		} catch (error) {
			if (error instanceof StoreFailure) return fail(error.code);
			throw error;
		}
	}

	async function lockAfter(minutes: LockDelay): Promise<Result> {
		const running = shown;
		if (running === undefined) return fail('closed');
		if (running.vault.ways.get().length === 0) return fail('not-protected');
		return change(async (vault) => {
			await running.store.put('prefs', lockAfterKey, Uint8Array.of(minutes));
			chosen = minutes;
			tell(vault);
			return done;
		});
	}

	return {
		protection,
		passkeyLack: session.parts.passkeys.lack,
		setPassphrase: (passphrase, current) => change((vault) => vault.setPassphrase(passphrase, current)),
		removePassphrase: (current) => change((vault) => vault.removePassphrase(current)),
		addPasskey: (current) => change((vault) => vault.addPasskey(current)),
		removePasskeys: (current) => change((vault) => vault.removePasskeys(current)),
		makeRecoveryCode: (current) => change((vault) => vault.makeRecoveryCode(current)),
		lockAfter,
		lock,
	};
}
