import { describe, expect, it } from 'vitest';
import { createSignalingClient, type SignalingClient } from '../../../src/sync/link/signaling-client.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { seededRandom } from '../../support/seeded-random.ts';

interface FakeSocket {
	readonly sent: { type: string; topics?: string[]; topic?: string }[];
	readonly events: { open(): void; message(text: string): void; close(): void };
	closed: boolean;
}

function setUp() {
	const clock = createFakeClock();
	const sockets: FakeSocket[] = [];
	const heard: string[] = [];
	let ready = 0;
	const client: SignalingClient = createSignalingClient({
		clock,
		random: seededRandom(1),
		openSocket(events) {
			const socket: FakeSocket = { sent: [], events, closed: false };
			sockets.push(socket);
			return {
				send: (text) => socket.sent.push(JSON.parse(text) as FakeSocket['sent'][number]),
				close: () => {
					socket.closed = true;
				},
			};
		},
		onReady: () => {
			ready += 1;
		},
		onPublish: (topic, sealed) => heard.push(`${topic}:${sealed.join()}`),
	});
	client.setTopics(new Set(['a', 'b']));
	client.start();
	return { clock, sockets, heard, client, ready: () => ready, last: () => sockets.at(-1)! };
}

describe('the signaling client', () => {
	it('subscribes, says that it is ready, pings, and is connected when the server answers', () => {
		const { client, last, ready } = setUp();
		expect(client.state.get()).toBe('connecting');
		last().events.open();
		expect(last().sent).toEqual([{ type: 'subscribe', topics: ['a', 'b'] }, { type: 'ping' }]);
		expect(ready()).toBe(1);
		expect(client.state.get()).toBe('connecting');
		last().events.message('{"type":"welcome","address":"10.0.0.7","build":"x","stunPort":0}');
		last().events.message('{"type":"pong"}');
		expect(client.state.get()).toBe('connected');
		expect(client.welcome.get()).toEqual({ address: '10.0.0.7', build: 'x', stunPort: 0 });
	});

	it('hears only what it subscribed to, and follows its topics', () => {
		const { client, last, heard } = setUp();
		last().events.open();
		last().events.message('{"type":"publish","topic":"a","data":"AQ=="}');
		last().events.message('{"type":"publish","topic":"z","data":"AQ=="}');
		client.setTopics(new Set(['b', 'c']));
		expect(last().sent.slice(2)).toEqual([{ type: 'subscribe', topics: ['c'] }, { type: 'unsubscribe', topics: ['a'] }]);
		last().events.message('{"type":"publish","topic":"a","data":"AQ=="}');
		expect(heard).toEqual(['a:1']);
	});

	it('comes back by itself: sooner at first, at most 60 s apart, with jitter, and subscribes again', async () => {
		const { client, clock, sockets, last } = setUp();
		last().events.open();
		last().events.message('{"type":"pong"}');
		last().events.close();
		expect(client.state.get()).toBe('connecting');
		const gaps: number[] = [];
		let atMs = clock.now();
		for (let i = 0; i < 16; i++) {
			const count = sockets.length;
			while (sockets.length === count) await clock.advance(100);
			gaps.push(clock.now() - atMs);
			atMs = clock.now();
			last().events.close();
		}
		expect(client.state.get()).toBe('unreachable');
		expect(gaps[0]).toBeLessThanOrEqual(1_100);
		expect(gaps[0]).toBeGreaterThanOrEqual(500);
		expect(Math.max(...gaps)).toBeLessThanOrEqual(60_100);
		expect(gaps.at(-1)).toBeGreaterThanOrEqual(30_000);
		const count = sockets.length;
		while (sockets.length === count) await clock.advance(100);
		last().events.open();
		expect(last().sent[0]).toEqual({ type: 'subscribe', topics: ['a', 'b'] });
	});

	it('takes OPEN for nothing: a server that does not answer a ping within 10 s is left', async () => {
		const { client, clock, sockets, last } = setUp();
		last().events.open();
		last().events.message('{"type":"pong"}');
		await clock.advance(19_000);
		expect(last().sent.filter(({ type }) => type === 'ping')).toHaveLength(1);
		await clock.advance(1_500);
		expect(last().sent.filter(({ type }) => type === 'ping')).toHaveLength(2);
		await clock.advance(9_000);
		expect(client.state.get()).toBe('connected');
		await clock.advance(1_000);
		expect(client.state.get()).toBe('connecting');
		expect(sockets[0]?.closed).toBe(true);
		sockets[0]?.events.message('{"type":"pong"}');
		expect(client.state.get()).toBe('connecting');
	});

	it('leaves a socket that never opens, and probes at once when asked', async () => {
		const { client, clock, sockets, last } = setUp();
		await clock.advance(10_000);
		expect(sockets[0]?.closed).toBe(true);
		await clock.advance(1_000);
		expect(sockets).toHaveLength(2);
		last().events.close();
		client.probe();
		expect(sockets).toHaveLength(3);
		last().events.open();
		last().events.message('{"type":"pong"}');
		client.probe();
		expect(last().sent.filter(({ type }) => type === 'ping')).toHaveLength(2);
	});

	it('stays below what the server takes, in order, and loses nothing of a burst', async () => {
		const { client, clock, last } = setUp();
		last().events.open();
		for (let i = 0; i < 1_000; i++) expect(client.publish(`t${i}`, Uint8Array.of(1))).toBe(true);
		const published = (): string[] => last().sent.filter(({ type }) => type === 'publish').map(({ topic }) => topic ?? '');
		expect(published().length).toBeLessThan(700);
		await clock.advance(1_000);
		expect(published().length).toBeLessThan(800);
		for (let i = 0; i < 3; i++) {
			await clock.advance(2_000);
			last().events.message('{"type":"pong"}');
		}
		expect(published()).toEqual(Array.from({ length: 1_000 }, (_, i) => `t${i}`));
	});

	it('publishes nothing without a socket, and nothing after it was stopped', async () => {
		const { client, clock, sockets, last } = setUp();
		expect(client.publish('t', Uint8Array.of(1))).toBe(false);
		last().events.open();
		client.stop();
		expect(client.publish('t', Uint8Array.of(1))).toBe(false);
		await clock.advance(120_000);
		expect(sockets).toHaveLength(1);
	});
});
