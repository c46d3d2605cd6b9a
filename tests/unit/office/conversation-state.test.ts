/** The fold that says what a group is: who may change it, and that all who hold the same agree. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Id } from '../../../src/sync/log/entry.ts';
import { changeType, groupId, type GroupState, type StateChange } from '../../../src/sync/office/conversations/conversation-content.ts';
import { foldGroup, type Group } from '../../../src/sync/office/conversations/conversation-state.ts';
import { createTimeline, type Item } from '../../../src/sync/office/conversations/timeline.ts';

const id = (n: number): Id => n.toString(16).padStart(64, '0');
const officeId = id(1);
const nonce = new Uint8Array(16).fill(7);
/** Devices 101 … belong to members 1 …. */
const [alice, bo, carol, dan, eve] = [id(1001), id(1002), id(1003), id(1004), id(1005)];
const memberOf = (device: Id): Id | undefined => (device >= id(101) && device <= id(105) ? id(Number.parseInt(device, 16) + 900) : undefined);
const deviceOf = (member: Id): Id => id(Number.parseInt(member, 16) - 900);
const conversation = groupId(officeId, deviceOf(alice), nonce);

let count = 0;
function change(by: Id, what: StateChange, follows: readonly Item[] = [], lamport = 0): Item {
	count++;
	const rank = Math.max(lamport, 1, ...follows.map((item) => item.lamport + 1));
	return { id: id(5000 + count), device: deviceOf(by), lane: 2, seq: count, lamport: rank, wallMs: 0, type: changeType(what), follows: follows.map((item) => item.id), text: '', change: what, sealed: undefined };
}

function fold(items: readonly Item[]): Group | undefined {
	const timeline = createTimeline();
	for (const item of items) timeline.add(item);
	return foldGroup(conversation, officeId, timeline.ordered(), memberOf);
}

const create = (members: readonly Id[] = [bo]): Item => change(alice, { type: 'create', nonce, title: 'Plan', members, sharesHistory: false });
const stateOf = (group: Group): GroupState => ({ creator: group.creator, nonce: group.nonce, title: group.title, members: [...group.members].sort(), heads: group.heads });
const add = (by: Id, members: readonly Id[], held: readonly Item[]): Item => {
	const group = fold(held)!;
	return change(by, { type: 'add', members, state: stateOf(group) }, held.filter((item) => group.heads.includes(item.id)));
};
const membersOf = (items: readonly Item[]): readonly Id[] => [...(fold(items)?.members ?? [])].sort();

describe('rights', () => {
	test('only the device whose hash the id is creates it', () => {
		expect(fold([change(bo, { type: 'create', nonce, title: 'x', members: [], sharesHistory: false })])).toBeUndefined();
		expect(fold([change(alice, { type: 'create', nonce: new Uint8Array(16), title: 'x', members: [], sharesHistory: false })])).toBeUndefined();
		expect(membersOf([create()])).toEqual([alice, bo]);
	});

	test('members add and name; others do not', () => {
		const first = create();
		const added = add(bo, [carol], [first]);
		expect(membersOf([first, added])).toEqual([alice, bo, carol]);
		const stranger = change(dan, { type: 'add', members: [eve], state: stateOf(fold([first])!) }, [first]);
		expect(membersOf([first, stranger])).toEqual([alice, bo]);
		expect(fold([first, change(dan, { type: 'title', title: 'Mine' }, [first])])?.title).toBe('Plan');
		expect(fold([first, change(bo, { type: 'title', title: 'Ours' }, [first])])?.title).toBe('Ours');
	});

	test('the owner takes out, nobody else; anyone leaves, and after that has no say', () => {
		const first = create([bo, carol]);
		expect(membersOf([first, change(bo, { type: 'remove', members: [carol] }, [first])])).toEqual([alice, bo, carol]);
		expect(membersOf([first, change(alice, { type: 'remove', members: [carol] }, [first])])).toEqual([alice, bo]);
		const left = change(bo, { type: 'leave' }, [first]);
		const after = change(bo, { type: 'add', members: [bo], state: stateOf(fold([first, left])!) }, [left]);
		expect(membersOf([first, left, after])).toEqual([alice, carol]);
	});

	test('what a stranger writes is no head', () => {
		const first = create();
		expect(fold([first, change(dan, { type: 'leave' }, [first])])?.heads).toEqual([first.id]);
	});
});

describe('who was added later', () => {
	test('takes the state they were given, under the true creator alone', () => {
		const first = create();
		const added = add(alice, [carol], [first]);
		expect(fold([added])).toMatchObject({ title: 'Plan', creator: deviceOf(alice), heads: [added.id] });
		expect(membersOf([added])).toEqual([alice, bo, carol]);
		const told = { creator: deviceOf(dan), nonce, title: 'Plan', members: [alice, dan], heads: [first.id] };
		expect(fold([change(dan, { type: 'add', members: [carol], state: told }, [first])])).toBeUndefined();
	});

	test('agrees with the others once a merge has followed what was done at the same time', () => {
		const first = create();
		const [byAlice, byBo] = [add(alice, [carol], [first]), add(bo, [dan], [first])];
		const all = [first, byAlice, byBo];
		expect(fold(all)?.heads).toHaveLength(2);
		const merge = add(alice, [], all);
		expect(fold([...all, merge])?.heads).toEqual([merge.id]);
		expect(membersOf([...all, merge])).toEqual([alice, bo, carol, dan]);
		expect(membersOf([byAlice, merge])).toEqual([alice, bo, carol, dan]);
		expect(membersOf([byBo, merge])).toEqual([alice, bo, carol, dan]);
	});

	test('hears from the owner who is out, and from nobody else', () => {
		const first = create([bo]);
		const added = add(bo, [carol], [first]);
		const removed = change(alice, { type: 'remove', members: [bo] }, [first], 3);
		const all = [first, added, removed];
		expect(membersOf([added, add(alice, [], all)])).toEqual([alice, carol]);
		const told = { ...stateOf(fold([added])!), members: [carol], heads: [id(9999)] };
		expect(membersOf([added, change(carol, { type: 'add', members: [], state: told }, [added])])).toEqual([alice, bo, carol]);
	});
});

test('any order of arrival gives the same group', () => {
	const scripts = fc.array(fc.record({ by: fc.nat(4), kind: fc.nat(3), whom: fc.nat(4), sees: fc.array(fc.nat(20), { maxLength: 4 }) }), { maxLength: 12 });
	const people = [alice, bo, carol, dan, eve];
	fc.assert(
		fc.property(scripts, fc.infiniteStream(fc.nat()), (script, draws) => {
			const items: Item[] = [create([bo, carol])];
			for (const step of script) {
				const by = people[step.by]!;
				const whom = people[step.whom]!;
				const seen = [...new Set([0, ...step.sees])].map((n) => items[n]).filter((item) => item !== undefined);
				const group = fold(seen);
				if (!group) continue;
				const what: StateChange =
					step.kind === 0 ? { type: 'add', members: [whom], state: stateOf(group) } : step.kind === 1 ? { type: 'remove', members: [whom] } : step.kind === 2 ? { type: 'leave' } : { type: 'title', title: `t${step.whom}` };
				items.push(change(by, what, seen));
			}
			const shuffled = items.map((item) => ({ item, key: draws.next().value as number })).sort((a, b) => a.key - b.key).map(({ item }) => item);
			expect(fold(shuffled)).toEqual(fold(items));
		}),
		{ numRuns: 300 },
	);
});
