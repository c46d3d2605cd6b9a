/** The bytes of links: frames, candidates, descriptions, signals, first messages, presence. In Node and in Chromium. */
import { describe, expect, it } from 'vitest';
import { concat, equal, hex } from '../../../src/crypto/bytes.ts';
import { createWriter, decode } from '../../../src/crypto/codec.ts';
import { createDeviceKeys } from '../../../src/crypto/identity.ts';
import { classifyAddress, classifyHost } from '../../../src/sync/link/address.ts';
import { type Candidate, completeCandidates, createCandidateRule, formatCandidate, parseCandidate, readCandidates, writeCandidates } from '../../../src/sync/link/candidate.ts';
import { decodeDescription, type Description, encodeDescription, formatDescription, parseDescription } from '../../../src/sync/link/description.ts';
import { decodeFirst, encodeFirst, maxBuildBytes } from '../../../src/sync/link/first.ts';
import { createFrameReceiver, createFrameSender, maxFrameBytes, maxMessageBytes } from '../../../src/sync/link/frame.ts';
import { decodeRelayed } from '../../../src/sync/link/route.ts';
import { decodeSignal, encodeSignal, maxSealedBytes, nobody, type Signal } from '../../../src/sync/link/signal.ts';
import { parseServerFrame } from '../../../src/sync/link/signaling-client.ts';
import { decodeBeat, decodeGoodbye, decodePresence, encodeBeat, encodeGoodbye, encodePresence, maxNoteBytes } from '../../../src/sync/live/presence-message.ts';
import { pick, seededRandom } from '../../support/seeded-random.ts';

const random = seededRandom(77);
const garbageFrames = 100_000;
const candidate: Candidate = { address: '10.0.0.5', port: 50_000, type: 'host', priority: 2_113_937_151 };
const description: Description = { ufrag: 'aB+/', pwd: 'x'.repeat(22), fingerprint: random(32), setup: 'actpass', maxMessageSize: 262_144, candidates: [candidate] };
const signal: Signal = { officeId: random(32), from: random(32), to: random(32), bootFrom: random(16), bootTo: random(16), session: random(16), kind: 'offer', re: random(32), body: random(100) };

/** Sends messages over a channel that takes everything at once; answers the frames. */
function framesOf(...messages: { bytes: Uint8Array; urgent?: boolean }[]): Uint8Array[] {
	const frames: Uint8Array[] = [];
	const sender = createFrameSender({ bufferedAmount: 0, send: (frame) => frames.push(frame) });
	for (const { bytes, urgent } of messages) expect(sender.send(bytes, urgent ?? false)).toBe(true);
	return frames;
}

