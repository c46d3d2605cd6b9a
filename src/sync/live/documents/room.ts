/**
 * One document in its room: y-webrtc's provider, unchanged (DESIGN.md, D4), with what it lacks around it. What its source (10.3.0) does, and
 * what is done about it here:
 * - it swallows failed sends, so an update can be lost for good: each connection is asked for what is missing every 15 s;
 * - it never gives up an attempt: one that is not open after 20 s is closed; it redials in the moment a connection closes: descriptions wait
 *   their turn (`guarded-connection.ts`);
 * - more than 256 KiB vanishes in silence: nothing that large is let into the document (`limits.ts`);
 * - it applies whatever comes, and trips over what it cannot read: channel and signals are looked at first;
 * - it also talks over a BroadcastChannel, past those looks: taken off, since one tab leads anyway;
 * - on `beforeunload`, which a page may survive, it leaves all rooms for good: taken off, the office's own end leaves them;
 * - its rooms are its module's, one of a name in a page: the next of a name waits here until the last has left;
 * - it stops at 20 to 35 connections by chance: 40 here.
 */
import { unsubscribe } from 'lib0/broadcastchannel';
import type { Awareness } from 'y-protocols/awareness';
import { type Room as ProviderRoom, WebrtcProvider } from 'y-webrtc';
import type * as Y from 'yjs';
import type { CandidateRule } from '../../link/candidate.ts';
import type { Clock, Wrtc } from '../../ports.ts';
import { createCell, type Source } from '../../source.ts';
import { guardedWrtc } from './guarded-connection.ts';
import { maxStateBytes } from './limits.ts';
import type { RoomKeys } from './room-keys.ts';
import { askForMissing, refuseMessage, type RoomMessageCheck } from './room-messages.ts';
import { guardSignaling } from './signaling-guard.ts';
import type { Refusal } from './update-check.ts';

const maxConnections = 40;
const checkEveryMs = 5_000;
const askEveryMs = 15_000;
const attemptMs = 20_000;
/** So many descriptions at once, then one more in each pause. */
const freeTurns = 10;
const turnPauseMs = 2_000;
/** What waits for an update that never came may not grow without end. */
const maxPendingBytes = maxStateBytes;

export interface RoomDeps {
	readonly doc: Y.Doc;
	readonly awareness: Awareness;
	readonly keys: RoomKeys;
	/** `ws:` or `wss:`, of our server. */
	readonly signalingUrl: string;
	readonly wrtc: Wrtc;
	readonly iceServers: readonly RTCIceServer[];
	readonly allowed: CandidateRule;
	readonly check: RoomMessageCheck;
	readonly clock: Clock;
	/** Something came that was not let in. */
	readonly refused: (why: Refusal) => void;
}

export interface DocumentRoom {
	/** Colleagues' devices connected in this room. */
	readonly connections: Source<number>;
	/** Resolves once the room is left and its name is free. */
	leave(): Promise<void>;
}

/** Names in use in this page, as y-webrtc's own table has them. */
const leaving = new Map<string, Promise<void>>();

export function enterRoom(deps: RoomDeps): DocumentRoom {
	const { doc, awareness, keys, clock } = deps;
	const connections = createCell(0);
	let provider: WebrtcProvider | undefined;
	let left = false;
	let cancelCheck = (): void => undefined;
	let stopHearing = (): void => undefined;
	const attempts = new Map<string, number>();
	let askedMs = clock.now();

	let turns = freeTurns;
	let turnsAtMs = clock.now();
	let lastTurn: Promise<void> = Promise.resolve();
	/** A bucket of turns that fills with time; who finds it empty waits, one after the other. */
	function turn(): Promise<void> {
		lastTurn = lastTurn.then(() => {
			turns = Math.min(freeTurns, turns + (clock.now() - turnsAtMs) / turnPauseMs);
			turnsAtMs = clock.now();
			if (turns >= 1) {
				turns -= 1;
				return undefined;
			}
			return new Promise<void>((resolve) => clock.after(turnPauseMs, resolve));
		});
		return lastTurn;
	}

	function mayRead(data: unknown): boolean {
		const why = refuseMessage(data, deps.check);
		if (why) deps.refused(why);
		return why === undefined;
	}

	function entered(room: ProviderRoom): void {
		unsubscribe(room.name, room._bcSubscriber);
		room.bcconnected = false;
		globalThis.window.removeEventListener('beforeunload', room._beforeUnloadHandler);
	}

	function count(): void {
		connections.set([...(provider?.room?.webrtcConns.values() ?? [])].filter((conn) => conn.connected).length);
	}

	function check(): void {
		cancelCheck = clock.after(checkEveryMs, check);
		const room = provider?.room;
		if (!room) return;
		for (const id of attempts.keys()) if (!room.webrtcConns.has(id)) attempts.delete(id);
		const asks = clock.now() - askedMs >= askEveryMs;
		if (asks) askedMs = clock.now();
		for (const [id, conn] of room.webrtcConns) {
			const peer = conn.peer as { send(bytes: Uint8Array): void };
			if (conn.connected) {
				attempts.delete(id);
				try {
					if (asks) peer.send(askForMissing(doc));
				} catch {
					// It has just closed; what was missed is fetched over the next.
				}
				continue;
			}
			const sinceMs = attempts.get(id) ?? clock.now();
			attempts.set(id, sinceMs);
			if (clock.now() - sinceMs >= attemptMs) conn.destroy();
		}
		dropPending();
		count();
	}

	function dropPending(): void {
		const { store } = doc;
		if ((store.pendingStructs?.update.length ?? 0) > maxPendingBytes) store.pendingStructs = null;
		if ((store.pendingDs?.length ?? 0) > maxPendingBytes) store.pendingDs = null;
	}

	function enter(): void {
		if (left) return;
		const entering = new WebrtcProvider(keys.name, doc, {
			signaling: [deps.signalingUrl],
			password: keys.password,
			awareness,
			maxConns: maxConnections,
			filterBcConns: false,
			peerOpts: {
				// In-band channels break simple-peer when both ends dial.
				channelConfig: { negotiated: true, id: 0 },
				// Read for each connection: a server that was off at the start is told of later.
				get config() {
					return { iceServers: [...deps.iceServers] };
				},
				wrtc: guardedWrtc(deps.wrtc, { allowed: deps.allowed, mayRead, turn }),
			},
		});
		provider = entering;
		entering.on('peers', () => clock.after(0, count));
		entering.on('synced', count);
		entering.on('status', () => {
			const { room } = entering;
			if (!room) return;
			entered(room);
			const stops = entering.signalingConns.map((conn) => guardSignaling(conn as Parameters<typeof guardSignaling>[0], room));
			stopHearing = () => stops.forEach((stop) => stop());
		});
		cancelCheck = clock.after(checkEveryMs, check);
	}

	const before = leaving.get(keys.name);
	if (before) void before.then(enter);
	else enter();

	return {
		connections,
		leave() {
			if (left) return Promise.resolve();
			left = true;
			cancelCheck();
			connections.set(0);
			const leavingNow = provider;
			if (!leavingNow) return Promise.resolve();
			// The room exists once the key is stretched; until then it can neither be left nor entered again.
			const gone = Promise.resolve(leavingNow.key).then(() => {
				stopHearing();
				leavingNow.disconnect();
				leavingNow.destroy();
				return Promise.resolve(leavingNow.key).then(() => undefined);
			});
			leaving.set(keys.name, gone);
			return gone.finally(() => {
				if (leaving.get(keys.name) === gone) leaving.delete(keys.name);
			});
		},
	};
}
