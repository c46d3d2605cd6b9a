/** Which chunk is asked for next: in order while there is one source, the rarest first where there are several (FILES.md, 4.1). */
import type { ChunkSet } from '../chunk-set.ts';

const free = 0;
const asked = 1;
const writing = 2;
const written = 3;

export interface ChunkPlan {
	/** The next for a source that has these; `undefined` where it has none that is free. `others`: what further sources have. */
	pick(have: ChunkSet, others: readonly ChunkSet[], allowed: (index: number) => boolean): number | undefined;
	ask(index: number): void;
	release(index: number): void;
	write(index: number): void;
	done(index: number): void;
	isAsked(index: number): boolean;
	/** Not written yet. */
	readonly missing: number;
}

export function createChunkPlan(have: ChunkSet): ChunkPlan {
	const { count } = have;
	const states = new Uint8Array(count);
	let missing = count - have.held;
	/** No chunk before it is free. */
	let firstFree = 0;
	for (let index = 0; index < count; index++) if (have.has(index)) states[index] = written;

	return {
		pick(source, others, allowed) {
			while (firstFree < count && states[firstFree] !== free) firstFree += 1;
			const isOrdered = others.every((other) => other.whole);
			let best: number | undefined;
			let fewest = Number.POSITIVE_INFINITY;
			for (let index = firstFree; index < count; index++) {
				if (states[index] !== free || !source.has(index) || !allowed(index)) continue;
				if (isOrdered) return index;
				const holders = others.reduce((sum, other) => sum + (other.has(index) ? 1 : 0), 0);
				if (holders >= fewest) continue;
				best = index;
				fewest = holders;
				if (holders === 0) break;
			}
			return best;
		},
		ask(index) {
			states[index] = asked;
		},
		release(index) {
			states[index] = free;
			firstFree = Math.min(firstFree, index);
		},
		write(index) {
			states[index] = writing;
		},
		done(index) {
			if (states[index] !== written) missing -= 1;
			states[index] = written;
		},
		isAsked: (index) => states[index] === asked,
		get missing() {
			return missing;
		},
	};
}
