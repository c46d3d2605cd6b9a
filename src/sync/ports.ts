/**
 * What the messenger needs from its surroundings, handed in by the composition root: so tests bring their own clock, network and disk,
 * and no production code carries a test hook.
 */
import type { Random } from '../crypto/random.ts';
import type { Destination } from './files.ts';
import type { ConnectBulk } from './transfer/bulk/bulk-connection.ts';
import type { OpenedEngine } from './transfer/staging/worker-engine.ts';
import type { Saver } from './transfer/supply.ts';

/** Wall time and timers. `now` is milliseconds since 1970 and may jump; nothing durable is ordered by it. */
export interface Clock {
	now(): number;
	/** Runs `fn` once after `delayMs`, with 0 in the next turn of the event loop; the returned function cancels it. */
	after(delayMs: number, fn: () => void): () => void;
}

/** Opens the signaling socket. Events arrive after the call returns. */
export type OpenSignalSocket = (events: {
	open(): void;
	message(text: string): void;
	close(): void;
}) => { send(text: string): void; close(): void };

/** The constructors simple-peer takes as `wrtc`. */
export interface Wrtc {
	RTCPeerConnection: typeof RTCPeerConnection;
	RTCSessionDescription: typeof RTCSessionDescription;
	RTCIceCandidate: typeof RTCIceCandidate;
}

export interface Ports {
	clock: Clock;
	random: Random;
	openSocket: OpenSignalSocket;
	wrtc: Wrtc;
	/** Our signaling server, for live documents, whose library opens a socket of its own. Empty where there is none. */
	signalUrl: string;
	/** The one STUN server: ours. Empty when the operator switched it off. */
	iceServers: readonly RTCIceServer[];
	/** Host name the app was opened under: decides which candidate addresses are acceptable. */
	appHost: string;
	/** Build id of the running app. */
	build: string;
}

/** What the file plane needs besides. */
export interface FilePorts {
	/** A raw connection for bytes in bulk. */
	connect: ConnectBulk;
	/** The browser's private disk for what is fetched, by a name that tells nothing; in memory where there is none. */
	openDisk(directory: string): Promise<OpenedEngine>;
	/** All of it, once nothing of it is open; rejects where the browser will not. */
	removeDisk(directory: string): Promise<void>;
	/** What the browser allows this site, and what of it is taken; empty where it does not tell. */
	estimate(): Promise<StorageEstimate>;
	/** Where fetched files go; `undefined` for what stays here. */
	saver(destination: Destination, name: string): Saver | undefined;
}

/** All that an open office needs. */
export interface OfficePorts extends Ports {
	files: FilePorts;
}

export const systemClock: Clock = {
	now: () => Date.now(),
	after(delayMs, fn) {
		if (delayMs === 0) return nextTurn(fn);
		const timer = setTimeout(fn, delayMs);
		return () => clearTimeout(timer);
	},
};

/** By a message, not by a timer: a timer waits 4 ms where they follow each other, and a whole second in a page that is hidden. */
function nextTurn(fn: () => void): () => void {
	const { port1, port2 } = new MessageChannel();
	let cancelled = false;
	port1.onmessage = () => {
		port1.close();
		if (!cancelled) fn();
	};
	port2.postMessage(undefined);
	return () => {
		cancelled = true;
	};
}
