/** Who holds the door's link without being anybody: the server, or a passer-by (PROTOCOL.md, 5; ATTACKS.md A15, A63). */
import { describe, expect, test } from 'vitest';
import { concat, hex } from '../../src/crypto/bytes.ts';
import { createDeviceKeys, encodeCard } from '../../src/crypto/identity.ts';
import { inviteKeys, parseInviteLink } from '../../src/crypto/invite.ts';
import { messageTypes } from '../../src/sync/link/message-types.ts';
import { idToBytes } from '../../src/sync/log/entry.ts';
import { createRefusal, encodeJoinState, encodeRefusal, encodeWaiting, type WaitingJoin } from '../../src/sync/office/admission/join-messages.ts';
import { createReceiving } from '../../src/sync/office/admission/receiving.ts';
import { createJoin, decodeJoin } from '../../src/sync/office/members/join-proof.ts';
import type { MembersState } from '../../src/sync/office/members/members-state.ts';
import { createCell } from '../../src/sync/source.ts';
import { createJoiningOffice, until } from '../support/joining-office.ts';
import { seededRandom } from '../support/seeded-random.ts';

const seconds = 1000;
const minutes = 60 * seconds;

/** Alice's office with a door, and the mesh end of somebody who holds the door's link. */
async function officeWithDoor(seed: number) {
	const office = await createJoiningOffice(seed);
	const door = await office.invite(office.founder, { uses: 0, confirm: true });
	const secret = parseInviteLink(door)!.secret;
	const mallory = office.network.mesh('ee'.repeat(32));
	const say = (to: string, type: number, payload: Uint8Array): boolean => mallory.send(to, concat(Uint8Array.of(type), payload));
	return { office, clock: office.clock, network: office.network, alice: office.founder, door, secret, mallory, say };
}

describe('a door whose server is hostile', () => {
	test('A63: swaps the newcomer\'s JOIN for its own: the digits differ, and without "let in" it gets no key and no log', async () => {
		const { office, clock, network, alice, door, mallory, say } = await officeWithDoor(61);
		const carol = await office.newcomer('Carol', door);
		// To Carol the server is a member; to Alice it is Carol, with keys of its own.
		const posing = await office.newcomer('Carol', door);
		const heard: { join?: Uint8Array; states: Uint8Array[] } = { states: [] };
		mallory.onMessage([messageTypes.join], (_from, payload) => {
			heard.join = payload.slice();
		});
		const posingMesh = network.mesh(posing.id);
		posing.process.stop();
		posingMesh.onMessage([messageTypes.joinState], (_from, payload) => heard.states.push(payload.slice()));
		network.connectNewcomer(carol.id, mallory.self.device, 'ff'.repeat(32));
		posing.reach(alice);
		await clock.advance(1 * seconds);
		expect(heard.join).toBeDefined();

		// Carol's own JOIN, passed on, fits neither the link nor the witness.
		posingMesh.send(alice.id, concat(Uint8Array.of(messageTypes.join), heard.join!));
		await clock.advance(1 * seconds);
		expect(alice.admission.refusedMessages()).toBe(1);
		expect(alice.admission.waiting.get()).toEqual([]);

		// So it writes one of its own, in Carol's name, and passes Alice's answer, with the true GENESIS and INVITE, back to her.
		const link = posingMesh.links.get()[0]!;
		const invite = inviteKeys(parseInviteLink(door)!.secret);
		const own = encodeCard({ officeId: idToBytes(office.officeId), signPublic: posing.keys.signPublic, kemPublic: posing.keys.kemPublic, name: 'Carol' }, posing.keys.signSecret);
		const join = createJoin(
			{ officeId: office.officeId, invitePublic: hex(invite.signPublic), card: own, witness: alice.id, session: link.session },
			{ invite: invite.signSecret, device: posing.keys.signSecret },
		);
		posingMesh.send(alice.id, concat(Uint8Array.of(messageTypes.join), join));
		await until(clock, () => alice.admission.waiting.get().length === 1 && heard.states.length > 0);
		say(carol.id, messageTypes.joinState, heard.states[0]!);
		await until(clock, () => carol.process.joining.get().step === 'waiting');

		const shown = carol.process.joining.get();
		const [seen] = alice.admission.waiting.get();
		expect(shown).toMatchObject({ step: 'waiting', officeName: 'Harbour office' });
		expect(seen?.name).toBe('Carol');
		expect(shown.step === 'waiting' && shown.code).not.toBe(seen?.code);
		expect(await alice.admission.refuse(posing.id)).toMatchObject({ ok: true });
		await clock.advance(10 * seconds);
		for (const one of [posing, carol]) {
			expect([...one.log.entries(0)]).toHaveLength(0);
			expect(one.meshKeys.currentKey()).toBeUndefined();
		}
		expect(alice.members.state.get().members.size).toBe(1);
	});
});

