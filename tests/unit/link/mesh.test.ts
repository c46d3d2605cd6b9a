import { afterEach, describe, expect, it } from 'vitest';
import { areLinked, createMeshWorld, isFullMesh, type MeshDevice, type MeshWorld } from '../../support/mesh-devices.ts';

let world: MeshWorld;
afterEach(() => world.stop());

function startAll(count: number, seed = 1): MeshDevice[] {
	world = createMeshWorld(seed);
	const devices = Array.from({ length: count }, (_, i) => world.add(`device ${i}`));
	for (const device of devices) device.mesh.start();
	return devices;
}

function hearing(devices: readonly MeshDevice[]): string[] {
	const heard: string[] = [];
	for (const device of devices) device.mesh.onMessage([200], (from, payload) => heard.push(`${device.name} < ${from.device.slice(0, 4)}: ${payload.join()}`));
	return heard;
}

describe('a mesh', () => {
	it('links three devices that start at once, one connection a pair', async () => {
		const devices = startAll(3);
		await world.until(() => isFullMesh(devices), 3_000);
		expect(devices.map(({ name }) => world.network.built(name))).toEqual([2, 2, 2]);
	});

	it('links thirty that start at once, with at most 1,500 deliveries by the server', async () => {
		const devices = startAll(30);
		const tookMs = await world.until(() => isFullMesh(devices), 20_000);
		expect(tookMs).toBeLessThan(20_000);
		expect(world.signaling.deliveries()).toBeLessThanOrEqual(1_500);
		for (const { name } of devices) expect(world.network.built(name)).toBeLessThan(45);
	}, 120_000);

	it('carries broadcasts, and long messages whole', async () => {
		const devices = startAll(4);
		await world.until(() => isFullMesh(devices), 5_000);
		const heard = hearing(devices);
		devices[0]!.mesh.broadcast(Uint8Array.of(200, 1, 2));
		await world.run(100);
		expect(heard).toHaveLength(3);
		const long: number[] = [];
		devices[1]!.mesh.onMessage([201], (_from, payload) => long.push(payload.length));
		expect(devices[0]!.mesh.send(devices[1]!.id, new Uint8Array(900_001).fill(201, 0, 1))).toBe(true);
		await world.run(2_000);
		expect(long).toEqual([900_000]);
	});

	it('takes in one that starts later, by its own hello', async () => {
		const devices = startAll(3);
		await world.until(() => isFullMesh(devices), 5_000);
		await world.run(120_000);
		const late = world.add('late');
		late.mesh.start();
		await world.until(() => isFullMesh([...devices, late]), 3_000);
	});

	it('notices a dead device and finds it again after its new start', async () => {
		const devices = startAll(3);
		await world.until(() => isFullMesh(devices), 5_000);
		const [alice, bob, carol] = devices as [MeshDevice, MeshDevice, MeshDevice];
		world.network.kill(carol.name);
		await world.until(() => alice.mesh.links.get().length === 1 && bob.mesh.links.get().length === 1, 12_000);
		expect(alice.closes.at(-1)?.why).toBe('silent');
		carol.mesh.stop();
		const again = world.add('carol again', { keys: carol.keys });
		again.mesh.start();
		await world.until(() => isFullMesh([alice, bob, again]), 3_000);
		expect(alice.mesh.links.get().find((link) => link.device === carol.id)?.boot).toBe(again.mesh.self.boot);
	});

	it('finds a lost link again through a neighbour when the server is gone', async () => {
		const devices = startAll(4);
		await world.until(() => isFullMesh(devices), 5_000);
		await world.run(3_000);
		const [alice, bob] = devices as [MeshDevice, MeshDevice];
		world.signaling.setDown(true);
		world.network.cut(alice.name, bob.name);
		await world.until(() => !areLinked(alice, bob), 15_000);
		expect(alice.mesh.server.get()).not.toBe('connected');
		world.network.mend(alice.name, bob.name);
		const before = world.signaling.deliveries();
		await world.until(() => isFullMesh(devices), 60_000);
		expect(world.signaling.deliveries()).toBe(before);
		expect(devices.reduce((sum, { mesh }) => sum + mesh.stats.relayed, 0)).toBeGreaterThan(0);
	});

	it('introduces two that only a neighbour knows', async () => {
		world = createMeshWorld();
		const alice = world.add('alice');
		const bob = world.add('bob');
		const carol = world.add('carol');
		alice.mesh.start();
		bob.mesh.start();
		await world.until(() => isFullMesh([alice, bob]), 3_000);
		// Carol's hello and whatever she is sent reach Bob alone.
		world.signaling.tamper = ({ text }) => text;
		world.network.cut(alice.name, carol.name);
		carol.mesh.start();
		await world.until(() => areLinked(bob, carol), 5_000);
		world.signaling.setDown(true);
		world.network.mend(alice.name, carol.name);
		await world.until(() => isFullMesh([alice, bob, carol]), 90_000);
	});

	it('does not dial in a loop: an unreachable colleague costs few connections', async () => {
		const [alice, bob] = startAll(2) as [MeshDevice, MeshDevice];
		world.network.cut(alice.name, bob.name);
		await world.run(10 * 60_000);
		expect(world.network.built(alice.name)).toBeLessThan(30);
		expect(world.network.built(alice.name)).toBeGreaterThan(5);
	}, 120_000);

	it('replaces links that do not answer a probe within 3 s', async () => {
		const devices = startAll(2);
		await world.until(() => isFullMesh(devices), 3_000);
		const [alice, bob] = devices as [MeshDevice, MeshDevice];
		alice.mesh.probe();
		await world.run(4_000);
		expect(alice.closes).toEqual([]);
		world.network.cut(alice.name, bob.name);
		alice.mesh.probe();
		await world.until(() => alice.closes.length > 0, 3_200);
		world.network.mend(alice.name, bob.name);
		await world.until(() => areLinked(alice, bob), 40_000);
	});

	it('keeps a live link until the new session of the same device is open', async () => {
		const [alice, bob] = startAll(2) as [MeshDevice, MeshDevice];
		await world.until(() => areLinked(alice, bob), 3_000);
		for (const frame of [...world.signaling.frames]) world.signaling.replay(frame);
		await world.run(1_000);
		expect(alice.closes).toEqual([]);
		expect(bob.closes).toEqual([]);
	});

	it('says goodbye for good: this start is not dialled again, the next one is', async () => {
		const [alice, bob] = startAll(2) as [MeshDevice, MeshDevice];
		await world.until(() => areLinked(alice, bob), 3_000);
		alice.mesh.disconnect(bob.id, 'goodbye');
		await world.run(30_000);
		expect(areLinked(alice, bob)).toBe(false);
		bob.mesh.stop();
		const again = world.add('bob again', { keys: bob.keys });
		again.mesh.start();
		await world.until(() => areLinked(alice, again), 3_000);
	});

	it('meets one that was away through a re-keying, under the key both hold', async () => {
		world = createMeshWorld();
		const [old, present] = world.generations;
		const away = world.add('away', { meshKeys: { current: old, older: [], joins: [] } });
		const here = world.add('here', { meshKeys: { current: present, older: [old!], joins: [] } });
		here.mesh.start();
		await world.run(500);
		away.mesh.start();
		await world.until(() => areLinked(away, here), 3_000);
		away.mesh.stop();
		// And the other way round: the one that was away is online first.
		const waiting = world.add('waiting', { meshKeys: { current: old, older: [], joins: [] } });
		waiting.mesh.start();
		await world.run(500);
		const second = world.add('second', { meshKeys: { current: present, older: [old!], joins: [] } });
		second.mesh.start();
		await world.until(() => areLinked(waiting, second), 3_000);
	});
});
