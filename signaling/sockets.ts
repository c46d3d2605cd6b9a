/**
 * The WebSocket side of the server: each socket may subscribe to topics and publish to them. It reads no content. A frame is
 * delivered to the topic's subscribers except its sender (y-webrtc drops what it said itself), exactly as it came.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import { createTokenBucket, type Rate } from './limits.ts';
import { maxFrameBytes, parseClientFrame, type Welcome } from './protocol.ts';
import { createTopics } from './topics.ts';

export type SocketLimits = {
	/** Frames a socket may send. A start among 30 colleagues is some 300 signals. */
	readonly frames: Rate;
	readonly bytes: Rate;
	/** Bytes a socket may make the server send, over all receivers. */
	readonly deliveredBytes: Rate;
	/** A socket in debt is not read until it is out of it; one deeper in debt than this is closed. */
	readonly maxDebtMs: number;
	/** A receiver with more than this unread misses frames: signals are repeated, memory is not. */
	readonly maxBufferedBytes: number;
	readonly pingEveryMs: number;
};

export const socketLimits: SocketLimits = {
	frames: { burst: 1_000, perSecond: 100 },
	bytes: { burst: 4 * 1024 * 1024, perSecond: 512 * 1024 },
	deliveredBytes: { burst: 64 * 1024 * 1024, perSecond: 8 * 1024 * 1024 },
	maxDebtMs: 10_000,
	maxBufferedBytes: 1024 * 1024,
	pingEveryMs: 20_000,
};
const maxFragments = 64;
/** Time for the close frame to reach a socket that is cut off for flooding. */
const floodCloseMs = 1_000;
/** What a frame that is not understood costs, in frames. */
const badFrameCost = 10;

/** Close codes of RFC 6455, 7.4.1. */
const goingAway = 1001;
const policyViolation = 1008;

/** Running totals since the start. */
export type SocketCounters = {
	/** Frames passed on, counted once per receiver. */
	deliveries: number;
	deliveredBytes: number;
	frames: number;
	badFrames: number;
	/** Frames a full receiver missed. */
	missed: number;
};

export type SocketsDeps = {
	readonly limits: SocketLimits;
	readonly nowMs: () => number;
	readonly welcome: (address: string) => Welcome;
};

export type Sockets = {
	/** Completes the handshake of a checked request. `closed` is called once, also when the handshake fails. */
	accept(request: IncomingMessage, socket: Duplex, head: Buffer, address: string, closed: () => void): void;
	readonly counters: Readonly<SocketCounters>;
	readonly open: number;
	/** Says 1001 to everyone. */
	close(): void;
	/** Drops who has not closed by now. */
	terminate(): void;
};

export function createSockets({ limits, nowMs, welcome }: SocketsDeps): Sockets {
	const options = { noServer: true, maxPayload: maxFrameBytes, maxFragments, perMessageDeflate: false, clientTracking: true, skipUTF8Validation: false };
	const server = new WebSocketServer(options);
	const topics = createTopics<WebSocket>();
	const counters: SocketCounters = { deliveries: 0, deliveredBytes: 0, frames: 0, badFrames: 0, missed: 0 };
	const unanswered = new WeakSet<WebSocket>();

	const pinging = setInterval(() => {
		for (const socket of server.clients) {
			if (unanswered.has(socket)) {
				socket.terminate();
			} else if (socket.readyState === WebSocket.OPEN) {
				unanswered.add(socket);
				socket.ping();
			}
		}
	}, limits.pingEveryMs);
	pinging.unref();

	/** Sends to one socket unless it is not keeping up. Returns whether it was sent. */
	function deliver(socket: WebSocket, text: string): boolean {
		if (socket.readyState !== WebSocket.OPEN) return false;
		if (socket.bufferedAmount > limits.maxBufferedBytes) {
			counters.missed += 1;
			return false;
		}
		socket.send(text, () => undefined);
		return true;
	}

	/** Returns the bytes delivered. */
	function publish(from: WebSocket, topic: string, text: string, bytes: number): number {
		let delivered = 0;
		for (const socket of topics.subscribers(topic)) {
			if (socket !== from && deliver(socket, text)) delivered += 1;
		}
		counters.deliveries += delivered;
		counters.deliveredBytes += delivered * bytes;
		return delivered * bytes;
	}

	/** Acts on one frame. Returns the bytes it made the server send, `undefined` when it was not understood or not allowed. */
	function act(socket: WebSocket, text: string, bytes: number): number | undefined {
		const frame = parseClientFrame(text);
		switch (frame?.type) {
			case 'subscribe':
				return frame.topics.every((topic) => topics.subscribe(socket, topic)) ? 0 : undefined;
			case 'unsubscribe':
				for (const topic of frame.topics) topics.unsubscribe(socket, topic);
				return 0;
			case 'publish':
				return publish(socket, frame.topic, text, bytes);
			case 'ping':
				deliver(socket, '{"type":"pong"}');
				return 0;
			case undefined:
				return undefined;
		}
	}

	function attach(socket: WebSocket, address: string): void {
		const frames = createTokenBucket(limits.frames, nowMs);
		const bytesIn = createTokenBucket(limits.bytes, nowMs);
		const bytesOut = createTokenBucket(limits.deliveredBytes, nowMs);
		let paused: NodeJS.Timeout | undefined;

		socket.on('pong', () => unanswered.delete(socket));
		socket.on('message', (data: Buffer, isBinary: boolean) => {
			if (socket.readyState !== WebSocket.OPEN) return;
			counters.frames += 1;
			const delivered = isBinary ? undefined : act(socket, data.toString('utf8'), data.length);
			if (delivered === undefined) counters.badFrames += 1;
			const debtMs = Math.max(frames.take(delivered === undefined ? badFrameCost : 1), bytesIn.take(data.length), bytesOut.take(delivered ?? 0));
			if (debtMs > limits.maxDebtMs) {
				// Its own goodbye lies behind all it still sends, so it is not waited for, and nothing more is read.
				socket.close(policyViolation, 'too many frames');
				socket.pause();
				clearTimeout(paused);
				topics.leave(socket);
				setTimeout(() => socket.terminate(), floodCloseMs).unref();
			} else if (debtMs > 0) {
				// Not reading makes the sender's own TCP wait: an honest burst is slowed, and nothing of it is lost.
				socket.pause();
				clearTimeout(paused);
				paused = setTimeout(() => socket.resume(), debtMs);
			}
		});
		socket.on('close', () => {
			clearTimeout(paused);
			topics.leave(socket);
		});
		// Broken frames and lost connections: `ws` closes the socket itself, and an unheard `error` would end the process.
		socket.on('error', () => undefined);
		deliver(socket, JSON.stringify(welcome(address)));
	}

	return {
		accept(request, socket, head, address, closed) {
			if (socket.destroyed) {
				closed();
				return;
			}
			socket.once('close', closed);
			server.handleUpgrade(request, socket, head, (ws) => attach(ws, address));
		},
		counters,
		get open() {
			return server.clients.size;
		},
		close() {
			clearInterval(pinging);
			for (const socket of server.clients) socket.close(goingAway, 'the server is stopping');
		},
		terminate() {
			for (const socket of server.clients) socket.terminate();
		},
	};
}
