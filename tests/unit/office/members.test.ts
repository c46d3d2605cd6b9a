import { describe, expect, test } from 'vitest';
import { concat, hex } from '../../../src/crypto/bytes.ts';
import { encodeCard } from '../../../src/crypto/identity.ts';
import { idToBytes } from '../../../src/sync/log/entry.ts';
import { firstPolicy } from '../../../src/sync/office/members/policy.ts';
import { ranks } from '../../../src/sync/office/members/roles.ts';
import { createOffice, notice, profile, setRole } from '../../support/acts-office.ts';
import { createStory } from '../../support/acts-story.ts';

describe('founding', () => {
	test('the founder owns the office', () => {
		const story = createStory();
		const state = story.state();
		expect(state.officeName).toBe('Harbour office');
		expect([...state.members.values()]).toMatchObject([{ name: 'Alice', role: 'owner', suspended: false, inviteId: undefined }]);
		expect(state.heads).toEqual([story.officeId]);
		expect(state.policy).toEqual(firstPolicy);
	});

	test('a GENESIS of another office counts for nothing', () => {
		const story = createStory();
		const other = createStory({ seed: 8 });
		expect(story.state([other.genesis]).members.size).toBe(0);
		expect(story.state([...other.entries, ...story.entries]).members.size).toBe(1);
	});

	test('without GENESIS everything waits', () => {
		const { bob, ...story } = createOffice();
		const state = story.state(story.entries.slice(1));
		expect(state.members.size).toBe(0);
		expect(state.waiting).toBe(story.entries.length - 1);
		expect(story.member(bob)?.name).toBe('Bob');
	});
});

