/**
 * The first message on a link (PROTOCOL.md, section 8): versions, both ids, and the hash of both descriptions as signed. Nothing is read
 * before it, and a mismatch closes: an insider who offered one colleague's fingerprint to another is found here (ATTACKS.md A57).
 */
import { equal } from '../../crypto/bytes.ts';
import { createWriter, decode } from '../../crypto/codec.ts';

/** The versions of links this build speaks. A wire change without a version is a defect (DESIGN.md, D11). */
export const protoMin = 1;
export const protoMax = 1;
export const maxBuildBytes = 64;
const idBytes = 32;

export interface First {
	readonly protoMin: number;
	readonly protoMax: number;
	readonly build: string;
	readonly from: Uint8Array;
	readonly to: Uint8Array;
	readonly descriptions: Uint8Array;
}

export function encodeFirst(first: First): Uint8Array {
	return createWriter().u16(first.protoMin).u16(first.protoMax).text(first.build).raw(first.from).raw(first.to).raw(first.descriptions).bytes();
}

export function decodeFirst(bytes: Uint8Array): First | undefined {
	return decode(bytes, (r) => ({
		protoMin: r.u16(),
		protoMax: r.u16(),
		build: r.text(maxBuildBytes),
		from: r.raw(idBytes).slice(),
		to: r.raw(idBytes).slice(),
		descriptions: r.raw(idBytes).slice(),
	}));
}

/** Why the other's first message does not fit ours; `undefined` when it does. */
export function firstMismatch(own: First, other: First): 'mismatch' | 'version' | undefined {
	if (!equal(other.from, own.to) || !equal(other.to, own.from) || !equal(other.descriptions, own.descriptions)) return 'mismatch';
	return other.protoMin <= other.protoMax && other.protoMin <= own.protoMax && own.protoMin <= other.protoMax ? undefined : 'version';
}
