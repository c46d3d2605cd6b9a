/**
 * A device that showed two histories counts for nothing from there on, whichever of the two a replica met first (PROTOCOL.md, 3 and 4). What a cut
 * names, and what somebody more senior had followed before they knew of it, stays (ATTACKS.md A03, A61).
 */
import { kinds, lanes, type Id, type Lane } from '../../log/entry.ts';
import { decodeForkProof, verifyForkProof } from '../../log/fork.ts';
import { byDepth, hasBit, isBefore, type ActNode } from './act-graph.ts';
import { countsUnder } from './cuts.ts';
import { bringsBack, type Judged } from './judgement.ts';
import { isInForce, isSenior, isVouchedFor, removalsOf, type View } from './resolved-view.ts';

/** A fork as far as the office lane shows it: by a proof, or by entries of that lane which follow the same one. */
interface Fork {
	readonly author: Id;
	readonly lane: Lane;
	readonly seq: number;
	/** The proof; or those that stand beside each other, of which any two show it. */
	readonly shownBy: ActNode[];
}

/** A fork that the acts being resolved show. */
export interface Quarantine extends Fork {
	/** What showed it, for the record. */
	readonly node: ActNode;
}

export interface Forks {
	/** Takes a node; answers what now shows a fork and did not before. */
	add(node: ActNode): readonly ActNode[];
	/** Those shown by some nodes, by device, in the order of causal depth and id. */
	shownIn(closure: Uint32Array): ReadonlyMap<Id, readonly Quarantine[]>;
}

const shown = ({ shownBy }: Fork, isHeld: (node: ActNode) => boolean): ActNode | undefined => {
	const held = shownBy.filter(isHeld).sort(byDepth);
	return held[0]?.entry.header.kind === kinds.forkProof ? held[0] : held[1];
};

const isKnownTo = (fork: Fork, node: ActNode): boolean => shown(fork, (one) => isBefore(one, node)) !== undefined;

export function createForks(officeId: Id): Forks {
	const forks: Fork[] = [];
	/** By what they follow: all that do. */
	const places = new Map<string, Fork>();

	return {
		add(node) {
			const { author, prev, seq, kind } = node.entry.header;
			const found: ActNode[] = [];
			const proof = kind === kinds.forkProof ? decodeForkProof(node.entry.body, officeId) : undefined;
			if (proof && verifyForkProof(proof)) {
				forks.push({ author: proof.author, lane: proof.lane, seq: proof.seq, shownBy: [node] });
				found.push(node);
			}
			const key = `${author}${prev}`;
			const place = places.get(key);
			if (!place) places.set(key, { author, lane: lanes.office, seq, shownBy: [node] });
			else {
				place.shownBy.push(node);
				if (place.shownBy.length === 2) forks.push(place);
				found.push(...place.shownBy);
			}
			return found;
		},
		shownIn(closure) {
			const all = new Map<Id, readonly Quarantine[]>();
			for (const fork of forks) {
				const node = shown(fork, (one) => hasBit(closure, one.index));
				if (node) all.set(fork.author, [...(all.get(fork.author) ?? []), { ...fork, node }].sort((a, b) => byDepth(a.node, b.node)));
			}
			return all;
		},
	};
}

/** The forks that speak against an act: in the office lane, from that seq on; in another, from when somebody knew. GENESIS stands. */
export function quarantinesOf(view: View, node: ActNode): readonly Quarantine[] {
	const forks = view.forks.get(node.entry.header.author);
	if (!forks || node.id === view.genesis?.id) return [];
	return forks.filter((fork) => (fork.lane === lanes.office ? node.entry.header.seq >= fork.seq : !isBefore(node, fork.node)));
}

/**
 * Adds the acts of forked devices that stay: a removal of the device names or holds them; an owner made something since of whom they let in; or
 * they were followed in time, for each fork that speaks against them by an act in force of somebody more senior who did not know that fork.
 * Answers whether there were any.
 */
export function findFollowed(view: View, ordered: readonly Judged[], closure: Uint32Array, followed: Set<ActNode>): boolean {
	if (view.forks.size === 0) return false;
	const held = ordered.filter(({ node }) => hasBit(closure, node.index));
	const found = held.filter((judged) => {
		const forks = followed.has(judged.node) ? [] : quarantinesOf(view, judged.node);
		if (forks.length === 0) return false;
		const device = view.devices.get(judged.node.entry.header.author);
		const cut = device && removalsOf(view, device)[0];
		if ((cut && countsUnder(cut, judged.node)) || (!bringsBack(judged) && isVouchedFor(view, judged.node, undefined))) return true;
		const followers = held.filter(
			({ node, judgement }) => isInForce(view, node) && isBefore(judged.node, node) && isSenior(judgement.standing, judged.judgement.standing),
		);
		return forks.every((fork) => followers.some(({ node }) => !isKnownTo(fork, node)));
	});
	for (const { node } of found) followed.add(node);
	return found.length > 0;
}
