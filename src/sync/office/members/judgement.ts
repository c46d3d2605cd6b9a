/**
 * Whether an act's author had the right to it, judged in the act's own past (PROTOCOL.md, 4, the resolver): a verdict that never changes, because
 * the past never does. What other acts, unseen by the author, make of it is the resolution's.
 */
import { hex } from '../../../crypto/bytes.ts';
import { decodeCard, noOffice, type Card } from '../../../crypto/identity.ts';
import type { Id } from '../../log/entry.ts';
import type { ActNode } from './act-graph.ts';
import { deviceOfJoin, type JoinProof } from './join-proof.ts';
import { knownActs } from './policy.ts';
import { isSenior, isSuspended, joinOf, standingOf, usesOf, type NodeOf, type Standing, type View } from './resolved-view.ts';
import { ranks, type Rank } from './roles.ts';

/** From this act kind on, an invite may bring a member back (`replaces`). */
const firstReplacingActs = 16;

export interface Judgement {
	readonly member: Id;
	readonly standing: Standing;
	/** The rank without which the act is void. */
	readonly needs: Rank;
	/** What must be in force for the author to stand: what gave the rank, what admitted the device. */
	readonly rests: readonly ActNode[];
	/** The INVITE an ADMIT rests on. */
	readonly invite: ActNode | undefined;
	/** The checked card of GENESIS or ADMIT. */
	readonly card: Card | undefined;
	/** In force, but of a kind this build does not know. */
	readonly unknown: boolean;
}

/** Checks the signatures of a JOIN: `verifyJoin`, or one that remembers its answers. */
export type CheckJoin = (join: JoinProof) => Card | undefined;

export interface JudgeContext {
	readonly officeId: Id;
	readonly checkJoin: CheckJoin;
	/** The member who wrote a NOTICE that lies in the past of this act. */
	noticeAuthor(notice: Id, of: ActNode): Id | undefined;
}

/** The founder's act, if it is one. */
export function judgeGenesis(node: ActNode, officeId: Id): Judgement | undefined {
	const act = node.act;
	if (node.id !== officeId || act?.type !== 'genesis') return undefined;
	const card = decodeCard(act.card);
	if (!card || hex(card.officeId) !== hex(noOffice) || hex(card.signPublic) !== node.entry.header.author) return undefined;
	const standing = { role: ranks.owner, giver: node };
	return { member: '', standing, needs: ranks.owner, rests: [], invite: undefined, card, unknown: false };
}

/** `undefined`: void, whatever else is held. */
export function judge(node: ActNode, past: View, context: JudgeContext): Judgement | undefined {
	const kind = node.entry.header.kind;
	const device = past.devices.get(node.entry.header.author);
	const member = device && past.members.get(device.memberId);
	if (!node.isAct || kind === 0 || kind > past.policy.acts || !device || !member || isSuspended(past, device)) return undefined;
	const standing = standingOf(past, member);
	const base = { member: member.id, standing, rests: [standing.giver, joinOf(device).node], invite: undefined, card: undefined, unknown: false };
	if (kind > knownActs) return { ...base, needs: ranks.member, unknown: true };
	if (node.act?.type === 'admit') return judgeAdmit(node as NodeOf<'admit'>, past, context, base);
	const needs = node.act ? neededRank(node, past, member.id, standing, context) : undefined;
	return needs !== undefined && standing.role >= needs ? { ...base, needs } : undefined;
}

function judgeAdmit(node: NodeOf<'admit'>, past: View, context: JudgeContext, base: Omit<Judgement, 'needs'>): Judgement | undefined {
	const { join } = node.act;
	const invite = past.invites.get(join.invitePublic);
	if (!invite || past.revokes.has(join.invitePublic) || join.officeId !== context.officeId || past.devices.has(deviceOfJoin(join))) return undefined;
	const { maxUses, confirm } = invite.node.act;
	const needs = confirm ? ranks.manager : ranks.member;
	if ((maxUses > 0 && usesOf(past, join.invitePublic) >= maxUses) || base.standing.role < needs) return undefined;
	const card = context.checkJoin(join);
	return card && { ...base, needs, card, invite: invite.node };
}

/** The rank this act takes, `undefined` where no rank would do. */
function neededRank(node: ActNode, past: View, memberId: Id, author: Standing, context: JudgeContext): Rank | undefined {
	const act = node.act;
	switch (act?.type) {
		case 'invite': {
			const allowed = act.role < ranks.owner && act.role <= author.role && !past.invites.has(act.invitePublic);
			if (!allowed || (act.replaces !== undefined && past.policy.acts < firstReplacingActs)) return undefined;
			return past.policy.inviteBy as Rank;
		}
		case 'inviteRevoke':
			return past.invites.has(act.invitePublic) ? ranks.manager : undefined;
		case 'hold': {
			const target = past.members.get(past.devices.get(act.device)?.memberId ?? '');
			return target && isSenior(author, standingOf(past, target)) ? ranks.manager : undefined;
		}
		case 'confirm':
			return past.devices.has(act.device) ? ranks.manager : undefined;
		case 'profile':
			return ranks.member;
		case 'policy':
			return act.parent === past.policyId && act.policy.version === past.policy.version + 1 ? ranks.owner : undefined;
		case 'setRole': {
			const member = past.members.get(act.member);
			const target = member && standingOf(past, member);
			if (!target || target.role === act.role) return undefined;
			// Owners make and unmake; a manager may only put a less senior one back among the members.
			if (act.role > target.role) return ranks.owner;
			if (!isSenior(author, target)) return undefined;
			return act.role === ranks.member ? ranks.manager : ranks.owner;
		}
		case 'meshRekey':
			return sameDevices(act.copies.map((copy) => copy.device), past) ? ranks.manager : undefined;
		case 'notice':
		case 'roll':
			return ranks.manager;
		case 'noticeWithdraw':
			return context.noticeAuthor(act.notice, node) === memberId ? ranks.member : ranks.manager;
		default:
			return undefined;
	}
}

/** Exactly the devices that are known and not suspended, each once. */
function sameDevices(devices: readonly Id[], past: View): boolean {
	const entitled = [...past.devices.values()].filter((device) => !isSuspended(past, device));
	const named = new Set(devices);
	return named.size === devices.length && named.size === entitled.length && entitled.every((device) => named.has(device.id));
}
