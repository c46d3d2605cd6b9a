/**
 * The device: which offices this browser holds, and the way from a first visit, a reload or an invite to an open office
 * (`landline.ts` is its seam). One tab leads each office; storage that was cleared is recognised by a sentinel beside the database,
 * and no new identity is made behind the person's back.
 */
import { fromHex, hex } from '../crypto/bytes.ts';
import { createDeviceKeys, type DeviceKeys, isName } from '../crypto/identity.ts';
import { parseInviteLink } from '../crypto/invite.ts';
import { done, fail, type FailureCode, type Result, succeed } from './failures.ts';
import type { Founded, KnownOffice, Landline, Stage } from './landline.ts';
import { type Channel, type Lead, takeLead, tryLead } from './lead.ts';
import type { Id } from './log/entry.ts';
import { foundOffice } from './office/found.ts';
import { loadDeviceKeys, saveDeviceKeys } from './office/device-keys.ts';
import type { Office } from './office.ts';
import { openOffice } from './open-office.ts';
import { forgetPendingJoin, loadPendingJoin, openJoin, type PendingJoin, savePendingJoin } from './open-join.ts';
import type { Ports } from './ports.ts';
import { createCell, type Source } from './source.ts';
import { createStores, type OfficeStore, StoreFailure } from './store.ts';

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

/** What runs now: an office or a join, led by this tab. */
interface Running {
	readonly officeId: Id;
	readonly lead: Lead;
	readonly store: OfficeStore;
	close(): Promise<void>;
}

export function openLandline(parts: LandlineParts): Landline {
	const { ports } = parts;
	const stores = createStores({ indexedDB: parts.indexedDB, random: ports.random, clock: ports.clock });
	const stage = createCell<Stage>({ kind: 'starting' });
	const offices = createCell<readonly KnownOffice[]>([]);
	let running: Running | undefined;
	/** The office this tab would lead, while another does or a passphrase is awaited. */
	let wanted: { officeId: Id; lead: Lead | undefined } | undefined;

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
			if (!(error instanceof StoreFailure)) throw error;
			stage.set({ kind: 'broken', why: 'disk' });
		}
	}

	async function firstVisit(): Promise<void> {
		stage.set({ kind: 'first-visit', door: (await parts.config()).door });
	}

	/** Events of the lead over one office: another tab asks, or has stolen it. */
	const leadEvents = (officeId: Id) => ({
		drain: () => closeRunning(),
		lost: () => {
			void closeRunning().then(() => {
				wanted = { officeId, lead: undefined };
				stage.set({ kind: 'second-tab' });
			});
		},
	});

	async function closeRunning(): Promise<void> {
		const closing = running;
		running = undefined;
		await closing?.close();
		closing?.store.close();
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
			running = { officeId, lead, store, close: () => office.close() };
			await stores.touch(officeId);
			stage.set({ kind: 'open', office });
		}
		return undefined;
	}

	/** A newer build in another tab needs the database, or the browser closed it for good. */
	function watch(store: OfficeStore): void {
		store.state.subscribe(() => {
			const state = store.state.get();
			if (state !== 'superseded' && state !== 'lost') return;
			void closeRunning();
			stage.set({ kind: 'broken', why: state === 'superseded' ? 'newer' : 'disk' });
		});
	}

	async function runJoin(at: { officeId: Id; lead: Lead; store: OfficeStore }, pending: PendingJoin, keys: DeviceKeys): Promise<void> {
		const joiner = await openJoin({ store: at.store, keys, pending, ports, configured: parts.configured });
		const mine = { ...at, close: () => joiner.stop() };
		running = mine;
		stage.set({ kind: 'joining', joining: joiner.joining });
		void joiner.admitted.then(async () => {
			if (running !== mine) return;
			await joiner.stop();
			await forgetPendingJoin(at.store);
			const office = await openOffice({ officeId: at.officeId, keys, store: at.store, ...around, fresh: true });
			running = { ...at, close: () => office.close() };
			stage.set({ kind: 'open', office });
		});
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
				const lead = await takeLead(leading, lockName(founding.officeId), leadEvents(founding.officeId));
				const store = await stores.create(founding.officeId, passphrase);
				await saveDeviceKeys(store, keys);
				await founding.write(store);
				parts.sentinel.set();
				watch(store);
				const office = await openOffice({ officeId: founding.officeId, keys, store, ...around, fresh: true });
				await closeRunning();
				running = { officeId: founding.officeId, lead, store, close: () => office.close() };
				await refresh();
				return succeed({ office, recoveryKey: founding.recoveryKey });
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
				const lead = await takeLead(leading, lockName(officeId), leadEvents(officeId));
				const keys = createDeviceKeys(ports.random);
				const store = await stores.create(officeId, passphrase);
				await saveDeviceKeys(store, keys);
				const pending: PendingJoin = { invite, name };
				await savePendingJoin(store, pending);
				parts.sentinel.set();
				watch(store);
				await closeRunning();
				await refresh();
				await runJoin({ officeId, lead, store }, pending, keys);
				return done;
			}),

		async cancelJoin() {
			const cancelled = running;
			if (cancelled === undefined || stage.get().kind !== 'joining') return;
			await closeRunning();
			await stores.remove(cancelled.officeId);
			cancelled.lead.release();
			const [other] = await refresh();
			if (other) await enterOffice(other.id);
			else {
				parts.sentinel.clear();
				await firstVisit();
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
			await enterLed(officeId, lead, '');
		},

		async startOver() {
			parts.sentinel.clear();
			if (wanted) await stores.remove(wanted.officeId);
			wanted?.lead?.release();
			wanted = undefined;
			const [other] = await refresh();
			if (other) await enterOffice(other.id);
			else await firstVisit();
		},

		open: (officeId) =>
			attempt(async () => {
				if (fromHex(officeId) === undefined) return fail('not-found');
				const before = running;
				await closeRunning();
				before?.lead.release();
				await stores.touch(officeId);
				stage.set({ kind: 'starting' });
				await enterOffice(officeId);
				return done;
			}),

		async close() {
			const before = running;
			await closeRunning();
			before?.lead.release();
		},
	};
}

function nameFailure(name: string): FailureCode | undefined {
	if (name.trim() === '') return 'name-empty';
	return isName(name) ? undefined : 'name-too-long';
}
