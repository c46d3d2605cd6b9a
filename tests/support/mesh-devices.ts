/** Devices with a mesh each, on a fake network and server under virtual time. */
import { hex } from '../../src/crypto/bytes.ts';
import { createDeviceKeys, type DeviceKeys } from '../../src/crypto/identity.ts';
import type { Random } from '../../src/crypto/random.ts';
import { createMesh, type GenerationKeys, type LinkInfo, type Mesh, type MeshKeys } from '../../src/sync/link/mesh.ts';
import { type Cell, createCell } from '../../src/sync/source.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { createFakeSignaling, type FakeSignaling } from './fake-signaling.ts';
import { createFakeNetwork, type FakeNetwork } from './fake-wrtc.ts';
import { seededRandom } from './seeded-random.ts';

const stepMs = 50;
/** Long spells need no fine steps. */
const longMs = 10_000;
const longStepMs = 500;

export interface MeshDevice {
	readonly id: string;
	readonly name: string;
	readonly keys: DeviceKeys;
	readonly mesh: Mesh;
	readonly meshKeys: Cell<MeshKeys>;
	/** What the resolver of this device says. */
	standings: Map<string, 'member' | 'unknown' | 'refused'>;
	readonly closes: { link: LinkInfo; why: string }[];
}

export interface MeshWorld {
	readonly clock: FakeClock;
	readonly network: FakeNetwork;
	readonly signaling: FakeSignaling;
	readonly generations: readonly GenerationKeys[];
	readonly invite: { topicKey: Uint8Array; signalKey: Uint8Array; invitePublic: string };
	readonly officeId: string;
	add(name: string, options?: DeviceOptions): MeshDevice;
	/** Lets virtual time pass in small steps, with room for the fakes' own events. */
	run(ms: number): Promise<void>;
	/** Runs until it holds; the virtual ms that took. Throws after `limitMs`. */
	until(holds: () => boolean, limitMs: number): Promise<number>;
	stop(): void;
}

export interface DeviceOptions {
	readonly keys?: DeviceKeys;
	readonly meshKeys?: MeshKeys;
	readonly newcomer?: boolean;
	readonly appHost?: string;
	readonly unknown?: boolean;
	/** As the server sees it. */
	readonly address?: string;
}

export function createMeshWorld(seed = 1): MeshWorld {
	const random: Random = seededRandom(seed);
	const clock = createFakeClock();
	const network = createFakeNetwork();
	const signaling = createFakeSignaling();
	const generation = (): GenerationKeys => ({ keyId: random(8), topicKey: random(32), signalKey: random(32) });
	const generations = [generation(), generation(), generation()];
	const invite = { topicKey: random(32), signalKey: random(32), invitePublic: hex(random(32)) };
	const officeId = hex(random(32));
	const devices: MeshDevice[] = [];

	const world: MeshWorld = {
		clock,
		network,
		signaling,
		generations,
		invite,
		officeId,
		add(name, { keys = createDeviceKeys(random), meshKeys, newcomer = false, appHost = '10.0.0.1', unknown = false, address } = {}) {
			const ownKeys = createCell<MeshKeys>(meshKeys ?? (newcomer ? { current: undefined, older: [], joins: [] } : { current: generations[0], older: [], joins: [invite] }));
			const standings = new Map<string, 'member' | 'unknown' | 'refused'>();
			const mesh = createMesh({
				ports: { clock, random, openSocket: signaling.open(address), wrtc: network.wrtc(name), signalUrl: '', iceServers: [], appHost, build: 'test' },
				keys,
				officeId,
				meshKeys: ownKeys,
				standing: (device) => standings.get(device) ?? (unknown ? 'unknown' : 'member'),
				...(newcomer ? { joining: invite } : {}),
			});
			const device: MeshDevice = { id: hex(keys.signPublic), name, keys, mesh, meshKeys: ownKeys, standings, closes: [] };
			mesh.onClosed((link, why) => device.closes.push({ link, why }));
			devices.push(device);
			return device;
		},
		async run(ms) {
			const step = ms > longMs ? longStepMs : Math.min(ms, stepMs);
			for (let at = 0; at < ms; at += step) {
				await clock.advance(step);
				await breathe();
			}
		},
		async until(holds, limitMs) {
			for (let at = 0; at <= limitMs; at += stepMs) {
				if (holds()) return at;
				await world.run(stepMs);
			}
			throw new Error(`it did not come to hold within ${limitMs} ms`);
		},
		stop() {
			for (const device of devices) device.mesh.stop();
		},
	};
	return world;
}

/** simple-peer and the fakes use timers of 0 ms, several in a row. */
async function breathe(): Promise<void> {
	for (let i = 0; i < 4; i++) await new Promise((resolve) => setTimeout(resolve, 0));
}

/** Whether all are linked to all. */
export function isFullMesh(devices: readonly MeshDevice[]): boolean {
	return devices.every(({ mesh }) => mesh.links.get().filter((link) => !link.limited).length === devices.length - 1);
}

/** Whether two have a link. */
export function areLinked(a: MeshDevice, b: MeshDevice): boolean {
	return a.mesh.links.get().some((link) => link.device === b.id) && b.mesh.links.get().some((link) => link.device === a.id);
}
