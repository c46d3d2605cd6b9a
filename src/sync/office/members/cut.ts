/** The Cut of a removal or demotion (PROTOCOL.md, 4): how far the chains of some devices count, as far as this device holds them. */
import type { Id } from '../../log/entry.ts';
import { lanes } from '../../log/entry.ts';
import type { Log } from '../../log/log.ts';
import type { Cut } from './acts.ts';

/** A lane of which nothing is held has no point: nothing of it counts but what the act's author had seen. */
export function cutAsHeld(log: Log, devices: Iterable<Id>): Cut {
	return [...devices].flatMap((device) =>
		Object.values(lanes).flatMap((lane) => {
			const head = log.head(device, lane);
			return head ? [{ device, lane, seq: head.seq, id: head.id }] : [];
		}),
	);
}