describe('a passer-by with the door\'s link, who poses as a member,', () => {
	test.each([
		['says nothing', undefined, 15 * seconds],
		['says that a manager is awaited', 'waiting', 11 * minutes],
		['says that she is in', 'admitted', 1 * minutes],
	] as const)('%s: the newcomer lets go in time, and finds the office', async (_what, state, withinMs) => {
		const { office, clock, network, alice, mallory, say } = await officeWithDoor(62);
		const carol = await office.newcomer('Carol', await office.invite(alice));
		network.connectNewcomer(carol.id, mallory.self.device, 'ff'.repeat(32));
		await clock.advance(1 * seconds);
		if (state) say(carol.id, messageTypes.joinState, encodeJoinState({ state, proof: undefined }));
		await clock.advance(withinMs - 5 * seconds);
		expect(network.mesh(carol.id).links.get()).toHaveLength(1);
		await clock.advance(10 * seconds);
		expect(network.mesh(carol.id).links.get()).toHaveLength(0);
		carol.reach(alice);
		await clock.advance(10 * seconds);
		expect(carol.isIn()).toBe(true);
	});

	test('is not let go by a newcomer that waits for true', async () => {
		const { office, clock, network, alice, door } = await officeWithDoor(63);
		const carol = await office.newcomer('Carol', door);
		carol.reach(alice);
		await until(clock, () => carol.process.joining.get().step === 'waiting');
		await clock.advance(9 * minutes);
		expect(network.mesh(carol.id).links.get()).toHaveLength(1);
		await alice.admission.letIn(carol.id);
		await clock.advance(10 * seconds);
		expect(carol.isIn()).toBe(true);
	});
});

describe('a newcomer who no longer wants in', () => {
	test('takes the JOIN back everywhere; nobody else can take it back, nor refuse devices that never were', async () => {
		const { office, clock, network, alice, door, secret } = await officeWithDoor(64);
		const mara = await office.bring('Mara', alice, alice, { role: 'manager' });
		network.connect(alice.id, mara.id);
		const carol = await office.newcomer('Carol', door);
		carol.reach(alice);
		await until(clock, () => mara.admission.waiting.get().length === 1 && alice.admission.waiting.get().length === 1);

		const invitePublic = hex(inviteKeys(secret).signPublic);
		const eve = createDeviceKeys(seededRandom(640));
		const eveId = hex(eve.signPublic);
		network.connectNewcomer(eveId, alice.id, invitePublic);
		const send = (refusal: Parameters<typeof encodeRefusal>[0]): boolean => network.mesh(eveId).send(alice.id, concat(Uint8Array.of(messageTypes.refused), encodeRefusal(refusal)));
		const before = alice.admission.refusedMessages();
		send(createRefusal(office.officeId, { invitePublic, device: carol.id, manager: carol.id }, eve.signSecret));
		send(createRefusal(office.officeId, { invitePublic, device: carol.id, manager: eveId }, eve.signSecret));
		send(createRefusal(office.officeId, { invitePublic, device: eveId, manager: eveId }, eve.signSecret));
		await clock.advance(2 * seconds);
		expect(alice.admission.refusedMessages() - before).toBe(3);
		expect(alice.admission.waiting.get()).toHaveLength(1);

		const withdrawn = carol.process.withdraw();
		await clock.advance(2 * seconds);
		await withdrawn;
		expect(alice.admission.waiting.get()).toEqual([]);
		expect(mara.admission.waiting.get()).toEqual([]);
	});
});

test('a member who floods colleagues with made-up JOINs costs them 64 checks, then one a second', async () => {
	const { office, clock, network, alice, door, secret } = await officeWithDoor(65);
	const bob = await office.bring('Bob', alice, alice);
	network.connect(alice.id, bob.id);
	await clock.advance(5 * seconds);
	const invite = inviteKeys(secret);
	const random = seededRandom(650);
	const made = (name: string): WaitingJoin => {
		const keys = createDeviceKeys(random);
		const card = encodeCard({ officeId: idToBytes(office.officeId), signPublic: keys.signPublic, kemPublic: keys.kemPublic, name }, keys.signSecret);
		const join = decodeJoin(
			createJoin({ officeId: office.officeId, invitePublic: hex(invite.signPublic), card, witness: bob.id, session: 'ab'.repeat(32) }, { invite: invite.signSecret, device: keys.signSecret }),
		);
		return { join: join!, sinceMs: clock.now() };
	};
	const tell = (waiting: readonly WaitingJoin[]): boolean => network.mesh(bob.id).send(alice.id, concat(Uint8Array.of(messageTypes.waiting), encodeWaiting(waiting)));
	// Their signatures do not hold, which only a check can tell.
	const bad = Array.from({ length: 64 }, (_, i) => made(`Nobody ${i}`)).map(({ join, sinceMs }) => ({ join: { ...join, deviceSignature: new Uint8Array(64) }, sinceMs }));
	const carol = made('Carol');
	tell(bad);
	await clock.advance(100);
	tell([carol]);
	await clock.advance(100);
	expect(alice.admission.waiting.get()).toEqual([]);
	await clock.advance(2 * seconds);
	tell([carol]);
	await until(clock, () => alice.admission.waiting.get().length === 1);
	expect(alice.admission.waiting.get()[0]?.name).toBe('Carol');
	expect(door).toContain('/join#');
});

test('whose admission is contested is told so, and goes on once a manager has confirmed it', async () => {
	const device = 'ab'.repeat(32);
	const members = createCell({ devices: new Map() } as unknown as MembersState);
	const held = (suspended: boolean): MembersState => ({ devices: new Map([[device, { suspended }]]) }) as unknown as MembersState;
	const shown: string[] = [];
	const receiving = createReceiving({
		device,
		mesh: { onMessage: () => () => undefined },
		members,
		meshKeys: { accept: () => Promise.resolve(false), isCurrent: () => true, meshKeys: createCell({ current: undefined, older: [], joins: [] }) },
		shown: (as) => shown.push(as),
	});
	let isDone = false;
	void receiving.done.then(() => {
		isDone = true;
	});
	members.set(held(true));
	await new Promise((resolve) => setTimeout(resolve, 0));
	expect([shown.at(-1), isDone]).toEqual(['suspended', false]);
	members.set(held(false));
	await new Promise((resolve) => setTimeout(resolve, 0));
	expect([shown.at(-1), isDone]).toEqual(['in-force', true]);
});
