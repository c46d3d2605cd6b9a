/** What someone who was taken out, or an insider, tries against membership and keys, with a client of their own. */
import { describe, expect, test } from 'vitest';
import { hex } from '../../src/crypto/bytes.ts';
import { createDeviceKeys, encodeCard } from '../../src/crypto/identity.ts';
import { inviteKeys, parseInviteLink } from '../../src/crypto/invite.ts';
import { meshCommit } from '../../src/crypto/mesh-key.ts';
import { createRecoveryKey, parseRecoveryKey } from '../../src/crypto/recovery.ts';
import { createEntry, idToBytes, kinds, lanes, type Entry } from '../../src/sync/log/entry.ts';
import { openLog } from '../../src/sync/log/log.ts';
import { decodeGrant, encodeGrant } from '../../src/sync/office/keys/grant.ts';
import { createRekey, openRekey } from '../../src/sync/office/keys/mesh-rekey.ts';
import { actKinds, encodeAct } from '../../src/sync/office/members/acts.ts';
import { createActWriter } from '../../src/sync/office/members/act-writer.ts';
import { createJoin, decodeJoin, verifyJoin } from '../../src/sync/office/members/join-proof.ts';
import { createMembersView } from '../../src/sync/office/members/members.ts';
import { createRecovery } from '../../src/sync/office/members/recovery.ts';
import { createRemoval } from '../../src/sync/office/members/removal.ts';
import { createListStanding } from '../../src/sync/office/roster/list-standing.ts';
import { createStory } from '../support/acts-story.ts';
import { createJoiningOffice, type JoiningDevice, type JoiningOffice } from '../support/joining-office.ts';
import { exchange, give } from '../support/memory-office.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { seededRandom } from '../support/seeded-random.ts';

const seconds = 1000;
const dayMs = 86_400_000;
const random = seededRandom(64);

const memberId = (seenBy: JoiningDevice, device: { id: string }): string => seenBy.members.state.get().devices.get(device.id)?.memberId ?? '';
const isIn = (seenBy: JoiningDevice, device: { id: string }): boolean => seenBy.members.state.get().devices.has(device.id);
const must = (result: { ok: boolean }): void => expect(result).toMatchObject({ ok: true });

/** A post as a changed client makes it: any place, any clock. */
function post(by: JoiningDevice, officeId: string, after: Entry | undefined, wallMs: number): Entry {
	const place = { seq: (after?.header.seq ?? -1) + 1, prev: after?.id ?? '00'.repeat(32), lamport: (after?.header.lamport ?? 0) + 1 };
	return createEntry({ kind: kinds.post, lane: lanes.open, officeId, author: by.id, wallMs, refs: [], ...place }, random(300), by.keys.signSecret);
}

/** What a device can open of a generation, whatever it has been given. */
function reads(office: JoiningOffice, seenBy: JoiningDevice, device: JoiningDevice): boolean {
	const newest = seenBy.members.state.get().generations.at(-1);
	const own = newest && openRekey(newest.rekey, office.officeId, device.id, device.keys);
	const held = [...device.disk.records.keys()].some((key) => key.endsWith(`mesh/${newest?.keyId ?? ''}`));
	return own !== undefined || held;
}