describe('frames', () => {
	it('carry messages of any length whole', () => {
		for (const length of [1, 2, maxFrameBytes - 9, maxFrameBytes - 8, maxFrameBytes, 100_000, maxMessageBytes]) {
			const message = random(Math.min(length, 1000));
			const long = new Uint8Array(length).map((_, i) => message[i % message.length] ?? 0);
			const frames = framesOf({ bytes: long });
			expect(Math.max(...frames.map((frame) => frame.length))).toBeLessThanOrEqual(maxFrameBytes);
			const receiver = createFrameReceiver();
			const results = frames.map((frame) => receiver.receive(frame));
			expect(results.slice(0, -1).every((result) => result === 'partial')).toBe(true);
			const last = results.at(-1);
			expect(last instanceof Uint8Array && equal(last, long)).toBe(true);
		}
	});

	it('are refused over 2 MiB, and empty', () => {
		const sender = createFrameSender({ bufferedAmount: 0, send: () => undefined });
		expect(sender.send(new Uint8Array(maxMessageBytes + 1), false)).toBe(false);
		expect(sender.send(new Uint8Array(0), false)).toBe(false);
	});

	it('let an urgent message pass a bulk one, and keep the order within each', () => {
		let buffered = 0;
		const frames: Uint8Array[] = [];
		const channel = {
			get bufferedAmount() {
				return buffered;
			},
			send(frame: Uint8Array) {
				buffered += frame.length;
				frames.push(frame);
			},
		};
		const sender = createFrameSender(channel);
		sender.send(new Uint8Array(900_000).fill(1), false);
		sender.send(new Uint8Array(10).fill(2), false);
		expect(buffered).toBeLessThanOrEqual(64 * 1024);
		sender.send(new Uint8Array(10).fill(3), true);
		sender.send(new Uint8Array(10).fill(4), true);
		let most = buffered;
		while (sender.queuedBytes > 0) {
			buffered = 0;
			sender.drained();
			most = Math.max(most, buffered);
		}
		expect(most).toBeGreaterThan(128 * 1024);
		expect(most).toBeLessThanOrEqual(256 * 1024);
		const receiver = createFrameReceiver();
		const order = frames.map((frame) => receiver.receive(frame)).filter((result) => result instanceof Uint8Array).map((message) => message[0]);
		expect(order).toEqual([3, 4, 1, 2]);
	});

	it('that break the rules are refused', () => {
		const frame = (flags: number, stream: number, total: number | undefined, payload: number): Uint8Array => {
			const writer = createWriter().u8(flags).u32(stream);
			return (total === undefined ? writer : writer.u32(total)).raw(new Uint8Array(payload)).bytes();
		};
		const first = (frames: Uint8Array[]): unknown[] => {
			const receiver = createFrameReceiver();
			return frames.map((one) => receiver.receive(one));
		};
		expect(first([frame(3, 1, 5, 5)])).toEqual([new Uint8Array(5)]);
		expect(first([frame(3, 1, 5, 4)])).toEqual([undefined]);
		expect(first([frame(3, 1, 5, 6)])).toEqual([undefined]);
		expect(first([frame(1, 1, 5, 5)])).toEqual([undefined]);
		expect(first([frame(4, 1, 5, 5)])).toEqual([undefined]);
		expect(first([frame(2, 1, undefined, 5)])).toEqual([undefined]);
		expect(first([frame(1, 1, 9, 5), frame(1, 1, 9, 4)])).toEqual(['partial', undefined]);
		expect(first([frame(1, 1, 9, 5), frame(2, 1, undefined, 5)])).toEqual(['partial', undefined]);
		expect(first([frame(1, 1, 9, 5), frame(2, 1, undefined, 4)])).toEqual(['partial', new Uint8Array(9)]);
		expect(first([frame(1, 1, maxMessageBytes, 5)])).toEqual(['partial']);
		expect(first([frame(1, 1, maxMessageBytes + 1, 5)])).toEqual([undefined]);
		expect(first([new Uint8Array(maxFrameBytes + 1).fill(0)])).toEqual([undefined]);
		expect(first([1, 2, 3, 4, 5].map((stream) => frame(1, stream, 9, 5)))).toEqual(['partial', 'partial', 'partial', 'partial', undefined]);
	});

	it(`${garbageFrames} garbage ones throw nothing and hold little`, () => {
		const receiver = createFrameReceiver();
		for (let i = 0; i < garbageFrames; i++) receiver.receive(random(pick(random, 40)));
	});
});

