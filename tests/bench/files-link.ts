/**
 * Links between the pages of the files bench: the app's own link over a real connection, as a mesh has it. Descriptions go through the bench's
 * process in place of the signaling server.
 */
import { fromHex } from '../../src/crypto/bytes.ts';
import { createConnection } from '../../src/sync/link/connection.ts';
import type { Candidate } from '../../src/sync/link/candidate.ts';
import type { Description } from '../../src/sync/link/description.ts';
import { createLink, type Link } from '../../src/sync/link/link.ts';
import type { LinkInfo, MeshPort } from '../../src/sync/link/mesh-port.ts';
import { systemClock } from '../../src/sync/ports.ts';
import { createCell } from '../../src/sync/source.ts';

type Signal = { readonly kind: 'offer' | 'answer'; readonly description: Description } | { readonly kind: 'late'; readonly candidates: readonly Candidate[] };

export interface BenchLinks {
	readonly mesh: MeshPort;
	/** Resolves once the link is open. */
	dial(other: string): Promise<void>;
	hear(from: string, signal: Signal): void;
}

const wrtc = { RTCPeerConnection, RTCSessionDescription, RTCIceCandidate };

export function createBenchLinks(self: string, tell: (to: string, signal: Signal) => void): BenchLinks {
	const links = new Map<string, Link>();
	const open = createCell<readonly LinkInfo[]>([]);
	const handlers = new Map<number, ((from: LinkInfo, payload: Uint8Array) => void)[]>();
	const closing: ((link: LinkInfo, why: string) => void)[] = [];
	const bytesOf = (id: string): Uint8Array => fromHex(id) ?? new Uint8Array(32);

	function make(other: string, initiator: boolean, opened: () => void): Link {
		const info: LinkInfo = { device: other, boot: '', limited: false, sinceMs: Date.now(), session: '', invite: undefined, build: 'bench' };
		const link = createLink(
			{ clock: systemClock, build: 'bench', self: bytesOf(self), other: bytesOf(other), connect: (first, events) => createConnection({ clock: systemClock, wrtc, iceServers: [] }, first, events) },
			initiator,
			{
				described: (description) => tell(other, { kind: initiator ? 'offer' : 'answer', description }),
				late: (candidates) => tell(other, { kind: 'late', candidates }),
				opened() {
					open.set([...open.get(), info]);
					opened();
				},
				message(type, payload) {
					for (const handler of handlers.get(type) ?? []) handler(info, payload);
				},
				closed(why) {
					links.delete(other);
					open.set(open.get().filter(({ device }) => device !== other));
					for (const fn of closing) fn(info, why);
				},
			},
		);
		// Whose fingerprint it is stands in the mesh's own tests; here both ends are the bench's.
		link.bind(new Uint8Array(32));
		links.set(other, link);
		return link;
	}

	return {
		mesh: {
			links: open,
			send: (device, message, urgent = false) => links.get(device)?.send(message, urgent) ?? false,
			broadcast: () => undefined,
			onMessage(types, handler) {
				for (const type of types) handlers.set(type, [...(handlers.get(type) ?? []), handler]);
				return () => undefined;
			},
			onOpened: () => () => undefined,
			onClosed(fn) {
				closing.push(fn);
				return () => undefined;
			},
			neighbours: () => new Set(),
			self: { device: self, boot: '' },
		},
		dial: (other) => new Promise((resolve) => make(other, true, resolve)),
		hear(from, signal) {
			if (signal.kind === 'late') {
				links.get(from)?.addCandidates(signal.candidates);
				return;
			}
			if (signal.kind === 'offer') links.get(from)?.close('again');
			const link = signal.kind === 'offer' ? make(from, false, () => undefined) : links.get(from);
			// As text it came through the bench's process.
			const description = { ...signal.description, fingerprint: Uint8Array.from(Object.values(signal.description.fingerprint)) };
			link?.accept(signal.kind, description);
			link?.addCandidates(description.candidates);
		},
	};
}
