/**
 * Composes one open office: the log over the disk, the members over the log, the links under them, and the views and commands the
 * screen reads. Wiring only; each part stands in its own file.
 */
import type { DeviceKeys } from '../crypto/identity.ts';
import { fail, type Result } from './failures.ts';
import type { Files } from './files.ts';
import { createMesh, type MeshKeys } from './link/mesh.ts';
import { createDocuments } from './live/documents/documents.ts';
import { createPresence } from './live/presence.ts';
import { type Id, idToBytes } from './log/entry.ts';
import { createForkWatch } from './log/fork-watch.ts';
import { createHorizon } from './log/horizon.ts';
import { openLog } from './log/log.ts';
import { createReplication } from './log/replicate.ts';
import { createActWriter } from './office/members/act-writer.ts';
import { createAdministration } from './office/members/administration.ts';
import { createDepartments } from './office/members/departments.ts';
import { createFarewell } from './office/members/farewell.ts';
import { createRecovery } from './office/members/recovery.ts';
import { createRemoval } from './office/members/removal.ts';
import { createUpkeep } from './office/members/upkeep.ts';
import { openBlocked } from './office/roster/blocked.ts';
import { createAdmission } from './office/admission/admission.ts';
import { createConnectionView } from './office/roster/connection.ts';
import { createAttachmentStates } from './office/conversations/attachment-states.ts';
import { createContent, type ContentPart } from './office/conversations/content.ts';
import { createInvites } from './office/admission/invites.ts';
import { createKnocks } from './office/roster/knocks.ts';
import { loadLastSeen, saveLastSeen } from './office/roster/last-seen.ts';
import { openJoinMemory } from './office/members/join-memory.ts';
import { createLinking } from './office/devices/linking.ts';
import { createOwnDevices } from './office/devices/own-devices.ts';
import { createJoinPreparation } from './office/members/prepare-joins.ts';
import { createMembersView } from './office/members/members.ts';
import { createMeshKeyring } from './office/keys/mesh-keys.ts';
import { createRekeying } from './office/keys/rekeying.ts';
import { createListStanding } from './office/roster/list-standing.ts';
import { createOwnCode } from './office/roster/own-code.ts';
import { createPeople } from './office/roster/people.ts';
import { createStatus } from './office/roster/status.ts';
import { createVerification } from './office/roster/verification.ts';
import { checkRecord } from './office/record/record-check.ts';
import { createRecordView } from './office/record/record-view.ts';
import { openFiles } from './open-files.ts';
import type { Office, Person } from './office.ts';
import type { OfficePorts } from './ports.ts';
import { createCell, derive, type Source, when } from './source.ts';
import type { OfficeStore } from './store.ts';

const statusKey = 'status';
/** A removal that comes with others, of which one undoes it, comes within this. */
const outAfterMs = 20_000;
/** The first screen goes before the reading of what it does without: side by side both took twice as long. */
const behindMs = 600;

export interface OfficeDeps {
	officeId: Id;
	keys: DeviceKeys;
	store: OfficeStore;
	ports: OfficePorts;
	/** Of the page: invite links begin with it. */
	origin: string;
	/** The links wait for it: without STUN the first attempts would fail. */
	configured: Promise<void>;
	clockOffMs: Source<number>;
	/** The office was founded just now by these keys: nobody can hold entries of them. */
	fresh?: boolean;
}

