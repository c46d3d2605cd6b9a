/** The parts of an office: who may put them together, which of several lists holds, and what a person is shown to belong to. */
import { describe, expect, test } from 'vitest';
import { departmentsIn } from '../../../src/sync/office/members/departments.ts';
import { createOffice, removeMember, setRole } from '../../support/acts-office.ts';
import { createJoiningOffice } from '../../support/joining-office.ts';

const [yard, desk] = ['0a'.repeat(16), '0b'.repeat(16)];
const department = (id: string, name: string, members: readonly string[]) => ({ type: 'department', id, name, members }) as const;

describe('departments', () => {
	test('a manager puts one together, another adds to it and a third name dissolves it; a member may do nothing of the kind', () => {
		const { alice, mara, bob, carol, ...story } = createOffice();
		const [ofBob, ofCarol] = [story.memberOf(bob), story.memberOf(carol)];
		story.tell(mara, department(yard, 'Yard', [ofBob]));
		story.tell(alice, department(yard, 'Yard', [ofCarol, ofBob, ofBob]));
		story.tell(alice, department(desk, 'Front desk', []));
		expect(story.isInForce(story.tell(bob, department(yard, 'Bob alone', [ofBob])))).toBe(false);
		expect(departmentsIn(story.state())).toEqual([
			{ id: desk, name: 'Front desk', members: [] },
			{ id: yard, name: 'Yard', members: [ofBob, ofCarol].sort() },
		]);
		story.tell(mara, department(desk, '', [ofBob]));
		expect([...story.state().departments.keys()]).toEqual([yard]);
	});

	test('who had seen the other list changes it, whatever its lamport says; of two written at once the same holds everywhere', () => {
		const { alice, mara, bob, carol, ...story } = createOffice();
		const before = story.heads();
		const one = story.tell(alice, department(yard, 'Yard', [story.memberOf(bob)]), before);
		const other = story.tell(mara, department(yard, 'Yard', [story.memberOf(carol)]), before);
		const [first, second] = [story.state([...story.entries]), story.state([...story.entries].reverse())];
		expect(first.stateHash).toBe(second.stateHash);
		expect(first.departments.get(yard)?.members).toEqual([one.id > other.id ? story.memberOf(bob) : story.memberOf(carol)]);
		story.tell(mara, department(yard, 'Yard', [story.memberOf(bob), story.memberOf(carol)]));
		expect(story.state().departments.get(yard)?.members).toHaveLength(2);
	});

	test('who is removed belongs to none; a manager demoted meanwhile makes none, and what was there before holds again', () => {
		const { alice, mara, bob, carol, eve, ...story } = createOffice();
		story.tell(alice, department(yard, 'Yard', [story.memberOf(bob), story.memberOf(carol), story.memberOf(eve)]));
		story.tell(alice, removeMember(story.memberOf(bob), story.cutAt(bob)));
		expect(story.state().departments.get(yard)?.members).toEqual([story.memberOf(carol)]);
		const before = story.heads();
		const grab = story.tell(mara, department(yard, 'Yard', [story.memberOf(mara)]), before);
		expect(story.state().departments.get(yard)?.members).toEqual([story.memberOf(mara)]);
		story.tell(alice, setRole(story.memberOf(mara), 1), before);
		expect(story.isInForce(grab)).toBe(false);
		expect(story.state().departments.get(yard)?.members).toEqual([story.memberOf(carol)]);
	});

	test('in an office of an earlier build the act is void until an owner raises what is in force', () => {
		const { alice, ...story } = createOffice({ policy: { acts: 20 } });
		expect(story.isInForce(story.tell(alice, department(yard, 'Yard', [])))).toBe(false);
		const { policy, policyId } = story.state();
		story.tell(alice, { type: 'policy', parent: policyId, policy: { ...policy, version: 1, acts: 21 } });
		expect(story.isInForce(story.tell(alice, department(yard, 'Yard', [])))).toBe(true);
	});

	test('a name with hidden letters is shown without them', () => {
		const { alice, ...story } = createOffice();
		story.tell(alice, department(yard, 'Yard\u200b', []));
		expect(departmentsIn(story.state())).toMatchObject([{ name: 'Yard' }]);
	});
});

test('on the desks: the founder makes departments, names stay apart, and a member is told no', async () => {
	const office = await createJoiningOffice(61);
	const { founder: alice } = office;
	const bob = await office.bring('Bob', alice, alice);
	office.network.connect(alice.id, bob.id);
	const ofAlice = office.memberOf(alice, alice)?.id ?? '';
	const ofBob = office.memberOf(alice, bob)?.id ?? '';
	const made = await alice.commands.saveDepartment(undefined, 'Workshop', [ofBob]);
	expect(made.ok).toBe(true);
	const id = made.ok ? made.value : '';
	expect(await alice.commands.saveDepartment(undefined, 'W0rkshop', [])).toEqual({ ok: false, code: 'department-taken' });
	expect(await alice.commands.saveDepartment(undefined, ' ', [])).toEqual({ ok: false, code: 'name-empty' });
	expect(await alice.commands.saveDepartment(undefined, 'Yard\u202e', [])).toEqual({ ok: false, code: 'name-invisible' });
	expect(await alice.commands.saveDepartment(desk, 'Yard', [])).toEqual({ ok: false, code: 'not-found' });
	expect(await alice.commands.saveDepartment(id, 'Workshop', ['ff'.repeat(32)])).toEqual({ ok: false, code: 'not-found' });
	expect(await alice.commands.saveDepartment(id, 'Workshop', [ofBob, ofAlice])).toEqual({ ok: true, value: id });
	await office.clock.advance(5_000);
	expect(bob.commands.departments.get()).toEqual([{ id, name: 'Workshop', members: [ofBob, ofAlice].sort() }]);
	expect(await bob.commands.saveDepartment(id, 'Bob’s', [ofBob])).toEqual({ ok: false, code: 'not-allowed' });
	expect(await bob.commands.dissolveDepartment(id)).toEqual({ ok: false, code: 'not-allowed' });
	expect(await alice.commands.dissolveDepartment(id)).toEqual({ ok: true, value: undefined });
	expect(alice.commands.departments.get()).toEqual([]);
});
