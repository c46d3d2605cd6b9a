import { describe, expect, test } from 'vitest';
import { concat, hex } from '../../src/crypto/bytes.ts';
import { inviteKeys, parseInviteLink } from '../../src/crypto/invite.ts';
import { messageTypes } from '../../src/sync/link/message-types.ts';
import { createRefusal, encodeJoinState, encodeRefusal } from '../../src/sync/office/admission/join-messages.ts';
import { createJoiningOffice, sameActs, until } from '../support/joining-office.ts';

const seconds = 1000;

describe('joining', () => {
	test('Bob joins through Mara while Alice, who invited him, is offline', async () => {
		const office = await createJoiningOffice(1);
		const { clock, founder: alice, network } = office;
		const mara = await office.bring('Mara', alice, alice, { role: 'manager' });
		const link = await office.invite(alice);
		network.connect(alice.id, mara.id);
		await clock.advance(5 * seconds);
		network.unplug(alice.id);

		const bob = await office.newcomer('Bob', link);
		expect(bob.process.joining.get()).toEqual({ step: 'looking', officeHint: 'Harbour office' });
		bob.reach(mara);
		await clock.advance(10 * seconds);
		expect(bob.isIn()).toBe(true);
		expect(bob.meshKeys.isCurrent()).toBe(true);
		expect(office.memberOf(mara, bob)).toMatchObject({ name: 'Bob', role: 'member', suspended: false });
		expect(sameActs(bob.log, mara.log)).toBe(true);

		// Alice, back, learns of him from Mara.
		network.connect(alice.id, mara.id);
		await clock.advance(10 * seconds);
		expect(office.memberOf(alice, bob)?.name).toBe('Bob');
		expect(alice.invites.invites.get()[0]).toMatchObject({ uses: 1, maxUses: 1 });
	});

	test('a single-use link is used up, and says so', async () => {
		const office = await createJoiningOffice(2);
		const { clock, founder: alice } = office;
		const link = await office.invite(alice);
		const bob = await office.newcomer('Bob', link);
		bob.reach(alice);
		await clock.advance(10 * seconds);
		const carol = await office.newcomer('Carol', link);
		carol.reach(alice);
		await clock.advance(10 * seconds);
		expect(carol.process.joining.get()).toEqual({ step: 'failed', code: 'invite-used-up' });
		expect(carol.members.state.get().members.size).toBe(0);
	});

	test('two JOINs at the same moment on a single-use link: one gets in', async () => {
		const office = await createJoiningOffice(3);
		const { clock, founder: alice } = office;
		const link = await office.invite(alice);
		const [bob, carol] = [await office.newcomer('Bob', link), await office.newcomer('Carol', link)];
		bob.reach(alice);
		carol.reach(alice);
		await clock.advance(10 * seconds);
		expect([bob.isIn(), carol.isIn()].filter(Boolean)).toHaveLength(1);
		expect(alice.members.state.get().members.size).toBe(2);
	});

	test('an expired or revoked link and a taken name are refused in words', async () => {
		const office = await createJoiningOffice(4);
		const { clock, founder: alice } = office;
		const short = await office.invite(alice, { days: 1, uses: 0 });
		const long = await office.invite(alice, { uses: 0 });
		const alicia = await office.newcomer('ALICE', long);
		alicia.reach(alice);
		await clock.advance(10 * seconds);
		expect(alicia.process.joining.get()).toEqual({ step: 'failed', code: 'name-taken' });
		clock.jump(2 * 86_400_000);
		const late = await office.newcomer('Late', short);
		late.reach(alice);
		await clock.advance(10 * seconds);
		expect(late.process.joining.get()).toEqual({ step: 'failed', code: 'invite-expired' });
		const invite = alice.invites.invites.get().find((one) => one.link === long);
		expect(await alice.invites.revokeInvite(invite?.id ?? '')).toMatchObject({ ok: true });
		const again = await office.newcomer('Again', long);
		again.reach(alice);
		await clock.advance(10 * seconds);
		expect(again.process.joining.get()).toEqual({ step: 'failed', code: 'invite-revoked' });
		expect(alice.members.state.get().members.size).toBe(1);
	});
});

