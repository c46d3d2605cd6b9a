/** One person with several devices (PROTOCOL.md, 5): the link, the digits, and those who would like to be taken in as well. */
import { describe, expect, test } from 'vitest';
import { concat, hex } from '../../src/crypto/bytes.ts';
import { signAddDevice } from '../../src/crypto/device-link.ts';
import { createDeviceKeys, encodeCard } from '../../src/crypto/identity.ts';
import { messageTypes } from '../../src/sync/link/message-types.ts';
import { idToBytes } from '../../src/sync/log/entry.ts';
import { encodeDeviceJoin, encodeDeviceState } from '../../src/sync/office/devices/device-messages.ts';
import { createJoiningOffice, sameActs, until, type JoiningDevice, type JoiningOffice, type NewcomerDevice } from '../support/joining-office.ts';
import { createMemoryDisk } from '../support/memory-store.ts';
import { seededRandom } from '../support/seeded-random.ts';

const seconds = 1000;

/** Alice's office, with Bob in it, whose screen shows a link for another device. */
async function bobLinks(seed: number) {
	const office = await createJoiningOffice(seed);
	const alice = office.founder;
	const bob = await office.bring('Bob', alice, alice);
	expect(bob.linking.begin()).toMatchObject({ ok: true });
	expect(bob.linking.view.get()?.step).toBe('waiting');
	return { office, clock: office.clock, network: office.network, alice, bob };
}

/** The new device reaches the old one, and both screens show digits. */
async function compare(office: JoiningOffice, phone: NewcomerDevice, bob: JoiningDevice): Promise<{ old: string; new: string }> {
	phone.reach(bob);
	await until(office.clock, () => bob.linking.view.get()?.step === 'compare' && phone.process.joining.get().step === 'comparing');
	const shown = phone.process.joining.get();
	return { old: bob.linking.view.get()?.code ?? 'none', new: shown.step === 'comparing' ? shown.code : 'nothing' };
}

const devicesOfBob = (seenBy: JoiningDevice, office: JoiningOffice, bob: JoiningDevice): readonly string[] => office.memberOf(seenBy, bob)?.devices ?? [];

describe('a further device', () => {
	test('is taken in by the old one, and is the same person for everybody', async () => {
		const { office, clock, network, alice, bob } = await bobLinks(41);
		const phone = await office.furtherDevice(bob);
		expect(phone.process.joining.get()).toEqual({ step: 'reaching', officeHint: 'Harbour office', name: 'Bob' });
		const codes = await compare(office, phone, bob);
		expect(codes.old).toMatch(/^\d{4} \d{4} \d{4} \d{4}$/);
		expect(codes.new).toBe(codes.old);
		// Until Bob says so on the old device it has no key and no log.
		expect([...phone.log.entries(0)]).toHaveLength(0);
		expect(phone.meshKeys.currentKey()).toBeUndefined();

		expect(await bob.linking.add()).toMatchObject({ ok: true });
		await clock.advance(10 * seconds);
		expect(bob.linking.view.get()?.step).toBe('added');
		expect(phone.isIn()).toBe(true);
		expect(phone.meshKeys.isCurrent()).toBe(true);
		const opened = await phone.becomeMember();

		network.connectAll([alice.id, bob.id, opened.id]);
		await clock.advance(10 * seconds);
		expect(sameActs(alice.log, opened.log)).toBe(true);
		for (const one of [alice, bob, opened]) {
			expect([...devicesOfBob(one, office, bob)].sort()).toEqual([bob.id, phone.id].sort());
			expect(office.memberOf(one, opened)).toMatchObject({ name: 'Bob', role: 'member' });
			expect([...one.members.state.get().members.values()].filter((member) => member.inForce)).toHaveLength(2);
		}
		expect(alice.members.state.get().stateHash).toBe(opened.members.state.get().stateHash);
	});

	test('that reloads while it is being added comes in over a later link', async () => {
		const { office, clock, bob } = await bobLinks(42);
		const link = bob.linking.view.get()?.link ?? '';
		const at = { keys: createDeviceKeys(seededRandom(420)), disk: createMemoryDisk(), link };
		const phone = await office.furtherDevice(bob, at);
		await compare(office, phone, bob);
		await phone.stop();
		expect(await bob.linking.add()).toMatchObject({ ok: true });
		bob.linking.end();
		const again = await office.furtherDevice(bob, at);
		again.reach(bob);
		await clock.advance(10 * seconds);
		expect(again.isIn()).toBe(true);
	});

	test('may be the fifth, not the sixth', async () => {
		const { office, clock, bob } = await bobLinks(43);
		for (let count = 2; count <= 5; count++) {
			expect(bob.linking.begin()).toMatchObject({ ok: true });
			const next = await office.furtherDevice(bob);
			await compare(office, next, bob);
			expect(await bob.linking.add()).toMatchObject({ ok: true });
			await clock.advance(5 * seconds);
			await next.stop();
		}
		expect(devicesOfBob(bob, office, bob)).toHaveLength(5);
		expect(bob.linking.begin()).toEqual({ ok: false, code: 'too-many-devices' });
	}, 20_000);

	test('is not taken in after the ten minutes, and both screens say so', async () => {
		const { office, clock, bob } = await bobLinks(44);
		const phone = await office.furtherDevice(bob);
		await compare(office, phone, bob);
		await clock.advance(10 * 60 * seconds);
		expect(bob.linking.view.get()?.step).toBe('over');
		expect(phone.process.joining.get()).toEqual({ step: 'failed', code: 'link-over' });
		expect(await bob.linking.add()).toEqual({ ok: false, code: 'not-found' });
		expect(devicesOfBob(bob, office, bob)).toEqual([bob.id]);
	});
});

