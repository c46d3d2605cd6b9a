/**
 * A network in virtual time that loses, repeats, reorders, delays and splits, repeatably. It hands each device a `MeshPort`, as the mesh does.
 */
import { hex } from '../../src/crypto/bytes.ts';
import type { LinkInfo, MeshPort } from '../../src/sync/link/mesh-port.ts';
import { createCell, derive, type Source } from '../../src/sync/source.ts';
import type { Id } from '../../src/sync/log/entry.ts';
import type { FakeClock } from './fake-clock.ts';
import { seededRandom } from './seeded-random.ts';

export interface Weather {
	/** Shares of messages, 0 to 1. */
	readonly loss: number;
	readonly repeat: number;
	/** Each message takes a time between these; links keep no order. */
	readonly delayMs: readonly [number, number];
}

export const calm: Weather = { loss: 0, repeat: 0, delayMs: [1, 5] };
export const storm: Weather = { loss: 0.2, repeat: 0.2, delayMs: [1, 400] };

export interface FakeNetwork {
	weather: Weather;
	/** The device's end; made once. */
	mesh(device: Id): MeshPort;
	/** @param limitedAt the ends at which the link is limited */
	connect(a: Id, b: Id, limitedAt?: readonly Id[]): void;
	disconnect(a: Id, b: Id): void;
	/** A link in join mode, limited at both ends. */
	connectNewcomer(newcomer: Id, member: Id, invite: Id): void;
	/** Makes a limited end full, as `reconsider` does. */
	lift(at: Id, other: Id): void;
	connectAll(devices: readonly Id[]): void;
	/** Cuts every link between the groups. */
	partition(groups: readonly (readonly Id[])[]): void;
	/** What is under way is lost, and the device has no links: its computer is off. */
	unplug(device: Id): void;
	/** Messages handed to the network, by type. */
	readonly sent: Map<number, number>;
	bytes: number;
}

interface Node {
	readonly device: Id;
	readonly links: ReturnType<typeof createCell<readonly LinkInfo[]>>;
	readonly linked: Source<ReadonlySet<Id>>;
	readonly handlers: Map<number, (from: LinkInfo, payload: Uint8Array) => void>;
	readonly openedListeners: Set<(link: LinkInfo) => void>;
	readonly closedListeners: Set<(link: LinkInfo, why: string) => void>;
	readonly mesh: MeshPort;
}

export function createFakeNetwork(clock: FakeClock, seed: number): FakeNetwork {
	const random = seededRandom(seed);
	const chance = (): number => new DataView(random(4).buffer as ArrayBuffer).getUint32(0) / 2 ** 32;
	const nodes = new Map<Id, Node>();
	const boot = '00'.repeat(16);

	const linkOf = (from: Node, to: Id): LinkInfo | undefined => from.links.get().find((link) => link.device === to);

	function deliver(from: Id, to: Id, message: Uint8Array): void {
		const node = nodes.get(to);
		const link = node && linkOf(node, from);
		if (node === undefined || link === undefined) return;
		node.handlers.get(message[0] ?? 0)?.(link, message.subarray(1));
	}

	function transmit(from: Id, to: Id, message: Uint8Array): void {
		const copy = message.slice();
		const type = message[0] ?? 0;
		network.sent.set(type, (network.sent.get(type) ?? 0) + 1);
		network.bytes += message.length;
		const { loss, repeat, delayMs } = network.weather;
		const send = (): void => void clock.after(Math.round(delayMs[0] + chance() * (delayMs[1] - delayMs[0])), () => deliver(from, to, copy));
		if (chance() >= loss) send();
		if (chance() < repeat) send();
	}

	function nodeOf(device: Id): Node {
		const known = nodes.get(device);
		if (known !== undefined) return known;
		const links = createCell<readonly LinkInfo[]>([]);
		const handlers: Node['handlers'] = new Map();
		const openedListeners: Node['openedListeners'] = new Set();
		const closedListeners: Node['closedListeners'] = new Set();
		const mesh: MeshPort = {
			links,
			send(to, message) {
				if (!links.get().some((link) => link.device === to)) return false;
				transmit(device, to, message);
				return true;
			},
			broadcast(message) {
				for (const link of links.get()) if (!link.limited) transmit(device, link.device, message);
			},
			onMessage(types, handler) {
				for (const type of types) handlers.set(type, handler);
				return () => {
					for (const type of types) handlers.delete(type);
				};
			},
			onOpened(fn) {
				openedListeners.add(fn);
				return () => openedListeners.delete(fn);
			},
			onClosed(fn) {
				closedListeners.add(fn);
				return () => closedListeners.delete(fn);
			},
			// Known of those one is linked to alone, as in the mesh.
			neighbours: (other) => (links.get().some((link) => link.device === other) ? nodes.get(other)?.linked.get() : undefined) ?? new Set(),
			self: { device, boot },
		};
		const linked = derive([links], () => new Set(links.get().map((link) => link.device)));
		const node: Node = { device, links, linked, handlers, openedListeners, closedListeners, mesh };
		nodes.set(device, node);
		return node;
	}

	function open(at: Node, other: Id, limited: boolean, join: Pick<LinkInfo, 'session' | 'invite'> = { session: '', invite: undefined }): void {
		const link: LinkInfo = { device: other, boot, limited, sinceMs: clock.now(), build: '', ...join };
		at.links.set([...at.links.get().filter((known) => known.device !== other), link]);
		clock.after(0, () => {
			if (linkOf(at, other) === link) for (const fn of at.openedListeners) fn(link);
		});
	}

	function close(at: Node, other: Id): void {
		const link = linkOf(at, other);
		if (link === undefined) return;
		at.links.set(at.links.get().filter((known) => known !== link));
		for (const fn of at.closedListeners) fn(link, 'gone');
	}

	const network: FakeNetwork = {
		weather: calm,
		sent: new Map(),
		bytes: 0,
		mesh: (device) => nodeOf(device).mesh,
		connect(a, b, limitedAt = []) {
			if (linkOf(nodeOf(a), b) !== undefined) return;
			open(nodeOf(a), b, limitedAt.includes(a));
			open(nodeOf(b), a, limitedAt.includes(b));
		},
		disconnect(a, b) {
			close(nodeOf(a), b);
			close(nodeOf(b), a);
		},
		connectNewcomer(newcomer, member, invite) {
			const session = hex(random(32));
			open(nodeOf(newcomer), member, true, { session, invite: '' });
			open(nodeOf(member), newcomer, true, { session, invite });
		},
		lift(at, other) {
			const link = linkOf(nodeOf(at), other);
			if (link) open(nodeOf(at), other, false, { session: link.session, invite: link.invite });
		},
		connectAll(devices) {
			for (const [index, a] of devices.entries()) for (const b of devices.slice(index + 1)) network.connect(a, b);
		},
		partition(groups) {
			const groupOf = new Map(groups.flatMap((group, index) => group.map((device) => [device, index] as const)));
			for (const node of nodes.values()) {
				for (const link of node.links.get()) if (groupOf.get(node.device) !== groupOf.get(link.device)) network.disconnect(node.device, link.device);
			}
		},
		unplug(device) {
			for (const link of nodeOf(device).links.get()) network.disconnect(device, link.device);
		},
	};
	return network;
}
