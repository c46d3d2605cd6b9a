/**
 * What a set of acts amounts to while it is being resolved: records of the acts in force. A view over the past of an act is what that act's
 * rights are judged in; the view over all acts is what the screen sees. Lists are replaced, never changed in place, so a copy is shallow.
 */
import type { Card } from '../../../crypto/identity.ts';
import type { Id } from '../../log/entry.ts';
import { byDepth, isBefore, type ActNode } from './act-graph.ts';
import type { ActName, ActOf } from './acts.ts';
import type { CutAct } from './cuts.ts';
import type { Quarantine } from './quarantine.ts';
import { deviceOfJoin } from './join-proof.ts';
import { firstPolicy, type Policy } from './policy.ts';
import { ranks, type Rank } from './roles.ts';

/** A node whose act has this name. */
export type NodeOf<N extends ActName> = N extends ActName ? ActNode & { readonly act: ActOf<N> } : never;

/** An act that made a device known, and what it gave. */
export interface Join {
	readonly node: ActNode;
	readonly memberId: Id;
	readonly card: Card;
	readonly role: Rank;
	readonly inviteId: Id | undefined;
	/** It came in place of all devices its member had. */
	readonly bringsBack: boolean;
	/** What contests it, `undefined` in the list for a reason that is no act. Empty: nothing does. */
	readonly causes: readonly (ActNode | undefined)[];
}

