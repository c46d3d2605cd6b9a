/**
 * Offers, answers, candidates: from a wish to a link (PROTOCOL.md, section 7). One attempt per pair; where both offer, the smaller id's
 * offer stands. What does not fit the attempt that stands is dropped.
 */
import { equal, fromHex, hex } from '../../crypto/bytes.ts';
import { createWriter, decode } from '../../crypto/codec.ts';
import type { DeviceKeys } from '../../crypto/identity.ts';
import type { Random } from '../../crypto/random.ts';
import { type CandidateRule, type Candidate, completeCandidates, readCandidates, writeCandidates } from './candidate.ts';
import type { SignalContext } from './contexts.ts';
import { decodeDescription, type Description, encodeDescription } from './description.ts';
import type { Link, LinkEvents } from './link.ts';
import { descriptionsHash, encodeSignal, joinSession, nobody, offerHash, type ReceivedSignal, sealSignal, sessionBytes, type SignalKind } from './signal.ts';

export interface Attempt {
	readonly device: string;
	readonly boot: string;
	readonly direction: 'out' | 'in';
	readonly session: Uint8Array;
	readonly context: SignalContext;
	readonly link: Link;
	offer: Uint8Array | undefined;
	/** `H(offer-hash, offer | answer)`, hex, once both are known. */
	joinSession: string;
}

export interface NegotiationDeps {
	readonly random: Random;
	readonly keys: DeviceKeys;
	readonly officeId: Uint8Array;
	readonly boot: Uint8Array;
	readonly allowed: CandidateRule;
	/** This client's address as the server sees it. */
	readonly seenAddress: () => string | undefined;
	readonly createLink: (other: Uint8Array, initiator: boolean, events: LinkEvents) => Link;
	readonly send: (device: string, context: SignalContext, sealed: Uint8Array) => boolean;
	readonly opened: (attempt: Attempt, build: string) => void;
	readonly message: (attempt: Attempt, type: number, payload: Uint8Array) => void;
	/** After `opened`. */
	readonly closed: (attempt: Attempt, why: string) => void;
	/** Instead of `opened`. */
	readonly failed: (attempt: Attempt, why: string) => void;
}

export interface Negotiation {
	dial(device: string, boot: string, context: SignalContext): void;
	/** What is to be done with an offer: a function that answers it, or `undefined` when our own stands. */
	offered(signal: ReceivedSignal, context: SignalContext): (() => boolean) | undefined;
	/** An answer, candidates or a directed bye. `false` when they fit no attempt. */
	take(signal: ReceivedSignal): boolean;
	attempt(device: string): Attempt | undefined;
	abort(device: string, why: string): void;
	stop(): void;
	readonly size: number;
}

