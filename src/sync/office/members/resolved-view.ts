/**
 * What a set of acts amounts to while it is being resolved: records of the acts in force. A view over the past of an act is what that act's
 * rights are judged in; the view over all acts is what the screen sees. Lists are replaced, never changed in place, so a copy is shallow.
 */
import type { Card } from '../../../crypto/identity.ts';
import type { Id } from '../../log/entry.ts';
import { byDepth, isBefore, type ActNode } from './act-graph.ts';
import type { ActName, ActOf } from './acts.ts';
import { deviceOfJoin } from './join-proof.ts';
import { firstPolicy, type Policy } from './policy.ts';
import type { Rank } from './roles.ts';

/** A node whose act has this name. */
export type NodeOf<N extends ActName> = ActNode & { readonly act: ActOf<N> };

/** An act that made a device known, and what it gave. */
export interface Join {
	readonly node: ActNode;
	readonly card: Card;
	readonly role: Rank;
	readonly inviteId: Id | undefined;
	/** What contests it, `undefined` in the list for a reason that is no act. Empty: nothing does. */
	readonly causes: readonly (ActNode | undefined)[];
}

export interface DeviceRecord {
	readonly id: Id;
	readonly memberId: Id;
	/** By (depth, id). */
	readonly joins: readonly Join[];
}

export interface MemberRecord {
	readonly id: Id;
	readonly firstDevice: Id;
}

export interface InviteRecord {
	readonly node: NodeOf<'invite'>;
	readonly createdBy: Id;
}

/** Lists of acts in force by what they are about. */
type About<N extends ActName> = Map<Id, readonly NodeOf<N>[]>;

export interface View {
	genesis: NodeOf<'genesis'> | undefined;
	readonly members: Map<Id, MemberRecord>;
	readonly devices: Map<Id, DeviceRecord>;
	readonly invites: Map<Id, InviteRecord>;
	/** By invite. */
	readonly revokes: About<'inviteRevoke'>;
	readonly admits: About<'admit'>;
	/** By device. */
	readonly holds: About<'hold'>;
	readonly confirms: About<'confirm'>;
	/** By member. */
	readonly roleActs: About<'setRole'>;
	/** The newest of each member. */
	readonly profiles: Map<Id, NodeOf<'profile'>>;
	policies: readonly NodeOf<'policy'>[];
	policy: Policy;
	policyId: Id;
	rekeys: readonly NodeOf<'meshRekey'>[];
	/** By node index: 1 = in force. */
	readonly inForce: Uint8Array;
	unknownActs: boolean;
}

export function createView(size: number): View {
	return {
		genesis: undefined,
		members: new Map(),
		devices: new Map(),
		invites: new Map(),
		revokes: new Map(),
		admits: new Map(),
		holds: new Map(),
		confirms: new Map(),
		roleActs: new Map(),
		profiles: new Map(),
		policies: [],
		policy: firstPolicy,
		policyId: '',
		rekeys: [],
		inForce: new Uint8Array(size),
		unknownActs: false,
	};
}

/** A copy that can be changed without changing the original, with room for `size` nodes. */
export function cloneView(view: View, size: number): View {
	const inForce = new Uint8Array(size);
	inForce.set(view.inForce.subarray(0, size));
	return {
		...view,
		members: new Map(view.members),
		devices: new Map(view.devices),
		invites: new Map(view.invites),
		revokes: new Map(view.revokes),
		admits: new Map(view.admits),
		holds: new Map(view.holds),
		confirms: new Map(view.confirms),
		roleActs: new Map(view.roleActs),
		profiles: new Map(view.profiles),
		inForce,
	};
}

/** Whether the node is in force in this view. */
export const isInForce = (view: View, node: ActNode): boolean => view.inForce[node.index] === 1;

/** The admission that counts: the first that nothing contests, else the first. */
export function joinOf(device: DeviceRecord): Join {
	const join = device.joins.find((candidate) => candidate.causes.length === 0) ?? device.joins[0];
	if (!join) throw new Error('a known device was made known by an act');
	return join;
}

/** What suspends a device: HOLDs, and what contests its admission, as far as no CONFIRM clears it; one clears all but what had seen it. */
export function suspensionsOf(view: View, device: DeviceRecord): readonly (ActNode | undefined)[] {
	const causes = [...(view.holds.get(device.id) ?? []), ...joinOf(device).causes];
	if (causes.length === 0) return causes;
	const confirms = view.confirms.get(device.id) ?? [];
	return causes.filter((cause) => !confirms.some((confirm) => cause === undefined || !isBefore(confirm, cause)));
}

export const isSuspended = (view: View, device: DeviceRecord): boolean => suspensionsOf(view, device).length > 0;

/** A rank, and the act that gave it. */
export interface Standing {
	readonly role: Rank;
	readonly giver: ActNode;
}

/** A member's: of the SET_ROLEs nothing newer follows the lower, else what the admission gave. */
export function standingOf(view: View, member: MemberRecord): Standing {
	const acts = view.roleActs.get(member.id) ?? [];
	const newest = acts.filter((act) => !acts.some((other) => isBefore(act, other)));
	const decisive = newest.sort((a, b) => a.act.role - b.act.role || byDepth(a, b))[0];
	if (decisive) return { role: decisive.act.role, giver: decisive };
	const device = view.devices.get(member.firstDevice);
	if (!device) throw new Error('a member has a first device');
	const join = joinOf(device);
	return { role: join.role, giver: join.node };
}

/** Whether the first is more senior: higher rank, else the rank given earlier (causal depth, then id of the giving act). */
export function isSenior(a: Standing, b: Standing): boolean {
	return a.role !== b.role ? a.role > b.role : byDepth(a.giver, b.giver) < 0;
}

/** Distinct devices admitted through an invite. */
export function usesOf(view: View, inviteId: Id): number {
	return new Set((view.admits.get(inviteId) ?? []).map((node) => deviceOfJoin(node.act.join))).size;
}
