/**
 * The bulk connections of this device, by the device at the other end: made on first need over the link to it, closed after a minute of
 * nothing, and at once when that link is no more: who is taken out of the office is cut off by its link (PROTOCOL.md, section 11).
 */
import { concat, equal, fromHex } from '../../../crypto/bytes.ts';
import { createWriter, decode } from '../../../crypto/codec.ts';
import type { Random } from '../../../crypto/random.ts';
import { type CandidateRule, completeCandidates, readCandidates, writeCandidates } from '../../link/candidate.ts';
import { decodeDescription, type Description, encodeDescription } from '../../link/description.ts';
import type { LinkInfo, MeshPort } from '../../link/mesh-port.ts';
import { messageTypes } from '../../link/message-types.ts';
import type { Clock } from '../../ports.ts';
import { createRateByKey } from '../../rate.ts';
import type { ConnectBulk } from './bulk-connection.ts';
import type { ControlMessage, DataFrame } from './bulk-frame.ts';
import { bulkDescriptions, bulkOfferHash, type BulkSignal, decodeBulkSignal, encodeBulkSignal, maxLanes, nothing, sessionBytes } from './bulk-signal.ts';
import { createLane, type Lane } from './lane.ts';

type Id = string;

const idleMs = 60_000;
/** Browsers bear some hundred connections in all; links need theirs. */
const maxConnections = 64;
const firstRetryMs = 500;
const maxRetryMs = 15_000;
/** One that lived as long was no failure. */
const soundMs = 10_000;
const signalRate = { burst: 24, perSecond: 2 };

export interface PairsDeps {
	readonly clock: Clock;
	readonly random: Random;
	readonly mesh: MeshPort;
	readonly allowed: CandidateRule;
	readonly seenAddress: () => string | undefined;
	readonly connect: ConnectBulk;
	readonly opened: (lane: Lane) => void;
	readonly control: (lane: Lane, message: ControlMessage) => void;
	readonly data: (lane: Lane, frame: DataFrame) => void;
	readonly drained: (lane: Lane) => void;
	/** Only of what was open. */
	readonly closed: (lane: Lane, why: string) => void;
	/** One that was asked for is not there, nor will be before it is asked for again. */
	readonly failed: (device: Id) => void;
}

export interface Pairs {
	/** Those that are open. */
	lanes(device: Id): readonly Lane[];
	/** Begins what is missing of so many, if the device is linked and the last failure is long enough ago. */
	want(device: Id, count?: number): void;
	/** Ends all to a device. */
	drop(device: Id, why: string): void;
	stop(): void;
}

interface Slot {
	readonly device: Id;
	readonly index: number;
	readonly session: Uint8Array;
	readonly outgoing: boolean;
	readonly lane: Lane;
	offer: Uint8Array | undefined;
	bound: boolean;
	openedMs: number | undefined;
	usedMs: number;
	cancelIdle: () => void;
}

