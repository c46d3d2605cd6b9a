/**
 * The device: which offices this browser holds, and the way from a first visit, a reload or an invite to an open office
 * (`landline.ts` is its seam). One tab leads each office; storage that was cleared is recognised by a sentinel beside the database,
 * and no new identity is made behind the person's back.
 */
import { hex } from '../crypto/bytes.ts';
import { createDeviceKeys, type DeviceKeys, isName } from '../crypto/identity.ts';
import { parseInviteLink } from '../crypto/invite.ts';
import { done, fail, type FailureCode, type Result, succeed } from './failures.ts';
import type { Founded, KnownOffice, Landline, Stage } from './landline.ts';
import { type Channel, type Lead, takeLead, tryLead } from './lead.ts';
import type { Id } from './log/entry.ts';
import { foundOffice } from './office/members/found.ts';
import { loadDeviceKeys, saveDeviceKeys } from './office/keys/device-keys.ts';
import type { Office } from './office.ts';
import { openOffice } from './open-office.ts';
import { forgetPendingJoin, loadPendingJoin, openJoin, type PendingJoin, savePendingJoin } from './open-join.ts';
import type { Ports } from './ports.ts';
import { createCell, type Source } from './source.ts';
import { type OfficeStore, StoreFailure } from './store.ts';
import { createStores } from './stores.ts';

/** Stands outside the database: storage that was cleared takes one of the two and rarely both. */
export interface Sentinel {
	get(): boolean;
	set(): void;
	clear(): void;
}

export interface LandlineParts {
	ports: Ports;
	/** What the server says; `door` is the invite fragment when it has a door. */
	config(): Promise<{ door: string | undefined }>;
	/** Settles once the server's address for STUN is known, or not to be had. */
	configured: Promise<void>;
	/** How far this clock is from the server's, ms; 0 when it is near, or the server was not heard. */
	clockOffMs: Source<number>;
	indexedDB: IDBFactory;
	locks: LockManager;
	openChannel(name: string): Channel;
	sentinel: Sentinel;
	/** Of the page: invite links begin with it. */
	origin: string;
}

/** An office's database, opened by the tab that leads it. */
interface At {
	readonly officeId: Id;
	readonly lead: Lead;
	readonly store: OfficeStore;
}

/** What runs now: an office or a join, led by this tab. */
interface Running extends At {
	close(): Promise<void>;
}

