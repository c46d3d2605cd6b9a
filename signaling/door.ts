/**
 * The door: an invite the server hands to everyone who opens the plain intranet address (PROTOCOL-BRIEF.md, "Invite"). The
 * server passes its fragment on and understands nothing of it but the length and the version.
 */
const inviteVersion = 1;
/** `1 | officeId 32 | secret 32 | hint`, the hint at least one byte. */
const minInviteBytes = 66;
const maxInviteBytes = 1024;

/** The base64url text of an invite link `…/join#TEXT`, or of the bare text. `undefined` when it is no invite. */
export function parseDoor(link: string): string | undefined {
	const trimmed = link.trim();
	const hash = trimmed.indexOf('#');
	if (hash >= 0 && !/\/join\/?$/.test(trimmed.slice(0, hash))) return undefined;
	const text = trimmed.slice(hash + 1);
	if (!/^[A-Za-z0-9_-]+$/.test(text) || text.length % 4 === 1) return undefined;
	const bytes = Buffer.from(text, 'base64url');
	const fits = bytes.length >= minInviteBytes && bytes.length <= maxInviteBytes;
	return fits && bytes[0] === inviteVersion ? text : undefined;
}
