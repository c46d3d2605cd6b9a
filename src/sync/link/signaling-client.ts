/**
 * The socket to the signaling server, in y-webrtc's frames (`subscribe`, `unsubscribe`, `publish`, `ping`; DESIGN.md D5). A socket that
 * says OPEN proves nothing after sleep: only what the server says within a deadline does.
 */
import type { Random } from '../../crypto/random.ts';
import type { Clock, OpenSignalSocket } from '../ports.ts';
import { createCell, type Source } from '../source.ts';
import { type Backoff, createBackoff } from './backoff.ts';

/** For the first word after opening, and for the answer to a ping. */
const answerDeadlineMs = 10_000;
const pingEveryMs = 20_000;
const backoffFirstMs = 1_000;
const backoffMaxMs = 60_000;
/** The server allows 1000 at once and 100 a second before it slows a socket down; this stays below. */
const framesBurst = 600;
const framesPerSecond = 80;
/** What waits while the socket is slowed; a signal older than an attempt's deadline is of no use anyway. */
const maxWaiting = 1_000;
const maxTopicsPerFrame = 500;
const maxTextLength = 64 * 1024;

export type ServerState = 'connected' | 'connecting' | 'unreachable';

export interface Welcome {
	/** This client's address as the server sees it. */
	readonly address: string;
	/** Build id of the app the server serves. */
	readonly build: string;
	/** 0 when the server answers no STUN. */
	readonly stunPort: number;
}

export interface SignalingClient {
	readonly state: Source<ServerState>;
	readonly welcome: Source<Welcome | undefined>;
	start(): void;
	stop(): void;
	/** Replaces the set of topics. */
	setTopics(topics: ReadonlySet<string>): void;
	/** `false` when there is no socket. */
	publish(topic: string, sealed: Uint8Array): boolean;
	/** Asks for a sign of life, or tries again at once. */
	probe(): void;
	/** A socket stands, proven or not. */
	readonly open: boolean;
	/** Frames published since the start. */
	readonly published: number;
}

export interface SignalingClientDeps {
	readonly clock: Clock;
	readonly random: Random;
	readonly openSocket: OpenSignalSocket;
	/** A new socket, the topics subscribed: the moment for a hello. */
	readonly onReady: () => void;
	readonly onPublish: (topic: string, sealed: Uint8Array) => void;
}

