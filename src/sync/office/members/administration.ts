/** What people change about the roster: their own name and department, and, by those entitled, a member's role. */
import { done, fail, type Result } from '../../failures.ts';
import type { Id } from '../../log/entry.ts';
import type { Log } from '../../log/log.ts';
import type { Office, Role } from '../../office.ts';
import type { Source } from '../../source.ts';
import type { ActWriter } from './act-writer.ts';
import { cutAsHeld } from './cut.ts';
import type { Member, MembersState } from './members-state.ts';
import { isTaken, nameFailure } from './names.ts';
import { ranks } from './roles.ts';

/** The roles one member may give another, beside the one they have; the resolver's rule (PROTOCOL.md, 4) for the screen and the command. */
export function rolesToGive(by: Member | undefined, to: Member): readonly Role[] {
	if (by === undefined || by.suspended || !to.inForce || by.id === to.id || by.role === 'member') return [];
	return (['member', 'manager', 'owner'] as const).filter((role) => {
		if (role === to.role) return false;
		if (ranks[role] > ranks[to.role]) return by.role === 'owner';
		return by.seniority < to.seniority && (by.role === 'owner' || role === 'member');
	});
}

/** Whether one member may take another out. */
export const mayRemove = (by: Member | undefined, target: Member): boolean =>
	by !== undefined && !by.suspended && target.inForce && by.id !== target.id && by.role !== 'member' && by.seniority < target.seniority;

export function createAdministration(deps: { log: Log; members: Source<MembersState>; writer: ActWriter }): Pick<Office, 'rename' | 'setRole'> {
	const { log, members, writer } = deps;

	return {
		async rename(name, department) {
			const wrong = nameFailure(name) ?? (department === undefined || department === '' ? undefined : nameFailure(department));
			if (wrong) return fail(wrong);
			const me = writer.self();
			if (me === undefined || writer.rank() === 0) return fail('not-allowed');
			if (isTaken(members.get(), name, me.id)) return fail('name-taken');
			const own = department ?? me.department;
			if (me.name === name && me.department === own) return done;
			return outcome(await writer.write({ type: 'profile', name, department: own, extensions: [] }));
		},

		async setRole(memberId: Id, role: Role) {
			const member = members.get().members.get(memberId);
			if (member?.inForce !== true) return fail('not-found');
			if (member.role === role) return done;
			const me = writer.self();
			if (!rolesToGive(me, member).includes(role)) {
				const isOutranked = me?.role === 'owner' && me.id !== memberId && me.seniority > member.seniority;
				return fail(isOutranked ? 'more-senior' : 'not-allowed');
			}
			const lowers = ranks[role] < ranks[member.role];
			// A demotion leaves what the person may do as a member, and says from where on they may do no more: the key stays as it is.
			const cut = (): ReturnType<typeof cutAsHeld> => (lowers ? cutAsHeld(log, member.devices) : []);
			return outcome(await writer.writeAll([{ type: 'setRole', make: () => ({ type: 'setRole', member: memberId, role: ranks[role], cut: cut() }) }]));
		},
	};
}

const outcome = (result: Result<unknown>): Result => (result.ok ? done : result);
