/** Limited links and join mode (PROTOCOL.md, sections 5 and 7). */
import { afterEach, describe, expect, it } from 'vitest';
import { joinSession } from '../../../src/sync/link/signal.ts';
import { areLinked, createMeshWorld, isFullMesh, type MeshDevice, type MeshWorld } from '../../support/mesh-devices.ts';

let world: MeshWorld;
afterEach(() => world.stop());

const linksOf = (device: MeshDevice): readonly { device: string; limited: boolean }[] => device.mesh.links.get();

describe('a limited link', () => {
	async function twoStrangers(): Promise<[MeshDevice, MeshDevice]> {
		world = createMeshWorld();
		const alice = world.add('alice', { unknown: true });
		const bob = world.add('bob');
		alice.mesh.start();
		bob.mesh.start();
		await world.until(() => areLinked(alice, bob), 3_000);
		return [alice, bob];
	}

	it('is let go after 10 s, and tried again later', async () => {
		const [alice] = await twoStrangers();
		expect(linksOf(alice)[0]?.limited).toBe(true);
		await world.run(9_000);
		expect(linksOf(alice)).toHaveLength(1);
		await world.until(() => alice.closes.length > 0, 2_000);
		expect(alice.closes[0]?.why).toBe('unknown');
		await world.until(() => linksOf(alice).length === 1, 20_000);
	});

	it('becomes a full link when the resolver knows the device, and says so', async () => {
		const [alice, bob] = await twoStrangers();
		const opened: boolean[] = [];
		alice.mesh.onOpened((link) => opened.push(link.limited));
		alice.standings.set(bob.id, 'member');
		alice.mesh.reconsider();
		expect(opened).toEqual([false]);
		await world.run(30_000);
		expect(linksOf(alice)).toEqual([expect.objectContaining({ device: bob.id, limited: false })]);
		expect(alice.mesh.neighbours(bob.id)).toEqual(new Set([alice.id]));
	});

	it('brings a colleague’s signal, and passes none on', async () => {
		world = createMeshWorld();
		// To Alice, whose list is old, both are strangers; they know her, and each other.
		const [bob, carol, alice] = [world.add('bob'), world.add('carol'), world.add('alice', { unknown: true })];
		for (const device of [bob, carol, alice]) device.mesh.start();
		await world.until(() => areLinked(alice, bob) && areLinked(alice, carol) && areLinked(bob, carol), 8_000);
		await world.run(1_500);
		// Alice's time with Carol is over; Carol, who dials again, asks Bob to pass her offer on, over a link that Alice calls limited.
		await world.until(() => !areLinked(alice, carol), 12_000);
		await world.until(() => areLinked(alice, carol), 7_000);
		expect(alice.mesh.links.get().every(({ limited }) => limited)).toBe(true);
	});

	it('takes 1 MiB and no more', async () => {
		const [alice, bob] = await twoStrangers();
		const got: number[] = [];
		alice.mesh.onMessage([200], (_from, payload) => got.push(payload.length));
		bob.mesh.send(alice.id, new Uint8Array(1_000_001).fill(200, 0, 1));
		await world.run(1_000);
		expect(got).toEqual([1_000_000]);
		bob.mesh.send(alice.id, new Uint8Array(60_000).fill(200, 0, 1));
		await world.run(500);
		expect(got).toHaveLength(1);
		expect(alice.closes[0]?.why).toBe('limit');
	});

	it('gets no broadcast', async () => {
		const [alice, bob] = await twoStrangers();
		const got: number[] = [];
		bob.mesh.onMessage([200], () => got.push(1));
		alice.mesh.broadcast(Uint8Array.of(200));
		await world.run(200);
		expect(got).toEqual([]);
	});

	it('is closed when the resolver refuses the device, which is then not answered', async () => {
		const [alice, bob] = await twoStrangers();
		alice.standings.set(bob.id, 'refused');
		alice.mesh.reconsider();
		expect(linksOf(alice)).toEqual([]);
		const built = world.network.built(alice.name);
		await world.run(60_000);
		expect(world.network.built(alice.name)).toBe(built);
	});

	it('has four places', async () => {
		world = createMeshWorld();
		const alice = world.add('alice', { unknown: true });
		alice.mesh.start();
		for (let i = 0; i < 7; i++) world.add(`stranger ${i}`).mesh.start();
		let most = 0;
		for (let i = 0; i < 80; i++) {
			await world.run(100);
			most = Math.max(most, linksOf(alice).length);
		}
		expect(most).toBe(4);
	});
});

