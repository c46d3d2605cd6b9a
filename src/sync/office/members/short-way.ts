/**
 * From a view over some acts to one over a few more, without a pass (PROTOCOL.md, 4, the resolver): in an office's usual life the past of a new act is
 * all that was known, and most acts only add to it. It must give what the pass gives; a test compares them on random histories.
 */
import type { ActGraph, ActNode } from './act-graph.ts';
import { applyAct } from './effects.ts';
import { exclusionOf } from './exclusion.ts';
import { deviceOfJoin } from './join-proof.ts';
import type { Judged } from './judgement.ts';
import type { JudgedActs } from './resolution.ts';
import { cloneView, isSuspended, removalsOf, usesOf, type View } from './resolved-view.ts';

/** On which nothing rests: in whatever order they are visited, they are in force where nothing that is excludes them, and change nothing for others. */
const inert: ReadonlySet<string | undefined> = new Set(['profile', 'meshRekey', 'notice', 'noticeWithdraw', 'roll', 'department']);
/** Acts that take nothing from any other. An invite and an ADMIT by which a member comes back are none of them: they have a target. */
const onlyAdding: ReadonlySet<string | undefined> = new Set([...inert, 'invite', 'admit']);
/** What lies in the past of one of them counts under it: written after all else, it takes nothing from anything held. */
const ending: ReadonlySet<string | undefined> = new Set(['removeMember', 'removeDevice', 'leave']);

export interface ShortWay {
	/** Takes note of a judged act. */
	note(judged: Judged): void;
	/** What shows a fork. */
	markHard(index: number): void;
	/**
	 * The view over `closure`, from one over `known`, a part of it. `undefined`: a pass is needed.
	 *
	 * @param after the one act beyond `known`, if all of `known` is its past
	 */
	extend(before: View, known: Uint32Array, closure: Uint32Array, after: ActNode | undefined): View | undefined;
}

export function createShortWay(acts: JudgedActs, graph: ActGraph): ShortWay {
	const { byIndex } = acts;
	/** Indexes of what shows forks and of judged acts that are not `onlyAdding`, as bits. */
	let hard = new Uint32Array(32);

	function markHard(index: number): void {
		const word = index >>> 5;
		if (word >= hard.length) {
			const longer = new Uint32Array(word * 2);
			longer.set(hard);
			hard = longer;
		}
		hard[word] = (hard[word] ?? 0) | (1 << (index & 31));
	}

	/** The nodes of `closure` that are not in `known`, with or without a right. */
	function nodesBeyond(known: Uint32Array, closure: Uint32Array): readonly ActNode[] {
		const found: ActNode[] = [];
		for (let word = 0; word < closure.length; word++) {
			const fresh = (closure[word] ?? 0) & ~(known[word] ?? 0);
			for (let bit = 0; fresh !== 0 && bit < 32; bit++) {
				const node = ((fresh >>> bit) & 1) === 1 ? graph.nodes[word * 32 + bit] : undefined;
				if (node) found.push(node);
			}
		}
		return found;
	}

	/** Whether a removal or a demotion may have named this node before it was held, or a fork stands against its author. */
	function isUntouched(before: View, { entry }: ActNode): boolean {
		const device = before.devices.get(entry.header.author);
		return device !== undefined && !before.forks.has(device.id) && removalsOf(before, device).length === 0 && !before.demotions.has(device.memberId);
	}

	/** Beside whatever else: what nothing rests on, by authors from whom nothing was taken. */
	function addInert(before: View, nodes: readonly ActNode[]): View | undefined {
		const isHard = ({ index }: ActNode): boolean => (((hard[index >>> 5] ?? 0) >>> (index & 31)) & 1) === 1;
		if (nodes.some((node) => isHard(node) || !isUntouched(before, node) || (byIndex[node.index] !== undefined && !inert.has(node.act?.type)))) return undefined;
		const excluded = new Map(before.excluded);
		const view = { ...cloneView(before, graph.nodes.length), excluded };
		for (const judged of nodes.flatMap((node) => byIndex[node.index] ?? [])) {
			const exclusion = exclusionOf(before, judged, new Set());
			if (exclusion) excluded.set(judged.node, exclusion.by);
			else applyAct(view, judged, [], acts.find);
		}
		return view;
	}

	/** A removal or LEAVE after all else, of whom nothing was taken before: another cut would be decided anew. */
	function addEnding(before: View, node: ActNode): View | undefined {
		const judged = byIndex[node.index];
		if (!judged || before.forks.size > 0 || !ending.has(node.act?.type)) return undefined;
		const target = node.act?.type === 'leave' ? judged.judgement.member : judged.judgement.target;
		if ([...before.devices.values()].some((device) => device.memberId === target && removalsOf(before, device).length > 0)) return undefined;
		const view = cloneView(before, graph.nodes.length);
		applyAct(view, judged, [], acts.find);
		return view;
	}

	function addSoft(before: View, nodes: readonly ActNode[], closure: Uint32Array): View | undefined {
		const common = closure.slice();
		// A void act counts too: a cut may name it.
		for (const { past } of nodes) for (let i = 0; i < common.length; i++) common[i] = (common[i] ?? 0) & (past[i] ?? 0);
		// What is added, and what any of it had not seen, must take nothing from anybody.
		for (let i = 0; i < closure.length; i++) if (((closure[i] ?? 0) & ~(common[i] ?? 0) & (hard[i] ?? 0)) !== 0) return undefined;
		const added = nodes.flatMap((node) => byIndex[node.index] ?? []);
		if (added.length === 0) return before;
		if (added.some((judged) => changesWhatWas(before, judged))) return undefined;
		const view = cloneView(before, graph.nodes.length);
		for (const judged of added) applyAct(view, judged, [], acts.find);
		const isOverused = added.some(({ node }) => {
			const id = node.act?.type === 'admit' ? node.act.join.invitePublic : undefined;
			const maxUses = id === undefined ? 0 : (view.invites.get(id)?.node.act.maxUses ?? 0);
			return id !== undefined && maxUses > 0 && usesOf(view, id) > maxUses;
		});
		return isOverused ? undefined : view;
	}

	return {
		note({ node, judgement }) {
			if (!onlyAdding.has(node.act?.type) || judgement.target !== undefined) markHard(node.index);
		},
		markHard,
		extend(before, known, closure, after) {
			const nodes = nodesBeyond(known, closure);
			return (after && addEnding(before, after)) ?? addSoft(before, nodes, closure) ?? addInert(before, nodes);
		},
	};
}

/** By somebody who came through an invite used too often, once more of a device or an invite that others knew: not only an addition. */
function changesWhatWas(before: View, { node }: Judged): boolean {
	const author = before.devices.get(node.entry.header.author);
	if (author && isSuspended(before, author)) return true;
	if (node.act?.type === 'invite') return before.invites.has(node.act.invitePublic);
	return node.act?.type === 'admit' && before.devices.has(deviceOfJoin(node.act.join));
}
