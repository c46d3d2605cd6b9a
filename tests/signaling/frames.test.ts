/** Frames, topics, limits, gate, door and addresses: the server's parts without a socket. */
import { describe, expect, it } from 'vitest';
import { isPublicAddress, lanAddresses, unwrapAddress } from '../../signaling/addresses.ts';
import { parseDoor } from '../../signaling/door.ts';
import { isOwnHost, isOwnOrigin, machineNames, parseHost } from '../../signaling/gate.ts';
import { createSeats, createTokenBucket } from '../../signaling/limits.ts';
import { maxTopicLength, maxTopicsPerFrame, parseClientFrame } from '../../signaling/protocol.ts';
import { createTopics, maxTopicsPerSubscriber } from '../../signaling/topics.ts';

describe('frames', () => {
	it('reads the four of y-webrtc', () => {
		expect(parseClientFrame('{"type":"subscribe","topics":["a","b"]}')).toEqual({ type: 'subscribe', topics: ['a', 'b'] });
		expect(parseClientFrame('{"type":"unsubscribe","topics":[]}')).toEqual({ type: 'unsubscribe', topics: [] });
		expect(parseClientFrame('{"type":"publish","topic":"a","data":{"type":"announce","from":"x"}}')).toEqual({ type: 'publish', topic: 'a' });
		expect(parseClientFrame('{"type":"ping"}')).toEqual({ type: 'ping' });
	});

	it.each([
		'', '{', 'null', '1', '"ping"', '[]', '[{"type":"ping"}]', '{}', '{"type":1}', '{"type":"pong"}', '{"type":"welcome"}', '{"type":"__proto__"}',
		'{"type":"subscribe"}', '{"type":"subscribe","topics":"a"}', '{"type":"subscribe","topics":[1]}', '{"type":"subscribe","topics":["a",null]}',
		'{"type":"subscribe","topics":[""]}', '{"type":"subscribe","topics":{"length":1,"0":"a"}}', '{"type":"publish"}', '{"type":"publish","topic":""}',
		'{"type":"publish","topic":["a"]}', '{"type":"publish","topic":{}}', '\u0000', '{"type":"ping"}x',
	])('does not understand %j', (text) => {
		expect(parseClientFrame(text)).toBeUndefined();
	});

	it('reads a topic at its limit and not over it', () => {
		const publish = (length: number) => parseClientFrame(JSON.stringify({ type: 'publish', topic: 'x'.repeat(length) }));
		expect(publish(maxTopicLength)).toBeDefined();
		expect(publish(maxTopicLength + 1)).toBeUndefined();
		const subscribe = (count: number) => parseClientFrame(JSON.stringify({ type: 'subscribe', topics: Array<string>(count).fill('a') }));
		expect(subscribe(maxTopicsPerFrame)).toBeDefined();
		expect(subscribe(maxTopicsPerFrame + 1)).toBeUndefined();
	});
});

describe('topics', () => {
	it('forgets a topic with its last subscriber', () => {
		const topics = createTopics<string>();
		topics.subscribe('ana', 'inbox');
		topics.subscribe('ana', 'inbox');
		topics.subscribe('ben', 'inbox');
		topics.unsubscribe('ana', 'inbox');
		topics.unsubscribe('ana', 'inbox');
		topics.unsubscribe('cleo', 'inbox');
		expect([...topics.subscribers('inbox')]).toEqual(['ben']);
		topics.leave('ben');
		expect(topics.size).toBe(0);
		expect(topics.subscribers('inbox').size).toBe(0);
	});

	it('gives one subscriber so many topics, and room again when it leaves some', () => {
		const topics = createTopics<string>();
		for (let index = 0; index < maxTopicsPerSubscriber; index += 1) expect(topics.subscribe('eve', `topic ${index}`)).toBe(true);
		expect(topics.subscribe('eve', 'one more')).toBe(false);
		expect(topics.subscribe('eve', 'topic 0')).toBe(true);
		expect(topics.subscribe('ana', 'one more')).toBe(true);
		topics.unsubscribe('eve', 'topic 0');
		expect(topics.subscribe('eve', 'one more')).toBe(true);
	});
});

describe('limits', () => {
	it('a bucket tells how long its debt lasts', () => {
		let now = 0;
		const bucket = createTokenBucket({ burst: 10, perSecond: 100 }, () => now);
		expect(bucket.take(10)).toBe(0);
		expect(bucket.take(5)).toBe(50);
		now = 50;
		expect(bucket.take(0)).toBe(0);
		now = 10_000;
		expect(bucket.take(11)).toBe(10);
	});

	it('seats are counted in total and per address, and given back once', () => {
		const seats = createSeats(3, 2);
		const first = seats.take('a');
		expect(seats.take('a')).toBeDefined();
		expect(seats.take('a')).toBeUndefined();
		expect(seats.take('b')).toBeDefined();
		expect(seats.take('c')).toBeUndefined();
		first?.();
		first?.();
		expect(seats.taken).toBe(2);
		expect(seats.take('c')).toBeDefined();
	});
});

