/**
 * What this tab is about now: the office it leads, and the office or join that runs in it. One tab leads each office (DESIGN.md, D9); what was
 * left, taken over or lost is closed in order, and its database with it.
 */
import type { KnownOffice, Stage } from './landline.ts';
import { type Channel, type Lead, takeLead, tryLead } from './lead.ts';
import type { Id } from './log/entry.ts';
import type { OfficePorts } from './ports.ts';
import { type Cell, createCell, type Source } from './source.ts';
import type { Passkeys } from './passkeys.ts';
import { type OfficeStore, StoreFailure } from './store.ts';
import { createStores, type OfficeStores } from './stores.ts';
import { stagingDirectory } from './transfer/staging/worker-engine.ts';
import type { Vault } from './vault.ts';

/** Stands outside the database: storage that was cleared takes one of the two and rarely both. */
export interface Sentinel {
	get(): boolean;
	set(): void;
	clear(): void;
}

export interface LandlineParts {
	ports: OfficePorts;
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
	passkeys: Passkeys;
	/** Of the page: invite links begin with it. */
	origin: string;
}

/** An office's database, opened by the tab that leads it. */
export interface At {
	readonly officeId: Id;
	readonly lead: Lead;
	readonly store: OfficeStore;
	readonly vault: Vault;
}

/** What runs now: an office or a join, led by this tab. */
export interface Running extends At {
	close(): Promise<void>;
	/** A join alone: before `close`, when it is called off. */
	withdraw?(): Promise<void>;
}

/** The office this tab is about: it leads it, unless another tab does. */
export interface Wanted {
	readonly officeId: Id;
	readonly lead: Lead | undefined;
}

export interface Session {
	readonly parts: LandlineParts;
	readonly stores: OfficeStores;
	readonly stage: Cell<Stage>;
	/** The newest first. */
	readonly offices: Source<readonly KnownOffice[]>;
	wanted(): Wanted | undefined;
	want(wanted: Wanted | undefined): void;
	running(): Running | undefined;
	/** It takes the place of what ran before, which the caller has closed. */
	setRunning(running: Running): void;
	/** What was opened runs now; `false`, and it is closed again, if this tab lost its lead meanwhile. */
	run(opened: Running): Promise<boolean>;
	/** Leads the office if no other tab does. */
	tryLead(officeId: Id): Promise<Lead | undefined>;
	/** Leads the office after whoever does. */
	takeLead(officeId: Id): Promise<Lead>;
	/** Closes what runs, and its database; the lead stays. Called again while it closes, it waits for that. */
	closeRunning(): Promise<void>;
	/** Closes what runs; its database and the lead stay open, for what comes in its place. */
	layDown(): Promise<At | undefined>;
	/** Closes what runs and lets another tab lead it. */
	leave(): Promise<void>;
	/** Input was seen in the office. */
	noteActivity(): void;
	onActivity(heard: () => void): void;
	/** Reads the list of offices anew. */
	refresh(): Promise<readonly KnownOffice[]>;
	/** A newer build in another tab needs the database, or the browser closed it for good: then what runs in it ends. */
	watch(store: OfficeStore): void;
	/** Shows that the disk failed; anything else is a broken invariant. */
	readonly diskFailed: (error: unknown) => void;
	firstVisit(): Promise<void>;
}

export function createSession(parts: LandlineParts): Session {
	const { ports } = parts;
	const databases = createStores({ indexedDB: parts.indexedDB, random: ports.random, clock: ports.clock, passkeys: parts.passkeys });
	const stores: OfficeStores = {
		...databases,
		async remove(officeId) {
			await databases.remove(officeId);
			// Without its keys nobody can read it, but it would go on taking room.
			await ports.files.removeDisk(stagingDirectory(officeId)).catch(() => undefined);
		},
	};
	const stage = createCell<Stage>({ kind: 'starting' });
	const offices = createCell<readonly KnownOffice[]>([]);
	const activity: (() => void)[] = [];
	let running: Running | undefined;
	let closing: Promise<void> = Promise.resolve();
	let wanted: Wanted | undefined;

	const leading = { locks: parts.locks, openChannel: (name: string) => parts.openChannel(name), clock: ports.clock };
	const lockName = (officeId: Id): string => `landline-${officeId}`;

	function diskFailed(error: unknown): void {
		if (!(error instanceof StoreFailure)) throw error;
		stage.set({ kind: 'broken', why: 'disk', officeId: wanted?.officeId });
	}

	/** Events of the lead over one office: another tab asks, or has stolen it. An office this tab has left is none of its business. */
	const leadEvents = (officeId: Id) => ({
		drain: () => (wanted?.officeId === officeId ? closeRunning() : Promise.resolve()),
		lost: () => {
			if (wanted?.officeId !== officeId) return;
			wanted = { officeId, lead: undefined };
			stage.set({ kind: 'second-tab', officeId });
			closeRunning().catch(diskFailed);
		},
	});

	async function close(ending: Running): Promise<void> {
		try {
			await ending.close();
		} finally {
			ending.store.close();
		}
	}

	function closeRunning(): Promise<void> {
		if (running === undefined) return closing;
		const ending = close(running);
		running = undefined;
		// Whoever closes it hears why that failed; who comes later only waits.
		closing = ending.catch(() => undefined);
		return ending;
	}

	return {
		parts,
		stores,
		stage,
		offices,
		diskFailed,
		closeRunning,
		wanted: () => wanted,
		want(next) {
			wanted = next;
		},
		running: () => running,
		setRunning(next) {
			running = next;
		},
		async run(opened) {
			if (wanted?.lead === opened.lead) {
				running = opened;
				return true;
			}
			await opened.close();
			opened.store.close();
			return false;
		},
		tryLead: (officeId) => tryLead(leading, lockName(officeId), leadEvents(officeId)),
		takeLead: (officeId) => takeLead(leading, lockName(officeId), leadEvents(officeId)),
		async layDown() {
			const ending = running;
			running = undefined;
			if (ending === undefined) return undefined;
			closing = ending.close().catch(() => undefined);
			await closing;
			return ending;
		},
		async leave() {
			const before = wanted;
			wanted = undefined;
			try {
				await closeRunning();
			} finally {
				before?.lead?.release();
			}
		},
		noteActivity: () => activity.forEach((heard) => heard()),
		onActivity: (heard) => void activity.push(heard),
		async refresh() {
			const known = [...(await stores.list())].sort((a, b) => b.openedMs - a.openedMs);
			offices.set(known);
			return known;
		},
		watch(store) {
			store.state.subscribe(() => {
				const state = store.state.get();
				if ((state !== 'superseded' && state !== 'lost') || running?.store !== store) return;
				stage.set({ kind: 'broken', why: state === 'superseded' ? 'newer' : 'disk', officeId: store.officeId });
				closeRunning().catch(diskFailed);
			});
		},
		async firstVisit() {
			stage.set({ kind: 'first-visit', door: (await parts.config()).door });
		},
	};
}
