/**
 * When an attempt may be made: at most 13 at once, each device with its own back-off, and never in a loop. Chromium refuses the 500th
 * RTCPeerConnection of a page, closed ones counting until they are collected (LAN.md, H8.1).
 */
import type { Random } from '../../crypto/random.ts';
import type { Clock } from '../ports.ts';
import { type Backoff, createBackoff, jitter } from './backoff.ts';

/**
 * Places for offers of our own, and others for answers: if offers could take all, thirty devices that start at once would wait for each
 * other until every deadline had passed. More for answers, because who comes last is offered to by all the others at once, and what
 * waits here for a place waits there for its deadline. Of offers one more than there are places for limited links, so that strangers who
 * never answer leave one for colleagues (ATTACKS.md A38).
 */
const maxOutgoing = 5;
const maxIncoming = 8;
const backoffFirstMs = 1_000;
const backoffMaxMs = 60_000;
/** An offer that waited this long will not live to be answered. */
const offerLifeMs = 10_000;
const maxWaitingOffers = 128;
const maxBackoffs = 2_048;
/** Connections built: a full mesh of 30 at once, then a steady trickle. */
const builtBurst = 160;
const builtPerSecond = 2;
const budgetRetryMs = 1_000;

export interface Attempts {
	/** An outgoing attempt, no sooner than `delayMs` and the device's back-off. A wish that stands already may be brought forward. */
	wish(device: string, delayMs: number): void;
	/** No outgoing attempt to this device. */
	forget(device: string): void;
	/** An incoming offer waits for a place; a newer one of the same device takes the place of the waiting one. */
	queueOffer(device: string, begin: () => boolean): void;
	/** The place is free again. */
	settled(device: string, direction: 'out' | 'in'): void;
	/** The next outgoing attempt waits longer. */
	failed(device: string): void;
	/** What failed before says nothing any more: a new start of the device, a link that lived. */
	reset(device: string): void;
	/** A way to the others is back: what waits for its back-off is tried soon. */
	hurry(): void;
	stop(): void;
	readonly waiting: ReadonlySet<string>;
}

export interface AttemptsDeps {
	readonly clock: Clock;
	readonly random: Random;
	/** Starts an outgoing attempt; `false` if there is nothing to do or no way, a number of ms if it is to be asked again after that. */
	readonly begin: (device: string) => boolean | number;
	/** A newcomer answers one at a time: one link is all it needs. */
	readonly newcomer: boolean;
}

export function createAttempts({ clock, random, begin, newcomer }: AttemptsDeps): Attempts {
	const incomingPlaces = newcomer ? 1 : maxIncoming;
	const outgoing = new Set<string>();
	const incoming = new Set<string>();
	const timers = new Map<string, { dueMs: number; cancel: () => void }>();
	const due = new Set<string>();
	const offers = new Map<string, { begin: () => boolean; expiresMs: number }>();
	const backoffs = new Map<string, { backoff: Backoff; untilMs: number }>();
	let tokens = builtBurst;
	let tokensAtMs = clock.now();
	let cancelRetry = (): void => undefined;

	function mayBuild(): boolean {
		const nowMs = clock.now();
		tokens = Math.min(builtBurst, tokens + (Math.max(0, nowMs - tokensAtMs) / 1000) * builtPerSecond);
		tokensAtMs = nowMs;
		if (tokens >= 1) return true;
		cancelRetry();
		cancelRetry = clock.after(budgetRetryMs, pump);
		return false;
	}

	function run(places: Set<string>, device: string, start: () => boolean | number): void {
		places.add(device);
		let begun: boolean | number = false;
		try {
			begun = start();
		} finally {
			// Also where it throws: a place that nobody gives back would be lost until the next start.
			if (begun === true) tokens -= 1;
			else places.delete(device);
		}
		if (typeof begun === 'number') schedule(device, clock.now() + begun);
	}

	function pump(): void {
		for (const [device, offer] of offers) {
			if (incoming.size >= incomingPlaces || !mayBuild()) break;
			if (incoming.has(device)) continue;
			offers.delete(device);
			if (offer.expiresMs > clock.now()) run(incoming, device, offer.begin);
		}
		for (const device of due) {
			if (outgoing.size >= maxOutgoing || !mayBuild()) break;
			due.delete(device);
			// Its own offer is here already and waits for a place.
			if (!outgoing.has(device) && !offers.has(device)) run(outgoing, device, () => begin(device));
		}
	}

	function schedule(device: string, dueMs: number): void {
		timers.get(device)?.cancel();
		const cancel = clock.after(Math.max(0, dueMs - clock.now()), () => {
			timers.delete(device);
			due.add(device);
			pump();
		});
		timers.set(device, { dueMs, cancel });
	}

	return {
		wish(device, delayMs) {
			if (due.has(device) || outgoing.has(device)) return;
			// Bounded, because the clock may have been put back since.
			const dueMs = Math.max(clock.now() + delayMs, Math.min(backoffs.get(device)?.untilMs ?? 0, clock.now() + backoffMaxMs));
			const standing = timers.get(device);
			if (!standing || standing.dueMs > dueMs) schedule(device, dueMs);
		},
		forget(device) {
			timers.get(device)?.cancel();
			timers.delete(device);
			due.delete(device);
		},
		queueOffer(device, beginOffer) {
			offers.delete(device);
			if (offers.size < maxWaitingOffers) offers.set(device, { begin: beginOffer, expiresMs: clock.now() + offerLifeMs });
			pump();
		},
		settled(device, direction) {
			(direction === 'out' ? outgoing : incoming).delete(device);
			pump();
		},
		failed(device) {
			const known = backoffs.get(device)?.backoff ?? createBackoff({ random, firstMs: backoffFirstMs, maxMs: backoffMaxMs });
			backoffs.delete(device);
			backoffs.set(device, { backoff: known, untilMs: clock.now() + known.next() });
			if (backoffs.size > maxBackoffs) backoffs.delete(backoffs.keys().next().value ?? device);
		},
		reset(device) {
			backoffs.delete(device);
		},
		hurry() {
			backoffs.clear();
			for (const device of [...timers.keys()]) schedule(device, clock.now() + jitter(random) * 500);
		},
		stop() {
			cancelRetry();
			for (const { cancel } of timers.values()) cancel();
			timers.clear();
			due.clear();
			offers.clear();
		},
		get waiting() {
			return new Set([...timers.keys(), ...due]);
		},
	};
}
