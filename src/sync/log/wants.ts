/**
 * What this replica lacks, and from whom it is asked (PROTOCOL.md, section 8): one WANT per chain at a time, lane 0 first, 5 s, then the
 * next peer. Peers offer rows of their vectors; everything here follows from those and the log.
 */
import type { Random } from '../../crypto/random.ts';
import type { Clock } from '../ports.ts';
import { chainKey } from './chains.ts';
import { type Entry, type Id, kinds, type Lane, lanes } from './entry.ts';
import type { Fork } from './fork.ts';
import type { Acceptance, Log } from './log.ts';
import type { Quotas } from './quotas.ts';
import { fromNewestBase, maxVectorRows, type VectorRow, type WantRow } from './vector.ts';

const wantTimeoutMs = 5000;
/** Chains asked of one peer at a time: its ranges wait in its buffers and ours. */
const maxFlightsPerPeer = 8;
/** How long a peer that did not answer, or answered badly, is not asked for that chain again. */
const silentPauseMs = 20_000;
const badPauseMs = 120_000;
const diskPauseMs = 10_000;
/** How often a peer is asked further back for where another history parts: each time half the way, so this is enough for any. */
const maxStepsBack = 64;

interface Flight {
	readonly device: Id;
	readonly from: number;
	readonly jump: boolean;
	/** Whether its peer sent anything since the last look. */
	alive: boolean;
}

export interface Wants {
	/** A peer said it holds this; `whole`: and nothing else. */
	offer(device: Id, rows: readonly VectorRow[], whole: boolean): void;
	/** The peer is gone. */
	drop(device: Id): void;
	/** A RANGE came; answers what the log made of it. */
	receive(device: Id, entries: readonly Entry[]): Promise<Acceptance>;
	/** Asks again for all that is missing: the gate's answer changed. */
	reconsider(): void;
	/** Whether some peer has more of a chain than is held, and may still give it. */
	isMissing(author: Id, lane: Lane): boolean;
	stop(): void;
}