export function createSignalingClient(deps: SignalingClientDeps): SignalingClient {
	const { clock, openSocket } = deps;
	const state = createCell<ServerState>('connecting');
	const welcome = createCell<Welcome | undefined>(undefined);
	const backoff: Backoff = createBackoff({ random: deps.random, firstMs: backoffFirstMs, maxMs: backoffMaxMs });
	let topics: ReadonlySet<string> = new Set();
	let running = false;
	let socket: { send(text: string): void; close(): void } | undefined;
	/** Counts sockets: events of one that is no longer ours are not heard. */
	let generation = 0;
	let opened = false;
	let cancelDeadline = (): void => undefined;
	let cancelNext = (): void => undefined;
	let published = 0;
	const waiting: string[] = [];
	let tokens = framesBurst;
	let tokensAtMs = clock.now();
	let cancelDrain: (() => void) | undefined;

	function connect(): void {
		const mine = ++generation;
		const current = (): boolean => mine === generation;
		opened = false;
		expectAnswer();
		socket = openSocket({
			open() {
				if (!current()) return;
				opened = true;
				expectAnswer();
				subscribe('subscribe', [...topics]);
				// In one go with the topics: of two that start at once then only one hears the other, and one offer is made.
				deps.onReady();
				transmit('{"type":"ping"}');
			},
			message(text) {
				if (current()) hear(text);
			},
			close() {
				if (current()) lost();
			},
		});
	}

	function hear(text: string): void {
		const frame = text.length <= maxTextLength ? parseServerFrame(text) : undefined;
		if (!frame) return;
		cancelDeadline();
		cancelNext();
		cancelNext = clock.after(pingEveryMs, ping);
		if (frame.type === 'welcome') welcome.set(frame.welcome);
		if (frame.type === 'pong') {
			backoff.reset();
			state.set('connected');
		}
		if (frame.type === 'publish' && topics.has(frame.topic)) deps.onPublish(frame.topic, frame.sealed);
	}

	function ping(): void {
		if (!opened) return;
		expectAnswer();
		transmit('{"type":"ping"}');
	}

	function expectAnswer(): void {
		cancelDeadline();
		cancelDeadline = clock.after(answerDeadlineMs, lost);
	}

	function lost(): void {
		drop();
		if (!running) return;
		state.set(state.get() === 'connected' ? 'connecting' : 'unreachable');
		cancelNext = clock.after(backoff.next(), connect);
	}

	function drop(): void {
		generation += 1;
		cancelDeadline();
		cancelNext();
		waiting.length = 0;
		opened = false;
		socket?.close();
		socket = undefined;
	}

	function subscribe(type: 'subscribe' | 'unsubscribe', list: readonly string[]): void {
		for (let at = 0; at < list.length; at += maxTopicsPerFrame) transmit(JSON.stringify({ type, topics: list.slice(at, at + maxTopicsPerFrame) }));
	}

	/** In order, and never faster than the server takes it. */
	function transmit(text: string): void {
		if (waiting.length < maxWaiting) waiting.push(text);
		drain();
	}

	function drain(): void {
		const nowMs = clock.now();
		tokens = Math.min(framesBurst, tokens + (Math.max(0, nowMs - tokensAtMs) / 1000) * framesPerSecond);
		tokensAtMs = nowMs;
		while (tokens >= 1) {
			const text = waiting.shift();
			if (text === undefined) return;
			tokens -= 1;
			socket?.send(text);
		}
		cancelDrain?.();
		if (waiting.length > 0) cancelDrain = clock.after(1000 / framesPerSecond, drain);
	}

	return {
		state,
		welcome,
		start() {
			if (running) return;
			running = true;
			connect();
		},
		stop() {
			running = false;
			drop();
			cancelDrain?.();
			state.set('connecting');
		},
		setTopics(next) {
			const added = [...next].filter((topic) => !topics.has(topic));
			const gone = [...topics].filter((topic) => !next.has(topic));
			topics = next;
			if (!opened) return;
			if (added.length > 0) subscribe('subscribe', added);
			if (gone.length > 0) subscribe('unsubscribe', gone);
		},
		publish(topic, sealed) {
			if (!opened) return false;
			published += 1;
			transmit(JSON.stringify({ type: 'publish', topic, data: toBase64(sealed) }));
			return true;
		},
		probe() {
			if (!running) return;
			if (opened) {
				ping();
			} else {
				drop();
				backoff.reset();
				connect();
			}
		},
		get open() {
			return opened;
		},
		get published() {
			return published;
		},
	};
}

type ServerFrame =
	| { readonly type: 'pong' }
	| { readonly type: 'welcome'; readonly welcome: Welcome }
	| { readonly type: 'publish'; readonly topic: string; readonly sealed: Uint8Array };

/** What the server says; `undefined` for anything else. */
export function parseServerFrame(text: string): ServerFrame | undefined {
	const value = parseJson(text);
	if (typeof value !== 'object' || value === null || !('type' in value)) return undefined;
	if (value.type === 'pong') return { type: 'pong' };
	if (value.type === 'welcome') {
		const { address, build, stunPort } = { address: '', build: '', stunPort: 0, ...value };
		if (typeof address !== 'string' || address.length > 64 || typeof build !== 'string' || build.length > 128 || typeof stunPort !== 'number') return undefined;
		return { type: 'welcome', welcome: { address, build, stunPort } };
	}
	if (value.type !== 'publish' || !('topic' in value) || typeof value.topic !== 'string') return undefined;
	const sealed = 'data' in value && typeof value.data === 'string' ? fromBase64(value.data) : undefined;
	return sealed && { type: 'publish', topic: value.topic, sealed };
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text) as unknown;
	} catch {
		return undefined;
	}
}

function toBase64(bytes: Uint8Array): string {
	return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}

function fromBase64(text: string): Uint8Array | undefined {
	if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) return undefined;
	return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