/** Rejects with a `StoreFailure` when the disk fails. */
export async function openOffice(deps: OfficeDeps): Promise<Office> {
	const { officeId, keys, store, ports } = deps;
	const { clock, random } = ports;
	
	const checkJoin = await openJoinMemory(store);
	let readOn = (): void => undefined;
	const behind = new Promise<void>((resolve) => {
		readOn = resolve;
	});
	clock.after(behindMs, readOn);
	const log = await openLog({ officeId, keys, store, clock, fresh: deps.fresh ?? false, actsFirst: true, behind, prepare: createJoinPreparation(checkJoin, clock) });
	const members = createMembersView({ log, checkJoin });
	log.setGate((author) => members.knownDevice(author), () => members.state.get().cuts);
	log.setJoined(() => joinedLamport(members.state, log.device));
	const meshKeys = await createMeshKeyring({ officeId, keys, store, members: members.state, clock });

	const linkJoins = createCell<MeshKeys['joins']>([]);
	const writer = createActWriter({ log, members: members.state });
	const farewell = createFarewell({ log, members: members.state, clock });
	const standing = (device: Id): 'member' | 'unknown' | 'refused' => {
		const state = members.state.get();
		// Who is suspended is given the office lane alone, to learn when that ends; who was taken out, to learn of that.
		if (state.formerDevices.has(device)) return farewell.mayTell(device) ? 'unknown' : 'refused';
		return state.devices.get(device)?.suspended === false ? 'member' : 'unknown';
	};

	const mesh = createMesh({
		ports,
		keys,
		officeId,
		meshKeys: derive([meshKeys.meshKeys, linkJoins], () => ({ ...meshKeys.meshKeys.get(), joins: [...linkJoins.get(), ...meshKeys.meshKeys.get().joins] })),
		standing,
	});
	const replication = createReplication({ log, mesh, clock, random, keys, store, shows: (device) => farewell.shows(device), joinedLamport: () => joinedLamport(members.state, log.device) });
	const forkWatch = createForkWatch({ log, clock, random, mayWrite: () => members.state.get().devices.get(log.device)?.suspended === false });
	const horizon = createHorizon({
		log,
		clock,
		horizonDays: () => members.state.get().policy.horizonDays,
		isDelivered: (lane, seq) => [...members.state.get().devices.keys()].some((device) => replication.covers(device, log.device, lane, seq)),
	});
	const presence = createPresence({
		mesh,
		clock,
		keys,
		officeId: idToBytes(officeId),
		digest: () => replication.digest(),
		onDigest: (from, digest) => replication.onBeatDigest(from.device, digest),
		lastSeen: await loadLastSeen(store),
		saveLastSeen: (device, atMs) => saveLastSeen(store, device, atMs),
	});
	const linked = (): Id[] => mesh.links.get().filter((link) => !link.limited).map((link) => link.device);
	const rekeying = createRekeying({ officeId, device: log.device, members: members.state, writer, linked, doors: () => meshKeys.doors(), clock, random });
	const removal = createRemoval({ log, members: members.state, writer, rekey: (without) => rekeying.plan(without) });
	const upkeep = createUpkeep({ members: members.state, writer, caughtUp: replication.caughtUp, clock });
	const ownCode = createOwnCode({ log, members: members.state });
	const list = await createListStanding({ log, members: members.state, store, clock });
	const admission = await createAdmission({ officeId, keys, log, store, mesh, members: members.state, meshKeys, clock, turnAway: (device) => removal.turnAway(device), bringBack: (join, member) => removal.bringBack(join, member) });
	const linking = createLinking({ officeId, log, mesh, members: members.state, joins: linkJoins, clock, random, origin: deps.origin });
	const invites = await createInvites({ officeId, log, store, members: members.state, meshKeys, clock, random, origin: deps.origin });
	const verification = await createVerification({ officeId, selfDevice: log.device, members: members.state, store, clock });
	const blocked = await openBlocked({ store, members: members.state, selfDevice: log.device });
	const attachments = createAttachmentStates();
	const content = await createContent({
		officeId,
		keys,
		log,
		store,
		members: members.state,
		roots: meshKeys.roots,
		behind,
		deliveries: {
			covers: (device, author, lane, seq) => replication.covers(device, author, lane, seq),
			linked: (device) => mesh.links.get().some((link) => link.device === device && !link.limited),
			subscribe(changed) {
				const stops = [replication.headsChanged.subscribe(changed), mesh.links.subscribe(changed)];
				return () => stops.forEach((stop) => stop());
			},
			decrypted: (author) => replication.noteDecrypted(author),
		},
		caughtUp: replication.caughtUp,
		isHeldBack: (member) => verification.isHeldBack(member),
		maySend: () => list.maySend(),
		blocked: blocked.members,
		attachments,
		build: ports.build,
		clock,
		random,
	});
	const files = await openFiles({ officeId, keys, log, store, roots: meshKeys.roots, mesh, clock, random, ports: ports.files, appHost: ports.appHost, messageFiles: content.messageFiles, attachments, ready: content.built, ...content.folders });
	const documents = createDocuments({ officeId, keys, store, ports, lists: content.documents, roster: content.roster, mesh });
	const knocks = await createKnocks({ mesh, store, members: members.state, blocked: blocked.members, converse: (member) => content.part.startConversation([member], ''), clock });
	const status = await createStatus({
		clock,
		load: () => store.get('prefs', statusKey),
		save: (bytes) => store.put('prefs', statusKey, bytes),
	});
	const people = createPeople({ members: members.state, standings: verification.standings, presence: presence.states, status: status.status, selfDevice: log.device, blocked: blocked.members, wallMsOf: (act) => log.get(act)?.header.wallMs ?? 0 });
	const present = derive([presence.states], () => new Set([...presence.states.get()].filter(([, state]) => state.online).map(([device]) => device)));

	let isOut = false;
	/** Out of the office there is nobody to link to. Until the start has had its minute, a removal that did not stand may still be heard of. */
	function leaveMesh(): void {
		if (!isOut || !members.state.get().formerDevices.has(log.device)) return;
		void presence.stop();
		mesh.stop();
	}

	function noteFarewell(): void {
		const wasOut = isOut;
		isOut = members.state.get().formerDevices.has(log.device);
		if (isOut && !wasOut) clock.after(outAfterMs, leaveMesh);
	}

	const stops = [
		mesh.onClosed((link) => {
			if (link.limited) farewell.told(link.device);
		}),
		replication.onLevel(() => list.level(replication.level())),
		members.state.subscribe(noteFarewell),
		members.state.subscribe(() => {
			mesh.reconsider();
			replication.gateChanged();
		}),
		status.status.subscribe(tellStatus),
	];

	function tellStatus(): void {
		const { availability, idle, note } = status.status.get();
		const shown = availability === 'available' && idle ? 'away' : availability;
		presence.set({ availability: shown === 'invisible' ? 'offline' : shown, note, untilMs: 0 });
	}

	noteFarewell();
	tellStatus();
	let closed = false;
	// Colleagues are met with the whole log, or they would give what is here already.
	void Promise.all([deps.configured, when(log.whole)]).then(() => {
		if (closed) return;
		mesh.start();
		presence.start();
	});

	return {
		id: officeId,
		name: members.state.get().officeName,
		self: derive([people], () => people.get().find((person) => person.self) ?? nobodyYet(log.device)),
		people,
		status: status.status,
		connection: createConnectionView({ mesh, log, members: members.state, present, clockOffMs: deps.clockOffMs, list: list.standing, code: ownCode.code, ports }),
		invites: invites.invites,
		waiting: admission.waiting,
		devices: createOwnDevices({ members: members.state, presence: presence.states, selfDevice: log.device }),
		deviceLink: linking.view,
		...knocks.part,
		record: createRecordView(members.state),
		checkRecord: () => checkRecord({ log, members: members.state, clock }),
		documents: documents.part,
		...content.part,
		...heldWhileStale(content.part, () => list.maySend()),
		files: { ...files.files, ...filesHeldWhileStale(files.files, () => list.maySend()) },
		block: blocked.block,

		setAvailability: (availability) => status.setAvailability(availability),
		setNote: (note) => status.setNote(note),
		noteActivity: () => status.noteActivity(),
		...verification.commands,
		...createAdministration({ log, members: members.state, writer }),
		...createDepartments({ members: members.state, writer, random }),
		...createRecovery({ log, members: members.state, writer, random }),
		removeMember: (id) => removal.removeMember(id),
		removeDevice: (id) => removal.removeDevice(id),
		leaveOffice: () => removal.leaveOffice(),
		sendAnyway: () => list.sendAnyway(),

		createInvite: (invite) => invites.createInvite(invite),
		createReturn: (id) => invites.createReturn(id),
		revokeInvite: (id) => invites.revokeInvite(id),
		letIn: (id) => admission.letIn(id),
		refuse: (id) => admission.refuse(id),
		linkDevice: () => linking.begin(),
		addDevice: () => linking.add(),
		endDeviceLink: () => linking.end(),

		probe: () => mesh.probe(),
		async close() {
			if (closed) return;
			closed = true;
			readOn();
			for (const stop of stops) stop();
			status.stop();
			linking.stop();
			knocks.stop();
			// First and synchronously: a page that is closing gets no second chance to say goodbye.
			replication.leave();
			await presence.stop();
			await files.stop();
			await documents.stop();
			await content.stop();
			admission.stop();
			verification.stop();
			rekeying.stop();
			upkeep.stop();
			list.stop();
			ownCode.stop();
			replication.stop();
			forkWatch.stop();
			horizon.stop();
			mesh.stop();
			meshKeys.stop();
			members.stop();
			await log.close();
		},
	};
}

