/**
 * Offices founded by an earlier build allow no removals (PROTOCOL.md, 4, `acts`): an owner's device raises that once, by a POLICY written
 * just before the first act that needs it, or by itself once it is level with a colleague.
 */
import type { PlannedDeed } from './act-writer.ts';
import type { MembersState } from './members-state.ts';
import { knownActs } from './policy.ts';
import type { Source } from '../../source.ts';

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