describe('someone who was taken out', () => {
	test('A04: what they write with an old clock through a stale colleague is refused by all who know, and no longer told of by the colleague once they know', async () => {
		const office = await createJoiningOffice(401);
		const { clock, founder: alice, network, officeId } = office;
		const [bob, cara, xaver] = [await office.bring('Bob', alice, alice), await office.bring('Cara', alice, alice), await office.bring('Xaver', alice, alice)];
		const honest = [post(xaver, officeId, undefined, clock.now())];
		honest.push(post(xaver, officeId, honest[0], clock.now()));
		for (const entry of honest) expect(await xaver.log.accept([entry])).toBe('stored');
		await exchange([alice, bob, cara, xaver].map((one) => one.log));
		network.connect(alice.id, cara.id);
		const yesterdayMs = clock.now() - dayMs;

		must(await alice.commands.removeMember(memberId(alice, xaver)));
		await clock.advance(5 * seconds);
		expect(isIn(cara, xaver)).toBe(false);

		// Bob was away and takes it.
		const evil = post(xaver, officeId, honest[1], yesterdayMs);
		expect(await bob.log.accept([evil])).toBe('stored');
		// Alone, at the end of a range, and as a range of its own: nobody who knows takes it.
		for (const run of [[evil], [...honest, evil]]) for (const one of [alice, cara]) expect(await one.log.accept(run)).not.toBe('stored');

		network.connect(bob.id, cara.id);
		await clock.advance(30 * seconds);
		for (const one of [alice, bob, cara]) {
			expect(one.log.vector().find((row) => row.author === xaver.id && row.lane === lanes.open)?.head).toBe(1);
			expect(one.log.range(xaver.id, lanes.open, 0).map((entry) => entry.id)).toEqual(honest.map((entry) => entry.id));
			expect(one.members.state.get().cuts.get(xaver.id)?.get(lanes.open)).toEqual({ seq: 1, id: honest[1]?.id });
		}
		expect(hex(bob.log.digest())).toBe(hex(alice.log.digest()));
		// A newcomer learns of it from Bob, who still has the bytes.
		network.unplug(cara.id);
		network.connect(alice.id, bob.id);
		await clock.advance(20 * seconds);
		const dora = await office.bring('Dora', alice, bob);
		network.connect(dora.id, bob.id);
		await clock.advance(20 * seconds);
		expect(dora.log.range(xaver.id, lanes.open, 0)).toHaveLength(2);
	});

	test('A18: they cannot let anybody in: the proof takes the invite’s own key, the invite lapsed with the old mesh key, and who came through them is held and told so', async () => {
		const office = await createJoiningOffice(418);
		const { clock, founder: alice, network, officeId } = office;
		const [bob, xaver] = [await office.bring('Bob', alice, alice), await office.bring('Xaver', alice, alice)];
		const link = await office.invite(alice, { uses: 5 });
		await exchange([alice.log, bob.log, xaver.log]);

		// From the mesh key and the log follow the psk and where newcomers are met, but not the key that signs for them.
		const invite = [...xaver.members.state.get().invites.values()].at(-1);
		const psk = invite && xaver.meshKeys.pskOf(invite);
		expect(psk).toEqual(inviteKeys(parseInviteLink(link)?.secret ?? random(32)).psk);
		const friend = createDeviceKeys(random);
		const card = encodeCard({ officeId: idToBytes(officeId), signPublic: friend.signPublic, kemPublic: friend.kemPublic, name: 'Friend' }, friend.signSecret);
		const forged = decodeJoin(createJoin({ officeId, invitePublic: invite?.invitePublic ?? '', card, witness: xaver.id, session: hex(random(32)) }, { invite: psk ?? random(32), device: friend.signSecret }));
		expect(forged && verifyJoin(forged)).toBeUndefined();
		if (!forged) throw new Error('it is well formed');
		must(await xaver.writer.write({ type: 'admit', join: forged }));
		expect(xaver.members.state.get().members.size).toBe(3);

		must(await alice.commands.removeMember(memberId(alice, xaver)));
		await give(alice.log, bob.log);
		expect(alice.invites.invites.get()).toEqual([]);

		// Xaver, whose log ends before the removal, plays the office to a newcomer.
		const nora = await office.newcomer('Nora', link);
		nora.reach(xaver);
		await clock.advance(10 * seconds);
		expect(nora.isIn()).toBe(true);
		const inside = await nora.becomeMember();
		network.unplug(xaver.id);
		const list = await createListStanding({ log: inside.log, members: inside.members.state, store: inside.store, clock });
		expect(list.standing.get()).toBe('unconfirmed');
		list.level(new Set([xaver.id]));
		expect(list.standing.get()).toBe('unconfirmed');
		list.stop();

		// She meets the office: held, without its key, until a manager says otherwise.
		network.connect(inside.id, bob.id);
		await clock.advance(20 * seconds);
		expect(inside.members.state.get().devices.get(inside.id)?.suspended).toBe(true);
		expect(bob.members.state.get().devices.get(inside.id)?.suspended).toBe(true);
		expect(inside.meshKeys.isCurrent()).toBe(false);
		// The same link leads nobody else in.
		const late = await office.newcomer('Late', link);
		late.reach(bob);
		await clock.advance(10 * seconds);
		expect(late.process.joining.get()).toEqual({ step: 'failed', code: 'invite-revoked' });

		network.connect(alice.id, bob.id);
		await clock.advance(10 * seconds);
		await until(office, () => alice.admission.waiting.get().some((one) => one.contested && one.name === 'Nora'));
		must(await alice.admission.letIn(inside.id));
		await exchange([alice.log, bob.log, inside.log]);
		network.disconnect(inside.id, bob.id);
		network.connect(inside.id, bob.id);
		await clock.advance(20 * seconds);
		expect(inside.members.state.get().devices.get(inside.id)?.suspended).toBe(false);
		expect(inside.meshKeys.isCurrent()).toBe(true);
	});

	test('a contested newcomer whom a manager refuses is taken out', async () => {
		const office = await createJoiningOffice(419);
		const { clock, founder: alice } = office;
		const [bob, cara] = [await office.bring('Bob', alice, alice), await office.bring('Cara', alice, alice)];
		const link = await office.invite(alice);
		await exchange([alice.log, bob.log, cara.log]);
		// Both witnesses let someone in by a link for one.
		const [nora, otto] = [await office.newcomer('Nora', link), await office.newcomer('Otto', link)];
		nora.reach(bob);
		otto.reach(cara);
		await clock.advance(10 * seconds);
		await exchange([alice.log, bob.log, cara.log]);
		await until(office, () => alice.admission.waiting.get().length === 1);
		const [held] = alice.admission.waiting.get();
		expect(held).toMatchObject({ contested: true, code: expect.stringMatching(/^\d{4} \d{4} \d{4} \d{4}$/) as unknown });
		must(await alice.admission.refuse(held?.id ?? ''));
		expect(alice.members.state.get().formerDevices.has(held?.id ?? '')).toBe(true);
		expect(alice.admission.waiting.get()).toEqual([]);
		expect(alice.members.state.get().generations.at(-1)?.tainted).toBe(false);
	});
});

