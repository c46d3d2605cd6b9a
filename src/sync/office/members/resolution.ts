/**
 * One pass over a set of acts, seniors first (PROTOCOL.md, 4, the resolver): which acts are in force and what they amount to.
 *
 * An act is visited in order of its author's seniority, what it rests on just before it. It is in force if what it rests on is and nothing
 * already in force excludes it: a HOLD, a contested admission, a demotion's cut (removals, LEAVE and quarantine have their place in
 * `exclusionOf`). What contests an admission whatever the order, a REVOKE or too many uses, is found at the end of a pass; the pass
 * is then repeated with it known. Each repetition knows more contests, so it ends.
 */
import type { Id } from '../../log/entry.ts';
import { byDepth, hasBit, isBefore, type ActNode } from './act-graph.ts';
import { applyAct, settlePolicies } from './effects.ts';
import { deviceOfJoin } from './join-proof.ts';
import type { Judgement } from './judgement.ts';
import { createView, isInForce, isSenior, isSuspended, suspensionsOf, type NodeOf, type View } from './resolved-view.ts';

/** An act whose author had the right to it. */
export interface Judged {
	readonly node: ActNode;
	readonly judgement: Judgement;
}

/** Why an act is not in force; `by` is `undefined` where it was no act that excluded it. */
interface Exclusion {
	readonly by: ActNode | undefined;
}

/** Which ADMITs are contested, by what; grows from pass to pass. */
type Contests = Map<ActNode, Set<ActNode | undefined>>;

/** The order of the pass: rank, then seniority of what gave it, then author and seq. */
export function compareSeniority(a: Judged, b: Judged): number {
	const [one, two] = [a.judgement.standing, b.judgement.standing];
	const [first, second] = [a.node.entry.header, b.node.entry.header];
	return two.role - one.role || byDepth(one.giver, two.giver) || text(first.author, second.author) || first.seq - second.seq || text(a.node.id, b.node.id);
}

const text = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** All acts judged to have had the right, however many of them count in a pass. */
export interface JudgedActs {
	/** Sorted by `compareSeniority`. */
	readonly ordered: readonly Judged[];
	/** By node index; `undefined` for the void. */
	readonly byIndex: readonly (Judged | undefined)[];
	/** ADMITs and CONFIRMs by the device they are about. */
	readonly admissions: ReadonlyMap<Id, readonly Judged[]>;
}

/** @param closure which acts count, by node index */
export function resolveSet(acts: JudgedActs, closure: Uint32Array): View {
	const contests: Contests = new Map();
	for (;;) {
		const view = pass(acts, closure, contests);
		if (!findContests(view, contests)) return view;
	}
}

function pass({ ordered, byIndex, admissions }: JudgedActs, closure: Uint32Array, contests: Contests): View {
	const view = createView(byIndex.length);
	const visited = new Uint8Array(byIndex.length);
	/** Acts whose visit has begun and not ended. */
	const visiting = new Set<Judged>();
	const exclusions = new Map<ActNode, Exclusion>();

	function visit(judged: Judged): void {
		const { node, judgement } = judged;
		if (visited[node.index] === 1 || !hasBit(closure, node.index)) return;
		visited[node.index] = 1;
		visiting.add(judged);
		for (const rest of restsOf(judged)) visit(rest);
		// Whether the author is suspended depends on all that admits and confirms that device, its juniors' acts too.
		const device = view.devices.get(node.entry.header.author);
		if (device && isSuspended(view, device)) {
			for (const admission of admissions.get(device.id) ?? []) if (!restsOnVisiting(admission)) visit(admission);
		}
		visiting.delete(judged);
		const exclusion = exclusionOf(view, judged, exclusions);
		if (exclusion) exclusions.set(node, exclusion);
		if (node.act?.type !== 'admit') {
			if (!exclusion) applyAct(view, node, judgement, []);
		} else if (judgement.invite && isInForce(view, judgement.invite)) {
			// It rests on its INVITE and the JOIN's signatures, not on its witness: without the witness the newcomer is suspended, no more.
			applyAct(view, node, judgement, [...(contests.get(node) ?? []), ...(exclusion ? [exclusion.by] : [])]);
		}
	}

	function restsOf({ judgement }: Judged): readonly Judged[] {
		const nodes = judgement.invite ? [...judgement.rests, judgement.invite] : judgement.rests;
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

	for (const judged of ordered) visit(judged);
	settlePolicies(view);
	return view;
}

/** The device that an ADMIT or CONFIRM is about. */
export function admittedDevice(node: ActNode): Id | undefined {
	const act = node.act;
	return act?.type === 'admit' ? deviceOfJoin(act.join) : act?.type === 'confirm' ? act.device : undefined;
}

/** What keeps an act out of force, by what is in force so far. */
function exclusionOf(view: View, { node, judgement }: Judged, exclusions: ReadonlyMap<ActNode, Exclusion>): Exclusion | undefined {
	const fallen = judgement.rests.find((rest) => !isInForce(view, rest));
	if (fallen) return exclusions.get(fallen) ?? { by: undefined };
	const device = view.devices.get(node.entry.header.author);
	if (device) {
		// What lies in the past of the suspending act was written before: it stays.
		const causes = suspensionsOf(view, device).filter((cause) => cause === undefined || !isBefore(node, cause));
		if (causes.length > 0) return { by: causes[0] };
	}
	const demotion = view.roleActs.get(judgement.member)?.find((act) => judgement.needs > act.act.role && isBeyondCut(act, node));
	if (demotion) return { by: demotion };
	return node.act?.type === 'setRole' ? outranked(view, node as NodeOf<'setRole'>, judgement) : undefined;
}

/** Whether an act that a SET_ROLE's author had not seen lies beyond where it cuts its target off. */
function isBeyondCut(setRole: NodeOf<'setRole'>, node: ActNode): boolean {
	if (isBefore(node, setRole) || isBefore(setRole, node)) return false;
	const { author, seq } = node.entry.header;
	const point = setRole.act.cut.find((candidate) => candidate.device === author && candidate.lane === 0);
	return !point || seq > point.seq || (seq === point.seq && node.id !== point.id);
}

/** A SET_ROLE falls if someone more senior has, at the same time, made its target no less senior than its author. */
function outranked(view: View, node: NodeOf<'setRole'>, judgement: Judgement): Exclusion | undefined {
	const acts = view.roleActs.get(node.act.member) ?? [];
	const by = acts.find((act) => !isBefore(act, node) && !isBefore(node, act) && !isSenior(judgement.standing, { role: act.act.role, giver: act }));
	return by && { by };
}

/** Adds what contests admissions: a REVOKE at the same time, and devices beyond the uses an invite allows. */
function findContests(view: View, contests: Contests): boolean {
	let found = false;
	const contest = (node: ActNode, cause: ActNode | undefined): void => {
		const causes = contests.get(node) ?? new Set();
		if (causes.has(cause)) return;
		contests.set(node, causes.add(cause));
		found = true;
	};
	for (const [id, admits] of view.admits) {
		for (const revoke of view.revokes.get(id) ?? []) {
			for (const admit of admits) if (!isBefore(admit, revoke)) contest(admit, revoke);
		}
		const maxUses = view.invites.get(id)?.node.act.maxUses ?? 0;
		if (maxUses === 0) continue;
		const devices = new Set<Id>();
		for (const admit of [...admits].sort(byDepth)) {
			devices.add(deviceOfJoin(admit.act.join));
			if (devices.size > maxUses) contest(admit, undefined);
		}
	}
	return found;
}
