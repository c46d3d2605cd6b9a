/** The lines of ATTACKS.md that end at the mesh, on the real signals and the fake network. */
import { afterEach, describe, expect, it } from 'vitest';
import { concat, fromHex, utf8 } from '../../../src/crypto/bytes.ts';
import { createDeviceKeys } from '../../../src/crypto/identity.ts';
import { officeTopic } from '../../../src/crypto/mesh-key.ts';
import { open, seal } from '../../../src/crypto/seal.ts';
import { decodeDescription, encodeDescription, formatDescription, parseDescription } from '../../../src/sync/link/description.ts';
import { encodeFirst } from '../../../src/sync/link/first.ts';
import { createSignalGate, decodeSignal, encodeSignal, nobody, sealSignal, type SignalKind } from '../../../src/sync/link/signal.ts';
import { createLinkPair } from '../../support/link-pair.ts';
import { areLinked, createMeshWorld, isFullMesh, type MeshDevice, type MeshWorld } from '../../support/mesh-devices.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const fingerprint = new Uint8Array(32).fill(7);
const sample = { ufrag: 'abcd', pwd: 'p'.repeat(24), fingerprint, setup: 'actpass' as const, maxMessageSize: 262_144, candidates: [] };

describe('hostile signaling', () => {
	let world: MeshWorld;
	afterEach(() => world.stop());

	async function pair(): Promise<[MeshDevice, MeshDevice]> {
		world = createMeshWorld();
		const devices = [world.add('alice'), world.add('bob')] as [MeshDevice, MeshDevice];
		return Promise.resolve(devices);
	}

	const dataOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from((JSON.parse(text) as { data: string }).data, 'base64'));
	const withData = (text: string, bytes: Uint8Array): string => JSON.stringify({ ...(JSON.parse(text) as object), data: Buffer.from(bytes).toString('base64') });

	it('A19: a server that alters descriptions is refused, and no byte passes', async () => {
		const [alice, bob] = await pair();
		world.signaling.tamper = ({ text }) => {
			const bytes = dataOf(text);
			bytes[bytes.length - 20] = (bytes[bytes.length - 20] ?? 0) ^ 1;
			return withData(text, bytes);
		};
		alice.mesh.start();
		bob.mesh.start();
		await world.run(8_000);
		expect(areLinked(alice, bob)).toBe(false);
		expect(world.network.passed()).toBe(0);
		expect(alice.mesh.stats.refused + bob.mesh.stats.refused).toBeGreaterThan(0);
	});

	it('A19: a server in league with a member swaps fingerprints under the right key: the signature does not hold', async () => {
		const [alice, bob] = await pair();
		const [generation] = world.generations;
		const random = seededRandom(9);
		let swapped = 0;
		world.signaling.tamper = ({ text }) => {
			const sealed = dataOf(text);
			const inner = generation && open(generation.signalKey, generation.keyId, sealed.subarray(8));
			const signal = inner && decodeSignal(inner.slice(0, -64));
			const description = signal && (signal.kind === 'offer' || signal.kind === 'answer') ? decodeDescription(signal.body, signal.kind) : undefined;
			if (!generation || !inner || !signal || !description) return text;
			swapped += 1;
			const bytes = encodeSignal({ ...signal, body: encodeDescription({ ...description, fingerprint }) });
			return withData(text, concat(generation.keyId, seal(random, generation.signalKey, generation.keyId, concat(bytes, inner.slice(-64)))));
		};
		alice.mesh.start();
		bob.mesh.start();
		await world.run(8_000);
		expect(swapped).toBeGreaterThan(0);
		expect(areLinked(alice, bob)).toBe(false);
		expect(world.network.passed()).toBe(0);
	});

	it('A56: signals of an earlier start, said again by the server, build nothing and close nothing', async () => {
		const [alice, bob] = await pair();
		alice.mesh.start();
		bob.mesh.start();
		await world.until(() => areLinked(alice, bob), 3_000);
		const recorded = [...world.signaling.frames];
		alice.mesh.stop();
		bob.mesh.stop();
		const again = [world.add('alice', { keys: alice.keys }), world.add('bob', { keys: bob.keys })];
		for (const device of again) device.mesh.start();
		await world.until(() => isFullMesh(again), 20_000);
		const built = [world.network.built('alice'), world.network.built('bob')];
		const boots = again.map((device) => device.mesh.links.get()[0]?.boot);
		for (const frame of recorded) world.signaling.replay(frame);
		await world.run(30_000);
		expect([world.network.built('alice'), world.network.built('bob')]).toEqual(built);
		expect(again.map((device) => device.mesh.links.get()[0]?.boot)).toEqual(boots);
		expect(again.flatMap((device) => device.closes)).toEqual([]);
	});

	it('A58: hostile candidates of an insider never reach the ICE agent', async () => {
		const [alice, bob] = await pair();
		const [generation] = world.generations;
		let aimed = 0;
		const hostile = ['8.8.8.8', '127.0.0.1', '224.0.0.251', '0.0.0.0', '255.255.255.255', '::1', 'printer.local', '192.168.1.20'];
		const random = seededRandom(3);
		world.signaling.tamper = ({ text }) => {
			const sealed = dataOf(text);
			const inner = generation && open(generation.signalKey, generation.keyId, sealed.subarray(8));
			const signal = inner && decodeSignal(inner.slice(0, -64));
			const description = signal && (signal.kind === 'offer' || signal.kind === 'answer') ? decodeDescription(signal.body, signal.kind) : undefined;
			if (!generation || !signal || !description) return text;
			const author = [alice, bob].find((device) => device.id === Buffer.from(signal.from).toString('hex'));
			aimed += 1;
			const candidates = hostile.map((address, i) => ({ address, port: i === 7 ? 9100 - 9000 : 9100, type: 'host' as const, priority: 1 }));
			return author && withData(text, sealSignal(random, author.keys, generation, encodeSignal({ ...signal, body: encodeDescription({ ...description, candidates }) })));
		};
		alice.mesh.start();
		bob.mesh.start();
		await world.run(3_000);
		const fromBodies = world.network.candidates.filter(({ candidate }) => hostile.some((address) => candidate.includes(` ${address} `)));
		expect(aimed).toBeGreaterThan(0);
		expect(fromBodies).toEqual([]);
	});

	it('A38: five hundred strangers under the office’s key, none of whom ends its handshake, cost few connections, and a colleague is linked all the same', async () => {
		world = createMeshWorld();
		const alice = world.add('alice', { unknown: true });
		const [generation] = world.generations;
		if (!generation) throw new Error('the world has a generation');
		alice.mesh.start();
		await world.run(500);
		const random = seededRandom(38);
		const topic = officeTopic(generation.topicKey);
		const officeId = fromHex(world.officeId) ?? nobody;
		for (let i = 0; i < 500; i++) {
			const keys = createDeviceKeys(random);
			const hello = encodeSignal({
				officeId, from: keys.signPublic, to: nobody, bootFrom: random(16), bootTo: new Uint8Array(16), session: random(16), kind: 'hello', re: nobody, body: new Uint8Array(0),
			});
			world.signaling.replay({ topic, text: JSON.stringify({ type: 'publish', topic, data: Buffer.from(sealSignal(random, keys, generation, hello)).toString('base64') }) });
		}
		const bob = world.add('bob');
		alice.standings.set(bob.id, 'member');
		bob.mesh.start();
		await world.until(() => areLinked(alice, bob), 5_000);
		await world.run(60_000);
		// Four places of 15 s each, and the colleague's own.
		expect(world.network.built('alice')).toBeLessThan(40);
		expect(world.network.built('alice')).toBeGreaterThan(4);
		expect(areLinked(alice, bob)).toBe(true);
	});

	it('A58: a thousand candidates are refused whole', () => {
		const one = { address: '10.0.0.9', port: 5000, type: 'host' as const, priority: 1 };
		expect(decodeDescription(encodeDescription({ ...sample, candidates: Array.from({ length: 8 }, () => one) }), 'offer')?.candidates).toHaveLength(8);
		expect(decodeDescription(encodeDescription({ ...sample, candidates: Array.from({ length: 9 }, () => one) }), 'offer')).toBeUndefined();
	});
});

