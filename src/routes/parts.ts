/**
 * The browser's parts, handed to the core: clock, random, disk, socket, RTCPeerConnection, locks. Nothing below `routes` reads a
 * global of the page. STUN and signaling are those of the host that served the app, and no other (LAN.md H1.2).
 */
import { version } from '$app/environment';
import { systemRandom } from '../crypto/random.ts';
import type { LandlineParts } from '../sync/open-landline.ts';
import { systemClock } from '../sync/ports.ts';

const configTimeoutMs = 3_000;
const stunPortKey = 'landline-stun-port';
const sentinelKey = 'landline-offices';

interface Config {
	stunPort: number;
	door: string | undefined;
}

/** What the server says of itself; `undefined` when it does not answer within 3 s. */
async function fetchConfig(): Promise<Config | undefined> {
	try {
		const response = await fetch('/config', { cache: 'no-store', signal: AbortSignal.timeout(configTimeoutMs) });
		const config: unknown = await response.json();
		if (typeof config !== 'object' || config === null) return undefined;
		const stunPort = 'stunPort' in config && typeof config.stunPort === 'number' ? config.stunPort : 0;
		const door = 'door' in config && typeof config.door === 'string' ? config.door : undefined;
		return { stunPort, door };
	} catch {
		return undefined;
	}
}

export function browserParts(): LandlineParts {
	// The last known STUN port serves until the server answered, so a start never waits for it.
	let stunPort = Number(localStorage.getItem(stunPortKey) ?? 0);
	const config = fetchConfig().then((answer) => {
		if (answer) {
			stunPort = answer.stunPort;
			localStorage.setItem(stunPortKey, String(stunPort));
		}
		return answer;
	});
	return {
		ports: {
			clock: systemClock,
			random: systemRandom,
			openSocket(events) {
				const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/signal`);
				socket.onopen = () => events.open();
				socket.onmessage = (event) => {
					if (typeof event.data === 'string') events.message(event.data);
				};
				socket.onclose = () => events.close();
				return {
					send: (text) => {
						if (socket.readyState === WebSocket.OPEN) socket.send(text);
					},
					close: () => socket.close(),
				};
			},
			wrtc: { RTCPeerConnection, RTCSessionDescription, RTCIceCandidate },
			get iceServers() {
				return stunPort === 0 ? [] : [{ urls: `stun:${location.hostname}:${stunPort}` }];
			},
			appHost: location.hostname,
			build: version,
		},
		config: async () => ({ door: (await config)?.door }),
		configured: config.then(() => undefined),
		indexedDB,
		locks: navigator.locks,
		openChannel: (name) => new BroadcastChannel(name),
		sentinel: {
			get: () => localStorage.getItem(sentinelKey) !== null,
			set: () => localStorage.setItem(sentinelKey, '1'),
			clear: () => localStorage.removeItem(sentinelKey),
		},
		origin: location.origin,
	};
}
