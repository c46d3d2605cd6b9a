/**
 * The resolver, kept running (PROTOCOL.md, 4): acts come in any order, the state is a function of their set alone. Each act is judged once, in its
 * own past. Views over pasts are remembered for a while: in an office's usual life the past of a new act is all that was known, and most
 * acts only add to it.
 */
import type { Entry, Id } from '../log/entry.ts';
import { closureOf, createActGraph, isBefore, type ActNode } from './act-graph.ts';
import { applyAct } from './effects.ts';
import { verifyJoin } from './join-proof.ts';
import { judge, judgeGenesis, type CheckJoin, type JudgeContext, type Judgement } from './judgement.ts';
import type { MembersState } from './members-state.ts';
import { compareSeniority, resolveSet, type Judged } from './resolution.ts';
import { cloneView, createView, type View } from './resolved-view.ts';
import { takeSnapshot } from './snapshot.ts';

/** How many views are remembered; one forgotten is computed anew. */
const maxViews = 64;
/** Acts that, coming after all others, change nothing about those: a view with one more is the view before and its effect. */
const onlyAdding: ReadonlySet<string | undefined> = new Set(['invite', 'admit', 'profile', 'meshRekey', 'notice', 'noticeWithdraw', 'roll']);

export interface Resolver {
	/** Takes entries of the office lane, in any order; known ones are ignored. */
	add(entries: Iterable<Entry>): void;
	state(): MembersState;
}

/** @param checkJoin three signature checks for each ADMIT, unless handed one that remembers */
export function createResolver(officeId: Id, checkJoin: CheckJoin = verifyJoin): Resolver {
	const graph = createActGraph();
	const judgements = new Map<ActNode, Judgement>();
	const ordered: Judged[] = [];
	const views = new Map<string, View>();
	let snapshot: { view: View; waiting: number; state: MembersState } | undefined;

	const context: JudgeContext = {
		officeId,
		checkJoin,
		noticeAuthor(notice: Id, of: ActNode): Id | undefined {
			const node = graph.get(notice);
			return node?.act?.type === 'notice' && isBefore(node, of) ? judgements.get(node)?.member : undefined;
		},
	};

	/** The view over some nodes and their pasts; none of them lies in the past of another. */
	function viewOf(frontier: readonly ActNode[]): View {
		const key = frontier.map((node) => node.index).sort((a, b) => a - b).join();
		const known = views.get(key);
		const view = known ?? computeView(frontier);
		views.delete(key);
		views.set(key, view);
		for (const oldest of views.keys()) {
			if (views.size <= maxViews) break;
			views.delete(oldest);
		}
		return view;
	}

	function computeView(frontier: readonly ActNode[]): View {
		const only = frontier.length === 1 ? frontier[0] : undefined;
		const before = only && views.get(only.frontier.map((node) => node.index).sort((a, b) => a - b).join());
		if (only && before) {
			const judgement = judgements.get(only);
			if (!judgement) return before;
			if (onlyAdding.has(only.act?.type)) {
				const view = cloneView(before, graph.nodes.length);
				applyAct(view, only, judgement, []);
				return view;
			}
		}
		return frontier.length === 0 ? createView(0) : resolveSet(ordered, closureOf(frontier), graph.nodes.length);
	}

	function insert(judged: Judged): void {
		let [low, high] = [0, ordered.length];
		while (low < high) {
			const middle = (low + high) >>> 1;
			const other = ordered[middle];
			if (other && compareSeniority(other, judged) < 0) low = middle + 1;
			else high = middle;
		}
		ordered.splice(low, 0, judged);
	}

	return {
		add(entries) {
			for (const node of graph.add(entries)) {
				const judgement = judgeGenesis(node, officeId) ?? judge(node, viewOf(node.frontier), context);
				if (!judgement) continue;
				judgements.set(node, judgement);
				insert({ node, judgement });
			}
		},
		state() {
			const heads = graph.heads();
			const view = viewOf(heads);
			const waiting = graph.waiting();
			if (snapshot?.view !== view || snapshot.waiting !== waiting) snapshot = { view, waiting, state: takeSnapshot(view, graph, officeId) };
			return snapshot.state;
		},
	};
}