describe('A20: descriptions', () => {
	const sdp = formatDescription(sample);
	const line = /a=fingerprint:.*\r\n/.exec(sdp)?.[0] ?? '';

	it('are taken from a browser only with exactly one sha-256 fingerprint and one channel', () => {
		expect(parseDescription(sdp)).toEqual(sample);
		expect(parseDescription(sdp.replace(line, `${line}${line.replaceAll('07', '08')}`))).toBeUndefined();
		expect(parseDescription(sdp.replace('s=-\r\n', `s=-\r\n${line.replaceAll('07', '08')}`))).toBeUndefined();
		expect(parseDescription(sdp.replace(line, 'a=fingerprint:sha-1 00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13\r\n'))).toBeUndefined();
		expect(parseDescription(sdp.replace(line, ''))).toBeUndefined();
		expect(parseDescription(`${sdp}m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n`)).toBeUndefined();
	});

	it('cannot smuggle a line into the template', () => {
		for (const ufrag of ['ab\r\na=candidate:1 1 tcp 1 10.0.0.1 9100 typ host', 'abc d', 'ab', '']) {
			expect(decodeDescription(encodeDescription({ ...sample, ufrag }), 'offer')).toBeUndefined();
			expect(decodeDescription(encodeDescription({ ...sample, pwd: ufrag }), 'offer')).toBeUndefined();
		}
	});
});

