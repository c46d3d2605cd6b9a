/** What a hostile program on the LAN may try at the socket, each time with two honest clients still served afterwards. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createSignalingServer, type SignalingServer, type SignalingServerDeps } from '../../signaling/server.ts';
import { createAppFixture, type AppFixture } from '../support/app-fixture.ts';
import { exchange, frame, openRaw, openWebSocket, upgradeHead, type RawSocket } from '../support/raw-socket.ts';

const text = 1;
const binary = 2;
const continuation = 0;

let app: AppFixture;
let server: SignalingServer;
let opened: { close(): void }[] = [];

async function start(limits: SignalingServerDeps['limits'] = {}): Promise<void> {
	server = await createSignalingServer({ appDirectory: app.directory, host: '127.0.0.1', port: 0, limits });
}

beforeEach(() => {
	app = createAppFixture();
	opened = [];
});

afterEach(async () => {
	for (const one of opened) one.close();
	await server.close();
	app.remove();
});

type Honest = { readonly socket: WebSocket; readonly received: unknown[]; say(frame: unknown): void; next(count: number): Promise<unknown[]> };

async function honest(headers: Record<string, string> = {}): Promise<Honest> {
	const socket = new WebSocket(`ws://127.0.0.1:${server.port}/signal`, { headers });
	opened.push({ close: () => socket.terminate() });
	const received: unknown[] = [];
	socket.on('message', (data: Buffer) => received.push(JSON.parse(data.toString()) as unknown));
	await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
	return {
		socket,
		received,
		say: (value) => socket.send(JSON.stringify(value)),
		async next(count) {
			await expect.poll(() => received.length, { timeout: 5_000, interval: 10 }).toBeGreaterThanOrEqual(count);
			return received;
		},
	};
}

/** The proof that the server lives: a signal from Ana reaches Ben. */
async function expectServed(): Promise<void> {
	const [ana, ben] = [await honest(), await honest()];
	ben.say({ type: 'subscribe', topics: ['proof'] });
	ben.say({ type: 'ping' });
	await ben.next(2);
	ana.say({ type: 'publish', topic: 'proof', data: 'hello' });
	expect(await ben.next(3)).toMatchObject([{ type: 'welcome' }, { type: 'pong' }, { type: 'publish', topic: 'proof', data: 'hello' }]);
	ana.socket.close();
	ben.socket.close();
}

async function hostile(): Promise<RawSocket> {
	const raw = await openWebSocket(server.port);
	opened.push({ close: () => raw.socket.destroy() });
	return raw;
}

describe('honest clients', () => {
	it('get a welcome first, then what others publish, as it was written, and nothing of their own', async () => {
		await start();
		const [ana, ben] = [await honest(), await honest()];
		expect(await ana.next(1)).toEqual([{ type: 'welcome', address: '127.0.0.1', build: 'fixture-1', stunPort: 0 }]);
		for (const one of [ana, ben]) one.say({ type: 'subscribe', topics: ['room', 'other'] });
		ben.say({ type: 'ping' });
		await ben.next(2);
		const written = '{ "data":{"a":[1,2.50]}, "topic":"room","type":"publish","extra":"é" }';
		const raw: string[] = [];
		ben.socket.on('message', (data: Buffer) => raw.push(data.toString()));
		ana.socket.send(written);
		await ben.next(3);
		expect(raw).toEqual([written]);
		ben.say({ type: 'unsubscribe', topics: ['room'] });
		ben.say({ type: 'ping' });
		await ben.next(4);
		ana.say({ type: 'publish', topic: 'room', data: 'not for Ben' });
		ana.say({ type: 'publish', topic: 'nobody listens', data: '' });
		ana.say({ type: 'ping' });
		expect(await ana.next(2)).toEqual([expect.objectContaining({ type: 'welcome' }), { type: 'pong' }]);
		expect(ben.received).toHaveLength(4);
		expect(server.counters).toMatchObject({ deliveries: 1, badFrames: 0, deliveredBytes: Buffer.byteLength(written) });
		expect(server.sockets).toBe(2);
	});

	it('may send a frame of 64 KiB', async () => {
		await start();
		const [ana, ben] = [await honest(), await honest()];
		ben.say({ type: 'subscribe', topics: ['room'] });
		ben.say({ type: 'ping' });
		await ben.next(2);
		const head = '{"type":"publish","topic":"room","data":"';
		ana.socket.send(`${head}${'x'.repeat(65_536 - head.length - 2)}"}`);
		await ben.next(3);
	});

	it('in a burst above the rate are slowed and lose nothing', async () => {
		await start({ frames: { burst: 50, perSecond: 500 } });
		const [ana, ben] = [await honest(), await honest()];
		ben.say({ type: 'subscribe', topics: ['room'] });
		ben.say({ type: 'ping' });
		await ben.next(2);
		for (let index = 0; index < 400; index += 1) ana.say({ type: 'publish', topic: 'room', data: index });
		const received = await ben.next(402);
		expect(received.slice(2).map((one) => (one as { data: number }).data)).toEqual(Array.from({ length: 400 }, (_, index) => index));
	});
});

