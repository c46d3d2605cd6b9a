/**
 * What shows only at the end of a pass (PROTOCOL.md, 4, the resolver): found there, it is known in the next. The findings only grow, so the passes
 * end; the most senior's are taken first, so that nobody less senior, about to fall, takes anything from anybody.
 */
import { hasBit, byDepth, isBefore, type ActNode } from './act-graph.ts';
import { exclusionOf } from './exclusion.ts';
import { deviceOfJoin } from './join-proof.ts';
import { bringsBack, maxDevices, type Judged } from './judgement.ts';
import type { JudgedActs } from './resolution.ts';
import { compareSeniority, firstJoin, isInForce, isRemoved, isVouchedFor, removalsOf, standingOf, type DeviceRecord, type View } from './resolved-view.ts';
import { ranks } from './roles.ts';

export interface Findings {
	/** What contests each ADMIT: the newcomer is suspended. */
	readonly contests: Map<ActNode, Set<ActNode | undefined>>;
	/** Acts that are out, with the act that excludes them, if it is one. */
	readonly refused: Map<ActNode, ActNode | undefined>;
	/** Acts of forked devices that stay. */
	readonly followed: Set<ActNode>;
}

interface Finding {
	readonly node: ActNode;
	readonly by: ActNode | undefined;
}

export const createFindings = (): Findings => ({ contests: new Map(), refused: new Map(), followed: new Set() });

/** Adds to the findings; answers whether there was anything new. */
export function findAfterPass(view: View, acts: JudgedActs, closure: Uint32Array, findings: Findings): boolean {
	const held = acts.ordered.filter(({ node }) => hasBit(closure, node.index) && isInForce(view, node));
	const found = [...tooMany(view, acts), ...lateExclusions(view, held, acts, findings)].filter(({ node, by }) => isNew(node, by, findings));
	const chosen = found.length > 0 ? mostSenior(found, acts) : lastExit(view, held);
	for (const { node, by } of chosen) {
		if (node.act?.type === 'admit' && !isReplacing(node, acts) && !isSecondMembership(view, node)) findings.contests.set(node, (findings.contests.get(node) ?? new Set()).add(by));
		else findings.refused.set(node, by);
	}
	return chosen.length > 0;
}

function isNew(node: ActNode, by: ActNode | undefined, findings: Findings): boolean {
	return !findings.refused.has(node) && findings.contests.get(node)?.has(by) !== true;
}

/** Those found for one reason: what no act caused first, else what the most senior caused. */
function mostSenior(found: readonly Finding[], { byIndex }: JudgedActs): readonly Finding[] {
	const causes = found.flatMap(({ by }) => (by && byIndex[by.index]) ?? []);
	const isAuthorless = ({ by }: Finding): boolean => by === undefined || byIndex[by.index] === undefined;
	const authorless = found.filter(isAuthorless);
	if (authorless.length > 0) return authorless;
	const first = causes.sort(compareSeniority)[0];
	return found.filter(({ by }) => by === first?.node);
}

/** What no act excludes: devices beyond what an invite or a member may have, and keys that came as two people's. */
function tooMany(view: View, acts: JudgedActs): Finding[] {
	const found: Finding[] = [];
	const find = (node: ActNode): number => found.push({ node, by: undefined });
	for (const [id, admits] of view.admits) {
		const maxUses = view.invites.get(id)?.node.act.maxUses ?? 0;
		const devices = new Set<string>();
		for (const admit of maxUses === 0 ? [] : [...admits].sort(byDepth)) {
			devices.add(deviceOfJoin(admit.act.join));
			if (devices.size > maxUses && (isReplacing(admit, acts) || !isVouchedFor(view, admit, undefined))) find(admit);
		}
	}
	const byMember = new Map<string, DeviceRecord[]>();
	for (const device of view.devices.values()) {
		for (const join of device.joins) if (join.memberId !== device.memberId) find(join.node);
		byMember.set(device.memberId, [...(byMember.get(device.memberId) ?? []), device]);
	}
	for (const devices of byMember.values()) if (devices.length > maxDevices) for (const node of devicesBeyond(view, devices)) find(node);
	return found;
}

/** In order of causal depth and id, each counted beside those before it, but for what was removed in its own past: a removal later on brings back no device that was one too many. */
function devicesBeyond(view: View, devices: readonly DeviceRecord[]): readonly ActNode[] {
	const kept: DeviceRecord[] = [];
	const beyond: ActNode[] = [];
	for (const device of [...devices].sort((a, b) => byDepth(firstJoin(a), firstJoin(b)))) {
		const join = firstJoin(device);
		const beside = kept.filter((other) => !removalsOf(view, other).some(({ judged }) => isBefore(judged.node, join)));
		if (beside.length < maxDevices) kept.push(device);
		else beyond.push(...device.joins.map(({ node }) => node).filter((node) => node.act?.type === 'addDevice'));
	}
	return beyond;
}

/** Acts in force that something in force excludes all the same, and admissions that it contests. */
function lateExclusions(view: View, held: readonly Judged[], acts: JudgedActs, { followed }: Findings): Finding[] {
	const { byIndex } = acts;
	const found: Finding[] = [];
	for (const judged of held) {
		const { node } = judged;
		const act = node.act;
		if (act?.type === 'genesis' || act?.type === 'ownerTransfer') continue;
		const exclusion = exclusionOf(view, judged, followed);
		// Whom a forked device let in waits already.
		const isFork = act?.type === 'admit' && !bringsBack(judged) && exclusion?.by && !byIndex[exclusion.by.index];
		const causes = exclusion && !isFork ? [exclusion.by] : [];
		if (act?.type === 'admit') causes.push(...(view.revokes.get(act.join.invitePublic) ?? []).filter((revoke) => !isBefore(node, revoke)));
		const admits = act?.type === 'invite' ? (view.admits.get(act.invitePublic) ?? []) : [node];
		for (const by of causes) if (!admits.some((admit) => !isReplacing(admit, acts) && isVouchedFor(view, admit, by && byIndex[by.index]?.judgement.standing))) found.push({ node, by });
	}
	return found;
}

function isReplacing(node: ActNode, { byIndex }: JudgedActs): boolean {
	const judged = byIndex[node.index];
	return judged !== undefined && bringsBack(judged);
}

/** A key that came as somebody's further device before it came by an invite. */
function isSecondMembership(view: View, admit: ActNode): boolean {
	const device = admit.act?.type === 'admit' ? view.devices.get(deviceOfJoin(admit.act.join)) : undefined;
	return device?.joins.some(({ node, memberId }) => node === admit && memberId !== device.memberId) ?? false;
}

/** An owner always stays: where all have gone at once, the last of them to go, in the order of the pass, has not. */
function lastExit(view: View, held: readonly Judged[]): readonly Finding[] {
	const isOwner = (memberId: string): boolean => {
		const member = view.members.get(memberId);
		return member !== undefined && standingOf(view, member).role === ranks.owner;
	};
	if ([...view.devices.values()].some((device) => isOwner(device.memberId) && !isRemoved(view, device))) return [];
	const last = held.findLast(({ node, judgement }) => {
		const type = node.act?.type;
		return (type === 'leave' || (type === 'removeDevice' && judgement.target === judgement.member)) && isOwner(judgement.member);
	});
	return last ? [{ node: last.node, by: undefined }] : [];
}
