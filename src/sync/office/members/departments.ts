/**
 * The parts of the office (PROTOCOL.md, 4, DEPARTMENT): managers say who belongs to which. They serve as audiences, and are shown with a person's
 * name. Each act holds a department whole, so that a list one reads is a list that one person signed.
 */
import { hex } from '../../../crypto/bytes.ts';
import type { Random } from '../../../crypto/random.ts';
import { done, fail, succeed } from '../../failures.ts';
import type { Id } from '../../log/entry.ts';
import type { Department, Office } from '../../office.ts';
import { derive, type Source } from '../../source.ts';
import type { ActWriter } from './act-writer.ts';
import { actKinds } from './acts.ts';
import type { MembersState } from './members-state.ts';
import { nameFailure } from './names.ts';
import { createRaisedWriter } from './raise-acts.ts';
import { ranks } from './roles.ts';
import { looksLike, withoutInvisible } from './skeleton.ts';

const idBytes = 16;
/** An act of 1,000 takes half of the largest body. */
const maxMembers = 1_000;

export interface DepartmentsDeps {
	readonly members: Source<MembersState>;
	readonly writer: ActWriter;
	readonly random: Random;
}

/** Their names as shown, sorted by them. */
export function departmentsIn(state: MembersState): readonly Department[] {
	return [...state.departments]
		.map(([id, { name, members }]): Department => ({ id, name: withoutInvisible(name), members }))
		.sort((a, b) => a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1));
}

export function createDepartments({ members, writer, random }: DepartmentsDeps): Pick<Office, 'departments' | 'saveDepartment' | 'dissolveDepartment'> {
	const writeRaised = createRaisedWriter(members, writer);

	const write = (id: Id, name: string, memberIds: readonly Id[]): ReturnType<typeof writeRaised> =>
		writeRaised(actKinds.department, [{ type: 'department', make: () => ({ type: 'department', id, name, members: memberIds }) }]);

	return {
		departments: derive([members], () => departmentsIn(members.get())),

		async saveDepartment(id, name, memberIds) {
			const state = members.get();
			if (writer.rank() < ranks.manager) return fail('not-allowed');
			const known = id === undefined ? undefined : state.departments.get(id);
			if (id !== undefined && !known) return fail('not-found');
			const wrong = nameFailure(name);
			if (wrong) return fail(wrong);
			if ([...state.departments].some(([other, { name: taken }]) => other !== id && looksLike(taken, name))) return fail('department-taken');
			const chosen = [...new Set(memberIds)].sort();
			if (chosen.length > maxMembers) return fail('too-many');
			if (chosen.some((member) => state.members.get(member)?.inForce !== true)) return fail('not-found');
			if (id !== undefined && known?.name === name && known.members.join() === chosen.join()) return succeed(id);
			const saved = id ?? hex(random(idBytes));
			const written = await write(saved, name, chosen);
			return written.ok ? succeed(saved) : written;
		},

		async dissolveDepartment(id) {
			if (writer.rank() < ranks.manager) return fail('not-allowed');
			if (!members.get().departments.has(id)) return fail('not-found');
			const written = await write(id, '', []);
			return written.ok ? done : written;
		},
	};
}
