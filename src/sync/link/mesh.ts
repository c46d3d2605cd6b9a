/**
 * The mesh of an office's devices over WebRTC (PROTOCOL.md, sections 7 and 8; DESIGN.md D3, D5, D6): who is dialled, when, by which way,
 * and what becomes of a link. Full mesh up to 30 devices online; `send`, `broadcast` and `links` are the seam for an overlay.
 */
import { fromHex, hex } from '../../crypto/bytes.ts';
import type { DeviceKeys } from '../../crypto/identity.ts';
import type { Ports } from '../ports.ts';
import { createCell, type Source } from '../source.ts';
import { canonicalAddress } from './address.ts';
import { createCandidateRule } from './candidate.ts';
import { createConnection } from './connection.ts';
import { createContextMaker, type JoinKeys, type SignalContext } from './contexts.ts';
import { createDialling, type Dialling, type Standing } from './dialling.ts';
import { createHello } from './hello.ts';
import { createKnocking } from './knocking.ts';
import { createLimitedLinks, limitedBytes } from './limited.ts';
import { createLink } from './link.ts';
import { createListening } from './listening.ts';
import { createLiveLinks } from './live-links.ts';
import type { Mesh, MeshKeys } from './mesh-port.ts';
import { messageTypes } from './message-types.ts';
import { type Attempt, createNegotiation, type Negotiation } from './negotiation.ts';
import { createNewcomers } from './newcomers.ts';
import { createPeers } from './peers.ts';
import { createRoute, decodeRelayed } from './route.ts';
import { bootBytes, createSignalGate, encodeSignal, nobody, sealedKeyId, sealSignal, sessionBytes } from './signal.ts';
import { createSignalingClient } from './signaling-client.ts';

export type { GenerationKeys, LinkInfo, Mesh, MeshKeys } from './mesh-port.ts';

const watchdogMs = 15_000;
/** A device counts as online this long after its last signal, if nobody is linked to it. */
const onlineHeardMs = 60_000;

export interface MeshDeps {
	readonly ports: Ports;
	readonly keys: DeviceKeys;
	/** Hex. */
	readonly officeId: string;
	readonly meshKeys: Source<MeshKeys>;
	/** By the resolver. In newcomer mode all are unknown but those refused. */
	readonly standing: (device: string) => Standing;
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
	const standingOf = (device: string): Standing => {
		const standing = deps.standing(device);
		return joining && standing !== 'refused' ? 'unknown' : standing;
	};

