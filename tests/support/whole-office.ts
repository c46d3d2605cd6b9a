/**
 * Whole offices as the app composes them, `openOffice` and `openJoin` over real signals and links, with virtual time, memory for disks, and a
 * network and servers that can be split: for stories in which it matters who can meet whom, by which key.
 */
import { hex } from '../../src/crypto/bytes.ts';
import { createDeviceKeys, type DeviceKeys } from '../../src/crypto/identity.ts';
import { parseInviteLink } from '../../src/crypto/invite.ts';
import type { Result } from '../../src/sync/failures.ts';
import type { Id } from '../../src/sync/log/entry.ts';
import { everyoneId, type Office, type Person } from '../../src/sync/office.ts';
import { foundOffice } from '../../src/sync/office/members/found.ts';
import { openJoin, savePendingJoin } from '../../src/sync/open-join.ts';
import { openOffice } from '../../src/sync/open-office.ts';
import type { OfficePorts, OpenSignalSocket } from '../../src/sync/ports.ts';
import { createCell } from '../../src/sync/source.ts';
import { createFakeBulk, createFilePorts, type FakeBulk, type FakeFilePorts, type Saved } from './fake-bulk.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { createFakeSignaling, type FakeSignaling } from './fake-signaling.ts';
import { createFakeNetwork, type FakeNetwork } from './fake-wrtc.ts';
import { createMemoryDisk, createMemoryStore, type MemoryDisk } from './memory-store.ts';
import { seededRandom } from './seeded-random.ts';

type DeskPorts = OfficePorts & { readonly files: FakeFilePorts };

const stepMs = 100;
/** simple-peer and the fakes use timers of 0 ms, several in a row. */
const turns = 4;

export interface Desk {
	readonly name: string;
	readonly id: Id;
	readonly keys: DeviceKeys;
	readonly disk: MemoryDisk;
	readonly ports: OfficePorts;
	/** What was fetched into a folder, by path. */
	readonly saved: Saved;
	/** Open while the person is at it. */
	office: Office;
	isOpen: boolean;
	/** Closes the page, with a goodbye. */
	leave(): Promise<void>;
	/** Opens it again from its disk. */
	back(): Promise<void>;
	/** To another server: 0 or 1. */
	moveTo(server: number): void;
	/** Texts of Everyone. */
	texts(): readonly string[];
	person(name: string): Person | undefined;
}

export interface WholeOffice {
	readonly officeId: Id;
	readonly clock: FakeClock;
	readonly network: FakeNetwork;
	readonly bulk: FakeBulk;
	readonly servers: readonly [FakeSignaling, FakeSignaling];
	readonly founder: Desk;
	readonly recoveryKey: string;
	bring(name: string, by?: Desk, terms?: { role?: 'member' | 'manager' }): Promise<Desk>;
	run(ms: number): Promise<void>;
	until(holds: () => boolean, limitMs?: number): Promise<void>;
	/** No link and no server between the two halves. */
	split(one: readonly Desk[], other: readonly Desk[]): void;
	mend(one: readonly Desk[], other: readonly Desk[]): void;
	stop(): Promise<void>;
}

/** Fails the test with the code. */
export function must<T>(result: Result<T>): T {
	if (!result.ok) throw new Error(`refused: ${result.code}`);
	return result.value;
}

