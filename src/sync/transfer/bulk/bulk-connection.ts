/**
 * One raw RTCPeerConnection with its two channels, as fields in and fields out: what `link/connection.ts` is over simple-peer, whose stream
 * marks of 64 KiB let the queue run dry on every cycle (FILES.md, 2.2). Certificates are never reused: each connection draws its own.
 */
import { type Candidate, formatCandidate, parseCandidate } from '../../link/candidate.ts';
import { type Description, formatDescription, parseDescription } from '../../link/description.ts';
import type { Clock } from '../../ports.ts';

const gatheringMs = 250;
const firstCandidateMs = 1_000;
const lateMs = 2_000;
const disconnectedMs = 5_000;

/** One channel, as far as it is needed. */
export interface BulkWire {
	readonly bufferedAmount: number;
	/** Below it `drained` is called. */
	setLowWater(bytes: number): void;
	/** False where the channel does not take it. */
	send(frame: Uint8Array<ArrayBuffer>): boolean;
}

export interface BulkConnectionEvents {
	described(description: Description): void;
	late(candidates: readonly Candidate[]): void;
	/** Both channels are open. `maxMessageBytes`: what the other end takes at once. */
	connected(wires: { readonly control: BulkWire; readonly data: BulkWire }, maxMessageBytes: number): void;
	control(message: ArrayBuffer): void;
	data(frame: ArrayBuffer): void;
	/** The data channel has sent something. */
	drained(): void;
	/** Once; nothing follows it. */
	closed(why: string): void;
}

export interface BulkConnection {
	accept(kind: 'offer' | 'answer', description: Description): void;
	addCandidates(candidates: readonly Candidate[]): void;
	close(): void;
}

/** Begins at once: an initiator describes itself, the other waits for `accept`. */
export type ConnectBulk = (initiator: boolean, events: BulkConnectionEvents) => BulkConnection;

export interface BulkConnectionDeps {
	readonly clock: Clock;
	readonly RTCPeerConnection: typeof RTCPeerConnection;
	readonly iceServers: readonly RTCIceServer[];
}

export function createBulkConnection(deps: BulkConnectionDeps, initiator: boolean, events: BulkConnectionEvents): BulkConnection {
	const { clock } = deps;
	const connection = new deps.RTCPeerConnection({ iceServers: [...deps.iceServers] });
	// Made before any description, negotiated: no end can bring a channel of its own. Requests go past the bytes that wait.
	const control = connection.createDataChannel('landline-bulk', { negotiated: true, id: 0 });
	const data = connection.createDataChannel('landline-bulk', { negotiated: true, id: 1 });
	let closed = false;
	let description: Description | undefined;
	let described = false;
	let gathered: Candidate[] = [];
	let foundation = 0;
	let waiting: Candidate[] = [];
	let hasRemote = false;
	let cancelGathering = (): void => undefined;
	let cancelDisconnected: (() => void) | undefined;

	function end(why: string): void {
		if (closed) return;
		closed = true;
		cancelGathering();
		cancelDisconnected?.();
		connection.close();
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
		cancelGathering();
		if (closed || gathered.length === 0) return;
		events.late(gathered);
		gathered = [];
	}

	function awaitCandidates(ms: number): void {
		cancelGathering();
		cancelGathering = clock.after(ms, describe);
	}

	connection.addEventListener('icecandidate', ({ candidate }) => {
		if (closed) return;
		if (!candidate || candidate.candidate === '') {
			if (described) sendLate();
			else describe();
			return;
		}
		const parsed = parseCandidate(candidate.candidate);
		if (parsed && gathered.push(parsed) === 1 && description && !described) awaitCandidates(gatheringMs);
	});
	connection.addEventListener('connectionstatechange', () => {
		const state = connection.connectionState;
		if (state === 'failed' || state === 'closed') end(state);
		if (state === 'disconnected') {
			cancelDisconnected ??= clock.after(disconnectedMs, () => end('silent'));
		} else {
			cancelDisconnected?.();
			cancelDisconnected = undefined;
		}
	});

	function opened(): void {
		if (closed || control.readyState !== 'open' || data.readyState !== 'open') return;
		events.connected({ control: wireOf(control), data: wireOf(data) }, connection.sctp?.maxMessageSize ?? 65_536);
	}
	for (const [channel, hear] of [
		[control, (message: ArrayBuffer) => events.control(message)],
		[data, (frame: ArrayBuffer) => events.data(frame)],
	] as const) {
		channel.binaryType = 'arraybuffer';
		channel.addEventListener('open', opened);
		channel.addEventListener('close', () => end('closed'));
		channel.addEventListener('message', ({ data: message }: MessageEvent<unknown>) => {
			if (closed) return;
			if (message instanceof ArrayBuffer) hear(message);
			else end('bad-frame');
		});
	}
	data.addEventListener('bufferedamountlow', () => {
		if (!closed) events.drained();
	});

	async function describeItself(): Promise<void> {
		await connection.setLocalDescription();
		description = parseDescription(connection.localDescription?.sdp ?? '');
		if (!description) end('own-description');
		else awaitCandidates(gathered.length > 0 ? gatheringMs : firstCandidateMs);
	}

	function hand(candidates: readonly Candidate[]): void {
		for (const candidate of candidates) {
			foundation += 1;
			// One that the browser does not take is one the less; the connection stands or falls with the rest.
			void connection.addIceCandidate({ candidate: formatCandidate(candidate, foundation), sdpMLineIndex: 0, sdpMid: '0' }).catch(() => undefined);
		}
	}

	async function accept(kind: 'offer' | 'answer', remote: Description): Promise<void> {
		await connection.setRemoteDescription({ type: kind, sdp: formatDescription(remote) });
		hasRemote = true;
		hand(waiting);
		waiting = [];
		if (kind === 'offer') await describeItself();
	}

	const orEnd = (work: Promise<void>): void => void work.catch(() => end('description'));
	if (initiator) orEnd(describeItself());

	return {
		accept(kind, remote) {
			if (!closed) orEnd(accept(kind, remote));
		},
		addCandidates(candidates) {
			if (closed) return;
			if (hasRemote) hand(candidates);
			else waiting.push(...candidates);
		},
		close: () => end('closed-here'),
	};
}

function wireOf(channel: RTCDataChannel): BulkWire {
	return {
		get bufferedAmount() {
			return channel.bufferedAmount;
		},
		setLowWater(bytes) {
			channel.bufferedAmountLowThreshold = bytes;
		},
		send(frame) {
			if (channel.readyState !== 'open') return false;
			try {
				channel.send(frame);
				return true;
			} catch {
				// The queue of the browser is full, or the channel closed under us: its own event says which.
				return false;
			}
		},
	};
}
