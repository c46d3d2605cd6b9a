/**
 * Whether an act's author had the right to it, judged in the act's own past (PROTOCOL.md, 4, the resolver): a verdict that never changes, because
 * the past never does. What other acts, unseen by the author, make of it is the resolution's.
 */
import { hex } from '../../../crypto/bytes.ts';
import { decodeCard, noOffice, verify, type Card } from '../../../crypto/identity.ts';
import { labels } from '../../../crypto/labels.ts';
import { idToBytes, type Id } from '../../log/entry.ts';
import type { ActNode } from './act-graph.ts';
import { deviceOfJoin, type JoinProof } from './join-proof.ts';
import { knownActs } from './policy.ts';
import { devicesOf, isRemoved, isSenior, isSuspended, joinOf, removalsOf, standingBy, standingOf, usesOf, type DeviceRecord, type NodeOf, type Standing, type View } from './resolved-view.ts';
import { ranks, type Rank } from './roles.ts';
import { verifyTransfer } from './transfer.ts';

/** From this act kind on an invite may bring a member back. */
const firstReplacingActs = 21;
/** Devices of one member, in force at the same time. */
export const maxDevices = 5;

export interface Judgement {
	readonly member: Id;
	readonly standing: Standing;
	/** The rank without which the act is void. */
	readonly needs: Rank;
	/** What must be in force for the author to stand: what gave the rank, what admitted the device. */
	readonly rests: readonly ActNode[];
	/** What made known whom the act raises or confirms: judged before it, so that what a junior does to a witness cannot undo what a senior decided. */
	readonly about: readonly ActNode[];
	/** Whom the act takes something from, or gives a rank. */
	readonly target: Id | undefined;
	/** The INVITE an ADMIT rests on. */
	readonly invite: ActNode | undefined;
	/** The checked card of GENESIS, ADMIT or ADD_DEVICE. */
	readonly card: Card | undefined;
	/** The recovery key that counter-signed an OWNER_TRANSFER. */
	readonly recoveryKey: Id | undefined;
	/** In force, but of a kind this build does not know. */
	readonly unknown: boolean;
}

/** An ADMIT that brings a member back: unlike others it takes something from somebody, so it falls with its author, and nobody vouches for it. */
export const bringsBack = ({ node, judgement }: Judged): boolean => node.act?.type === 'admit' && judgement.target !== undefined;

/** An act whose author had the right to it. */
export interface Judged {
	readonly node: ActNode;
	readonly judgement: Judgement;
}

/** Checks the signatures of a JOIN: `verifyJoin`, or one that remembers its answers. */
export type CheckJoin = (join: JoinProof) => Card | undefined;

export interface JudgeContext {
	readonly officeId: Id;
	readonly checkJoin: CheckJoin;
	/** The member who wrote a NOTICE that lies in the past of this act. */
	noticeAuthor(notice: Id, of: ActNode): Id | undefined;
}

const plain = { rests: [], about: [], target: undefined, invite: undefined, card: undefined, recoveryKey: undefined, unknown: false } as const;

/** The founder's act, if it is one. */
export function judgeGenesis(node: ActNode, officeId: Id): Judgement | undefined {
	const act = node.act;
	if (node.id !== officeId || act?.type !== 'genesis') return undefined;
	const card = decodeCard(act.card);
	if (!card || hex(card.officeId) !== hex(noOffice) || hex(card.signPublic) !== node.entry.header.author) return undefined;
	return { ...plain, member: '', standing: { role: ranks.owner, giver: node, serial: 0 }, needs: ranks.owner, card };
}

/** `undefined`: void, whatever else is held. */
export function judge(node: ActNode, past: View, context: JudgeContext): Judgement | undefined {
	const kind = node.entry.header.kind;
	const device = past.devices.get(node.entry.header.author);
	const member = device && past.members.get(device.memberId);
	if (!node.isAct || kind === 0 || kind > past.policy.acts || !device || !member || isRemoved(past, device)) return undefined;
	if (node.act?.type === 'ownerTransfer') return judgeTransfer(node as NodeOf<'ownerTransfer'>, past, context, member.id);
	if (isSuspended(past, device)) return undefined;
	const standing = standingOf(past, member);
	const base = { ...plain, member: member.id, standing, rests: [standing.giver, joinOf(device).node] };
	if (kind > knownActs) return { ...base, needs: ranks.member, unknown: true };
	if (node.act?.type === 'admit') return judgeAdmit(node as NodeOf<'admit'>, past, context, base);
	if (node.act?.type === 'addDevice') return judgeAddDevice(node as NodeOf<'addDevice'>, past, context, base);
	const needs = node.act ? neededRank(node, past, device, standing, context) : undefined;
	return needs !== undefined && standing.role >= needs ? { ...base, about: aboutOf(node, past), target: targetOf(node, past), needs } : undefined;
}

