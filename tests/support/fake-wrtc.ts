/**
 * RTCPeerConnection as far as simple-peer needs it, over memory: descriptions must name each other's ufrag, password and fingerprint, as ICE
 * and DTLS would have it. Cables can be cut. Real timers of 0 ms only; everything else is the mesh's own clock.
 */
import type { Wrtc } from '../../src/sync/ports.ts';

export interface FakeNetwork {
	/** The constructors for one host. */
	wrtc(host: string): Wrtc;
	/** Nothing passes between the two any more; `iceConnectionState` becomes `disconnected`. */
	cut(a: string, b: string): void;
	mend(a: string, b: string): void;
	/** The host's connections stand, and nothing comes from it: a frozen tab. */
	freeze(host: string): void;
	/** The host is gone without a word. */
	kill(host: string): void;
	/** Connections constructed by a host. */
	built(host: string): number;
	/** Candidates that reached a host's ICE agent. */
	readonly candidates: { host: string; candidate: string }[];
	/** Bytes that passed any channel. */
	readonly passed: () => number;
}

type Handler = ((event: never) => void) | null;

class FakeChannel {
	binaryType = 'blob';
	bufferedAmount = 0;
	bufferedAmountLowThreshold = 0;
	readyState: RTCDataChannelState = 'connecting';
	onmessage: Handler = null;
	onopen: Handler = null;
	onclose: Handler = null;
	onerror: Handler = null;
	onbufferedamountlow: Handler = null;
	other: FakeChannel | undefined;
	readonly label: string;
	readonly init: RTCDataChannelInit | undefined;
	readonly carries: (bytes: number) => boolean;
	readonly #low: (() => void)[] = [];

	constructor(label: string, init: RTCDataChannelInit | undefined, carries: (bytes: number) => boolean) {
		this.label = label;
		this.init = init;
		this.carries = carries;
	}

	addEventListener(_name: 'bufferedamountlow', fn: () => void): void {
		this.#low.push(fn);
	}

