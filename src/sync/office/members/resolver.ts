/**
 * The resolver, kept running (PROTOCOL.md, 4): acts come in any order, the state is a function of their set alone. Each act is judged once, in its
 * own past. Views over pasts are remembered for a while: in an office's usual life the past of a new act is all that was known, and most
 * acts only add to it.
 */
import type { Entry, Id } from '../../log/entry.ts';
import { closureOf, createActGraph, isBefore, type ActNode } from './act-graph.ts';
import { applyAct } from './effects.ts';
import { deviceOfJoin, verifyJoin } from './join-proof.ts';
import { judge, judgeGenesis, type CheckJoin, type Judged, type JudgeContext } from './judgement.ts';
import type { MembersState } from './members-state.ts';
import { createForks } from './quarantine.ts';
import { admittedDevice, resolveSet, type JudgedActs } from './resolution.ts';
import { cloneView, compareSeniority, createView, isSuspended, usesOf, type View } from './resolved-view.ts';
import { takeSnapshot } from './snapshot.ts';

/** How many views are remembered; one forgotten is computed anew. */
const maxViews = 128;
/**
 * Acts that take nothing from any other. Among them the order of the pass does not matter, so a set that differs from another by such acts
 * alone, with nothing else beside them, is that other and their effects: the short way. It must give what the pass gives; a test
 * compares them. An invite and an ADMIT by which a member comes back are none of them: they have a target.
 */
const onlyAdding: ReadonlySet<string | undefined> = new Set(['invite', 'admit', 'profile', 'meshRekey', 'notice', 'noticeWithdraw', 'roll', 'department']);

export interface Resolver {
	/** Takes entries of the office lane, in any order; known ones are ignored. */
	add(entries: Iterable<Entry>): void;
	state(): MembersState;
}

/**
 * @param checkJoin three signature checks for each ADMIT, unless handed one that remembers
 * @param shortWay `false` computes every view by a whole pass; for the test that compares
 */
export function createResolver(officeId: Id, checkJoin: CheckJoin = verifyJoin, shortWay = true): Resolver {
	const graph = createActGraph();
	const ordered: Judged[] = [];
	const byIndex: (Judged | undefined)[] = [];
	const admissions = new Map<Id, Judged[]>();
	const forks = createForks(officeId);
	const acts: JudgedActs = { ordered, byIndex, admissions, forks, find: (id) => graph.get(id) };
	/** Indexes of what shows forks and of judged acts that are not `onlyAdding`, as bits. */
	let hard = new Uint32Array(32);
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
		const view = views.get(key) ?? ((shortWay ? extendView(frontier) : undefined) ?? resolveSet(acts, closureOf(frontier)));
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
		const only = frontier.length === 1 ? frontier[0] : undefined;
		const base = only ? only.frontier : [...frontier].sort((a, b) => b.index - a.index).slice(0, 1);
		const before = views.get(keyOf(base)) ?? (only || !base[0] || !views.has(keyOf(base[0].frontier)) ? undefined : viewOf(base));
		if (!before) return undefined;
		const baseClosure = closureOf(base);
		const closure = closureOf(frontier);
		const added: Judged[] = [];
		const common = closure.slice();
		for (let index = 0; index < closure.length * 32; index++) {
			const word = index >>> 5;
			const isNew = (((closure[word] ?? 0) & ~(baseClosure[word] ?? 0)) >>> (index & 31)) & 1;
			if (isNew === 0) {
				// Whole words without anything new are passed over.
				if ((index & 31) === 0 && ((closure[word] ?? 0) & ~(baseClosure[word] ?? 0)) === 0) index += 31;
				continue;
			}
			// A void act counts too: a cut may name it.
			const node = graph.nodes[index];
			for (let i = 0; i < common.length; i++) common[i] = (common[i] ?? 0) & (node?.past[i] ?? 0);
			const judged = byIndex[index];
			if (judged) added.push(judged);
		}
		// What is added, and what any of it had not seen, must take nothing from anybody.
		for (let i = 0; i < closure.length; i++) if (((closure[i] ?? 0) & ~(common[i] ?? 0) & (hard[i] ?? 0)) !== 0) return undefined;
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

	/** By somebody who came through an invite used too often, once more of a device or an invite that others knew: not only an addition. */
	function changesWhatWas(before: View, { node }: Judged): boolean {
		const author = before.devices.get(node.entry.header.author);
		if (author && isSuspended(before, author)) return true;
		if (node.act?.type === 'invite') return before.invites.has(node.act.invitePublic);
		return node.act?.type === 'admit' && before.devices.has(deviceOfJoin(node.act.join));
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
		if (!onlyAdding.has(judged.node.act?.type) || judged.judgement.target !== undefined) markHard(judged.node.index);
	}

	function markHard(index: number): void {
		const word = index >>> 5;
		if (word >= hard.length) {
			const longer = new Uint32Array(word * 2);
			longer.set(hard);
			hard = longer;
		}
		hard[word] = (hard[word] ?? 0) | (1 << (index & 31));
	}

	return {
		add(entries) {
			for (const node of graph.add(entries)) {
				byIndex[node.index] = undefined;
				for (const { index } of forks.add(node)) markHard(index);
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