/** Oneself, while the act that admitted this device is damaged on the disk and has not come from a peer again. */
function nobodyYet(device: Id): Person {
	return { id: '', name: '', department: '', role: 'member', self: true, availability: 'unknown', note: '', lastSeenMs: 0, identicon: device, joined: 0, invitedBy: '', verification: 'unverified', keysUnseen: false, cameBack: false, devices: [], mayRemove: false, mayBecome: [], blocked: false };
}

/** What goes to people, refused while the list of them is stale: what was written stays in the field it was written in. */
function heldWhileStale(part: ContentPart, maySend: () => boolean): Pick<ContentPart, 'sendMessage' | 'startConversation' | 'addToConversation' | 'postNotice'> {
	return {
		sendMessage: held(part.sendMessage, maySend),
		startConversation: held(part.startConversation, maySend),
		addToConversation: held(part.addToConversation, maySend),
		postNotice: held(part.postNotice, maySend),
	};
}

const filesHeldWhileStale = (part: Files, maySend: () => boolean): Pick<Files, 'share' | 'changeAudience' | 'sendFiles'> => ({
	share: held((...args: Parameters<Files['share']>) => part.share(...args), maySend),
	changeAudience: held((...args: Parameters<Files['changeAudience']>) => part.changeAudience(...args), maySend),
	sendFiles: held((...args: Parameters<Files['sendFiles']>) => part.sendFiles(...args), maySend),
});

function held<A extends readonly unknown[], T>(command: (...args: A) => Promise<Result<T>>, maySend: () => boolean): (...args: A) => Promise<Result<T>> {
	return (...args) => (maySend() ? command(...args) : Promise.resolve(fail('list-stale')));
}

function joinedLamport(members: Source<{ devices: ReadonlyMap<Id, { memberId: Id }>; members: ReadonlyMap<Id, { joined: number }> }>, device: Id): number {
	const state = members.get();
	const member = state.devices.get(device)?.memberId;
	return (member !== undefined && state.members.get(member)?.joined) || 0;
}
