/**
 * Joining an office, composed: an empty log on a new disk, the mesh in join mode, replication over it, and the newcomer's side of admission,
 * or of being taken in by another device of one's own. Invite and name, or the device link, rest on the disk until the device is a member, so a reload goes on where it was.
 */
import { hex } from '../crypto/bytes.ts';
import { createWriter, decode } from '../crypto/codec.ts';
import { maxNameBytes, type DeviceKeys } from '../crypto/identity.ts';
import { decodeDeviceLink, encodeDeviceLink, parseDeviceLink, type DeviceLink } from '../crypto/device-link.ts';
import { decodeInvite, encodeInvite, parseInviteLink, type Invite } from '../crypto/invite.ts';
import type { Joining } from './landline.ts';
import { createMesh, type MeshKeys } from './link/mesh.ts';
import { lanes } from './log/entry.ts';
import { openLog } from './log/log.ts';
import { createReplication } from './log/replicate.ts';
import { openJoinMemory } from './office/members/join-memory.ts';
import { createJoining, joinMeshKeys } from './office/admission/joining.ts';
import { createDeviceJoining, deviceMeshKeys } from './office/devices/device-joining.ts';
import { createJoinPreparation } from './office/members/prepare-joins.ts';
import { createMembersView } from './office/members/members.ts';
import { createMeshKeyring } from './office/keys/mesh-keys.ts';
import type { Ports } from './ports.ts';
import { createCell, type Source } from './source.ts';
import type { Companion, OfficeStore } from './store.ts';

const pendingKey = 'pending';
const maxInviteBytes = 1024;

/** By an invite, or by the link of another device of one's own. */
export type PendingJoin =
	| { readonly invite: Invite; readonly name: string }
	| { readonly link: DeviceLink };

export interface Joiner {
	readonly joining: Source<Joining>;
	/** Resolves once this device is a member and holds the mesh key. */
	readonly admitted: Promise<void>;
	/** Before `stop`, where it is called off: tells those who wait with it. */
	withdraw(): Promise<void>;
	/** Closes the links and the log; the store stays open. */
	stop(): Promise<void>;
}

/** What a link, or what stands behind its `#`, asks for; `undefined` where it is damaged. */
export function readJoinLink(text: string): { readonly invite: Invite } | { readonly link: DeviceLink } | undefined {
	const invite = parseInviteLink(text);
	if (invite) return { invite };
	const link = parseDeviceLink(text);
	return link && { link };
}

/** Rejects with a `StoreFailure`. */
export function savePendingJoin(store: OfficeStore, pending: PendingJoin): Promise<void> {
	return store.putAll([pendingJoin(pending)], true);
}

/** The record of a join that is to go on after a reload. */
export function pendingJoin(pending: PendingJoin): Companion {
	const [link, name] = 'link' in pending ? [encodeDeviceLink(pending.link), pending.link.name] : [encodeInvite(pending.invite), pending.name];
	return { bucket: 'joins', key: pendingKey, value: createWriter().lp(link).text(name).bytes() };
}

/** `undefined` once the device is a member, or when it never was to join. */
export async function loadPendingJoin(store: OfficeStore): Promise<PendingJoin | undefined> {
	const bytes = await store.get('joins', pendingKey);
	return (
		bytes &&
		decode(bytes.slice(), (r): PendingJoin => {
			const link = r.lp(maxInviteBytes);
			const name = r.text(maxNameBytes);
			const invite = decodeInvite(link);
			return invite ? { invite, name } : { link: decodeDeviceLink(link) ?? r.fail() };
		})
	);
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
	const given = 'link' in pending ? pending.link : pending.invite;
	const officeId = hex(given.officeId);
	/** A device link names the one device that answers it. */
	const onlyOne = 'link' in pending ? hex(pending.link.device) : undefined;

	const checkJoin = await openJoinMemory(store);
	const log = await openLog({ officeId, keys, store, clock, prepare: createJoinPreparation(checkJoin, clock) });
	const members = createMembersView({ log, checkJoin });
	// Until GENESIS is held nobody is known; from then on, those whom an act held names.
	log.setGate((author, lane) => members.knownDevice(author) || (lane === lanes.office && log.get(officeId) === undefined));
	const meshKeys = await createMeshKeyring({ officeId, keys, store, members: members.state, clock });
	const noKeys = createCell<MeshKeys>({ current: undefined, older: [], joins: [] });
	const mesh = createMesh({
		ports,
		keys,
		officeId,
		meshKeys: noKeys,
		standing: (device) => (onlyOne === undefined || device === onlyOne ? 'unknown' : 'refused'),
		joining: 'link' in pending ? deviceMeshKeys(pending.link) : joinMeshKeys(pending.invite),
	});
	const replication = createReplication({ log, mesh, clock, random, keys });
	const common = { keys, mesh, members: members.state, meshKeys, clock };
	const process = 'link' in pending ? createDeviceJoining({ link: pending.link, ...common }) : createJoining({ invite: pending.invite, name: pending.name, ...common });
	const stopWatching = members.state.subscribe(() => replication.gateChanged());
	let stopped = false;
	void deps.configured.then(() => {
		if (!stopped) mesh.start();
	});

	return {
		joining: process.joining,
		admitted: process.done,
		withdraw: () => process.withdraw(),
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
