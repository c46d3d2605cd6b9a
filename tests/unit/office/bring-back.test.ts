/** An invite that brings a member back (PROTOCOL.md, 4, `replaces`): the same person with a new device in place of the old ones; and what others try with it. */
import { describe, expect, test } from 'vitest';
import type { Entry } from '../../../src/sync/log/entry.ts';
import { resolve } from '../../../src/sync/office/members/members.ts';
import { createOffice, notice, profile, removeDevice, removeMember, setRole } from '../../support/acts-office.ts';
import { shuffled } from '../../support/acts-history.ts';
import type { Person, Story, StoryInvite } from '../../support/acts-story.ts';

const back = { confirm: true, maxUses: 1 } as const;

/** As the app does it: what was there is taken out, and then the new device let in, all by one. */
function bringBack(story: Story, author: Person, whom: readonly Person[], invite: StoryInvite, device: Person, after?: readonly Entry[]): { removals: readonly Entry[]; admitted: Entry } {
	let last = after;
	const removals = whom.map((old) => {
		const removal = story.tell(author, removeDevice(old.device, story.cutAt(old)), last);
		last = [removal];
		return removal;
	});
	const admitted = story.tell(author, { type: 'admit', join: story.join(invite, device, author) }, last);
	device.of ??= whom[0]?.of ?? whom[0];
	return { removals, admitted };
}

function expectOneState(story: Story): void {
	const { stateHash } = story.state([...story.entries]);
	for (let seed = 0; seed < 6; seed++) expect(resolve(shuffled(story.entries, seed), story.officeId, story.checkJoin).stateHash).toBe(stateHash);
}

const inForce = (story: Story, ...entries: readonly Entry[]): readonly boolean[] => entries.map((entry) => story.isInForce(entry));

describe('who is brought back', () => {
	test('keeps id, name, role and what they wrote; the new device acts for them, the old ones are cut off', () => {
		const { alice, mara, ...story } = createOffice();
		const id = story.memberOf(mara);
		story.tell(mara, profile('Mara Berg'));
		const phone = story.person('Phone');
		story.addDevice(mara, phone);
		const posted = story.tell(mara, notice);
		const old = story.heads();
		const invite = story.invite(alice, { ...back, replaces: id });
		const laptop = story.person('Whatever they typed');
		const { removals, admitted } = bringBack(story, alice, [mara, phone], invite, laptop);
		expect(inForce(story, posted, ...removals, admitted)).toEqual([true, true, true, true]);
		expect(story.state().members.get(id)).toMatchObject({ name: 'Mara Berg', role: 'manager', devices: [laptop.device], inForce: true });
		expect(story.state().devices.get(laptop.device)).toMatchObject({ memberId: id, broughtBack: true, suspended: false });
		expect(story.state().members.size).toBe(4);
		expect(story.isInForce(story.tell(laptop, notice))).toBe(true);
		// The old ones with an old clock: cut off, and no way back.
		const by = [story.tell(mara, notice, old), story.tell(phone, profile('Mara'), old), story.tell(mara, removeDevice(laptop.device), [admitted])];
		expect(inForce(story, ...by)).toEqual([false, false, false]);
		expectOneState(story);
	});

	test('is seen in the record as brought back, by whom', () => {
		const { mara, bob, ...story } = createOffice();
		const invite = story.invite(mara, { ...back, replaces: story.memberOf(bob) });
		const laptop = story.person('Laptop');
		const { admitted } = bringBack(story, mara, [bob], invite, laptop);
		const record = story.state().record();
		expect(record.find(({ id }) => id === invite.entry.id)?.about).toMatchObject({ member: story.memberOf(bob), returns: true });
		expect(record.find(({ id }) => id === admitted.id)).toMatchObject({ author: story.memberOf(mara), about: { member: story.memberOf(bob), returns: true } });
	});
});

