/**
 * The resolver, kept running (PROTOCOL.md, 4): acts come in any order, the state is a function of their set alone. Each act is judged once, in its
 * own past. Views over pasts are remembered for a while: in an office's usual life the past of a new act is all that was known, and most
 * acts only add to it.
 */
import type { Entry, Id } from '../../log/entry.ts';
import { closureOf, createActGraph, isBefore, type ActNode } from './act-graph.ts';
import { verifyJoin } from './join-proof.ts';
import { judge, judgeGenesis, type CheckJoin, type Judged, type JudgeContext } from './judgement.ts';
import type { MembersState } from './members-state.ts';
import { createForks } from './quarantine.ts';
import { admittedDevice, resolveSet, type JudgedActs } from './resolution.ts';
import { compareSeniority, createView, type View } from './resolved-view.ts';
import { createShortWay } from './short-way.ts';
import { takeSnapshot } from './snapshot.ts';

/** How many views are remembered; one forgotten is computed anew. */
const maxViews = 128;
/** Of several newest acts, how many are tried as what the others are added to. */
const maxBases = 3;
export interface Resolver {
	/** Takes entries of the office lane, in any order; known ones are ignored. */
	add(entries: Iterable<Entry>): void;
	state(): MembersState;
}

/**
 * @param checkJoin three signature checks for each ADMIT, unless handed one that remembers
 * @param takesShortWay `false` computes every view by a whole pass; for the test that compares
 */
export function createResolver(officeId: Id, checkJoin: CheckJoin = verifyJoin, takesShortWay = true): Resolver {
	const graph = createActGraph();
	const ordered: Judged[] = [];
	const byIndex: (Judged | undefined)[] = [];
	const admissions = new Map<Id, Judged[]>();
	const forks = createForks(officeId);
	const acts: JudgedActs = { ordered, byIndex, admissions, forks, find: (id) => graph.get(id) };
	const shortWay = createShortWay(acts, graph);
	const views = new Map<string, View>();
	let snapshot: { view: View; nodes: number; waiting: number; state: MembersState } | undefined;

	const context: JudgeContext = {
		officeId,
		checkJoin,
		noticeAuthor(notice, of) {
			const node = graph.get(notice);
			return node?.act?.type === 'notice' && isBefore(node, of) ? byIndex[node.index]?.judgement.member : undefined;
		},
	};

	const keyOf = (frontier: readonly ActNode[]): string => frontier.map((node) => node.index).sort((a, b) => a - b).join();

	/** The view over some nodes and their pasts; none of them lies in the past of another. */
	function viewOf(frontier: readonly ActNode[]): View {
		if (frontier.length === 0) return createView(0);
		const key = keyOf(frontier);
		const view = views.get(key) ?? ((takesShortWay ? extendView(frontier) : undefined) ?? resolveSet(acts, closureOf(frontier)));
		views.delete(key);
		views.set(key, view);
		for (const oldest of views.keys()) {
			if (views.size <= maxViews) break;
			views.delete(oldest);
		}
		return view;
	}

	/** The short way: from a view at hand over most of the same acts. */
	function extendView(frontier: readonly ActNode[]): View | undefined {
		const [only, other] = frontier;
		if (only && !other) {
			const before = views.get(keyOf(only.frontier));
			return before && shortWay.extend(before, closureOf(only.frontier), closureOf(frontier), only);
		}
		// Beside what is newest most things are only added to it; where that takes something, they may do so beside another.
		for (const base of [...frontier].sort((a, b) => b.index - a.index).slice(0, maxBases)) {
			const before = views.get(keyOf([base])) ?? (views.has(keyOf(base.frontier)) ? viewOf([base]) : undefined);
			const view = before && shortWay.extend(before, closureOf([base]), closureOf(frontier), undefined);
			if (view) return view;
		}
		return undefined;
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
		const device = admittedDevice(judged.node);
		if (device !== undefined) admissions.set(device, [...(admissions.get(device) ?? []), judged]);
		shortWay.note(judged);
	}

	return {
		add(entries) {
			for (const node of graph.add(entries)) {
				byIndex[node.index] = undefined;
				for (const { index } of forks.add(node)) shortWay.markHard(index);
				const judgement = judgeGenesis(node, officeId) ?? judge(node, viewOf(node.frontier), context);
				if (!judgement) continue;
				const judged = { node, judgement };
				byIndex[node.index] = judged;
				insert(judged);
			}
		},
		state() {
			const view = viewOf(graph.heads());
			const [nodes, waiting] = [graph.nodes.length, graph.waiting()];
			if (snapshot?.view !== view || snapshot.nodes !== nodes || snapshot.waiting !== waiting) {
				snapshot = { view, nodes, waiting, state: takeSnapshot(view, graph, byIndex, officeId) };
			}
			return snapshot.state;
		},
	};
}
