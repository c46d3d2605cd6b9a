/**
 * A connection's description as fields, and the one template both sides build the SDP from (PROTOCOL.md, section 7; DESIGN.md D6). SDP
 * never travels: a line smuggled into one would be obeyed by the browser. Chromium and Firefox ESR accept the template from each other.
 */
import { hex } from '../../crypto/bytes.ts';
import { createWriter, decode } from '../../crypto/codec.ts';
import { type Candidate, readCandidates, writeCandidates } from './candidate.ts';

const fingerprintBytes = 32;
/** RFC 8839: `ice-char`; the lengths as there. */
const ufragPattern = /^[A-Za-z0-9+/]{4,256}$/;
const pwdPattern = /^[A-Za-z0-9+/]{22,256}$/;
const maxIceTextBytes = 256;
const setups = ['actpass', 'active', 'passive'] as const;
const mid = '0';
const maxExtensions = 16;
const maxExtensionBytes = 1024;

export interface Description {
	readonly ufrag: string;
	readonly pwd: string;
	/** SHA-256 of the DTLS certificate. */
	readonly fingerprint: Uint8Array;
	readonly setup: (typeof setups)[number];
	/** Bytes; 0 = any. */
	readonly maxMessageSize: number;
	readonly candidates: readonly Candidate[];
}

/** The fields of the browser's own SDP, without candidates; `undefined` unless it holds exactly one sha-256 fingerprint and one channel section. */
export function parseDescription(sdp: string): Description | undefined {
	const lines = sdp.split(/\r?\n/);
	const values = (name: string): string[] => lines.filter((line) => line.startsWith(name)).map((line) => line.slice(name.length));
	const one = (name: string): string | undefined => {
		const all = new Set(values(name));
		return all.size === 1 ? [...all][0] : undefined;
	};
	const sections = values('m=');
	const ufrag = one('a=ice-ufrag:');
	const pwd = one('a=ice-pwd:');
	const fingerprint = parseFingerprint(one('a=fingerprint:'));
	const setup = setups.find((known) => known === one('a=setup:'));
	const size = one('a=max-message-size:') ?? '65536';
	if (sections.length !== 1 || !sections[0]?.startsWith('application ') || one('a=mid:') !== mid) return undefined;
	if (!ufrag || !ufragPattern.test(ufrag) || !pwd || !pwdPattern.test(pwd) || !fingerprint || !setup || !/^\d{1,10}$/.test(size)) return undefined;
	return { ufrag, pwd, fingerprint, setup, maxMessageSize: Math.min(Number(size), 2 ** 32 - 1), candidates: [] };
}

function parseFingerprint(value: string | undefined): Uint8Array | undefined {
	const match = /^sha-256 ((?:[0-9A-F]{2}:){31}[0-9A-F]{2})$/i.exec(value ?? '');
	return match?.[1] === undefined ? undefined : Uint8Array.from(match[1].split(':'), (pair) => Number.parseInt(pair, 16));
}

/** The SDP that stands for the fields. Candidates are handed over one by one, not in it. */
export function formatDescription(description: Description): string {
	const fingerprint = (hex(description.fingerprint).toUpperCase().match(/../g) ?? []).join(':');
	return [
		'v=0',
		'o=- 1 1 IN IP4 0.0.0.0',
		's=-',
		't=0 0',
		`a=group:BUNDLE ${mid}`,
		'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
		'c=IN IP4 0.0.0.0',
		`a=mid:${mid}`,
		'a=sendrecv',
		`a=ice-ufrag:${description.ufrag}`,
		`a=ice-pwd:${description.pwd}`,
		'a=ice-options:trickle',
		`a=fingerprint:sha-256 ${fingerprint}`,
		`a=setup:${description.setup}`,
		'a=sctp-port:5000',
		`a=max-message-size:${description.maxMessageSize}`,
		'',
	].join('\r\n');
}

/** Body of an offer or answer. */
export function encodeDescription(description: Description): Uint8Array {
	const writer = createWriter().text(description.ufrag).text(description.pwd).raw(description.fingerprint);
	writer.u8(setups.indexOf(description.setup)).u32(description.maxMessageSize);
	return writeCandidates(writer, description.candidates).u8(0).bytes();
}

/** `undefined` for a bad body; an offer must leave the roles open and an answer settle them. Which candidates to use is the receiver's to check. */
export function decodeDescription(bytes: Uint8Array, kind: 'offer' | 'answer'): Description | undefined {
	return decode(bytes, (r) => {
		const ufrag = r.text(maxIceTextBytes);
		const pwd = r.text(maxIceTextBytes);
		const fingerprint = r.raw(fingerprintBytes).slice();
		const setup = setups[r.u8()] ?? r.fail();
		const maxMessageSize = r.u32();
		const candidates = readCandidates(r);
		const extensions = r.u8();
		if (extensions > maxExtensions) r.fail();
		for (let i = 0; i < extensions; i++) {
			r.u16();
			r.lp(maxExtensionBytes);
		}
		if (!ufragPattern.test(ufrag) || !pwdPattern.test(pwd) || (kind === 'offer') !== (setup === 'actpass')) r.fail();
		return { ufrag, pwd, fingerprint, setup, maxMessageSize, candidates };
	});
}
