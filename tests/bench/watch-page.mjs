/** Runs inside the pages of the newcomer bench before their own scripts: when the first screen stands, what came over the links, long tasks. */

/**
 * @typedef {object} Watched
 * @property {number} firstScreenMs page time at which the list of conversations stood; 0 = not yet
 * @property {number} receivedBytes over all data channels
 * @property {number} receivedAtMs page time of the last of them
 * @property {{ startMs: number, ms: number }[]} longTasks
 */

export function watchPage() {
	/** @type {Watched} */
	const watched = { firstScreenMs: 0, receivedBytes: 0, receivedAtMs: 0, longTasks: [] };
	Object.assign(window, { watched });
	new PerformanceObserver((list) => {
		for (const { startTime, duration } of list.getEntries()) watched.longTasks.push({ startMs: startTime, ms: duration });
	}).observe({ type: 'longtask' });
	const look = () => {
		if (document.querySelector('[aria-label="Conversations"] button') === null) requestAnimationFrame(look);
		else watched.firstScreenMs = performance.now();
	};
	requestAnimationFrame(look);
	const hear = (/** @type {MessageEvent} */ { data }) => {
		watched.receivedBytes += data instanceof ArrayBuffer ? data.byteLength : typeof data === 'string' ? data.length : 0;
		watched.receivedAtMs = performance.now();
	};
	const Native = window.RTCPeerConnection;
	window.RTCPeerConnection = class extends Native {
		constructor(/** @type {RTCConfiguration | undefined} */ configuration) {
			super(configuration);
			this.addEventListener('datachannel', ({ channel }) => channel.addEventListener('message', hear));
		}
		/** @param {string} label @param {RTCDataChannelInit} [init] */
		createDataChannel(label, init) {
			const channel = super.createDataChannel(label, init);
			channel.addEventListener('message', hear);
			return channel;
		}
	};
}
