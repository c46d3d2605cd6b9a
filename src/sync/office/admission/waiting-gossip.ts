/**
 * What members tell each other of those who wait (PROTOCOL.md, 5): each JOIN once to every full link, WAITING, until a manager has decided; and a
 * manager's REFUSED, which takes it out everywhere; so does the newcomer's own, who no longer wants in. What is passed on has been verified here.
 */
import { equal } from '../../../crypto/bytes.ts';
import { createWriter } from '../../../crypto/codec.ts';
import type { LinkInfo, MeshPort } from '../../link/mesh-port.ts';
import { messageTypes } from '../../link/message-types.ts';
import type { Id } from '../../log/entry.ts';
import type { Clock } from '../../ports.ts';
import { createRateByKey } from '../../rate.ts';
import type { Source } from '../../source.ts';
import { inviteTerms } from './invite-terms.ts';
import { decodeRefusal, decodeWaiting, encodeRefusal, encodeWaiting, verifyRefusal, type Refusal, type WaitingJoin } from './join-messages.ts';
import { deviceOfJoin, verifyJoin } from '../members/join-proof.ts';
import type { MembersState } from '../members/members-state.ts';
import { ranks } from '../members/roles.ts';
import type { Guest, WaitingRoom } from './waiting-room.ts';

/** JOINs heard of before their INVITE was here. */
const maxEarly = 64;
/** A JOIN costs three signature checks: as many as a waiting room holds at once, then one a second from each link. */
const checkedRate = { burst: 64, perSecond: 1 };

/** Those share one rate, in the name of no device. */
const earlyKey: Id = '';

export interface WaitingGossip {
	/** A JOIN given on an own link. */
	add(guest: Guest): void;
	/** An own refusal. */
	refuse(refusal: Refusal): void;
	/** A full link has opened: it is told everything. */
	tell(device: Id): void;
	membersChanged(): void;
	/** Messages that were malformed or did not hold. */
	bad(): number;
	stop(): void;
}

export function createWaitingGossip(deps: {
	readonly officeId: Id;
	readonly mesh: Pick<MeshPort, 'send' | 'broadcast' | 'onMessage'>;
	readonly members: Source<MembersState>;
	readonly room: WaitingRoom;
	readonly clock: Clock;
	/** Called once for each refusal. */
	readonly refused: (refusal: Refusal) => void;
}): WaitingGossip {
	const { officeId, mesh, members, room, clock } = deps;
	const checked = createRateByKey(clock, checkedRate);
	let early: readonly WaitingJoin[] = [];
	let bad = 0;

	const message = (type: number, payload: Uint8Array): Uint8Array => createWriter().u8(type).raw(payload).bytes();

	function isManager(deviceId: Id): boolean {
		const state = members.get();
		const device = state.devices.get(deviceId);
		const role = state.members.get(device?.memberId ?? '')?.role;
		return device?.suspended === false && role !== undefined && ranks[role] >= ranks.manager;
	}

	function onWaiting(link: LinkInfo, payload: Uint8Array): void {
		const heard = link.limited ? undefined : decodeWaiting(payload.slice());
		if (heard) take(heard, link.device);
		else bad++;
	}

	function take(heard: readonly WaitingJoin[], from: Id): void {
		const fresh = heard.flatMap((waiting): Guest[] => {
			const { join, sinceMs } = waiting;
			const device = deviceOfJoin(join);
			const invite = members.get().invites.get(join.invitePublic);
			if (!invite) early = [...early, waiting].slice(-maxEarly);
			const known = room.get(device);
			const isNews = !members.get().devices.has(device) && !room.isRefused(device, join.invitePublic) && !(known && equal(known.join.card, join.card));
			const isHeld = join.officeId === officeId && invite?.confirm === true && inviteTerms(invite, members.get(), clock.now()) === 'open';
			const card = isNews && isHeld && checked.take(from) ? verifyJoin(join) : undefined;
			return card ? [{ join, sinceMs, device, card }] : [];
		});
		passOn(fresh.filter((guest) => room.add(guest, clock.now())));
	}

	function passOn(guests: readonly Guest[]): void {
		if (guests.length > 0) mesh.broadcast(message(messageTypes.waiting, encodeWaiting(guests)));
	}

	function onRefused(link: LinkInfo, payload: Uint8Array): void {
		const refusal = decodeRefusal(payload.slice());
		if (refusal && mayRefuse(refusal, link) && checked.take(link.device) && verifyRefusal(officeId, refusal)) refuse(refusal);
		else bad++;
	}

	/** A manager any JOIN, over a member's link; a newcomer its own, which must wait here: so nobody fills the memory with devices that never were. */
	function mayRefuse(refusal: Refusal, link: LinkInfo): boolean {
		if (refusal.manager !== refusal.device) return !link.limited && isManager(refusal.manager);
		return (!link.limited || link.device === refusal.device) && room.get(refusal.device)?.join.invitePublic === refusal.invitePublic;
	}

	function refuse(refusal: Refusal): void {
		if (!room.refuse(refusal, clock.now())) return;
		mesh.broadcast(message(messageTypes.refused, encodeRefusal(refusal)));
		deps.refused(refusal);
	}

	const stops = [mesh.onMessage([messageTypes.waiting], onWaiting), mesh.onMessage([messageTypes.refused], onRefused)];
	return {
		add(guest) {
			if (room.add(guest, clock.now())) passOn([guest]);
		},
		refuse,
		tell(device) {
			const guests = room.guests.get();
			if (guests.length > 0) mesh.send(device, message(messageTypes.waiting, encodeWaiting(guests)));
			for (const refusal of room.refusals()) mesh.send(device, message(messageTypes.refused, encodeRefusal(refusal)));
		},
		membersChanged() {
			const again = early.filter(({ join }) => members.get().invites.has(join.invitePublic));
			early = early.filter((waiting) => !again.includes(waiting));
			take(again, earlyKey);
		},
		bad: () => bad,
		stop() {
			for (const stop of stops) stop();
		},
	};
}
