/** Insiders with changed clients against the office's membership (ATTACKS.md): acts with any heads, any cut, any past, from any key they hold. */
import { describe, expect, test } from 'vitest';
import { encodeCard, sign } from '../../../src/crypto/identity.ts';
import { labels } from '../../../src/crypto/labels.ts';
import { idToBytes, type Entry } from '../../../src/sync/log/entry.ts';
import { leaveExtensions } from '../../../src/sync/office/members/leave-cut.ts';
import { ranks } from '../../../src/sync/office/members/roles.ts';
import { shuffled } from '../../support/acts-history.ts';
import { createOffice, leave, notice, profile, removeDevice, removeMember, setRole } from '../../support/acts-office.ts';
import type { Person, Story } from '../../support/acts-story.ts';

const inForce = (story: Story, ...entries: readonly Entry[]): readonly boolean[] => entries.map((entry) => story.isInForce(entry));

/** One state, whatever the order in which the acts came. */
function expectOneState(story: Story): void {
	const hashes = [1, 2, 3, 4, 5].map((seed) => story.state(shuffled(story.entries, seed)).stateHash);
	expect(new Set([...hashes, story.state().stateHash]).size).toBe(1);
}

describe('forks', () => {
	test('A03: what a forked device wrote from there on counts for nothing, whichever history a colleague met first', () => {
		const { alice, mara, bob, eve, ...story } = createOffice();
		const before = story.heads();
		const common = bob.last;
		const toAlice = [story.tell(bob, profile('Robert'), before), story.tell(bob, profile('Roberta'), before)];
		bob.last = common;
		const toMara = [story.tell(bob, profile('Bobby'), before)];
		const proof = story.proveFork(mara, toAlice[0]!, toMara[0]!);
		const honest = story.entries.filter((entry) => ![...toAlice, ...toMara].includes(entry));
		const [one, other, both] = [story.state([...honest, ...toAlice]), story.state([...toMara, ...honest]), story.state()];
		expect(new Set([one.stateHash, other.stateHash, both.stateHash]).size).toBe(1);
		expect(both.members.get(story.memberOf(bob))).toMatchObject({ name: 'Bob', suspended: true });
		expect([...both.quarantined]).toEqual([bob.device]);
		// Nobody follows what counts for nothing.
		expect(both.heads).toEqual(expect.arrayContaining([proof.id]));
		expect(both.heads).not.toEqual(expect.arrayContaining([toAlice[1]!.id]));
		expect(inForce(story, story.tell(bob, profile('Sorry')), story.tell(alice, { type: 'confirm', device: bob.device }))).toEqual([false, true]);
		expect(story.member(bob)?.suspended).toBe(true);
		expect(story.member(eve)).toBeUndefined();
	});

	test('A03: the history that somebody more senior had followed survives, and what the removal of the device names', () => {
		const { alice, mara, bob, carol, ...story } = createOffice();
		const before = story.heads();
		const common = mara.last;
		const followed = story.invite(mara, {}, before);
		story.tell(alice, profile('Alice A.'), [followed.entry]);
		mara.last = common;
		const other = story.invite(mara, {}, before);
		const further = story.tell(mara, notice, before);
		// Carol follows as well; she is no senior of Mara's.
		story.tell(carol, profile('Caroline'), [further]);
		story.proveFork(bob, followed.entry, other.entry);
		expect(inForce(story, followed.entry, other.entry, further)).toEqual([true, false, false]);
		const named = { device: mara.device, lane: 0, seq: other.entry.header.seq, id: other.entry.id };
		story.tell(alice, removeMember(story.memberOf(mara), [named]), before);
		expect(inForce(story, followed.entry, other.entry, further)).toEqual([true, true, false]);
		expectOneState(story);
	});

	test('A03: who knows of the fork does not take its side by following it', () => {
		const { alice, mara, bob, ...story } = createOffice();
		const common = mara.last;
		const one = story.tell(mara, notice);
		mara.last = common;
		const other = story.tell(mara, notice);
		story.proveFork(bob, one, other);
		story.tell(alice, profile('Alice B.'), story.entries.slice(-3));
		story.tell(alice, { type: 'confirm', device: bob.device });
		expect(inForce(story, one, other)).toEqual([false, false]);
	});

	test('A03: two histories are a fork as soon as both are held, proof or none', () => {
		const { mara, ...story } = createOffice();
		const common = mara.last;
		const one = story.tell(mara, notice);
		mara.last = common;
		const two = story.tell(mara, notice);
		expect(inForce(story, one, two)).toEqual([false, false]);
		expect(story.state().quarantined.has(mara.device)).toBe(true);
		expect(story.state(story.entries.slice(0, -1)).inForce.has(one.id)).toBe(true);
	});

	test('A03: a proof that Bob did not sign, or of two places, accuses nobody', () => {
		const { mara, bob, carol, ...story } = createOffice();
		const one = story.tell(bob, profile('Robert'));
		const later = story.tell(bob, profile('Bobby'));
		const forged: Entry = { ...later, signature: new Uint8Array(64) };
		story.proveFork(carol, one, { ...forged, header: one.header });
		story.proveFork(carol, one, later);
		expect(story.state().quarantined.size).toBe(0);
		expect(story.member(mara)?.suspended).toBe(false);
		expect(story.member(bob)?.name).toBe('Bobby');
	});

	test('A61: an ex-manager forks a seq of years ago: what seniors had followed survives, and nobody admitted by them falls', () => {
		const { alice, mara, bob, eve, ...story } = createOffice();
		const frank = story.person('Frank');
		const common = mara.last;
		const invite = story.invite(mara, { maxUses: 0 });
		const admissions = [eve, frank].map((newcomer) => story.tell(mara, { type: 'admit', join: story.join(invite, newcomer, mara) }));
		const promotion = story.tell(alice, setRole(story.memberOf(eve), 2));
		const posted = story.tell(eve, notice);
		story.tell(alice, setRole(story.memberOf(mara), 1, story.cutAt(mara)));
		// Years later.
		mara.last = common;
		const late = story.invite(mara, { role: ranks.manager }, story.entries.slice(0, 7));
		story.proveFork(bob, invite.entry, late.entry);
		expect(inForce(story, invite.entry, ...admissions, promotion, posted)).toEqual([true, true, true, true, true]);
		expect(story.isInForce(late.entry)).toBe(false);
		expect([eve, frank].map((one) => story.member(one)?.suspended)).toEqual([false, false]);
		expect(story.state().quarantined.has(mara.device)).toBe(true);
		expectOneState(story);
	});

	test('A61: newcomers whom only the forked history let in do not vouch for it themselves', () => {
		const { alice, mara, bob, eve, ...story } = createOffice();
		const before = story.heads();
		const open = story.invite(alice, { role: ranks.manager, maxUses: 0 }, before);
		const common = bob.last;
		const first = story.tell(bob, profile('Robert'), [open.entry]);
		bob.last = common;
		const admitted = story.tell(bob, { type: 'admit', join: story.join(open, eve, bob) }, [open.entry]);
		// Eve comes as a manager, more senior than Bob, and follows how she came.
		const byEve = story.tell(eve, notice, [admitted]);
		story.proveFork(mara, first, admitted);
		expect(story.member(eve)?.suspended).toBe(true);
		expect(story.isInForce(byEve)).toBe(false);
		story.tell(mara, { type: 'confirm', device: eve.device });
		expect(story.member(eve)?.suspended).toBe(false);
	});
});

