/**
 * What two members compare to know that nobody stands between them (PROTOCOL.md, 2): 60 digits of Signal's shape, or a code for the
 * camera with the whole hashes. Where Signal hashes one identity key, this hashes all keys in force of a member, so that a device added or
 * replaced shows.
 */
import { base64url, compare, concat, equal, fromBase64url } from './bytes.ts';
import { createWriter, decode } from './codec.ts';
import { tag } from './hash.ts';
import { labels } from './labels.ts';

/** Makes each try of a search for other keys with these digits dearer by 2^11; the 30 digits of one member are 99 bits. About 5 ms. */
const rounds = 2048;
const groupsOfMember = 6;
const bytesOfGroup = 5;
const groupBase = 100_000;
const digitsOfGroup = 5;
const hashBytes = 32;
const idPrefixBytes = 8;
const codeVersion = 1;
const codeBytes = 1 + 2 * (idPrefixBytes + hashBytes);
const codePrefix = 'landline-safety:';

/** A member and the keys of all their devices in force, in any order. */
export interface SafetyParty {
	readonly memberId: Uint8Array;
	readonly devices: readonly { readonly signPublic: Uint8Array; readonly kemPublic: Uint8Array }[];
}

/** A party with its hash. */
export interface SafetyHash {
	readonly memberId: Uint8Array;
	/** 32 bytes. */
	readonly hash: Uint8Array;
}

/** What a scanned code says, seen from the device that shows it. */
export interface SafetyCode {
	/** The first 8 bytes of the ids of the member who shows it, and of the one it is shown to. */
	readonly shower: Uint8Array;
	readonly viewer: Uint8Array;
	readonly showerHash: Uint8Array;
	readonly viewerHash: Uint8Array;
}

/** `h0 = H(safety, officeId | memberId | n u16 | sorted n × (signPub | kemPub))`, then 2,048 times `h = H(safety, h | h0)`. */
export function safetyHash(officeId: Uint8Array, { memberId, devices }: SafetyParty): SafetyHash {
	const keys = devices.map((device) => concat(device.signPublic, device.kemPublic)).sort(compare);
	const writer = createWriter().raw(officeId).raw(memberId).u16(keys.length);
	for (const key of keys) writer.raw(key);
	const first = tag(labels.safety, writer.bytes());
	let hash = first;
	for (let round = 0; round < rounds; round++) hash = tag(labels.safety, hash, first);
	return { memberId, hash };
}

/** Six groups of five digits, each five bytes of the hash modulo 100,000; of two members the one with the smaller id first. "01234 …", twelve groups. */
export function safetyNumber(one: SafetyHash, other: SafetyHash): string {
	const [first, second] = compare(one.memberId, other.memberId) <= 0 ? [one, other] : [other, one];
	return [...groupsOf(first.hash), ...groupsOf(second.hash)].join(' ');
}

function groupsOf(hash: Uint8Array): readonly string[] {
	return Array.from({ length: groupsOfMember }, (_, group) => {
		const bytes = hash.subarray(group * bytesOfGroup, (group + 1) * bytesOfGroup);
		const value = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
		return String(value % groupBase).padStart(digitsOfGroup, '0');
	});
}

/** The text of the code that `shower`'s screen shows to `viewer`. */
export function encodeSafetyCode(shower: SafetyHash, viewer: SafetyHash): string {
	const prefixOf = (party: SafetyHash): Uint8Array => party.memberId.subarray(0, idPrefixBytes);
	const bytes = createWriter().u8(codeVersion).raw(prefixOf(shower)).raw(prefixOf(viewer)).raw(shower.hash).raw(viewer.hash).bytes();
	return codePrefix + base64url(bytes);
}

/** `undefined` if it is no such code, or of another version. */
export function decodeSafetyCode(text: string): SafetyCode | undefined {
	const trimmed = text.trim();
	if (!trimmed.startsWith(codePrefix)) return undefined;
	const bytes = fromBase64url(trimmed.slice(codePrefix.length));
	if (bytes?.length !== codeBytes) return undefined;
	return decode(bytes, (r) => {
		if (r.u8() !== codeVersion) r.fail();
		return { shower: r.raw(idPrefixBytes), viewer: r.raw(idPrefixBytes), showerHash: r.raw(hashBytes), viewerHash: r.raw(hashBytes) };
	});
}

/** What a code read from the screen of `other` says to `own`. `not-theirs`: it is another pair's; `own`: it is the one on this screen. */
export function compareSafetyCode(code: SafetyCode, own: SafetyHash, other: SafetyHash): 'same' | 'different' | 'own' | 'not-theirs' {
	const names = (prefix: Uint8Array, party: SafetyHash): boolean => equal(prefix, party.memberId.subarray(0, idPrefixBytes));
	if (names(code.shower, own) && names(code.viewer, other)) return 'own';
	if (!names(code.shower, other) || !names(code.viewer, own)) return 'not-theirs';
	return equal(code.showerHash, other.hash) && equal(code.viewerHash, own.hash) ? 'same' : 'different';
}
