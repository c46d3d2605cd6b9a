/** The one bridge from the core's `Source`s to Svelte (DESIGN.md, "How the screen talks to the core"). */
import { createSubscriber } from 'svelte/reactivity';
import type { Source } from '../sync/source.ts';

export interface Live<T> {
	readonly current: T;
}

/** Reading `current` inside an effect or a template follows the source; the subscription ends with the last reader. */
export function live<T>(source: Source<T>): Live<T> {
	const follow = createSubscriber((update) => source.subscribe(update));
	return {
		get current() {
			follow();
			return source.get();
		},
	};
}
