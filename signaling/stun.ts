/**
 * STUN Binding (RFC 8489): a browser asks from which address its packet came, we answer. This is all of STUN that ICE needs of
 * a server, and without it Chromium connects never across a router or without a default gateway (DESIGN.md, D7).
 * A pure function from packet to packet; the sockets are in `stun-server.ts`.
 */
import { isIPv6 } from 'node:net';
import { crc32 } from 'node:zlib';

export const magicCookie = 0x2112_a442;
const headerBytes = 20;
/** ICE's checks are about 100 bytes; what is larger than an Ethernet frame is none of ours. */
const maxRequestBytes = 1_500;

const bindingRequest = 0x0001;
const bindingSuccess = 0x0101;
const bindingError = 0x0111;

const errorCodeAttribute = 0x0009;
const unknownAttributes = 0x000a;
const xorMappedAddress = 0x0020;
const fingerprint = 0x8028;
const fingerprintXor = 0x5354_554e;

/**
 * Attributes below 0x8000 must be understood or refused (RFC 8489, 6.3.1). These we know and need not act on: credentials
 * (USERNAME, MESSAGE-INTEGRITY, REALM, NONCE, MESSAGE-INTEGRITY-SHA256: we ask for none) and ICE's PRIORITY and USE-CANDIDATE.
 */
const understood = new Set([0x0006, 0x0008, 0x0014, 0x0015, 0x001c, 0x0024, 0x0025]);

/** Where a packet came from. */
export type Source = { readonly address: string; readonly port: number };

/**
 * The answer to one packet: success with XOR-MAPPED-ADDRESS, or error 420 naming the attributes we do not understand.
 * `undefined` for whatever is not a well-formed Binding request; such a packet gets no answer.
 */
export function answerBinding(packet: Uint8Array, source: Source): Uint8Array | undefined {
	if (packet.length < headerBytes || packet.length > maxRequestBytes) return undefined;
	const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
	if (view.getUint16(0) !== bindingRequest || view.getUint32(4) !== magicCookie) return undefined;
	if (view.getUint16(2) !== packet.length - headerBytes || packet.length % 4 !== 0) return undefined;

	const unknown: number[] = [];
	let fingerprinted = false;
	for (let at = headerBytes; at < packet.length; ) {
		const type = view.getUint16(at);
		const length = view.getUint16(at + 2);
		const next = at + 4 + Math.ceil(length / 4) * 4;
		if (fingerprinted || next > packet.length) return undefined;
		if (type === fingerprint) {
			if (length !== 4 || view.getUint32(at + 4) !== fingerprintOf(packet.subarray(0, at))) return undefined;
			fingerprinted = true;
		} else if (type < 0x8000 && !understood.has(type)) {
			unknown.push(type);
		}
		at = next;
	}

	const transaction = packet.subarray(8, headerBytes);
	return unknown.length === 0
		? message(bindingSuccess, transaction, [attribute(xorMappedAddress, xorAddress(source, transaction))], fingerprinted)
		: message(bindingError, transaction, [attribute(errorCodeAttribute, unknownError()), attribute(unknownAttributes, types(unknown))], fingerprinted);
}

/** Value of XOR-MAPPED-ADDRESS (RFC 8489, 14.2), for an IPv4 or IPv6 source. */
export function xorAddress({ address, port }: Source, transaction: Uint8Array): Uint8Array {
	const octets = isIPv6(address) ? ipv6Octets(address) : Uint8Array.from(address.split('.').map(Number));
	const value = new Uint8Array(4 + octets.length);
	const view = new DataView(value.buffer);
	value[1] = octets.length === 4 ? 1 : 2;
	view.setUint16(2, port ^ (magicCookie >>> 16));
	const mask = new Uint8Array(16);
	new DataView(mask.buffer).setUint32(0, magicCookie);
	mask.set(transaction, 4);
	octets.forEach((octet, index) => (value[4 + index] = octet ^ (mask[index] ?? 0)));
	return value;
}

function ipv6Octets(address: string): Uint8Array {
	const plain = address.replace(/%.*$/, '').replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_all, a: string, b: string, c: string, d: string) =>
		[Number(a) * 256 + Number(b), Number(c) * 256 + Number(d)].map((group) => group.toString(16)).join(':'),
	);
	const [left = '', right] = plain.split('::');
	const head = left === '' ? [] : left.split(':');
	const tail = right === undefined || right === '' ? [] : right.split(':');
	const groups = [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail];
	const octets = new Uint8Array(16);
	const view = new DataView(octets.buffer);
	groups.forEach((group, index) => view.setUint16(index * 2, parseInt(group, 16)));
	return octets;
}

function message(type: number, transaction: Uint8Array, attributes: readonly Uint8Array[], fingerprinted: boolean): Uint8Array {
	const body = attributes.reduce((total, one) => total + one.length, 0);
	const bytes = new Uint8Array(headerBytes + body + (fingerprinted ? 8 : 0));
	const view = new DataView(bytes.buffer);
	view.setUint16(0, type);
	view.setUint16(2, bytes.length - headerBytes);
	view.setUint32(4, magicCookie);
	bytes.set(transaction, 8);
	let at = headerBytes;
	for (const one of attributes) {
		bytes.set(one, at);
		at += one.length;
	}
	if (fingerprinted) {
		view.setUint16(at, fingerprint);
		view.setUint16(at + 2, 4);
		view.setUint32(at + 4, fingerprintOf(bytes.subarray(0, at)));
	}
	return bytes;
}

function attribute(type: number, value: Uint8Array): Uint8Array {
	const bytes = new Uint8Array(4 + Math.ceil(value.length / 4) * 4);
	const view = new DataView(bytes.buffer);
	view.setUint16(0, type);
	view.setUint16(2, value.length);
	bytes.set(value, 4);
	return bytes;
}

/** Value of ERROR-CODE 420: class 4, number 20, reason. */
function unknownError(): Uint8Array {
	return Uint8Array.from([0, 0, 4, 20, ...Buffer.from('Unknown Attribute')]);
}

function types(list: readonly number[]): Uint8Array {
	return Uint8Array.from(list.flatMap((type) => [type >>> 8, type & 0xff]));
}

/** Over everything before the FINGERPRINT attribute; the header's length already counts it (RFC 8489, 14.7). */
function fingerprintOf(before: Uint8Array): number {
	return (crc32(before) ^ fingerprintXor) >>> 0;
}