describe('removal', () => {
	test('A05: an alternative chain below the cut is refused', () => {
		const { alice, mara, bob, eve, ...story } = createOffice();
		const common = story.tell(mara, notice);
		const honest = [story.tell(mara, notice), story.tell(mara, notice), story.tell(mara, notice)];
		const before = story.heads();
		story.tell(alice, removeMember(story.memberOf(mara), story.cutAt(mara)), before);
		mara.last = common;
		const rewritten = [story.invite(mara, { maxUses: 0 }, [common]).entry, story.tell(mara, setRole(story.memberOf(bob), 1), [])];
		const invite = story.invite(mara, { role: ranks.manager }, []);
		const admitted = story.tell(bob, { type: 'admit', join: story.join(invite, eve, bob) }, [invite.entry]);
		expect(rewritten[0]!.header.seq).toBeLessThanOrEqual(honest[2]!.header.seq);
		expect(inForce(story, ...honest)).toEqual([true, true, true]);
		expect(inForce(story, ...rewritten, invite.entry, admitted)).toEqual([false, false, false, false]);
		expect(story.member(eve)).toBeUndefined();
		expectOneState(story);
	});

	test('A08: a notice by a manager who is removed at the same time is void, and by one demoted', () => {
		const { alice, mara, ...story } = createOffice();
		const before = story.heads();
		story.tell(alice, removeMember(story.memberOf(mara), story.cutAt(mara)), before);
		const posted = story.tell(mara, notice, before);
		const revised = story.tell(mara, { type: 'noticeWithdraw', notice: posted.id }, []);
		expect(inForce(story, posted, revised)).toEqual([false, false]);
		const other = createOffice();
		const seen = other.heads();
		other.tell(other.alice, setRole(other.memberOf(other.mara), 1, other.cutAt(other.mara)), seen);
		expect(other.isInForce(other.tell(other.mara, notice, seen))).toBe(false);
	});

	test('A09: an owner about to be demoted promotes a friend and lets another in: void, with all that rests on it', () => {
		const { alice, mara, bob, carol, eve, ...story } = createOffice();
		story.tell(alice, setRole(story.memberOf(mara), 3));
		const before = story.heads();
		story.tell(alice, setRole(story.memberOf(mara), 1, story.cutAt(mara)), before);
		const promotion = story.tell(mara, setRole(story.memberOf(bob), 3), before);
		const byBob = story.tell(bob, removeMember(story.memberOf(carol)), [promotion]);
		const invite = story.invite(bob, { role: ranks.manager }, [promotion]);
		const admitted = story.tell(bob, { type: 'admit', join: story.join(invite, eve, bob) }, [invite.entry]);
		expect(inForce(story, promotion, byBob, invite.entry, admitted)).toEqual([false, false, false, false]);
		expect(story.member(bob)?.role).toBe('member');
		expect(story.member(carol)?.inForce).toBe(true);
		expect(story.member(eve)).toBeUndefined();
		expectOneState(story);
	});

	test('A10: in a mutual removal the senior\'s stands, both having joined by invite', () => {
		const { alice, mara, eve, ...story } = createOffice();
		story.bring(alice, eve, { role: ranks.manager });
		const before = story.heads();
		const byEve = story.tell(eve, removeMember(story.memberOf(mara)), before);
		const byMara = story.tell(mara, removeMember(story.memberOf(eve)), before);
		expect(inForce(story, byMara, byEve)).toEqual([true, false]);
		expect(story.member(mara)?.inForce).toBe(true);
		// The junior, made senior by a rank of the day before that nobody saw, fares no better.
		expect(story.member(eve)?.inForce).toBe(false);
		expectOneState(story);
	});

	test('A10: three owners remove one another in a circle, and all leave: at least one owner is left', () => {
		const { alice, mara, bob, ...story } = createOffice();
		story.tell(alice, setRole(story.memberOf(mara), 3));
		story.tell(alice, setRole(story.memberOf(bob), 3));
		const before = story.heads();
		const circle = [story.tell(alice, removeMember(story.memberOf(mara)), before), story.tell(mara, removeMember(story.memberOf(bob)), before), story.tell(bob, removeMember(story.memberOf(alice)), before)];
		expect(inForce(story, ...circle)).toEqual([true, false, false]);
		const owners = (): readonly string[] => [...story.state().members.values()].filter((member) => member.role === 'owner' && member.inForce).map(({ name }) => name);
		expect(owners()).toEqual(['Alice', 'Bob']);
		const now = story.heads();
		story.tell(alice, leave, now);
		story.tell(bob, leave, now);
		expect(owners()).toEqual(['Bob']);
		expectOneState(story);
	});

	test('A10: a removal goes with a promotion that its author had not seen', () => {
		const { alice, mara, bob, ...story } = createOffice();
		const before = story.heads();
		story.tell(alice, setRole(story.memberOf(bob), 3), before);
		const [removed, held, device] = [story.tell(mara, removeMember(story.memberOf(bob)), before), story.tell(mara, { type: 'hold', device: bob.device, reason: 0 }, before), story.tell(mara, removeDevice(bob.device), before)];
		expect(inForce(story, removed, held, device)).toEqual([false, false, false]);
		expect(story.member(bob)).toMatchObject({ role: 'owner', inForce: true, suspended: false });
		expectOneState(story);
	});

	test('A12: a removed manager brings himself back through old heads, a friend and a further device: he stays out, and his key', () => {
		const { alice, mara, bob, eve, ...story } = createOffice();
		const open = story.invite(alice, { role: ranks.manager, maxUses: 0 });
		const before = story.heads();
		story.tell(alice, removeMember(story.memberOf(mara), story.cutAt(mara)), before);
		const own = story.invite(mara, { role: ranks.manager, maxUses: 0 }, before);
		const again = story.tell(bob, { type: 'admit', join: story.join(open, mara, bob) });
		const phone = story.person('Phone');
		const added = story.addDevice(mara, phone, before);
		const byPhone = story.tell(phone, notice, [added]);
		const puppet = story.tell(mara, { type: 'admit', join: story.join(open, eve, mara) }, before);
		const byPuppet = story.tell(eve, notice, [puppet]);
		expect(inForce(story, own.entry, again, added, byPhone, byPuppet)).toEqual([false, false, false, false, false]);
		expect(story.member(mara)).toMatchObject({ inForce: false, devices: [] });
		// The friend came by Alice's invite: she waits for a manager's word.
		expect(story.member(eve)).toMatchObject({ inForce: true, suspended: true });
		expectOneState(story);
	});

	test('A12: removed by one, removed and added anew by another at the same time: the person stays out', () => {
		const { alice, mara, bob, ...story } = createOffice();
		const open = story.invite(alice, { maxUses: 0 });
		const before = story.heads();
		const id = story.memberOf(bob);
		story.tell(alice, removeMember(id), before);
		const removal = story.tell(mara, removeMember(id), before);
		const again = story.tell(mara, { type: 'admit', join: story.join(open, bob, mara) }, [removal]);
		const asDevice = story.addDevice(mara, bob, [removal]);
		expect(inForce(story, again, asDevice)).toEqual([false, false]);
		expect(story.state().members.get(id)?.inForce).toBe(false);
		expect(story.state().devices.has(bob.device)).toBe(false);
		expectOneState(story);
	});

	test('A59: whoever witnessed or invited an owner is removed with a cut of nothing: the owner stays, a newcomer waits', () => {
		const { alice, mara, bob, carol, eve, ...story } = createOffice();
		const invite = story.invite(alice, { maxUses: 0 });
		const old = story.heads();
		const frank = story.person('Frank');
		for (const newcomer of [eve, frank]) story.tell(bob, { type: 'admit', join: story.join(invite, newcomer, bob) });
		const promotion = story.tell(alice, setRole(story.memberOf(eve), 3));
		// With heads from before anybody came.
		const removal = story.tell(mara, removeMember(story.memberOf(bob)), old);
		expect(inForce(story, removal, promotion)).toEqual([true, true]);
		expect(story.member(eve)).toMatchObject({ role: 'owner', suspended: false, inForce: true });
		expect(story.isInForce(story.tell(eve, notice))).toBe(true);
		// Eve lets Frank in again.
		expect(story.member(frank)?.suspended).toBe(true);
		expect(story.isInForce(story.tell(frank, profile('Francis')))).toBe(false);
		story.tell(eve, { type: 'confirm', device: frank.device });
		expect(story.member(frank)?.suspended).toBe(false);
		expect(story.member(carol)?.inForce).toBe(true);
		expectOneState(story);
	});

	test('A59: an owner who came by a manager\'s invite stays when that manager is cut off before it', () => {
		const { alice, mara, bob, eve, ...story } = createOffice();
		story.tell(alice, setRole(story.memberOf(bob), 2));
		const old = story.heads();
		story.bring(bob, eve);
		story.tell(alice, setRole(story.memberOf(eve), 3));
		story.tell(mara, removeMember(story.memberOf(bob)), old);
		expect(story.member(eve)).toMatchObject({ role: 'owner', suspended: false, inForce: true });
		expectOneState(story);
	});

	test('A60: a demoted manager goes on with heads from before, beyond the cut, also where she was owner before: void', () => {
		const { alice, mara, bob, eve, ...story } = createOffice();
		story.tell(alice, setRole(story.memberOf(mara), 3));
		const asOwner = story.heads();
		story.tell(alice, setRole(story.memberOf(mara), 2, story.cutAt(mara)));
		story.tell(alice, setRole(story.memberOf(mara), 1, story.cutAt(mara)));
		const admitted = story.bring(alice, eve, { role: ranks.manager });
		const acts = [story.tell(mara, notice, asOwner), story.tell(mara, setRole(story.memberOf(bob), 2), asOwner), story.invite(mara, {}, asOwner).entry, story.tell(mara, removeMember(story.memberOf(bob)), asOwner)];
		expect(inForce(story, ...acts)).toEqual([false, false, false, false]);
		const renamed = story.tell(mara, profile('Mara Berg'), asOwner);
		expect(story.isInForce(renamed)).toBe(true);
		// Removed by then, not even that, whatever rank she had when she claims to have written it.
		story.tell(eve, removeMember(story.memberOf(mara)), [admitted]);
		expect(story.isInForce(renamed)).toBe(false);
		expectOneState(story);
	});

	test('A62: a removed owner signs a removal of the junior who dismissed them, with old heads: void beyond the cut', () => {
		const { alice, mara, bob, ...story } = createOffice();
		story.tell(alice, setRole(story.memberOf(mara), 3));
		story.tell(alice, setRole(story.memberOf(bob), 2));
		const old = story.heads();
		// Alice lowers Mara to member, and Bob, a manager made after her, dismisses her.
		story.tell(alice, setRole(story.memberOf(mara), 1, story.cutAt(mara)));
		const dismissal = story.tell(bob, removeMember(story.memberOf(mara), story.cutAt(mara)));
		const revenge = story.tell(mara, removeMember(story.memberOf(bob)), old);
		const hold = story.tell(mara, { type: 'hold', device: bob.device, reason: 0 }, old);
		expect(inForce(story, dismissal, revenge, hold)).toEqual([true, false, false]);
		expect(story.member(bob)).toMatchObject({ inForce: true, suspended: false });
		expectOneState(story);
	});

	test('A62: who left writes on with heads from before, from another device as well: void, and a LEAVE lifts no cut', () => {
		const { mara, bob, ...story } = createOffice();
		const phone = story.person('Phone');
		story.addDevice(bob, phone);
		const before = story.heads();
		const left = story.tell(bob, leave);
		const [late, byPhone] = [story.tell(bob, profile('Back'), before), story.tell(phone, profile('Back'), before)];
		expect(inForce(story, left, late, byPhone)).toEqual([true, false, false]);
		const other = createOffice();
		const seen = other.heads();
		other.tell(other.mara, removeMember(other.memberOf(other.bob), other.cutAt(other.bob)), seen);
		const claim = [{ device: other.bob.device, lane: 1, seq: 9_999, id: seen[0]!.id }];
		expect(other.isInForce(other.tell(other.bob, { type: 'leave', extensions: leaveExtensions(claim) }, seen))).toBe(false);
		expect(other.state().cuts.get(other.bob.device)?.get(1)?.seq).toBe(-1);
		expect(story.member(mara)?.inForce).toBe(true);
	});

	test('A64: two managers remove two people at once and re-key: the winning key is tainted, and the next names neither', () => {
		const { alice, mara, bob, carol, ...story } = createOffice();
		const rekey = (people: readonly Person[]) => ({ type: 'meshRekey', commit: story.random(32), copies: people.map(({ device }) => ({ device, enc: new Uint8Array(32), ct: new Uint8Array(48) })), invites: [] }) as const;
		const before = story.heads();
		const byAlice = story.tell(alice, removeMember(story.memberOf(bob)), before);
		const keyOfAlice = story.tell(alice, rekey([alice, mara, carol]), [byAlice]);
		const byMara = story.tell(mara, removeMember(story.memberOf(carol)), before);
		const keyOfMara = story.tell(mara, rekey([alice, mara, bob]), [byMara]);
		expect(inForce(story, keyOfAlice, keyOfMara)).toEqual([true, true]);
		const winner = story.state().generations.at(-1);
		expect(winner?.tainted).toBe(true);
		expect(inForce(story, story.tell(mara, rekey([alice, mara, bob])), story.tell(mara, rekey([alice, mara])))).toEqual([false, true]);
		const newest = story.state().generations.at(-1);
		expect(newest).toMatchObject({ tainted: false });
		expect(newest?.rekey.copies.map(({ device }) => device).sort()).toEqual([alice.device, mara.device].sort());
		expectOneState(story);
	});
});

