/**
 * Other ways to send over a data channel, each as its source does it (FILES.md, section 1), and the bare channel as the ceiling: bytes made in
 * memory, the receiver counts and lets go, or keeps what its model keeps.
 */

const KiB = 1024;

export interface Way {
	/** Bytes of one message. */
	readonly message: number;
	readonly highWater: number;
	readonly lowWater: number;
	/** The sender waits for a word of the receiver after so many bytes. */
	readonly stopEvery?: number;
	/** Looks at the queue by a timer instead of by the event. */
	readonly pollMs?: number;
	/** The receiver keeps everything in memory until the end. */
	readonly keeps?: boolean;
	/** Begins with a small queue: a channel just opened stalls under a burst. */
	readonly slowStart?: boolean;
}

export const ways = {
	'raw 64': { message: 64 * KiB, highWater: 2048 * KiB, lowWater: 512 * KiB, slowStart: true },
	'raw 128': { message: 128 * KiB, highWater: 2048 * KiB, lowWater: 512 * KiB, slowStart: true },
	'raw 255': { message: 255 * KiB, highWater: 4096 * KiB, lowWater: 1024 * KiB, slowStart: true },
	pairdrop: { message: 64_000, highWater: Infinity, lowWater: 0, stopEvery: 1_000_000, keeps: true },
	'simple-peer': { message: 64 * KiB, highWater: 64 * KiB, lowWater: 64 * KiB },
	trystero: { message: 16 * KiB, highWater: 65_535, lowWater: 65_535, keeps: true },
	localsend: { message: 16 * KiB, highWater: 1024 * KiB, lowWater: 0, pollMs: 50, keeps: true },
} satisfies Record<string, Way>;

export type WayName = keyof typeof ways;

export interface RawChannel {
	/** Resolves when the receiver has said that all is there. */
	send(way: WayName, size: number): Promise<void>;
	close(): void;
	/** Bytes of what was kept last. */
	readonly keptBytes: number;
}

/** One end of a bare connection; the descriptions go through the bench's process. */
export function createRawEnd(initiator: boolean, tell: (text: string) => void): { hear(text: string): void; readonly channel: Promise<RawChannel> } {
	const connection = new RTCPeerConnection();
	const channel = connection.createDataChannel('bench', { negotiated: true, id: 0 });
	channel.binaryType = 'arraybuffer';
	let received = 0;
	let expected = 0;
	let stopEvery = 0;
	let kept: ArrayBuffer[] | undefined;
	let lastWhole: Blob | undefined;
	let answered: () => void = () => undefined;
	connection.onicecandidate = ({ candidate }) => {
		if (candidate) tell(JSON.stringify({ candidate }));
	};
	channel.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
		if (typeof data === 'string') {
			const message = JSON.parse(data) as { begin?: { size: number; stopEvery: number; keeps: boolean }; ack?: true };
			if (message.ack) answered();
			if (message.begin) {
				({ size: expected, stopEvery } = message.begin);
				received = 0;
				kept = message.begin.keeps ? [] : undefined;
			}
			return;
		}
		const before = received;
		received += data.byteLength;
		kept?.push(data);
		const isStop = stopEvery > 0 && Math.floor(received / stopEvery) > Math.floor(before / stopEvery);
		if (received < expected && !isStop) return;
		if (received >= expected && kept) {
			lastWhole = new Blob(kept);
			kept = undefined;
		}
		channel.send(JSON.stringify({ ack: true }));
	};

	async function send(name: WayName, size: number): Promise<void> {
		const way: Way = ways[name];
		const payload = new Uint8Array(way.message);
		crypto.getRandomValues(payload.subarray(0, Math.min(65_536, way.message)));
		const stop = way.stopEvery ?? 0;
		const ack = (): Promise<void> => new Promise((resolve) => (answered = resolve));
		let high = way.slowStart ? 64 * KiB : way.highWater;
		channel.bufferedAmountLowThreshold = way.slowStart ? high / 2 : way.lowWater;
		channel.send(JSON.stringify({ begin: { size, stopEvery: stop, keeps: way.keeps === true } }));
		let done = ack();
		for (let sent = 0; sent < size; ) {
			const length = Math.min(way.message, size - sent, stop > 0 ? stop - (sent % stop) : Infinity);
			// Below the low mark no event would come any more.
			if (channel.bufferedAmount > channel.bufferedAmountLowThreshold && channel.bufferedAmount + length > high) {
				await (way.pollMs === undefined ? new Promise((resolve) => (channel.onbufferedamountlow = resolve)) : new Promise((resolve) => setTimeout(resolve, way.pollMs)));
				if (way.slowStart && high < way.highWater) {
					high = Math.min(way.highWater, high * 2);
					channel.bufferedAmountLowThreshold = Math.min(way.lowWater, high / 2);
				}
				continue;
			}
			channel.send(payload.subarray(0, length));
			sent += length;
			if (stop > 0 && sent % stop === 0 && sent < size) {
				await done;
				done = ack();
			}
		}
		await done;
	}

	const open = new Promise<RawChannel>((resolve) => {
		channel.onopen = () => resolve({ send, close: () => connection.close(), get keptBytes() { return lastWhole?.size ?? 0; } });
	});
	let hasDescription = (): void => undefined;
	const described = new Promise<void>((resolve) => (hasDescription = resolve));
	const describe = async (): Promise<void> => {
		await connection.setLocalDescription();
		tell(JSON.stringify({ description: connection.localDescription }));
	};
	if (initiator) void describe();
	return {
		channel: open,
		hear(text) {
			const { description, candidate } = JSON.parse(text) as { description?: RTCSessionDescriptionInit; candidate?: RTCIceCandidateInit };
			// One may overtake the description on its way through the bench's process.
			if (candidate) void described.then(() => connection.addIceCandidate(candidate));
			if (!description) return;
			void connection.setRemoteDescription(description).then(() => {
				hasDescription();
				return description.type === 'offer' ? describe() : undefined;
			});
		},
	};
}
