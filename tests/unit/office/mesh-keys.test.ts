import { describe, expect, test } from 'vitest';
import { concat, hex } from '../../../src/crypto/bytes.ts';
import { meshCommit, meshKeyId } from '../../../src/crypto/mesh-key.ts';
import { createActWriter } from '../../../src/sync/office/members/act-writer.ts';
import { decodeGrant, encodeGrant } from '../../../src/sync/office/keys/grant.ts';
import { createMeshKeyring } from '../../../src/sync/office/keys/mesh-keys.ts';
import { createRekey } from '../../../src/sync/office/keys/mesh-rekey.ts';
import { createJoiningOffice, type JoiningDevice, type JoiningOffice } from '../../support/joining-office.ts';
import { give } from '../../support/memory-office.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const random = seededRandom(11);

/** A re-keying as a manager's device does it. */
async function rekey(office: JoiningOffice, by: JoiningDevice, key = random(32)): Promise<Uint8Array> {
	const devices = [...by.members.state.get().devices.values()];
	const written = await createActWriter({ log: by.log, members: by.members.state }).write({ type: 'meshRekey', ...createRekey(random, office.officeId, key, devices) });
	if (!written.ok) throw new Error(written.code);
	return key;
}

describe('mesh keys', () => {
	test('a GRANT that comes before its MESH_REKEY is kept until that is here', async () => {
		const office = await createJoiningOffice(26);
		const { founder: alice } = office;
		const mara = await office.bring('Mara', alice, alice);
		const devices = [...alice.members.state.get().devices.values()];
		const body = createRekey(random, office.officeId, random(32), devices);
		const copies = body.copies.map((copy) => (copy.device === mara.id ? { ...copy, ct: random(48) } : copy));
		await createActWriter({ log: alice.log, members: alice.members.state }).write({ type: 'meshRekey', ...body, copies });
		expect(await mara.meshKeys.accept(alice.meshKeys.grant() ?? random(1))).toBe(false);
		await give(alice.log, mara.log);
		await office.clock.settle();
		expect(mara.meshKeys.isCurrent()).toBe(true);
		expect(mara.meshKeys.currentKey()?.key).toEqual(alice.meshKeys.currentKey()?.key);
	});

	test('the founder holds the first generation, before and after a restart', async () => {
		const { founder } = await createJoiningOffice(21);
		const current = founder.meshKeys.currentKey();
		expect(current?.keyId).toEqual(founder.meshKeys.meshKeys.get().current?.keyId);
		expect(founder.meshKeys.roots.current()?.root).toEqual(founder.meshKeys.roots.root(hex(current?.keyId ?? random(8))));
		const again = await createMeshKeyring({ officeId: founder.log.officeId, keys: founder.keys, store: founder.store, members: founder.members.state, clock: { now: () => 0, after: () => () => undefined } });
		expect(again.currentKey()?.key).toEqual(current?.key);
		again.stop();
	});

	test('A52: who was away through three generations opens the copies sealed to it, and keeps the older ones to meet', async () => {
		const office = await createJoiningOffice(22);
		const { founder: alice, clock, network } = office;
		const bob = await office.bring('Bob', alice, alice);
		for (let i = 0; i < 3; i++) await rekey(office, alice);
		expect(bob.meshKeys.meshKeys.get().older).toHaveLength(0);
		network.connect(alice.id, bob.id);
		await clock.advance(10_000);
		expect(bob.meshKeys.isCurrent()).toBe(true);
		expect(bob.meshKeys.currentKey()?.key).toEqual(alice.meshKeys.currentKey()?.key);
		expect(bob.meshKeys.meshKeys.get().older).toHaveLength(3);
	});

	test('a newcomer after re-keyings is granted the current key and the older parts, not the older keys', async () => {
		const office = await createJoiningOffice(23);
		const { founder: alice } = office;
		const first = alice.meshKeys.currentKey()?.keyId ?? random(8);
		await rekey(office, alice);
		const carol = await office.bring('Carol', alice, alice);
		expect(carol.meshKeys.isCurrent()).toBe(true);
		expect(carol.meshKeys.meshKeys.get().older.map(({ keyId }) => keyId)).toEqual([first]);
		expect(carol.meshKeys.roots.root(hex(first))).toEqual(alice.meshKeys.roots.root(hex(first)));
		// The psk of an invite is sealed under the whole key of its generation.
		const link = await office.invite(carol).catch(() => 'not allowed');
		expect(link).toBe('not allowed');
	});

	test('a GRANT is refused that does not match a commit in force, or is not the key it claims', async () => {
		const office = await createJoiningOffice(24);
		const { founder: alice } = office;
		const bob = await office.bring('Bob', alice, alice);
		const truth = decodeGrant(alice.meshKeys.grant() ?? new Uint8Array(0));
		if (!truth) throw new Error('the founder can grant');
		const key = random(32);
		expect(await bob.meshKeys.accept(encodeGrant({ ...truth, commit: meshCommit(key), key }))).toBe(false);
		expect(await bob.meshKeys.accept(encodeGrant({ ...truth, key }))).toBe(false);
		expect(await bob.meshKeys.accept(concat(encodeGrant(truth), Uint8Array.of(0)))).toBe(false);
		// Roots and meeting keys of generations nobody announced are left out, and what is held is not replaced.
		const stray = meshKeyId(meshCommit(key));
		const held = bob.meshKeys.currentKey()?.keyId ?? random(8);
		const root = bob.meshKeys.roots.root(hex(held));
		expect(await bob.meshKeys.accept(encodeGrant({ ...truth, roots: [{ keyId: stray, contentRoot: key }, { keyId: held, contentRoot: key }] }))).toBe(true);
		expect(bob.meshKeys.roots.root(hex(stray))).toBeUndefined();
		expect(bob.meshKeys.roots.root(hex(held))).toEqual(root);
	});

	test('while the newest generation is not held, nothing new is sealed under an old one', async () => {
		const office = await createJoiningOffice(25);
		const { founder: alice } = office;
		const mara = await office.bring('Mara', alice, alice, { role: 'manager' });
		// A copy that does not open, to a device that is entitled to it.
		const devices = [...alice.members.state.get().devices.values()];
		const body = createRekey(random, office.officeId, random(32), devices);
		const copies = body.copies.map((copy) => (copy.device === mara.id ? { ...copy, ct: random(48) } : copy));
		await createActWriter({ log: alice.log, members: alice.members.state }).write({ type: 'meshRekey', ...body, copies });
		await give(alice.log, mara.log);
		expect(mara.members.state.get().generations).toHaveLength(2);
		expect(mara.meshKeys.isCurrent()).toBe(false);
		expect(mara.meshKeys.roots.current()).toBeUndefined();
		expect(await mara.invites.createInvite({ uses: 1, confirm: false, role: 'member', days: 1, label: '' })).toMatchObject({ ok: false });
		// It still meets the others, under the generation it holds.
		expect(mara.meshKeys.meshKeys.get().current).toBeDefined();
		// A GRANT mends it.
		office.network.connect(alice.id, mara.id);
		await office.clock.advance(10_000);
		expect(mara.meshKeys.isCurrent()).toBe(true);
	});
});
