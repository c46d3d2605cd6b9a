/**
 * A device's keys, its signatures (Ed25519, RFC 8032, strict: `zip215: false`), and its card. Signatures are made and
 * checked by noble alone, in every browser: native verifiers may judge hostile signatures differently, which would split
 * the log (PROTOCOL-BRIEF, primitives; A53).
 */

import { ed25519 } from '@noble/curves/ed25519.js';
import { isKemPublicKey, kemKeyBytes, kemPublicKey } from './agree.ts';
import { fromUtf8, utf8 } from './bytes.ts';
import { createWriter, decode } from './codec.ts';
import { tag } from './hash.ts';
import { type Label, labelled, labels } from './labels.ts';
import type { Random } from './random.ts';

export const signPublicBytes = 32;
export const signatureBytes = 64;
export const officeIdBytes = 32;
/** A member's name, in UTF-8. */
export const maxNameBytes = 64;
const maxCardBytes = 2 + officeIdBytes + signPublicBytes + kemKeyBytes + 4 + maxNameBytes + signatureBytes;
const cardVersion = 1;
const suite = 1;
/** In place of the office's id in the founder's card inside genesis, which cannot contain its own hash. */
export const noOffice: Uint8Array = new Uint8Array(officeIdBytes);

/**
 * Control characters, line and paragraph separators, and the bidirectional controls that make a name read as another. The
 * ranges are spelled out: Unicode property classes grow with the browser's version, and a card must be judged alike everywhere.
 */
const forbiddenInName = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;

/** A device's two independent key pairs, 32 bytes each. The device's id is `signPublic`. */
export interface DeviceKeys {
	readonly signPublic: Uint8Array;
	readonly signSecret: Uint8Array;
	readonly kemPublic: Uint8Array;
	readonly kemSecret: Uint8Array;
}

/** What a device says of itself: its keys and the name of its member. `officeId` is `noOffice` in genesis. */
export interface Card {
	readonly officeId: Uint8Array;
	readonly signPublic: Uint8Array;
	readonly kemPublic: Uint8Array;
	readonly name: string;
}

/** Draws fresh keys. */
export function createDeviceKeys(random: Random): DeviceKeys {
	const signSecret = random(32);
	const kemSecret = random(kemKeyBytes);
	return { signSecret, signPublic: signPublicKey(signSecret), kemSecret, kemPublic: kemPublicKey(kemSecret) };
}

/** The Ed25519 public key of a 32-byte seed. */
export function signPublicKey(signSecret: Uint8Array): Uint8Array {
	return ed25519.getPublicKey(signSecret);
}

/** Signs `labelled(label, …parts)`, never bare bytes (A25); 64 bytes, deterministic. */
export function sign(signSecret: Uint8Array, label: Label, ...parts: readonly Uint8Array[]): Uint8Array {
	return ed25519.sign(labelled(label, ...parts), signSecret);
}

/**
 * Whether `signature` is `signPublic`'s over `labelled(label, …parts)`. Never throws: wrong lengths, a key of small order,
 * a point not canonically encoded, or S ≥ L are simply false.
 */
export function verify(signPublic: Uint8Array, signature: Uint8Array, label: Label, ...parts: readonly Uint8Array[]): boolean {
	return verifyStrict(signPublic, signature, labelled(label, ...parts));
}

/** `verify` for bytes that already begin with their label; apart from it so that published vectors run through this very code. */
export function verifyStrict(signPublic: Uint8Array, signature: Uint8Array, message: Uint8Array): boolean {
	if (signPublic.length !== signPublicBytes || signature.length !== signatureBytes) return false;
	try {
		return ed25519.verify(signature, message, signPublic, { zip215: false });
	} catch {
		return false;
	}
}

/** Whether a person may be called this: 1 to 64 bytes of UTF-8, no white space at the ends, no control or direction characters. */
export function isName(name: string): boolean {
	const bytes = utf8(name);
	// A lone surrogate would be encoded as U+FFFD and come back as another name.
	return bytes.length > 0 && bytes.length <= maxNameBytes && name === name.trim() && !forbiddenInName.test(name) && fromUtf8(bytes) === name;
}

/**
 * `ver 1 | suite 1 | officeId 32 | signPub 32 | kemPub 32 | lp(name) | sig 64`, signed by the card's own device.
 * Throws if `isName` would refuse the name: the command that took it has to ask first.
 */
export function encodeCard(card: Card, signSecret: Uint8Array): Uint8Array {
	if (!isName(card.name)) throw new Error('a card needs a valid name');
	const body = createWriter()
		.u8(cardVersion)
		.u8(suite)
		.raw(card.officeId)
		.raw(card.signPublic)
		.raw(card.kemPublic)
		.text(card.name)
		.bytes();
	return createWriter().raw(body).raw(sign(signSecret, labels.card, body)).bytes();
}

/** The card, its own signature checked; `undefined` if malformed, badly named or signed, or with a KEM key of low order. */
export function decodeCard(bytes: Uint8Array): Card | undefined {
	if (bytes.length > maxCardBytes) return undefined;
	return decode(bytes, (r) => {
		if (r.u8() !== cardVersion || r.u8() !== suite) r.fail();
		const card: Card = {
			officeId: r.raw(officeIdBytes),
			signPublic: r.raw(signPublicBytes),
			kemPublic: r.raw(kemKeyBytes),
			name: r.text(maxNameBytes),
		};
		const body = bytes.subarray(0, bytes.length - r.remaining());
		const signature = r.raw(signatureBytes);
		if (!isName(card.name) || !isKemPublicKey(card.kemPublic) || !verify(card.signPublic, signature, labels.card, body)) r.fail();
		return card;
	});
}

/** A person's id for good: the hash of the office and the first device they came with; 32 bytes. */
export function memberId(officeId: Uint8Array, firstSignPublic: Uint8Array): Uint8Array {
	return tag(labels.member, officeId, firstSignPublic);
}
