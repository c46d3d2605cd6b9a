/**
 * The mesh of an office's devices over WebRTC (PROTOCOL.md, sections 7 and 8; DESIGN.md D3, D5, D6): who is dialled, when, by which way,
 * and what becomes of a link. Full mesh up to 30 devices online; `send`, `broadcast` and `links` are the seam for an overlay.
 */
import { fromHex, hex } from '../../crypto/bytes.ts';
import type { DeviceKeys } from '../../crypto/identity.ts';
import type { Ports } from '../ports.ts';
import { createCell, derive, type Source } from '../source.ts';
import { type Attempts, createAttempts } from './attempts.ts';
import { jitter } from './backoff.ts';
import { createCandidateRule } from './candidate.ts';
import { createConnection } from './connection.ts';
import { createContextMaker, type JoinKeys, type SignalContext } from './contexts.ts';
import { createHello } from './hello.ts';
import { createLimitedLinks, limitedBytes } from './limited.ts';
import { createLink } from './link.ts';
import { createLiveLinks } from './live-links.ts';
import type { Mesh, MeshKeys } from './mesh-port.ts';
import { messageTypes } from './message-types.ts';
import { type Attempt, createNegotiation, type Negotiation } from './negotiation.ts';
import { createNewcomers } from './newcomers.ts';
import { createPeers } from './peers.ts';
import { createRoute, decodeRelayed } from './route.ts';
import { bootBytes, createSignalGate, encodeSignal, nobody, type ReceivedSignal, sealedKeyId, sealSignal } from './signal.ts';
import { createSignalingClient } from './signaling-client.ts';

export type { GenerationKeys, LinkInfo, Mesh, MeshKeys, MeshPort, MeshStats } from './mesh-port.ts';

/** How long the larger id leaves a lost or told-of device to the smaller. */
const graceMs = 5_000;
const redialMs = 500;
/** Who heard a hello should get there first, and with many starting at once that takes them this long for each. */
const toldOfMs = 3_000;
const toldOfEachMs = 300;
/** A link that lived this long was no failure. */
const livedMs = 30_000;
const watchdogMs = 15_000;
/** A device counts as online this long after its last signal, if nobody is linked to it. */
const onlineHeardMs = 60_000;
/** Ends that say nothing about the way to the device. */
const noFailure = new Set(['glare', 'stopped', 'served', 'bye', 'refused']);
/** Ends after which this start of the device is not dialled again. */
const final = new Set(['goodbye', 'refused', 'stopped', 'replaced']);

export interface MeshDeps {
	readonly ports: Ports;
	readonly keys: DeviceKeys;
	/** Hex. */
	readonly officeId: string;
	readonly meshKeys: Source<MeshKeys>;
	/** By the resolver. */
	readonly standing: (device: string) => 'member' | 'unknown' | 'refused';
	/** Newcomer mode: no mesh keys, one invite. */
	readonly joining?: JoinKeys;
}

