/** What people change about the roster: their own name and department, and, by those entitled, a member's role. */
import { isName } from '../../crypto/identity.ts';
import { done, fail, type Result } from '../failures.ts';
import { kinds, lanes, type Id } from '../log/entry.ts';
import type { Log } from '../log/log.ts';
import type { Office, Role } from '../office.ts';
import type { Source } from '../source.ts';
import { encodeAct } from './acts.ts';
import type { MembersState } from './members-state.ts';
import { ranks } from './roles.ts';

export function createAdministration(deps: { log: Log; members: Source<MembersState> }): Pick<Office, 'rename' | 'setRole'> {
	const { log, members } = deps;

	function self() {
		const state = members.get();
		const device = state.devices.get(log.device);
		return device && state.members.get(device.memberId);
	}

	return {
		async rename(name, department) {
			if (name.trim() === '') return fail('name-empty');
			if (!isName(name) || (department !== '' && !isName(department))) return fail('name-too-long');
			const me = self();
			if (me?.suspended !== false) return fail('not-allowed');
			if (isTaken(members.get(), name, me.id)) return fail('name-taken');
			if (me.name === name && me.department === department) return done;
			const body = () => encodeAct({ type: 'profile', heads: members.get().heads, name, department, extensions: [] });
			return outcome(await log.append({ kind: kinds.profile, lane: lanes.office, body }));
		},

		async setRole(memberId: Id, role: Role) {
			const member = members.get().members.get(memberId);
			const me = self();
			if (member === undefined) return fail('not-found');
			if (member.role === role) return done;
			// Lowering carries a cut and comes with removal; see PROTOCOL.md, 4.
			const raises = ranks[role] > ranks[member.role];
			if (me === undefined || me.suspended || !raises || ranks[me.role] < ranks[role] || ranks[me.role] <= ranks[member.role]) return fail('not-allowed');
			const body = () => encodeAct({ type: 'setRole', heads: members.get().heads, member: memberId, role: ranks[role], cut: [] });
			return outcome(await log.append({ kind: kinds.setRole, lane: lanes.office, body }));
		},
	};
}

const outcome = (result: Result<unknown>): Result => (result.ok ? done : result);

/** Whether another member in force goes by this name, case and composition of letters aside. */
export function isTaken(state: MembersState, name: string, except?: Id): boolean {
	const fold = (text: string): string => text.normalize('NFKC').toLowerCase();
	return [...state.members.values()].some((member) => member.inForce && member.id !== except && fold(member.name) === fold(name));
}
