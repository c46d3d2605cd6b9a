/**
 * A device that showed two histories counts for nothing from there on, whichever of the two a replica holds (PROTOCOL.md, 3 and 4). What a cut
 * names, and what somebody more senior had followed before they knew of it, was seen by everybody alike: it stays (ATTACKS.md A03, A61).
 */
import type { Id } from '../../log/entry.ts';
import type { ForkProof } from '../../log/fork.ts';
import { hasBit, isBefore, type ActNode } from './act-graph.ts';
import type { Judged } from './judgement.ts';
import { isInForce, isSenior, type View } from './resolved-view.ts';

/** A FORK_PROOF held, its signatures checked. */
export interface Quarantine {
	readonly node: ActNode;
	readonly proof: ForkProof;
}

/** Those among the acts that are being resolved, by device. */
export function quarantinesIn(all: readonly Quarantine[], closure: Uint32Array): ReadonlyMap<Id, readonly Quarantine[]> {
	const forks = new Map<Id, readonly Quarantine[]>();
	for (const fork of all) {
		if (hasBit(closure, fork.node.index)) forks.set(fork.proof.author, [...(forks.get(fork.proof.author) ?? []), fork]);
	}
	return forks;
}

/** The proofs that speak against an act: forked in the office lane, from that seq on; in another, from when somebody knew. GENESIS stands. */
export function quarantinesOf(view: View, node: ActNode): readonly Quarantine[] {
	const forks = view.forks.get(node.entry.header.author);
	if (!forks || node.id === view.genesis?.id) return [];
	return forks.filter(({ node: known, proof }) => (proof.lane === 0 ? node.entry.header.seq >= proof.seq : !isBefore(node, known)));
}

/**
 * Adds the acts of forked devices that were followed in time: for each proof against it an act in force of somebody more senior
 * follows it and does not know that proof. Answers whether there were any.
 */
export function findFollowed(view: View, ordered: readonly Judged[], closure: Uint32Array, followed: Set<ActNode>): boolean {
	if (view.forks.size === 0) return false;
	const held = ordered.filter(({ node }) => hasBit(closure, node.index));
	const found = held.filter((judged) => {
		const proofs = followed.has(judged.node) ? [] : quarantinesOf(view, judged.node);
		if (proofs.length === 0) return false;
		const followers = held.filter(
			({ node, judgement }) => isInForce(view, node) && isBefore(judged.node, node) && isSenior(judgement.standing, judged.judgement.standing),
		);
		return proofs.every((proof) => followers.some(({ node }) => !isBefore(proof.node, node)));
	});
	for (const { node } of found) followed.add(node);
	return found.length > 0;
}
