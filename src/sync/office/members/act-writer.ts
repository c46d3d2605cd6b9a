/**
 * Writing own acts: their heads are the newest acts known at the moment their place in the chain is known (PROTOCOL.md, 4). Several are written
 * together where one without the other would be wrong: each follows the one before it, which is its `prev`, and needs no heads.
 */
import { fail, succeed, type Result } from '../../failures.ts';
import { lanes, type Entry } from '../../log/entry.ts';
import type { Log } from '../../log/log.ts';
import type { Source } from '../../source.ts';
import type { Companion } from '../../store.ts';
import { actKinds, encodeAct, type Act } from './acts.ts';
import type { Member, MembersState } from './members-state.ts';
import { ranks, type Rank } from './roles.ts';

/** An act before its heads. */
export type Deed = Act extends infer A ? (A extends Act ? Omit<A, 'heads'> : never) : never;

/** A deed that is made at the moment it is written, by what is known then. */
export interface PlannedDeed {
	readonly type: Deed['type'];
	/** `undefined`: it is no longer needed, and nothing is written. */
	readonly make: () => Deed | undefined;
	/** Records that rest with the entry or not at all. */
	readonly alongside?: () => readonly Companion[];
}

export interface ActWriter {
	/** Who this device is; `undefined` until admitted, and once removed. */
	self(): Member | undefined;
	/** 0 while not a member, or suspended. */
	rank(): Rank | 0;
	/** @param alongside records that rest with the entry or not at all */
	write(deed: Deed, alongside?: readonly Companion[]): Promise<Result<Entry>>;
	/** All or none, in one transaction. `not-allowed` where one is no longer needed. */
	writeAll(deeds: readonly PlannedDeed[]): Promise<Result<readonly Entry[]>>;
}

/** Thrown inside the log's queue to leave it without writing; never leaves this file. */
const notNeeded = new Error('a planned act is no longer needed');

export function createActWriter({ log, members }: { readonly log: Log; readonly members: Source<MembersState> }): ActWriter {
	const self = (): Member | undefined => {
		const state = members.get();
		return state.members.get(state.devices.get(log.device)?.memberId ?? '');
	};

	async function writeAll(deeds: readonly PlannedDeed[]): Promise<Result<readonly Entry[]>> {
		if (members.get().unknownActs) return fail('read-only');
		try {
			return await log.appendAll(
				deeds.map(({ type, make, alongside }, index) => ({
					kind: actKinds[type],
					lane: lanes.office,
					body({ prev }) {
						const deed = make();
						if (deed === undefined) throw notNeeded;
						return encodeAct({ ...deed, heads: index > 0 ? [] : members.get().heads.filter((head) => head !== prev) });
					},
					...(alongside ? { alongside: () => alongside() } : {}),
				})),
			);
		} catch (error) {
			if (error === notNeeded) return fail('not-allowed');
			throw error;
		}
	}

	return {
		self,
		rank() {
			const member = self();
			return member && members.get().devices.get(log.device)?.suspended === false ? ranks[member.role] : 0;
		},
		async write(deed, alongside = []) {
			const written = await writeAll([{ type: deed.type, make: () => deed, alongside: () => alongside }]);
			if (!written.ok) return written;
			const [entry] = written.value;
			if (entry === undefined) throw new Error('one deed makes one entry');
			return succeed(entry);
		},
		writeAll,
	};
}