	const makeContexts = createContextMaker(keys.signPublic);
	let contexts = makeContexts(meshKeys.get(), joining, undefined);
	let running = false;
	let cancelWatchdog = (): void => undefined;
	const counts = { attempts: 0, opened: 0, failed: 0, refused: 0 };
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
			dialling.attempts.hurry();
			dialling.wishAll();
		},
		onPublish(topic, sealed) {
			const context = contexts.ofTopic(topic);
			if (!context || !listening.hear(context, sealed)) counts.refused += 1;
		},
	});
	const route = createRoute({
		clock,
		links: () => live.full(),
		isLinked: (device) => live.get(device) !== undefined,
		send: (device, message) => live.send(device, message, true),
		publish: (topic, sealed) => client.publish(topic, sealed),
		serverUp: () => client.open,
	});
	const newcomer = joining !== undefined;
	const hello = createHello({ clock, random, newcomer, busy: () => negotiation.size > 0 || dialling.attempts.waiting.size > 0, say: sayHello });
	let helloSession: Uint8Array | undefined;
	let saidHelloMs = Number.NEGATIVE_INFINITY;
	const isRunning = (): boolean => running;
	const dialling: Dialling = createDialling({
		clock,
		random,
		self,
		newcomer,
		running: isRunning,
		standing: standingOf,
		live,
		peers,
		route,
		limits,
		negotiation: () => negotiation,
		saidHelloMs: () => saidHelloMs,
	});
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
		send: (device, context, sealed) => route.send(device, context, sealed, dialling.turn(device)),
		opened,
		message(attempt, type, payload) {
			if (!takeOwn(attempt, type, payload) && !live.dispatch(attempt.device, attempt.link, type, payload)) counts.refused += 1;
		},
		closed,
		failed(attempt, why) {
			if (dialling.attemptFailed(attempt, why)) counts.failed += 1;
		},
	});
	const knocking = createKnocking({
		clock,
		ownAddress: () => client.welcome.get()?.address,
		current: () => contexts.current,
		makeSignal(context, body) {
			const session = random(sessionBytes);
			return { session, sealed: sealBroadcast(context, 'knock', session, body) };
		},
		publish: (topic, sealed) => client.publish(topic, sealed),
		live,
	});
	const listening = createListening({ clock, gate, newcomer, running: isRunning, standing: standingOf, live, peers, newcomers, dialling, negotiation, knocking });

	function sealBroadcast(context: SignalContext, kind: 'hello' | 'bye' | 'knock', session: Uint8Array, body: Uint8Array = new Uint8Array(0)): Uint8Array {
		const zeros = new Uint8Array(bootBytes);
		const bytes = encodeSignal({ officeId: officeId ?? nobody, from: keys.signPublic, to: nobody, bootFrom: boot, bootTo: zeros, session, kind, re: nobody, body });
		return sealSignal(random, keys, context, bytes);
	}

	function broadcast(context: SignalContext, kind: 'hello' | 'bye', session: Uint8Array): void {
		client.publish(context.officeTopic, sealBroadcast(context, kind, session));
	}

	function sayHello(session: Uint8Array): void {
		helloSession = session;
		saidHelloMs = clock.now();
		for (const context of contexts.hellos) broadcast(context, 'hello', session);
	}

	function opened(attempt: Attempt, build: string): void {
		const { device, context, link } = attempt;
		dialling.attemptOpened(attempt);
		const standing = standingOf(device);
		if (!running || standing === 'refused') {
			link.close('refused');
			return;
		}
		counts.opened += 1;
		const limited = standing === 'unknown';
		if (limited && !joining) {
			link.limitReceived(limitedBytes);
			limits.opened(device, context.invite, () => link.close('unknown'));
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
		dialling.linkLost(attempt, was.info.sinceMs, why);
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

	/**
	 * The mesh's own messages. A limited link's list is kept for when it is full, and nothing is relayed for it. A signal that comes over it is heard:
	 * it is sealed and signed as one from the server, and the other side, who may know this device, takes that way for an answer.
	 */
	function takeOwn({ device, link }: Attempt, type: number, payload: Uint8Array): boolean {
		const standing = live.get(device);
		if (standing?.link !== link) return false;
		if (type === messageTypes.neighbours && route.takeNeighbours(device, payload)) {
			if (!standing.info.limited) meetNeighbours(device);
			return true;
		}
		if (type === messageTypes.relay) return !standing.info.limited && route.takeRelay(device, payload);
		const sealed = type === messageTypes.relayed || type === messageTypes.knock ? decodeRelayed(payload) : undefined;
		const keyId = sealed && sealedKeyId(sealed);
		const context = keyId && contexts.ofKeyId(keyId);
		return sealed !== undefined && context !== undefined && listening.hear(context, sealed);
	}

	function meetNeighbours(of: string): void {
		for (const [device, deviceBoot] of route.neighbourBoots(of)) {
			if (device === self || !contexts.current || standingOf(device) === 'refused' || live.get(device)) continue;
			peers.told(device, deviceBoot, contexts.current);
			dialling.toldOf(device);
		}
		countOnline();
	}

	function watch(): void {
		dialling.wishAll();
		countOnline();
		cancelWatchdog = clock.after(watchdogMs, watch);
	}

	let stopKeys = (): void => undefined;
	function keysChanged(): void {
		const before = contexts.current;
		contexts = makeContexts(meshKeys.get(), joining, canonicalAddress(client.welcome.get()?.address ?? ''));
		client.setTopics(contexts.topics);
		if (contexts.current && hex(contexts.current.keyId) !== hex(before?.keyId ?? nobody)) hello.again();
	}

	return {
		links: live.infos,
		server: client.state,
		serverInfo: client.welcome,
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
			const stops = [meshKeys.subscribe(keysChanged), client.welcome.subscribe(keysChanged)];
			stopKeys = () => stops.forEach((stop) => stop());
			client.setTopics(contexts.topics);
			client.start();
			cancelWatchdog = clock.after(watchdogMs, watch);
		},
		stop() {
			running = false;
			stopKeys();
			cancelWatchdog();
			for (const part of [hello, newcomers, knocking, dialling.attempts, limits, route, client]) part.stop();
			negotiation.stop();
			live.closeAll('stopped');
		},
		probe() {
			client.probe();
			dialling.attempts.hurry();
			for (const { device } of live.infos.get()) live.get(device)?.link.probe();
			dialling.wishAll();
		},
		probeLink(device) {
			live.get(device)?.link.probe();
		},
		disconnect(device, why) {
			const standing = live.get(device);
			const known = standing?.info.boot ?? peers.get(device)?.boot;
			if (known !== undefined) peers.gone(device, known);
			dialling.attempts.forget(device);
			negotiation.abort(device, 'refused');
			standing?.link.close(why);
		},
		hold: (device) => limits.hold(device),
		reconsider() {
			for (const { device, limited } of live.infos.get()) {
				const standing = standingOf(device);
				// One that was full goes mute: who may come again, limited, comes by a new link.
				if (standing === 'refused' || (!limited && standing === 'unknown')) live.get(device)?.link.close('refused');
				if (!limited || standing !== 'member') continue;
				limits.settled(device);
				live.lift(device);
				linksChanged();
				meetNeighbours(device);
			}
			for (const peer of peers.all()) if (standingOf(peer.device) === 'refused') negotiation.abort(peer.device, 'refused');
		},
		knock: (address) => knocking.knock(address),
		onKnock: (fn) => knocking.onKnock(fn),
		queuedBytes: (device) => live.get(device)?.link.queuedBytes ?? 0,
		get stats() {
			return { ...counts, relayed: route.relayed, published: client.published };
		},
	};
}
