/** STUN: the bytes of RFC 5769, what is refused, and round trips over real loopback sockets, IPv4 and IPv6. */
import { createSocket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createSourceCap } from '../../signaling/limits.ts';
import { createStunServer } from '../../signaling/stun-server.ts';
import { answerBinding, xorAddress, type Source } from '../../signaling/stun.ts';
import { sampleIpv4Response, sampleIpv6Response, sampleLongTermRequest, sampleRequest } from '../vectors/rfc5769.ts';

const ipv4: Source = { address: '192.0.2.1', port: 32853 };
const ipv6: Source = { address: '2001:db8:1234:5678:11:2233:4455:6677', port: 32853 };
const transaction = Uint8Array.from({ length: 12 }, (_, index) => index + 1);
const plainRequest = request();

function request(...attributes: [type: number, value: number[]][]): Uint8Array {
	const body = attributes.flatMap(([type, value]) => {
		const padding = Array<number>((4 - (value.length % 4)) % 4).fill(0);
		return [type >> 8, type & 255, value.length >> 8, value.length & 255, ...value, ...padding];
	});
	return Uint8Array.from([0, 1, body.length >> 8, body.length & 255, 0x21, 0x12, 0xa4, 0x42, ...transaction, ...body]);
}

function attributes(message: Uint8Array): Map<number, Uint8Array> {
	const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
	const found = new Map<number, Uint8Array>();
	for (let at = 20; at < message.length; at += 4 + Math.ceil(view.getUint16(at + 2) / 4) * 4) {
		found.set(view.getUint16(at), Uint8Array.from(message.subarray(at + 4, at + 4 + view.getUint16(at + 2))));
	}
	return found;
}

function changed(message: Uint8Array, at: number, value: number): Uint8Array {
	const copy = message.slice();
	copy[at] = value;
	return copy;
}

describe('the vectors of RFC 5769', () => {
	it.each([
		['IPv4', ipv4, sampleIpv4Response],
		['IPv6', ipv6, sampleIpv6Response],
	])('%s: the sample request gets the header and the address of the sample response', (_family, source, sample) => {
		const answer = answerBinding(sampleRequest, source)!;
		expect(answer.slice(0, 2)).toEqual(sample.slice(0, 2));
		expect(answer.slice(4, 20)).toEqual(sample.slice(4, 20));
		expect(attributes(answer).get(0x20)).toEqual(attributes(sample).get(0x20));
		expect(xorAddress(source, sample.slice(8, 20))).toEqual(attributes(sample).get(0x20));
	});

	it('answers with a fingerprint when asked with one', () => {
		const answer = answerBinding(sampleRequest, ipv4)!;
		const found = attributes(answer);
		expect([...found.keys()]).toEqual([0x20, 0x8028]);
		const expected = (crc32(answer.subarray(0, -8)) ^ 0x5354554e) >>> 0;
		expect(Buffer.from(found.get(0x8028)!).readUInt32BE()).toBe(expected);
	});

	it('answers the long-term request, which has no fingerprint, without one', () => {
		expect([...attributes(answerBinding(sampleLongTermRequest, ipv4)!).keys()]).toEqual([0x20]);
	});

	it('refuses the sample request when any byte before its fingerprint is changed', () => {
		for (let at = 0; at < sampleRequest.length - 8; at += 1) {
			expect([at, answerBinding(changed(sampleRequest, at, sampleRequest[at]! ^ 1), ipv4)]).toEqual([at, undefined]);
		}
		expect(answerBinding(changed(sampleRequest, sampleRequest.length - 1, 0), ipv4)).toBeUndefined();
	});
});

