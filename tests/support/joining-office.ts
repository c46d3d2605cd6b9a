/** Devices with everything that joining takes, over the seeded network: log, members, mesh keys, replication, admission, invites. */
import { hex } from '../../src/crypto/bytes.ts';
import { createDeviceKeys, type DeviceKeys } from '../../src/crypto/identity.ts';
import { deviceLinkKeys, parseDeviceLink } from '../../src/crypto/device-link.ts';
import { parseInviteLink, inviteKeys } from '../../src/crypto/invite.ts';
import type { MeshKeys } from '../../src/sync/link/mesh-port.ts';
import type { Entry, Id } from '../../src/sync/log/entry.ts';
import { openLog, type Log } from '../../src/sync/log/log.ts';
import { createReplication } from '../../src/sync/log/replicate.ts';
import { createAdmission, type Admission } from '../../src/sync/office/admission/admission.ts';
import { foundOffice } from '../../src/sync/office/members/found.ts';
import { createRekeying, type Rekeying } from '../../src/sync/office/keys/rekeying.ts';
import { createActWriter, type ActWriter } from '../../src/sync/office/members/act-writer.ts';
import { createAdministration } from '../../src/sync/office/members/administration.ts';
import { createDepartments } from '../../src/sync/office/members/departments.ts';
import { createRecovery } from '../../src/sync/office/members/recovery.ts';
import { createRemoval, type Removal } from '../../src/sync/office/members/removal.ts';
import type { Office } from '../../src/sync/office.ts';
import { createInvites, type Invites } from '../../src/sync/office/admission/invites.ts';
import { createJoining, type JoiningProcess } from '../../src/sync/office/admission/joining.ts';
import { createDeviceJoining } from '../../src/sync/office/devices/device-joining.ts';
import { createLinking, type Linking } from '../../src/sync/office/devices/linking.ts';
import { createMembersView, type Member, type MembersView } from '../../src/sync/office/members/members.ts';
import { createMeshKeyring, type MeshKeyring } from '../../src/sync/office/keys/mesh-keys.ts';
import { createCell } from '../../src/sync/source.ts';
import type { OfficeStore } from '../../src/sync/store.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { createFakeNetwork, type FakeNetwork } from './fake-network.ts';
import { createMemoryDisk, createMemoryStore, type MemoryDisk } from './memory-store.ts';
import { createSharedVerify } from './memory-office.ts';
import { seededRandom } from './seeded-random.ts';

export interface JoiningDevice {
	readonly name: string;
	readonly id: Id;
	readonly keys: DeviceKeys;
	readonly disk: MemoryDisk;
	readonly store: OfficeStore;
	readonly log: Log;
	readonly members: MembersView;
	readonly meshKeys: MeshKeyring;
	/** Members alone. */
	readonly admission: Admission;
	readonly invites: Invites;
	readonly writer: ActWriter;
	readonly rekeying: Rekeying;
	readonly commands: Removal & Pick<Office, 'rename' | 'setRole' | 'recoverOwnership' | 'departments' | 'saveDepartment' | 'dissolveDepartment'>;
	readonly linking: Linking;
	/** Everything stops; what is on the disk stays. */
	stop(): Promise<void>;
}

export interface NewcomerDevice extends Omit<JoiningDevice, 'admission' | 'invites' | 'linking' | 'writer' | 'rekeying' | 'commands'> {
	readonly process: JoiningProcess;
	/** Set once admitted. */
	readonly isIn: () => boolean;
	/** Links it to a member as join mode does. */
	reach(member: JoiningDevice): void;
	/** After it is in: the join mesh ends and it opens as a member. */
	becomeMember(): Promise<JoiningDevice>;
}

