import { describe, expect, it } from 'vitest';
import { createAttempts } from '../../../src/sync/link/attempts.ts';
import { createBackoff } from '../../../src/sync/link/backoff.ts';
import { createRoute } from '../../../src/sync/link/route.ts';
import { concat, fromHex } from '../../../src/crypto/bytes.ts';
import { createWriter } from '../../../src/crypto/codec.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { seededRandom } from '../../support/seeded-random.ts';

function setUp(newcomer = false) {
	const clock = createFakeClock();
	const begun: string[] = [];
	const attempts = createAttempts({
		clock,
		random: seededRandom(2),
		newcomer,
		begin(device) {
			begun.push(device);
			return true;
		},
	});
	return { clock, begun, attempts };
}

describe('attempts', () => {
	it('are five of our own and eight of others at a time; the rest waits', async () => {
		const { clock, begun, attempts } = setUp();
		for (let i = 0; i < 10; i++) attempts.wish(`out ${i}`, 0);
		const answered: string[] = [];
		for (let i = 0; i < 10; i++) attempts.queueOffer(`in ${i}`, () => answered.push(`in ${i}`) > 0);
		await clock.advance(10);
		expect([begun.length, answered.length]).toEqual([5, 8]);
		attempts.settled('out 0', 'out');
		attempts.settled('in 3', 'in');
		expect([begun.length, answered.length]).toEqual([6, 9]);
	});

	it('of a newcomer are one at a time', () => {
		const { attempts } = setUp(true);
		const answered: string[] = [];
		for (let i = 0; i < 3; i++) attempts.queueOffer(`in ${i}`, () => answered.push(`in ${i}`) > 0);
		expect(answered).toEqual(['in 0']);
		attempts.settled('in 0', 'in');
		expect(answered).toEqual(['in 0', 'in 1']);
	});

	it('give the place back where the start of one throws', () => {
		const { attempts } = setUp();
		for (let i = 0; i < 8; i++) {
			expect(() =>
				attempts.queueOffer(`broken ${i}`, () => {
					throw new Error('no more connections');
				}),
			).toThrow('no more connections');
		}
		const answered: string[] = [];
		for (let i = 0; i < 4; i++) attempts.queueOffer(`in ${i}`, () => answered.push(`in ${i}`) > 0);
		expect(answered).toHaveLength(4);
	});

	it('drop an offer that has waited 10 s, and keep only the newest of a device', async () => {
		const { clock, attempts } = setUp();
		const answered: string[] = [];
		for (let i = 0; i < 8; i++) attempts.queueOffer(`in ${i}`, () => true);
		attempts.queueOffer('late', () => answered.push('late') > 0);
		attempts.queueOffer('twice', () => answered.push('first') > 0);
		await clock.advance(9_000);
		attempts.queueOffer('twice', () => answered.push('second') > 0);
		await clock.advance(2_000);
		for (let i = 0; i < 8; i++) attempts.settled(`in ${i}`, 'in');
		expect(answered).toEqual(['second']);
	});

	it('wait longer after each failure, and not after a reset', async () => {
		const { clock, begun, attempts } = setUp();
		const waits: number[] = [];
		for (let i = 0; i < 15; i++) {
			attempts.failed('x');
			const startMs = clock.now();
			attempts.wish('x', 0);
			const count = begun.length;
			while (begun.length === count) await clock.advance(50);
			waits.push(clock.now() - startMs);
			attempts.settled('x', 'out');
		}
		expect(waits[0]).toBeLessThanOrEqual(1_050);
		expect(waits.at(-1)).toBeGreaterThan(29_000);
		expect(Math.max(...waits)).toBeLessThanOrEqual(60_050);
		attempts.failed('x');
		attempts.reset('x');
		attempts.wish('x', 0);
		const count = begun.length;
		await clock.advance(10);
		expect(begun).toHaveLength(count + 1);
	});

	it('are brought forward by a sooner wish and not put off by a later one', async () => {
		const { clock, begun, attempts } = setUp();
		attempts.wish('x', 1_000);
		attempts.wish('x', 5_000);
		attempts.wish('y', 5_000);
		attempts.wish('y', 100);
		await clock.advance(200);
		expect(begun).toEqual(['y']);
		await clock.advance(900);
		expect(begun).toEqual(['y', 'x']);
	});

	it('have a budget: whoever asks for five hundred gets them slowly', async () => {
		const { clock, begun, attempts } = setUp();
		for (let i = 0; i < 500; i++) {
			attempts.wish(`out ${i}`, 0);
			await clock.advance(1);
			attempts.settled(`out ${i}`, 'out');
		}
		expect(begun.length).toBeLessThan(170);
		await clock.advance(60_000);
		expect(begun.length).toBeLessThan(290);
	});
});

