/** Two links joined by a wire in memory, without signals: for what happens on a channel. */
import { fromUtf8, hex } from '../../src/crypto/bytes.ts';
import type { Random } from '../../src/crypto/random.ts';
import type { ConnectionEvents } from '../../src/sync/link/connection.ts';
import { createFrameSender } from '../../src/sync/link/frame.ts';
import { createLink, type Link } from '../../src/sync/link/link.ts';
import { createFakeClock } from './fake-clock.ts';

export interface LinkEnd {
	readonly link: Link;
	/** The channel opens on this side. */
	connect(): void;
	opened: boolean;
	closed: string | undefined;
	readonly messages: string[];
}

export interface LinkPair {
	readonly a: LinkEnd;
	readonly b: LinkEnd;
	/** A whole message, as frames, from nowhere. */
	deliverToA(message: Uint8Array): void;
	settle(): Promise<void>;
}

const [idA, idB, idM] = [1, 2, 3].map((byte) => new Uint8Array(32).fill(byte)) as [Uint8Array, Uint8Array, Uint8Array];

/** `spliced`: each believes to talk with a third, who offered it the other's fingerprint. */
export function createLinkPair(_random: Random, { spliced = false } = {}): LinkPair {
	const clock = createFakeClock();
	const wires: ConnectionEvents[] = [];

	function end(index: 0 | 1): LinkEnd {
		const state: LinkEnd = { link: undefined as unknown as Link, connect: () => undefined, opened: false, closed: undefined, messages: [] };
		const link = createLink(
			{
				clock,
				build: 'test',
				self: index === 0 ? idA : idB,
				other: spliced ? idM : index === 0 ? idB : idA,
				connect(_initiator, events) {
					wires[index] = events;
					return { accept: () => undefined, addCandidates: () => undefined, close: () => undefined };
				},
			},
			index === 0,
			{
				described: () => undefined,
				late: () => undefined,
				opened: () => {
					state.opened = true;
				},
				message: (type, payload) => state.messages.push(`${type} ${fromUtf8(payload) ?? hex(payload)}`),
				closed: (why) => {
					state.closed = why;
				},
			},
		);
		link.bind(new Uint8Array(32).fill(0x55));
		const send = (frame: Uint8Array): void => void setImmediate(() => wires[1 - index]?.frame(frame.slice()));
		return Object.assign(state, { link, connect: () => wires[index]?.connected({ bufferedAmount: 0, send }) });
	}

	const a = end(0);
	const b = end(1);
	return {
		a,
		b,
		deliverToA(message) {
			createFrameSender({ bufferedAmount: 0, send: (frame) => wires[0]?.frame(frame) }).send(message, true);
		},
		async settle() {
			for (let i = 0; i < 5; i++) await clock.settle();
		},
	};
}
