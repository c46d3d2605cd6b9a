/**
 * Who is in, and how available (PROTOCOL.md, section 8). Presence is signed, travels in links only and ends with a signed goodbye; silence
 * is *unknown*: a computer that is cut off turns unknown within 30 s, because a beat that is 3 s late asks the link for a sign of life.
 */
import type { DeviceKeys } from '../../crypto/identity.ts';
import { concat, equal } from '../../crypto/bytes.ts';
import type { LinkInfo, Mesh } from '../link/mesh.ts';
import { messageTypes } from '../link/message-types.ts';
import type { Clock } from '../ports.ts';
import { createCell, type Source } from '../source.ts';
import { decodeBeat, decodeGoodbye, decodePresence, encodeBeat, encodeGoodbye, encodePresence, type PresenceMessage, type ToldAvailability } from './presence-message.ts';

const beatEveryMs = 20_000;
const lateAfterMs = 23_000;
const checkEveryMs = 1_000;
/** Last seen is written at least this often while a link stands: a power cut loses no more. */
const saveEveryMs = 60_000;
/** How long a goodbye gets to leave the browser before the links are closed. */
const goodbyeMs = 200;

type Id = string;

export interface PresenceState {
	readonly availability: ToldAvailability | 'unknown';
	readonly note: string;
	/** 0 = open. */
	readonly untilMs: number;
	/** When it last gave a sign of life; 0 = never on this device. */
	readonly lastSeenMs: number;
	/** Linked, and not saying that it is offline. */
	readonly online: boolean;
}

export interface OwnPresence {
	/** Invisible is told as offline. */
	readonly availability: ToldAvailability;
	/** At most 280 bytes. */
	readonly note: string;
	readonly untilMs: number;
}

export interface PresenceDeps {
	readonly mesh: Pick<Mesh, 'self' | 'links' | 'send' | 'broadcast' | 'onMessage' | 'onOpened' | 'onClosed' | 'probeLink' | 'disconnect'>;
	readonly clock: Clock;
	readonly keys: DeviceKeys;
	readonly officeId: Uint8Array;
	/** Replication's digest, 32 bytes, sent with every beat. */
	readonly digest: () => Uint8Array;
	readonly onDigest: (from: LinkInfo, digest: Uint8Array) => void;
	/** From earlier starts. */
	readonly lastSeen: ReadonlyMap<Id, number>;
	readonly saveLastSeen: (device: Id, lastSeenMs: number) => void;
}

export interface Presence {
	/** By device. Devices never seen are not in it. */
	readonly states: Source<ReadonlyMap<Id, PresenceState>>;
	/** Told to all at once. */
	set(own: OwnPresence): void;
	start(): void;
	/** Says goodbye; the links may be closed once it resolves. Its first part is synchronous, for `pagehide`. */
	stop(): Promise<void>;
}

interface Heard {
	readonly link: LinkInfo;
	atMs: number;
	savedMs: number;
	presence: PresenceMessage | undefined;
	/** Its bytes: a beat that says the same costs no signature check. */
	said: Uint8Array | undefined;
	/** When it was last asked for a sign of life. */
	probedMs: number;
}