export interface DeviceRecord {
	readonly id: Id;
	/** Whose it is by its first join. */
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

/** What gives a member a role after it joined. */
export type RoleAct = NodeOf<'setRole'> | NodeOf<'ownerTransfer'>;

/** Lists of acts in force by what they are about. */
type About<T> = Map<Id, readonly T[]>;

export interface View {
	genesis: NodeOf<'genesis'> | undefined;
	readonly members: Map<Id, MemberRecord>;
	/** All that ever joined, also those since cut off. */
	readonly devices: Map<Id, DeviceRecord>;
	readonly invites: Map<Id, InviteRecord>;
	/** By invite. */
	readonly revokes: About<NodeOf<'inviteRevoke'>>;
	readonly admits: About<NodeOf<'admit'>>;
	/** By device. */
	readonly holds: About<NodeOf<'hold'>>;
	readonly confirms: About<NodeOf<'confirm'>>;
	readonly forks: ReadonlyMap<Id, readonly Quarantine[]>;
	/** By member. */
	readonly roleActs: About<RoleAct>;
	/** What the SET_ROLEs among them cut. */
	readonly demotions: About<CutAct>;
	/** What removed it, by member or by device; the most senior first. */
	readonly removals: About<CutAct>;
	/** The newest of each member. */
	readonly profiles: Map<Id, NodeOf<'profile'>>;
	/** The newest of each department. */
	readonly departments: Map<Id, NodeOf<'department'>>;
	policies: readonly NodeOf<'policy'>[];
	policy: Policy;
	policyId: Id;
	/** The last one in force. */
	transfer: NodeOf<'ownerTransfer'> | undefined;
	rekeys: readonly NodeOf<'meshRekey'>[];
	/** By node index: 1 = in force. */
	readonly inForce: Uint8Array;
	/** Acts that had the right and are not in force, with what excluded them, where that is an act. */
	readonly excluded: ReadonlyMap<ActNode, ActNode | undefined>;
	unknownActs: boolean;
}

export function createView(size: number, parts: Partial<Pick<View, 'forks' | 'excluded'>> = {}): View {
	return {
		genesis: undefined,
		members: new Map(),
		devices: new Map(),
		invites: new Map(),
		revokes: new Map(),
		admits: new Map(),
		holds: new Map(),
		confirms: new Map(),
		forks: new Map(),
		roleActs: new Map(),
		demotions: new Map(),
		removals: new Map(),
		profiles: new Map(),
		departments: new Map(),
		policies: [],
		policy: firstPolicy,
		policyId: '',
		transfer: undefined,
		rekeys: [],
		inForce: new Uint8Array(size),
		excluded: new Map(),
		unknownActs: false,
		...parts,
	};
}

/** A copy that can be changed by the acts of the short way, without changing the original; with room for `size` nodes. */
export function cloneView(view: View, size: number): View {
	const inForce = new Uint8Array(size);
	inForce.set(view.inForce.subarray(0, size));
	return {
		...view,
		members: new Map(view.members),
		devices: new Map(view.devices),
		invites: new Map(view.invites),
		admits: new Map(view.admits),
		removals: new Map(view.removals),
		profiles: new Map(view.profiles),
		departments: new Map(view.departments),
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

/** The act that first made it known, by (depth, id). */
export function firstJoin(device: DeviceRecord): ActNode {
	const [first] = device.joins;
	if (!first) throw new Error('a known device was made known by an act');
	return first.node;
}

/** What suspends a device: HOLDs, and what contests its admission, as far as no CONFIRM clears it; one clears all but what had seen it. */
export function suspensionsOf(view: View, device: DeviceRecord): readonly (ActNode | undefined)[] {
	const causes = [...(view.holds.get(device.id) ?? []), ...joinOf(device).causes];
	if (causes.length === 0) return causes;
	const confirms = view.confirms.get(device.id) ?? [];
	return causes.filter((cause) => !confirms.some((confirm) => cause === undefined || !isBefore(confirm, cause)));
}

/** Held, contested, or forked: it keeps what it did, is given no key and does nothing more. */
export const isSuspended = (view: View, device: DeviceRecord): boolean => view.forks.has(device.id) || suspensionsOf(view, device).length > 0;

/** What removed a device, the most senior's first; empty while it is in force. */
export function removalsOf(view: View, device: DeviceRecord): readonly CutAct[] {
	const [ofMember, ofDevice] = [view.removals.get(device.memberId) ?? [], view.removals.get(device.id) ?? []];
	if (ofMember.length === 0 || ofDevice.length === 0) return ofMember.length === 0 ? ofDevice : ofMember;
	return [...ofMember, ...ofDevice].sort((a, b) => compareSeniority(a.judged, b.judged));
}

export const isRemoved = (view: View, device: DeviceRecord): boolean => removalsOf(view, device).length > 0;

/** The devices of a member that are in force, by (depth, id) of what made them so. */
export function devicesOf(view: View, memberId: Id): readonly DeviceRecord[] {
	const own = [...view.devices.values()].filter((device) => device.memberId === memberId && !isRemoved(view, device));
	return own.sort((a, b) => byDepth(joinOf(a).node, joinOf(b).node));
}

/** A rank, and the act that gave it. */
export interface Standing {
	readonly role: Rank;
	readonly giver: ActNode;
	/** Serial of the OWNER_TRANSFER that gave it; 0 where none did. */
	readonly serial: number;
}

/** What an act that gives a role gives. */
export function standingBy(node: RoleAct): Standing {
	if (node.act.type === 'ownerTransfer') return { role: ranks.owner, giver: node, serial: node.act.serial };
	return { role: node.act.role, giver: node, serial: 0 };
}

/** What these acts give together: of those that nothing newer follows, the lowest. */
export function standingAmong(acts: readonly RoleAct[]): Standing | undefined {
	const newest = acts.filter((act) => !acts.some((other) => isBefore(act, other))).map(standingBy);
	return newest.sort((a, b) => a.role - b.role || byDepth(a.giver, b.giver))[0];
}

/** A member's: what SET_ROLEs and OWNER_TRANSFERs gave, else what the admission gave. */
export function standingOf(view: View, member: MemberRecord): Standing {
	const given = standingAmong(view.roleActs.get(member.id) ?? []);
	if (given) return given;
	const device = view.devices.get(member.firstDevice);
	if (!device) throw new Error('a member has a first device');
	const join = joinOf(device);
	return { role: join.role, giver: join.node, serial: 0 };
}

/** Below zero where the first is more senior: higher rank, else the later OWNER_TRANSFER, else the rank given earlier (causal depth, then id of the giving act). */
export function compareStanding(a: Standing, b: Standing): number {
	return b.role - a.role || b.serial - a.serial || byDepth(a.giver, b.giver);
}

export const isSenior = (a: Standing, b: Standing): boolean => compareStanding(a, b) < 0;

/** An act, and its author's standing in the act's own past. */
interface Ranked {
	readonly node: ActNode;
	readonly judgement: { readonly standing: Standing };
}

const text = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The order of the pass: standing, then author and seq. */
export function compareSeniority(a: Ranked, b: Ranked): number {
	const [first, second] = [a.node.entry.header, b.node.entry.header];
	return compareStanding(a.judgement.standing, b.judgement.standing) || text(first.author, second.author) || first.seq - second.seq || text(a.node.id, b.node.id);
}

/**
 * Whether an owner made something of whom an ADMIT let in since: then neither the witness's end nor a revocation takes it from them, unless by
 * somebody more senior than they are now (ATTACKS.md A59).
 *
 * @param against the standing of who would take it; `undefined` where no act does
 */
export function isVouchedFor(view: View, admit: ActNode, against: Standing | undefined): boolean {
	const device = admit.act?.type === 'admit' ? view.devices.get(deviceOfJoin(admit.act.join)) : undefined;
	const given = device && standingAmong(view.roleActs.get(device.memberId) ?? []);
	if (!given) return false;
	return against ? !isSenior(against, given) : given.role >= ranks.manager;
}

/** Distinct devices admitted through an invite. */
export function usesOf(view: View, inviteId: Id): number {
	return new Set((view.admits.get(inviteId) ?? []).map((node) => deviceOfJoin(node.act.join))).size;
}
