/** ICE candidates as fields: taken from the browser, checked on arrival, and completed (PROTOCOL.md, section 7; LAN.md, section 1). */
import type { Reader, Writer } from '../../crypto/codec.ts';
import { classifyAddress, classifyHost, isMdnsName } from './address.ts';

export const maxCandidates = 8;
const minPort = 1024;
const maxAddressBytes = 64;
const types = ['host', 'srflx'] as const;

export interface Candidate {
	/** An IP literal or `<uuid>.local`. */
	readonly address: string;
	readonly port: number;
	readonly type: (typeof types)[number];
	readonly priority: number;
}

/** Whether the address may reach this browser's ICE agent; made for the host name under which the app was opened. */
export type CandidateRule = (candidate: Candidate) => boolean;

export function createCandidateRule(appHost: string): CandidateRule {
	const host = classifyHost(appHost);
	return ({ address, port }) => {
		if (port < minPort || port > 65_535) return false;
		if (isMdnsName(address)) return true;
		const kind = classifyAddress(address);
		return kind === 'local' || (kind !== 'never' && kind === host);
	};
}

/** The fields of a browser's candidate line; `undefined` for TCP, relays, other components and what is malformed. */
export function parseCandidate(line: string): Candidate | undefined {
	const match = /^(?:a=)?candidate:\S+ 1 udp (\d{1,10}) (\S{2,64}) (\d{1,5}) typ (host|srflx)(?: |$)/i.exec(line);
	const [, priority = '', address = '', port = '', type = ''] = match ?? [];
	if (!match || Number(priority) >= 2 ** 32) return undefined;
	return { address: address.toLowerCase(), port: Number(port), type: type.toLowerCase() === 'host' ? 'host' : 'srflx', priority: Number(priority) };
}

/** The candidate line both sides build from the fields. */
export function formatCandidate(candidate: Candidate, foundation: number): string {
	const related = candidate.type === 'srflx' ? ' raddr 0.0.0.0 rport 0' : '';
	return `candidate:${foundation} 1 udp ${candidate.priority} ${candidate.address} ${candidate.port} typ ${candidate.type}${related}`;
}

/**
 * What is sent of the candidates gathered: at most 8, and next to each host candidate with a hidden address a copy with the address the
 * server sees, where only the address is hidden and the port is real: without it two Firefox across a router never meet.
 */
export function completeCandidates(gathered: readonly Candidate[], seenAddress: string | undefined, allowed: CandidateRule): Candidate[] {
	const completed: Candidate[] = [];
	for (const candidate of gathered) {
		if (!allowed(candidate)) continue;
		add(completed, candidate);
		if (candidate.type !== 'host' || !isMdnsName(candidate.address) || seenAddress === undefined) continue;
		const copy = { ...candidate, address: seenAddress.toLowerCase(), priority: Math.max(1, candidate.priority - 1) };
		if (allowed(copy)) add(completed, copy);
	}
	return completed.slice(0, maxCandidates);
}

function add(list: Candidate[], candidate: Candidate): void {
	if (!list.some((other) => other.address === candidate.address && other.port === candidate.port)) list.push(candidate);
}

export function writeCandidates(writer: Writer, candidates: readonly Candidate[]): Writer {
	writer.u8(candidates.length);
	for (const { address, port, type, priority } of candidates) writer.text(address).u16(port).u8(types.indexOf(type)).u32(priority);
	return writer;
}

/** Fails on more than 8, or an unknown type. Which addresses are acceptable is asked of a `CandidateRule`. */
export function readCandidates(reader: Reader): Candidate[] {
	const count = reader.u8();
	if (count > maxCandidates) reader.fail();
	return Array.from({ length: count }, () => {
		const address = reader.text(maxAddressBytes);
		const port = reader.u16();
		const type = types[reader.u8()] ?? reader.fail();
		return { address, port, type, priority: reader.u32() };
	});
}