describe('back-off', () => {
	it('grows from 1 s to 60 s, each wait between half and all of it', () => {
		const backoff = createBackoff({ random: seededRandom(3), firstMs: 1_000, maxMs: 60_000 });
		let fullMs = 1_000;
		for (let i = 0; i < 200; i++) {
			const waitMs = backoff.next();
			expect(waitMs).toBeGreaterThanOrEqual(fullMs / 2);
			expect(waitMs).toBeLessThanOrEqual(fullMs);
			fullMs = Math.min(60_000, fullMs * 1.5);
		}
		backoff.reset();
		expect(backoff.next()).toBeLessThanOrEqual(1_000);
	});
});

describe('relays', () => {
	const [a, b, c, boot] = ['aa'.repeat(32), 'bb'.repeat(32), 'cc'.repeat(32), '11'.repeat(16)] as const;
	function setUpRoute(serverUp = true) {
		const clock = createFakeClock();
		const links = new Map([
			[a, boot],
			[b, boot],
		]);
		const sent: [string, number][] = [];
		const published: string[] = [];
		const route = createRoute({
			clock,
			links: () => links,
			isLinked: (device) => links.has(device),
			send: (device, message) => sent.push([device.slice(0, 2), message[0] ?? 0]) > 0,
			publish: (topic) => serverUp && published.push(topic) > 0,
			serverUp: () => serverUp,
		});
		return { clock, links, sent, published, route };
	}
	const list = (...devices: string[]): Uint8Array => {
		const writer = createWriter().u16(devices.length);
		for (const device of devices) writer.raw(fromHex(device) ?? new Uint8Array(32)).raw(fromHex(boot) ?? new Uint8Array(16));
		return writer.bytes();
	};
	const relay = (to: string, sealed = new Uint8Array(100)): Uint8Array => concat(fromHex(to) ?? new Uint8Array(32), createWriter().lp(sealed).bytes());
	const context = { keyId: new Uint8Array(8), signalKey: new Uint8Array(32), topicKey: new Uint8Array(32), invite: undefined, alone: false, officeTopic: 't', age: 0 };

	it('go one hop, to a device that is linked, twenty a second from each', async () => {
		const { clock, sent, route } = setUpRoute();
		expect(route.takeRelay(a, relay(b))).toBe(true);
		expect(sent).toEqual([['bb', 6]]);
		expect(route.takeRelay(a, relay(c))).toBe(false);
		expect(route.takeRelay(a, relay(a))).toBe(false);
		expect(route.takeRelay(a, relay(b).subarray(1))).toBe(false);
		expect(route.takeRelay(a, relay(b, new Uint8Array(9 * 1024 + 1)))).toBe(false);
		expect(Array.from({ length: 40 }, () => route.takeRelay(a, relay(b))).filter(Boolean)).toHaveLength(19);
		expect(route.takeRelay(b, relay(a))).toBe(true);
		await clock.advance(1_000);
		expect(route.takeRelay(a, relay(b))).toBe(true);
	});

	it('are preferred over the server, except at every second turn, and the server is the fallback', () => {
		const { sent, published, route } = setUpRoute();
		expect(route.send(c, context, new Uint8Array(10), 0)).toBe(true);
		expect([sent.length, published.length]).toEqual([0, 1]);
		expect(route.takeNeighbours(a, list(c))).toBe(true);
		route.send(c, context, new Uint8Array(10), 0);
		expect(sent).toEqual([['aa', 5]]);
		route.send(c, context, new Uint8Array(10), 1);
		expect(published).toHaveLength(2);
		for (let i = 0; i < 20; i++) route.send(c, context, new Uint8Array(10), 0);
		expect(sent.length).toBe(15);
		expect(published.length).toBe(8);
	});

	it('are the only way without a server, and there is none without a neighbour', () => {
		const { route } = setUpRoute(false);
		expect(route.reaches(c)).toBe(false);
		expect(route.send(c, context, new Uint8Array(10), 0)).toBe(false);
		route.takeNeighbours(b, list(c));
		expect(route.reaches(c)).toBe(true);
		expect(route.send(c, context, new Uint8Array(10), 3)).toBe(true);
	});

	it('lists of neighbours go out on change, at most one a second, and are dropped with their link', async () => {
		const { clock, links, sent, route } = setUpRoute();
		for (let i = 0; i < 5; i++) route.linksChanged();
		await clock.advance(10);
		expect(sent).toEqual([['aa', 4], ['bb', 4]]);
		route.linksChanged();
		await clock.advance(900);
		expect(sent).toHaveLength(2);
		await clock.advance(100);
		expect(sent).toHaveLength(4);
		route.takeNeighbours(a, list(c));
		expect(route.takeNeighbours(a, list(c).subarray(1))).toBe(false);
		expect(route.neighbours(a)).toEqual(new Set([c]));
		links.delete(a);
		route.linksChanged();
		expect(route.neighbours(a)).toEqual(new Set());
	});
});