describe('the mesh key', () => {
	test('A13: a re-keying by a member or an outsider, or with an extra or a missing recipient, changes nothing, and neither does a key without one', async () => {
		const office = await createJoiningOffice(413);
		const { founder: alice, officeId } = office;
		const mara = await office.bring('Mara', alice, alice, { role: 'manager' });
		const bob = await office.bring('Bob', alice, alice);
		await exchange([alice.log, mara.log, bob.log]);
		const all = [...alice.members.state.get().devices.values()];
		const outsider = createDeviceKeys(random);
		const stranger = { id: hex(outsider.signPublic), kemPublic: outsider.kemPublic };
		const before = alice.members.state.get().generations.map(({ keyId }) => keyId);

		must(await bob.writer.write({ type: 'meshRekey', ...createRekey(random, officeId, random(32), all) }));
		must(await mara.writer.write({ type: 'meshRekey', ...createRekey(random, officeId, random(32), [...all, stranger]) }));
		must(await mara.writer.write({ type: 'meshRekey', ...createRekey(random, officeId, random(32), all.slice(1)) }));
		must(await mara.writer.write({ type: 'meshRekey', ...createRekey(random, officeId, random(32), [...all, ...all.slice(0, 1)]) }));
		await exchange([alice.log, mara.log, bob.log]);
		// An outsider's entry is not even stored.
		const body = encodeAct({ type: 'meshRekey', heads: [officeId], ...createRekey(random, officeId, random(32), [...all, stranger]) });
		const foreign = createEntry({ kind: actKinds.meshRekey, lane: lanes.office, officeId, author: stranger.id, seq: 0, prev: '00'.repeat(32), lamport: 1, wallMs: 1, refs: [] }, body, outsider.signSecret);
		expect(await alice.log.accept([foreign])).toBe('refused');
		for (const one of [alice, mara, bob]) expect(one.members.state.get().generations.map(({ keyId }) => keyId)).toEqual(before);

		const truth = decodeGrant(alice.meshKeys.grant() ?? random(1));
		const key = random(32);
		if (!truth) throw new Error('the founder can grant');
		expect(await bob.meshKeys.accept(encodeGrant({ ...truth, commit: meshCommit(key), key }))).toBe(false);
		expect(bob.meshKeys.currentKey()?.keyId).toEqual(alice.meshKeys.currentKey()?.keyId);
	});

	test('A64: two managers take out one each at the same time; whichever key wins is drawn anew, and neither of the two reads on', async () => {
		const office = await createJoiningOffice(464);
		const { clock, founder: alice, network } = office;
		const [mia, max] = [await office.bring('Mia', alice, alice, { role: 'manager' }), await office.bring('Max', alice, alice, { role: 'manager' })];
		const [xaver, yara] = [await office.bring('Xaver', alice, alice), await office.bring('Yara', alice, alice)];
		await exchange([alice, mia, max, xaver, yara].map((one) => one.log));
		must(await mia.commands.removeMember(memberId(mia, xaver)));
		must(await max.commands.removeMember(memberId(max, yara)));
		// Each of the two has the key of the one who let them be.
		await give(mia.log, yara.log);
		await give(max.log, xaver.log);
		expect(yara.meshKeys.isCurrent() && xaver.meshKeys.isCurrent()).toBe(true);

		network.connectAll([alice.id, mia.id, max.id]);
		await clock.advance(30 * seconds);
		for (const one of [alice, mia, max]) {
			const state = one.members.state.get();
			expect([isIn(one, xaver), isIn(one, yara)]).toEqual([false, false]);
			// Two at once, and one that mends it.
			expect(state.generations).toHaveLength(4);
			expect(state.generations.at(-1)?.tainted).toBe(false);
			expect(one.meshKeys.isCurrent()).toBe(true);
		}
		await exchange([alice.log, xaver.log, yara.log]);
		expect([reads(office, alice, xaver), reads(office, alice, yara), reads(office, alice, mia)]).toEqual([false, false, true]);
	});

	test('who leaves, or a member that takes out a device of its own, leaves the drawing to one manager’s device', async () => {
		const office = await createJoiningOffice(465);
		const { clock, founder: alice, network } = office;
		const [mia, bob] = [await office.bring('Mia', alice, alice, { role: 'manager' }), await office.bring('Bob', alice, alice)];
		const door = await office.invite(alice, { uses: 0, confirm: true });
		const open = await office.invite(alice, { uses: 0 });
		network.connectAll([alice.id, mia.id, bob.id]);
		await clock.advance(5 * seconds);
		const first = alice.members.state.get().generations.length;
		must(await bob.commands.leaveOffice());
		await clock.advance(60 * seconds);
		for (const one of [alice, mia]) {
			expect(one.members.state.get().generations).toHaveLength(first + 1);
			expect(one.meshKeys.isCurrent()).toBe(true);
		}
		expect(reads(office, alice, bob)).toBe(false);
		expect(bob.members.state.get().formerDevices.has(bob.id)).toBe(true);
		// The door stands, also for who came after and knows the new key alone; the open link has lapsed.
		const dora = await office.bring('Dora', alice, alice);
		const doorInvite = [...dora.members.state.get().invites.values()].find((one) => one.confirm);
		expect(doorInvite && dora.meshKeys.pskOf(doorInvite)).toEqual(inviteKeys(parseInviteLink(door)?.secret ?? random(32)).psk);
		expect(alice.invites.invites.get().some((one) => one.link === open)).toBe(false);
		expect(alice.invites.invites.get().some((one) => one.link === door)).toBe(true);
	});

	test('an old root that a colleague granted wrongly gives way to the right one, until it has opened something', async () => {
		const office = await createJoiningOffice(466);
		const { founder: alice } = office;
		const old = hex(alice.meshKeys.currentKey()?.keyId ?? random(8));
		must(await alice.writer.writeAll([alice.rekeying.plan(() => new Set())]));
		const bob = await office.bring('Bob', alice, alice);
		const truth = decodeGrant(alice.meshKeys.grant() ?? random(1));
		if (!truth) throw new Error('the founder can grant');
		const root = alice.meshKeys.roots.root(old);
		const lie = encodeGrant({ ...truth, roots: truth.roots.map(({ keyId }) => ({ keyId, contentRoot: random(32) })) });
		expect(await bob.meshKeys.accept(lie)).toBe(true);
		expect(bob.meshKeys.roots.root(old)).not.toEqual(root);
		expect(bob.meshKeys.roots.isSure(old)).toBe(false);
		expect(await bob.meshKeys.accept(encodeGrant(truth))).toBe(true);
		expect(bob.meshKeys.roots.root(old)).toEqual(root);
		bob.meshKeys.roots.opened(old);
		expect(await bob.meshKeys.accept(lie)).toBe(true);
		expect(bob.meshKeys.roots.root(old)).toEqual(root);
	});
});

