/**
 * The chains held in memory, and the rules an entry must keep to be added to one (PROTOCOL.md, section 3): linked, its lamport exact where
 * all it names is held and bounded otherwise. No clock, no disk, no signatures here.
 */
import { type Branch, joinBranches, rowOf } from './branches.ts';
import { compareEntries, type Entry, type Id, kinds, type Lane, lanes, maxRefs, zeroId } from './entry.ts';
import { createLamports, maxLamportLead, ungroundedTail } from './lamports.ts';
import { createVector, type VectorRow } from './vector.ts';

export interface Head {
	/** Seq of the first entry held: 0, or that of a BASE. */
	readonly base: number;
	readonly seq: number;
	readonly id: Id;
	readonly lamport: number;
}

export interface Chain {
	readonly author: Id;
	readonly lane: Lane;
	base: number;
	/** `entries[i]` has seq `base + i`; never empty. */
	entries: Entry[];
	/** Held from before a gap that was jumped at a BASE. */
	before: readonly Entry[];
	/** Other histories of an office lane that forked. */
	branches: readonly Branch[];
}

/** How a run relates to what is held. `fresh` is the part to add. */
export type Fit =
	| { readonly kind: 'extends'; readonly fresh: readonly Entry[] }
	| { readonly kind: 'jumps'; readonly fresh: readonly Entry[] }
	| { readonly kind: 'known' }
	| { readonly kind: 'gap' }
	/** Another history of a chain that has several. `joined` is it with `fresh` at its end. */
	| { readonly kind: 'branches'; readonly fresh: readonly Entry[]; readonly joined: Branch; readonly ours: Entry | undefined; readonly theirs: Entry }
	/** Another history that is not kept. `ours` is the held entry where `theirs` disagrees. */
	| { readonly kind: 'fork'; readonly ours: Entry | undefined; readonly theirs: Entry };

export const chainKey = (author: Id, lane: Lane): string => `${author}${lane}`;

