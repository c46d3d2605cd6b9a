/**
 * Runs inside every page of the bench, before its own scripts: counts connections, open channels and messages sent, by kind. The same
 * for both contenders; only where a message carries its kind differs.
 */

/**
 * @typedef {object} PageCounts
 * @property {number} constructed RTCPeerConnections ever made
 * @property {number} open connections with an open data channel, now
 * @property {Record<string, number>} sent messages by kind
 * @property {number} connectedAtMs wall time at which `aim` connections were first open, 0 = not yet
 */

/** @param {{ aim: number, ours: boolean }} bench */
export function countInPage({ aim, ours }) {
	/** @type {PageCounts} */
	const counts = { constructed: 0, open: 0, sent: {}, connectedAtMs: 0 };
	/** @type {Set<RTCPeerConnection>} */
	const open = new Set();
	const watch = (/** @type {RTCPeerConnection} */ connection, /** @type {RTCDataChannel} */ channel) => {
		const update = (/** @type {boolean} */ isOpen) => {
			if (isOpen) open.add(connection);
			else open.delete(connection);
			counts.open = open.size;
			if (open.size >= aim && counts.connectedAtMs === 0) counts.connectedAtMs = performance.timeOrigin + performance.now();
		};
		channel.addEventListener('open', () => update(true));
		channel.addEventListener('close', () => update(false));
		if (channel.readyState === 'open') update(true);
	};
	const Native = window.RTCPeerConnection;
	window.RTCPeerConnection = class extends Native {
		constructor(/** @type {RTCConfiguration | undefined} */ configuration) {
			super(configuration);
			counts.constructed += 1;
			this.addEventListener('datachannel', ({ channel }) => watch(this, channel));
			this.addEventListener('connectionstatechange', () => {
				if (this.connectionState === 'closed' || this.connectionState === 'failed') {
					open.delete(this);
					counts.open = open.size;
				}
			});
		}
		/** @param {string} label @param {RTCDataChannelInit} [init] */
		createDataChannel(label, init) {
			const channel = super.createDataChannel(label, init);
			watch(this, channel);
			return channel;
		}
		close() {
			super.close();
			open.delete(this);
			counts.open = open.size;
		}
	};
	const bytesOf = (/** @type {unknown} */ data) => {
		if (data instanceof ArrayBuffer) return new Uint8Array(data);
		if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
		return undefined;
	};
	// y-webrtc: the first byte is the message's kind. Ours: flags u8 | stream u32 | total u32 | type u8 in a first frame (PROTOCOL.md 8).
	const kindOf = (/** @type {Uint8Array | undefined} */ bytes) => {
		if (bytes === undefined) return 'text';
		if (!ours) return String(bytes[0]);
		return ((bytes[0] ?? 0) & 1) === 1 ? String(bytes[9]) : 'continued';
	};
	const send = RTCDataChannel.prototype.send;
	RTCDataChannel.prototype.send = function (/** @type {never} */ data) {
		const kind = kindOf(bytesOf(data));
		counts.sent[kind] = (counts.sent[kind] ?? 0) + 1;
		return send.call(this, data);
	};
	Object.assign(window, { benchCounts: counts });
}