describe('the printed key', () => {
	test('A50: it makes its holder an owner, once, and names the next; another key, or anything else it signs, does nothing', async () => {
		const office = await createJoiningOffice(450);
		const { founder: alice, officeId } = office;
		const bob = await office.bring('Bob', alice, alice);
		const foreign = createRecoveryKey(random);
		expect(await bob.commands.recoverOwnership('not a key')).toEqual({ ok: false, code: 'recovery-key-damaged' });
		expect(await bob.commands.recoverOwnership(foreign.text)).toEqual({ ok: false, code: 'recovery-key-wrong' });
		// A changed client that does not ask: signed by a key that is not in force.
		const own = parseRecoveryKey(office.recoveryKey);
		if (!own) throw new Error('the founder’s key is whole');
		const before = alice.members.state.get().stateHash;

		// The key is no device: what it authors is not even stored.
		const recoveryPublic = hex(alice.members.state.get().recoveryPublic);
		const body = encodeAct({ type: 'setRole', heads: [officeId], member: memberId(alice, bob), role: 3, cut: [] });
		const forged = createEntry({ kind: actKinds.setRole, lane: lanes.office, officeId, author: recoveryPublic, seq: 0, prev: '00'.repeat(32), lamport: 1, wallMs: 1, refs: [] }, body, own);
		expect(await alice.log.accept([forged])).toBe('refused');
		expect(alice.members.state.get().stateHash).toBe(before);

		const recovered = await bob.commands.recoverOwnership(` ${office.recoveryKey.toLowerCase()} `);
		must(recovered);
		expect(office.memberOf(bob, bob)?.role).toBe('owner');
		await exchange([alice.log, bob.log]);
		expect(office.memberOf(alice, bob)).toMatchObject({ role: 'owner', seniority: 0 });
		// Used up; its successor stands.
		expect(await alice.commands.recoverOwnership(office.recoveryKey)).toEqual({ ok: false, code: 'recovery-key-wrong' });
		must(await alice.commands.recoverOwnership(recovered.ok ? recovered.value : ''));
		expect(office.memberOf(alice, alice)).toMatchObject({ role: 'owner', seniority: 0 });
	});
});

