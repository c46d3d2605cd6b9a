/**
 * One bulk connection to one device, from its first messages on: nothing is read before them (PROTOCOL.md, section 11). The window of bytes
 * that wait in the channel begins small, because a channel just opened stalls for seconds under a burst (FILES.md, 4.2), and grows as bytes flow.
 */
import { hex } from '../../../crypto/bytes.ts';
import type { Clock } from '../../ports.ts';
import type { Candidate } from '../../link/candidate.ts';
import type { Description } from '../../link/description.ts';
import { firstMismatch, protoMax, protoMin } from '../../link/first.ts';
import type { BulkConnection, BulkWire, ConnectBulk } from './bulk-connection.ts';
import { type ControlMessage, type DataFrame, dataHeaderBytes, decodeControl, decodeData, encodeControl, maxControlBytes, maxPayloadBytes } from './bulk-frame.ts';
import { type BulkFirst, decodeBulkFirst, encodeBulkFirst } from './bulk-signal.ts';

export const laneDeadlineMs = 15_000;
/** Nothing at all from the other end, not even the answer to a ping. */
const silentMs = 5_000;
const pingMs = 1_000;
const firstWindowBytes = 64 * 1024;
/**
 * Measured, new connections of two pages, 4 MiB and then 32 more, medians: 192 to 256 KiB 0.4 to 0.6 s and 2.1 s, 2 MiB 2.2 s and 2.7 s. More than the
 * other end's socket takes at once is lost, and the first loss costs seconds; once they have passed no mark is faster than another.
 */
const nearWindowBytes = 256 * 1024;
/** Where the path is long, events come late as well. */
const farWindowBytes = 2 * 1024 * 1024;
const farMs = 10;
/** One alone may have waited for a busy page, which no further connection makes faster. */
const tripsNeeded = 4;
/** Chromium tells of drained bytes in steps of 100 KiB: below this the queue runs dry on every cycle. */
const maxLowWaterBytes = 512 * 1024;
const minPayloadBytes = 16 * 1024;

export interface LaneEvents {
	described(description: Description): void;
	late(candidates: readonly Candidate[]): void;
	opened(): void;
	control(message: ControlMessage): void;
	data(frame: DataFrame): void;
	/** There is room for another frame. */
	drained(): void;
	/** Once; nothing follows it. */
	closed(why: string): void;
}

export interface Lane {
	/** Hex. */
	readonly device: string;
	readonly state: 'connecting' | 'open' | 'closed';
	accept(kind: 'offer' | 'answer', description: Description): void;
	addCandidates(candidates: readonly Candidate[]): void;
	/** The hash of both signals; due before the channels open. */
	bind(descriptions: Uint8Array): void;
	control(message: ControlMessage): void;
	/** Payload a frame may have now; 0 where none has room. */
	room(): number;
	/** False where the channel did not take it: try again when `drained`. */
	data(frame: Uint8Array<ArrayBuffer>): boolean;
	/** While something is awaited: closes as `silent` when nothing at all comes for 5 s. */
	await(something: boolean): void;
	/** Of small messages there and back, ms: the shortest lately; 0 until four are known. */
	readonly roundTripMs: number;
	close(why: string): void;
}

export interface LaneDeps {
	readonly clock: Clock;
	readonly self: Uint8Array;
	readonly other: Uint8Array;
	readonly connect: ConnectBulk;
}

