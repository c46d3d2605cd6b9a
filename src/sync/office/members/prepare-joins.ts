/**
 * The JOINs of acts that just came, verified in slices before the resolver meets them: three signatures for each member would stall the screen
 * of a newcomer for half a second. `checkJoin` remembers; the resolver's own check then costs nothing.
 */
import { type Entry, kinds } from '../../log/entry.ts';
import type { Clock } from '../../ports.ts';
import { createTurns } from '../../turns.ts';
import { decodeAct } from './acts.ts';
import type { CheckJoin } from './judgement.ts';

export function createJoinPreparation(checkJoin: CheckJoin, clock: Clock): (entries: readonly Entry[]) => Promise<void> {
	return async (entries) => {
		const turns = createTurns(clock);
		for (const { header, body } of entries) {
			const act = header.kind === kinds.admit ? decodeAct(header.kind, body) : undefined;
			if (act?.type !== 'admit') continue;
			const pause = turns();
			if (pause) await pause;
			checkJoin(act.join);
		}
	};
}
