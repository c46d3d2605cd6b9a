/** The signaling server's behaviour over memory, honest unless a test makes it otherwise. */
import type { OpenSignalSocket } from '../../src/sync/ports.ts';

export interface FakeSignaling {
	open(address?: string): OpenSignalSocket;
	/** Frames delivered, once per receiver. */
	readonly deliveries: () => number;
	/** Every published frame, as it came. */
	readonly frames: { topic: string; text: string }[];
	/** Delivers a frame as if somebody had published it. */
	replay(frame: { topic: string; text: string }): void;
	/** What a hostile server does to a frame before it passes it on; `undefined` drops it. */
	tamper: ((frame: { topic: string; text: string }) => string | undefined) | undefined;
	setDown(down: boolean): void;
}

interface Socket {
	topics: Set<string>;
	closed: boolean;
	events: { open(): void; message(text: string): void; close(): void };
}

export function createFakeSignaling(): FakeSignaling {
	const sockets = new Set<Socket>();
	const frames: { topic: string; text: string }[] = [];
	let deliveries = 0;
	let down = false;

	function deliver(from: Socket | undefined, topic: string, text: string): void {
		for (const socket of sockets) {
			if (socket === from || socket.closed || !socket.topics.has(topic)) continue;
			deliveries += 1;
			setTimeout(() => socket.closed || socket.events.message(text), 0);
		}
	}

	function drop(socket: Socket): void {
		sockets.delete(socket);
		if (socket.closed) return;
		socket.closed = true;
		setTimeout(() => socket.events.close(), 0);
	}

	const server: FakeSignaling = {
		frames,
		tamper: undefined,
		deliveries: () => deliveries,
		open: (address = '10.0.0.7') => (events) => {
			const socket: Socket = { topics: new Set(), closed: false, events };
			setTimeout(() => {
				if (socket.closed) return;
				if (down) {
					drop(socket);
					return;
				}
				sockets.add(socket);
				events.open();
				events.message(JSON.stringify({ type: 'welcome', address, build: 'b', stunPort: 0 }));
			}, 0);
			return {
				close: () => {
					socket.closed = true;
					sockets.delete(socket);
				},
				send(text) {
					if (socket.closed) return;
					const frame = JSON.parse(text) as { type: string; topics?: string[]; topic?: string };
					for (const topic of frame.topics ?? []) {
						if (frame.type === 'subscribe') socket.topics.add(topic);
						else socket.topics.delete(topic);
					}
					if (frame.type === 'ping') setTimeout(() => socket.closed || events.message('{"type":"pong"}'), 0);
					if (frame.type !== 'publish' || frame.topic === undefined) return;
					const published = { topic: frame.topic, text };
					frames.push(published);
					const passed = server.tamper ? server.tamper(published) : text;
					if (passed !== undefined) deliver(socket, frame.topic, passed);
				},
			};
		},
		replay({ topic, text }) {
			deliver(undefined, topic, text);
		},
		setDown(next) {
			down = next;
			if (down) for (const socket of [...sockets]) drop(socket);
		},
	};
	return server;
}
