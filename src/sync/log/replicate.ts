/**
 * Sync over the mesh (PROTOCOL.md, section 8): digest, vector, what is missing, in order; fresh entries pushed by their author; HEADS.
 * What is lost on the way is found by the digest of the next BEAT.
 */
import { hex } from '../../crypto/bytes.ts';
import { createWriter } from '../../crypto/codec.ts';
import { tag } from '../../crypto/hash.ts';
import type { DeviceKeys } from '../../crypto/identity.ts';
import { labels } from '../../crypto/labels.ts';
import type { Random } from '../../crypto/random.ts';
import type { LinkInfo, MeshPort } from '../link/mesh-port.ts';
import { messageTypes } from '../link/message-types.ts';
import type { Clock } from '../ports.ts';
import { createCell, type Source } from '../source.ts';
import type { OfficeStore } from '../store.ts';
import { decodeEntry, encodeEntry, type Entry, type Id, idBytes, idToBytes, type Lane, lanes, type Verify } from './entry.ts';
import { createHeads, type HeadsMessage } from './heads.ts';
import type { Log } from './log.ts';
import { decodeRange } from './range.ts';
import { createServing, type Serving } from './serve.ts';
import { decodeVector, decodeWant, digestOf, encodeVector, encodeWant, type VectorRow } from './vector.ts';
import { createWants } from './wants.ts';

/** With no peer in reach for this long the device may write (section 3). */
const aloneMs = 3000;
/** How long a link may take to show its vector, and own entries to arrive, before the device writes without. */
const vectorPatienceMs = 5000;
const headsGatherMs = 300;
const beatMs = 20_000;
/** Entries are under way for a moment: a digest that differs in a BEAT is looked at again after this. */
const beatPatienceMs = 2000;
/** The same vector is not sent to the same peer again before. */
const vectorRepeatMs = 60_000;
/** Own digests of the past: a peer at one of them is behind, not different. */
const maxPastDigests = 64;
/** HEADS of a device that is online change all the time: to those it is not linked to they go at most this often. */
const passOnMs = 60_000;

export interface Replication {
	/** A BEAT told the peer's digest. */
	onBeatDigest(from: Id, digest: Uint8Array): void;
	/** Mail of this author was decrypted here: it is told at once. */
	noteDecrypted(author: Id): void;
	/** The log's gate answers otherwise now: what it refused is asked for again. */
	gateChanged(): void;
	/** Whether the device said that it holds the entry at this place. */
	readonly covers: (device: Id, author: Id, lane: Lane, seq: number) => boolean;
	readonly deliveredTo: (device: Id, entry: Entry) => boolean;
	/** Counts up when a device told news of what it holds. */
	readonly headsChanged: Source<number>;
	/** Whether some peer's digest has equalled ours since the start. */
	readonly caughtUp: Source<boolean>;
	/** For the BEAT. */
	digest(): Uint8Array;
	/** Payloads of a peer that were no messages, or held a bad signature. */
	garbage(device: Id): number;
	stop(): void;
}