/** @param self this device */
export function createChains(self: Id) {
	const chains = new Map<string, Chain>();
	const byId = new Map<Id, Entry>();
	const vector = createVector();
	const lamports = createLamports(self, above);

	/** How many entries are held beyond a lamport: it rises along each chain. */
	function above(lamport: number): number {
		const countOf = ({ entries }: Chain): number => entries.length - 1 - entries.findLastIndex((entry) => entry.header.lamport <= lamport);
		return [...chains.values()].reduce((sum, chain) => sum + countOf(chain), 0);
	}
	const chainOf = (author: Id, lane: Lane): Chain | undefined => chains.get(chainKey(author, lane));
	const last = (chain: Chain): Entry => {
		const entry = chain.entries.at(-1);
		if (entry === undefined) throw new Error('a held chain is never empty');
		return entry;
	};
	const at = (author: Id, lane: Lane, seq: number): Entry | undefined => {
		const chain = chainOf(author, lane);
		if (chain === undefined) return undefined;
		return seq >= chain.base ? chain.entries[seq - chain.base] : chain.before.find((entry) => entry.header.seq === seq);
	};
	const head = (author: Id, lane: Lane): Head | undefined => {
		const chain = chainOf(author, lane);
		if (chain === undefined) return undefined;
		const entry = last(chain);
		return { base: chain.base, seq: entry.header.seq, id: entry.id, lamport: entry.header.lamport };
	};

	/** Where a linked run stands in relation to its chain. */
	function fit(run: readonly Entry[]): Fit {
		const first = run[0];
		if (first === undefined) return { kind: 'known' };
		const { author, lane, seq } = first.header;
		const chain = chainOf(author, lane);
		const isBase = first.header.kind === kinds.base && lane !== lanes.office;
		if (chain === undefined) return seq === 0 || isBase ? { kind: 'extends', fresh: run } : { kind: 'gap' };
		if (run.every((entry) => byId.has(entry.id))) return { kind: 'known' };
		for (const theirs of run) {
			const ours = at(author, lane, theirs.header.seq);
			if (ours !== undefined && ours.id !== theirs.id) return aside(chain, run, ours, theirs);
		}
		const end = last(chain);
		const fresh = run.filter((entry) => entry.header.seq > end.header.seq);
		const next = fresh[0];
		if (next === undefined) return { kind: 'known' };
		if (next.header.seq > end.header.seq + 1) {
			const beside = aside(chain, run, undefined, next);
			if (beside.kind === 'branches') return beside;
			return isBase ? { kind: 'jumps', fresh } : { kind: 'gap' };
		}
		return next.header.prev === end.id ? { kind: 'extends', fresh } : aside(chain, run, undefined, next);
	}

	/** A run that disagrees with the chain: kept beside it in the office lane, if it follows something held. */
	function aside(chain: Chain, run: readonly Entry[], ours: Entry | undefined, theirs: Entry): Fit {
		const joined = chain.lane === lanes.office ? joinBranches(chain.branches, run, (id) => byId.get(id)) : undefined;
		return joined === undefined ? { kind: 'fork', ours, theirs } : { kind: 'branches', fresh: joined.fresh, joined: joined.joined, ours, theirs };
	}

	/**
	 * Whether every lamport of a run keeps the rule. `claimed` is how many entries the office has by its peers' word: a replica that is
	 * far behind cannot measure the bound by what it holds.
	 */
	function lamportsFit(run: readonly Entry[], claimed: number): boolean {
		const inRun = new Map(run.map((entry) => [entry.id, entry.header.lamport]));
		let bound = lamports.bound(claimed);
		return run.every(({ header }, index) => {
			const named = header.prev === zeroId ? header.refs : [header.prev, ...header.refs];
			const held = named.map((id) => byId.get(id)?.header.lamport ?? inRun.get(id));
			const known = held.filter((lamport) => lamport !== undefined);
			const floor = Math.max(0, ...known);
			const isExact = known.length === held.length;
			const fits = isExact ? header.lamport === floor + 1 : header.lamport > floor && header.lamport <= bound;
			// An author does not lift its own bound by more than it wrote.
			if (lamports.isGrounded(header.author, header.lamport, index + 1)) bound = Math.max(bound, header.lamport + 1 + maxLamportLead);
			return fits;
		});
	}

	/** Adds a run that `fit` said extends or jumps. */
	function add(run: readonly Entry[], jumps = false): void {
		const first = run[0];
		const end = run.at(-1);
		if (first === undefined || end === undefined) return;
		const { author, lane, seq } = first.header;
		const chain = chainOf(author, lane);
		if (chain === undefined) {
			chains.set(chainKey(author, lane), { author, lane, base: seq, entries: [...run], before: [], branches: [] });
		} else if (jumps) {
			chain.before = [...chain.before, ...chain.entries];
			chain.base = seq;
			chain.entries = [...run];
		} else {
			for (const entry of run) chain.entries.push(entry);
		}
		note(run);
		setRow(author, lane);
	}

	function note(run: readonly Entry[]): void {
		for (const entry of run) byId.set(entry.id, entry);
	}

	function setRow(author: Id, lane: Lane): void {
		const chain = chainOf(author, lane);
		if (chain === undefined) return;
		const end = last(chain);
		vector.set({ author, lane, base: chain.base, ...rowOf(end, chain.branches) });
		lamports.note(chainKey(author, lane), { author, total: end.header.seq + 1, held: chain.before.length + chain.entries.length, lamport: end.header.lamport });
	}

	/** Forgets what lies before an entry held; answers whether there was any. */
	function dropBefore(author: Id, lane: Lane, seq: number): boolean {
		const chain = chainOf(author, lane);
		if (chain === undefined || at(author, lane, seq) === undefined || seq < chain.base || (seq === chain.base && chain.before.length === 0)) return false;
		for (const entry of [...chain.before, ...chain.entries.slice(0, seq - chain.base)]) byId.delete(entry.id);
		chain.before = [];
		chain.entries = chain.entries.slice(seq - chain.base);
		chain.base = seq;
		setRow(author, lane);
		return true;
	}

	/** How many entries at the end of a chain nothing bears out. */
	function inflated(author: Id, lane: Lane): number {
		const chain = chainOf(author, lane);
		return chain === undefined ? 0 : ungroundedTail(lamports, chain.entries);
	}

	/** Takes off the end of a chain what nothing bears out: how many entries. Only while it is read: nobody may have seen them. */
	function trim(author: Id, lane: Lane): number {
		const chain = chainOf(author, lane);
		if (chain === undefined) return 0;
		const count = ungroundedTail(lamports, chain.entries);
		if (count === 0) return 0;
		for (const entry of chain.entries.splice(chain.entries.length - count)) byId.delete(entry.id);
		if (chain.entries.length > 0) {
			setRow(author, lane);
			return count;
		}
		chains.delete(chainKey(author, lane));
		vector.delete(author, lane);
		lamports.note(chainKey(author, lane), { author, total: 0, held: 0, lamport: 0 });
		return count;
	}

	/** Adds a run that `fit` said branches; answers whether it could. */
	function addBranch(run: readonly Entry[]): boolean {
		const first = run[0];
		const chain = first && chainOf(first.header.author, first.header.lane);
		const joined = chain && joinBranches(chain.branches, run, (id) => byId.get(id));
		if (chain === undefined || joined === undefined) return false;
		chain.branches = joined.branches;
		note(joined.fresh);
		setRow(chain.author, chain.lane);
		return true;
	}

	/** Where the next own entry of a lane stands: after its newest, naming the newest heads of the office that newest does not name already. */
	function next(author: Id, lane: Lane): { seq: number; prev: Id; lamport: number; refs: readonly Id[] } {
		const own = chainOf(author, lane);
		const prev = own && last(own);
		const named = new Set([prev?.id, ...(prev?.header.refs ?? [])]);
		// A head that runs away by itself is left alone: who named it would carry its lamport to everybody.
		const heads = [...chains.values()].map(last).filter((entry) => !named.has(entry.id) && lamports.isGrounded(entry.header.author, entry.header.lamport));
		const newest = heads.sort((a, b) => compareEntries(b, a)).slice(0, maxRefs);
		const lamport = 1 + Math.max(prev?.header.lamport ?? 0, newest[0]?.header.lamport ?? 0);
		return { seq: (prev?.header.seq ?? -1) + 1, prev: prev?.id ?? zeroId, lamport, refs: newest.map((entry) => entry.id) };
	}

	function* entries(lane: Lane): Iterable<Entry> {
		for (const chain of chains.values()) {
			if (chain.lane !== lane) continue;
			yield* chain.before;
			yield* chain.entries;
			for (const branch of chain.branches) yield* branch;
		}
	}

	return {
		head,
		at,
		fit,
		lamportsFit,
		add,
		addBranch,
		dropBefore,
		inflated,
		trim,
		next,
		/** Other histories of a chain than the one held first. */
		branches: (author: Id, lane: Lane): readonly Branch[] => chainOf(author, lane)?.branches ?? [],
		get: (id: Id): Entry | undefined => byId.get(id),
		highest: lamports.highest,
		setJoined: lamports.setJoined,
		range: (author: Id, lane: Lane, from: number): readonly Entry[] => {
			const chain = chainOf(author, lane);
			return chain === undefined ? [] : chain.entries.slice(Math.max(0, from - chain.base));
		},
		/** Seq of the newest BASE held of a chain, or of its first entry. */
		newestBase: (author: Id, lane: Lane): number | undefined => {
			const chain = chainOf(author, lane);
			return chain && (chain.entries.findLast((entry) => entry.header.kind === kinds.base)?.header.seq ?? chain.base);
		},
		entries,
		authors: (): Iterable<Id> => new Set([...chains.values()].map((chain) => chain.author)),
		vector: (): readonly VectorRow[] => vector.rows(),
		digest: (): Uint8Array => vector.digest(),
	};
}
