/** The office's record as the screen reads it: every act held, newest first, with the names of today. */
import type { Id } from '../../log/entry.ts';
import type { RecordLine } from '../../office.ts';
import { derive, type Source } from '../../source.ts';
import type { MembersState } from '../members/members-state.ts';
import { shownNames } from '../members/names.ts';
import type { ActRecord } from '../members/record.ts';
import { roleOf } from '../members/roles.ts';
import { withoutInvisible } from '../members/skeleton.ts';

const printDigits = 8;

export function createRecordView(members: Source<MembersState>): Source<readonly RecordLine[]> {
	return derive([members], () => {
		const state = members.get();
		const names = shownNames(state);
		return state
			.record()
			.map((act) => lineOf(act, state, names))
			.reverse();
	});
}

function whatOf({ name, about }: ActRecord): RecordLine['what'] {
	if (about.returns) return name === 'invite' ? 'inviteBack' : 'bringBack';
	return name ?? 'unknown';
}

function lineOf(act: ActRecord, state: MembersState, names: ReadonlyMap<Id, string>): RecordLine {
	const { about } = act;
	const invite = about.invite === undefined ? undefined : state.invites.get(about.invite);
	const nameOf = (member: Id | undefined, device: Id | undefined): string => names.get(member ?? '') ?? device?.slice(0, printDigits) ?? '';
	return {
		id: act.id,
		what: whatOf(act),
		author: nameOf(act.author, act.authorDevice),
		subject: nameOf(about.member, about.device),
		label: withoutInvisible(about.name ?? invite?.label ?? ''),
		role: about.role === undefined ? undefined : roleOf(about.role),
		wallMs: act.wallMs,
		standing: act.standing,
	};
}
