/** A mesh of two that talk over a MessagePort: what replication needs of one, without connections. */
import type { Id } from '../../src/sync/log/entry.ts';
import type { LinkInfo, MeshPort } from '../../src/sync/link/mesh-port.ts';
import { createCell } from '../../src/sync/source.ts';

/** What the bench and the tests use of a port, in pages and in workers. */
export interface Port {
	postMessage(message: Uint8Array, transfer: Transferable[]): void;
	addEventListener(type: 'message', listener: (event: MessageEvent<Uint8Array>) => void): void;
}

export function createPortMesh(self: Id, other: Id, port: Port): MeshPort & { readonly received: () => number } {
	const link: LinkInfo = { device: other, boot: '00'.repeat(16), limited: false, sinceMs: Date.now(), session: '00'.repeat(32), invite: undefined, build: 'bench' };
	const handlers = new Map<number, Set<(from: LinkInfo, payload: Uint8Array) => void>>();
	let received = 0;

	port.addEventListener('message', ({ data }) => {
		received += data.length;
		for (const handler of handlers.get(data[0] ?? -1) ?? []) handler(link, data.subarray(1));
	});
	function send(message: Uint8Array): boolean {
		const copy = message.slice();
		port.postMessage(copy, [copy.buffer]);
		return true;
	}

	return {
		received: () => received,
		links: createCell([link]),
		send: (device, message) => device === other && send(message),
		broadcast: (message) => void send(message),
		onMessage(types, handler) {
			for (const type of types) handlers.set(type, (handlers.get(type) ?? new Set()).add(handler));
			return () => {
				for (const type of types) handlers.get(type)?.delete(handler);
			};
		},
		onOpened: () => () => undefined,
		onClosed: () => () => undefined,
		neighbours: () => new Set([self]),
		self: { device: self, boot: '00'.repeat(16) },
	};
}