describe('joining', () => {
	test('a member admits Bob by an invite without confirmation; its authority is the invite', () => {
		const { alice, mara, bob, eve, ...story } = createOffice();
		const invite = story.invite(mara, { label: 'Night shift' });
		story.tell(bob, { type: 'admit', join: story.join(invite, eve, bob) });
		expect(story.member(eve)).toMatchObject({ name: 'Eve', role: 'member', inviteId: invite.id });
		expect(story.state().invites.get(invite.id)).toMatchObject({ uses: 1, label: 'Night shift', createdBy: story.memberOf(mara) });
		expect(story.member(alice)?.role).toBe('owner');
	});

	test('with confirmation, a member cannot let in, a manager can', () => {
		const { alice, mara, bob, eve, ...story } = createOffice();
		const invite = story.invite(alice, { confirm: true, maxUses: 0 });
		const join = story.join(invite, eve, bob);
		expect(story.isInForce(story.tell(bob, { type: 'admit', join }))).toBe(false);
		expect(story.member(eve)).toBeUndefined();
		expect(story.isInForce(story.tell(mara, { type: 'admit', join }))).toBe(true);
		expect(story.member(eve)?.role).toBe('member');
	});

	test('a single-use invite admits one device; the same one twice is no second use', () => {
		const { alice, bob, carol, eve, ...story } = createOffice();
		const invite = story.invite(alice);
		const before = story.heads();
		story.tell(bob, { type: 'admit', join: story.join(invite, eve, bob) }, before);
		story.tell(carol, { type: 'admit', join: story.join(invite, eve, carol) }, before);
		expect(story.state().invites.get(invite.id)).toMatchObject({ uses: 1, overused: false });
		expect(story.member(eve)?.suspended).toBe(false);
		const frank = story.person('Frank');
		expect(story.isInForce(story.tell(bob, { type: 'admit', join: story.join(invite, frank, bob) }))).toBe(false);
		expect(story.member(frank)).toBeUndefined();
	});

	test('A14: used twice at once, the one too many is suspended until a manager confirms, and the invite says so', () => {
		const { alice, mara, bob, carol, eve, ...story } = createOffice();
		const frank = story.person('Frank');
		const invite = story.invite(alice);
		const before = story.heads();
		story.tell(bob, { type: 'admit', join: story.join(invite, eve, bob) }, before);
		story.tell(carol, { type: 'admit', join: story.join(invite, frank, carol) }, before);
		expect(story.state().invites.get(invite.id)).toMatchObject({ uses: 2, overused: true });
		const suspended = [eve, frank].filter((one) => story.member(one)?.suspended);
		expect(suspended).toHaveLength(1);
		const [late] = suspended;
		if (!late) throw new Error('one is suspended');
		expect(story.isInForce(story.tell(late, profile('Late')))).toBe(false);
		story.tell(mara, { type: 'confirm', device: late.device });
		expect(story.member(late)?.suspended).toBe(false);
	});

	test('A15: a JOIN re-signed by another or with a swapped Card is void', () => {
		const { alice, bob, eve, ...story } = createOffice();
		const frank = story.person('Frank');
		const invite = story.invite(alice, { maxUses: 0 });
		const join = story.join(invite, eve, bob);
		const card = encodeCard({ officeId: idToBytes(story.officeId), signPublic: frank.keys.signPublic, kemPublic: frank.keys.kemPublic, name: 'Frank' }, frank.keys.signSecret);
		const other = story.join(invite, frank, bob);
		expect(story.isInForce(story.tell(bob, { type: 'admit', join: { ...join, card } }))).toBe(false);
		expect(story.isInForce(story.tell(bob, { type: 'admit', join: { ...join, deviceSignature: other.deviceSignature } }))).toBe(false);
		expect(story.isInForce(story.tell(bob, { type: 'admit', join: { ...join, session: hex(story.random(32)) } }))).toBe(false);
		expect(story.isInForce(story.tell(bob, { type: 'admit', join: { ...join, witness: frank.device } }))).toBe(false);
		expect(story.isInForce(story.tell(bob, { type: 'admit', join }))).toBe(true);
	});

	test('a JOIN for another office is void', () => {
		const { alice, bob, eve, ...story } = createOffice();
		const elsewhere = createStory({ seed: 99 });
		const invite = story.invite(alice);
		const join = elsewhere.join(invite, eve, bob);
		expect(story.isInForce(story.tell(bob, { type: 'admit', join }))).toBe(false);
	});

	test('A17: nobody is invited above the inviter, nor as owner; members invite nobody', () => {
		const { alice, mara, bob, eve, ...story } = createOffice();
		expect(story.isInForce(story.invite(alice, { role: ranks.owner }).entry)).toBe(false);
		expect(story.isInForce(story.invite(mara, { role: ranks.owner }).entry)).toBe(false);
		expect(story.isInForce(story.invite(mara, { role: ranks.manager }).entry)).toBe(true);
		const byBob = story.invite(bob);
		expect(story.isInForce(byBob.entry)).toBe(false);
		expect(story.isInForce(story.tell(bob, { type: 'admit', join: story.join(byBob, eve, bob) }))).toBe(false);
		expect(story.member(eve)).toBeUndefined();
	});

	test('a revoked invite admits nobody; at once with an admission, the newcomer is suspended until CONFIRM', () => {
		const { alice, mara, bob, carol, eve, ...story } = createOffice();
		const frank = story.person('Frank');
		const invite = story.invite(alice, { maxUses: 0 });
		const before = story.heads();
		story.tell(bob, { type: 'admit', join: story.join(invite, eve, bob) }, before);
		story.tell(mara, { type: 'inviteRevoke', invitePublic: invite.id }, before);
		expect(story.member(eve)?.suspended).toBe(true);
		// Whatever heads she names, she does nothing.
		expect(story.isInForce(story.tell(eve, profile('Eva')))).toBe(false);
		expect(story.isInForce(story.tell(carol, { type: 'admit', join: story.join(invite, frank, carol) }))).toBe(false);
		story.tell(mara, { type: 'confirm', device: eve.device });
		expect(story.member(eve)?.suspended).toBe(false);
		expect(story.isInForce(story.tell(eve, profile('Eva')))).toBe(true);
	});

	test('a suspended newcomer cannot act through heads from before', () => {
		const { alice, mara, bob, eve, ...story } = createOffice();
		const invite = story.invite(alice, { maxUses: 0, role: ranks.manager });
		const before = story.heads();
		const admit = story.tell(bob, { type: 'admit', join: story.join(invite, eve, bob) }, before);
		const posted = story.tell(eve, notice, [admit]);
		expect(story.isInForce(posted)).toBe(true);
		story.tell(mara, { type: 'inviteRevoke', invitePublic: invite.id }, before);
		expect(story.isInForce(posted)).toBe(false);
	});
});