export function createPresence(deps: PresenceDeps): Presence {
	const { mesh, clock, keys, officeId } = deps;
	const heard = new Map<Id, Heard>();
	const seen = new Map(deps.lastSeen);
	/** Those that said goodbye, or when they were last heard. */
	const departed = new Set<Id>();
	const states = createCell<ReadonlyMap<Id, PresenceState>>(new Map());
	let own: OwnPresence = { availability: 'available', note: '', untilMs: 0 };
	let counter = 0;
	let signed: Uint8Array | undefined;
	let running = false;
	let cancels: (() => void)[] = [];
	let stops: (() => void)[] = [];

	function publish(): void {
		const next = new Map<Id, PresenceState>();
		for (const [device, lastSeenMs] of seen) next.set(device, { availability: departed.has(device) ? 'offline' : 'unknown', note: '', untilMs: 0, lastSeenMs, online: false });
		for (const [device, { presence, atMs }] of heard) {
			if (!presence) continue;
			const { availability, note, untilMs } = presence;
			next.set(device, { availability, note, untilMs, lastSeenMs: atMs, online: availability !== 'offline' });
		}
		states.set(next);
	}

	function ownPresence(): Uint8Array {
		counter += signed ? 0 : 1;
		signed ??= encodePresence({ ...mesh.self, counter, ...own }, officeId, keys);
		return signed;
	}

	/** Every beat carries presence: the other end may have held this link for limited when the last one came. */
	function beat(): Uint8Array {
		return concat(Uint8Array.of(messageTypes.beat), encodeBeat(deps.digest(), ownPresence()));
	}

	function beatAll(): void {
		mesh.broadcast(beat(), true);
		cancels[0] = clock.after(beatEveryMs, beatAll);
	}

	/** A beat that is late by more than the odd delay: the link has 3 s to answer, else the mesh closes it. */
	function check(): void {
		for (const [device, state] of heard) {
			const nowMs = clock.now();
			// The clock was put back: from now on it is counted anew.
			state.atMs = Math.min(state.atMs, nowMs);
			state.probedMs = Math.min(state.probedMs, nowMs);
			if (nowMs - state.atMs <= lateAfterMs || nowMs - state.probedMs <= beatEveryMs) continue;
			state.probedMs = nowMs;
			mesh.probeLink(device);
		}
		cancels[1] = clock.after(checkEveryMs, check);
	}

	function opened(link: LinkInfo): void {
		if (link.limited) return;
		const before = heard.get(link.device);
		// A link that took another's place carries on with what was said there; a new start of the device begins anew.
		const presence = before?.link.boot === link.boot ? before.presence : undefined;
		heard.set(link.device, { link, atMs: clock.now(), savedMs: 0, presence, said: undefined, probedMs: 0 });
		departed.delete(link.device);
		publish();
		mesh.send(link.device, beat(), true);
	}

	function closed(link: LinkInfo, why: string): void {
		const state = heard.get(link.device);
		if (state?.link.boot !== link.boot || why === 'replaced') return;
		heard.delete(link.device);
		if (state.presence) remember(link.device, state);
		publish();
	}

	function remember(device: Id, state: Heard): void {
		seen.set(device, state.atMs);
		state.savedMs = state.atMs;
		deps.saveLastSeen(device, state.atMs);
	}

	function takeBeat(from: LinkInfo, payload: Uint8Array): void {
		const state = heard.get(from.device);
		const message = decodeBeat(payload);
		if (!state || !message) return;
		state.atMs = clock.now();
		const unmet = !state.presence;
		if (!state.said || !equal(state.said, message.presence)) takePresence(from, state, message.presence);
		// The first beat is answered at once: ours may have come while the other end still held the link for limited.
		if (unmet && state.presence) mesh.send(from.device, beat(), true);
		if (state.presence && state.atMs - state.savedMs >= saveEveryMs) remember(from.device, state);
		publish();
		deps.onDigest(from, message.digest);
	}

	function takePresence(from: LinkInfo, state: Heard, bytes: Uint8Array): void {
		const presence = decodePresence(bytes, officeId);
		if (!presence || !fits(presence, from) || presence.counter < (state.presence?.counter ?? 0)) return;
		state.presence = presence;
		state.said = bytes.slice();
	}

	function takeGoodbye(from: LinkInfo, payload: Uint8Array): void {
		const goodbye = decodeGoodbye(payload, officeId);
		const state = heard.get(from.device);
		if (!state || !goodbye || !fits(goodbye, from) || goodbye.counter < (state.presence?.counter ?? 0)) return;
		state.atMs = clock.now();
		departed.add(from.device);
		mesh.disconnect(from.device, 'goodbye');
	}

	return {
		states,
		set(next) {
			if (next.availability === own.availability && next.note === own.note && next.untilMs === own.untilMs) return;
			own = next;
			signed = undefined;
			if (running) mesh.broadcast(beat(), true);
		},
		start() {
			if (running) return;
			running = true;
			stops = [mesh.onOpened(opened), mesh.onClosed(closed), mesh.onMessage([messageTypes.beat], takeBeat), mesh.onMessage([messageTypes.goodbye], takeGoodbye)];
			for (const link of mesh.links.get()) opened(link);
			publish();
			cancels = [clock.after(beatEveryMs, beatAll), clock.after(checkEveryMs, check)];
		},
		stop() {
			if (!running) return Promise.resolve();
			running = false;
			for (const cancel of cancels) cancel();
			for (const stop of stops) stop();
			counter += 1;
			mesh.broadcast(concat(Uint8Array.of(messageTypes.goodbye), encodeGoodbye({ ...mesh.self, counter }, officeId, keys)), true);
			for (const [device, state] of heard) if (state.presence) remember(device, state);
			heard.clear();
			return new Promise((resolve) => clock.after(goodbyeMs, resolve));
		},
	};
}

/** What is said on a link is about its other end and its present start. */
function fits(message: { device: string; boot: string }, link: LinkInfo): boolean {
	return message.device === link.device && message.boot === link.boot;
}