describe('the gate', () => {
	it.each([
		['localhost:8787', { name: 'localhost', port: '8787' }],
		['Office.Example', { name: 'office.example', port: '' }],
		['office.example.:1', { name: 'office.example', port: '1' }],
		['[::1]:80', { name: '::1', port: '80' }],
		['10.0.0.1', { name: '10.0.0.1', port: '' }],
	])('reads the host %s', (header, host) => {
		expect(parseHost(header)).toEqual(host);
	});

	it.each([undefined, '', 'a b', 'a/b', 'a@b', '[::1', '[office]', 'a:b', 'a:123456', 'a;x', "a'", 'a,b', 'ä'])('does not read %j', (header) => {
		expect(parseHost(header)).toBeUndefined();
	});

	it('answers to addresses, localhost, its names and its certificate, and to nobody else', () => {
		const names = [...machineNames('Desk.Office.Example'), '*.wild.example'];
		const own = (header: string) => isOwnHost(parseHost(header)!, names);
		expect(['127.0.0.1:1', '[fd00::1]', '203.0.113.9', 'localhost', 'desk', 'desk.local', 'desk.office.example', 'a.wild.example'].map(own)).not.toContain(false);
		expect(['evil.example', 'office.example', 'wild.example', 'a.b.wild.example', 'localhost.evil.example', '10.0.0.1.evil.example'].map(own)).not.toContain(true);
	});

	it.each([
		[undefined, 'office.example', true],
		['https://office.example', 'office.example', true],
		['http://office.example', 'office.example:80', true],
		['http://127.0.0.1:8787', '127.0.0.1:8787', true],
		['http://[::1]:8787', '[::1]:8787', true],
		['http://office.example:8787', 'office.example', false],
		['http://127.0.0.1:8787', '127.0.0.1:8788', false],
		['http://localhost:8787', '127.0.0.1:8787', false],
		['https://evil.example', 'office.example', false],
		['null', 'office.example', false],
		['', 'office.example', false],
		['file://', 'office.example', false],
		['chrome-extension://office.example', 'office.example', false],
		['https://office.example/', 'office.example', false],
	])('origin %j at host %s: %s', (origin, host, own) => {
		expect(isOwnOrigin(origin, parseHost(host)!)).toBe(own);
	});
});

describe('the door', () => {
	const invite = (bytes: number, version = 1) => Buffer.from([version, ...Array<number>(bytes - 1).fill(7)]).toString('base64url');

	it('takes a whole link or the bare text', () => {
		const text = invite(66);
		expect(parseDoor(`https://office.example:8787/join#${text}`)).toBe(text);
		expect(parseDoor(`http://10.0.0.1/join#${text}\n`)).toBe(text);
		expect(parseDoor(text)).toBe(text);
		expect(parseDoor(invite(1024))).toBe(invite(1024));
	});

	it.each([
		['too short', invite(65)], ['too long', invite(1025)], ['another version', invite(80, 2)], ['nothing', ''], ['an empty fragment', 'http://a/join#'],
		['another page', `http://a/people#${invite(66)}`], ['a link without fragment', 'http://a/join'], ['a letter that is none', `${invite(66)}=`], ['a cut group', `${invite(66)}A`],
	])('refuses %s', (_name, link) => {
		expect(parseDoor(link)).toBeUndefined();
	});
});

describe('addresses', () => {
	it('writes them as the other side knows them', () => {
		expect(['::ffff:10.0.0.7', 'fe80::1%eth0', '10.0.0.7', undefined].map(unwrapAddress)).toEqual(['10.0.0.7', 'fe80::1', '10.0.0.7', '']);
	});

	it('knows public ones', () => {
		expect(['8.8.8.8', '172.32.0.1', '2a00::1', '100.128.0.1'].map(isPublicAddress)).not.toContain(false);
		expect(['10.1.1.1', '172.31.0.1', '192.168.1.1', '100.64.0.1', '169.254.1.1', '127.0.0.2', '::1', 'fd12::1', 'fe80::1', '0.0.0.0', '::', 'office', ''].map(isPublicAddress)).not.toContain(true);
	});

	it('lists those that others can use, IPv4 first', () => {
		const one = (address: string, internal = false) => ({ address, internal, netmask: '', mac: '', cidr: null, ...(address.includes(':') ? { family: 'IPv6' as const, scopeid: 0 } : { family: 'IPv4' as const }) });
		expect(lanAddresses({ lo: [one('127.0.0.1', true)], eth0: [one('fd00::2'), one('fe80::2'), one('10.0.0.2')], eth1: [one('169.254.9.9'), one('10.0.0.2')] })).toEqual(['10.0.0.2', 'fd00::2']);
	});
});
