/**
 * What an owner's device does for an office that an earlier build founded: it puts the acts of this build into force (PROTOCOL.md, 4), by itself and
 * once, so that a manager can remove somebody and a member recover ownership when no owner is there to ask.
 */
import type { Clock } from '../../ports.ts';
import type { Source } from '../../source.ts';
import type { ActWriter } from './act-writer.ts';
import type { MembersState } from './members-state.ts';
import { knownActs } from './policy.ts';
import { raiseActs } from './raise-acts.ts';
import { ranks } from './roles.ts';

/** Another owner's device may just be doing it. */
const afterMs = 30_000;

export function createUpkeep(deps: {
	readonly members: Source<MembersState>;
	readonly writer: ActWriter;
	/** Level with a colleague since the start: what is to be raised may have been. */
	readonly caughtUp: Source<boolean>;
	readonly clock: Clock;
}): { stop(): void } {
	const { members, writer, caughtUp, clock } = deps;
	const isAlone = (): boolean => [...members.get().members.values()].filter((member) => member.inForce).length < 2;
	const cancel = clock.after(afterMs, () => {
		const isDue = members.get().policy.acts < knownActs && writer.rank() === ranks.owner && (caughtUp.get() || isAlone());
		if (isDue) void writer.writeAll([raiseActs(members)]);
	});
	return { stop: cancel };
}
