/**
 * Taking people and devices out, and leaving (PROTOCOL.md, 4 and 6). A removal says how far its target's chains count, and is written in one
 * transaction with the re-keying that shuts the target out: there is no moment at which one holds without the other. Who may not draw keys, a
 * member that removes its own device or leaves, leaves that to the first manager's device that sees it.
 */
import { done, fail, type Result } from '../../failures.ts';
import type { Id } from '../../log/entry.ts';
import type { Log } from '../../log/log.ts';
import type { Office } from '../../office.ts';
import type { Source } from '../../source.ts';
import { actKinds } from './acts.ts';
import type { ActWriter, PlannedDeed } from './act-writer.ts';
import { cutAsHeld } from './cut.ts';
import { deviceOfJoin, type JoinProof } from './join-proof.ts';
import { leaveExtensions } from './leave-cut.ts';
import type { Member, MembersState } from './members-state.ts';
import { createRaisedWriter } from './raise-acts.ts';
import { ranks } from './roles.ts';

/** No reason is given yet; the byte is there for it. */
const noReason = 0;

export interface Removal extends Pick<Office, 'removeMember' | 'removeDevice' | 'leaveOffice'> {
	/** Takes a device out whose admission is contested, and its member with it if it is their only one. */
	turnAway(device: Id): Promise<Result>;
	/** Lets a member's new device in and takes out all they had, in one transaction: there is no moment with both, and none with neither. */
	bringBack(join: JoinProof, member: Id): Promise<Result>;
}

export interface RemovalDeps {
	readonly log: Log;
	readonly members: Source<MembersState>;
	readonly writer: ActWriter;
	/** The MESH_REKEY that goes with it. */
	readonly rekey: (without: () => ReadonlySet<Id>) => PlannedDeed;
}

export function createRemoval({ log, members, writer, rekey }: RemovalDeps): Removal {
	const writeRaised = createRaisedWriter(members, writer);

	/** Why this device's person may not take that one out. */
	function obstacle(target: Member): Result | undefined {
		const me = writer.self();
		if (me === undefined || writer.rank() < ranks.manager || target.id === me.id) return fail('not-allowed');
		return me.seniority < target.seniority ? undefined : fail('more-senior');
	}

	async function removeMember(memberId: Id): Promise<Result> {
		const target = members.get().members.get(memberId);
		if (target?.inForce !== true) return fail('not-found');
		const refused = obstacle(target);
		if (refused) return refused;
		const devices = (): ReadonlySet<Id> => new Set(members.get().members.get(memberId)?.devices);
		return writeRaised(actKinds.removeMember, [
			{ type: 'removeMember', make: () => ({ type: 'removeMember', member: memberId, reason: noReason, cut: cutAsHeld(log, devices()) }) },
			rekey(devices),
		]);
	}

	async function removeOne(device: Id, owner: Member): Promise<Result> {
		const isOwn = owner.id === writer.self()?.id;
		const refused = isOwn ? undefined : obstacle(owner);
		if (refused) return refused;
		const removal: PlannedDeed = { type: 'removeDevice', make: () => ({ type: 'removeDevice', device, reason: noReason, cut: cutAsHeld(log, [device]) }) };
		return writeRaised(actKinds.removeDevice, writer.rank() >= ranks.manager ? [removal, rekey(() => new Set([device]))] : [removal]);
	}

	async function bringBack(join: JoinProof, memberId: Id): Promise<Result> {
		const target = members.get().members.get(memberId);
		if (target === undefined) return fail('not-found');
		const refused = obstacle(target);
		if (refused) return refused;
		const old = target.devices;
		const removals = old.map((device): PlannedDeed => ({ type: 'removeDevice', make: () => ({ type: 'removeDevice', device, reason: noReason, cut: cutAsHeld(log, [device]) }) }));
		const admission: PlannedDeed = { type: 'admit', make: () => ({ type: 'admit', join }) };
		const written = await writeRaised(actKinds.department, [...removals, ...(old.length > 0 ? [rekey(() => new Set(old))] : []), admission]);
		if (!written.ok) return written;
		return members.get().devices.has(deviceOfJoin(join)) ? done : fail('not-allowed');
	}

	const ownerOf = (device: Id): Member | undefined => members.get().members.get(members.get().devices.get(device)?.memberId ?? '');

	return {
		removeMember,
		bringBack,
		async removeDevice(device) {
			const owner = ownerOf(device);
			if (!owner) return fail('not-found');
			if (device === log.device || writer.rank() === 0) return fail('not-allowed');
			return removeOne(device, owner);
		},
		async turnAway(device) {
			const owner = ownerOf(device);
			if (!owner) return fail('not-found');
			return owner.devices.length === 1 ? removeMember(owner.id) : removeOne(device, owner);
		},
		async leaveOffice() {
			const me = writer.self();
			if (me === undefined) return fail('removed');
			const others = [...members.get().members.values()].filter((member) => member.inForce && member.id !== me.id);
			if (me.role === 'owner' && !others.some((member) => member.role === 'owner' && !member.suspended)) return fail('last-owner');
			// Who goes does not draw the key it shall not have.
			return writeRaised(actKinds.leave, [{ type: 'leave', make: () => ({ type: 'leave', extensions: leaveExtensions(cutAsHeld(log, me.devices)) }) }]);
		},
	};
}