export function createLane(deps: LaneDeps, initiator: boolean, events: LaneEvents): Lane {
	const { clock } = deps;
	let state: Lane['state'] = 'connecting';
	let wires: { readonly control: BulkWire; readonly data: BulkWire } | undefined;
	let descriptions: Uint8Array | undefined;
	let met = false;
	let windowBytes = firstWindowBytes;
	let sentBytes = 0;
	/** What had left the channel when the window last grew. */
	let grownAt = 0;
	let payloadCap = maxPayloadBytes;
	let awaiting = false;
	let heardMs = 0;
	let nonce = 0;
	let pingedMs: number | undefined;
	let trips: number[] = [];
	let cancelPing = (): void => undefined;
	let cancelDeadline = clock.after(laneDeadlineMs, () => end('deadline'));

	const ownFirst = (): BulkFirst | undefined => descriptions && { protoMin, protoMax, from: deps.self, to: deps.other, descriptions };

	function end(why: string): void {
		if (state === 'closed') return;
		state = 'closed';
		cancelDeadline();
		cancelPing();
		connection.close();
		events.closed(why);
	}

	function meet(message: ArrayBuffer): void {
		const own = ownFirst();
		const first = decodeBulkFirst(new Uint8Array(message));
		const why = own && first ? firstMismatch({ ...own, build: '' }, { ...first, build: '' }) : 'mismatch';
		if (why) {
			end(why);
			return;
		}
		met = true;
		open();
	}

	function open(): void {
		if (state !== 'connecting' || !wires || !met) return;
		cancelDeadline();
		state = 'open';
		ping();
		events.opened();
	}

	function hear(message: ControlMessage): void {
		if (message.type === 'ping') send({ type: 'pong', nonce: message.nonce });
		else if (message.type === 'pong') answered(message.nonce);
		else events.control(message);
	}

	function answered(heard: number): void {
		if (heard !== nonce || pingedMs === undefined) return;
		trips = [...trips.slice(-7), clock.now() - pingedMs];
		pingedMs = undefined;
	}

	function ping(): void {
		cancelPing();
		if (state !== 'open') return;
		if (pingedMs === undefined) {
			nonce += 1;
			pingedMs = clock.now();
			send({ type: 'ping', nonce });
		}
		if (awaiting) cancelPing = clock.after(pingMs, watch);
	}

	function watch(): void {
		if (clock.now() - heardMs >= silentMs) end('silent');
		else ping();
	}

	/** The window doubles each time as much as it has flowed; by what flowed, not by events, which do not come where it never fills. */
	function grow(): void {
		const flown = sentBytes - (wires?.data.bufferedAmount ?? 0);
		const maxWindowBytes = roundTrip() > farMs ? farWindowBytes : nearWindowBytes;
		if (flown - grownAt < windowBytes / 2 || windowBytes >= maxWindowBytes) return;
		grownAt = flown;
		windowBytes *= 2;
		wires?.data.setLowWater(Math.min(maxLowWaterBytes, windowBytes / 2));
	}

	const roundTrip = (): number => (trips.length < tripsNeeded ? 0 : Math.min(...trips));

	function send(message: ControlMessage): void {
		if (state !== 'open' || !wires) return;
		const bytes = encodeControl(message);
		// Requests are few and small: a channel that does not take them no longer works.
		if (bytes.length > maxControlBytes || !wires.control.send(bytes)) end('full');
	}

	const connection: BulkConnection = deps.connect(initiator, {
		described: (description) => events.described(description),
		late: (candidates) => events.late(candidates),
		connected(opened, maxMessageBytes) {
			const own = ownFirst();
			if (!own || maxMessageBytes < minPayloadBytes + dataHeaderBytes) {
				end('mismatch');
				return;
			}
			wires = opened;
			payloadCap = Math.min(maxPayloadBytes, maxMessageBytes - dataHeaderBytes);
			wires.data.setLowWater(windowBytes / 2);
			wires.control.send(encodeBulkFirst(own));
			open();
		},
		control(message) {
			if (state === 'closed') return;
			heardMs = clock.now();
			if (!met) {
				meet(message);
				return;
			}
			const decoded = decodeControl(new Uint8Array(message));
			if (decoded) hear(decoded);
			else end('bad-frame');
		},
		data(frame) {
			if (state === 'closed') return;
			heardMs = clock.now();
			const decoded = state === 'open' ? decodeData(frame) : undefined;
			if (decoded) events.data(decoded);
			else end('bad-frame');
		},
		drained() {
			if (state !== 'open') return;
			grow();
			events.drained();
		},
		closed: end,
	});

	return {
		device: hex(deps.other),
		get state() {
			return state;
		},
		accept(kind, description) {
			cancelDeadline();
			cancelDeadline = clock.after(laneDeadlineMs, () => end('deadline'));
			connection.accept(kind, description);
		},
		addCandidates: (candidates) => connection.addCandidates(candidates),
		bind(hash) {
			descriptions = hash;
		},
		control: send,
		room() {
			if (state !== 'open' || !wires) return 0;
			const free = windowBytes - wires.data.bufferedAmount;
			const payload = Math.min(payloadCap, Math.max(minPayloadBytes, windowBytes / 4));
			return free >= payload ? payload : 0;
		},
		data(frame) {
			if (state !== 'open' || !wires?.data.send(frame)) return false;
			sentBytes += frame.length;
			grow();
			return true;
		},
		await(something) {
			if (awaiting === something) return;
			awaiting = something;
			heardMs = clock.now();
			if (something) ping();
			else cancelPing();
		},
		get roundTripMs() {
			return roundTrip();
		},
		close: end,
	};
}