export function createPairs(deps: PairsDeps): Pairs {
	const { clock, random, mesh } = deps;
	const self = fromHex(mesh.self.device) ?? nothing;
	/** By device and lane. */
	const slots = new Map<string, Slot>();
	const retries = new Map<Id, { delayMs: number; notBeforeMs: number }>();
	const signals = createRateByKey(clock, signalRate);
	const placeOf = (device: Id, index: number): string => `${device} ${index}`;
	const isLinked = (device: Id): boolean => mesh.links.get().some((link) => link.device === device && !link.limited);
	const of = (device: Id): Slot[] => [...slots.values()].filter((slot) => slot.device === device);

	function tell(slot: Pick<Slot, 'device' | 'session' | 'index'>, kind: BulkSignal['kind'], re: Uint8Array, body: Uint8Array): Uint8Array | undefined {
		const bytes = encodeBulkSignal({ session: slot.session, lane: slot.index, kind, re, body });
		return mesh.send(slot.device, concat(Uint8Array.of(messageTypes.bulkSignal), bytes)) ? bytes : undefined;
	}

	function release(device: Id, session: Uint8Array): void {
		mesh.send(device, concat(Uint8Array.of(messageTypes.bulkRelease), session));
	}

	function begin(device: Id, index: number, session: Uint8Array, outgoing: boolean): Slot {
		const lane = createLane({ clock, self, other: fromHex(device) ?? nothing, connect: deps.connect }, outgoing, {
			described(description) {
				describe(slot, { ...description, candidates: completeCandidates(description.candidates, deps.seenAddress(), deps.allowed) });
			},
			late(gathered) {
				const candidates = completeCandidates(gathered, deps.seenAddress(), deps.allowed);
				if (candidates.length > 0 && slot.offer) tell(slot, 'candidates', bulkOfferHash(slot.offer), writeCandidates(createWriter(), candidates).bytes());
			},
			opened() {
				slot.openedMs = clock.now();
				use(slot);
				deps.opened(lane);
			},
			control(message) {
				use(slot);
				deps.control(lane, message);
			},
			data(frame) {
				use(slot);
				deps.data(lane, frame);
			},
			drained() {
				use(slot);
				deps.drained(lane);
			},
			closed: (why) => ended(slot, why),
		});
		const slot: Slot = { device, index, session, outgoing, lane, offer: undefined, bound: false, openedMs: undefined, usedMs: clock.now(), cancelIdle: () => undefined };
		slots.set(placeOf(device, index), slot);
		return slot;
	}

	function describe(slot: Slot, description: Description): void {
		const body = encodeDescription(description);
		const sent = tell(slot, slot.outgoing ? 'offer' : 'answer', slot.offer ? bulkOfferHash(slot.offer) : nothing, body);
		if (!sent) slot.lane.close('no-way');
		else if (slot.outgoing) slot.offer = sent;
		else if (slot.offer) bind(slot, slot.offer, sent);
	}

	function bind(slot: Slot, offer: Uint8Array, answer: Uint8Array): void {
		slot.bound = true;
		slot.lane.bind(bulkDescriptions(offer, answer));
	}

	function use(slot: Slot): void {
		const before = slot.usedMs;
		slot.usedMs = clock.now();
		if (slot.openedMs === before || slot.openedMs === slot.usedMs) watchIdle(slot);
	}

	function watchIdle(slot: Slot): void {
		slot.cancelIdle();
		slot.cancelIdle = clock.after(Math.max(1_000, slot.usedMs + idleMs - clock.now()), () => {
			if (clock.now() - slot.usedMs >= idleMs) slot.lane.close('idle');
			else watchIdle(slot);
		});
	}

	function ended(slot: Slot, why: string): void {
		slot.cancelIdle();
		const place = placeOf(slot.device, slot.index);
		if (slots.get(place) === slot) slots.delete(place);
		if (why !== 'released' && why !== 'glare') release(slot.device, slot.session);
		const isSound = slot.openedMs !== undefined && clock.now() - slot.openedMs >= soundMs;
		if (isSound || why === 'idle' || why === 'glare') retries.delete(slot.device);
		else {
			const delayMs = Math.min(maxRetryMs, (retries.get(slot.device)?.delayMs ?? firstRetryMs / 2) * 2);
			retries.set(slot.device, { delayMs, notBeforeMs: clock.now() + delayMs });
		}
		if (slot.openedMs !== undefined) deps.closed(slot.lane, why);
		else if (why !== 'glare') deps.failed(slot.device);
	}

	function take(from: LinkInfo, payload: Uint8Array): void {
		const signal = from.limited || !signals.take(from.device) ? undefined : decodeBulkSignal(payload);
		if (!signal) return;
		const slot = slots.get(placeOf(from.device, signal.lane));
		const fits = slot !== undefined && equal(slot.session, signal.session);
		if (signal.kind === 'offer') takeOffer(from.device, signal, payload.slice());
		else if (!fits || !slot.offer || !equal(signal.re, bulkOfferHash(slot.offer))) return;
		else if (signal.kind === 'answer') takeAnswer(slot, signal, payload.slice());
		else slot.lane.addCandidates((decode(signal.body, readCandidates) ?? []).filter(deps.allowed));
	}

	function takeOffer(device: Id, signal: BulkSignal, payload: Uint8Array): void {
		const description = decodeDescription(signal.body, 'offer');
		if (!description) return;
		const standing = slots.get(placeOf(device, signal.lane));
		// Both offered: the smaller id's stands.
		if (standing?.outgoing === true && standing.openedMs === undefined && mesh.self.device < device) return;
		if (!standing && slots.size >= maxConnections) {
			release(device, signal.session);
			return;
		}
		// An offer for what is open here says that it is not open there any more.
		standing?.lane.close('glare');
		const slot = begin(device, signal.lane, signal.session, false);
		slot.offer = payload;
		slot.lane.accept('offer', description);
		slot.lane.addCandidates(description.candidates.filter(deps.allowed));
	}

	function takeAnswer(slot: Slot, signal: BulkSignal, payload: Uint8Array): void {
		const description = slot.outgoing && !slot.bound ? decodeDescription(signal.body, 'answer') : undefined;
		if (!description || !slot.offer) return;
		bind(slot, slot.offer, payload);
		slot.lane.accept('answer', description);
		slot.lane.addCandidates(description.candidates.filter(deps.allowed));
	}

	function drop(device: Id, why: string): void {
		for (const slot of of(device)) slot.lane.close(why);
	}

	const stops = [
		mesh.onMessage([messageTypes.bulkSignal], take),
		mesh.onMessage([messageTypes.bulkRelease], (from, payload) => {
			for (const slot of of(from.device)) if (equal(slot.session, payload)) slot.lane.close('released');
		}),
		mesh.onClosed((link) => {
			if (!isLinked(link.device)) drop(link.device, 'unlinked');
		}),
	];

	return {
		lanes: (device) => of(device).filter(({ lane }) => lane.state === 'open').map(({ lane }) => lane),
		want(device, count = 1) {
			if (!isLinked(device) || clock.now() < (retries.get(device)?.notBeforeMs ?? 0)) return;
			for (let index = 0; index < Math.min(count, maxLanes); index++) {
				if (!slots.has(placeOf(device, index)) && slots.size < maxConnections) begin(device, index, random(sessionBytes), true);
			}
		},
		drop,
		stop() {
			for (const stop of stops) stop();
			for (const slot of [...slots.values()]) slot.lane.close('stopped');
		},
	};
}
