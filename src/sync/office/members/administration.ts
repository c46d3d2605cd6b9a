/** What people change about the roster: their own name and department, and, by those entitled, a member's role. */
import { done, fail, type Result } from '../../failures.ts';
import type { Id } from '../../log/entry.ts';
import type { Log } from '../../log/log.ts';
import type { Office, Role } from '../../office.ts';
import type { Source } from '../../source.ts';
import { createActWriter } from './act-writer.ts';
import type { MembersState } from './members-state.ts';
import { isTaken, nameFailure } from './names.ts';
import { ranks } from './roles.ts';

export function createAdministration(deps: { log: Log; members: Source<MembersState> }): Pick<Office, 'rename' | 'setRole'> {
	const { members } = deps;
	const writer = createActWriter(deps);

	return {
		async rename(name, department) {
			const wrong = nameFailure(name) ?? (department === '' ? undefined : nameFailure(department));
			if (wrong) return fail(wrong);
			const me = writer.self();
			if (me === undefined || writer.rank() === 0) return fail('not-allowed');
			if (isTaken(members.get(), name, me.id)) return fail('name-taken');
			if (me.name === name && me.department === department) return done;
			return outcome(await writer.write({ type: 'profile', name, department, extensions: [] }));
		},

		async setRole(memberId: Id, role: Role) {
			const member = members.get().members.get(memberId);
			if (member === undefined) return fail('not-found');
			if (member.role === role) return done;
			// Lowering carries a cut and comes with removal; see PROTOCOL.md, 4.
			const raises = ranks[role] > ranks[member.role];
			if (!raises || writer.rank() < ranks.owner) return fail('not-allowed');
			return outcome(await writer.write({ type: 'setRole', member: memberId, role: ranks[role], cut: [] }));
		},
	};
}

const outcome = (result: Result<unknown>): Result => (result.ok ? done : result);