describe('rank', () => {
	test('A08: a member posts no notice, a manager does', () => {
		const { mara, bob, ...story } = createOffice();
		expect(story.isInForce(story.tell(bob, notice))).toBe(false);
		const posted = story.tell(mara, notice);
		expect(story.isInForce(posted)).toBe(true);
		expect(story.isInForce(story.tell(bob, { type: 'noticeWithdraw', notice: posted.id }))).toBe(false);
		expect(story.isInForce(story.tell(bob, { type: 'roll', notice: posted.id, version: posted.id, rows: [] }))).toBe(false);
		expect(story.isInForce(story.tell(mara, { type: 'noticeWithdraw', notice: posted.id }))).toBe(true);
	});

	test('a notice may be withdrawn by its author once they are a member again', () => {
		const { alice, mara, ...story } = createOffice();
		const posted = story.tell(mara, notice);
		story.tell(alice, setRole(story.memberOf(mara), 1));
		expect(story.isInForce(story.tell(mara, notice))).toBe(false);
		expect(story.isInForce(story.tell(mara, { type: 'noticeWithdraw', notice: posted.id }))).toBe(true);
	});

	test('owners make and unmake managers; managers raise nobody; nobody lowers a senior', () => {
		const { alice, mara, bob, ...story } = createOffice();
		expect(story.isInForce(story.tell(mara, setRole(story.memberOf(bob), 2)))).toBe(false);
		expect(story.isInForce(story.tell(bob, setRole(story.memberOf(bob), 3)))).toBe(false);
		expect(story.isInForce(story.tell(mara, setRole(story.memberOf(alice), 1)))).toBe(false);
		story.tell(alice, setRole(story.memberOf(bob), 2));
		expect(story.member(bob)?.role).toBe('manager');
		// Bob became a manager after Mara.
		expect(story.isInForce(story.tell(bob, setRole(story.memberOf(mara), 1)))).toBe(false);
		expect(story.isInForce(story.tell(mara, setRole(story.memberOf(bob), 1)))).toBe(true);
		expect(story.member(bob)?.role).toBe('member');
		story.tell(alice, setRole(story.memberOf(mara), 3));
		expect(story.member(mara)?.role).toBe('owner');
		expect(story.isInForce(story.tell(mara, setRole(story.memberOf(alice), 1)))).toBe(false);
	});

	test('of two SET_ROLE at once the lower counts, until somebody decides again', () => {
		const { alice, mara, bob, ...story } = createOffice();
		story.tell(alice, setRole(story.memberOf(mara), 3));
		const before = story.heads();
		story.tell(alice, setRole(story.memberOf(bob), 3), before);
		story.tell(mara, setRole(story.memberOf(bob), 2), before);
		expect(story.member(bob)?.role).toBe('manager');
		story.tell(alice, setRole(story.memberOf(bob), 3));
		expect(story.member(bob)?.role).toBe('owner');
	});

	test('A09, A60: what a manager does beyond the cut of a demotion not yet seen is void; what the rank was not needed for stays', () => {
		const { alice, mara, bob, ...story } = createOffice();
		const seen = story.tell(mara, notice);
		const before = story.heads();
		const point = { device: mara.device, lane: 0, seq: seen.header.seq, id: seen.id };
		story.tell(alice, setRole(story.memberOf(mara), 1, [point]), before);
		const late = story.tell(mara, notice, before);
		const renamed = story.tell(mara, profile('Mara Berg'), []);
		expect(story.isInForce(seen)).toBe(true);
		expect(story.isInForce(late)).toBe(false);
		expect(story.isInForce(renamed)).toBe(true);
		expect(story.member(mara)).toMatchObject({ role: 'member', name: 'Mara Berg' });
		expect(story.member(bob)?.role).toBe('member');
	});

	test('a cut never reaches into what its author had seen', () => {
		const { alice, mara, ...story } = createOffice();
		const seen = story.tell(mara, notice);
		story.tell(alice, setRole(story.memberOf(mara), 1, []));
		expect(story.isInForce(seen)).toBe(true);
	});

	test('HOLD suspends a less senior device, keeps what it had done, and no HOLD reaches a senior', () => {
		const { alice, mara, bob, ...story } = createOffice();
		const renamed = story.tell(bob, profile('Robert'));
		expect(story.isInForce(story.tell(bob, { type: 'hold', device: mara.device, reason: 0 }))).toBe(false);
		expect(story.isInForce(story.tell(mara, { type: 'hold', device: alice.device, reason: 0 }))).toBe(false);
		story.tell(mara, { type: 'hold', device: bob.device, reason: 0 });
		expect(story.member(bob)).toMatchObject({ suspended: true, name: 'Robert' });
		expect(story.isInForce(renamed)).toBe(true);
		expect(story.isInForce(story.tell(bob, profile('Bobby')))).toBe(false);
		story.tell(alice, { type: 'confirm', device: bob.device });
		expect(story.member(bob)?.suspended).toBe(false);
	});

	test('A49: a POLICY is an owner\'s, follows the one in force, and of two at once the smaller id counts', () => {
		const { alice, mara, bob, ...story } = createOffice();
		const policy = { ...firstPolicy, version: 1, horizonDays: 30 };
		expect(story.isInForce(story.tell(bob, { type: 'policy', parent: story.officeId, policy }))).toBe(false);
		expect(story.isInForce(story.tell(mara, { type: 'policy', parent: story.officeId, policy }))).toBe(false);
		expect(story.isInForce(story.tell(alice, { type: 'policy', parent: story.officeId, policy: { ...policy, version: 2 } }))).toBe(false);
		story.tell(alice, setRole(story.memberOf(mara), 3));
		const before = story.heads();
		const one = story.tell(alice, { type: 'policy', parent: story.officeId, policy }, before);
		const two = story.tell(mara, { type: 'policy', parent: story.officeId, policy: { ...policy, horizonDays: 60 } }, before);
		const winner = one.id < two.id ? one : two;
		expect(story.state().policyId).toBe(winner.id);
		expect([one, two].filter((entry) => story.isInForce(entry))).toEqual([winner]);
		// What was replaced cannot come back.
		expect(story.isInForce(story.tell(alice, { type: 'policy', parent: story.officeId, policy }))).toBe(false);
	});

	test('A13: a re-key is a manager\'s and names exactly the devices resolved in its past', () => {
		const { alice, mara, bob, carol, eve, ...story } = createOffice();
		const copies = [alice, mara, bob, carol].map(({ device }) => ({ device, enc: new Uint8Array(32), ct: new Uint8Array(48) }));
		const rekey = (some: typeof copies) => ({ type: 'meshRekey', commit: story.random(32), copies: some, invites: [] }) as const;
		expect(story.isInForce(story.tell(bob, rekey(copies)))).toBe(false);
		expect(story.isInForce(story.tell(mara, rekey(copies.slice(1))))).toBe(false);
		expect(story.isInForce(story.tell(mara, rekey([...copies, { ...copies[0]!, device: eve.device }])))).toBe(false);
		expect(story.isInForce(story.tell(mara, rekey(copies)))).toBe(true);
		expect(story.isInForce(story.tell(alice, rekey(copies)))).toBe(true);
		expect(story.state().generations).toHaveLength(2);
	});

	test('of a person\'s names the newest counts', () => {
		const { bob, ...story } = createOffice();
		story.tell(bob, { ...profile('Robert'), department: 'Accounts' });
		expect(story.member(bob)).toMatchObject({ name: 'Robert', department: 'Accounts' });
		story.tell(bob, profile('Bob again'));
		expect(story.member(bob)).toMatchObject({ name: 'Bob again', department: '' });
	});
});

