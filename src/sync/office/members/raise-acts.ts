/**
 * Offices founded by an earlier build know nothing of later acts (PROTOCOL.md, 4, `acts`): an owner's device raises that once, by a POLICY written
 * just before the first act that needs it, or by itself once it is level with a colleague.
 */
import { done, fail, type Result } from '../../failures.ts';
import type { Source } from '../../source.ts';
import type { ActWriter, PlannedDeed } from './act-writer.ts';
import type { MembersState } from './members-state.ts';
import { knownActs } from './policy.ts';
import { ranks } from './roles.ts';

/** The POLICY that puts all acts this build knows into force, the rest as it is. */
export function raiseActs(members: Source<MembersState>): PlannedDeed {
	return {
		type: 'policy',
		make() {
			const { policy, policyId } = members.get();
			return { type: 'policy', parent: policyId, policy: { ...policy, version: policy.version + 1, acts: Math.max(policy.acts, knownActs) } };
		},
	};
}

/** Writes deeds that are acts up to this kind, with an owner's POLICY first where they need it; `needs-owner` where another person would have to write that. */
export function createRaisedWriter(members: Source<MembersState>, writer: ActWriter): (kind: number, deeds: readonly PlannedDeed[]) => Promise<Result> {
	return async (kind, deeds) => {
		const isRaised = members.get().policy.acts >= kind;
		if (!isRaised && writer.rank() < ranks.owner) return fail('needs-owner');
		const written = await writer.writeAll(isRaised ? deeds : [raiseActs(members), ...deeds]);
		return written.ok ? done : written;
	};
}
