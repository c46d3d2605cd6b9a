/** The present, to the minute, for "yesterday" and "last seen": one timer while anything on screen asks. */
import { createSubscriber } from 'svelte/reactivity';

const tickMs = 30_000;

export class Now {
	#follow = createSubscriber((update) => {
		const timer = setInterval(update, tickMs);
		return () => clearInterval(timer);
	});

	get ms(): number {
		this.#follow();
		return Date.now();
	}
}
