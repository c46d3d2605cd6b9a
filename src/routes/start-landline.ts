/** Hands the browser's parts to the core: the one place where the messenger meets the page it runs in. */
import { version } from '$app/environment';
import { systemRandom } from '../crypto/random.ts';
import type { Landline } from '../sync/landline.ts';
import { openLandline } from '../sync/open-landline.ts';
import { systemClock, type OpenSignalSocket } from '../sync/ports.ts';
import { createCell } from '../sync/source.ts';
import { createBulkConnection } from '../sync/transfer/bulk/bulk-connection.ts';
import { createDownloads } from '$lib/saving/downloads.ts';
import { createSaver } from '$lib/saving/saver.ts';
import { openStagingEngine, removeStagingDisk } from '../sync/transfer/staging/worker-engine.ts';
import { createPasskeys } from '$lib/view/passkeys.ts';
import { readServerConfig, stunServer } from '$lib/view/server-config.ts';

/** Stands in localStorage, because IndexedDB alone may be cleared (LAN.md 5). */
const sentinelKey = 'landline-was-here';
/** Who starts while the server is off learns of its STUN when it comes back. */
const askAgainMs = 15_000;

export function startLandline(window: Window & typeof globalThis): Landline {
	const { location, localStorage, navigator } = window;
	const iceServers: RTCIceServer[] = [];
	const clockOffMs = createCell(0);
	const first = readServerConfig();

	const configured = (async (): Promise<void> => {
		let config = await first;
		const settle = (): boolean => {
			const server = config && stunServer(config, location.hostname);
			if (server) iceServers.push(server);
			clockOffMs.set(config?.clockOffMs ?? 0);
			return config !== undefined;
		};
		if (settle()) return;
		const again = async (): Promise<void> => {
			config = await readServerConfig();
			if (!settle()) setTimeout(() => void again(), askAgainMs);
		};
		setTimeout(() => void again(), askAgainMs);
	})();

	const downloads = createDownloads(document, 'serviceWorker' in navigator ? navigator.serviceWorker : undefined);
	return openLandline({
		ports: {
			clock: systemClock,
			random: systemRandom,
			openSocket: openSocket(location),
			wrtc: {
				RTCPeerConnection: window.RTCPeerConnection,
				RTCSessionDescription: window.RTCSessionDescription,
				RTCIceCandidate: window.RTCIceCandidate,
			},
			signalUrl: signalUrl(location),
			iceServers,
			appHost: location.hostname,
			build: version,
			files: {
				connect: (initiator, events) => createBulkConnection({ clock: systemClock, RTCPeerConnection: window.RTCPeerConnection, iceServers }, initiator, events),
				openDisk: (directory) => openStagingEngine(directory, systemRandom),
				removeDisk: removeStagingDisk,
				// Not there where the page is not secure.
				estimate: () => ('storage' in navigator ? navigator.storage.estimate() : Promise.resolve({})),
				saver: (destination, name) => createSaver(downloads, destination, name),
			},
		},
		config: async () => ({ door: (await first)?.door }),
		configured,
		clockOffMs,
		indexedDB: window.indexedDB,
		locks: navigator.locks,
		openChannel: (name) => new BroadcastChannel(name),
		sentinel: {
			get: () => localStorage.getItem(sentinelKey) !== null,
			set: () => localStorage.setItem(sentinelKey, '1'),
			clear: () => localStorage.removeItem(sentinelKey),
		},
		passkeys: createPasskeys(window),
		origin: location.origin,
	});
}

const signalUrl = ({ protocol, host }: Location): string => `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/signal`;

function openSocket(location: Location): OpenSignalSocket {
	return (events) => {
		const socket = new WebSocket(signalUrl(location));
		socket.onopen = () => events.open();
		socket.onmessage = ({ data }: MessageEvent<unknown>) => {
			if (typeof data === 'string') events.message(data);
		};
		// An error is always followed by a close.
		socket.onclose = () => events.close();
		return { send: (text) => socket.send(text), close: () => socket.close() };
	};
}
