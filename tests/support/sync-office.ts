/** An office in memory whose devices replicate over a fake network, with the BEATs that presence sends in the app. */
import { createWriter } from '../../src/crypto/codec.ts';
import { hex } from '../../src/crypto/bytes.ts';
import { messageTypes } from '../../src/sync/link/message-types.ts';
import { kinds, type Entry, type Lane, lanes, type Verify } from '../../src/sync/log/entry.ts';
import { createForkWatch } from '../../src/sync/log/fork-watch.ts';
import { createReplication, type Replication } from '../../src/sync/log/replicate.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { createFakeNetwork, type FakeNetwork } from './fake-network.ts';
import { createMemoryOffice, type MemoryDevice, type MemoryOffice } from './memory-office.ts';

const beatMs = 20_000;

export interface SyncDevice extends MemoryDevice {
	replication: Replication;
	/** An entry without meaning in a lane. */
	write(lane?: Lane, body?: Uint8Array): Promise<Entry>;
	stop(): void;
	/** Reads everything from disk again, not fresh, and replicates anew; with another verifier if one is given. */
	restart(verify?: Verify): Promise<void>;
}

export interface SyncOffice extends MemoryOffice {
	readonly devices: readonly SyncDevice[];
	readonly clock: FakeClock;
	readonly network: FakeNetwork;
}

const kindOf: Readonly<Record<Lane, number>> = { [lanes.office]: kinds.notice, [lanes.open]: kinds.post, [lanes.mail]: kinds.msg };

export async function createSyncOffice(options: { devices: number; seed: number; held?: number; joinedLamport?: number }): Promise<SyncOffice> {
	const clock = createFakeClock();
	const office = await createMemoryOffice({ ...options, clock });
	const network = createFakeNetwork(clock, options.seed);

	function replicate(device: MemoryDevice, verify = office.verify): { replication: Replication; stop: () => void } {
		const mesh = network.mesh(device.id);
		const replication = createReplication({ log: device.log, mesh, clock, random: office.random, keys: device.keys, store: device.store, verify, joinedLamport: () => options.joinedLamport ?? 0 });
		const forkWatch = createForkWatch({ log: device.log, clock, random: office.random, mayWrite: () => true, verify });
		const stopBeats = mesh.onMessage([messageTypes.beat], (from, payload) => replication.onBeatDigest(from.device, payload));
		let cancel = clock.after(((office.random(1)[0] ?? 0) / 256) * beatMs, beat);
		function beat(): void {
			mesh.broadcast(createWriter().u8(messageTypes.beat).raw(replication.digest()).bytes());
			cancel = clock.after(beatMs, beat);
		}
		return {
			replication,
			stop() {
				cancel();
				stopBeats();
				forkWatch.stop();
				replication.stop();
			},
		};
	}

	const devices = office.devices.map((device): SyncDevice => {
		const running = replicate(device);
		const syncing: SyncDevice = Object.assign(device, {
			replication: running.replication,
			stop: running.stop,
			async write(lane: Lane = lanes.open, body = office.random(16)) {
				const written = await syncing.log.append({ kind: kindOf[lane], lane, body: () => body });
				if (!written.ok) throw new Error(`could not write: ${written.code}`);
				return written.value;
			},
			async restart(verify?: Verify) {
				syncing.stop();
				network.unplug(syncing.id);
				await office.reopen(syncing, false, verify);
				const again = replicate(syncing, verify);
				syncing.replication = again.replication;
				syncing.stop = again.stop;
			},
		});
		return syncing;
	});
	return { ...office, devices, clock, network };
}

/** How many different states the devices are in. */
export function statesOf(devices: readonly SyncDevice[]): number {
	return new Set(devices.map((device) => hex(device.log.digest()))).size;
}