export function createMesh(deps: MeshDeps): Mesh {
	const { ports, keys, meshKeys, joining } = deps;
	const { clock, random } = ports;
	const self = hex(keys.signPublic);
	const boot = random(bootBytes);
	const officeId = fromHex(deps.officeId);
	if (!officeId) throw new Error('the office id is no hex');
	const selfInfo = { device: self, boot: hex(boot) };
	const standingOf = (device: string): 'member' | 'unknown' | 'refused' => (joining ? 'unknown' : deps.standing(device));

	const makeContexts = createContextMaker(keys.signPublic);
	let contexts = makeContexts(meshKeys.get(), joining);
	let running = false;
	let cancelWatchdog = (): void => undefined;
	const counts = { attempts: 0, opened: 0, failed: 0, refused: 0 };
	/** Failed attempts in a row: each next one takes another way. */
	const turns = new Map<string, number>();
	const limitedAttempts = new Set<string>();
	const online = createCell<ReadonlySet<string>>(new Set());

	const live = createLiveLinks();
	const peers = createPeers(() => clock.now());
	const limits = createLimitedLinks(clock);
	const newcomers = createNewcomers(clock, self);
	const gate = createSignalGate({ officeId, self: keys.signPublic, boot, now: () => clock.now() });
	const allowed = createCandidateRule(ports.appHost);
	const client = createSignalingClient({
		clock,
		random,
		openSocket: ports.openSocket,
		onReady() {
			hello.socketReady();
			attempts.hurry();
			wishAll();
		},
		onPublish(topic, sealed) {
			const context = contexts.ofTopic(topic);
			if (context) hear(context, sealed);
		},
	});
	const route = createRoute({
		clock,
		links: () => live.full(),
		send: (device, message) => live.send(device, message, true),
		publish: (topic, sealed) => client.publish(topic, sealed),
		serverUp: () => client.open,
	});
	const hello = createHello({ clock, random, newcomer: joining !== undefined, busy: () => negotiation.size > 0 || attempts.waiting.size > 0, say: sayHello });
	let helloSession: Uint8Array | undefined;
	const attempts: Attempts = createAttempts({ clock, random, begin, newcomer: joining !== undefined });
	const negotiation: Negotiation = createNegotiation({
		random,
		keys,
		officeId,
		boot,
		allowed,
		seenAddress: () => client.welcome.get()?.address,
		createLink: (other, initiator, events) => {
			counts.attempts += 1;
			const connect: Parameters<typeof createLink>[0]['connect'] = (first, connectionEvents) => createConnection(ports, first, connectionEvents);
			return createLink({ clock, build: ports.build, self: keys.signPublic, other, connect }, initiator, events);
		},
		send: (device, context, sealed) => route.send(device, context, sealed, turns.get(device) ?? 0),
		opened,
		message(attempt, type, payload) {
			if (!takeOwn(attempt, type, payload) && !live.dispatch(attempt.device, attempt.link, type, payload)) counts.refused += 1;
		},
		closed,
		failed,
	});

	// Signals

	function broadcast(context: SignalContext, kind: 'hello' | 'bye', session: Uint8Array): void {
		const zeros = new Uint8Array(bootBytes);
		const body = new Uint8Array(0);
		const bytes = encodeSignal({ officeId: officeId ?? nobody, from: keys.signPublic, to: nobody, bootFrom: boot, bootTo: zeros, session, kind, re: nobody, body });
		client.publish(context.officeTopic, sealSignal(random, keys, context, bytes));
	}

	function sayHello(session: Uint8Array): void {
		helloSession = session;
		for (const context of contexts.hellos) broadcast(context, 'hello', session);
	}

	function hear(context: SignalContext, sealed: Uint8Array): void {
		const signal = running ? gate.open(context, sealed) : undefined;
		if (!signal || standingOf(signal.device) === 'refused' || peers.isGone(signal.device, signal.boot)) {
			counts.refused += 1;
			return;
		}
		if (signal.kind === 'hello') heardHello(signal, context);
		else if (signal.kind === 'offer') heardOffer(signal, context);
		else if (signal.kind === 'bye' && context.invite !== undefined) served(signal.device);
		else if (!negotiation.take(signal)) counts.refused += 1;
	}

	function heardHello(signal: ReceivedSignal, context: SignalContext): void {
		if (joining) return;
		if (context.invite !== undefined) {
			if (live.get(signal.device)?.info.boot === signal.boot) return;
			const colleagues = [...live.full().keys()].filter((device) => standingOf(device) === 'member');
			newcomers.heard(signal, colleagues, () => {
				note(signal, context);
				attempts.wish(signal.device, 0);
			});
			return;
		}
		note(signal, context);
		if (live.get(signal.device)?.info.boot !== signal.boot) attempts.wish(signal.device, 0);
	}

	function heardOffer(signal: ReceivedSignal, context: SignalContext): void {
		if (joining && (live.infos.get().length > 0 || context.invite === undefined)) return;
		note(signal, context);
		const answer = negotiation.offered(signal, context);
		if (answer) attempts.queueOffer(signal.device, () => running && !(joining && live.infos.get().length > 0) && mayLink(signal.device) && answer());
	}

	/** The device has spoken: what was known of an earlier start of it counts no more. */
	function note(signal: ReceivedSignal, context: SignalContext): void {
		if (!peers.heard(signal.device, signal.boot, context)) return;
		attempts.reset(signal.device);
		turns.delete(signal.device);
		if (negotiation.attempt(signal.device)?.boot !== signal.boot) negotiation.abort(signal.device, 'glare');
	}

	function served(device: string): void {
		newcomers.served(device);
		attempts.forget(device);
		negotiation.abort(device, 'served');
	}

	// Attempts

	function mayLink(device: string): boolean {
		const standing = standingOf(device);
		if (standing === 'refused') return false;
		if (standing === 'unknown' && !joining) {
			if (!live.get(device) && !limits.hasRoom(limitedAttempts.size)) return false;
			limitedAttempts.add(device);
		}
		return true;
	}

	function begin(device: string): boolean {
		const peer = peers.get(device);
		if (!running || !peer || negotiation.attempt(device) || live.get(device)?.info.boot === peer.boot) return false;
		if (!peers.fresh(device) && !toldOf(device)) {
			peers.forget(device);
			return false;
		}
		if (!route.reaches(device) || !mayLink(device)) return false;
		negotiation.dial(device, peer.boot, peer.context);
		return true;
	}

	function toldOf(device: string): boolean {
		return [...live.full().keys()].some((neighbour) => route.neighbours(neighbour).has(device));
	}

	/** Smaller ids dial; the larger waits in case the smaller cannot know. */
	function redial(device: string, afterMs: number): void {
		attempts.wish(device, afterMs + jitter(random) * redialMs + (self < device ? 0 : graceMs));
	}

	/** Whoever is known to be online, unlinked, and not yet waited for. */
	function wishAll(): void {
		for (const peer of peers.all()) {
			if (peer.context.invite === undefined && live.get(peer.device)?.info.boot !== peer.boot) redial(peer.device, redialMs);
		}
		countOnline();
	}

	function failed(attempt: Attempt, why: string): void {
		const { device, direction, context } = attempt;
		limitedAttempts.delete(device);
		attempts.settled(device, direction);
		if (!running) return;
		if (!noFailure.has(why)) {
			counts.failed += 1;
			turns.set(device, (turns.get(device) ?? 0) + 1);
			attempts.failed(device);
		}
		if (context.invite !== undefined) peers.forget(device);
		else if (why !== 'glare' && why !== 'refused') redial(device, redialMs);
		const standing = live.get(device);
		// A start that cannot be reached, while another one is linked: an old hello, said again by someone else.
		if (standing && standing.info.boot !== attempt.boot) peers.heard(device, standing.info.boot, context);
	}

	// Links

	function opened(attempt: Attempt, build: string): void {
		const { device, context, link } = attempt;
		limitedAttempts.delete(device);
		attempts.settled(device, attempt.direction);
		attempts.forget(device);
		turns.delete(device);
		const standing = standingOf(device);
		if (!running || standing === 'refused') {
			link.close('refused');
			return;
		}
		counts.opened += 1;
		const limited = standing === 'unknown';
		if (limited && !joining) {
			link.limitReceived(limitedBytes);
			limits.opened(device, () => link.close('unknown'));
		}
		const info = { device, boot: attempt.boot, limited, sinceMs: clock.now(), session: attempt.joinSession, invite: context.invite, build };
		live.open({ link, info });
		linksChanged();
		if (joining && helloSession) for (const one of contexts.hellos) broadcast(one, 'bye', helloSession);
	}

	function closed(attempt: Attempt, why: string): void {
		const { device } = attempt;
		const was = live.remove(device, attempt.link, why);
		if (!was) return;
		limits.settled(device);
		linksChanged();
		if (!running || final.has(why)) return;
		if (attempt.context.invite !== undefined) {
			peers.forget(device);
			return;
		}
		if (clock.now() - was.info.sinceMs >= livedMs) attempts.reset(device);
		else attempts.failed(device);
		redial(device, redialMs);
	}

	function linksChanged(): void {
		route.linksChanged();
		hello.linked(live.infos.get().length === 0);
		countOnline();
	}

	function countOnline(): void {
		const now = new Set<string>();
		for (const { device, limited } of live.infos.get()) if (!limited) now.add(device);
		for (const device of [...now]) for (const other of route.neighbours(device)) now.add(other);
		for (const peer of peers.all()) if (clock.now() - peer.heardMs < onlineHeardMs && peer.context.invite === undefined) now.add(peer.device);
		now.delete(self);
		const before = online.get();
		if (now.size !== before.size || [...now].some((device) => !before.has(device))) online.set(now);
	}

	/** The mesh's own messages; they count on full links alone. */
	function takeOwn(attempt: Attempt, type: number, payload: Uint8Array): boolean {
		if (live.get(attempt.device)?.info.limited !== false || live.get(attempt.device)?.link !== attempt.link) return false;
		if (type === messageTypes.neighbours) return takeNeighbours(attempt.device, payload);
		if (type === messageTypes.relay) return route.takeRelay(attempt.device, payload);
		if (type !== messageTypes.relayed) return false;
		const sealed = decodeRelayed(payload);
		const keyId = sealed && sealedKeyId(sealed);
		const context = keyId && contexts.ofKeyId(keyId);
		if (context) hear(context, sealed);
		return context !== undefined;
	}

	function takeNeighbours(from: string, payload: Uint8Array): boolean {
		const list = route.takeNeighbours(from, payload);
		const waitMs = toldOfMs + toldOfEachMs * attempts.waiting.size;
		for (const [device, deviceBoot] of list ?? []) {
			if (device === self || !contexts.current || standingOf(device) === 'refused' || live.get(device)) continue;
			peers.told(device, deviceBoot, contexts.current);
			if (peers.get(device)) redial(device, waitMs);
		}
		countOnline();
		return list !== undefined;
	}

	function watch(): void {
		wishAll();
		cancelWatchdog = clock.after(watchdogMs, watch);
	}

	let stopKeys = (): void => undefined;
	function keysChanged(): void {
		contexts = makeContexts(meshKeys.get(), joining);
		client.setTopics(contexts.topics);
		hello.again();
	}

	return {
		links: live.infos,
		server: client.state,
		serverInfo: derive([client.welcome], () => client.welcome.get()),
		online,
		self: selfInfo,
		send: (device, message, urgent = false) => live.send(device, message, urgent),
		broadcast: (message, urgent = false) => live.broadcast(message, urgent),
		onMessage: (types, handler) => live.onMessage(types, handler),
		onOpened: (fn) => live.onOpened(fn),
		onClosed: (fn) => live.onClosed(fn),
		neighbours: (device) => route.neighbours(device),
		start() {
			if (running) return;
			running = true;
			stopKeys = meshKeys.subscribe(keysChanged);
			client.setTopics(contexts.topics);
			client.start();
			cancelWatchdog = clock.after(watchdogMs, watch);
		},
		stop() {
			running = false;
			stopKeys();
			cancelWatchdog();
			for (const part of [hello, newcomers, attempts, limits, route, client]) part.stop();
			negotiation.stop();
			live.closeAll('stopped');
		},
		probe() {
			client.probe();
			attempts.hurry();
			for (const { device } of live.infos.get()) live.get(device)?.link.probe();
			wishAll();
		},
		probeLink(device) {
			live.get(device)?.link.probe();
		},
		disconnect(device, why) {
			const standing = live.get(device);
			const known = standing?.info.boot ?? peers.get(device)?.boot;
			if (known !== undefined) peers.gone(device, known);
			attempts.forget(device);
			negotiation.abort(device, 'refused');
			standing?.link.close(why);
		},
		hold: (device) => limits.hold(device),
		reconsider() {
			for (const { device, limited } of live.infos.get()) {
				const standing = standingOf(device);
				if (standing === 'refused') live.get(device)?.link.close('refused');
				if (!limited || standing !== 'member') continue;
				limits.settled(device);
				live.lift(device);
				linksChanged();
			}
			for (const peer of peers.all()) if (standingOf(peer.device) === 'refused') negotiation.abort(peer.device, 'refused');
		},
		queuedBytes: (device) => live.get(device)?.link.queuedBytes ?? 0,
		get stats() {
			return { ...counts, relayed: route.relayed, published: client.published };
		},
	};
}
