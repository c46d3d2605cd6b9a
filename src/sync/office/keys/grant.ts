/**
 * `GRANT = commit 32 | key 32 | n u8 × (keyId 8, signalKey 32, topicKey 32) | m u8 × (keyId 8, contentRoot 32)` (PROTOCOL.md, 6): what a current device
 * gives a resolved one that lacks the key.
 */
import { createWriter, decode } from '../../../crypto/codec.ts';

export interface Grant {
	readonly commit: Uint8Array;
	readonly key: Uint8Array;
	readonly meeting: readonly { readonly keyId: Uint8Array; readonly signalKey: Uint8Array; readonly topicKey: Uint8Array }[];
	readonly roots: readonly { readonly keyId: Uint8Array; readonly contentRoot: Uint8Array }[];
}

/** A counter is one byte. */
export const maxGranted = 255;

export function encodeGrant(grant: Grant): Uint8Array {
	const writer = createWriter().raw(grant.commit).raw(grant.key).u8(grant.meeting.length);
	for (const { keyId, signalKey, topicKey } of grant.meeting) writer.raw(keyId).raw(signalKey).raw(topicKey);
	writer.u8(grant.roots.length);
	for (const { keyId, contentRoot } of grant.roots) writer.raw(keyId).raw(contentRoot);
	return writer.bytes();
}

/** Form alone; the key is checked against a commit in force by who accepts it. */
export function decodeGrant(bytes: Uint8Array): Grant | undefined {
	return decode(bytes, (r) => ({
		commit: r.raw(32),
		key: r.raw(32),
		meeting: Array.from({ length: r.u8() }, () => ({ keyId: r.raw(8), signalKey: r.raw(32), topicKey: r.raw(32) })),
		roots: Array.from({ length: r.u8() }, () => ({ keyId: r.raw(8), contentRoot: r.raw(32) })),
	}));
}