describe('an office of an earlier build', () => {
	/** A member's device of an office whose acts end at 12. */
	async function earlier(role: 'owner' | 'manager') {
		const story = createStory({ policy: { acts: 12 } });
		const [mia, bob] = [story.person('Mia'), story.person('Bob')];
		story.bring(story.founder, mia, { role: 2 });
		story.bring(story.founder, bob);
		const who = role === 'owner' ? story.founder : mia;
		const clock = { now: () => 9e11, after: () => () => undefined };
		const log = await openLog({ officeId: story.officeId, keys: who.keys, store: createMemoryStore(story.officeId), clock, fresh: true });
		for (const entry of story.entries) await log.accept([entry]);
		const { state: members } = createMembersView({ log });
		const writer = createActWriter({ log, members });
		const rekey = () => ({ type: 'meshRekey' as const, make: () => ({ type: 'meshRekey' as const, ...createRekey(random, story.officeId, random(32), [...members.get().devices.values()].filter(({ id }) => id !== bob.device)) }) });
		return { story, bob, members, removal: createRemoval({ log, members, writer, rekey }), recovery: createRecovery({ log, members, writer, random }) };
	}

	test('an owner’s first removal raises what is allowed, in the same breath', async () => {
		const { story, bob, members, removal } = await earlier('owner');
		must(await removal.removeMember(story.memberOf(bob)));
		expect(members.get().policy).toMatchObject({ version: 1, acts: 21 });
		expect(members.get().members.get(story.memberOf(bob))?.inForce).toBe(false);
		expect(members.get().generations.at(-1)?.tainted).toBe(false);
	});

	test('a manager is told that an owner has to do so once', async () => {
		const { story, bob, members, removal } = await earlier('manager');
		expect(await removal.removeMember(story.memberOf(bob))).toEqual({ ok: false, code: 'needs-owner' });
		expect(members.get().policy.acts).toBe(12);
	});
});

