/** An office of n devices in memory: real keys, real entries, no network. `exchange` gives everybody what anybody has. */
import { hex } from '../../src/crypto/bytes.ts';
import { sha256 } from '../../src/crypto/hash.ts';
import { createDeviceKeys, type DeviceKeys, verify } from '../../src/crypto/identity.ts';
import type { Random } from '../../src/crypto/random.ts';
import { createEntry, type Entry, type Id, kinds, lanes, type Verify, zeroId } from '../../src/sync/log/entry.ts';
import { type Log, openLog } from '../../src/sync/log/log.ts';
import { takeRange } from '../../src/sync/log/range.ts';
import type { OfficeStore } from '../../src/sync/store.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { createMemoryDisk, createMemoryStore, type MemoryDisk } from './memory-store.ts';
import { seededRandom } from './seeded-random.ts';

export interface MemoryDevice {
	readonly id: Id;
	readonly keys: DeviceKeys;
	readonly disk: MemoryDisk;
	store: OfficeStore;
	log: Log;
}

export interface MemoryOffice {
	readonly officeId: Id;
	readonly genesis: Entry;
	readonly devices: readonly MemoryDevice[];
	readonly clock: FakeClock;
	readonly random: Random;
	/** Shared by all devices. */
	readonly verify: Verify;
	/** Closes the device's log and reads it again from its disk, as a restart does. */
	reopen(device: MemoryDevice, fresh?: boolean, verify?: Verify): Promise<Log>;
}

/** A GENESIS with a body of the test's making. */
export function createGenesis(keys: DeviceKeys, body: Uint8Array, wallMs: number): Entry {
	const fields = { kind: kinds.genesis, lane: lanes.office, officeId: zeroId, author: hex(keys.signPublic), seq: 0, prev: zeroId, lamport: 1, wallMs, refs: [] };
	return createEntry(fields, body, keys.signSecret);
}

/** Checks each signature once for all devices of a test: a hundred of them would spend a minute on the same ones. */
export function createSharedVerify(): Verify {
	const verdicts = new Map<string, boolean>();
	return (signPublic, signature, label, ...parts) => {
		const key = `${hex(signPublic)}/${hex(signature)}/${label}/${hex(sha256(...parts))}`;
		const verdict = verdicts.get(key) ?? verify(signPublic, signature, label, ...parts);
		verdicts.set(key, verdict);
		return verdict;
	};
}

/** @param held how many of the devices, from the first on, hold GENESIS from the start */
export async function createMemoryOffice(options: { devices: number; seed?: number; clock?: FakeClock; genesisBody?: (keys: DeviceKeys) => Uint8Array; held?: number }): Promise<MemoryOffice> {
	const random = seededRandom(options.seed ?? 1);
	const clock = options.clock ?? createFakeClock();
	const sharedVerify = createSharedVerify();
	const allKeys = Array.from({ length: options.devices }, () => createDeviceKeys(random));
	const founder = allKeys[0];
	if (founder === undefined) throw new Error('an office has a founder');
	const genesis = createGenesis(founder, options.genesisBody?.(founder) ?? random(32), clock.now());
	const officeId = genesis.id;

	const devices: MemoryDevice[] = [];
	for (const [index, keys] of allKeys.entries()) {
		const disk = createMemoryDisk();
		const store = createMemoryStore(officeId, disk);
		const log = await openLog({ officeId, keys, store, clock, fresh: true, verify: sharedVerify });
		if (index < (options.held ?? options.devices)) await log.accept([genesis]);
		devices.push({ id: log.device, keys, disk, store, log });
	}

	return {
		officeId,
		genesis,
		devices,
		clock,
		random,
		verify: sharedVerify,
		async reopen(device, fresh = false, check = sharedVerify) {
			await device.log.close();
			device.store.close();
			device.store = createMemoryStore(officeId, device.disk);
			device.log = await openLog({ officeId, keys: device.keys, store: device.store, clock, fresh, verify: check });
			return device.log;
		},
	};
}

/** Gives `to` all that `from` holds and `to` may take, office lane first; until nothing is added. */
export async function give(from: Log, to: Log): Promise<void> {
	for (let added = true; added; ) {
		added = false;
		for (const { author, lane, base, head } of [...from.vector()].sort((a, b) => a.lane - b.lane)) {
			const have = to.head(author, lane);
			if (have !== undefined && have.seq >= head) continue;
			const range = takeRange(from.range(author, lane, have === undefined ? base : have.seq + 1));
			if ((await to.accept(range)) === 'stored') added = true;
		}
	}
}

/** Everybody gets what anybody has. */
export async function exchange(logs: readonly Log[]): Promise<void> {
	for (let round = 0; round < 2; round++) {
		for (const from of logs) for (const to of logs) if (from !== to) await give(from, to);
	}
}
