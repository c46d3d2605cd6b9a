/** Presence over real meshes on the fake network. */
import { afterEach, describe, expect, it } from 'vitest';
import { fromHex } from '../../../src/crypto/bytes.ts';
import { createPresence, type Presence } from '../../../src/sync/live/presence.ts';
import { areLinked, createMeshWorld, type MeshDevice, type MeshWorld } from '../../support/mesh-devices.ts';

let world: MeshWorld;
afterEach(() => world.stop());

interface Being extends MeshDevice {
	readonly presence: Presence;
	readonly digests: string[];
	readonly saved: Map<string, number>;
}

function live(device: MeshDevice, lastSeen: ReadonlyMap<string, number> = new Map()): Being {
	const digests: string[] = [];
	const saved = new Map<string, number>();
	const presence = createPresence({
		mesh: device.mesh,
		clock: world.clock,
		keys: device.keys,
		officeId: fromHex(world.officeId) ?? new Uint8Array(32),
		digest: () => new Uint8Array(32).fill(9),
		onDigest: (from, digest) => digests.push(`${from.device.slice(0, 4)} ${digest[0]}`),
		lastSeen,
		saveLastSeen: (id, ms) => saved.set(id, ms),
	});
	device.mesh.start();
	presence.start();
	return { ...device, presence, digests, saved };
}

async function pair(): Promise<[Being, Being]> {
	world = createMeshWorld();
	const [alice, bob] = [live(world.add('alice')), live(world.add('bob'))];
	await world.until(() => areLinked(alice, bob), 3_000);
	await world.run(200);
	return [alice, bob];
}

const seenBy = (viewer: Being, other: Being) => viewer.presence.states.get().get(other.id);

describe('presence', () => {
	it('is told when a link opens, and changes at once', async () => {
		const [alice, bob] = await pair();
		expect(seenBy(alice, bob)).toMatchObject({ availability: 'available', online: true });
		bob.presence.set({ availability: 'busy', note: 'in a meeting', untilMs: 5 });
		await world.run(100);
		expect(seenBy(alice, bob)).toMatchObject({ availability: 'busy', note: 'in a meeting', untilMs: 5, online: true });
		bob.presence.set({ availability: 'offline', note: '', untilMs: 0 });
		await world.run(100);
		expect(seenBy(alice, bob)).toMatchObject({ availability: 'offline', online: false });
	});

	it('beats every 20 s with the digest of the log', async () => {
		const [alice] = await pair();
		const before = alice.digests.length;
		await world.run(60_000);
		expect(alice.digests.length - before).toBe(3);
		expect(alice.digests.at(-1)).toMatch(/ 9$/);
	});

	it('a goodbye shows at once, and the link is gone', async () => {
		const [alice, bob] = await pair();
		const stopped = bob.presence.stop();
		await world.run(300);
		await stopped;
		expect(seenBy(alice, bob)).toMatchObject({ availability: 'offline', online: false });
		expect(alice.mesh.links.get()).toEqual([]);
		expect(alice.saved.get(bob.id)).toBeGreaterThan(0);
		expect(bob.saved.get(alice.id)).toBeGreaterThan(0);
	});

	it('a computer that is cut off is unknown within 30 s, with when it was last seen', async () => {
		const [alice, bob] = await pair();
		await world.run(15_000);
		const cutMs = world.clock.now();
		world.network.kill('bob');
		const tookMs = await world.until(() => seenBy(alice, bob)?.availability === 'unknown', 30_000);
		expect(tookMs).toBeLessThanOrEqual(30_000);
		expect(seenBy(alice, bob)?.lastSeenMs).toBeLessThanOrEqual(cutMs);
		expect(seenBy(alice, bob)?.lastSeenMs).toBeGreaterThan(cutMs - 20_100);
		expect(alice.saved.get(bob.id)).toBe(seenBy(alice, bob)?.lastSeenMs);
	});

	it('one that hangs, its connection standing, is unknown within 30 s; one that is only quiet is not', async () => {
		const [alice, bob] = await pair();
		const quiet = world.add('quiet');
		quiet.mesh.start();
		await world.until(() => areLinked(alice, quiet), 3_000);
		world.network.freeze('bob');
		await world.until(() => seenBy(alice, bob)?.availability === 'unknown', 30_000);
		expect(alice.closes.at(-1)?.why).toBe('silent');
		// It never beats, but it answers probes.
		await world.run(60_000);
		expect(areLinked(alice, quiet)).toBe(true);
		expect(alice.presence.states.get().has(quiet.id)).toBe(false);
	});

	it('remembers from earlier starts when colleagues were last seen', async () => {
		world = createMeshWorld();
		const ghost = 'ab'.repeat(32);
		const alice = live(world.add('alice'), new Map([[ghost, 1234]]));
		await world.run(100);
		expect(alice.presence.states.get().get(ghost)).toEqual({ availability: 'unknown', note: '', untilMs: 0, lastSeenMs: 1234, online: false });
	});

	it('A54: presence of another start or device, said on a link, is ignored', async () => {
		const [alice, bob] = await pair();
		const carol = live(world.add('carol'));
		await world.until(() => areLinked(alice, carol) && areLinked(bob, carol), 5_000);
		await world.run(300);
		const beats: Uint8Array[] = [];
		carol.mesh.onMessage([2], (from, payload) => {
			if (from.device === bob.id) beats.push(payload.slice());
		});
		bob.presence.set({ availability: 'busy', note: 'only from Bob', untilMs: 0 });
		await world.run(200);
		const [beat] = beats;
		carol.mesh.send(alice.id, Uint8Array.of(2, ...(beat ?? [])), true);
		await world.run(200);
		expect(seenBy(alice, carol)).toMatchObject({ availability: 'available', note: '' });
	});

	it('a new start of a colleague begins anew', async () => {
		const [alice, bob] = await pair();
		bob.presence.set({ availability: 'busy', note: 'old', untilMs: 0 });
		await world.run(200);
		await Promise.all([bob.presence.stop(), world.run(300)]);
		bob.mesh.stop();
		const again = live(world.add('bob again', { keys: bob.keys }));
		await world.until(() => areLinked(alice, again), 5_000);
		await world.run(200);
		expect(seenBy(alice, again)).toMatchObject({ availability: 'available', note: '', online: true });
	});
});
