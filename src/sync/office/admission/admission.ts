/**
 * The member's side of joining (PROTOCOL.md, 5 and 6): witnesses a newcomer's JOIN, admits at once where the invite allows it, else lets it wait
 * for a manager and passes it on; and gives the mesh key to every linked device that the resolver knows and that may lack it.
 */
import { createWriter } from '../../../crypto/codec.ts';
import type { DeviceKeys } from '../../../crypto/identity.ts';
import { done, fail, type Result } from '../../failures.ts';
import type { LinkInfo, Mesh } from '../../link/mesh-port.ts';
import { messageTypes } from '../../link/message-types.ts';
import { encodeEntry, type Id } from '../../log/entry.ts';
import type { Log } from '../../log/log.ts';
import type { Newcomer } from '../../office.ts';
import type { Clock } from '../../ports.ts';
import { createRateByKey } from '../../rate.ts';
import type { Source } from '../../source.ts';
import type { OfficeStore } from '../../store.ts';
import { createActWriter } from '../members/act-writer.ts';
import { inviteTerms } from './invite-terms.ts';
import { createRefusal, encodeJoinState, type JoinStateName } from './join-messages.ts';
import { decodeJoin, deviceOfJoin, type JoinProof, verifyJoin } from '../members/join-proof.ts';
import type { InviteState, MembersState } from '../members/members-state.ts';
import type { MeshKeyring } from '../keys/mesh-keys.ts';
import { isTaken, isTakenNow, nameFailure } from '../members/names.ts';
import { createNewcomerList } from './newcomer-list.ts';
import { applicantsOf } from './applicants.ts';
import { ranks } from '../members/roles.ts';
import { createWaitingGossip } from './waiting-gossip.ts';
import { openWaitingRoom, type Guest } from './waiting-room.ts';

const lookForOldEveryMs = 3_600_000;
/** A JOIN costs three signature checks, and one link needs one. */
const joinRate = { burst: 4, perSecond: 0.2 };

/** What admission asks of the mesh. */
export type AdmissionMesh = Pick<Mesh, 'links' | 'send' | 'broadcast' | 'onMessage' | 'onOpened' | 'onClosed' | 'self' | 'hold' | 'reconsider' | 'disconnect'>;

export interface Admission {
	/** For managers; others see an empty list. */
	readonly waiting: Source<readonly Newcomer[]>;
	letIn(device: Id): Promise<Result>;
	refuse(device: Id): Promise<Result>;
	/** JOINs, WAITINGs and REFUSEDs that were malformed or did not hold. */
	refusedMessages(): number;
	stop(): void;
}