interface Peer {
	readonly device: Id;
	readonly limited: boolean;
	readonly openedMs: number;
	readonly serving: Serving;
	/** Its newest digest, hex. */
	digest: string;
	/** Whether its vector was read, or is ours. */
	heard: boolean;
	/** Entries it has by its own word. */
	claimed: number;
	sentVector: { pair: string; atMs: number } | undefined;
	/** Digest of the own log when own HEADS were last sent. */
	sentHeads: string;
	/** Counters of HEADS it is known to have. */
	readonly headsKnown: Map<Id, number>;
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
	/** Lamport of the act that admitted this device, 0 for the founder: a BASE below it may begin a chain of mail. */
	joinedLamport?(): number;
}): Replication {
	const { log, mesh, clock, random } = deps;
	const peers = new Map<Id, Peer>();
	const garbage = new Map<Id, number>();
	const heads = createHeads(deps);
	const caughtUp = createCell(false);
	const startedMs = clock.now();
	const past = new Set<string>();
	const toTell = new Set<Id>();
	const stops: (() => void)[] = [];
	const timers = new Set<() => void>();
	let stopped = false;

	const wants = createWants({
		log,
		clock,
		random,
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

	const message = (type: number, payload: Uint8Array): Uint8Array => createWriter().u8(type).raw(payload).bytes();
	const send = (device: Id, type: number, payload: Uint8Array, urgent = false): boolean => mesh.send(device, message(type, payload), urgent);
	const note = (device: Id): void => void garbage.set(device, (garbage.get(device) ?? 0) + 1);

	/** The lower median of the peers' claims: one alone cannot lift it where two others are linked. Nothing once this replica was level with a peer. */
	function claimed(): number {
		if (caughtUp.get()) return 0;
		const claims = [...peers.values()].filter((peer) => peer.claimed > 0).map((peer) => peer.claimed);
		return claims.sort((a, b) => a - b)[Math.floor((claims.length - 1) / 2)] ?? 0;
	}

	const ownRows = (peer: Peer): readonly VectorRow[] => (peer.limited ? log.vector().filter((row) => row.lane === lanes.office) : log.vector());
	const ownDigest = (peer: Peer): Uint8Array => (peer.limited ? digestOf(ownRows(peer)) : log.digest());

	function isLevel(peer: Peer): boolean {
		return peer.digest === hex(log.digest()) || (peer.limited && peer.digest === hex(ownDigest(peer)));
	}

	/** Sends the own vector, but not the same for the same reason again. */
	function sendVector(peer: Peer): void {
		const pair = `${peer.digest}/${hex(ownDigest(peer))}`;
		if (peer.sentVector?.pair === pair && clock.now() - peer.sentVector.atMs < vectorRepeatMs) return;
		if (send(peer.device, messageTypes.vector, encodeVector(ownRows(peer)))) peer.sentVector = { pair, atMs: clock.now() };
	}

	function noteLevel(peer: Peer): void {
		peer.heard = true;
		if (!peer.limited) caughtUp.set(true);
		settleOwnHead();
	}

	function onDigest(peer: Peer, payload: Uint8Array): void {
		if (payload.length !== idBytes) { note(peer.device); return; }
		peer.digest = hex(payload);
		if (isLevel(peer)) noteLevel(peer);
		else sendVector(peer);
	}

	function onVector(peer: Peer, payload: Uint8Array): void {
		const all = decodeVector(payload);
		if (all === undefined) { note(peer.device); return; }
		const rows = peer.limited ? all.filter((row) => row.lane === lanes.office) : all;
		peer.digest = hex(digestOf(all));
		peer.claimed = Math.min(Number.MAX_SAFE_INTEGER, rows.reduce((sum, row) => sum + row.head + 1, 0));
		if (isLevel(peer)) { noteLevel(peer); return; }
		wants.offer(peer.device, rows);
		const theirs = new Map(rows.map((row) => [`${row.author}${row.lane}`, row.head]));
		// Who lacks what we hold may not know it: digests tell only that something differs.
		if (ownRows(peer).some((row) => row.head > (theirs.get(`${row.author}${row.lane}`) ?? -1))) sendVector(peer);
		peer.heard = true;
		settleOwnHead();
	}

	async function onRange(peer: Peer, payload: Uint8Array): Promise<void> {
		const entries = decodeRange(payload);
		if (entries === undefined || (peer.limited && entries[0]?.header.lane !== lanes.office)) { note(peer.device); return; }
		const result = await wants.receive(peer.device, entries);
		if (result === 'bad' || result === 'fork') note(peer.device);
		if (entries[0]?.header.author === log.device) settleOwnHead();
	}

	async function onEntry(peer: Peer, payload: Uint8Array): Promise<void> {
		const entry = decodeEntry(payload);
		if (entry === undefined || (peer.limited && entry.header.lane !== lanes.office)) { note(peer.device); return; }
		const { author, lane, seq } = entry.header;
		const result = await log.accept([entry], { claimed: claimed() });
		if (stopped) return;
		if (result === 'stored') forward(entry, payload, peer.device);
		else if (result === 'bad' || result === 'fork') note(peer.device);
		else if (result !== 'known') wants.offer(peer.device, [{ author, lane, base: 0, head: seq, id: entry.id }]);
	}

	/**
	 * To those of our links that its author is not linked to, if we are the first of those who could. Who is not linked to the author
	 * either leaves it to those who are, and takes the next hop where it knows of none.
	 */
	function forward(entry: Entry, payload: Uint8Array, from: Id): void {
		const { author } = entry.header;
		const isNear = peers.has(author);
		const informed = isNear ? mesh.neighbours(author) : new Set([...peers.keys()].filter((device) => mesh.neighbours(device).has(author)));
		for (const peer of peers.values()) {
			if (peer.limited || peer.device === author || peer.device === from) continue;
			const theirs = mesh.neighbours(peer.device);
			if (theirs.has(author)) continue;
			const common = [...theirs].filter((device) => informed.has(device));
			if (!isNear && common.length > 0) continue;
			if (isFirst(entry, isNear ? common : theirs)) send(peer.device, messageTypes.entry, payload, true);
		}
	}

	/** Whether this device is the first of some, in an order that is another for every entry. */
	function isFirst(entry: Entry, among: Iterable<Id>): boolean {
		const place = (device: Id): string => hex(tag(labels.heads, idToBytes(entry.id), idToBytes(device)));
		const mine = place(log.device);
		for (const device of among) if (device !== log.device && place(device) < mine) return false;
		return true;
	}

	function onHeads(peer: Peer, payload: Uint8Array): void {
		if (peer.limited) return;
		const received = heads.receive(payload);
		if (received === 'bad') { note(peer.device); return; }
		peer.headsKnown.set(received.device, Math.max(received.counter, peer.headsKnown.get(received.device) ?? 0));
	}

	function sendOwnHeads(peer: Peer): void {
		if (send(peer.device, messageTypes.heads, heads.own().bytes)) peer.sentHeads = hex(log.digest());
	}

	/** With every BEAT: own HEADS to whom it is news, and those of others to whom they are not linked. */
	function tellHeads(): void {
		const digest = hex(log.digest());
		for (const peer of peers.values()) {
			if (peer.limited) continue;
			if (peer.sentHeads !== digest) sendOwnHeads(peer);
			const neighbours = mesh.neighbours(peer.device);
			for (const other of heads.others()) if (other.device !== peer.device && !neighbours.has(other.device)) passOn(other, peer, neighbours);
		}
		later(beatMs, tellHeads);
	}

	/** Who is linked to the device that speaks passes its HEADS on, one of them to each; of one that is gone, two of those who may have it. */
	function passOn({ device, counter, bytes }: HeadsMessage, peer: Peer, neighbours: ReadonlySet<Id>): void {
		const known = peer.headsKnown.get(device) ?? -1;
		const nearer = [...neighbours].filter((other) => mesh.neighbours(other).has(device));
		const isNear = peers.has(device);
		const isOnline = isNear || nearer.length > 0;
		// The counter is near the wall clock, in ms.
		if (known >= counter || (isOnline && known >= counter - passOnMs) || (isOnline && !isNear)) return;
		const place = placeFrom(hex(tag(labels.heads, idToBytes(device), createWriter().u64(counter).bytes())));
		const before = [...(isNear ? nearer : neighbours)].filter((other) => other !== log.device && place(other) < place(log.device)).length;
		if (before < (isNear ? 1 : 2) && send(peer.device, messageTypes.heads, bytes)) peer.headsKnown.set(device, counter);
	}

	/** Own entries may be written once the peers in reach were asked for them, or there are none. */
	function settleOwnHead(): void {
		if (stopped || log.writable.get() !== 'waiting') return;
		const now = clock.now();
		const full = [...peers.values()].filter((peer) => !peer.limited);
		const isWaiting = full.some((peer) => !peer.heard && now - peer.openedMs < vectorPatienceMs);
		const lacksOwn = Object.values(lanes).some((lane) => wants.isMissing(log.device, lane));
		const isPatient = now - startedMs < aloneMs + vectorPatienceMs;
		if (isWaiting || (lacksOwn && isPatient)) return;
		if (now - startedMs >= aloneMs || full.some((peer) => peer.heard)) log.settleOwnHead();
	}

	function opened(link: LinkInfo): void {
		close(link.device);
		const limited = link.limited || deps.limited?.(link.device) === true;
		const { device } = link;
		const serving = createServing({ log, clock, limited, send: (range) => send(device, messageTypes.range, range) });
		const peer: Peer = { device, limited, openedMs: clock.now(), serving, digest: '', heard: false, claimed: 0, sentVector: undefined, sentHeads: '', headsKnown: new Map(), checking: false };
		peers.set(device, peer);
		send(device, messageTypes.digest, ownDigest(peer));
		later(vectorPatienceMs, settleOwnHead);
	}

	function close(device: Id): void {
		peers.get(device)?.serving.stop();
		if (peers.delete(device)) wants.drop(device);
		settleOwnHead();
	}

	const types = [messageTypes.digest, messageTypes.vector, messageTypes.want, messageTypes.range, messageTypes.entry, messageTypes.heads];
	const handlers: Readonly<Record<number, (peer: Peer, payload: Uint8Array) => void>> = {
		[messageTypes.digest]: onDigest,
		[messageTypes.vector]: onVector,
		[messageTypes.want]: (peer, payload) => {
			const rows = decodeWant(payload);
			if (rows === undefined) note(peer.device);
			else peer.serving.want(rows);
		},
		[messageTypes.range]: (peer, payload) => void onRange(peer, payload),
		[messageTypes.entry]: (peer, payload) => void onEntry(peer, payload),
		[messageTypes.heads]: onHeads,
	};
	for (const type of types) {
		stops.push(
			mesh.onMessage([type], (link, payload) => {
				const peer = peers.get(link.device);
				if (peer !== undefined) handlers[type]?.(peer, payload);
			}),
		);
	}
	stops.push(
		mesh.onOpened(opened),
		mesh.onClosed((link) => close(link.device)),
		log.subscribe((entries, own) => {
			past.add(hex(log.digest()));
			if (past.size > maxPastDigests) past.delete([...past][0] ?? '');
			if (own) for (const entry of entries) mesh.broadcast(message(messageTypes.entry, encodeEntry(entry)), true);
		}),
	);
	for (const link of mesh.links.get()) opened(link);
	later(aloneMs, settleOwnHead);
	later(aloneMs + vectorPatienceMs, settleOwnHead);
	// Devices that started together do not tell together.
	later(beatMs / 2 + ((random(1)[0] ?? 0) / 256) * (beatMs / 2), tellHeads);

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
		noteDecrypted(author) {
			if (author === log.device) return;
			toTell.add(author);
			if (toTell.size > 1) return;
			later(headsGatherMs, () => {
				for (const device of toTell) {
					const peer = peers.get(device);
					if (peer?.limited === false) sendOwnHeads(peer);
				}
				toTell.clear();
			});
		},
		gateChanged: () => wants.reconsider(),
		covers: heads.covers,
		deliveredTo: heads.deliveredTo,
		headsChanged: heads.changed,
		caughtUp,
		digest: () => log.digest(),
		garbage: (device) => garbage.get(device) ?? 0,
		stop() {
			stopped = true;
			for (const stop of stops) stop();
			for (const cancel of timers) cancel();
			for (const peer of peers.values()) peer.serving.stop();
			wants.stop();
		},
	};
}

/** The order of ids on a ring that begins at one of them. */
const placeFrom = (start: Id) => (id: Id): string => `${id < start ? 1 : 0}${id}`;