export interface JoiningOffice {
	readonly officeId: Id;
	readonly recoveryKey: string;
	readonly clock: FakeClock;
	readonly network: FakeNetwork;
	readonly founder: JoiningDevice;
	readonly people: readonly JoiningDevice[];
	newcomer(name: string, link: string, at?: { keys: DeviceKeys; disk: MemoryDisk }): Promise<NewcomerDevice>;
	/** A browser in which the link of `by` is opened. */
	furtherDevice(by: JoiningDevice, at?: { keys: DeviceKeys; disk: MemoryDisk; link?: string }): Promise<NewcomerDevice>;
	/** Makes the invite, joins through `witness`, and opens as a member, linked to nobody. */
	bring(name: string, by: JoiningDevice, witness: JoiningDevice, terms?: { role?: 'member' | 'manager' }): Promise<JoiningDevice>;
	memberOf(seenBy: JoiningDevice, device: { id: Id }): Member | undefined;
	invite(by: JoiningDevice, terms?: { uses?: number; confirm?: boolean; role?: 'member' | 'manager'; days?: number }): Promise<string>;
}

export async function createJoiningOffice(seed: number): Promise<JoiningOffice> {
	const clock = createFakeClock();
	const network = createFakeNetwork(clock, seed);
	const random = seededRandom(seed);
	const verify = createSharedVerify();
	const people: JoiningDevice[] = [];
	const founderKeys = createDeviceKeys(random);
	const founding = foundOffice({ officeName: 'Harbour office', name: 'Alice', keys: founderKeys, random, clock });
	const { officeId } = founding;

	async function open(name: string, keys: DeviceKeys, disk: MemoryDisk, fresh: boolean) {
		const id = hex(keys.signPublic);
		const store = createMemoryStore(officeId, disk);
		if (id === hex(founderKeys.signPublic) && disk.heads.size === 0) await founding.write(store);
		const log = await openLog({ officeId, keys, store, clock, fresh, verify });
		const members = createMembersView({ log });
		const meshKeys = await createMeshKeyring({ officeId, keys, store, members: members.state, clock });
		const replication = createReplication({ log, mesh: network.mesh(id), clock, random, keys, store, verify });
		const stopGate = members.state.subscribe(() => replication.gateChanged());
		return {
			name, id, keys, disk, store, log, members, meshKeys,
			async stop() {
				network.unplug(id);
				stopGate();
				replication.stop();
				meshKeys.stop();
				members.stop();
				await log.close();
			},
		};
	}

	async function openMember(name: string, keys: DeviceKeys, disk: MemoryDisk): Promise<JoiningDevice> {
		const core = await open(name, keys, disk, true);
		const { id, log, members, meshKeys, store } = core;
		log.setGate((author) => members.knownDevice(author), () => members.state.get().cuts);
		const mesh = {
			...network.mesh(id),
			hold: () => undefined,
			disconnect: (device: Id) => network.disconnect(id, device),
			reconsider() {
				for (const link of network.mesh(id).links.get()) {
					if (link.limited && members.state.get().devices.get(link.device)?.suspended === false) network.lift(id, link.device);
				}
			},
		};
		const writer = createActWriter({ log, members: members.state });
		const linked = (): Id[] => network.mesh(id).links.get().map((link) => link.device);
		const rekeying = createRekeying({ officeId, device: id, members: members.state, writer, linked, doors: () => meshKeys.doors(), clock, random });
		const removal = createRemoval({ log, members: members.state, writer, rekey: (without) => rekeying.plan(without) });
		const commands = { ...removal, ...createAdministration({ log, members: members.state, writer }), ...createRecovery({ log, members: members.state, writer, random }), ...createDepartments({ members: members.state, writer, random }) };
		const admission = await createAdmission({ officeId, keys, log, store, mesh, members: members.state, meshKeys, clock, turnAway: (device) => removal.turnAway(device), bringBack: (join, member) => removal.bringBack(join, member) });
		const invites = await createInvites({ officeId, log, store, members: members.state, meshKeys, clock, random, origin: 'https://office.example' });
		const linking = createLinking({ officeId, log, mesh, members: members.state, joins: createCell<MeshKeys['joins']>([]), clock, random, origin: 'https://office.example' });
		const device: JoiningDevice = {
			...core,
			admission,
			invites,
			writer,
			rekeying,
			commands,
			linking,
			async stop() {
				rekeying.stop();
				linking.stop();
				admission.stop();
				await core.stop();
			},
		};
		people.push(device);
		return device;
	}

	type Common = Omit<Parameters<typeof createJoining>[0], 'invite' | 'name'>;

	async function openNewcomer(name: string, at: { keys: DeviceKeys; disk: MemoryDisk }, context: Id, begin: (common: Common) => JoiningProcess): Promise<NewcomerDevice> {
		const core = await open(name, at.keys, at.disk, true);
		core.log.setGate((author, lane) => core.members.knownDevice(author) || (lane === 0 && core.log.get(officeId) === undefined));
		const mesh = Object.assign(network.mesh(core.id), { disconnect: (device: Id) => network.disconnect(core.id, device) });
		const process = begin({ keys: at.keys, mesh, members: core.members.state, meshKeys: core.meshKeys, clock });
		let isIn = false;
		void process.done.then(() => {
			isIn = true;
		});
		const newcomer: NewcomerDevice = {
			...core,
			process,
			isIn: () => isIn,
			reach: (member) => network.connectNewcomer(core.id, member.id, context),
			async becomeMember() {
				await newcomer.stop();
				return openMember(name, at.keys, at.disk);
			},
			async stop() {
				process.stop();
				await core.stop();
			},
		};
		return newcomer;
	}

	const office: JoiningOffice = {
		officeId,
		recoveryKey: founding.recoveryKey,
		clock,
		network,
		people,
		founder: await openMember('Alice', founderKeys, createMemoryDisk()),
		newcomer(name, link, at = { keys: createDeviceKeys(random), disk: createMemoryDisk() }) {
			const invite = parseInviteLink(link);
			if (!invite) throw new Error('a link just made is whole');
			const context = hex(inviteKeys(invite.secret).signPublic);
			return openNewcomer(name, at, context, (common) => createJoining({ invite, name, ...common }));
		},
		furtherDevice(by, at = { keys: createDeviceKeys(random), disk: createMemoryDisk() }) {
			const link = parseDeviceLink(at.link ?? by.linking.view.get()?.link ?? '');
			if (!link) throw new Error('a link just made is whole');
			return openNewcomer(link.name, at, hex(deviceLinkKeys(link.secret).topic), (common) => createDeviceJoining({ link, ...common }));
		},
		async bring(name, by, witness, terms = {}) {
			const newcomer = await office.newcomer(name, await office.invite(by, terms));
			if (by !== witness) {
				network.connect(by.id, witness.id);
				await clock.advance(5_000);
			}
			newcomer.reach(witness);
			await clock.advance(10_000);
			if (!newcomer.isIn()) throw new Error(`${name} did not get in`);
			const member = await newcomer.becomeMember();
			network.unplug(by.id);
			return member;
		},
		memberOf(seenBy, { id }) {
			const state = seenBy.members.state.get();
			return state.members.get(state.devices.get(id)?.memberId ?? '');
		},
		async invite(by, { uses = 1, confirm = false, role = 'member', days = 7 } = {}) {
			const made = await by.invites.createInvite({ uses, confirm, role, days, label: 'Front desk' });
			if (!made.ok || made.value.link === undefined) throw new Error(`no invite: ${made.ok ? 'no link' : made.code}`);
			return made.value.link;
		},
	};
	return office;
}

/** Whether two logs hold the same office lane. */
export function sameActs(a: Log, b: Log): boolean {
	const ids = (log: Log): string => [...log.entries(0)].map((entry: Entry) => entry.id).sort().join();
	return ids(a) === ids(b);
}

/** The digits take real time to compute; virtual time waits for them. */
export async function until(clock: { advance(ms: number): Promise<void> }, holds: () => boolean): Promise<void> {
	for (let i = 0; i < 400 && !holds(); i++) {
		await clock.advance(50);
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
}
