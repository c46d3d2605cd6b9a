/**
 * One link: from the attempt over the first messages to an open link, and its end (PROTOCOL.md, section 8). A link never comes back;
 * what replaces it is another one.
 */
import { concat } from '../../crypto/bytes.ts';
import { createWriter, decode } from '../../crypto/codec.ts';
import type { Clock } from '../ports.ts';
import type { Candidate } from './candidate.ts';
import type { Connection, ConnectionEvents } from './connection.ts';
import type { Description } from './description.ts';
import { decodeFirst, encodeFirst, type First, firstMismatch, maxBuildBytes, protoMax, protoMin } from './first.ts';
import { createFrameReceiver, createFrameSender, type FrameSender } from './frame.ts';
import { messageTypes } from './message-types.ts';

/** For each half of an attempt: until the other side's description is here, and from there to the first messages exchanged. */
export const attemptDeadlineMs = 15_000;
/** For the answer to a probe. */
export const probeDeadlineMs = 3_000;

export interface LinkEvents {
	described(description: Description): void;
	late(candidates: readonly Candidate[]): void;
	/** `build` as the other end named it. */
	opened(build: string): void;
	/** A whole message; probes are answered here and do not appear. */
	message(type: number, payload: Uint8Array): void;
	/** Once; nothing follows it. */
	closed(why: string): void;
}

export interface Link {
	accept(kind: 'offer' | 'answer', description: Description): void;
	addCandidates(candidates: readonly Candidate[]): void;
	/** The hash of both descriptions; due before the channel opens. */
	bind(descriptions: Uint8Array): void;
	/** `message` = type u8 | payload. `false` when not open, or too much waits. */
	send(message: Uint8Array, urgent: boolean): boolean;
	/** Closes as `silent` unless answered within 3 s. */
	probe(): void;
	close(why: string): void;
	/** More bytes than this in all are not taken from the other end; `undefined` lifts it. */
	limitReceived(maxBytes: number | undefined): void;
	readonly state: 'connecting' | 'open' | 'closed';
	readonly queuedBytes: number;
}

export interface LinkDeps {
	readonly clock: Clock;
	readonly build: string;
	readonly self: Uint8Array;
	readonly other: Uint8Array;
	readonly connect: (initiator: boolean, events: ConnectionEvents) => Connection;
}

export function createLink(deps: LinkDeps, initiator: boolean, events: LinkEvents): Link {
	const { clock } = deps;
	const receiver = createFrameReceiver();
	let state: Link['state'] = 'connecting';
	let sender: FrameSender | undefined;
	let descriptions: Uint8Array | undefined;
	let other: First | undefined;
	let maxReceivedBytes = Number.POSITIVE_INFINITY;
	let receivedBytes = 0;
	let awaited: number | undefined;
	let probes = 0;
	let cancelProbe = (): void => undefined;
	let cancelDeadline = clock.after(attemptDeadlineMs, () => end('deadline'));

	function ownFirst(): First | undefined {
		return descriptions && { protoMin, protoMax, build: deps.build.slice(0, maxBuildBytes), from: deps.self, to: deps.other, descriptions };
	}

	function end(why: string): void {
		if (state === 'closed') return;
		state = 'closed';
		cancelDeadline();
		cancelProbe();
		connection.close();
		events.closed(why);
	}

	function receive(frame: Uint8Array): void {
		if (state === 'closed') return;
		receivedBytes += frame.length;
		if (receivedBytes > maxReceivedBytes) {
			end('limit');
			return;
		}
		const message = receiver.receive(frame);
		if (message === 'partial') return;
		if (!message) {
			end('bad-frame');
			return;
		}
		const type = message[0] ?? 0;
		const payload = message.subarray(1);
		if (state !== 'open') meet(type, payload);
		else if (type === messageTypes.probe) sender?.send(concat(Uint8Array.of(messageTypes.probed), payload.subarray(0, 4)), true);
		else if (type === messageTypes.probed) answered(payload);
		else if (type === messageTypes.first) end('mismatch');
		else events.message(type, payload);
	}

	function meet(type: number, payload: Uint8Array): void {
		const own = ownFirst();
		const first = type === messageTypes.first && !other ? decodeFirst(payload) : undefined;
		const why = own && first ? firstMismatch(own, first) : 'mismatch';
		if (why) {
			end(why);
			return;
		}
		other = first;
		open();
	}

	/** Open is when both first messages went: the other's may arrive while our own connection is still settling. */
	function open(): void {
		if (state !== 'connecting' || !sender || !other) return;
		cancelDeadline();
		state = 'open';
		events.opened(other.build);
	}

	function answered(payload: Uint8Array): void {
		if (decode(payload, (r) => r.u32()) !== awaited) return;
		awaited = undefined;
		cancelProbe();
	}

	const connection = deps.connect(initiator, {
		described(description) {
			events.described(description);
		},
		late(candidates) {
			events.late(candidates);
		},
		connected(channel) {
			const own = ownFirst();
			if (!own) {
				end('mismatch');
				return;
			}
			sender = createFrameSender(channel);
			sender.send(concat(Uint8Array.of(messageTypes.first), encodeFirst(own)), true);
			open();
		},
		frame: receive,
		drained() {
			sender?.drained();
		},
		closed: end,
	});

	return {
		accept(kind, description) {
			if (state === 'connecting') {
				// What the other side has answered is under way, however slow a busy machine is: ending it now would only begin it anew.
				cancelDeadline();
				cancelDeadline = clock.after(attemptDeadlineMs, () => end('deadline'));
			}
			connection.accept(kind, description);
		},
		addCandidates(candidates) {
			connection.addCandidates(candidates);
		},
		bind(hash) {
			descriptions = hash;
		},
		send: (message, urgent) => state === 'open' && (sender?.send(message, urgent) ?? false),
		probe() {
			if (state !== 'open' || awaited !== undefined) return;
			probes += 1;
			awaited = probes;
			cancelProbe = clock.after(probeDeadlineMs, () => end('silent'));
			sender?.send(createWriter().u8(messageTypes.probe).u32(probes).bytes(), true);
		},
		close: end,
		limitReceived(maxBytes) {
			maxReceivedBytes = maxBytes === undefined ? Number.POSITIVE_INFINITY : receivedBytes + maxBytes;
		},
		get state() {
			return state;
		},
		get queuedBytes() {
			return sender?.queuedBytes ?? 0;
		},
	};
}