test('roles go up by owners and down by who is senior, and a demotion leaves a member with the key', async () => {
	const office = await createJoiningOffice(470);
	const { founder: alice } = office;
	const [mia, max, bob] = [await office.bring('Mia', alice, alice, { role: 'manager' }), await office.bring('Max', alice, alice, { role: 'manager' }), await office.bring('Bob', alice, alice)];
	const all = [alice, mia, max, bob].map((one) => one.log);
	await exchange(all);
	const id = (one: JoiningDevice): string => memberId(alice, one);
	expect(await mia.commands.setRole(id(bob), 'manager')).toEqual({ ok: false, code: 'not-allowed' });
	expect(await max.commands.setRole(id(mia), 'member')).toMatchObject({ ok: false });
	expect(await max.commands.removeMember(id(mia))).toEqual({ ok: false, code: 'more-senior' });
	expect(await bob.commands.removeMember(id(max))).toEqual({ ok: false, code: 'not-allowed' });
	expect(await alice.commands.leaveOffice()).toEqual({ ok: false, code: 'last-owner' });
	must(await mia.commands.setRole(id(max), 'member'));
	must(await alice.commands.setRole(id(bob), 'owner'));
	await exchange(all);
	expect([mia, max, bob].map((one) => office.memberOf(alice, one)?.role)).toEqual(['manager', 'member', 'owner']);
	expect(alice.members.state.get().generations.at(-1)?.tainted).toBe(false);
	expect(await bob.commands.setRole(id(alice), 'member')).toEqual({ ok: false, code: 'more-senior' });
	must(await alice.commands.setRole(id(bob), 'manager'));
	must(await mia.commands.removeMember(id(max)));
});

async function until(office: JoiningOffice, holds: () => boolean): Promise<void> {
	for (let i = 0; i < 200 && !holds(); i++) {
		await office.clock.advance(500);
		await new Promise((resolve) => setTimeout(resolve, 5));
	}
	expect(holds()).toBe(true);
}