describe('who has seen the link', () => {
	test('A63: comes first and shows other digits; turned away, it gets no key and no log, and the link is burnt', async () => {
		const { office, clock, bob } = await bobLinks(45);
		const link = bob.linking.view.get()?.link ?? '';
		const eve = await office.furtherDevice(bob);
		const phone = await office.furtherDevice(bob);
		eve.reach(bob);
		await clock.advance(1 * seconds);
		phone.reach(bob);
		await until(clock, () => bob.linking.view.get()?.step === 'compare');
		await clock.advance(1 * seconds);
		// Bob's own phone shows no digits at all, or, had Eve swapped what she passed on, others than Bob's screen.
		expect(phone.process.joining.get()).toEqual({ step: 'failed', code: 'link-over' });
		bob.linking.end();
		await clock.advance(5 * seconds);
		expect(eve.process.joining.get()).toEqual({ step: 'failed', code: 'link-refused' });
		const again = await office.furtherDevice(bob, { keys: eve.keys, disk: eve.disk, link });
		again.reach(bob);
		await clock.advance(5 * seconds);
		expect([...again.log.entries(0), ...eve.log.entries(0)]).toHaveLength(0);
		expect(eve.meshKeys.currentKey()).toBeUndefined();
		expect(devicesOfBob(bob, office, bob)).toEqual([bob.id]);
	});

	test('A15: a DEVICE_JOIN with another card, for another author, or from another device than its link proves, matches nothing', async () => {
		const { office, clock, network, alice, bob } = await bobLinks(46);
		const eve = await office.furtherDevice(bob);
		eve.process.stop();
		eve.reach(bob);
		await clock.advance(1 * seconds);
		const officeId = idToBytes(office.officeId);
		const victim = createDeviceKeys(seededRandom(460));
		const cardOf = (keys: typeof victim): Uint8Array => encodeCard({ officeId, signPublic: keys.signPublic, kemPublic: keys.kemPublic, name: 'Bob' }, keys.signSecret);
		const signed = signAddDevice(eve.keys, officeId, idToBytes(bob.id));
		const bad = [
			// Somebody else's whole DEVICE_JOIN, said again on Eve's link.
			{ card: cardOf(victim), newSignature: signAddDevice(victim, officeId, idToBytes(bob.id)) },
			// Eve's signature under another's card, and another's under hers.
			{ card: cardOf(victim), newSignature: signed },
			{ card: cardOf(eve.keys), newSignature: signAddDevice(victim, officeId, idToBytes(bob.id)) },
			// Given to Alice once, passed on to Bob.
			{ card: cardOf(eve.keys), newSignature: signAddDevice(eve.keys, officeId, idToBytes(alice.id)) },
		];
		for (const join of bad) network.mesh(eve.id).send(bob.id, concat(Uint8Array.of(messageTypes.deviceJoin), encodeDeviceJoin(join)));
		// The right one, but over a link that came by an invite and not by this device link.
		network.unplug(eve.id);
		network.connectNewcomer(eve.id, bob.id, 'ab'.repeat(32));
		network.mesh(eve.id).send(bob.id, concat(Uint8Array.of(messageTypes.deviceJoin), encodeDeviceJoin({ card: cardOf(eve.keys), newSignature: signed })));
		await clock.advance(2 * seconds);
		expect(bob.linking.refusedMessages()).toBeGreaterThan(0);
		expect(bob.linking.view.get()?.step).toBe('waiting');
		expect(await bob.linking.add()).toEqual({ ok: false, code: 'not-found' });
	});

	test('cannot pose as the old device: the new one asks nobody but the device its link names', async () => {
		const { office, clock, network, bob } = await bobLinks(47);
		const phone = await office.furtherDevice(bob);
		const mallory = network.mesh('ee'.repeat(32));
		const heard: number[] = [];
		mallory.onMessage([messageTypes.deviceJoin], () => heard.push(1));
		network.connectNewcomer(phone.id, mallory.self.device, 'ff'.repeat(32));
		await clock.advance(1 * seconds);
		mallory.send(phone.id, concat(Uint8Array.of(messageTypes.deviceState), encodeDeviceState('added')));
		await clock.advance(1 * seconds);
		expect(heard).toEqual([]);
		expect(phone.process.joining.get().step).toBe('reaching');
		expect(hex(phone.keys.signPublic)).toBe(phone.id);
	});
});