describe('A21, A22, A23: signals and first messages', () => {
	const random = seededRandom(4);
	const [alice, bob] = [createDeviceKeys(random), createDeviceKeys(random)];
	const officeId = random(32);
	const [bootA, bootB] = [random(16), random(16)];
	const key = { keyId: random(8), signalKey: random(32) };
	const make = (fields: Partial<Parameters<typeof encodeSignal>[0]> & { kind: SignalKind }): Uint8Array =>
		encodeSignal({ officeId, from: alice.signPublic, to: bob.signPublic, bootFrom: bootA, bootTo: bootB, session: random(16), re: nobody, body: encodeDescription(sample), ...fields });
	const gateOfBob = () => createSignalGate({ officeId, self: bob.signPublic, boot: bootB, now: () => 0 });
	const sealBy = (keys: typeof alice, bytes: Uint8Array): Uint8Array => sealSignal(random, keys, key, bytes);

	it('A21: our own signal thrown back, and one for a third, are refused', () => {
		expect(gateOfBob().open(key, sealBy(bob, make({ kind: 'offer', from: bob.signPublic })))).toBeUndefined();
		expect(gateOfBob().open(key, sealBy(alice, make({ kind: 'offer', to: random(32) })))).toBeUndefined();
		expect(gateOfBob().open(key, sealBy(alice, make({ kind: 'offer' })))).toMatchObject({ kind: 'offer' });
	});

	it('A22: a repeated session and kind, another start, another office, another key, another author are refused', () => {
		const gate = gateOfBob();
		const sealed = sealBy(alice, make({ kind: 'offer' }));
		expect(gate.open(key, sealed)).toBeDefined();
		expect(gate.open(key, sealed)).toBeUndefined();
		expect(gate.open(key, sealBy(alice, make({ kind: 'offer', bootTo: bootA })))).toBeUndefined();
		expect(gate.open(key, sealBy(alice, make({ kind: 'offer', officeId: random(32) })))).toBeUndefined();
		expect(gate.open({ ...key, signalKey: random(32) }, sealBy(alice, make({ kind: 'offer' })))).toBeUndefined();
		expect(gate.open({ ...key, keyId: random(8) }, sealBy(alice, make({ kind: 'offer' })))).toBeUndefined();
		expect(gate.open(key, sealBy(bob, make({ kind: 'offer' })))).toBeUndefined();
		expect(decodeSignal(make({ kind: 'offer', to: nobody, bootTo: new Uint8Array(16) }))).toBeUndefined();
	});

	it('A22: what comes before the first message closes the link, unread', async () => {
		const pair = createLinkPair(random);
		pair.deliverToA(Uint8Array.of(200, 1, 2, 3));
		await pair.settle();
		expect(pair.a.closed).toBe('mismatch');
		expect(pair.a.messages).toEqual([]);
	});

	it('A23: an altered first message, a first one too many, and versions that do not meet close the link', async () => {
		const first = { protoMin: 1, protoMax: 1, build: 'x', from: new Uint8Array(32).fill(2), to: new Uint8Array(32).fill(1), descriptions: fromHex('55'.repeat(32)) ?? nobody };
		const cases = [
			{ ...first, descriptions: nobody },
			{ ...first, from: nobody },
			{ ...first, to: nobody },
			{ ...first, protoMin: 0, protoMax: 0 },
			{ ...first, protoMin: 2, protoMax: 3 },
			{ ...first, protoMin: 2, protoMax: 1 },
		];
		for (const one of cases) {
			const pair = createLinkPair(random);
			pair.a.connect();
			pair.deliverToA(concat(Uint8Array.of(1), encodeFirst(one)));
			await pair.settle();
			expect(pair.a.closed).toMatch(/^(mismatch|version)$/);
			expect(pair.a.opened).toBe(false);
		}
		const pair = createLinkPair(random);
		pair.a.connect();
		pair.deliverToA(concat(Uint8Array.of(1), encodeFirst(first)));
		await pair.settle();
		expect(pair.a.opened).toBe(true);
		pair.deliverToA(concat(Uint8Array.of(1), encodeFirst(first)));
		await pair.settle();
		expect(pair.a.closed).toBe('mismatch');
	});

	it('A57: two that were spliced together by an insider find each other out, both ways', async () => {
		const pair = createLinkPair(random, { spliced: true });
		pair.a.connect();
		pair.b.connect();
		await pair.settle();
		expect([pair.a.closed, pair.b.closed]).toEqual(['mismatch', 'mismatch']);
		expect([...pair.a.messages, ...pair.b.messages]).toEqual([]);
	});

	it('opens both ways when nobody interferes, and reads what follows', async () => {
		const pair = createLinkPair(random);
		pair.a.connect();
		pair.b.connect();
		await pair.settle();
		expect([pair.a.opened, pair.b.opened]).toEqual([true, true]);
		pair.a.link.send(concat(Uint8Array.of(200), utf8('hello')), false);
		await pair.settle();
		expect(pair.b.messages).toEqual(['200 hello']);
	});
});
