/**
 * Joining an office, composed: an empty log on a new disk, the mesh in join mode, replication over it, and the newcomer's side of admission.
 * Invite and name rest on the disk until the device is a member, so a reload goes on where it was.
 */
import { hex } from '../crypto/bytes.ts';
import { createWriter, decode } from '../crypto/codec.ts';
import { maxNameBytes, type DeviceKeys } from '../crypto/identity.ts';
import { decodeInvite, encodeInvite, type Invite } from '../crypto/invite.ts';
import type { Joining } from './landline.ts';
import { createMesh, type MeshKeys } from './link/mesh.ts';
import { lanes } from './log/entry.ts';
import { openLog } from './log/log.ts';
import { createReplication } from './log/replicate.ts';
import { openJoinMemory } from './office/members/join-memory.ts';
import { createJoining, joinMeshKeys } from './office/admission/joining.ts';
import { createMembersView } from './office/members/members.ts';
import { createMeshKeyring } from './office/keys/mesh-keys.ts';
import type { Ports } from './ports.ts';
import { createCell, type Source } from './source.ts';
import type { OfficeStore } from './store.ts';

const pendingKey = 'pending';
const maxInviteBytes = 1024;

export interface PendingJoin {
	readonly invite: Invite;
	readonly name: string;
}

export interface Joiner {
	readonly joining: Source<Joining>;
	/** Resolves once this device is a member and holds the mesh key. */
	readonly admitted: Promise<void>;
	/** Closes the links and the log; the store stays open. */
	stop(): Promise<void>;
}

/** Rejects with a `StoreFailure`. */
export function savePendingJoin(store: OfficeStore, pending: PendingJoin): Promise<void> {
	return store.put('joins', pendingKey, createWriter().lp(encodeInvite(pending.invite)).text(pending.name).bytes(), true);
}

/** `undefined` once the device is a member, or when it never was to join. */
export async function loadPendingJoin(store: OfficeStore): Promise<PendingJoin | undefined> {
	const bytes = await store.get('joins', pendingKey);
	return bytes && decode(bytes.slice(), (r) => ({ invite: decodeInvite(r.lp(maxInviteBytes)) ?? r.fail(), name: r.text(maxNameBytes) }));
}

export async function forgetPendingJoin(store: OfficeStore): Promise<void> {
	await store.delete('joins', pendingKey);
}

/** Rejects with a `StoreFailure` when the disk fails. */
export async function openJoin(deps: {
	readonly ports: Ports;
	readonly store: OfficeStore;
	readonly keys: DeviceKeys;
	readonly pending: PendingJoin;
	/** The links wait for it: without STUN the first attempts would fail. */
	readonly configured: Promise<void>;
}): Promise<Joiner> {
	const { ports, store, keys, pending } = deps;
	const { clock, random } = ports;
	const { invite, name } = pending;
	const officeId = hex(invite.officeId);

	const log = await openLog({ officeId, keys, store, clock });
	const members = createMembersView({ log, checkJoin: await openJoinMemory(store) });
	// Until GENESIS is held nobody is known; from then on, those whom an act held names.
	log.setGate((author, lane) => members.knownDevice(author) || (lane === lanes.office && log.get(officeId) === undefined));
	const meshKeys = await createMeshKeyring({ officeId, keys, store, members: members.state, clock });
	const noKeys = createCell<MeshKeys>({ current: undefined, older: [], joins: [] });
	const mesh = createMesh({ ports, keys, officeId, meshKeys: noKeys, standing: () => 'unknown', joining: joinMeshKeys(invite) });
	const replication = createReplication({ log, mesh, clock, random, keys });
	const process = createJoining({ invite, name, keys, mesh, members: members.state, meshKeys });
	const stopWatching = members.state.subscribe(() => replication.gateChanged());
	let stopped = false;
	void deps.configured.then(() => {
		if (!stopped) mesh.start();
	});

	return {
		joining: process.joining,
		admitted: process.done,
		async stop() {
			stopped = true;
			process.stop();
			stopWatching();
			replication.stop();
			mesh.stop();
			meshKeys.stop();
			members.stop();
			await log.close();
		},
	};
}
