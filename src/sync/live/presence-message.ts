/** The bytes of presence: BEAT, Presence and GOODBYE (PROTOCOL.md, section 8). Valid only on a link, so a replay has nowhere to go (A54). */
import { concat, fromHex, hex } from '../../crypto/bytes.ts';
import { createWriter, decode } from '../../crypto/codec.ts';
import { type DeviceKeys, sign, signatureBytes, verify } from '../../crypto/identity.ts';
import { labels } from '../../crypto/labels.ts';

const idBytes = 32;
const bootBytes = 16;
const digestBytes = 32;
export const maxNoteBytes = 280;
const maxPresenceBytes = idBytes + bootBytes + 4 + 1 + 4 + maxNoteBytes + 8 + signatureBytes;
const availabilities = ['available', 'away', 'busy', 'offline'] as const;

/** As told to others: invisible is told as offline. */
export type ToldAvailability = (typeof availabilities)[number];

export interface PresenceMessage {
	readonly device: string;
	readonly boot: string;
	/** Rises with every change within one start. */
	readonly counter: number;
	readonly availability: ToldAvailability;
	readonly note: string;
	/** Until when the person means it, ms; 0 = open. */
	readonly untilMs: number;
}

export interface Goodbye {
	readonly device: string;
	readonly boot: string;
	readonly counter: number;
}

/** Signs what a device says of itself. A note over 280 bytes is a broken invariant: commands refuse it. */
export function encodePresence(presence: PresenceMessage, officeId: Uint8Array, keys: DeviceKeys): Uint8Array {
	const writer = start(presence).u8(availabilities.indexOf(presence.availability) + 1).text(presence.note).u64(presence.untilMs);
	const bytes = writer.bytes();
	if (bytes.length + signatureBytes > maxPresenceBytes) throw new Error('the note is too long');
	return concat(bytes, sign(keys.signSecret, labels.presence, officeId, bytes));
}

/** `undefined` if malformed or not signed by the device it names. */
export function decodePresence(bytes: Uint8Array, officeId: Uint8Array): PresenceMessage | undefined {
	const fields = bytes.subarray(0, Math.max(0, bytes.length - signatureBytes));
	const presence = decode(fields, (r) => {
		const device = hex(r.raw(idBytes));
		const boot = hex(r.raw(bootBytes));
		const counter = r.u32();
		const availability = availabilities[r.u8() - 1] ?? r.fail();
		return { device, boot, counter, availability, note: r.text(maxNoteBytes), untilMs: r.u64() };
	});
	return presence && signedBy(presence.device, bytes, fields, labels.presence, officeId) ? presence : undefined;
}

export function encodeGoodbye(goodbye: Goodbye, officeId: Uint8Array, keys: DeviceKeys): Uint8Array {
	const bytes = start(goodbye).bytes();
	return concat(bytes, sign(keys.signSecret, labels.goodbye, officeId, bytes));
}

/** `undefined` if malformed or not signed by the device it names. */
export function decodeGoodbye(bytes: Uint8Array, officeId: Uint8Array): Goodbye | undefined {
	const fields = bytes.subarray(0, Math.max(0, bytes.length - signatureBytes));
	const goodbye = decode(fields, (r) => ({ device: hex(r.raw(idBytes)), boot: hex(r.raw(bootBytes)), counter: r.u32() }));
	return goodbye && signedBy(goodbye.device, bytes, fields, labels.goodbye, officeId) ? goodbye : undefined;
}

/** `presence` is an encoded Presence, or empty. */
export function encodeBeat(digest: Uint8Array, presence: Uint8Array): Uint8Array {
	return createWriter().raw(digest).lp(presence).bytes();
}

export function decodeBeat(bytes: Uint8Array): { readonly digest: Uint8Array; readonly presence: Uint8Array } | undefined {
	return decode(bytes, (r) => ({ digest: r.raw(digestBytes), presence: r.lp(maxPresenceBytes) }));
}

function start({ device, boot, counter }: Goodbye): ReturnType<typeof createWriter> {
	return createWriter()
		.raw(fromHex(device) ?? new Uint8Array(idBytes))
		.raw(fromHex(boot) ?? new Uint8Array(bootBytes))
		.u32(counter);
}

function signedBy(device: string, bytes: Uint8Array, fields: Uint8Array, label: typeof labels.presence | typeof labels.goodbye, officeId: Uint8Array): boolean {
	const key = fromHex(device);
	return key !== undefined && verify(key, bytes.subarray(fields.length), label, officeId, fields);
}
