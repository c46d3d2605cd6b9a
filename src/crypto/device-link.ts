/**
 * The link by which a member's device takes in another one of the same person (PROTOCOL.md, section 5), as it stands in a QR code, and the
 * keys both sides derive from it. Like an invite it stands behind `#`, which browsers do not send to the server.
 */

import { base64url } from './bytes.ts';
import { createWriter, decode } from './codec.ts';
import { derive } from './hash.ts';
import { isName, maxNameBytes, officeIdBytes, sign, signPublicBytes, verify, type DeviceKeys } from './identity.ts';
import { joinKeys, linkBytes, maxHintBytes } from './invite.ts';
import { labels } from './labels.ts';

export const deviceSecretBytes = 32;
/** An invite's is 1. */
const linkVersion = 2;

export interface DeviceLink {
	readonly officeId: Uint8Array;
	readonly secret: Uint8Array;
	/** The device that shows the link: the new one talks to no other. */
	readonly device: Uint8Array;
	/** The member's, for the new device's card. */
	readonly name: string;
	/** Unauthenticated words for the screen: the office's name. */
	readonly hint: string;
}

/** `2 | officeId 32 | secret 32 | device 32 | text name | text hint`. Throws if a text is too long. */
export function encodeDeviceLink(link: DeviceLink): Uint8Array {
	const bytes = createWriter().u8(linkVersion).raw(link.officeId).raw(link.secret).raw(link.device).text(link.name).text(link.hint).bytes();
	if (!decodeDeviceLink(bytes)) throw new Error('the name or the hint does not fit a link');
	return bytes;
}

/** `undefined` for anything malformed. */
export function decodeDeviceLink(bytes: Uint8Array): DeviceLink | undefined {
	return decode(bytes, (r) => {
		if (r.u8() !== linkVersion) r.fail();
		const link = { officeId: r.raw(officeIdBytes), secret: r.raw(deviceSecretBytes), device: r.raw(signPublicBytes), name: r.text(maxNameBytes), hint: r.text(maxHintBytes) };
		return isName(link.name) ? link : r.fail();
	});
}

/** The link to show. `origin` as in `location.origin`. */
export function deviceLinkText(origin: string, link: DeviceLink): string {
	return `${origin}/join#${base64url(encodeDeviceLink(link))}`;
}

/** Reads a whole link, or what stands behind its `#`. */
export function parseDeviceLink(text: string): DeviceLink | undefined {
	const bytes = linkBytes(text);
	return bytes && decodeDeviceLink(bytes);
}

/** Where the two devices meet and what seals their signals: a psk of its own label, then as for invites. */
export function deviceLinkKeys(secret: Uint8Array): { readonly topic: Uint8Array; readonly signal: Uint8Array } {
	return joinKeys(derive(secret, labels.devicePsk));
}

/** The new device's word that it is to be a device of the member whose device `author` is: `newSig` of ADD_DEVICE. */
export function signAddDevice(keys: DeviceKeys, officeId: Uint8Array, author: Uint8Array): Uint8Array {
	return sign(keys.signSecret, labels.addDevice, officeId, author);
}

export function verifyAddDevice(newDevice: Uint8Array, signature: Uint8Array, officeId: Uint8Array, author: Uint8Array): boolean {
	return verify(newDevice, signature, labels.addDevice, officeId, author);
}
