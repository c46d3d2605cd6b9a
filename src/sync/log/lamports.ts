/**
 * How high lamports may be (PROTOCOL.md, section 3). In an honest office none exceeds the number of entries. So an author's are measured by
 * what this device itself wrote or was admitted at, by what all others wrote since, and by what is held of that author: one key alone lifts
 * neither the office's lamports nor, where nobody else was heard yet, those of who listened to it.
 */
import type { Entry, Id } from './entry.ts';

/** How far an entry whose refs are not all held may run ahead of the highest lamport known. */
export const maxLamportLead = 2 ** 16;
/** What peers may claim while one catches up, lest sums leave the numbers that a header can hold: a thousand years of a busy office. */
const maxClaimed = 2 ** 40;

interface ChainCount {
	readonly author: Id;
	/** How many entries the chain has, by its head's seq. */
	readonly total: number;
	/** How many of them are held: a head's seq is its author's own word. */
	readonly held: number;
	readonly lamport: number;
}

export interface Lamports {
	note(chain: string, count: ChainCount): void;
	/** Lamport of the act that admitted this device. */
	readonly setJoined: (lamport: () => number) => void;
	/** The highest that this device wrote. */
	own(): number;
	/** Whether what others wrote bears out such a lamport, with so many more entries of its author. */
	isGrounded(author: Id, lamport: number, more?: number): boolean;
	/** The highest that others bear out. */
	readonly highest: () => number;
	/** The highest lamport that an entry may have whose refs are not all held, by what peers claim. */
	bound(claimed: number): number;
}

/**
 * @param self this device: it never outran what it believed
 * @param above how many entries are held beyond a lamport
 */
export function createLamports(self: Id, above: (lamport: number) => number): Lamports {
	const chains = new Map<string, ChainCount>();
	/** Sums over the chains of each author. */
	const totals = new Map<Id, { total: number; held: number }>();
	let sum = 0;
	let own = 0;
	let joined = (): number => 0;
	let highest: number | undefined;
	/** Where this device stood, and how many entries are held that came after. */
	let stood: { readonly at: number; since: number } | undefined;

	function standing(): { readonly at: number; since: number } {
		const at = Math.max(own, joined());
		if (stood?.at !== at) stood = { at, since: above(at) };
		return stood;
	}

	function count({ author, total, held }: ChainCount, sign: 1 | -1): void {
		const of = totals.get(author) ?? { total: 0, held: 0 };
		totals.set(author, { total: of.total + sign * total, held: of.held + sign * held });
		sum += sign * total;
	}

	function isGrounded(author: Id, lamport: number, more = 0): boolean {
		if (author === self) return true;
		const of = totals.get(author) ?? { total: 0, held: 0 };
		if (lamport <= 1 + maxLamportLead + (sum - of.total) + of.held + more) return true;
		// Where one wrote more than all others, and not all of it is carried any more: one step for each entry since this device wrote.
		const { at, since } = standing();
		return lamport <= 1 + at + since + more;
	}

	const readHighest = (): number => {
		highest ??= [...chains.values()].reduce((top, { author, lamport }) => (lamport > top && isGrounded(author, lamport) ? lamport : top), 0);
		return highest;
	};

	return {
		note(chain, counted) {
			const before = chains.get(chain);
			if (before !== undefined) count(before, -1);
			chains.set(chain, counted);
			count(counted, 1);
			if (stood !== undefined && counted.lamport > stood.at) stood.since += Math.max(0, counted.held - (before?.held ?? 0));
			if (counted.author === self) own = Math.max(own, counted.lamport);
			highest = undefined;
		},
		setJoined(lamport) {
			joined = lamport;
			highest = undefined;
		},
		own: () => own,
		isGrounded,
		highest: readHighest,
		bound: (claimed) => 1 + maxLamportLead + Math.max(readHighest(), Math.min(claimed, maxClaimed)),
	};
}

/** Of a chain's entries, those at its end whose lamport nothing bears out: how many. */
export function ungroundedTail(lamports: Lamports, entries: readonly Entry[]): number {
	// Who wrote nothing yet does not know where the office stands.
	if (lamports.own() === 0) return 0;
	const bound = lamports.bound(0);
	const last = entries.findLastIndex(({ header }) => header.lamport <= bound || lamports.isGrounded(header.author, header.lamport));
	return entries.length - 1 - last;
}