type Base = Omit<Judgement, 'needs'>;

function judgeAdmit(node: NodeOf<'admit'>, past: View, context: JudgeContext, base: Base): Judgement | undefined {
	const { join } = node.act;
	const invite = past.invites.get(join.invitePublic);
	if (!invite || past.revokes.has(join.invitePublic) || join.officeId !== context.officeId || past.devices.has(deviceOfJoin(join))) return undefined;
	const { maxUses, confirm } = invite.node.act;
	const needs = confirm ? ranks.manager : ranks.member;
	if ((maxUses > 0 && usesOf(past, join.invitePublic) >= maxUses) || base.standing.role < needs) return undefined;
	const back = invite.node.act.replaces === undefined ? {} : replacing(past, invite.node, base);
	const card = back && context.checkJoin(join);
	return card && { ...base, ...back, needs, card, invite: invite.node };
}

/**
 * Who brings a member back is senior to them, and has seen all their devices taken out; the ADMIT stands with what took them out, or old and
 * new would be in at once.
 */
function replacing(past: View, invite: NodeOf<'invite'>, { standing, rests }: Base): Pick<Judgement, 'target' | 'rests'> | undefined {
	const target = invite.act.replaces ?? '';
	const gone = [...past.devices.values()].filter((device) => device.memberId === target).flatMap((device) => removalsOf(past, device).slice(0, 1));
	if (!mayBeBroughtBack(past, target, standing) || devicesOf(past, target).length > 0) return undefined;
	return { target, rests: [...rests, invite, ...gone.map(({ judged }) => judged.node)] };
}

/** One whom nobody has removed: who was removed, or left, comes in anew. */
const mayBeBroughtBack = (past: View, target: Id, author: Standing): boolean => isJunior(past, target, author) && (past.removals.get(target) ?? []).length === 0;

/** Signed by a device of the member and by the new one; a key that was ever known here is not a new one. */
function judgeAddDevice(node: NodeOf<'addDevice'>, past: View, context: JudgeContext, base: Base): Judgement | undefined {
	const card = decodeCard(node.act.card);
	if (!card || hex(card.officeId) !== context.officeId || past.devices.has(hex(card.signPublic))) return undefined;
	if (devicesOf(past, base.member).length >= maxDevices) return undefined;
	const signed = [idToBytes(context.officeId), idToBytes(node.entry.header.author)];
	return verify(card.signPublic, node.act.newSignature, labels.addDevice, ...signed) ? { ...base, needs: ranks.member, card } : undefined;
}

/** Any member's device may bring it, one that is held as well: what counts is the recovery key. */
function judgeTransfer(node: NodeOf<'ownerTransfer'>, past: View, context: JudgeContext, member: Id): Judgement | undefined {
	const target = past.members.get(node.act.newOwner);
	const key = past.transfer?.act.nextRecoveryPublic ?? past.genesis?.act.recoveryPublic;
	if (!target || !key || devicesOf(past, target.id).length === 0 || node.act.serial !== (past.transfer?.act.serial ?? 0) + 1) return undefined;
	if (!verifyTransfer(node.act, context.officeId, key)) return undefined;
	return { ...plain, member, standing: standingBy(node), needs: ranks.member, about: joinsOf(past, target.firstDevice), recoveryKey: hex(key) };
}