describe('frames', () => {
	it.each([
		['bad JSON', frame(text, '{"type":')],
		['a frame of another kind', frame(text, '{"type":"welcome","address":"6.6.6.6"}')],
		['binary', frame(binary, Uint8Array.from([0, 1, 2, 255]))],
		['a subscription to no text', frame(text, '{"type":"subscribe","topics":[{"toString":1}]}')],
		['deep nesting', frame(text, '['.repeat(60_000))],
	])('%s is dropped and counted', async (_name, bytes) => {
		await start();
		const eve = await hostile();
		eve.send(bytes);
		eve.send(frame(text, '{"type":"ping"}'));
		await expect.poll(() => eve.text()).toContain('{"type":"pong"}');
		expect(server.counters.badFrames).toBe(1);
		await expectServed();
	});

	it.each([
		['65 KiB', frame(text, 'x'.repeat(65 * 1024)), 1009],
		['64 KiB and a byte', frame(text, 'x'.repeat(65_537)), 1009],
		['10,000 fragments', Buffer.concat([frame(text, '', false), ...Array.from({ length: 10_000 }, () => frame(continuation, 'x', false))]), 1008],
		['a fragment of nothing begun', frame(continuation, 'x'), 1002],
		['no UTF-8', frame(text, Uint8Array.from([0xff, 0xfe])), 1007],
		['an unknown opcode', frame(5, 'x'), 1002],
		['an unmasked frame', Uint8Array.from([0x81, 1, 65]), 1002],
	])('%s closes the socket', async (_name, bytes, code) => {
		await start();
		const eve = await hostile();
		eve.send(bytes);
		await expect.poll(() => eve.text()).toContain(String.fromCharCode(code >> 8, code & 255));
		eve.socket.destroy();
		await expectServed();
	});

	it('in a flood close the socket, and the others are served meanwhile', async () => {
		await start();
		const eve = await hostile();
		const ping = Buffer.concat(Array.from({ length: 1_000 }, () => frame(text, '{"type":"ping"}')));
		const flood = (async () => {
			while (!eve.socket.destroyed) {
				if (!eve.socket.write(ping)) await Promise.race([new Promise((resolve) => eve.socket.once('drain', resolve)), eve.closed]);
			}
		})();
		await expectServed();
		await eve.closed;
		await flood;
		expect(server.counters.frames).toBeLessThan(20_000);
		await expectServed();
	});

	it('to a receiver that does not read are dropped above its buffer', async () => {
		await start({ maxBufferedBytes: 100_000 });
		const lazy = await hostile();
		lazy.send(frame(text, '{"type":"subscribe","topics":["room"]}'));
		lazy.send(frame(text, '{"type":"ping"}'));
		await expect.poll(() => lazy.text()).toContain('pong');
		lazy.socket.pause();
		const ana = await honest();
		const data = 'x'.repeat(60_000);
		for (let index = 0; index < 60; index += 1) ana.say({ type: 'publish', topic: 'room', data });
		await expect.poll(() => server.counters.deliveries + server.counters.missed, { timeout: 10_000 }).toBe(60);
		await expectServed();
	});

	it('a subscriber of too many topics gets no more of them', async () => {
		await start();
		const eve = await honest();
		for (let index = 0; index < 3; index += 1) eve.say({ type: 'subscribe', topics: Array.from({ length: 500 }, (_, topic) => `${index} ${topic}`) });
		await expect.poll(() => server.counters.badFrames).toBe(1);
		await expectServed();
	});
});

