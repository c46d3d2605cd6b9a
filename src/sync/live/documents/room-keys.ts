/**
 * Where a document's room is, and what opens it (PROTOCOL.md, 9, "Live documents"). Both follow from a secret that the present readers of the
 * conversation were sealed, so the server, which sees the name as a topic, and whoever left learn nothing of what is written now.
 */
import { base64url, concat, fromHex, hex, utf8 } from '../../../crypto/bytes.ts';
import { derive } from '../../../crypto/hash.ts';
import { labels } from '../../../crypto/labels.ts';

const nameBytes = 16;

export interface RoomKeys {
	/** The topic on the signaling server. */
	readonly name: string;
	/** What y-webrtc stretches to the AES-GCM key of its signals. */
	readonly password: string;
}

/**
 * @param secret 32 random bytes
 * @param document hex of 16 bytes
 */
export function roomKeys(secret: Uint8Array, document: string, label: typeof labels.documentRoom | typeof labels.draftRoom = labels.documentRoom): RoomKeys {
	const id = fromHex(document) ?? new Uint8Array(0);
	return {
		name: hex(derive(secret, label, concat(utf8('name'), id), nameBytes)),
		password: base64url(derive(secret, label, concat(utf8('word'), id))),
	};
}
