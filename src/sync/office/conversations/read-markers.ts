/** "Read" is one sealed marker per conversation, at most one in 10 s, and none in Everyone (PROTOCOL-BRIEF, Content). */
import type { Id } from '../../log/entry.ts';
import type { Clock } from '../../ports.ts';

const betweenMs = 10_000;

export interface ReadMarkers {
	/** The person has read up to these places of the conversation; tells the others when it is time. */
	read(conversation: Id, read: ReadonlyMap<Id, number>): void;
	stop(): void;
}

/** @param send writes the marker; called at most once in 10 s for a conversation, with the newest state */
export function createReadMarkers(deps: { readonly clock: Clock; readonly send: (conversation: Id, read: ReadonlyMap<Id, number>) => void }): ReadMarkers {
	const { clock } = deps;
	const waiting = new Map<Id, { readonly read: ReadonlyMap<Id, number>; readonly cancel: () => void }>();
	const told = new Map<Id, { readonly read: ReadonlyMap<Id, number>; readonly ms: number }>();
	let stopped = false;

	function send(conversation: Id, read: ReadonlyMap<Id, number>): void {
		waiting.get(conversation)?.cancel();
		waiting.delete(conversation);
		told.set(conversation, { read, ms: clock.now() });
		deps.send(conversation, read);
	}

	return {
		read(conversation, read) {
			const last = told.get(conversation);
			if (stopped || (last && [...read].every(([device, seq]) => (last.read.get(device) ?? -1) >= seq))) return;
			const waitMs = last ? last.ms + betweenMs - clock.now() : 0;
			waiting.get(conversation)?.cancel();
			// A clock set back must not hold the marker for longer than the rule asks.
			if (waitMs <= 0 || waitMs > betweenMs) send(conversation, read);
			else waiting.set(conversation, { read, cancel: clock.after(waitMs, () => send(conversation, read)) });
		},
		stop() {
			stopped = true;
			for (const { cancel } of waiting.values()) cancel();
			waiting.clear();
		},
	};
}