describe('candidates', () => {
	it('are read from the lines of both browsers', () => {
		const chromium = 'candidate:3567890123 1 udp 2113937151 0a1b2c3d-1111-4222-8333-444455556666.local 54321 typ host generation 0 ufrag aB+/ network-cost 999';
		const firefox = 'candidate:0 1 UDP 2122252543 0a1b2c3d-1111-4222-8333-444455556666.local 54321 typ host';
		expect(parseCandidate(chromium)).toEqual({ address: '0a1b2c3d-1111-4222-8333-444455556666.local', port: 54_321, type: 'host', priority: 2_113_937_151 });
		expect(parseCandidate(firefox)?.priority).toBe(2_122_252_543);
		expect(parseCandidate('candidate:1 1 udp 1677729535 10.0.0.9 54321 typ srflx raddr 0.0.0.0 rport 0')?.type).toBe('srflx');
		expect(parseCandidate(formatCandidate(candidate, 1))).toEqual(candidate);
	});

	it('of TCP, relays, other components and nonsense are none', () => {
		for (const line of ['candidate:1 1 tcp 1518214911 10.0.0.9 9 typ host tcptype active', 'candidate:1 1 udp 1 10.0.0.9 5000 typ relay raddr 0.0.0.0 rport 0', 'candidate:1 2 udp 1 10.0.0.9 5000 typ host', 'candidate:1 1 udp 99999999999 10.0.0.9 5000 typ host', '']) {
			expect(parseCandidate(line)).toBeUndefined();
		}
	});

	it('A58: are accepted by address and port as the rule says', () => {
		const table: [host: string, accepted: string[], refused: string[]][] = [
			[
				'10.0.0.1',
				['10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.3.4', '100.64.0.1', '169.254.1.1', 'fd00::1', 'fe80::1234', '0a1b2c3d-1111-4222-8333-444455556666.local'],
				['8.8.8.8', '172.32.0.1', '127.0.0.1', '::1', '0.0.0.0', '::', '224.0.0.1', '239.1.1.1', '255.255.255.255', '240.0.0.1', 'ff02::1', '2001:4860::8888', '2a00::1', '::ffff:10.0.0.1', '::ffff:a00:1', '64:ff9b::a00:1', '2002:a00:1::', '2001:db8::1', 'printer.local', 'evil.example', '10.0.0.1.', '010.0.0.1', '10.0.0', '10.0.0.256', 'fe80::1%eth0', '[fe80::1]', '1:2:3:4:5:6:7', ':::', ''],
			],
			['landline.example', ['10.0.0.1'], ['8.8.8.8', '127.0.0.1']],
			['localhost', ['127.0.0.1', '::1', '10.0.0.1'], ['8.8.8.8', '0.0.0.0']],
			['[::1]', ['::1'], ['8.8.8.8']],
			['203.1.113.5', ['8.8.8.8', '2a00::1', '10.0.0.1'], ['127.0.0.1', '224.0.0.1', '203.0.113.9']],
		];
		for (const [host, accepted, refused] of table) {
			const rule = createCandidateRule(host);
			for (const address of accepted) expect(rule({ ...candidate, address }), `${address} on ${host}`).toBe(true);
			for (const address of refused) expect(rule({ ...candidate, address }), `${address} on ${host}`).toBe(false);
		}
		const rule = createCandidateRule('10.0.0.1');
		expect([1023, 1024, 65_535, 0].map((port) => rule({ ...candidate, port }))).toEqual([false, true, true, false]);
		expect(classifyHost('APP.LOCALHOST')).toBe('loopback');
		expect(classifyAddress('app')).toBeUndefined();
	});

	it('are completed by the address the server sees, eight at most', () => {
		const rule = createCandidateRule('10.0.0.1');
		const hidden = (i: number): Candidate => ({ address: `0a1b2c3d-1111-4222-8333-44445555666${i}.local`, port: 50_000 + i, type: 'host', priority: 100 });
		const completed = completeCandidates([hidden(0)], '10.0.0.7', rule);
		expect(completed).toEqual([hidden(0), { ...hidden(0), address: '10.0.0.7', priority: 99 }]);
		expect(completeCandidates([hidden(0), { ...candidate, address: '10.0.0.7', port: 50_000 }], '10.0.0.7', rule)).toHaveLength(2);
		expect(completeCandidates([hidden(0)], '8.8.8.8', rule)).toHaveLength(1);
		expect(completeCandidates([hidden(0)], undefined, rule)).toHaveLength(1);
		expect(completeCandidates([0, 1, 2, 3, 4, 5].map(hidden), '10.0.0.7', rule)).toHaveLength(8);
	});

	it('come back from their bytes, at most eight', () => {
		const list = Array.from({ length: 8 }, (_, i) => ({ ...candidate, port: 5000 + i, type: i % 2 === 0 ? ('host' as const) : ('srflx' as const) }));
		expect(decode(writeCandidates(createWriter(), list).bytes(), readCandidates)).toEqual(list);
		expect(decode(writeCandidates(createWriter(), [...list, candidate]).bytes(), readCandidates)).toBeUndefined();
	});
});