export async function createAdmission(deps: {
	readonly officeId: Id;
	readonly keys: DeviceKeys;
	readonly log: Log;
	readonly store: OfficeStore;
	readonly mesh: AdmissionMesh;
	readonly members: Source<MembersState>;
	readonly meshKeys: Pick<MeshKeyring, 'grant' | 'accept' | 'meshKeys'>;
	readonly clock: Clock;
	/** Takes out a device that a manager does not confirm. */
	readonly turnAway: (device: Id) => Promise<Result>;
	/** Lets a member's new device in, in place of those they had. */
	readonly bringBack: (join: JoinProof, member: Id) => Promise<Result>;
}): Promise<Admission> {
	const { officeId, keys, log, store, mesh, members, meshKeys, clock } = deps;
	const writer = createActWriter({ log, members });
	const room = await openWaitingRoom(store, clock.now());
	const list = createNewcomerList({ officeId, applicants: applicantsOf({ log, members, guests: room.guests }), isManager: () => writer.rank() >= ranks.manager, members });
	/** Linked newcomers whose JOIN was heard: they are told when it is decided. */
	const visitors = new Map<Id, { readonly link: LinkInfo; readonly invitePublic: Id }>();
	/** What was granted on a link that is open, so that it is granted once: device, start and generation. */
	const granted = new Set<string>();
	const heard = createRateByKey(clock, joinRate);
	let bad = 0;
	let stopped = false;
	/** JOINs are decided one after the other: the uses of an invite are counted before the next. */
	let deciding: Promise<unknown> = Promise.resolve();
	let cancelTimer = (): void => undefined;

	const message = (type: number, payload: Uint8Array): Uint8Array => createWriter().u8(type).raw(payload).bytes();
	const isMember = (device: Id): boolean => members.get().devices.get(device)?.suspended === false;
	const gossip = createWaitingGossip({
		officeId,
		mesh,
		members,
		room,
		clock,
		refused({ device, invitePublic }) {
			if (visitors.get(device)?.invitePublic === invitePublic) answer(device, 'refused');
		},
	});

	function answer(device: Id, state: JoinStateName, invite?: InviteState): void {
		const entries = invite && [log.get(officeId), log.get(invite.actId)];
		const [genesis, act] = entries ?? [];
		// Without their signatures, the entries do not travel alone: then the newcomer waits without a name on its screen.
		const proof = genesis?.signature && act?.signature ? { genesis: encodeEntry(genesis), invite: encodeEntry(act) } : undefined;
		mesh.send(device, message(messageTypes.joinState, encodeJoinState({ state, proof })));
	}

	// JOIN

	function onJoin(link: LinkInfo, payload: Uint8Array): void {
		const join = decodeJoin(payload.slice());
		const holds =
			join?.officeId === officeId &&
			deviceOfJoin(join) === link.device &&
			join.witness === mesh.self.device &&
			join.session === link.session &&
			(link.invite === undefined || link.invite === join.invitePublic);
		const card = holds && heard.take(link.device) ? verifyJoin(join) : undefined;
		if (!join || !card) {
			bad++;
			return;
		}
		visitors.set(link.device, { link, invitePublic: join.invitePublic });
		const guest: Guest = { join, card, device: link.device, sinceMs: clock.now() };
		deciding = deciding.then(() => (stopped ? undefined : decide(guest))).catch(() => undefined);
	}

	async function decide(guest: Guest): Promise<void> {
		const { device, join } = guest;
		const known = members.get().devices.get(device);
		if (known?.suspended === false) {
			serve(device);
			return;
		}
		const invite = members.get().invites.get(join.invitePublic);
		if (known && invite) {
			// Let in, and held again: it waits like others for a manager's word.
			answer(device, 'waiting', invite);
			mesh.hold(device);
			return;
		}
		if (members.get().formerDevices.has(device)) {
			answer(device, 'refused');
			return;
		}
		const problem = problemOf(guest, invite);
		if (problem || !invite) {
			answer(device, problem ?? 'unknown');
			return;
		}
		if (!invite.confirm) {
			// The answer follows from the members changing, or there is none and the newcomer tries another member.
			await writer.write({ type: 'admit', join });
			return;
		}
		gossip.add(guest);
		answer(device, 'waiting', invite);
		mesh.hold(device);
	}

	/** Why a JOIN is neither admitted nor held. */
	function problemOf({ device, join, card }: Guest, invite: InviteState | undefined): JoinStateName | undefined {
		if (!invite) return 'unknown';
		if (room.isRefused(device, join.invitePublic)) return 'refused';
		const terms = inviteTerms(invite, members.get(), clock.now());
		if (terms !== 'open') return terms === 'used-up' ? 'usedUp' : terms;
		return mayBeCalled(card.name, invite) ? undefined : 'nameTaken';
	}

	/** A former colleague's name is given again by a manager alone, who compares the code: they may be who was removed because their browser was cleared. */
	function mayBeCalled(name: string, invite: InviteState): boolean {
		const taken = invite.confirm ? isTakenNow : isTaken;
		return nameFailure(name) === undefined && !taken(members.get(), name, invite.replaces);
	}

	/** Tells a linked newcomer that it is in, lifts its link, and gives it the key. */
	function serve(device: Id): void {
		answer(device, 'admitted');
		mesh.reconsider();
		give(device);
	}

	function give(device: Id): void {
		const link = mesh.links.get().find((candidate) => candidate.device === device);
		const current = meshKeys.meshKeys.get().current;
		const payload = link && isMember(device) ? meshKeys.grant() : undefined;
		if (!link || !payload || !current) return;
		const once = `${device}/${link.boot}/${link.session}/${current.keyId.join()}`;
		if (!granted.has(once) && mesh.send(device, message(messageTypes.grant, payload))) granted.add(once);
	}

	function onGrant(payload: Uint8Array): void {
		meshKeys.accept(payload).catch(() => false).then((taken) => {
			if (!taken) bad++;
		}).catch(() => undefined);
	}

	// What happens around

	function opened(link: LinkInfo): void {
		if (link.limited) return;
		gossip.tell(link.device);
		// Who came through an invite lacks the key; who was away through a re-keying may.
		if (link.invite || members.get().generations.length > 1) give(link.device);
	}

	function membersChanged(): void {
		gossip.membersChanged();
		for (const guest of room.guests.get()) if (members.get().devices.has(guest.device)) room.remove(guest.device);
		mesh.reconsider();
		for (const device of visitors.keys()) {
			if (!isMember(device)) continue;
			visitors.delete(device);
			serve(device);
		}
	}

	function keysChanged(): void {
		for (const link of mesh.links.get()) if (!link.limited && (link.invite || members.get().generations.length > 1)) give(link.device);
	}

	function tick(): void {
		room.expire(clock.now());
		cancelTimer = clock.after(lookForOldEveryMs, tick);
	}

	tick();
	const stops = [
		mesh.onMessage([messageTypes.join], onJoin),
		mesh.onMessage([messageTypes.grant], (_link, payload) => onGrant(payload)),
		mesh.onOpened(opened),
		mesh.onClosed((link) => {
			if (visitors.get(link.device)?.link.session === link.session) visitors.delete(link.device);
			for (const once of granted) if (once.startsWith(link.device)) granted.delete(once);
		}),
		members.subscribe(membersChanged),
		meshKeys.meshKeys.subscribe(keysChanged),
	];

	async function admitGuest(guest: Guest): Promise<Result> {
		const { join, device } = guest;
		const invite = members.get().invites.get(join.invitePublic);
		if (writer.rank() < ranks.manager) return fail('not-allowed');
		if (members.get().devices.has(device)) return done;
		if (!invite) return fail('invite-unknown');
		const terms = inviteTerms(invite, members.get(), clock.now());
		if (terms === 'revoked') return fail('invite-revoked');
		if (terms === 'used-up') return fail('invite-used-up');
		if (!mayBeCalled(guest.card.name, invite)) return fail('name-taken');
		if (invite.replaces !== undefined) return deps.bringBack(join, invite.replaces);
		const written = await writer.write({ type: 'admit', join });
		return written.ok ? done : written;
	}

	/** In the office already, but held: a manager's word ends that. */
	async function confirm(device: Id): Promise<Result> {
		const known = members.get().devices.get(device);
		if (known === undefined) return fail('not-found');
		if (!known.suspended) return done;
		if (writer.rank() < ranks.manager) return fail('not-allowed');
		const written = await writer.write({ type: 'confirm', device });
		return written.ok ? done : written;
	}

	return {
		waiting: list.newcomers,
		letIn(device) {
			const guest = room.get(device);
			if (!guest) return confirm(device);
			const result = deciding.then(() => admitGuest(guest));
			deciding = result.catch(() => undefined);
			return result;
		},
		refuse(device) {
			const guest = room.get(device);
			if (!guest) return members.get().devices.get(device)?.suspended === true ? deps.turnAway(device) : Promise.resolve(fail('not-found'));
			if (writer.rank() < ranks.manager) return Promise.resolve(fail('not-allowed'));
			gossip.refuse(createRefusal(officeId, { invitePublic: guest.join.invitePublic, device, manager: mesh.self.device }, keys.signSecret));
			return Promise.resolve(done);
		},
		refusedMessages: () => bad + gossip.bad(),
		stop() {
			stopped = true;
			cancelTimer();
			list.stop();
			gossip.stop();
			for (const stop of stops) stop();
		},
	};
}

