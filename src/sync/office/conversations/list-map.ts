/**
 * A list made from another, one for one, again and again. What stood there before is not made anew: a change costs what changed, and one
 * look at each of the rest.
 */

export interface ListMap<A, B> {
	/**
	 * The same array while nothing in it changed.
	 *
	 * @param list in an order that mostly stays as it was
	 * @param anew something else that `make` looks at has changed
	 */
	of(list: readonly A[], anew: boolean): readonly B[];
}

/** So many that were taken out in a row are passed over before the next counts as new: what is looked for in vain is only made once more. */
const lookAhead = 8;

/**
 * @param make also told what stands before it in the new list
 * @param carry what of that it looks at: where this differs, what was made is not used again
 */
export function createListMap<A, B>(make: (one: A, before: B | undefined) => B, carry: (before: B | undefined) => unknown = () => undefined): ListMap<A, B> {
	let from: readonly A[] = [];
	let made: readonly B[] = [];

	/** Where it stood, at `at` or shortly after. */
	function find(one: A, at: number): number {
		const end = Math.min(from.length, at + lookAhead);
		for (let index = at; index < end; index++) if (from[index] === one) return index;
		return -1;
	}

	return {
		of(list, anew) {
			if (list === from && !anew) return made;
			const next: B[] = [];
			let at = anew ? from.length : 0;
			let before: B | undefined;
			for (const one of list) {
				const found = find(one, at);
				const known = found < 0 ? undefined : made[found];
				if (found >= 0) at = found + 1;
				before = known !== undefined && carry(made[found - 1]) === carry(before) ? known : make(one, before);
				next.push(before);
			}
			let isSame = next.length === made.length;
			for (let index = 0; isSame && index < next.length; index++) isSame = next[index] === made[index];
			from = list;
			if (!isSame) made = next;
			return made;
		},
	};
}