export async function createWholeOffice(seed: number, founderName = 'Alice'): Promise<WholeOffice> {
	const virtual = createFakeClock();
	// Whole milliseconds, as browsers have them.
	const clock: FakeClock = { ...virtual, now: () => Math.floor(virtual.now()) };
	const network = createFakeNetwork();
	const bulk = createFakeBulk(clock);
	const servers = [createFakeSignaling(), createFakeSignaling()] as const;
	const random = seededRandom(seed);
	const configured = Promise.resolve();
	const origin = 'https://office.example';
	const desks: Desk[] = [];

	function sockets(): { open: OpenSignalSocket; moveTo(server: number): void } {
		let at = 0;
		const open = new Set<{ events: Parameters<OpenSignalSocket>[0]; close(): void }>();
		return {
			open(events) {
				const socket = (servers[at] ?? servers[0]).open()(events);
				const held = { events, close: () => socket.close() };
				open.add(held);
				return {
					send: (text) => socket.send(text),
					close() {
						open.delete(held);
						socket.close();
					},
				};
			},
			moveTo(server) {
				at = server;
				for (const held of [...open]) {
					open.delete(held);
					held.close();
					held.events.close();
				}
			},
		};
	}

	async function sit(name: string, keys: DeviceKeys, disk: MemoryDisk, officeId: Id, wires: ReturnType<typeof sockets>, ports: DeskPorts): Promise<Desk> {
		const open = (fresh: boolean): Promise<Office> =>
			openOffice({ officeId, keys, store: createMemoryStore(officeId, disk), ports, origin, configured, clockOffMs: createCell(0), fresh });
		const desk: Desk = {
			name,
			id: hex(keys.signPublic),
			keys,
			disk,
			ports,
			saved: ports.files.saved,
			office: await open(true),
			isOpen: true,
			async leave() {
				if (!desk.isOpen) return;
				desk.isOpen = false;
				const closing = desk.office.close();
				await world.run(1_000);
				await closing;
			},
			async back() {
				desk.office = await open(false);
				desk.isOpen = true;
			},
			moveTo: (server) => wires.moveTo(server),
			texts: () => desk.office.messages(everyoneId).get().map((message) => message.text),
			person: (who) => desk.office.people.get().find((person) => person.name === who),
		};
		desks.push(desk);
		return desk;
	}

	const portsOf = (name: string, wires: ReturnType<typeof sockets>): DeskPorts => ({ files: createFilePorts(bulk.connect(name), random), clock, random, openSocket: wires.open, wrtc: network.wrtc(name), signalUrl: '', iceServers: [], appHost: '10.0.0.1', build: 'test' });

	const founderKeys = createDeviceKeys(random);
	const founding = foundOffice({ officeName: 'Harbour office', name: founderName, keys: founderKeys, random, clock });
	const { officeId } = founding;
	const founderDisk = createMemoryDisk();
	await founding.write(createMemoryStore(officeId, founderDisk));

	async function run(ms: number): Promise<void> {
		for (let at = 0; at < ms; at += stepMs) {
			await clock.advance(Math.min(stepMs, ms - at));
			for (let i = 0; i < turns; i++) await new Promise((resolve) => setTimeout(resolve, 0));
		}
	}

	const world: WholeOffice = {
		officeId,
		clock,
		network,
		bulk,
		servers,
		recoveryKey: founding.recoveryKey,
		founder: undefined as unknown as Desk,
		async bring(name, by = world.founder, { role = 'member' } = {}) {
			const made = must(await by.office.createInvite({ uses: 1, confirm: false, role, days: 7, label: name }));
			const invite = parseInviteLink(made.link ?? '');
			if (!invite) throw new Error('a link just made is whole');
			const keys = createDeviceKeys(random);
			const disk = createMemoryDisk();
			const wires = sockets();
			const ports = portsOf(name, wires);
			const store = createMemoryStore(officeId, disk);
			await savePendingJoin(store, { invite, name });
			const joiner = await openJoin({ store, keys, pending: { invite, name }, ports, configured });
			let isIn = false;
			void joiner.admitted.then(() => (isIn = true));
			await world.until(() => isIn);
			await joiner.stop();
			disk.records.delete('joins/pending');
			return sit(name, keys, disk, officeId, wires, ports);
		},
		run,
		async until(holds, limitMs = 60_000) {
			for (let at = 0; at <= limitMs; at += stepMs) {
				if (holds()) return;
				await run(stepMs);
			}
			throw new Error(`it did not come to hold within ${String(limitMs)} ms`);
		},
		split(one, other) {
			for (const a of one) {
				for (const b of other) {
					network.cut(a.name, b.name);
					bulk.cut(a.name, b.name);
				}
			}
			for (const desk of other) desk.moveTo(1);
		},
		mend(one, other) {
			for (const a of one) {
				for (const b of other) {
					network.mend(a.name, b.name);
					bulk.mend(a.name, b.name);
				}
			}
			for (const desk of other) desk.moveTo(0);
		},
		async stop() {
			for (const desk of desks) await desk.leave();
		},
	};
	const wires = sockets();
	return Object.assign(world, { founder: await sit(founderName, founderKeys, founderDisk, officeId, wires, portsOf(founderName, wires)) });
}

/** Colleagues it is linked to. */
export const linkedTo = (desk: Desk): number => desk.office.connection.get().linked;