describe('invites', () => {
	test('A14: puppets who came through the same invite with older heads do not suspend whom an owner has raised since', () => {
		const { alice, bob, carol, eve, ...story } = createOffice();
		const invite = story.invite(alice, { maxUses: 2 });
		const before = story.heads();
		story.tell(carol, profile('Caroline'));
		story.tell(carol, { type: 'admit', join: story.join(invite, eve, carol) });
		story.tell(alice, setRole(story.memberOf(eve), 3));
		const posted = story.tell(eve, notice);
		const puppets = ['One', 'Two', 'Three'].map((name) => story.person(name));
		for (const puppet of puppets) story.tell(bob, { type: 'admit', join: story.join(invite, puppet, bob) }, before);
		expect(story.state().invites.get(invite.id)).toMatchObject({ overused: true, uses: 3 });
		expect(story.member(eve)).toMatchObject({ role: 'owner', suspended: false });
		expect(story.isInForce(posted)).toBe(true);
		expect(puppets.filter((puppet) => story.member(puppet)?.inForce)).toHaveLength(2);
		expectOneState(story);
	});

	test('A16: an ADMIT with a forged clock, met after the revocation, is a suspended newcomer everywhere; a HOLD on a late one too', () => {
		const { alice, mara, bob, eve, ...story } = createOffice();
		const frank = story.person('Frank');
		const invite = story.invite(alice, { maxUses: 0, role: ranks.manager, notAfterMs: 10 });
		const before = story.heads();
		const revoked = story.tell(mara, { type: 'inviteRevoke', invitePublic: invite.id }, before);
		const admitted = story.tell(bob, { type: 'admit', join: story.join(invite, eve, bob) }, before);
		const posted = story.tell(eve, notice, [admitted]);
		expect(inForce(story, revoked, admitted, posted)).toEqual([true, true, false]);
		expect(story.member(eve)?.suspended).toBe(true);
		expectOneState(story);
		// An expired one that nobody revoked: the first manager to meet it holds the newcomer, who undoes nothing by it.
		const other = story.invite(alice, { maxUses: 0, notAfterMs: 10 });
		story.tell(bob, { type: 'admit', join: story.join(other, frank, bob) });
		story.tell(mara, { type: 'hold', device: frank.device, reason: 1 });
		const byFrank = [story.tell(frank, profile('Francis')), story.tell(frank, { type: 'confirm', device: frank.device })];
		expect(inForce(story, ...byFrank)).toEqual([false, false]);
		expect(story.member(frank)?.suspended).toBe(true);
		expectOneState(story);
	});

	test('A16: a newcomer about to be suspended takes nothing from anybody: their revocations and removals fall first', () => {
		const { alice, mara, bob, carol, eve, ...story } = createOffice();
		const frank = story.person('Frank');
		const open = story.invite(alice, { maxUses: 0 });
		const invite = story.invite(alice, { role: ranks.manager, maxUses: 0 });
		const before = story.heads();
		// Eve claims not to have seen that Carol let Frank in.
		story.tell(carol, { type: 'admit', join: story.join(open, frank, carol) }, before);
		story.tell(mara, { type: 'inviteRevoke', invitePublic: invite.id }, before);
		const admitted = story.tell(bob, { type: 'admit', join: story.join(invite, eve, bob) }, before);
		const [removal, revocation] = [story.tell(eve, removeMember(story.memberOf(carol)), [admitted]), story.tell(eve, { type: 'inviteRevoke', invitePublic: open.id }, [admitted])];
		expect(inForce(story, removal, revocation)).toEqual([false, false]);
		expect(story.member(frank)?.suspended).toBe(false);
		expect(story.member(carol)?.inForce).toBe(true);
		expectOneState(story);
	});

	test('A17: an invite for members makes members, whoever admits and whatever the newcomer claims', () => {
		const { alice, mara, eve, ...story } = createOffice();
		const invite = story.invite(alice);
		story.tell(mara, { type: 'admit', join: story.join(invite, eve, mara) });
		expect(story.isInForce(story.tell(eve, setRole(story.memberOf(eve), 2)))).toBe(false);
		expect(story.isInForce(story.invite(eve, { role: ranks.manager }).entry)).toBe(false);
		expect(story.isInForce(story.tell(eve, notice))).toBe(false);
		expect(story.member(eve)?.role).toBe('member');
		// Nor does an invite bring back somebody else's member.
		expect(story.isInForce(story.invite(mara, { replaces: story.memberOf(alice) }).entry)).toBe(false);
	});
});