describe('what is not known', () => {
	test('an act above the policy is void for every build', () => {
		const { alice, ...story } = createOffice();
		story.tellRaw(alice, 17, concat(Uint8Array.of(1), idToBytes(story.heads()[0]!.id), new Uint8Array(40)));
		story.tellRaw(alice, 40, Uint8Array.of(0));
		expect(story.state().unknownActs).toBe(false);
	});

	test('an act the policy allows and this build does not know makes it read-only', () => {
		const { alice, eve, ...story } = createOffice();
		story.tell(alice, { type: 'policy', parent: story.officeId, policy: { ...firstPolicy, version: 1, acts: 40 } });
		expect(story.state().unknownActs).toBe(false);
		story.tellRaw(eve, 40, Uint8Array.of(0));
		expect(story.state().unknownActs).toBe(false);
		story.tellRaw(alice, 40, Uint8Array.of(0));
		expect(story.state().unknownActs).toBe(true);
	});

	test('a malformed act is void, and its author goes on', () => {
		const { alice, bob, ...story } = createOffice();
		story.tellRaw(bob, 7, Uint8Array.of(200, 1, 2));
		expect(story.isInForce(story.tell(bob, profile('Robert')))).toBe(true);
		expect(story.member(alice)?.role).toBe('owner');
	});

	test('an act whose heads are not held waits, and counts once they come', () => {
		const { mara, bob, ...story } = createOffice();
		const first = story.tell(mara, notice);
		const second = story.tell(bob, profile('Robert'));
		const without = story.entries.filter((entry) => entry !== first);
		expect(story.state(without)).toMatchObject({ waiting: 1 });
		expect(story.state(without).inForce.has(second.id)).toBe(false);
		expect(story.state([...without, first]).inForce.has(second.id)).toBe(true);
	});
});
