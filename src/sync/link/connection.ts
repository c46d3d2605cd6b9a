/**
 * One RTCPeerConnection with its channel, over simple-peer, as fields in and fields out. simple-peer has no deadline and no ICE restart:
 * whoever makes a connection ends it. Certificates are never reused: each connection draws its own (the browser's default).
 */
import SimplePeer from 'simple-peer/simplepeer.min.js';
import type { Clock, Wrtc } from '../ports.ts';
import { type Candidate, formatCandidate, parseCandidate } from './candidate.ts';
import { type Description, formatDescription, parseDescription } from './description.ts';
import { type FrameChannel, lowWaterBytes } from './frame.ts';

/** How long further candidates are waited for after the first, and that one itself: a busy browser takes its time, and a description without any is of no use. */
const gatheringMs = 250;
const firstCandidateMs = 1_000;
/** How long after the description the late ones are gathered, to go in one batch. */
const lateMs = 2_000;
/** Further `disconnected` than this is lost: WebRTC itself waits much longer. */
const disconnectedMs = 10_000;

export interface ConnectionEvents {
	/** Once: the local fields, with what was gathered within 250 ms. */
	described(description: Description): void;
	/** At most once: candidates gathered after that. */
	late(candidates: readonly Candidate[]): void;
	connected(channel: FrameChannel): void;
	frame(bytes: Uint8Array): void;
	/** The channel has room again. */
	drained(): void;
	/** Once; nothing follows it. */
	closed(why: string): void;
}

export interface Connection {
	/** The other side's offer or answer; candidates come apart. */
	accept(kind: 'offer' | 'answer', description: Description): void;
	addCandidates(candidates: readonly Candidate[]): void;
	close(): void;
}

export interface ConnectionDeps {
	readonly clock: Clock;
	readonly wrtc: Wrtc;
	readonly iceServers: readonly RTCIceServer[];
}

/** Begins at once: an initiator describes itself, the other waits for `accept`. */
export function createConnection(deps: ConnectionDeps, initiator: boolean, events: ConnectionEvents): Connection {
	const { clock } = deps;
	let closed = false;
	let description: Description | undefined;
	let described = false;
	let lateSent = false;
	let gathered: Candidate[] = [];
	let foundation = 0;
	let cancelGathering = (): void => undefined;
	let cancelDisconnected: (() => void) | undefined;

	// The subclass is the documented way to reach the channel: simple-peer's stream neither counts bytes nor lets the water mark be set.
	let channel: RTCDataChannel | undefined;
	class Observed extends deps.wrtc.RTCPeerConnection {
		override createDataChannel(label: string, init?: RTCDataChannelInit): RTCDataChannel {
			channel = super.createDataChannel(label, init);
			return channel;
		}
	}
	const peer = new SimplePeer({
		initiator,
		trickle: true,
		objectMode: true,
		channelName: 'landline',
		// In-band channels break simple-peer when both ends dial.
		channelConfig: { negotiated: true, id: 0 },
		// simple-peer's default is public servers.
		config: { iceServers: [...deps.iceServers] },
		wrtc: { ...deps.wrtc, RTCPeerConnection: Observed },
	});

	function end(why: string): void {
		if (closed) return;
		closed = true;
		cancelGathering();
		cancelDisconnected?.();
		peer.destroy();
		events.closed(why);
	}

	function describe(): void {
		if (closed || described || !description) return;
		described = true;
		cancelGathering();
		const first = gathered;
		gathered = [];
		events.described({ ...description, candidates: first });
		cancelGathering = clock.after(lateMs, sendLate);
	}

	function sendLate(): void {
		if (closed || !described || lateSent) return;
		cancelGathering();
		if (gathered.length === 0) return;
		lateSent = true;
		events.late(gathered);
	}

	function awaitCandidates(ms: number): void {
		cancelGathering();
		cancelGathering = clock.after(ms, describe);
	}

	peer.on('signal', (signal) => {
		if (closed) return;
		if ((signal.type === 'offer' || signal.type === 'answer') && signal.sdp !== undefined && !description) {
			description = parseDescription(signal.sdp);
			if (!description) {
				end('own-description');
				return;
			}
			awaitCandidates(gathered.length > 0 ? gatheringMs : firstCandidateMs);
		} else if (signal.type === 'candidate') {
			const candidate = parseCandidate(signal.candidate.candidate);
			if (candidate && gathered.push(candidate) === 1 && description && !described) awaitCandidates(gatheringMs);
		}
	});
	peer.on('iceStateChange', (state: string, gathering: string) => {
		if (closed) return;
		if (gathering === 'complete') {
			if (described) sendLate();
			else describe();
		}
		if (state === 'disconnected') {
			cancelDisconnected ??= clock.after(disconnectedMs, () => end('silent'));
		} else {
			cancelDisconnected?.();
			cancelDisconnected = undefined;
		}
	});
	peer.on('connect', () => {
		if (closed || !channel) return;
		const open = channel;
		open.bufferedAmountLowThreshold = lowWaterBytes;
		open.addEventListener('bufferedamountlow', () => {
			if (!closed) events.drained();
		});
		events.connected({
			get bufferedAmount() {
				return open.bufferedAmount;
			},
			send(frame) {
				// A channel that closes under us says so by its own event; what is sent meanwhile is lost like all the rest.
				if (!closed && open.readyState === 'open') peer.send(frame);
			},
		});
	});
	peer.on('data', (data: unknown) => {
		if (closed) return;
		if (data instanceof Uint8Array) events.frame(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
		else end('bad-frame');
	});
	peer.on('error', (error) => end((error as Error & { code?: string }).code ?? 'error'));
	peer.on('close', () => end('closed'));

	return {
		accept(kind, remote) {
			if (!closed) peer.signal({ type: kind, sdp: formatDescription(remote) });
		},
		addCandidates(candidates) {
			for (const candidate of candidates) {
				if (closed) return;
				const line = formatCandidate(candidate, ++foundation);
				peer.signal({ type: 'candidate', candidate: { candidate: line, sdpMLineIndex: 0, sdpMid: '0' } as RTCIceCandidate });
			}
		},
		close: () => end('closed-here'),
	};
}