describe('requests', () => {
	it('answers a bare request with the address alone, 12 or 24 bytes longer', () => {
		expect(answerBinding(plainRequest, ipv4)).toHaveLength(32);
		expect(answerBinding(plainRequest, ipv6)).toHaveLength(44);
	});

	it.each([
		['::1', [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]],
		['::', Array<number>(16).fill(0)],
		['fe80::1%eth0', [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]],
		['fd00:0:0:1::7', [0xfd, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7]],
		['::ffff:10.1.2.3', [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, 1, 2, 3]],
	])('writes %s', (address, octets) => {
		const value = xorAddress({ address, port: 0 }, transaction);
		const mask = [0x21, 0x12, 0xa4, 0x42, ...transaction];
		expect([...value.slice(4)].map((octet, index) => octet ^ mask[index]!)).toEqual(octets);
	});

	it('names the attributes that must be understood and are not, in an error 420', () => {
		const answer = answerBinding(request([0x0003, [0, 0, 0, 6]], [0x7ffe, [1]], [0x8022, [65]]), ipv4)!;
		expect([...answer.slice(0, 2)]).toEqual([0x01, 0x11]);
		expect([...attributes(answer).get(0x09)!.slice(0, 4)]).toEqual([0, 0, 4, 20]);
		expect([...attributes(answer).get(0x0a)!]).toEqual([0x00, 0x03, 0x7f, 0xfe]);
	});

	it.each([
		['nothing', new Uint8Array()],
		['a cut header', plainRequest.slice(0, 19)],
		['an indication', changed(plainRequest, 1, 0x11)],
		['a response', changed(plainRequest, 0, 1)],
		['another method', changed(plainRequest, 1, 3)],
		['the old cookie of RFC 3489', changed(plainRequest, 4, 0)],
		['a length that is wrong', changed(plainRequest, 3, 4)],
		['bytes behind the end', Uint8Array.from([...plainRequest, 0, 0, 0, 0])],
		['an attribute longer than the message', changed(request([0x8022, [1, 2, 3, 4]]), 23, 8)],
		['half an attribute header', Uint8Array.from([...changed(plainRequest, 3, 2), 0x80, 0x22])],
		['an attribute behind the fingerprint', Uint8Array.from([...changed(sampleRequest, 3, 0x60), 0x80, 0x22, 0, 4, 1, 2, 3, 4])],
		['1501 bytes', new Uint8Array(1501).fill(0)],
	])('does not answer %s', (_name, packet) => {
		expect(answerBinding(packet, ipv4)).toBeUndefined();
	});

	it('survives 100,000 packets of garbage', () => {
		let seed = 1;
		const random = (): number => (seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff) >> 8;
		for (let round = 0; round < 100_000; round += 1) {
			const packet = (round % 2 ? sampleRequest : plainRequest).slice(0, 20 + (random() % 90));
			for (let flips = random() % 4; flips >= 0; flips -= 1) packet[random() % packet.length] = random() & 255;
			const answer = answerBinding(packet, round % 3 ? ipv4 : ipv6);
			if (answer) expect(answer.length).toBeLessThan(300);
		}
	});
});

describe('over loopback', () => {
	const hasIpv6 = Object.values(networkInterfaces()).some((of) => of?.some((one) => one.address === '::1'));

	async function ask(family: 'udp4' | 'udp6', port: number, packet: Uint8Array): Promise<{ answer: Uint8Array; own: Source }> {
		const socket = createSocket(family);
		try {
			return await new Promise((resolve, reject) => {
				const late = setTimeout(() => reject(new Error('no answer')), 2_000);
				socket.once('message', (answer) => {
					clearTimeout(late);
					resolve({ answer, own: socket.address() });
				});
				socket.bind(0, family === 'udp4' ? '127.0.0.1' : '::1', () => socket.send(packet, port, family === 'udp4' ? '127.0.0.1' : '::1'));
			});
		} finally {
			socket.close();
		}
	}

	if (!hasIpv6) console.error('SKIPPED: STUN over IPv6, because this computer has no IPv6 loopback.');

	it.each(hasIpv6 ? (['udp4', 'udp6'] as const) : (['udp4'] as const))('%s: tells the asker its own address and port', async (family) => {
		const server = await createStunServer({ host: undefined, port: 0, nowMs: () => 0 });
		const { answer, own } = await ask(family, server.port, plainRequest);
		expect(attributes(answer).get(0x20)).toEqual(xorAddress(own, transaction));
		expect(server.answered).toBe(1);
		await server.close();
	});

	it('stays silent on garbage and answers the next request', async () => {
		const server = await createStunServer({ host: '127.0.0.1', port: 0, nowMs: () => 0 });
		await expect(ask('udp4', server.port, Uint8Array.from([1, 2, 3]))).rejects.toThrow('no answer');
		await ask('udp4', server.port, plainRequest);
		expect(server.answered).toBe(1);
		await server.close();
	});

	it('says which port is taken and what to do', async () => {
		const first = await createStunServer({ host: '127.0.0.1', port: 0, nowMs: () => 0 });
		await expect(createStunServer({ host: '127.0.0.1', port: first.port, nowMs: () => 0 })).rejects.toThrow(
			`UDP port ${first.port} is in use by another program, so STUN cannot use it. Stop that program, or choose another port with --stun-port, or 0 if another STUN server does this work.`,
		);
		await first.close();
	});
});

it('a source gets so many answers and no more, and others still get theirs', () => {
	let now = 0;
	const cap = createSourceCap({ burst: 3, perSecond: 1 }, 2, () => now);
	expect(['a', 'a', 'a', 'a', 'b'].map((source) => cap.allows(source))).toEqual([true, true, true, false, true]);
	now = 2_000;
	expect(cap.allows('a')).toBe(true);
});
