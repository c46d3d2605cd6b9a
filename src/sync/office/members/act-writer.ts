/** Writing an own act: its heads are the newest acts known at the moment its place in the chain is known (PROTOCOL.md, 4). */
import { fail, type Result } from '../../failures.ts';
import { lanes, type Entry } from '../../log/entry.ts';
import type { Log } from '../../log/log.ts';
import type { Source } from '../../source.ts';
import type { Companion } from '../../store.ts';
import { actKinds, encodeAct, type Act } from './acts.ts';
import type { Member, MembersState } from './members-state.ts';
import { ranks, type Rank } from './roles.ts';

/** An act before its heads. */
export type Deed = Act extends infer A ? (A extends Act ? Omit<A, 'heads'> : never) : never;

export interface ActWriter {
	/** Who this device is; `undefined` until admitted. */
	self(): Member | undefined;
	/** 0 while not a member, or suspended. */
	rank(): Rank | 0;
	/** @param alongside records that rest with the entry or not at all */
	write(deed: Deed, alongside?: readonly Companion[]): Promise<Result<Entry>>;
}

export function createActWriter({ log, members }: { readonly log: Log; readonly members: Source<MembersState> }): ActWriter {
	const self = (): Member | undefined => {
		const state = members.get();
		return state.members.get(state.devices.get(log.device)?.memberId ?? '');
	};
	return {
		self,
		rank() {
			const member = self();
			return member && members.get().devices.get(log.device)?.suspended === false ? ranks[member.role] : 0;
		},
		async write(deed, alongside = []) {
			if (members.get().unknownActs) return fail('read-only');
			return log.append({
				kind: actKinds[deed.type],
				lane: lanes.office,
				body: ({ prev }) => encodeAct({ ...deed, heads: members.get().heads.filter((head) => head !== prev) }),
				alongside: () => alongside,
			});
		},
	};
}
