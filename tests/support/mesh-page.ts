/**
 * A bare page with one mesh and no office: what the LAN lanes and the mesh lane load. The test drives it through `globalThis.meshPage`.
 * It counts RTCPeerConnections by handing in a subclass, and reads chosen candidate pairs from them.
 */
import { fromHex, hex, utf8 } from '../../src/crypto/bytes.ts';
import { createDeviceKeys } from '../../src/crypto/identity.ts';
import { systemRandom } from '../../src/crypto/random.ts';
import { createMesh, type Mesh, type MeshKeys } from '../../src/sync/link/mesh.ts';
import { systemClock, type Wrtc } from '../../src/sync/ports.ts';
import { createCell } from '../../src/sync/source.ts';

const textType = 200;
const none: MeshKeys = { current: undefined, older: [], joins: [] };

export interface MeshPageOptions {
	readonly stunPort: number;
	/** Hex of 32 bytes: the office's mesh secrets are made of it. */
	readonly secret: string;
	/** Comes by the invite instead of the mesh key. */
	readonly newcomer?: boolean;
	/** Hides the address the server tells, so candidates are not completed. */
	readonly withoutCompletion?: boolean;
}

export interface MeshPage {
	start(options: MeshPageOptions): string;
	stop(): void;
	links(): readonly { device: string; limited: boolean }[];
	closes(): readonly string[];
	server(): string;
	say(text: string): void;
	sayTo(device: string, text: string, repeat: number): boolean;
	heard(): readonly string[];
	probe(): void;
	stats(): Mesh['stats'] & { built: number };
	/** Ends all connections but one under the mesh's feet. */
	breakAllButOne(): void;
	/** Chosen pairs of candidate types, such as `host-srflx`. */
	pairs(): Promise<readonly string[]>;
}

declare global {
	var meshPage: MeshPage;
}

const connections: RTCPeerConnection[] = [];
class Counted extends RTCPeerConnection {
	constructor(config?: RTCConfiguration) {
		super(config);
		connections.push(this);
	}
}
const wrtc: Wrtc = { RTCPeerConnection: Counted, RTCSessionDescription, RTCIceCandidate };

let mesh: Mesh | undefined;
const heard: string[] = [];
const closes: string[] = [];

function part(secret: Uint8Array, byte: number): Uint8Array {
	return secret.map((value) => value ^ byte);
}

let completion = true;

function openSocket(events: { open(): void; message(text: string): void; close(): void }): { send(text: string): void; close(): void } {
	const socket = new WebSocket(`ws://${location.host}/signal`);
	socket.onopen = () => events.open();
	socket.onmessage = (event) => {
		const text = String(event.data);
		if (completion || !text.includes('"welcome"')) events.message(text);
	};
	socket.onclose = () => events.close();
	return { send: (text) => socket.send(text), close: () => socket.close() };
}

globalThis.meshPage = {
	start({ stunPort, secret, newcomer, withoutCompletion }) {
		completion = !withoutCompletion;
		const bytes = fromHex(secret) ?? utf8('');
		const invite = { topicKey: part(bytes, 5), signalKey: part(bytes, 6) };
		const current = { keyId: part(bytes, 1).subarray(0, 8), topicKey: part(bytes, 2), signalKey: part(bytes, 3) };
		const keys: MeshKeys = newcomer ? none : { current, older: [], joins: [{ ...invite, invitePublic: hex(part(bytes, 7)) }] };
		const device = createDeviceKeys(systemRandom);
		mesh = createMesh({
			ports: {
				clock: systemClock,
				random: systemRandom,
				openSocket,
				wrtc,
				iceServers: stunPort === 0 ? [] : [{ urls: `stun:${location.hostname}:${stunPort}` }],
				signalUrl: '',
				appHost: location.hostname,
				build: 'test',
			},
			keys: device,
			officeId: hex(part(bytes, 4)),
			meshKeys: createCell(keys),
			standing: () => 'member',
			...(newcomer ? { joining: invite } : {}),
		});
		mesh.onMessage([textType], (_from, payload) => heard.push(`${payload.length}:${new TextDecoder().decode(payload.subarray(0, 64))}`));
		mesh.onClosed((link, why) => closes.push(`${link.device.slice(0, 6)} ${why}`));
		mesh.start();
		return mesh.self.device;
	},
	stop: () => mesh?.stop(),
	links: () => mesh?.links.get().map(({ device, limited }) => ({ device, limited })) ?? [],
	closes: () => closes,
	server: () => mesh?.server.get() ?? 'none',
	say: (text) => mesh?.broadcast(Uint8Array.of(textType, ...utf8(text))),
	sayTo(device, text, repeat) {
		const bytes = utf8(text.repeat(repeat));
		const message = new Uint8Array(bytes.length + 1);
		message[0] = textType;
		message.set(bytes, 1);
		return mesh?.send(device, message) ?? false;
	},
	heard: () => heard,
	probe: () => mesh?.probe(),
	stats() {
		if (!mesh) throw new Error('not started');
		return { ...mesh.stats, built: connections.length };
	},
	breakAllButOne() {
		for (const connection of connections.filter(({ connectionState }) => connectionState === 'connected').slice(1)) connection.close();
	},
	async pairs() {
		const found: string[] = [];
		for (const connection of connections) {
			if (connection.connectionState !== 'connected') continue;
			const report = new Map<string, Record<string, unknown>>();
			(await connection.getStats()).forEach((stat: Record<string, unknown>) => report.set(String(stat['id']), stat));
			for (const stat of report.values()) {
				const pair = stat['type'] === 'transport' ? report.get(String(stat['selectedCandidatePairId'])) : undefined;
				if (!pair) continue;
				const types = [report.get(String(pair['localCandidateId'])), report.get(String(pair['remoteCandidateId']))].map((one) => String(one?.['candidateType']));
				found.push(types.join('-'));
			}
		}
		return found;
	},
};
