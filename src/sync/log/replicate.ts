/**
 * Sync over the mesh (PROTOCOL.md, section 8): digest, vector, what is missing, in order; fresh entries pushed by their author; HEADS.
 * What is lost on the way is found by the digest of the next BEAT.
 */
import { hex } from '../../crypto/bytes.ts';
import { createWriter } from '../../crypto/codec.ts';
import type { DeviceKeys } from '../../crypto/identity.ts';
import type { Random } from '../../crypto/random.ts';
import type { LinkInfo, MeshPort } from '../link/mesh-port.ts';
import { messageTypes } from '../link/message-types.ts';
import type { Clock } from '../ports.ts';
import { createCell, type Source } from '../source.ts';
import type { OfficeStore } from '../store.ts';
import { decodeEntry, type Entry, type Id, idBytes, type Lane, lanes, type Verify } from './entry.ts';
import { createGossip, type GossipPeer } from './gossip.ts';
import { createHeads } from './heads.ts';
import type { Log } from './log.ts';
import { createPush } from './push.ts';
import { createQuotas } from './quotas.ts';
import { decodeRange } from './range.ts';
import { createServing, type Serving } from './serve.ts';
import { decodeVector, decodeWant, digestOf, encodeVector, encodeWant, type VectorRow } from './vector.ts';
import { createWants } from './wants.ts';

/** With no peer in reach for this long the device may write (section 3). */
const aloneMs = 3000;
/** How long a link may take to show its vector, and own entries to arrive, before the device writes without. */
const vectorPatienceMs = 5000;
/** Entries are under way for a moment: a digest that differs in a BEAT is looked at again after this. */
const beatPatienceMs = 2000;
/** Fetched ranges are gathered for this before others are told. */
const announceMs = 500;
/** The same vector is not sent to the same peer again before. */
const vectorRepeatMs = 60_000;
const maxGarbagePerMinute = 200;
const garbageMs = 60_000;
/** Own digests of the past: a peer at one of them is behind, not different. */
const maxPastDigests = 64;

export interface Replication {
	/** A BEAT told the peer's digest. */
	onBeatDigest(from: Id, digest: Uint8Array): void;
	/** Mail of this author was decrypted here: it is told at once. */
	readonly noteDecrypted: (author: Id) => void;
	/** This device goes: its links hear what it holds. Synchronous, for `pagehide`. */
	leave(): void;
	/** The log's gate answers otherwise now: what it refused is asked for again. */
	gateChanged(): void;
	/** Whether the device said that it holds the entry at this place. */
	readonly covers: (device: Id, author: Id, lane: Lane, seq: number) => boolean;
	readonly deliveredTo: (device: Id, entry: Entry) => boolean;
	/** Counts up when a device told news of what it holds. */
	readonly headsChanged: Source<number>;
	/** Whether some peer's digest has equalled ours since the start. */
	readonly caughtUp: Source<boolean>;
	/** Devices with a full link whose newest digest equals ours. */
	readonly level: () => ReadonlySet<Id>;
	/** Called when a device with a full link is found level. */
	onLevel(fn: (device: Id) => void): () => void;
	/** For the BEAT. */
	digest(): Uint8Array;
	/** Payloads of a peer that were no messages, or held a bad signature. */
	garbage(device: Id): number;
	stop(): void;
}

interface Peer extends GossipPeer {
	/** Whether it had its time to show its vector. */
	waited: boolean;
	readonly serving: Serving;
	readonly shows: ((author: Id) => number) | undefined;
	/** Its newest digest, hex. */
	digest: string;
	/** Whether its vector was read, or is ours. */
	heard: boolean;
	/** Entries it has by its own word. */
	claimed: number;
	/** For which pair of digests the own vector was sent a short while ago. */
	sentVector: string;
	/** Whether a digest that differed in a BEAT waits to be looked at again. */
	checking: boolean;
}