	send(data: Uint8Array): void {
		if (this.readyState !== 'open') throw new Error('not open');
		const copy = data.slice().buffer;
		this.bufferedAmount += data.length;
		setTimeout(() => {
			this.bufferedAmount -= data.length;
			if (this.carries(data.length)) this.other?.onmessage?.({ data: copy } as never);
			if (this.bufferedAmount === 0) for (const fn of this.#low) fn();
		}, 0);
	}

	close(): void {
		if (this.readyState === 'closed') return;
		this.readyState = 'closed';
		setTimeout(() => this.onclose?.({} as never), 0);
	}
}

export function createFakeNetwork(): FakeNetwork {
	const connections = new Set<FakeConnection>();
	const cuts = new Set<string>();
	const dead = new Set<string>();
	const frozen = new Set<string>();
	const built = new Map<string, number>();
	const candidates: { host: string; candidate: string }[] = [];
	let serial = 0;
	let passed = 0;
	const pair = (a: string, b: string): string => [a, b].sort().join('|');
	const apart = (a: string, b: string): boolean => cuts.has(pair(a, b)) || dead.has(a) || dead.has(b);

	class FakeConnection {
		iceConnectionState: RTCIceConnectionState = 'new';
		iceGatheringState: RTCIceGatheringState = 'new';
		connectionState: RTCPeerConnectionState = 'new';
		signalingState: RTCSignalingState = 'stable';
		localDescription: RTCSessionDescriptionInit | null = null;
		remoteDescription: RTCSessionDescriptionInit | null = null;
		oniceconnectionstatechange: Handler = null;
		onicegatheringstatechange: Handler = null;
		onconnectionstatechange: Handler = null;
		onsignalingstatechange: Handler = null;
		onicecandidate: Handler = null;
		ontrack: Handler = null;
		channel: FakeChannel | undefined;
		other: FakeConnection | undefined;
		closed = false;
		readonly host: string;
		readonly serial = ++serial;
		heardCandidates = 0;

		constructor(host: string) {
			this.host = host;
			built.set(host, (built.get(host) ?? 0) + 1);
			connections.add(this);
		}

		get ufrag(): string {
			return `frag${this.serial}`;
		}

		get fingerprint(): string {
			return Array.from({ length: 32 }, (_, i) => ((this.serial * 37 + i) & 255).toString(16).toUpperCase().padStart(2, '0')).join(':');
		}

		sdp(setup: string): string {
			const lines = ['v=0', 'o=- 1 2 IN IP4 127.0.0.1', 's=-', 't=0 0', 'a=group:BUNDLE 0', 'm=application 9 UDP/DTLS/SCTP webrtc-datachannel', 'c=IN IP4 0.0.0.0', `a=ice-ufrag:${this.ufrag}`];
			return [...lines, `a=ice-pwd:${'p'.repeat(22)}${this.serial}`, `a=fingerprint:sha-256 ${this.fingerprint}`, `a=setup:${setup}`, 'a=mid:0', 'a=sctp-port:5000', 'a=max-message-size:262144', ''].join('\r\n');
		}

		createDataChannel(label: string, init?: RTCDataChannelInit): FakeChannel {
			this.channel = new FakeChannel(label, init, (bytes) => {
				const through = this.other !== undefined && !this.closed && !this.other.closed && !frozen.has(this.host) && !apart(this.host, this.other.host);
				if (through) passed += bytes;
				return through;
			});
			return this.channel;
		}

		createOffer(): Promise<RTCSessionDescriptionInit> {
			return Promise.resolve({ type: 'offer', sdp: this.sdp('actpass') });
		}

		createAnswer(): Promise<RTCSessionDescriptionInit> {
			return Promise.resolve({ type: 'answer', sdp: this.sdp('active') });
		}

		setLocalDescription(description: RTCSessionDescriptionInit): Promise<void> {
			this.localDescription = description;
			setTimeout(() => this.gather(), 0);
			return Promise.resolve();
		}

		gather(): void {
			if (this.closed) return;
			const name = `${String(this.serial).padStart(8, '0')}-0000-4000-8000-000000000000.local`;
			this.onicecandidate?.({ candidate: { candidate: `candidate:1 1 udp 2113937151 ${name} 50000 typ host`, sdpMid: '0', sdpMLineIndex: 0 } } as never);
			this.iceGatheringState = 'complete';
			this.onicegatheringstatechange?.({} as never);
			this.meet();
		}

		setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
			this.remoteDescription = description;
			setTimeout(() => this.meet(), 0);
			return Promise.resolve();
		}

		addIceCandidate(candidate: RTCIceCandidateInit): Promise<void> {
			this.heardCandidates += 1;
			candidates.push({ host: this.host, candidate: candidate.candidate ?? '' });
			return Promise.resolve();
		}

		/** Connects when both sides describe each other. */
		meet(): void {
			for (const other of connections) {
				if (other === this || other.closed || this.closed || this.other || apart(this.host, other.host)) continue;
				if (!this.names(other) || !other.names(this)) continue;
				this.other = other;
				other.other = this;
				for (const side of [this, other]) side.connected();
			}
		}

		names(other: FakeConnection): boolean {
			const remote = this.remoteDescription?.sdp ?? '';
			return remote.includes(`a=ice-ufrag:${other.ufrag}\r\n`) && remote.includes(`a=fingerprint:sha-256 ${other.fingerprint}\r\n`);
		}

		connected(): void {
			setTimeout(() => {
				if (this.closed || !this.channel) return;
				this.channel.other = this.other?.channel;
				this.ice('connected');
				this.channel.readyState = 'open';
				this.channel.onopen?.({} as never);
			}, 0);
		}

		ice(state: RTCIceConnectionState): void {
			if (this.closed || this.iceConnectionState === state) return;
			this.iceConnectionState = state;
			this.connectionState = state === 'connected' ? 'connected' : 'disconnected';
			this.oniceconnectionstatechange?.({} as never);
		}

		getStats(): Promise<Map<string, unknown>> {
			const stats = [
				{ id: 'T', type: 'transport', selectedCandidatePairId: 'P' },
				{ id: 'P', type: 'candidate-pair', localCandidateId: 'L', remoteCandidateId: 'R' },
				{ id: 'L', type: 'local-candidate', address: '10.0.0.1', port: 50000 },
				{ id: 'R', type: 'remote-candidate', address: '10.0.0.2', port: 50000 },
			];
			return Promise.resolve(new Map(stats.map((stat) => [stat.id, stat])));
		}

		close(): void {
			if (this.closed) return;
			this.closed = true;
			connections.delete(this);
			const { other } = this;
			if (!other || apart(this.host, other.host)) return;
			setTimeout(() => other.channel?.close(), 0);
		}
	}

	function review(): void {
		for (const connection of connections) {
			if (connection.other) connection.ice(apart(connection.host, connection.other.host) ? 'disconnected' : 'connected');
			else connection.meet();
		}
	}

	return {
		wrtc(host) {
			class HostConnection extends FakeConnection {
				constructor() {
					super(host);
				}
			}
			// Called with `new`, a function that returns an object gives that object.
			const copy = function (init: object): object {
				return { ...init };
			};
			return { RTCPeerConnection: HostConnection, RTCSessionDescription: copy, RTCIceCandidate: copy } as unknown as Wrtc;
		},
		cut(a, b) {
			cuts.add(pair(a, b));
			review();
		},
		mend(a, b) {
			cuts.delete(pair(a, b));
			review();
		},
		freeze: (host) => frozen.add(host),
		kill(host) {
			dead.add(host);
			review();
		},
		built: (host) => built.get(host) ?? 0,
		candidates,
		passed: () => passed,
	};
}