describe('joining with a manager\'s word', () => {
	test('a third member holds the JOIN and passes it to the manager; both see the same digits', async () => {
		const office = await createJoiningOffice(5);
		const { clock, founder: alice, network } = office;
		const bob = await office.bring('Bob', alice, alice);
		const door = await office.invite(alice, { uses: 0, confirm: true });
		network.connect(alice.id, bob.id);
		await clock.advance(5 * seconds);
		network.unplug(alice.id);

		const carol = await office.newcomer('Carol', door);
		carol.reach(bob);
		await clock.advance(5 * seconds);
		await until(clock, () => carol.process.joining.get().step === 'waiting');
		const waiting = carol.process.joining.get();
		expect(waiting).toMatchObject({ step: 'waiting', officeName: 'Harbour office' });
		// No key and no log beyond GENESIS and INVITE, which it was shown.
		expect([...carol.log.entries(0)]).toHaveLength(0);
		expect(carol.meshKeys.currentKey()).toBeUndefined();
		// Bob is no manager: he sees nobody and may let in nobody.
		expect(bob.admission.waiting.get()).toEqual([]);
		expect(await bob.admission.letIn(carol.id)).toEqual({ ok: false, code: 'not-allowed' });

		network.connect(alice.id, bob.id);
		await until(clock, () => alice.admission.waiting.get().length === 1);
		const [seen] = alice.admission.waiting.get();
		expect(seen).toMatchObject({ id: carol.id, name: 'Carol', code: waiting.step === 'waiting' ? waiting.code : '' });
		expect(await alice.admission.letIn(carol.id)).toMatchObject({ ok: true });
		await clock.advance(10 * seconds);
		expect(carol.isIn()).toBe(true);
		expect(alice.admission.waiting.get()).toEqual([]);
		expect(office.memberOf(bob, carol)?.name).toBe('Carol');
	});

	test('who waits survives a reload, and is let in while away', async () => {
		const office = await createJoiningOffice(6);
		const { clock, founder: alice } = office;
		const door = await office.invite(alice, { uses: 0, confirm: true });
		const first = await office.newcomer('Carol', door);
		first.reach(alice);
		await until(clock, () => alice.admission.waiting.get().length === 1);
		const code = alice.admission.waiting.get()[0]?.code;
		await first.stop();

		expect(await alice.admission.letIn(first.id)).toMatchObject({ ok: true });
		const again = await office.newcomer('Carol', door, { keys: first.keys, disk: first.disk });
		again.reach(alice);
		await clock.advance(10 * seconds);
		expect(again.isIn()).toBe(true);
		expect(code).toMatch(/^\d{4} \d{4} \d{4} \d{4}$/);
	});

	test('a refusal takes the JOIN out everywhere, also where it comes back by gossip', async () => {
		const office = await createJoiningOffice(7);
		const { clock, founder: alice, network } = office;
		const mara = await office.bring('Mara', alice, alice, { role: 'manager' });
		const bob = await office.bring('Bob', alice, alice);
		const door = await office.invite(alice, { uses: 0, confirm: true });
		network.connectAll([alice.id, mara.id, bob.id]);
		await clock.advance(5 * seconds);
		const eve = await office.newcomer('Eve', door);
		eve.reach(bob);
		await until(clock, () => alice.admission.waiting.get().length === 1 && mara.admission.waiting.get().length === 1);
		network.unplug(alice.id);
		expect(await mara.admission.refuse(eve.id)).toMatchObject({ ok: true });
		await clock.advance(2 * seconds);
		expect(eve.process.joining.get()).toEqual({ step: 'failed', code: 'invite-refused' });
		// Alice still has it in her list and meets Bob, who has heard of the refusal.
		network.connect(alice.id, bob.id);
		await clock.advance(2 * seconds);
		expect(alice.admission.waiting.get()).toEqual([]);
		expect(await alice.admission.letIn(eve.id)).toEqual({ ok: false, code: 'not-found' });
		eve.reach(alice);
		await clock.advance(2 * seconds);
		expect(eve.isIn()).toBe(false);
	});
});

