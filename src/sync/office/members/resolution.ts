/**
 * One pass over a set of acts, seniors first (PROTOCOL.md, 4, the resolver): which acts are in force and what they amount to.
 *
 * An act is visited in order of its author's seniority, what it rests on just before it. It is in force if what it rests on is and nothing
 * already in force excludes it. What only shows at the end of a pass (a junior's cut of acts that were written at a higher rank, contested
 * admissions, too many devices) is kept for the next pass, the most senior's first, until nothing is found.
 */
import { hex } from '../../../crypto/bytes.ts';
import type { Id } from '../../log/entry.ts';
import { hasBit, type ActNode } from './act-graph.ts';
import { applyAct, settlePolicies } from './effects.ts';
import { exclusionOf, outrankedBy, type Exclusion } from './exclusion.ts';
import { deviceOfJoin } from './join-proof.ts';
import { bringsBack, type Judged } from './judgement.ts';
import { createFindings, findAfterPass, type Findings } from './findings.ts';
import { findFollowed, quarantinesOf, type Forks } from './quarantine.ts';
import { createView, isInForce, suspensionsOf, type NodeOf, type View } from './resolved-view.ts';

/** All acts judged to have had the right, however many of them count in a pass. */
export interface JudgedActs {
	/** Sorted by `compareSeniority`. */
	readonly ordered: readonly Judged[];
	/** By node index; `undefined` for the void. */
	readonly byIndex: readonly (Judged | undefined)[];
	/** ADMITs and CONFIRMs by the device they are about. */
	readonly admissions: ReadonlyMap<Id, readonly Judged[]>;
	readonly forks: Forks;
	/** An entry of the office lane. */
	readonly find: (id: Id) => ActNode | undefined;
}

/** @param closure which acts count, by node index */
export function resolveSet(acts: JudgedActs, closure: Uint32Array): View {
	const findings = createFindings();
	for (;;) {
		const view = pass(acts, closure, findings);
		if (!findFollowed(view, acts.ordered, closure, findings.followed) && !findAfterPass(view, acts, closure, findings)) return view;
	}
}

function pass(acts: JudgedActs, closure: Uint32Array, findings: Findings): View {
	const { ordered, byIndex, admissions } = acts;
	const excluded = new Map<ActNode, ActNode | undefined>();
	const view = createView(byIndex.length, { forks: acts.forks.shownIn(closure), excluded });
	const transfers = settledTransfers(acts, closure);
	const visited = new Uint8Array(byIndex.length);
	/** Acts whose visit has begun and not ended. */
	const visiting = new Set<Judged>();
	const find = (id: Id): ActNode | undefined => {
		const node = acts.find(id);
		return node && hasBit(closure, node.index) ? node : undefined;
	};

	function visit(judged: Judged): void {
		const { node } = judged;
		if (visited[node.index] === 1 || !hasBit(closure, node.index)) return;
		visited[node.index] = 1;
		visiting.add(judged);
		for (const rest of restsOf(judged)) visit(rest);
		// Whether the author is suspended depends on all that admits and confirms that device, its juniors' acts too.
		const device = view.devices.get(node.entry.header.author);
		if (device && suspensionsOf(view, device).length > 0) {
			for (const admission of admissions.get(device.id) ?? []) if (!restsOnVisiting(admission)) visit(admission);
		}
		visiting.delete(judged);
		const exclusion = decide(judged);
		if (exclusion) excluded.set(node, exclusion.by);
		// Whom a forked device let in waits from the first pass on, or their own acts would vouch for how they came.
		else applyAct(view, judged, [...(findings.contests.get(node) ?? []), ...(isForked(node) ? [undefined] : [])], find);
	}

	const isForked = (node: ActNode): boolean => !findings.followed.has(node) && quarantinesOf(view, node).length > 0;

	function decide(judged: Judged): Exclusion | undefined {
		const { node, judgement } = judged;
		const type = node.act?.type;
		if (findings.refused.has(node)) return { by: findings.refused.get(node) };
		if (type === 'ownerTransfer') return transfers.has(node) ? undefined : { by: undefined };
		// It rests on its INVITE and the JOIN's signatures, not on its witness: without the witness the newcomer is suspended, no more.
		if (type === 'admit' && !bringsBack(judged)) return judgement.invite && isInForce(view, judgement.invite) ? undefined : { by: judgement.invite && excluded.get(judgement.invite) };
		return exclusionOf(view, judged, findings.followed) ?? outrankedBy(view, judged);
	}

	function restsOf({ judgement }: Judged): readonly Judged[] {
		const nodes = [...judgement.rests, ...judgement.about];
		if (judgement.invite) nodes.push(judgement.invite);
		return nodes.flatMap((node) => byIndex[node.index] ?? []);
	}

	function restsOnVisiting(judged: Judged): boolean {
		const todo = [judged];
		for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
			if (visiting.has(next)) return true;
			if (visited[next.node.index] !== 1) todo.push(...restsOf(next));
		}
		return false;
	}

	for (const transfer of transfers.values()) visit(transfer);
	for (const judged of ordered) visit(judged);
	const losers = settlePolicies(view);
	for (const loser of losers) excluded.set(loser, find(view.policyId));
	return view;
}

/** The device that an ADMIT or CONFIRM is about. */
export function admittedDevice(node: ActNode): Id | undefined {
	const act = node.act;
	return act?.type === 'admit' ? deviceOfJoin(act.join) : act?.type === 'confirm' ? act.device : undefined;
}

/** OWNER_TRANSFERs in force, in order: each counter-signed by the recovery key that the one before named, of several the smaller id. */
function settledTransfers({ ordered }: JudgedActs, closure: Uint32Array): ReadonlyMap<ActNode, Judged> {
	const held = ordered.filter(({ node }) => node.act?.type === 'ownerTransfer' && hasBit(closure, node.index));
	const settled = new Map<ActNode, Judged>();
	let key: Id | undefined;
	for (let serial = 1; ; serial++) {
		const next = held
			.filter(({ node, judgement }) => (node as NodeOf<'ownerTransfer'>).act.serial === serial && (key === undefined || judgement.recoveryKey === key))
			.sort((a, b) => (a.node.id < b.node.id ? -1 : 1))[0];
		if (!next) return settled;
		settled.set(next.node, next);
		key = hex((next.node as NodeOf<'ownerTransfer'>).act.nextRecoveryPublic);
	}
}
