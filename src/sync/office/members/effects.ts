/** What each act in force does to a view (PROTOCOL.md, 4). Whether it is in force was decided before; the order of calls does not matter. */
import { hex } from '../../../crypto/bytes.ts';
import { memberId } from '../../../crypto/identity.ts';
import { idToBytes, type Id } from '../../log/entry.ts';
import { byDepth, type ActNode } from './act-graph.ts';
import type { Cut } from './acts.ts';
import { cutAct } from './cuts.ts';
import { bringsBack, type Judged } from './judgement.ts';
import { leaveCut } from './leave-cut.ts';
import { compareSeniority, type Join, type NodeOf, type View } from './resolved-view.ts';
import { ranks } from './roles.ts';

/**
 * @param causes what contests an ADMIT
 * @param find an entry among those that are being resolved
 */
export function applyAct(view: View, judged: Judged, causes: Join['causes'], find: (id: Id) => ActNode | undefined): void {
	const { node, judgement } = judged;
	view.inForce[node.index] = 1;
	if (judgement.unknown) {
		view.unknownActs = true;
		return;
	}
	const act = node.act;
	switch (act?.type) {
		case 'genesis':
			view.genesis = node as NodeOf<'genesis'>;
			view.policy = act.policy;
			view.policyId = node.id;
			addMember(view, node.id, { node, card: cardOf(judged), role: ranks.owner, inviteId: undefined, bringsBack: false, causes: [] });
			return;
		case 'invite':
			addInvite(view, node as NodeOf<'invite'>, judgement.member);
			return;
		case 'inviteRevoke':
			append(view.revokes, act.invitePublic, node as NodeOf<'inviteRevoke'>);
			return;
		case 'admit': {
			const { role, invitePublic } = (judgement.invite as NodeOf<'invite'>).act;
			append(view.admits, invitePublic, node as NodeOf<'admit'>);
			const join = { node, card: cardOf(judged), role, inviteId: invitePublic, bringsBack: bringsBack(judged), causes };
			if (judgement.target === undefined) addMember(view, act.join.officeId, join);
			else addDevice(view, { ...join, memberId: judgement.target });
			return;
		}
		case 'addDevice':
			addDevice(view, { node, memberId: judgement.member, card: cardOf(judged), role: ranks.member, inviteId: undefined, bringsBack: false, causes: [] });
			return;
		case 'hold':
			append(view.holds, act.device, node as NodeOf<'hold'>);
			return;
		case 'confirm':
			append(view.confirms, act.device, node as NodeOf<'confirm'>);
			return;
		case 'profile':
			addProfile(view, judgement.member, node as NodeOf<'profile'>);
			return;
		case 'department':
			addDepartment(view, node as NodeOf<'department'>);
			return;
		case 'policy':
			view.policies = [...view.policies, node as NodeOf<'policy'>];
			return;
		case 'setRole':
			append(view.roleActs, act.member, node as NodeOf<'setRole'>);
			append(view.demotions, act.member, cutAct(judged, act.cut, find));
			return;
		case 'ownerTransfer':
			append(view.roleActs, act.newOwner, node as NodeOf<'ownerTransfer'>);
			view.transfer = node as NodeOf<'ownerTransfer'>;
			return;
		case 'removeMember':
			remove(act.member, act.cut);
			return;
		case 'removeDevice':
			remove(act.device, act.cut);
			return;
		case 'leave':
			remove(judgement.member, leaveCut(act.extensions));
			return;
		case 'meshRekey':
			view.rekeys = [...view.rekeys, node as NodeOf<'meshRekey'>];
			return;
		default:
	}

	function remove(target: Id, cut: Cut | undefined): void {
		const removals = [...(view.removals.get(target) ?? []), cutAct(judged, cut, find)];
		view.removals.set(target, removals.sort((a, b) => compareSeniority(a.judged, b.judged)));
	}
}

/** Follows the chain of POLICYs from GENESIS: of several with one parent the smaller id. Answers the others, which are not in force. */
export function settlePolicies(view: View): readonly ActNode[] {
	if (!view.genesis || view.policies.length === 0) return [];
	view.policy = view.genesis.act.policy;
	view.policyId = view.genesis.id;
	const losers = new Set(view.policies);
	for (;;) {
		const next = view.policies.filter((node) => node.act.parent === view.policyId).sort((a, b) => (a.id < b.id ? -1 : 1))[0];
		if (!next) break;
		losers.delete(next);
		view.policy = next.act.policy;
		view.policyId = next.id;
	}
	for (const loser of losers) view.inForce[loser.index] = 0;
	view.policies = view.policies.filter((node) => !losers.has(node));
	return [...losers];
}

function append<T>(map: Map<Id, readonly T[]>, id: Id, node: T): void {
	map.set(id, [...(map.get(id) ?? []), node]);
}

function cardOf({ judgement }: Judged) {
	if (!judgement.card) throw new Error('an admission was judged without its card');
	return judgement.card;
}

/** By the first device that came with an invite, or founded the office. */
function addMember(view: View, officeId: Id, join: Omit<Join, 'memberId'>): void {
	const device = hex(join.card.signPublic);
	const member = hex(memberId(idToBytes(officeId), join.card.signPublic));
	addDevice(view, { ...join, memberId: member });
	view.members.set(member, { id: member, firstDevice: device });
}

/** Admitted by two witnesses at once, one device is one device: the joins stand beside each other. */
function addDevice(view: View, join: Join): void {
	const id = hex(join.card.signPublic);
	const joins = [...(view.devices.get(id)?.joins ?? []), join].sort((a, b) => byDepth(a.node, b.node));
	view.devices.set(id, { id, memberId: joins[0]?.memberId ?? join.memberId, joins });
}

/** One key, two INVITEs at once: the first counts; what rests on the other stays in force with it. */
function addInvite(view: View, node: NodeOf<'invite'>, createdBy: Id): void {
	const known = view.invites.get(node.act.invitePublic);
	if (!known || byDepth(node, known.node) < 0) view.invites.set(node.act.invitePublic, { node, createdBy });
}

function addProfile(view: View, member: Id, node: NodeOf<'profile'>): void {
	const known = view.profiles.get(member);
	const newer = known ? node.entry.header.lamport - known.entry.header.lamport || (node.id > known.id ? 1 : -1) : 1;
	if (newer > 0) view.profiles.set(member, node);
}

/** By causal depth: who had seen another's list has changed it; of two written at once one holds whole. */
function addDepartment(view: View, node: NodeOf<'department'>): void {
	const known = view.departments.get(node.act.id);
	if (!known || byDepth(known, node) < 0) view.departments.set(node.act.id, node);
}