describe('join mode', () => {
	async function members(count: number): Promise<MeshDevice[]> {
		world = createMeshWorld();
		const all = Array.from({ length: count }, (_, i) => world.add(`member ${i}`));
		for (const member of all) member.mesh.start();
		await world.until(() => isFullMesh(all), 5_000);
		return all;
	}

	it('gives a newcomer one link, with the session a JOIN names, and the others leave it alone', async () => {
		const all = await members(4);
		await world.run(2_000);
		for (const member of all) member.standings.set('', 'member');
		const newcomer = world.add('newcomer', { newcomer: true });
		for (const member of all) member.standings.set(newcomer.id, 'unknown');
		newcomer.mesh.start();
		await world.until(() => linksOf(newcomer).length === 1, 3_000);
		await world.run(3_000);
		const [link] = newcomer.mesh.links.get();
		const witness = all.find((member) => member.id === link?.device);
		const other = witness?.mesh.links.get().find(({ device }) => device === newcomer.id);
		expect(other).toMatchObject({ limited: true, invite: world.invite.invitePublic, session: link?.session });
		expect(link?.session).toMatch(/^[0-9a-f]{64}$/);
		expect(joinSession(new Uint8Array(1), new Uint8Array(1))).toHaveLength(32);
		expect(all.filter((member) => linksOf(member).some(({ device }) => device === newcomer.id))).toHaveLength(1);
		expect(world.network.built('newcomer')).toBeLessThanOrEqual(2);
	});

	it('by a device link is answered by the one device that made it, whoever is online, and takes no other\'s offer', async () => {
		const all = await members(10);
		const [old, thief] = all as [MeshDevice, MeshDevice];
		for (const member of all) member.meshKeys.set({ ...member.meshKeys.get(), joins: [] });
		// Who has seen the code listens there as well.
		old.meshKeys.set({ ...old.meshKeys.get(), joins: [{ ...world.invite, alone: true }] });
		thief.meshKeys.set({ ...thief.meshKeys.get(), joins: [{ ...world.invite, alone: true }] });
		for (let round = 0; round < 3; round++) {
			const phone = world.add(`phone ${round}`, { newcomer: true });
			for (const member of all) {
				member.standings.set(phone.id, 'unknown');
				if (member !== old) phone.standings.set(member.id, 'refused');
			}
			phone.mesh.start();
			await world.until(() => linksOf(phone).length === 1, 3_000);
			expect(linksOf(phone)[0]?.device).toBe(old.id);
			phone.mesh.stop();
			await world.run(11_000);
		}
		expect(linksOf(thief).every(({ device }) => all.some(({ id }) => id === device))).toBe(true);
	});

	it('keeps a held link, which the witness would let go after 10 s', async () => {
		const [member] = (await members(1)) as [MeshDevice];
		const newcomer = world.add('newcomer', { newcomer: true });
		member.standings.set(newcomer.id, 'unknown');
		newcomer.mesh.start();
		await world.until(() => areLinked(member, newcomer), 5_000);
		member.mesh.hold(newcomer.id);
		await world.run(9 * 60_000);
		expect(areLinked(member, newcomer)).toBe(true);
		expect(member.closes).toEqual([]);
		member.standings.set(newcomer.id, 'member');
		member.mesh.reconsider();
		await world.run(120_000);
		expect(linksOf(member)).toEqual([expect.objectContaining({ limited: false })]);
	});

	it('lets a newcomer come back by itself when its witness has gone', async () => {
		const all = await members(2);
		const newcomer = world.add('newcomer', { newcomer: true });
		for (const member of all) member.standings.set(newcomer.id, 'unknown');
		newcomer.mesh.start();
		await world.until(() => linksOf(newcomer).length === 1, 3_000);
		const first = linksOf(newcomer)[0]?.device;
		all.find(({ id }) => id === first)?.mesh.stop();
		await world.until(() => linksOf(newcomer).length === 1 && linksOf(newcomer)[0]?.device !== first, 30_000);
	});

	it('does not show a newcomer to the neighbours, nor to whoever joins by the same invite', async () => {
		const all = await members(2);
		const newcomers = [0, 1].map((i) => world.add(`newcomer ${i}`, { newcomer: true }));
		for (const member of all) for (const { id } of newcomers) member.standings.set(id, 'unknown');
		for (const { mesh } of newcomers) mesh.start();
		await world.until(() => newcomers.every((one) => linksOf(one).length === 1), 5_000);
		await world.run(5_000);
		for (const member of all) {
			const known = [...member.mesh.neighbours(all[0]!.id), ...member.mesh.neighbours(all[1]!.id)];
			expect(known.some((id) => newcomers.some((one) => one.id === id))).toBe(false);
		}
		expect(areLinked(newcomers[0]!, newcomers[1]!)).toBe(false);
	});
});
