/**
 * Messages as frames of one data channel (PROTOCOL.md, section 8): `flags u8 (1 first, 2 last) | stream u32 | [first: total u32] | payload`,
 * at most 16,384 bytes each, because Firefox and Chromium agree on no larger message. An urgent message goes between two frames of a
 * bulk one; within each of the two classes messages keep their order.
 */

export const maxFrameBytes = 16_384;
export const maxMessageBytes = 2 * 1024 * 1024;
/** What may wait for one peer before `send` answers false. */
export const maxQueuedBytes = 64 * 1024 * 1024;
/** A channel that has just opened stalls for 2 s if more is queued at once (measured); it grows as bytes flow. */
const firstWindowBytes = 64 * 1024;
const maxWindowBytes = 256 * 1024;
/** Below this the channel asks for more. Half of the first window: the event needs a crossing from above. */
export const lowWaterBytes = 32 * 1024;
/** Two classes at the sender, so two streams at a time; a peer that opens more is not ours. */
const maxOpenStreams = 4;
const flagFirst = 1;
const flagLast = 2;
const plainHeaderBytes = 5;
const firstHeaderBytes = 9;

/** The part of an `RTCDataChannel` that is needed. */
export interface FrameChannel {
	readonly bufferedAmount: number;
	send(frame: Uint8Array): void;
}

interface Outgoing {
	readonly stream: number;
	readonly bytes: Uint8Array;
	at: number;
}

export interface FrameSender {
	/** Queues a message; `false` if it is empty, over 2 MiB, or too much waits. */
	send(message: Uint8Array, urgent: boolean): boolean;
	/** The channel has sent something: to be called on `bufferedamountlow`. */
	drained(): void;
	/** Bytes of messages not yet handed to the channel. */
	readonly queuedBytes: number;
}

/** Cuts messages into frames and hands over no more than the channel can bear. */
export function createFrameSender(channel: FrameChannel): FrameSender {
	const urgentQueue: Outgoing[] = [];
	const bulkQueue: Outgoing[] = [];
	let nextStream = 0;
	let queuedBytes = 0;
	let windowBytes = firstWindowBytes;

	function pump(): void {
		for (;;) {
			const queue = urgentQueue.length > 0 ? urgentQueue : bulkQueue;
			const next = queue[0];
			if (!next) return;
			const headerBytes = next.at === 0 ? firstHeaderBytes : plainHeaderBytes;
			const payloadBytes = Math.min(maxFrameBytes - headerBytes, next.bytes.length - next.at);
			if (channel.bufferedAmount + headerBytes + payloadBytes > windowBytes) return;
			const frame = new Uint8Array(headerBytes + payloadBytes);
			const view = new DataView(frame.buffer);
			const last = next.at + payloadBytes === next.bytes.length;
			view.setUint8(0, (next.at === 0 ? flagFirst : 0) | (last ? flagLast : 0));
			view.setUint32(1, next.stream);
			if (next.at === 0) view.setUint32(5, next.bytes.length);
			frame.set(next.bytes.subarray(next.at, next.at + payloadBytes), headerBytes);
			next.at += payloadBytes;
			queuedBytes -= payloadBytes;
			if (last) queue.shift();
			channel.send(frame);
		}
	}

	return {
		send(message, urgent) {
			if (message.length === 0 || message.length > maxMessageBytes || queuedBytes + message.length > maxQueuedBytes) return false;
			nextStream = (nextStream + 1) % 2 ** 32;
			(urgent ? urgentQueue : bulkQueue).push({ stream: nextStream, bytes: message, at: 0 });
			queuedBytes += message.length;
			pump();
			return true;
		},
		drained() {
			windowBytes = Math.min(maxWindowBytes, windowBytes * 2);
			pump();
		},
		get queuedBytes() {
			return queuedBytes;
		},
	};
}

export interface FrameReceiver {
	/** A whole message, `'partial'` when more must come, or `undefined` for a frame that breaks the rules: the link is to be closed. */
	receive(frame: Uint8Array): Uint8Array | 'partial' | undefined;
}

interface Incoming {
	readonly total: number;
	readonly parts: Uint8Array[];
	length: number;
}

/** Puts messages together. What is claimed is not allocated: only what has arrived is held. */
export function createFrameReceiver(): FrameReceiver {
	const streams = new Map<number, Incoming>();
	return {
		receive(frame) {
			if (frame.length <= plainHeaderBytes || frame.length > maxFrameBytes) return undefined;
			const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
			const flags = view.getUint8(0);
			if (flags > (flagFirst | flagLast)) return undefined;
			const stream = view.getUint32(1);
			let incoming = streams.get(stream);
			let headerBytes = plainHeaderBytes;
			if (flags & flagFirst) {
				if (incoming || frame.length <= firstHeaderBytes || streams.size >= maxOpenStreams) return undefined;
				const total = view.getUint32(5);
				if (total === 0 || total > maxMessageBytes) return undefined;
				incoming = { total, parts: [], length: 0 };
				headerBytes = firstHeaderBytes;
			}
			if (!incoming) return undefined;
			const payload = frame.slice(headerBytes);
			incoming.length += payload.length;
			const complete = incoming.length === incoming.total;
			if (incoming.length > incoming.total || complete !== ((flags & flagLast) !== 0)) return undefined;
			incoming.parts.push(payload);
			if (!complete) {
				streams.set(stream, incoming);
				return 'partial';
			}
			streams.delete(stream);
			return join(incoming);
		},
	};
}

function join(incoming: Incoming): Uint8Array {
	const [only] = incoming.parts;
	if (incoming.parts.length === 1 && only) return only;
	const message = new Uint8Array(incoming.total);
	let at = 0;
	for (const part of incoming.parts) {
		message.set(part, at);
		at += part.length;
	}
	return message;
}
