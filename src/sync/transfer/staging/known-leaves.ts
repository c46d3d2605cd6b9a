/** The leaves known of a staged content, group by group: of chunks that rest here, and whole groups that were checked under the root. */
import { concat } from '../../../crypto/bytes.ts';
import { groupOf, leafBytes } from '../../../crypto/file-hash.ts';
import { type Cut, groupCount, groupLength, leafAt, leavesPerGroup } from '../chunk-list.ts';
import type { ChunkSet } from '../chunk-set.ts';

export interface KnownLeaves {
	set(index: number, leaf: Uint8Array): void;
	/** Undefined where the chunk's leaf was not told. */
	at(index: number): Uint8Array | undefined;
	setGroup(group: number, leaves: Uint8Array, whole: boolean): void;
	/** Joined; undefined while one is missing. */
	group(group: number): Uint8Array | undefined;
	/** The group as it is to be written down; empty where nothing is known. */
	part(group: number): { readonly leaves: Uint8Array; readonly whole: boolean };
	/** All groups, made of their leaves; undefined while one is missing. */
	groups(): Promise<Uint8Array | undefined>;
}

export function createKnownLeaves(cut: Cut, have: ChunkSet): KnownLeaves {
	const groups = new Map<number, { leaves: Uint8Array; whole: boolean }>();

	function partOf(group: number): { leaves: Uint8Array; whole: boolean } {
		const part = groups.get(group) ?? { leaves: new Uint8Array(groupLength(cut, group) * leafBytes), whole: false };
		groups.set(group, part);
		return part;
	}

	function group(number: number): Uint8Array | undefined {
		const part = groups.get(number);
		if (!part) return undefined;
		const first = number * leavesPerGroup;
		// Once whole, it stays so, whatever is damaged later.
		part.whole ||= Array.from({ length: groupLength(cut, number) }, (_, offset) => first + offset).every((index) => have.has(index));
		return part.whole ? part.leaves : undefined;
	}

	return {
		set: (index, leaf) => partOf(Math.floor(index / leavesPerGroup)).leaves.set(leaf, (index % leavesPerGroup) * leafBytes),
		at(index) {
			const part = groups.get(Math.floor(index / leavesPerGroup));
			return part && (part.whole || have.has(index)) ? leafAt(part.leaves, index % leavesPerGroup) : undefined;
		},
		setGroup(number, leaves, whole) {
			if (leaves.length === groupLength(cut, number) * leafBytes && leaves.length > 0) groups.set(number, { leaves: leaves.slice(), whole });
		},
		group,
		part: (number) => groups.get(number) ?? { leaves: new Uint8Array(), whole: false },
		async groups() {
			const all = Array.from({ length: groupCount(cut) }, (_, number) => group(number)).filter((leaves) => leaves !== undefined);
			return all.length === groupCount(cut) ? concat(...(await Promise.all(all.map(groupOf)))) : undefined;
		},
	};
}