describe('hostile newcomers and carriers', () => {
	test('A15: a JOIN for another witness, session or invite than the link\'s is dropped', async () => {
		const office = await createJoiningOffice(9);
		const { clock, founder: alice, network } = office;
		const link = await office.invite(alice, { uses: 0 });
		const other = await office.invite(alice, { uses: 0 });
		// Eve writes the JOIN of one link on another.
		const eve = await office.newcomer('Eve', link);
		const sent: Uint8Array[] = [];
		const mesh = network.mesh(eve.id);
		const send = mesh.send.bind(mesh);
		mesh.send = (to, message) => {
			if (message[0] !== messageTypes.join) return send(to, message);
			sent.push(message);
			return true;
		};
		eve.reach(alice);
		await clock.advance(2 * seconds);
		network.unplug(eve.id);
		const [stale] = sent;
		if (!stale) throw new Error('a JOIN was made');
		eve.reach(alice);
		await clock.advance(1 * seconds);
		send(alice.id, stale);
		await clock.advance(2 * seconds);
		network.unplug(eve.id);
		network.connectNewcomer(eve.id, alice.id, hex(inviteKeys(parseInviteLink(other)!.secret).signPublic));
		await clock.advance(1 * seconds);
		send(alice.id, sent.at(-1) ?? stale);
		await clock.advance(2 * seconds);
		expect(alice.admission.refusedMessages()).toBe(2);
		expect(alice.members.state.get().members.size).toBe(1);
	});

	test('WAITING and REFUSED by those not entitled change nothing', async () => {
		const office = await createJoiningOffice(10);
		const { clock, founder: alice, network } = office;
		const bob = await office.bring('Bob', alice, alice);
		const door = await office.invite(alice, { uses: 0, confirm: true });
		const eve = await office.newcomer('Eve', door);
		eve.reach(alice);
		await until(clock, () => alice.admission.waiting.get().length === 1);
		network.connect(alice.id, bob.id);
		await clock.advance(2 * seconds);
		const invitePublic = hex(inviteKeys(parseInviteLink(door)!.secret).signPublic);
		// Bob, no manager, refuses her; Eve says on her own link that somebody else waits.
		const refusal = createRefusal(office.officeId, { invitePublic, device: eve.id, manager: bob.id }, bob.keys.signSecret);
		network.mesh(bob.id).send(alice.id, concat(Uint8Array.of(messageTypes.refused), encodeRefusal(refusal)));
		network.mesh(bob.id).send(alice.id, concat(Uint8Array.of(messageTypes.refused), encodeRefusal({ ...refusal, manager: alice.id })));
		network.mesh(eve.id).send(alice.id, Uint8Array.of(messageTypes.waiting, 0));
		await clock.advance(2 * seconds);
		expect(alice.admission.refusedMessages()).toBe(3);
		expect(alice.admission.waiting.get()).toHaveLength(1);
		expect(await bob.admission.refuse(eve.id)).toEqual({ ok: false, code: 'not-allowed' });
	});

	test('a member that lies of admission gives nothing: without the office lane and a commit in force nobody is in', async () => {
		const office = await createJoiningOffice(11);
		const { clock, founder: alice, network } = office;
		const link = await office.invite(alice);
		const bob = await office.newcomer('Bob', link);
		const mallory = office.network.mesh('ee'.repeat(32));
		network.connectNewcomer(bob.id, mallory.self.device, 'ff'.repeat(32));
		mallory.send(bob.id, concat(Uint8Array.of(messageTypes.joinState), encodeJoinState({ state: 'admitted', proof: undefined })));
		const grant = alice.meshKeys.grant();
		if (grant) mallory.send(bob.id, concat(Uint8Array.of(messageTypes.grant), grant));
		await clock.advance(5 * seconds);
		expect(bob.isIn()).toBe(false);
		expect(bob.meshKeys.currentKey()).toBeUndefined();
		// The way stays open for the true office.
		network.unplug(mallory.self.device);
		bob.reach(alice);
		await clock.advance(10 * seconds);
		expect(bob.isIn()).toBe(true);
	});
});

test('two members who have never met, admitted apart, meet on a limited link and know each other', async () => {
	const office = await createJoiningOffice(8);
	const { clock, founder: alice, network } = office;
	const mara = await office.bring('Mara', alice, alice, { role: 'manager' });
	network.connect(alice.id, mara.id);
	await clock.advance(5 * seconds);
	network.unplug(alice.id);
	// Alice brings Bob, Mara brings Carol, neither pair hears of the other.
	const bob = await office.bring('Bob', alice, alice);
	const carol = await office.bring('Carol', mara, mara);
	await alice.stop();
	await mara.stop();
	expect(office.memberOf(bob, carol)).toBeUndefined();
	expect(office.memberOf(carol, bob)).toBeUndefined();

	network.connect(bob.id, carol.id, [bob.id, carol.id]);
	await clock.advance(10 * seconds);
	expect(office.memberOf(bob, carol)?.name).toBe('Carol');
	expect(office.memberOf(carol, bob)?.name).toBe('Bob');
	expect(network.mesh(bob.id).links.get()[0]?.limited).toBe(false);
	expect(network.mesh(carol.id).links.get()[0]?.limited).toBe(false);
	expect(bob.members.state.get().stateHash).toBe(carol.members.state.get().stateHash);
});
