/**
 * How HEADS travel (PROTOCOL.md, section 8): one's own at once to the author of mail that was decrypted (to two others if the author is
 * not linked), to all before a goodbye, else with a BEAT where it is news; those of others only to whom they are not linked.
 */
import { hex } from '../../crypto/bytes.ts';
import { createWriter } from '../../crypto/codec.ts';
import { tag } from '../../crypto/hash.ts';
import { labels } from '../../crypto/labels.ts';
import type { Random } from '../../crypto/random.ts';
import type { MeshPort } from '../link/mesh-port.ts';
import type { Clock } from '../ports.ts';
import { type Id, idToBytes } from './entry.ts';
import type { Heads, HeadsMessage } from './heads.ts';
import type { Log } from './log.ts';

const gatherMs = 300;
const beatMs = 20_000;
/** HEADS of a device that is online change all the time: to those it is not linked to they go at most this often. */
const passOnMs = 60_000;

/** What gossip keeps of a link. */
export interface GossipPeer {
	readonly device: Id;
	readonly limited: boolean;
	/** Digest of the own log when own HEADS were last sent. */
	sentHeads: string;
	/** Counters of HEADS it is known to have. */
	readonly headsKnown: Map<Id, number>;
}

export interface Gossip {
	/** Answers whether it was a HEADS with a good signature, or no news. */
	receive(peer: GossipPeer, payload: Uint8Array): boolean;
	/** Own HEADS go to this device within 300 ms; if it is not linked, to two who will meet it. */
	readonly tellSoon: (device: Id) => void;
	/** This device goes: its links hear what it holds, lest nobody knows it until it is back. Synchronous, for `pagehide`. */
	leave(): void;
	stop(): void;
}

export function createGossip(deps: {
	log: Log;
	heads: Heads;
	mesh: MeshPort;
	clock: Clock;
	random: Random;
	peers: ReadonlyMap<Id, GossipPeer>;
	send(device: Id, heads: Uint8Array): boolean;
}): Gossip {
	const { log, heads, mesh, clock, peers } = deps;
	const toTell = new Set<Id>();
	let cancelGathering: (() => void) | undefined;
	// Devices that started together do not tell together.
	let cancelBeat = clock.after((beatMs * (256 + (deps.random(1)[0] ?? 0))) / 512, beat);

	function sendOwn(peer: GossipPeer): void {
		if (deps.send(peer.device, heads.own().bytes)) peer.sentHeads = hex(log.digest());
	}

	function beat(): void {
		const digest = hex(log.digest());
		for (const peer of peers.values()) {
			if (peer.limited) continue;
			if (peer.sentHeads !== digest) sendOwn(peer);
			const neighbours = mesh.neighbours(peer.device);
			for (const other of heads.others()) if (other.device !== peer.device && !neighbours.has(other.device)) passOn(other, peer, neighbours);
		}
		cancelBeat = clock.after(beatMs, beat);
	}

	/**
	 * Who is linked to the device that speaks passes its HEADS on, the first of all who are to each; of one that is linked to nobody we know
	 * of, two of those who may have it.
	 */
	function passOn({ device, counter, bytes }: HeadsMessage, peer: GossipPeer, neighbours: ReadonlySet<Id>): void {
		const known = peer.headsKnown.get(device) ?? -1;
		const isNear = peers.has(device);
		// The counter is near the wall clock, in ms.
		if (known >= counter || (isNear && known >= counter - passOnMs)) return;
		if (!isNear && [...peers.keys()].some((other) => mesh.neighbours(other).has(device))) return;
		const theirs = isNear ? mesh.neighbours(device) : neighbours;
		const place = placeFrom(hex(tag(labels.heads, idToBytes(device), createWriter().u64(counter).bytes())));
		const before = [...neighbours].filter((other) => theirs.has(other) && other !== log.device && place(other) < place(log.device)).length;
		if (before < (isNear ? 1 : 2) && deps.send(peer.device, bytes)) peer.headsKnown.set(device, counter);
	}

	/** The device itself where it is linked, else two who carry the word: the author of carried mail may come when this device has gone. */
	function waysTo(device: Id): readonly GossipPeer[] {
		const peer = peers.get(device);
		if (peer?.limited === false) return [peer];
		const place = placeFrom(device);
		return [...peers.values()]
			.filter((other) => !other.limited)
			.sort((a, b) => (place(a.device) < place(b.device) ? -1 : 1))
			.slice(0, 2);
	}

	return {
		receive(peer, payload) {
			if (peer.limited) return false;
			const received = heads.receive(payload);
			if (received === 'bad') return false;
			peer.headsKnown.set(received.device, Math.max(received.counter, peer.headsKnown.get(received.device) ?? 0));
			return true;
		},
		tellSoon(device) {
			if (device === log.device) return;
			toTell.add(device);
			cancelGathering ??= clock.after(gatherMs, () => {
				cancelGathering = undefined;
				const digest = hex(log.digest());
				for (const author of toTell) for (const peer of waysTo(author)) if (peer.device === author || peer.sentHeads !== digest) sendOwn(peer);
				toTell.clear();
			});
		},
		leave() {
			const digest = hex(log.digest());
			for (const peer of peers.values()) if (!peer.limited && peer.sentHeads !== digest) sendOwn(peer);
		},
		stop() {
			cancelBeat();
			cancelGathering?.();
		},
	};
}

/** The order of ids on a ring that begins at one of them. */
const placeFrom = (start: Id) => (id: Id): string => `${id < start ? 1 : 0}${id}`;
