/** A colleague whose browser was cleared comes back as the same person by a link that a manager made for them, and by that manager's word alone. */
import { expect, test } from 'vitest';
import { createJoiningOffice, until } from '../support/joining-office.ts';

const seconds = 1_000;
const ok = { ok: true, value: undefined };

test('Bob’s browser was cleared: the same person with a new device, the old one cut off, and told', async () => {
	const office = await createJoiningOffice(71);
	const { clock, founder: alice, network } = office;
	const bob = await office.bring('Bob', alice, alice);
	const carol = await office.bring('Carol', alice, alice);
	network.connect(alice.id, carol.id);
	const member = office.memberOf(alice, bob)!;
	const key = alice.members.state.get().generations.at(-1)?.keyId;

	const made = await alice.invites.createReturn(member.id);
	if (!made.ok || made.value.link === undefined) throw new Error('no link');
	expect(made.value).toMatchObject({ bringsBack: 'Bob', confirm: true, maxUses: 1 });
	const again = await office.newcomer('Bob', made.value.link);
	again.reach(alice);
	await until(clock, () => alice.admission.waiting.get().length === 1 && again.process.joining.get().step === 'waiting');
	const shown = again.process.joining.get();
	expect(shown).toMatchObject({ step: 'waiting', comesBack: true });
	expect(alice.admission.waiting.get()[0]).toMatchObject({ id: again.id, bringsBack: 'Bob', code: shown.step === 'waiting' ? shown.code : '' });
	// Nothing has changed yet, and a member’s word changes nothing.
	expect(await carol.admission.letIn(again.id)).toEqual({ ok: false, code: 'not-allowed' });
	expect(office.memberOf(alice, bob)?.devices).toEqual([bob.id]);

	expect(await alice.admission.letIn(again.id)).toEqual(ok);
	await until(clock, () => again.isIn());
	expect(again.isIn()).toBe(true);
	for (const seenBy of [alice, carol]) expect(seenBy.members.state.get().members.get(member.id)).toMatchObject({ name: 'Bob', devices: [again.id], inForce: true });
	const state = alice.members.state.get();
	expect(state.formerDevices.get(bob.id)?.memberId).toBe(member.id);
	// The key was drawn anew without the old device; the new one was granted it.
	expect(state.generations.at(-1)).toMatchObject({ tainted: false });
	expect(state.generations.at(-1)?.keyId).not.toBe(key);
	expect(state.generations.at(-1)?.rekey.copies.map(({ device }) => device)).not.toContain(bob.id);
	// The old browser, were it found again, hears what became of it.
	const home = await again.becomeMember();
	network.connect(alice.id, home.id);
	expect(await home.commands.rename('Bob', 'Yard')).toEqual(ok);
	await clock.advance(10 * seconds);
	expect(office.memberOf(alice, home)).toMatchObject({ id: member.id, department: 'Yard' });
	expect(await bob.commands.rename('Robert', '')).toEqual(ok);
	network.connect(alice.id, bob.id);
	await clock.advance(10 * seconds);
	expect(office.memberOf(alice, home)?.name).toBe('Bob');
	expect(bob.members.state.get().formerDevices.has(bob.id)).toBe(true);
});

test('A15: whoever got hold of the link waits like everybody: the digits are not Bob’s, the manager refuses, and Bob stays as he was', async () => {
	const office = await createJoiningOffice(72);
	const { clock, founder: alice } = office;
	const bob = await office.bring('Bob', alice, alice);
	const made = await alice.invites.createReturn(office.memberOf(alice, bob)!.id);
	if (!made.ok || made.value.link === undefined) throw new Error('no link');
	const mallory = await office.newcomer('Bob', made.value.link);
	mallory.reach(alice);
	await until(clock, () => alice.admission.waiting.get().length === 1);
	expect(await alice.admission.refuse(mallory.id)).toEqual(ok);
	await clock.advance(10 * seconds);
	expect(mallory.process.joining.get()).toEqual({ step: 'failed', code: 'invite-refused' });
	expect(alice.members.state.get().devices.has(mallory.id)).toBe(false);
	expect(office.memberOf(alice, bob)).toMatchObject({ devices: [bob.id], inForce: true });
});

test('a manager makes no such link for an owner, a member for nobody', async () => {
	const office = await createJoiningOffice(73);
	const { clock, founder: alice, network } = office;
	const mara = await office.bring('Mara', alice, alice, { role: 'manager' });
	const bob = await office.bring('Bob', alice, alice);
	for (const other of [mara, bob]) network.connect(alice.id, other.id);
	await clock.advance(5 * seconds);
	const [ofAlice, ofMara, ofBob] = [alice, mara, bob].map((one) => office.memberOf(alice, one)!.id);
	expect(await mara.invites.createReturn(ofAlice!)).toEqual({ ok: false, code: 'more-senior' });
	expect(await mara.invites.createReturn(ofMara!)).toEqual({ ok: false, code: 'not-allowed' });
	expect(await bob.invites.createReturn(ofMara!)).toEqual({ ok: false, code: 'not-allowed' });
	expect(await mara.invites.createReturn(ofBob!)).toMatchObject({ ok: true });
});