export function createWants(deps: {
	log: Log;
	clock: Clock;
	random: Random;
	quotas: Quotas;
	send(device: Id, rows: readonly WantRow[]): boolean;
	/** How many entries the office has by its peers' word, while catching up. */
	claimed(): number;
	/** Lamport of the act that admitted this device: mail before it is not for us, so a BASE below it may begin a chain. */
	joinedLamport(): number;
}): Wants {
	const { log, clock, random, quotas } = deps;
	const offers = new Map<string, Map<Id, VectorRow>>();
	const flights = new Map<string, Flight>();
	/** Chains each peer offered: what it may make us remember is bounded. */
	const offered = new Map<Id, Set<string>>();
	/** Peers not to be asked for a chain for now. */
	const pauses = new Set<string>();
	/** Chains that wait for a peer with room. */
	const waiting = new Set<string>();
	/** Chains whose newest BASE begins too late for us. */
	const whole = new Set<string>();
	/** By chain and peer: from where to ask on the way to where its other history parts from what is held. */
	const searches = new Map<string, { readonly from: number; readonly steps: number }>();
	/** By chain and peer: who was asked for what a proof lacks. */
	const witnessed = new Set<string>();
	/** Chains of authors over their quota, until the next range may be asked for. */
	const slowed = new Set<string>();
	const outbox = new Map<Id, WantRow[]>();
	const timers = new Set<() => void>();
	let flushing = false;
	let stopped = false;

	function later(ms: number, fn: () => void): void {
		const cancel = clock.after(ms, () => {
			timers.delete(cancel);
			if (!stopped) fn();
		});
		timers.add(cancel);
	}

	const flightsOf = (device: Id): number => [...flights.values()].filter((flight) => flight.device === device).length;
	const pauseKey = (key: string, device: Id): string => `${key}/${device}`;
	const isPaused = (key: string, device: Id): boolean => pauses.has(pauseKey(key, device));
	/** Before GENESIS is held nobody can be known. */
	const isAllowed = (author: Id, lane: Lane): boolean => author === log.device || log.accepts(author, lane, (log.head(author, lane)?.seq ?? -1) + 1) || (lane === lanes.office && log.get(log.officeId) === undefined);

	const forkOf = (author: Id, lane: Lane): Fork | undefined => log.forks.get().find((fork) => fork.author === author && fork.lane === lane);

	/** Whether the peer holds what we lack: more, or another history where all are kept. */
	function isNews(row: VectorRow): boolean {
		if (log.get(row.id) !== undefined) return false;
		if (log.branches(row.author, row.lane).length > 0) return log.vector().find((own) => own.author === row.author && own.lane === row.lane)?.id !== row.id;
		const mine = log.head(row.author, row.lane);
		if (mine === undefined || row.head > mine.seq) return true;
		return row.head >= mine.base && (row.lane === lanes.office || forkOf(row.author, row.lane) === undefined);
	}

	/** Where to ask a peer from, and whether that leaves a gap. */
	function start(device: Id, row: VectorRow): { from: number; jump: boolean } {
		const mine = log.head(row.author, row.lane);
		const search = searches.get(pauseKey(chainKey(row.author, row.lane), device));
		if (search !== undefined) return { from: search.from, jump: false };
		if (mine === undefined) {
			const fromBase = row.lane === lanes.mail && deps.joinedLamport() > 0 && !whole.has(chainKey(row.author, row.lane));
			return { from: fromBase ? fromNewestBase : row.base, jump: false };
		}
		if (row.head <= mine.seq) return { from: row.head, jump: false };
		return row.base > mine.seq + 1 ? { from: row.base, jump: true } : { from: mine.seq + 1, jump: false };
	}

	function consider(key: string): void {
		if (stopped || flights.has(key) || slowed.has(key)) return;
		const askable = [...(offers.get(key) ?? [])].filter(([device, row]) => !isPaused(key, device) && isAllowed(row.author, row.lane) && isNews(row));
		const first = askable[0];
		if (first === undefined) {
			waiting.delete(key);
			return;
		}
		// A peer that dropped what we need next is asked only if nobody has it.
		const need = (log.head(first[1].author, first[1].lane)?.seq ?? -1) + 1;
		const reach = Math.max(need, Math.min(...askable.map(([, row]) => row.base)));
		const free = askable.filter(([device, row]) => row.base <= reach && flightsOf(device) < maxFlightsPerPeer);
		const chosen = free[(random(1)[0] ?? 0) % Math.max(1, free.length)];
		if (chosen === undefined) {
			waiting.add(key);
			return;
		}
		waiting.delete(key);
		const [device, row] = chosen;
		slowDown(key, row);
		const { from, jump } = start(device, row);
		const flight: Flight = { device, from, jump, alive: false };
		flights.set(key, flight);
		watch(key, flight);
		outbox.set(device, [...(outbox.get(device) ?? []), { author: row.author, lane: row.lane, from }]);
		if (flushing) return;
		flushing = true;
		later(0, flush);
	}

	function slowDown(key: string, { author, lane }: VectorRow): void {
		const pauseMs = quotas.pauseMs(author, lane);
		if (pauseMs === 0) return;
		slowed.add(key);
		later(pauseMs, () => {
			slowed.delete(key);
			consider(key);
		});
	}

	function flush(): void {
		flushing = false;
		const ready = [...outbox];
		outbox.clear();
		for (const [device, rows] of ready) {
			if (deps.send(device, rows.toSorted((a, b) => a.lane - b.lane))) continue;
			for (const row of rows) giveUp(chainKey(row.author, row.lane), device, silentPauseMs);
		}
	}

	function watch(key: string, flight: Flight): void {
		later(wantTimeoutMs, () => {
			if (flights.get(key) !== flight) return;
			if (!flight.alive) {
				giveUp(key, flight.device, silentPauseMs);
				return;
			}
			flight.alive = false;
			watch(key, flight);
		});
	}

	/** The peer is not asked for this chain for a while; the next one is. */
	function giveUp(key: string, device: Id, pauseMs: number): void {
		const pause = pauseKey(key, device);
		searches.delete(pause);
		pauses.add(pause);
		later(pauseMs, () => {
			pauses.delete(pause);
			consider(key);
		});
		land(key, device);
	}

	function land(key: string, device: Id): void {
		if (flights.get(key)?.device === device) flights.delete(key);
		consider(key);
		considerWaiting();
	}

	/** Another history of an office lane is kept from where it parts: that place is looked for. Answers whether the peer is to be asked on. */
	function search(key: string, device: Id, entries: readonly Entry[], result: Acceptance): boolean {
		const place = pauseKey(key, device);
		const before = searches.get(place);
		const steps = (before?.steps ?? 0) + 1;
		const first = entries[0]?.header.seq ?? 0;
		searches.delete(place);
		const row = offers.get(key)?.get(device);
		if (row === undefined || !isNews(row) || steps > maxStepsBack || (before === undefined && result !== 'fork')) return false;
		if (result === 'fork' && first > 0) searches.set(place, { from: Math.floor(first / 2), steps });
		else if (result === 'known' || result === 'stored') searches.set(place, { from: (entries.at(-1)?.header.seq ?? 0) + 1, steps });
		return searches.has(place);
	}

	/** A fork is known and not proven: our head is signed, and the peer may hold another signed one at its place. */
	function askWitness(device: Id, author: Id, lane: Lane): void {
		const fork = forkOf(author, lane);
		const head = log.head(author, lane);
		const place = pauseKey(chainKey(author, lane), device);
		if (fork === undefined || fork.proof !== undefined || head === undefined || witnessed.has(place)) return;
		witnessed.add(place);
		deps.send(device, [{ author, lane, from: head.seq }, { author, lane, from: head.seq + 1 }]);
	}

	function considerWaiting(): void {
		for (const key of [...waiting].sort(byLane)) consider(key);
	}

	function forget(device: Id): void {
		for (const key of offered.get(device) ?? []) {
			const chain = offers.get(key);
			chain?.delete(device);
			if (chain?.size === 0) offers.delete(key);
		}
		offered.delete(device);
	}

	return {
		offer(device, rows, whole) {
			if (whole) forget(device);
			const keys = offered.get(device) ?? new Set();
			offered.set(device, keys);
			for (const row of rows) {
				const key = chainKey(row.author, row.lane);
				if (keys.size >= maxVectorRows && !keys.has(key)) continue;
				keys.add(key);
				const chain = offers.get(key) ?? new Map<Id, VectorRow>();
				const known = chain.get(device);
				// A single row tells of a head, not of where the peer begins, nor that it holds no more.
				if (whole || known === undefined || row.head >= known.head) chain.set(device, whole ? row : { ...row, base: known?.base ?? row.base });
				offers.set(key, chain);
			}
			for (const row of rows.toSorted((a, b) => a.lane - b.lane)) consider(chainKey(row.author, row.lane));
		},
		drop(device) {
			forget(device);
			for (const places of [searches, witnessed]) for (const place of places.keys()) if (place.endsWith(device)) places.delete(place);
			for (const [key, flight] of [...flights]) if (flight.device === device) land(key, device);
		},
		async receive(device, entries) {
			const first = entries[0];
			if (first === undefined) return 'bad';
			const { author, lane } = first.header;
			const key = chainKey(author, lane);
			const flight = flights.get(key);
			const isAnswer = flight?.device === device;
			// A peer that sends at all is not silent: its other answers are on their way.
			for (const other of flights.values()) if (other.device === device) other.alive = true;
			const beginsLate = log.head(author, lane) === undefined && first.header.seq > 0 && first.header.kind === kinds.base && first.header.lamport > deps.joinedLamport();
			if (isAnswer && flight.from === fromNewestBase && beginsLate) {
				whole.add(key);
				land(key, device);
				return 'gap';
			}
			// Unasked, nobody gets round the quota.
			if (!isAnswer && quotas.pauseMs(author, lane) > 0) return 'gap';
			const result = await log.accept(entries, { claimed: deps.claimed(), jump: isAnswer && flight.jump });
			if (result === 'stored') quotas.count(entries);
			askWitness(device, author, lane);
			if (lane === lanes.office && search(key, device, entries, result)) land(key, device);
			else if (result === 'bad' || result === 'fork') giveUp(key, device, badPauseMs);
			else if (result === 'disk') giveUp(key, device, diskPauseMs);
			else if (isAnswer && (result === 'gap' || result === 'known')) giveUp(key, device, forkOf(author, lane) === undefined ? silentPauseMs : badPauseMs);
			else land(key, device);
			return result;
		},
		reconsider() {
			for (const key of [...offers.keys()].sort(byLane)) consider(key);
		},
		isMissing(author, lane) {
			const key = chainKey(author, lane);
			return [...(offers.get(key) ?? [])].some(([device, row]) => isNews(row) && !isPaused(key, device));
		},
		stop() {
			stopped = true;
			for (const cancel of timers) cancel();
		},
	};
}

/** The lane is a key's last digit. */
const byLane = (a: string, b: string): number => (a.at(-1) ?? '').localeCompare(b.at(-1) ?? '');