describe('A50: the recovery key', () => {
	test('A50: makes an owner, whom nothing that the thief of the old key does can remove', () => {
		const { alice, mara, bob, carol, ...story } = createOffice();
		const before = story.heads();
		// The thief of Alice's device takes everybody out, and gives her own phone a place.
		const thefts = [mara, bob].map((one) => story.tell(alice, removeMember(story.memberOf(one)), before));
		story.tell(alice, { type: 'hold', device: carol.device, reason: 0 }, before);
		const next = story.print();
		const recovery = story.transfer(bob, carol, { next }, before);
		expect(story.isInForce(recovery)).toBe(true);
		expect(story.member(carol)).toMatchObject({ role: 'owner', suspended: false, inForce: true });
		expect(story.state()).toMatchObject({ recoverySerial: 1, recoveryPublic: next.publicKey });
		const revenge = [story.tell(alice, removeMember(story.memberOf(carol)), before), story.tell(alice, setRole(story.memberOf(carol), 1), before), story.tell(alice, removeDevice(carol.device))];
		expect(inForce(story, ...revenge)).toEqual([false, false, false]);
		const dismissal = story.tell(carol, removeMember(story.memberOf(alice)), [recovery]);
		expect(inForce(story, dismissal, ...thefts)).toEqual([true, false, false]);
		expect([alice, mara, bob, carol].map((one) => story.member(one)?.inForce)).toEqual([false, true, true, true]);
		expectOneState(story);
	});

	test('A50: an owner removes a more senior one only by it', () => {
		const { alice, mara, ...story } = createOffice();
		story.tell(alice, setRole(story.memberOf(mara), 3));
		expect(story.isInForce(story.tell(mara, removeMember(story.memberOf(alice))))).toBe(false);
		story.transfer(mara, mara);
		expect(story.isInForce(story.tell(mara, removeMember(story.memberOf(alice))))).toBe(true);
		expect(story.member(mara)).toMatchObject({ role: 'owner', inForce: true });
	});

	test('A50: signs nothing else: no act, no card, no device, no transfer out of turn or for another office', () => {
		const { alice, mara, bob, ...story } = createOffice();
		const printed: Person = { ...story.person('Printed'), keys: { ...alice.keys, signSecret: story.printed.secret, signPublic: story.printed.publicKey } };
		const acting = { ...printed, device: [...story.printed.publicKey].map((byte) => byte.toString(16).padStart(2, '0')).join('') };
		const acts = [story.tell(acting, setRole(story.memberOf(bob), 3)), story.tell(acting, removeMember(story.memberOf(alice))), story.tell(acting, notice), story.transfer(acting, bob)];
		expect(inForce(story, ...acts)).toEqual([false, false, false, false]);
		// A transfer's signature under another label, with another serial, or by the key that was.
		const fields = { serial: 1, newOwner: story.memberOf(bob), nextRecoveryPublic: story.print().publicKey };
		const other = sign(story.printed.secret, labels.recovery, idToBytes(story.officeId), new Uint8Array(4), idToBytes(fields.newOwner), fields.nextRecoveryPublic);
		expect(story.isInForce(story.tell(mara, { type: 'ownerTransfer', ...fields, recoverySignature: other }))).toBe(false);
		expect(story.isInForce(story.transfer(mara, bob, { serial: 2 }))).toBe(false);
		expect(story.isInForce(story.transfer(mara, bob, { key: story.print() }))).toBe(false);
		const elsewhere = createOffice({ seed: 5 });
		expect(story.isInForce(story.transfer(mara, bob, { key: elsewhere.printed }))).toBe(false);
		const next = story.print();
		expect(story.isInForce(story.transfer(mara, bob, { next }))).toBe(true);
		expect(story.isInForce(story.transfer(mara, mara, { serial: 2 }))).toBe(false);
		expect(story.isInForce(story.transfer(mara, mara, { serial: 2, key: next }))).toBe(true);
		const card = encodeCard({ officeId: idToBytes(story.officeId), signPublic: story.printed.publicKey, kemPublic: bob.keys.kemPublic, name: 'Printed' }, story.printed.secret);
		const newSignature = sign(story.printed.secret, labels.addDevice, idToBytes(story.officeId), idToBytes(bob.device));
		// As a device of somebody's it is that device, and no more.
		story.tell(bob, { type: 'addDevice', card, newSignature });
		expect(story.state().recoverySerial).toBe(2);
	});

	test('A50: used twice at once, all agree on one, and the next takes its key', () => {
		const { mara, bob, carol, ...story } = createOffice();
		const before = story.heads();
		const [one, two] = [story.print(), story.print()];
		const both = [story.transfer(bob, bob, { next: one }, before), story.transfer(carol, carol, { next: two }, before)];
		const first = both[0]!.id < both[1]!.id ? 0 : 1;
		expect(inForce(story, both[first]!, both[1 - first]!)).toEqual([true, false]);
		expect([bob, carol].map((person) => story.member(person)?.role)).toEqual(first === 0 ? ['owner', 'member'] : ['member', 'owner']);
		expect(story.isInForce(story.transfer(mara, mara, { serial: 2, key: [two, one][first]! }))).toBe(false);
		expect(story.isInForce(story.transfer(mara, mara, { serial: 2, key: [one, two][first]! }))).toBe(true);
		expectOneState(story);
	});
});