describe('descriptions', () => {
	it('come back from their bytes and from their SDP', () => {
		expect(decodeDescription(encodeDescription(description), 'offer')).toEqual(description);
		expect(parseDescription(formatDescription(description))).toEqual({ ...description, candidates: [] });
		expect(decodeDescription(encodeDescription({ ...description, setup: 'active' }), 'answer')?.setup).toBe('active');
	});

	it('with the wrong role, too long texts, or bytes left over are refused', () => {
		expect(decodeDescription(encodeDescription(description), 'answer')).toBeUndefined();
		expect(decodeDescription(encodeDescription({ ...description, setup: 'active' }), 'offer')).toBeUndefined();
		expect(decodeDescription(encodeDescription({ ...description, ufrag: 'a'.repeat(256), pwd: 'b'.repeat(256) }), 'offer')).toBeDefined();
		expect(decodeDescription(encodeDescription({ ...description, ufrag: 'a'.repeat(257) }), 'offer')).toBeUndefined();
		expect(decodeDescription(encodeDescription({ ...description, pwd: 'b'.repeat(257) }), 'offer')).toBeUndefined();
		expect(decodeDescription(concat(encodeDescription(description), Uint8Array.of(0)), 'offer')).toBeUndefined();
	});

	it('take extensions they do not know', () => {
		const bytes = encodeDescription(description);
		const extended = concat(bytes.subarray(0, -1), createWriter().u8(1).u16(99).lp(random(5)).bytes());
		expect(decodeDescription(extended, 'offer')).toEqual(description);
	});
});

describe('signals', () => {
	it('come back from their bytes', () => {
		expect(decodeSignal(encodeSignal(signal))).toEqual(signal);
		const hello: Signal = { ...signal, kind: 'hello', to: nobody, bootTo: new Uint8Array(16), body: new Uint8Array(0) };
		expect(decodeSignal(encodeSignal(hello))).toEqual(hello);
	});

	it('with an unknown kind, a long body, a start in a broadcast or a body in a hello are refused', () => {
		const bytes = encodeSignal(signal);
		const kindAt = 32 * 3 + 16 * 3;
		for (const kind of [0, 6, 255]) expect(decodeSignal(bytes.map((byte, i) => (i === kindAt ? kind : byte)))).toBeUndefined();
		expect(decodeSignal(encodeSignal({ ...signal, body: new Uint8Array(8192) }))).toBeDefined();
		expect(decodeSignal(encodeSignal({ ...signal, body: new Uint8Array(8193) }))).toBeUndefined();
		expect(decodeSignal(encodeSignal({ ...signal, kind: 'hello', to: nobody, body: new Uint8Array(0) }))).toBeUndefined();
		expect(decodeSignal(encodeSignal({ ...signal, kind: 'hello', body: new Uint8Array(1) }))).toBeUndefined();
		expect(decodeSignal(concat(bytes, Uint8Array.of(0)))).toBeUndefined();
	});

	it('relayed are taken up to their cap', () => {
		expect(decodeRelayed(createWriter().lp(new Uint8Array(maxSealedBytes)).bytes())).toHaveLength(maxSealedBytes);
		expect(decodeRelayed(createWriter().lp(new Uint8Array(maxSealedBytes + 1)).bytes())).toBeUndefined();
	});
});

describe('first messages', () => {
	const first = { protoMin: 1, protoMax: 3, build: 'b'.repeat(maxBuildBytes), from: random(32), to: random(32), descriptions: random(32) };

	it('come back from their bytes, the build at most 64 long', () => {
		expect(decodeFirst(encodeFirst(first))).toEqual(first);
		expect(decodeFirst(encodeFirst({ ...first, build: `${first.build}b` }))).toBeUndefined();
	});
});