describe('what it is not good for', () => {
	test('A17: a manager brings back neither an owner, nor a more senior manager, nor himself; a member nobody', () => {
		const { alice, mara, bob, carol, ...story } = createOffice();
		story.tell(alice, setRole(story.memberOf(bob), 2));
		const invites = [
			story.invite(mara, { ...back, replaces: story.memberOf(alice) }),
			story.invite(bob, { ...back, replaces: story.memberOf(mara) }),
			story.invite(mara, { ...back, replaces: story.memberOf(mara) }),
			story.invite(carol, { ...back, replaces: story.memberOf(bob) }),
			story.invite(mara, { ...back, replaces: story.officeId }),
		];
		for (const { id, entry } of invites) expect([story.isInForce(entry), story.state().invites.has(id)]).toEqual([false, false]);
		expect(story.isInForce(story.invite(mara, { ...back, replaces: story.memberOf(bob) }).entry)).toBe(true);
		// The invite is the owner's, the word a junior's: Bob, a manager, lets nobody in as Mara.
		const invite = story.invite(alice, { ...back, replaces: story.memberOf(mara) });
		story.tell(alice, removeDevice(mara.device, story.cutAt(mara)));
		const puppet = story.person('Puppet');
		const [byBob, byCarol] = [bob, carol].map((one) => story.tell(one, { type: 'admit', join: story.join(invite, puppet, one) }));
		expect(inForce(story, byBob!, byCarol!)).toEqual([false, false]);
		expect(story.state().devices.has(puppet.device)).toBe(false);
		expectOneState(story);
	});

	test('A17: without a manager’s word, for several uses, or in an office of an earlier build the invite is void', () => {
		const { mara, bob, ...story } = createOffice();
		const replaces = story.memberOf(bob);
		const invites = [story.invite(mara, { replaces, confirm: false, maxUses: 1 }), story.invite(mara, { replaces, confirm: true, maxUses: 0 }), story.invite(mara, { replaces, confirm: true, maxUses: 2 })];
		for (const { entry } of invites) expect(story.isInForce(entry)).toBe(false);
		const earlier = createOffice({ policy: { acts: 20 } });
		expect(earlier.isInForce(earlier.invite(earlier.mara, { ...back, replaces: earlier.memberOf(earlier.bob) }).entry)).toBe(false);
	});

	test('the new device is not let in beside an old one', () => {
		const { alice, bob, ...story } = createOffice();
		const [phone, laptop] = [story.person('Phone'), story.person('Laptop')];
		story.addDevice(bob, phone);
		const invite = story.invite(alice, { ...back, replaces: story.memberOf(bob) });
		const beside = story.tell(alice, { type: 'admit', join: story.join(invite, laptop, alice) });
		const { admitted: besideOne } = bringBack(story, alice, [bob], invite, laptop);
		expect(inForce(story, beside, besideOne)).toEqual([false, false]);
		const { admitted } = bringBack(story, alice, [phone], invite, laptop);
		expect(story.isInForce(admitted)).toBe(true);
		expectOneState(story);
	});

	test('A12: the old keys do not return, by the link, as a further device, nor with heads from before; nor does who was removed', () => {
		const { alice, mara, bob, carol, ...story } = createOffice();
		const old = story.heads();
		const invite = story.invite(mara, { ...back, replaces: story.memberOf(bob) });
		const laptop = story.person('Laptop');
		bringBack(story, mara, [bob], invite, laptop);
		const again = story.invite(mara, { ...back, replaces: story.memberOf(bob) });
		const byLink = bringBack(story, mara, [laptop], again, bob).admitted;
		const asDevice = story.addDevice(laptop, bob);
		const spare = story.person('Spare');
		const added = story.addDevice(bob, spare, old);
		expect(inForce(story, byLink, asDevice, added)).toEqual([false, false, false]);
		story.tell(alice, removeMember(story.memberOf(carol), story.cutAt(carol)));
		expect(story.isInForce(story.invite(mara, { ...back, replaces: story.memberOf(carol) }).entry)).toBe(false);
		expectOneState(story);
	});

	test('A12: removed by one manager while another brings them back: they stay out', () => {
		const { alice, mara, bob, ...story } = createOffice();
		const invite = story.invite(mara, { ...back, replaces: story.memberOf(bob) });
		const before = story.heads();
		const laptop = story.person('Laptop');
		story.tell(alice, removeMember(story.memberOf(bob), story.cutAt(bob)), before);
		bringBack(story, mara, [bob], invite, laptop, before);
		expect(story.member(bob)).toMatchObject({ inForce: false, devices: [] });
		expect(story.state().devices.has(laptop.device)).toBe(false);
		expectOneState(story);
	});

	test('A59: a manager about to fall brings a puppet in as a member: the removal of the true device and the puppet fall together, and nobody can confirm the puppet', () => {
		const { alice, mara, bob, ...story } = createOffice();
		story.tell(alice, setRole(story.memberOf(bob), 2));
		story.tell(alice, setRole(story.memberOf(bob), 1));
		const invite = story.invite(mara, { ...back, replaces: story.memberOf(bob) });
		const before = story.heads();
		story.tell(alice, removeMember(story.memberOf(mara), story.cutAt(mara)), before);
		const puppet = story.person('Puppet');
		const { removals, admitted } = bringBack(story, mara, [bob], invite, puppet, before);
		const said = story.tell(puppet, profile('Bob'), [admitted]);
		expect(inForce(story, ...removals, admitted, said)).toEqual([false, false, false]);
		expect(story.member(bob)).toMatchObject({ devices: [bob.device], inForce: true });
		story.tell(alice, { type: 'confirm', device: puppet.device });
		expect(story.state().devices.has(puppet.device)).toBe(false);
		expectOneState(story);
	});

	test('A59: made a manager or an owner meanwhile, whoever brings them back from below does not: what was taken out is there again', () => {
		const { alice, mara, bob, ...story } = createOffice();
		const before = story.heads();
		story.tell(alice, setRole(story.memberOf(bob), 3), before);
		const invite = story.invite(mara, { ...back, replaces: story.memberOf(bob) }, before);
		const puppet = story.person('Puppet');
		const { admitted } = bringBack(story, mara, [bob], invite, puppet, [invite.entry]);
		expect(inForce(story, invite.entry, admitted)).toEqual([false, false]);
		expect(story.member(bob)).toMatchObject({ role: 'owner', devices: [bob.device] });
		expectOneState(story);
	});

	test('A16: revoked at the same time, the link lets nobody in, not even held', () => {
		const { alice, mara, bob, ...story } = createOffice();
		const invite = story.invite(mara, { ...back, replaces: story.memberOf(bob) });
		const before = story.heads();
		story.tell(alice, { type: 'inviteRevoke', invitePublic: invite.id }, before);
		const laptop = story.person('Laptop');
		bringBack(story, mara, [bob], invite, laptop, before);
		expect(story.state().devices.has(laptop.device)).toBe(false);
		// The next link does.
		const next = story.invite(alice, { ...back, replaces: story.memberOf(bob) });
		story.tell(alice, { type: 'admit', join: story.join(next, laptop, alice) });
		expect(story.state().devices.get(laptop.device)?.memberId).toBe(story.memberOf(bob));
		expectOneState(story);
	});

	test('A14: the link used twice on both sides of a split brings back one', () => {
		const { alice, mara, bob, ...story } = createOffice();
		const invite = story.invite(alice, { ...back, replaces: story.memberOf(bob) });
		const before = story.heads();
		const [one, two] = [story.person('One'), story.person('Two')];
		bringBack(story, alice, [bob], invite, one, before);
		bringBack(story, mara, [bob], invite, two, before);
		expect(story.member(bob)?.devices).toHaveLength(1);
		expectOneState(story);
	});

	test('a forked manager’s word brings nobody back', () => {
		const { mara, bob, ...story } = createOffice();
		const invite = story.invite(mara, { ...back, replaces: story.memberOf(bob) });
		const at = mara.last;
		const one = story.tell(mara, profile('One'));
		mara.last = at;
		const other = story.tell(mara, profile('Other'));
		const puppet = story.person('Puppet');
		bringBack(story, mara, [bob], invite, puppet);
		story.proveFork(bob, one, other);
		expect(story.state().devices.has(puppet.device)).toBe(false);
		expect(story.member(bob)?.devices).toEqual([bob.device]);
		expectOneState(story);
	});
});