/** The rank this act takes, `undefined` where no rank would do. */
function neededRank(node: ActNode, past: View, device: DeviceRecord, author: Standing, context: JudgeContext): Rank | undefined {
	const act = node.act;
	switch (act?.type) {
		case 'invite': {
			const allowed = act.role < ranks.owner && act.role <= author.role && !past.invites.has(act.invitePublic);
			if (!allowed || act.replaces === undefined) return allowed ? (past.policy.inviteBy as Rank) : undefined;
			const isBound = past.policy.acts >= firstReplacingActs && act.confirm && act.maxUses === 1;
			return isBound && mayBeBroughtBack(past, act.replaces, author) ? ranks.manager : undefined;
		}
		case 'inviteRevoke':
			return past.invites.has(act.invitePublic) ? ranks.manager : undefined;
		case 'hold': {
			const target = past.devices.get(act.device);
			return target && !isRemoved(past, target) && isJunior(past, target.memberId, author) ? ranks.manager : undefined;
		}
		case 'confirm': {
			const target = past.devices.get(act.device);
			return target && !isRemoved(past, target) ? ranks.manager : undefined;
		}
		case 'profile':
			return ranks.member;
		case 'policy': {
			const follows = act.parent === past.policyId && act.policy.version === past.policy.version + 1;
			return follows && act.policy.acts >= past.policy.acts ? ranks.owner : undefined;
		}
		case 'setRole': {
			const member = past.members.get(act.member);
			const target = member && standingOf(past, member);
			if (!target || target.role === act.role || devicesOf(past, act.member).length === 0) return undefined;
			// Owners make and unmake; a manager may only put a less senior one back among the members.
			if (act.role > target.role) return ranks.owner;
			if (!isSenior(author, target)) return undefined;
			return act.role === ranks.member ? ranks.manager : ranks.owner;
		}
		case 'leave':
			return author.role < ranks.owner || hasOtherOwner(past, device.memberId) ? ranks.member : undefined;
		case 'removeMember':
			return devicesOf(past, act.member).length > 0 && isJunior(past, act.member, author) ? ranks.manager : undefined;
		case 'removeDevice': {
			const target = past.devices.get(act.device);
			if (!target || isRemoved(past, target)) return undefined;
			// Of one's own any but the last: who wants to go leaves.
			if (target.memberId === device.memberId) return devicesOf(past, device.memberId).length > 1 ? ranks.member : undefined;
			return isJunior(past, target.memberId, author) ? ranks.manager : undefined;
		}
		case 'meshRekey':
			return sameDevices(act.copies.map((copy) => copy.device), past) ? ranks.manager : undefined;
		case 'department':
		case 'notice':
		case 'roll':
			return ranks.manager;
		case 'noticeWithdraw':
			return context.noticeAuthor(act.notice, node) === device.memberId ? ranks.member : ranks.manager;
		default:
			return undefined;
	}
}

function isJunior(past: View, memberId: Id, author: Standing): boolean {
	const member = past.members.get(memberId);
	return member !== undefined && isSenior(author, standingOf(past, member));
}

/** Whether another owner could go on. */
function hasOtherOwner(past: View, memberId: Id): boolean {
	return [...past.members.values()].some(
		(other) => other.id !== memberId && standingOf(past, other).role === ranks.owner && devicesOf(past, other.id).some((device) => !isSuspended(past, device)),
	);
}

function aboutOf(node: ActNode, past: View): readonly ActNode[] {
	const act = node.act;
	if (act?.type === 'confirm') return joinsOf(past, act.device);
	const member = act?.type === 'setRole' ? past.members.get(act.member) : undefined;
	return member ? joinsOf(past, member.firstDevice) : [];
}

function targetOf({ act }: ActNode, past: View): Id | undefined {
	if (act?.type === 'invite') return act.replaces;
	if (act?.type === 'setRole' || act?.type === 'removeMember') return act.member;
	return act?.type === 'hold' || act?.type === 'removeDevice' ? past.devices.get(act.device)?.memberId : undefined;
}

function joinsOf(past: View, device: Id): readonly ActNode[] {
	const record = past.devices.get(device);
	return record ? [joinOf(record).node] : [];
}

/** Exactly the devices that are in force and not suspended, each once. */
function sameDevices(devices: readonly Id[], past: View): boolean {
	const entitled = [...past.devices.values()].filter((device) => !isRemoved(past, device) && !isSuspended(past, device));
	const named = new Set(devices);
	return named.size === devices.length && named.size === entitled.length && entitled.every((device) => named.has(device.id));
}