describe('presence', () => {
	const keys = createDeviceKeys(random);
	const officeId = random(32);
	const presence = { device: hex(keys.signPublic), boot: hex(random(16)), counter: 7, availability: 'busy' as const, note: 'ü'.repeat(maxNoteBytes / 2), untilMs: 1_800_000_000_000 };

	it('comes back from its bytes, signed for its office', () => {
		const bytes = encodePresence(presence, officeId, keys);
		expect(decodePresence(bytes, officeId)).toEqual(presence);
		expect(decodePresence(bytes, random(32))).toBeUndefined();
		expect(bytes[32 + 16 + 4]).toBe(3);
		expect(() => encodePresence({ ...presence, note: `${presence.note}x` }, officeId, keys)).toThrow();
		for (const at of [0, 40, 50, 52, 60, bytes.length - 1]) expect(decodePresence(bytes.map((byte, i) => (i === at ? byte ^ 1 : byte)), officeId)).toBeUndefined();
	});

	it('A25: a goodbye is no presence and a presence no goodbye', () => {
		const goodbye = { device: presence.device, boot: presence.boot, counter: 8 };
		const bytes = encodeGoodbye(goodbye, officeId, keys);
		expect(decodeGoodbye(bytes, officeId)).toEqual(goodbye);
		expect(decodePresence(bytes, officeId)).toBeUndefined();
		expect(decodeGoodbye(encodePresence(presence, officeId, keys), officeId)).toBeUndefined();
		expect(decodeGoodbye(bytes.map((byte, i) => (i === 51 ? byte ^ 1 : byte)), officeId)).toBeUndefined();
	});

	it('travels in beats', () => {
		const digest = random(32);
		expect(decodeBeat(encodeBeat(digest, new Uint8Array(0)))).toEqual({ digest, presence: new Uint8Array(0) });
		expect(decodeBeat(encodeBeat(digest, new Uint8Array(450)))).toBeUndefined();
	});
});

describe('what the server says', () => {
	it('is read as one of three, else not at all', () => {
		expect(parseServerFrame('{"type":"pong"}')).toEqual({ type: 'pong' });
		expect(parseServerFrame('{"type":"welcome","address":"10.0.0.7","build":"x","stunPort":3478}')).toEqual({ type: 'welcome', welcome: { address: '10.0.0.7', build: 'x', stunPort: 3478 } });
		expect(parseServerFrame('{"type":"publish","topic":"t","data":"AQID","clients":3}')).toEqual({ type: 'publish', topic: 't', sealed: Uint8Array.of(1, 2, 3) });
		for (const text of ['', '{', 'null', '[]', '{"type":"publish"}', '{"type":"publish","topic":1,"data":"AQID"}', '{"type":"publish","topic":"t","data":"A*"}', '{"type":"publish","topic":"t","data":"AQI"}', '{"type":"welcome","address":5}', '{"__proto__":{"type":"pong"}}']) {
			expect(parseServerFrame(text), text).toBeUndefined();
		}
	});
});

describe(`${garbageFrames} garbage frames`, () => {
	const samples = [encodeDescription(description), encodeSignal(signal), encodeFirst({ protoMin: 1, protoMax: 1, build: 'x', from: nobody, to: nobody, descriptions: nobody }), encodeBeat(nobody, random(20))];

	it('decode to undefined or a value, and throw nothing', () => {
		for (let i = 0; i < garbageFrames; i++) {
			const sample = samples[i % samples.length] ?? nobody;
			const bytes = i % 3 === 0 ? random(pick(random, 300)) : sample.slice(0, pick(random, sample.length + 1));
			if (bytes.length > 0) bytes[pick(random, bytes.length)] = pick(random, 256);
			decodeDescription(bytes, i % 2 === 0 ? 'offer' : 'answer');
			decodeSignal(bytes);
			decodeFirst(bytes);
			decodeBeat(bytes);
			decodeRelayed(bytes);
			if (i % 1000 === 0) decodePresence(bytes, nobody);
			if (i % 1000 === 1) decodeGoodbye(bytes, nobody);
			if (i % 10 === 0) parseServerFrame(String.fromCharCode(...bytes));
			if (i % 10 === 1) parseDescription(String.fromCharCode(...bytes));
			if (i % 10 === 2) parseCandidate(String.fromCharCode(...bytes));
		}
	}, 60_000);
});