export function openLandline(parts: LandlineParts): Landline {
	const { ports } = parts;
	const stores = createStores({ indexedDB: parts.indexedDB, random: ports.random, clock: ports.clock });
	const stage = createCell<Stage>({ kind: 'starting' });
	const offices = createCell<readonly KnownOffice[]>([]);
	let running: Running | undefined;
	/** The office this tab is about: it leads it, unless another tab does. */
	let wanted: { readonly officeId: Id; readonly lead: Lead | undefined } | undefined;

	const leading = { locks: parts.locks, openChannel: (name: string) => parts.openChannel(name), clock: ports.clock };
	const around = { ports, origin: parts.origin, configured: parts.configured, clockOffMs: parts.clockOffMs };
	const lockName = (officeId: Id): string => `landline-${officeId}`;

	async function refresh(): Promise<readonly KnownOffice[]> {
		const known = [...(await stores.list())].sort((a, b) => b.openedMs - a.openedMs);
		offices.set(known);
		return known;
	}

	async function start(): Promise<void> {
		try {
			const [newest] = await refresh();
			if (newest) await enterOffice(newest.id);
			else if (parts.sentinel.get()) stage.set({ kind: 'cleared' });
			else await firstVisit();
		} catch (error) {
			diskFailed(error);
		}
	}

	/** Shows that the disk failed; anything else is a broken invariant. */
	function diskFailed(error: unknown): void {
		if (!(error instanceof StoreFailure)) throw error;
		stage.set({ kind: 'broken', why: 'disk' });
	}

	async function firstVisit(): Promise<void> {
		stage.set({ kind: 'first-visit', door: (await parts.config()).door });
	}

	/** Events of the lead over one office: another tab asks, or has stolen it. An office this tab has left is none of its business. */
	const leadEvents = (officeId: Id) => ({
		drain: () => (wanted?.officeId === officeId ? closeRunning() : Promise.resolve()),
		lost: () => {
			if (wanted?.officeId !== officeId) return;
			wanted = { officeId, lead: undefined };
			stage.set({ kind: 'second-tab' });
			closeRunning().catch(diskFailed);
		},
	});

	async function closeRunning(): Promise<void> {
		const closing = running;
		running = undefined;
		try {
			await closing?.close();
		} finally {
			closing?.store.close();
		}
	}

	/** Closes what runs and lets another tab lead it. */
	async function leave(): Promise<void> {
		const before = wanted;
		wanted = undefined;
		try {
			await closeRunning();
		} finally {
			before?.lead?.release();
		}
	}

	async function enterOffice(officeId: Id): Promise<void> {
		const lead = await tryLead(leading, lockName(officeId), leadEvents(officeId));
		wanted = { officeId, lead };
		if (lead === undefined) stage.set({ kind: 'second-tab' });
		else await enterLed(officeId, lead, '');
	}

	/** Opens the office this tab leads; answers what keeps it shut. */
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
			const keys = await loadDeviceKeys(store);
			const pending = await loadPendingJoin(store);
			if (keys === undefined) {
				store.close();
				stage.set({ kind: 'broken', why: 'unreadable' });
				return undefined;
			}
			parts.sentinel.set();
			watch(store);
			if (pending) await runJoin({ officeId, lead, store }, pending, keys);
			else {
				const office = await openOffice({ officeId, keys, store, ...around });
				// Without GENESIS there is no mesh key in force, so no peer can be met who has it.
				if (office.name === '') {
					await office.close();
					store.close();
					stage.set({ kind: 'broken', why: 'unreadable' });
					return undefined;
				}
				if (!(await run({ officeId, lead, store, close: () => office.close() }))) return undefined;
				stage.set({ kind: 'open', office });
				// It costs the order of the list.
				await stores.touch(officeId).catch(() => undefined);
			}
		} catch (error) {
			if (running?.store !== store) store.close();
			throw error;
		}
		return undefined;
	}

	/** What was opened runs now; `false`, and it is closed again, if this tab lost its lead meanwhile. */
	async function run(opened: Running): Promise<boolean> {
		if (wanted?.lead === opened.lead) {
			running = opened;
			return true;
		}
		await opened.close();
		opened.store.close();
		return false;
	}

	/** A newer build in another tab needs the database, or the browser closed it for good. */
	function watch(store: OfficeStore): void {
		store.state.subscribe(() => {
			const state = store.state.get();
			if ((state !== 'superseded' && state !== 'lost') || running?.store !== store) return;
			stage.set({ kind: 'broken', why: state === 'superseded' ? 'newer' : 'disk' });
			closeRunning().catch(diskFailed);
		});
	}

	async function runJoin(at: At, pending: PendingJoin, keys: DeviceKeys): Promise<void> {
		const joiner = await openJoin({ store: at.store, keys, pending, ports, configured: parts.configured });
		const mine: Running = { ...at, close: () => joiner.stop() };
		if (!(await run(mine))) return;
		stage.set({ kind: 'joining', joining: joiner.joining });
		const becomeMember = async (): Promise<void> => {
			if (running !== mine) return;
			await joiner.stop();
			// Cancelled, closed or taken over by another tab at any of these steps: then it is theirs.
			if (running !== mine) return;
			await forgetPendingJoin(at.store);
			const office = await openOffice({ officeId: at.officeId, keys, store: at.store, ...around, fresh: true });
			if (running === mine) {
				running = { ...at, close: () => office.close() };
				stage.set({ kind: 'open', office });
			} else await office.close();
		};
		joiner.admitted.then(becomeMember).catch((error: unknown) => {
			if (running !== mine) return;
			diskFailed(error);
			closeRunning().catch(diskFailed);
		});
	}

	/**
	 * A new office on this device. What this tab led before is left only once `fill` is through; if it cannot be filled, nothing of it
	 * stays, so that no later start finds half an office. A vault that is there already is never written over.
	 */
	async function make<T>(officeId: Id, passphrase: string, keys: DeviceKeys, fill: (at: At) => Promise<() => Promise<T>>): Promise<Result<T>> {
		const lead = await takeLead(leading, lockName(officeId), leadEvents(officeId));
		let store: OfficeStore | undefined;
		let isHalf = false;
		try {
			store = await stores.create(officeId, passphrase);
			if ((await loadDeviceKeys(store)) !== undefined) {
				store.close();
				lead.release();
				return fail('already-in-office');
			}
			isHalf = true;
			await saveDeviceKeys(store, keys);
			const begin = await fill({ officeId, lead, store });
			isHalf = false;
			parts.sentinel.set();
			watch(store);
			// A disk that fails under the old office must not cost the new one.
			await leave().catch(() => undefined);
			wanted = { officeId, lead };
			const begun = await begin();
			await refresh().catch(() => undefined);
			return succeed(begun);
		} catch (error) {
			const hasLeft = wanted?.lead === lead;
			if (hasLeft) await closeRunning().catch(() => undefined);
			store?.close();
			if (isHalf) await stores.remove(officeId).catch(() => undefined);
			lead.release();
			if (hasLeft) {
				wanted = undefined;
				diskFailed(error);
			}
			throw error;
		}
	}

	async function attempt<T>(work: () => Promise<Result<T>>): Promise<Result<T>> {
		try {
			return await work();
		} catch (error) {
			if (error instanceof StoreFailure) return fail(error.code);
			throw error;
		}
	}

	void start();

	return {
		stage,
		offices,

		found: ({ officeName, name, passphrase }) =>
			attempt<Founded>(async () => {
				const wrong = nameFailure(name) ?? nameFailure(officeName);
				if (wrong) return fail(wrong);
				await parts.configured;
				const keys = createDeviceKeys(ports.random);
				const founding = foundOffice({ officeName, name, keys, random: ports.random, clock: ports.clock });
				return make(founding.officeId, passphrase, keys, async (at) => {
					await founding.write(at.store);
					const office = await openOffice({ officeId: at.officeId, keys, store: at.store, ...around, fresh: true });
					return () => {
						running = { ...at, close: () => office.close() };
						return Promise.resolve({ office, recoveryKey: founding.recoveryKey });
					};
				});
			}),

		enter: (office: Office) => stage.set({ kind: 'open', office }),

		readInvite(link) {
			const invite = parseInviteLink(link);
			return invite ? succeed({ officeId: hex(invite.officeId), hint: invite.hint }) : fail('invite-damaged');
		},

		join: (link, name, passphrase) =>
			attempt(async () => {
				const wrong = nameFailure(name);
				if (wrong) return fail(wrong);
				const invite = parseInviteLink(link);
				if (!invite) return fail('invite-damaged');
				const officeId = hex(invite.officeId);
				if ((await refresh()).some((office) => office.id === officeId)) return fail('already-in-office');
				await parts.configured;
				const keys = createDeviceKeys(ports.random);
				const pending: PendingJoin = { invite, name };
				const made = await make(officeId, passphrase, keys, async (at) => {
					await savePendingJoin(at.store, pending);
					return () => runJoin(at, pending, keys);
				});
				return made.ok ? done : made;
			}),

		async cancelJoin() {
			const cancelled = running;
			if (cancelled === undefined || stage.get().kind !== 'joining') return;
			wanted = undefined;
			try {
				await closeRunning();
				await stores.remove(cancelled.officeId);
				const [other] = await refresh();
				if (other) await enterOffice(other.id);
				else {
					parts.sentinel.clear();
					await firstVisit();
				}
			} catch (error) {
				diskFailed(error);
			} finally {
				cancelled.lead.release();
			}
		},

		unlock: (passphrase) =>
			attempt(async () => {
				if (wanted?.lead === undefined) return fail('closed');
				const failure = await enterLed(wanted.officeId, wanted.lead, passphrase);
				return failure ? fail(failure) : done;
			}),

		async takeOver() {
			if (wanted === undefined) return;
			const { officeId } = wanted;
			const lead = await takeLead(leading, lockName(officeId), leadEvents(officeId));
			wanted = { officeId, lead };
			stage.set({ kind: 'starting' });
			await enterLed(officeId, lead, '').catch(diskFailed);
		},

		async startOver() {
			const before = wanted;
			wanted = undefined;
			parts.sentinel.clear();
			try {
				if (before) await stores.remove(before.officeId);
				const [other] = await refresh();
				if (other) await enterOffice(other.id);
				else await firstVisit();
			} catch (error) {
				diskFailed(error);
			} finally {
				before?.lead?.release();
			}
		},

		open: (officeId) =>
			attempt(async () => {
				if (!(await refresh()).some((office) => office.id === officeId)) return fail('not-found');
				await leave();
				stage.set({ kind: 'starting' });
				try {
					await stores.touch(officeId);
					await enterOffice(officeId);
				} catch (error) {
					diskFailed(error);
					throw error;
				}
				return done;
			}),

		close: leave,
	};
}

function nameFailure(name: string): FailureCode | undefined {
	if (name.trim() === '') return 'name-empty';
	return isName(name) ? undefined : 'name-too-long';
}
