/**
 * An invite as it travels in a link or QR code, and the keys both sides derive from it (PROTOCOL-BRIEF, Invite).
 * The secret stands behind `#`, which browsers do not send to the server.
 */

import { base64url, fromBase64url } from './bytes.ts';
import { createWriter, decode } from './codec.ts';
import { derive } from './hash.ts';
import { officeIdBytes, signPublicKey } from './identity.ts';
import { labels } from './labels.ts';

export const inviteSecretBytes = 32;
/** The hint, a text for the joining screen (such as the office's name), in UTF-8. */
export const maxHintBytes = 200;
const inviteVersion = 1;
/** A link longer than this was never ours; pasted books are not decoded. */
const maxLinkChars = 4096;

export interface Invite {
	readonly officeId: Uint8Array;
	readonly secret: Uint8Array;
	/** Unauthenticated words for the screen; authority comes from the office's log alone. */
	readonly hint: string;
}

/** What the holder of an invite can do: sign a JOIN, and prove themselves at the door. */
export interface InviteKeys {
	readonly signPublic: Uint8Array;
	readonly signSecret: Uint8Array;
	readonly psk: Uint8Array;
}

/** `1 | officeId 32 | secret 32 | lp(hint)`. Throws if the hint is over `maxHintBytes`. */
export function encodeInvite(invite: Invite): Uint8Array {
	const bytes = createWriter().u8(inviteVersion).raw(invite.officeId).raw(invite.secret).text(invite.hint).bytes();
	if (bytes.length > 1 + officeIdBytes + inviteSecretBytes + 4 + maxHintBytes) throw new Error('the hint is too long');
	return bytes;
}

/** The invite, or `undefined` for anything malformed. */
export function decodeInvite(bytes: Uint8Array): Invite | undefined {
	return decode(bytes, (r) => {
		if (r.u8() !== inviteVersion) r.fail();
		return { officeId: r.raw(officeIdBytes), secret: r.raw(inviteSecretBytes), hint: r.text(maxHintBytes) };
	});
}

/** The link to pass on. `origin` as in `location.origin`, without a slash at its end. */
export function inviteLink(origin: string, invite: Invite): string {
	return `${origin}/join#${base64url(encodeInvite(invite))}`;
}

/** The invite in a whole link, or in what stands behind its `#`. */
export function parseInviteLink(text: string): Invite | undefined {
	const bytes = linkBytes(text);
	return bytes && decodeInvite(bytes);
}

/** What a link of ours carries behind its `#`, whole or that part alone. White space is dropped wherever mail programs put it. */
export function linkBytes(text: string): Uint8Array | undefined {
	if (text.length > maxLinkChars) return undefined;
	const compact = text.replace(/\s+/g, '');
	return fromBase64url(compact.slice(compact.indexOf('#') + 1));
}

/** The key that signs JOINs and the pre-shared key, from the invite's secret. */
export function inviteKeys(secret: Uint8Array): InviteKeys {
	const signSecret = derive(secret, labels.inviteSign);
	return { signSecret, signPublic: signPublicKey(signSecret), psk: derive(secret, labels.invitePsk) };
}

/** Where a newcomer and the office meet (`topic`, see mesh-key.ts) and what seals their signals. */
export function joinKeys(psk: Uint8Array): { readonly topic: Uint8Array; readonly signal: Uint8Array } {
	return { topic: derive(psk, labels.joinTopic), signal: derive(psk, labels.joinSignal) };
}