export function createReplication(deps: {
	log: Log;
	mesh: MeshPort;
	clock: Clock;
	random: Random;
	keys: DeviceKeys;
	/** With a store, HEADS survive a restart. */
	store?: OfficeStore;
	/** What checks the signatures of HEADS, unless it is `verify` of src/crypto. */
	verify?: Verify;
	/** Links on which only the office lane is given; beside those the mesh calls limited. */
	limited?(device: Id): boolean;
	/** How far of each author's acts a limited link is shown; `undefined`: all of them. For those who are to learn that they were taken out, and no more. */
	shows?(device: Id): ((author: Id) => number) | undefined;
	/** Lamport of the act that admitted this device, 0 for the founder: a BASE below it may begin a chain of mail. */
	joinedLamport?(): number;
}): Replication {
	const { log, mesh, clock, random } = deps;
	const peers = new Map<Id, Peer>();
	const garbage = new Map<Id, number>();
	const recentGarbage = new Map<Id, number>();
	const heads = createHeads(deps);
	const caughtUp = createCell(false);
	const past = new Set<string>();
	const levelListeners = new Set<(device: Id) => void>();
	const stops: (() => void)[] = [];
	const timers = new Set<() => void>();
	let announcing = false;
	/** Timers, not the clock: it may be put right just now. */
	let waited: 'not' | 'enough' | 'long' = 'not';
	let stopped = false;

	const quotas = createQuotas({ self: log.device, clock });
	const wants = createWants({
		log,
		clock,
		random,
		quotas,
		send: (device, rows) => send(device, messageTypes.want, encodeWant(rows)),
		claimed,
		joinedLamport: () => deps.joinedLamport?.() ?? 0,
	});

	function later(ms: number, fn: () => void): void {
		const cancel = clock.after(ms, () => {
			timers.delete(cancel);
			if (!stopped) fn();
		});
		timers.add(cancel);
	}

	const gossip = createGossip({ log, heads, mesh, clock, random, peers, send: (device, payload) => send(device, messageTypes.heads, payload) });
	const push = createPush({ device: log.device, mesh, peers });
	const send = (device: Id, type: number, payload: Uint8Array): boolean => mesh.send(device, createWriter().u8(type).raw(payload).bytes());

	/** The lower median of the peers' claims: one alone cannot lift it where two others are linked. Nothing once this replica was level with a peer. */
	function claimed(): number {
		if (caughtUp.get()) return 0;
		const claims = [...peers.values()].filter((peer) => peer.claimed > 0).map((peer) => peer.claimed);
		return claims.sort((a, b) => a - b)[Math.floor((claims.length - 1) / 2)] ?? 0;
	}

	function ownRows(peer: Peer): readonly VectorRow[] {
		if (!peer.limited) return log.vector();
		const rows = log.vector().filter((row) => row.lane === lanes.office);
		const { shows } = peer;
		if (!shows) return rows;
		return rows.flatMap((row): readonly VectorRow[] => {
			const head = Math.min(row.head, shows(row.author));
			const id = log.at(row.author, row.lane, head)?.id;
			return id === undefined ? [] : [{ ...row, head, id }];
		});
	}

	const ownDigest = (peer: Peer): Uint8Array => (peer.limited ? digestOf(ownRows(peer)) : log.digest());

	function isLevel(peer: Peer): boolean {
		return peer.digest === hex(log.digest()) || (peer.limited && peer.digest === hex(ownDigest(peer)));
	}

	/** Sends the own vector, but not the same for the same reason again. */
	function sendVector(peer: Peer): void {
		const pair = `${peer.digest}/${hex(ownDigest(peer))}`;
		if (peer.sentVector === pair || !send(peer.device, messageTypes.vector, encodeVector(ownRows(peer)))) return;
		peer.sentVector = pair;
		later(vectorRepeatMs, () => {
			if (peer.sentVector === pair) peer.sentVector = '';
		});
	}

	function noteLevel(peer: Peer): void {
		peer.heard = true;
		if (!peer.limited) {
			caughtUp.set(true);
			for (const listener of [...levelListeners]) listener(peer.device);
		}
		settleOwnHead();
	}

	function onDigest(peer: Peer, payload: Uint8Array): boolean {
		if (payload.length !== idBytes) return false;
		peer.digest = hex(payload);
		if (isLevel(peer)) noteLevel(peer);
		else sendVector(peer);
		return true;
	}

	function onVector(peer: Peer, payload: Uint8Array): boolean {
		const all = decodeVector(payload);
		if (all === undefined) return false;
		const rows = peer.limited ? all.filter((row) => row.lane === lanes.office) : all;
		peer.digest = hex(digestOf(all));
		// Of all lanes, also where one alone is taken: acts are as far apart as all that was said between them.
		peer.claimed = Math.min(
			Number.MAX_SAFE_INTEGER,
			all.reduce((sum, row) => sum + row.head + 1, 0),
		);
		if (isLevel(peer)) {
			noteLevel(peer);
			return true;
		}
		wants.offer(peer.device, rows, true);
		const theirs = new Map(rows.map((row) => [`${row.author}${row.lane}`, row.head]));
		// Who lacks what we hold may not know it: digests tell only that something differs.
		if (ownRows(peer).some((row) => row.head > (theirs.get(`${row.author}${row.lane}`) ?? -1))) sendVector(peer);
		peer.heard = true;
		settleOwnHead();
		return true;
	}

	/** What was fetched is not pushed: links that seem to lack it hear of it now, and not with the next BEAT. */
	function announce(): void {
		if (announcing) return;
		announcing = true;
		later(announceMs, () => {
			announcing = false;
			for (const peer of peers.values()) if (!isLevel(peer)) send(peer.device, messageTypes.digest, ownDigest(peer));
		});
	}

	function onWant(peer: Peer, payload: Uint8Array): boolean {
		const rows = decodeWant(payload);
		if (rows !== undefined) peer.serving.want(rows);
		return rows !== undefined;
	}

	async function onRange(peer: Peer, payload: Uint8Array): Promise<boolean> {
		const entries = decodeRange(payload);
		if (entries === undefined || (peer.limited && entries[0]?.header.lane !== lanes.office)) return false;
		const result = await wants.receive(peer.device, entries);
		if (entries[0]?.header.author === log.device) settleOwnHead();
		if (result === 'stored') announce();
		// Of a fork the author is guilty, not who passes it on.
		return result !== 'bad';
	}

	async function onEntry(peer: Peer, payload: Uint8Array): Promise<boolean> {
		const entry = decodeEntry(payload);
		if (entry === undefined || (peer.limited && entry.header.lane !== lanes.office)) return false;
		const { author, lane, seq } = entry.header;
		if (quotas.pauseMs(author, lane) > 0) {
			wants.offer(peer.device, [{ author, lane, base: 0, head: seq, id: entry.id }], false);
			return true;
		}
		const result = await log.accept([entry], { claimed: claimed() });
		if (stopped) return true;
		if (result === 'stored') quotas.count([entry]);
		if (result === 'stored') push.forward(entry, peer.device);
		else if (result === 'gap' || result === 'refused' || result === 'disk' || (result === 'fork' && lane === lanes.office)) wants.offer(peer.device, [{ author, lane, base: 0, head: seq, id: entry.id }], false);
		return result !== 'bad';
	}

	/** Own entries may be written once the peers in reach were asked for them, or there are none. */
	function settleOwnHead(): void {
		if (stopped || log.writable.get() !== 'waiting') return;
		const full = [...peers.values()].filter((peer) => !peer.limited);
		const isWaiting = full.some((peer) => !peer.heard && !peer.waited);
		const lacksOwn = Object.values(lanes).some((lane) => wants.isMissing(log.device, lane));
		if (isWaiting || (lacksOwn && waited !== 'long')) return;
		if (waited !== 'not' || full.some((peer) => peer.heard)) log.settleOwnHead();
	}

	function opened(link: LinkInfo): void {
		close(link.device);
		// Who came by an invite is given nothing before it is admitted: the mesh lifts its link then (PROTOCOL.md, section 5).
		if (link.limited && link.invite) return;
		const limited = link.limited || deps.limited?.(link.device) === true;
		const { device } = link;
		const shows = limited ? deps.shows?.(device) : undefined;
		const serving = createServing({ log, clock, limited, shows, send: (range) => send(device, messageTypes.range, range) });
		const peer: Peer = { device, limited, waited: false, serving, shows, digest: '', heard: false, claimed: 0, sentVector: '', sentHeads: '', headsKnown: new Map(), checking: false };
		peers.set(device, peer);
		send(device, messageTypes.digest, ownDigest(peer));
		later(vectorPatienceMs, () => {
			peer.waited = true;
			settleOwnHead();
		});
	}

	function close(device: Id): void {
		peers.get(device)?.serving.stop();
		if (peers.delete(device)) wants.drop(device);
		settleOwnHead();
	}

	/** Who sends nothing but rubbish is not listened to until the minute is over: a signature that does not hold costs more than it did to make up. */
	function isMuted(device: Id): boolean {
		return (recentGarbage.get(device) ?? 0) >= maxGarbagePerMinute;
	}

	function noteGarbage(device: Id): void {
		garbage.set(device, (garbage.get(device) ?? 0) + 1);
		const recent = recentGarbage.get(device) ?? 0;
		recentGarbage.set(device, recent + 1);
		if (recent === 0) later(garbageMs, () => recentGarbage.delete(device));
	}

	/** A handler answers whether the payload was a message worth its place. */
	function handle(type: number, handler: (peer: Peer, payload: Uint8Array) => boolean | Promise<boolean>): void {
		const stop = mesh.onMessage([type], (link, payload) => {
			const peer = peers.get(link.device);
			if (peer === undefined) return;
			if (isMuted(peer.device)) {
				noteGarbage(peer.device);
				return;
			}
			void Promise.resolve(handler(peer, payload)).then((good) => {
				if (!good) noteGarbage(peer.device);
			});
		});
		stops.push(stop);
	}

	handle(messageTypes.digest, onDigest);
	handle(messageTypes.vector, onVector);
	handle(messageTypes.want, onWant);
	handle(messageTypes.range, onRange);
	handle(messageTypes.entry, onEntry);
	handle(messageTypes.heads, (peer, payload) => gossip.receive(peer, payload));
	stops.push(
		mesh.onOpened(opened),
		mesh.onClosed((link) => close(link.device)),
		log.subscribe((entries, own) => {
			past.add(hex(log.digest()));
			if (past.size > maxPastDigests) past.delete([...past][0] ?? '');
			if (own) push.own(entries);
		}),
	);
	for (const link of mesh.links.get()) opened(link);
	later(aloneMs, () => {
		waited = 'enough';
		settleOwnHead();
	});
	later(aloneMs + vectorPatienceMs, () => {
		waited = 'long';
		settleOwnHead();
	});

	return {
		onBeatDigest(from, digest) {
			const peer = peers.get(from);
			if (peer === undefined || digest.length !== idBytes) return;
			const before = peer.digest;
			peer.digest = hex(digest);
			if (isLevel(peer)) { noteLevel(peer); return; }
			// At one of our past states and moving: what we wrote since is under way.
			if ((past.has(peer.digest) && before !== peer.digest) || peer.checking) return;
			peer.checking = true;
			later(beatPatienceMs, () => {
				peer.checking = false;
				if (peers.get(from) === peer && !isLevel(peer)) sendVector(peer);
			});
		},
		noteDecrypted: gossip.tellSoon,
		leave: () => gossip.leave(),
		gateChanged: () => wants.reconsider(),
		covers: heads.covers,
		deliveredTo: heads.deliveredTo,
		headsChanged: heads.changed,
		caughtUp,
		level: () => new Set([...peers.values()].filter((peer) => !peer.limited && peer.digest === hex(log.digest())).map((peer) => peer.device)),
		onLevel(fn) {
			levelListeners.add(fn);
			return () => levelListeners.delete(fn);
		},
		digest: () => log.digest(),
		garbage: (device) => garbage.get(device) ?? 0,
		stop() {
			stopped = true;
			for (const stop of stops) stop();
			for (const cancel of timers) cancel();
			for (const peer of peers.values()) peer.serving.stop();
			wants.stop();
			gossip.stop();
		},
	};
}