describe('handshakes', () => {
	it.each([
		['a foreign origin', { Origin: 'https://evil.example' }, '/signal', 403],
		['the origin of another port', { Origin: 'http://127.0.0.1:1' }, '/signal', 403],
		['an opaque origin', { Origin: 'null' }, '/signal', 403],
		['a foreign host', { Host: 'evil.example' }, '/signal', 421],
		['a foreign host with its own origin (DNS rebinding)', { Host: 'evil.example', Origin: 'http://evil.example' }, '/signal', 421],
		['a host that is none', { Host: 'a b' }, '/signal', 400],
		['another path', {}, '/', 404],
		['another path below', {}, '/signal/x', 404],
		['another protocol', { Upgrade: 'h2c' }, '/signal', 400],
		['no key', { 'Sec-WebSocket-Key': undefined }, '/signal', 400],
		['an old version', { 'Sec-WebSocket-Version': '7' }, '/signal', 400],
	])('%s is refused', async (_name, changes, path, status) => {
		await start();
		expect(await exchange(server.port, upgradeHead(server.port, changes, path))).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
		await expectServed();
	});

	it('its own origin, and none, are welcome', async () => {
		await start();
		await honest({ Origin: `http://127.0.0.1:${server.port}` });
		await honest();
	});

	it('a half-open one, slow headers and a silent connection are cut off', async () => {
		await start({ headersTimeoutMs: 300, requestTimeoutMs: 400, checkEveryMs: 50, idleTimeoutMs: 5_000 });
		const half = openRaw(server.port);
		half.send(upgradeHead(server.port).slice(0, -2));
		const silent = openRaw(server.port);
		const slow = openRaw(server.port);
		slow.send('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n');
		const drip = setInterval(() => slow.send('X-A: b\r\n'), 50);
		const answers = await Promise.all([half.closed, silent.closed, slow.closed]);
		clearInterval(drip);
		expect(answers[0]).toMatch(/^HTTP\/1.1 408 /);
		expect(answers[2]).toMatch(/^HTTP\/1.1 408 /);
		await expectServed();
	});

	it('one that never answers pings is dropped, an honest one stays', async () => {
		await start({ pingEveryMs: 100 });
		const ben = await honest();
		const eve = await hostile();
		await eve.closed;
		expect(ben.socket.readyState).toBe(WebSocket.OPEN);
		await expectServed();
	});

	it('one address gets so many sockets, and again when some have gone', async () => {
		await start({ maxSocketsPerAddress: 3 });
		const first = await hostile();
		await hostile();
		await hostile();
		expect(await exchange(server.port, upgradeHead(server.port))).toMatch(/^HTTP\/1.1 503 /);
		first.socket.destroy();
		await expect.poll(() => server.sockets).toBe(2);
		const again = await honest();
		expect(again.socket.readyState).toBe(WebSocket.OPEN);
	});

	it('one address gets so many connections, sockets or not', async () => {
		await start({ maxConnectionsPerAddress: 2 });
		const first = openRaw(server.port);
		const second = openRaw(server.port);
		expect(await openRaw(server.port).closed).toBe('');
		first.socket.destroy();
		second.socket.destroy();
		await expect.poll(() => honest().then(() => 'served', () => 'refused')).toBe('served');
	});

	it('1,000 idle sockets leave room for honest clients', async () => {
		await start();
		const before = process.memoryUsage().rss;
		for (let round = 0; round < 20; round += 1) await Promise.all(Array.from({ length: 50 }, () => hostile()));
		expect(server.sockets).toBe(1_000);
		await expectServed();
		expect(process.memoryUsage().rss - before).toBeLessThan(300 * 1024 * 1024);
	}, 60_000);

	it('a thousand refused ones leave nothing open', async () => {
		await start();
		for (let round = 0; round < 20; round += 1) {
			await Promise.all(Array.from({ length: 50 }, () => exchange(server.port, upgradeHead(server.port, { Origin: 'https://evil.example' }))));
		}
		expect(server.sockets).toBe(0);
		await expectServed();
	}, 60_000);
});

it('stopping says goodbye and is done in time, also with sockets that do not answer', async () => {
	await start({ closeGraceMs: 300 });
	const ben = await honest();
	const goodbye = new Promise<number>((resolve) => ben.socket.once('close', resolve));
	await hostile();
	const half = openRaw(server.port);
	half.send('GET / HTTP/1.1\r\n');
	await expect.poll(() => server.sockets).toBe(2);
	const begun = performance.now();
	await server.close();
	expect(performance.now() - begun).toBeLessThan(1_000);
	expect(await goodbye).toBe(1001);
	await expect(honest()).rejects.toThrow();
});