export function createNegotiation(deps: NegotiationDeps): Negotiation {
	const { random, keys, officeId, boot, allowed } = deps;
	const selfId = hex(keys.signPublic);
	const attempts = new Map<string, Attempt>();

	function signalBytes(attempt: Attempt, kind: SignalKind, re: Uint8Array, body: Uint8Array): Uint8Array {
		const to = fromHex(attempt.device) ?? nobody;
		const bootTo = fromHex(attempt.boot) ?? new Uint8Array(boot.length);
		return encodeSignal({ officeId, from: keys.signPublic, to, bootFrom: boot, bootTo, session: attempt.session, kind, re, body });
	}

	function transmit(attempt: Attempt, bytes: Uint8Array): boolean {
		return deps.send(attempt.device, attempt.context, sealSignal(random, keys, attempt.context, bytes));
	}

	function begin(fields: Pick<Attempt, 'device' | 'boot' | 'direction' | 'session' | 'context' | 'offer'>): Attempt {
		const other = fromHex(fields.device) ?? nobody;
		let open = false;
		const link = deps.createLink(other, fields.direction === 'out', {
			described(description) {
				const candidates = completeCandidates(description.candidates, deps.seenAddress(), allowed);
				describe(attempt, { ...description, candidates });
			},
			late(gathered) {
				const candidates = completeCandidates(gathered, deps.seenAddress(), allowed);
				if (candidates.length === 0 || !attempt.offer) return;
				transmit(attempt, signalBytes(attempt, 'candidates', offerHash(attempt.offer), writeCandidates(createWriter(), candidates).bytes()));
			},
			opened(build) {
				open = true;
				drop(attempt);
				deps.opened(attempt, build);
			},
			message(type, payload) {
				deps.message(attempt, type, payload);
			},
			closed(why) {
				drop(attempt);
				if (open) deps.closed(attempt, why);
				else deps.failed(attempt, why);
			},
		});
		const attempt: Attempt = { ...fields, link, joinSession: '' };
		attempts.set(attempt.device, attempt);
		return attempt;
	}

	function describe(attempt: Attempt, description: Description): void {
		const body = encodeDescription(description);
		if (attempt.direction === 'out') {
			attempt.offer = signalBytes(attempt, 'offer', nobody, body);
			if (!transmit(attempt, attempt.offer)) attempt.link.close('no-way');
		} else if (attempt.offer) {
			const answer = signalBytes(attempt, 'answer', offerHash(attempt.offer), body);
			bind(attempt, attempt.offer, answer);
			if (!transmit(attempt, answer)) attempt.link.close('no-way');
		}
	}

	function bind(attempt: Attempt, offer: Uint8Array, answer: Uint8Array): void {
		attempt.joinSession = hex(joinSession(offer, answer));
		attempt.link.bind(descriptionsHash(offer, answer));
	}

	function drop(attempt: Attempt): void {
		if (attempts.get(attempt.device) === attempt) attempts.delete(attempt.device);
	}

	/** The attempt a signal belongs to, by device, start and session. */
	function fitting(signal: ReceivedSignal): Attempt | undefined {
		const attempt = attempts.get(signal.device);
		return attempt && attempt.boot === signal.boot && equal(attempt.session, signal.session) ? attempt : undefined;
	}

	function takeAnswer(attempt: Attempt, signal: ReceivedSignal): boolean {
		if (attempt.direction !== 'out' || !attempt.offer || attempt.joinSession !== '' || !equal(signal.re, offerHash(attempt.offer))) return false;
		const description = decodeDescription(signal.body, 'answer');
		if (!description) return false;
		bind(attempt, attempt.offer, signal.bytes);
		attempt.link.accept('answer', description);
		attempt.link.addCandidates(description.candidates.filter(allowed));
		return true;
	}

	function takeCandidates(attempt: Attempt, signal: ReceivedSignal): boolean {
		if (!attempt.offer || !equal(signal.re, offerHash(attempt.offer))) return false;
		const candidates: Candidate[] | undefined = decode(signal.body, readCandidates);
		attempt.link.addCandidates((candidates ?? []).filter(allowed));
		return candidates !== undefined;
	}

	return {
		dial(device, deviceBoot, context) {
			begin({ device, boot: deviceBoot, direction: 'out', session: random(sessionBytes), context, offer: undefined });
		},
		offered(signal, context) {
			const description = decodeDescription(signal.body, 'offer');
			if (!description) return undefined;
			const standing = attempts.get(signal.device);
			// Both offered: the smaller id's stands, unless ours went to an earlier start of the other.
			if (standing?.direction === 'out' && standing.boot === signal.boot && selfId < signal.device) return undefined;
			standing?.link.close('glare');
			return () => {
				attempts.get(signal.device)?.link.close('glare');
				const attempt = begin({ device: signal.device, boot: signal.boot, direction: 'in', session: signal.session.slice(), context, offer: signal.bytes });
				attempt.link.accept('offer', description);
				attempt.link.addCandidates(description.candidates.filter(allowed));
				return true;
			};
		},
		take(signal) {
			const attempt = fitting(signal);
			if (!attempt) return false;
			if (signal.kind === 'answer') return takeAnswer(attempt, signal);
			if (signal.kind === 'candidates') return takeCandidates(attempt, signal);
			if (signal.kind === 'bye') attempt.link.close('bye');
			return signal.kind === 'bye';
		},
		attempt: (device) => attempts.get(device),
		abort(device, why) {
			attempts.get(device)?.link.close(why);
		},
		stop() {
			for (const attempt of [...attempts.values()]) attempt.link.close('stopped');
		},
		get size() {
			return attempts.size;
		},
	};
}
