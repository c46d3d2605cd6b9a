/** Knocks over the server and over the mesh (PROTOCOL.md, section 7). */
import { afterEach, describe, expect, it } from 'vitest';
import { addressTopic } from '../../../src/crypto/mesh-key.ts';
import { canonicalAddress } from '../../../src/sync/link/address.ts';
import { createMeshWorld, isFullMesh, type MeshDevice, type MeshWorld } from '../../support/mesh-devices.ts';

let world: MeshWorld;
afterEach(() => world.stop());

/** Alice and Bob sit at one address, Carol at another. */
async function threeDesks(): Promise<{ alice: MeshDevice; bob: MeshDevice; carol: MeshDevice; heard: string[] }> {
	world = createMeshWorld();
	const [alice, bob] = [world.add('alice'), world.add('bob')];
	const carol = world.add('carol', { address: '10.0.0.99' });
	const heard: string[] = [];
	for (const device of [alice, bob, carol]) {
		device.mesh.onKnock(({ device: from }) => heard.push(`${device.name} by ${[alice, bob, carol].find(({ id }) => id === from)?.name}`));
		device.mesh.start();
	}
	await world.until(() => isFullMesh([alice, bob, carol]), 10_000);
	await world.run(1_000);
	return { alice, bob, carol, heard };
}

describe('a knock', () => {
	it('reaches all who sit at the address, never the knocker and nobody elsewhere', async () => {
		const { alice, carol, heard } = await threeDesks();
		expect(carol.mesh.knock('10.0.0.7')).toMatch(/^[0-9a-f]{32}$/);
		await world.run(500);
		expect(heard.sort()).toEqual(['alice by carol', 'bob by carol']);
		heard.length = 0;
		alice.mesh.knock('10.0.0.7');
		await world.run(500);
		expect(heard).toEqual(['bob by alice']);
		heard.length = 0;
		alice.mesh.knock('10.0.0.50');
		await world.run(500);
		expect(heard).toEqual([]);
	});

	it('goes over the links when the server is down, and is heard by those at the address alone', async () => {
		const { carol, heard } = await threeDesks();
		world.signaling.setDown(true);
		await world.run(1_000);
		expect(carol.mesh.knock('10.0.0.7')).toBeDefined();
		await world.run(500);
		expect(heard.sort()).toEqual(['alice by carol', 'bob by carol']);
	});

	it('tells the server neither the address nor who knocks, and draws no signal in answer', async () => {
		const { carol } = await threeDesks();
		const before = world.signaling.frames.length;
		carol.mesh.knock('10.0.0.7');
		await world.run(2_000);
		const frames = world.signaling.frames.slice(before);
		expect(frames.map(({ topic }) => topic)).toEqual([addressTopic(world.generations[0]!.topicKey, '10.0.0.7')]);
		expect(frames[0]?.text).not.toContain('10.0.0.7');
	});

	it('A65: said again by the server, at once, to another address, or after its sender has reloaded, it is heard once', async () => {
		const { alice, bob, carol, heard } = await threeDesks();
		const before = world.signaling.frames.length;
		carol.mesh.knock('10.0.0.7');
		await world.run(500);
		expect(heard).toHaveLength(2);
		const [frame] = world.signaling.frames.slice(before);
		if (!frame) throw new Error('a knock was published');
		for (let i = 0; i < 20; i++) world.signaling.replay(frame);
		await world.run(500);
		expect(heard).toHaveLength(2);
		// Turned to another desk: the address stands inside, signed.
		const topic = addressTopic(world.generations[0]!.topicKey, '10.0.0.99');
		alice.mesh.knock('10.0.0.50');
		await world.run(200);
		const other = world.signaling.frames.at(-1)!;
		world.signaling.replay({ topic, text: JSON.stringify({ ...(JSON.parse(other.text) as object), topic }) });
		await world.run(500);
		expect(heard).toHaveLength(2);
		// Yesterday's: Carol has started anew since, and so has Bob, who remembers nothing.
		carol.mesh.stop();
		bob.mesh.stop();
		const bobAgain = world.add('bob again', { keys: bob.keys });
		const carolAgain = world.add('carol again', { keys: carol.keys, address: '10.0.0.99' });
		bobAgain.mesh.onKnock(() => heard.push('bob again'));
		bobAgain.mesh.start();
		carolAgain.mesh.start();
		await world.until(() => isFullMesh([alice, bobAgain, carolAgain]), 60_000);
		world.signaling.replay(frame);
		await world.run(40_000);
		expect(heard).toHaveLength(2);
	});

	it('of a device that is no member, or refused, is not heard', async () => {
		const { alice, bob, carol, heard } = await threeDesks();
		bob.standings.set(carol.id, 'unknown');
		alice.standings.set(carol.id, 'refused');
		carol.mesh.knock('10.0.0.7');
		await world.run(500);
		expect(heard).toEqual([]);
	});
});

describe('an address', () => {
	it('is the same however it is written, and none that no computer has', () => {
		expect(canonicalAddress('192.168.1.23')).toBe('192.168.1.23');
		expect(canonicalAddress('FD12:3456::7')).toBe(canonicalAddress('fd12:3456:0:0:0:0:0:7'));
		for (const text of ['', 'ana', '192.168.1', '192.168.1.256', '01.2.3.4', '0.0.0.0', '224.0.0.1', '255.255.255.255', '::', 'ff02::1', '::ffff:10.0.0.1', 'fe80::1%eth0']) {
			expect(canonicalAddress(text)).toBeUndefined();
		}
	});
});
