/**
 * Whom to dial, and when again (PROTOCOL.md, section 7). Of two that know of each other the smaller id dials; the larger waits, in case the
 * smaller cannot know. Nobody is dialled for whom there is no way, no place, or no reason.
 */
import type { Random } from '../../crypto/random.ts';
import type { Clock } from '../ports.ts';
import { type Attempts, createAttempts } from './attempts.ts';
import { jitter } from './backoff.ts';
import type { LimitedLinks } from './limited.ts';
import type { LiveLinks } from './live-links.ts';
import type { Attempt, Negotiation } from './negotiation.ts';
import type { Peer, Peers } from './peers.ts';
import type { Route } from './route.ts';

/** How long the larger id leaves a lost or told-of device to the smaller. */
const graceMs = 5_000;
const redialMs = 500;
/** Who heard a hello should get there first, and with many starting at once that takes them this long for each. */
const toldOfMs = 3_000;
const toldOfEachMs = 300;
/**
 * Two that start together hear each other's hello and would both offer: one of the two connections is thrown away, at the moment when all
 * are busiest (26 pages at once: a fifth of all that were made). The larger id waits this long for the smaller's offer, if its own
 * hello is so young that the smaller may have heard it.
 */
const crossedWaitMs = 1_500;
const crossedHelloMs = 10_000;
/** While other attempts are under way a device that is only told of is left to them, for so long: it has heard this one's hello, and offers as soon as it can. */
const toldPatienceMs = 30_000;
/** How often a hello may undo a back-off. */
const callEveryMs = 5_000;
const maxRemembered = 2_048;
/** A link that lived this long was no failure. */
const livedMs = 30_000;
/** Ends of attempts that say nothing about the way to the device. */
const noFailure = new Set(['glare', 'stopped', 'served', 'bye', 'refused']);
/** Ends of links after which the device is not dialled by this side. */
const final = new Set(['goodbye', 'refused', 'stopped', 'replaced']);

export type Standing = 'member' | 'unknown' | 'refused';

export interface DiallingDeps {
	readonly clock: Clock;
	readonly random: Random;
	/** Device id of this side. */
	readonly self: string;
	/** This side is a newcomer: it answers, and never dials. */
	readonly newcomer: boolean;
	readonly running: () => boolean;
	readonly standing: (device: string) => Standing;
	readonly live: LiveLinks;
	readonly peers: Peers;
	readonly route: Route;
	readonly limits: LimitedLinks;
	readonly negotiation: () => Negotiation;
	/** When this device last said hello. */
	readonly saidHelloMs: () => number;
}

export interface Dialling {
	readonly attempts: Attempts;
	/** Whether a link with the device may be tried now; an unknown one takes a place among the limited. */
	mayLink(device: string, invite: string | undefined): boolean;
	/** A neighbour's list names it. */
	toldOf(device: string): void;
	/** Whoever is known to be online, unlinked, and not yet waited for. */
	wishAll(): void;
	/** How many attempts to the device have failed in a row: each next one takes another way. */
	turn(device: string): number;
	/** A new start of the device: what failed before says nothing. */
	renewed(device: string): void;
	/** It said hello. It has just subscribed, so what was sent to it before was lost, and what failed before was its absence. */
	calledFor(device: string): void;
	attemptOpened(attempt: Attempt): void;
	/** Answers whether this was a failure; being replaced or called off is none. */
	attemptFailed(attempt: Attempt, why: string): boolean;
	linkLost(attempt: Attempt, sinceMs: number, why: string): void;
}

export function createDialling(deps: DiallingDeps): Dialling {
	const { clock, random, self, live, peers, route } = deps;
	const turns = new Map<string, number>();
	/** By device: the invite it came by. */
	const limitedAttempts = new Map<string, string | undefined>();
	const calls = new Map<string, number>();
	const attempts = createAttempts({ clock, random, begin, newcomer: deps.newcomer });

	function mayLink(device: string, invite: string | undefined): boolean {
		const standing = deps.standing(device);
		if (standing !== 'unknown' || deps.newcomer) return standing !== 'refused';
		if (!live.get(device) && !limitedAttempts.has(device) && !deps.limits.hasRoom(invite, [...limitedAttempts.values()])) return false;
		limitedAttempts.set(device, invite);
		return true;
	}

	function begin(device: string): boolean | number {
		const peer = peers.get(device);
		if (!deps.running() || !peer || deps.negotiation().attempt(device) || isLinked(peer)) return false;
		if (!peers.fresh(device) && !isTold(device)) {
			peers.forget(device);
			return false;
		}
		if (peer.heardMs === 0 && deps.negotiation().size > 0 && Math.abs(clock.now() - deps.saidHelloMs()) < toldPatienceMs) {
			return toldOfMs * (1 + jitter(random));
		}
		if (!route.reaches(device) || !mayLink(device, peer.context.invite)) return false;
		deps.negotiation().dial(device, peer.boot, peer.context);
		return true;
	}

	function isLinked(peer: Peer): boolean {
		return live.get(peer.device)?.info.boot === peer.boot;
	}

	function isTold(device: string): boolean {
		return [...live.full().keys()].some((neighbour) => route.neighbours(neighbour).has(device));
	}

	function redial(device: string, afterMs: number): void {
		attempts.wish(device, afterMs + jitter(random) * redialMs + (self < device ? 0 : graceMs));
	}

	return {
		attempts,
		mayLink,
		toldOf(device) {
			const peer = peers.get(device);
			if (peer && !isLinked(peer)) redial(device, toldOfMs + toldOfEachMs * attempts.waiting.size);
		},
		wishAll() {
			for (const peer of peers.all()) if (peer.context.invite === undefined && !isLinked(peer)) redial(peer.device, redialMs);
		},
		turn: (device) => turns.get(device) ?? 0,
		renewed(device) {
			attempts.reset(device);
			turns.delete(device);
		},
		calledFor(device) {
			if (Math.abs(clock.now() - (calls.get(device) ?? 0)) >= callEveryMs) {
				calls.delete(device);
				calls.set(device, clock.now());
				if (calls.size > maxRemembered) calls.delete(calls.keys().next().value ?? device);
				attempts.reset(device);
				if (deps.negotiation().attempt(device)?.direction === 'out') deps.negotiation().abort(device, 'glare');
			}
			const mayHaveHeard = self > device && Math.abs(clock.now() - deps.saidHelloMs()) < crossedHelloMs;
			attempts.wish(device, mayHaveHeard ? crossedWaitMs : 0);
		},
		attemptOpened({ device, direction }) {
			limitedAttempts.delete(device);
			turns.delete(device);
			attempts.settled(device, direction);
			attempts.forget(device);
		},
		attemptFailed({ device, boot, direction, context }, why) {
			limitedAttempts.delete(device);
			attempts.settled(device, direction);
			if (!deps.running()) return false;
			if (!noFailure.has(why)) {
				turns.set(device, (turns.get(device) ?? 0) + 1);
				if (turns.size > maxRemembered) turns.delete(turns.keys().next().value ?? device);
				attempts.failed(device);
			}
			if (context.invite !== undefined) peers.forget(device);
			else if (why !== 'glare' && why !== 'refused') redial(device, redialMs);
			const standing = live.get(device);
			// A start that cannot be reached while another is linked: an old hello, said again by someone else.
			if (standing && standing.info.boot !== boot) peers.heard(device, standing.info.boot, context);
			return !noFailure.has(why);
		},
		linkLost({ device, context }, sinceMs, why) {
			if (!deps.running() || final.has(why)) return;
			if (context.invite !== undefined) {
				peers.forget(device);
				return;
			}
			if (clock.now() - sinceMs >= livedMs) attempts.reset(device);
			else attempts.failed(device);
			redial(device, redialMs);
		},
	};
}
