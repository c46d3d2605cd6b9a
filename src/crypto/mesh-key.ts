/**
 * What follows from a generation of the mesh key: its commitment and short id, the keys for meeting, signalling and
 * office-wide content, and the topics under which the signaling server knows the office's devices without knowing them.
 */

import { hex, utf8 } from './bytes.ts';
import { createWriter } from './codec.ts';
import { derive, tag } from './hash.ts';
import { labels } from './labels.ts';

export const meshKeyIdBytes = 8;
/** Topics travel as hex of this many bytes. */
const topicBytes = 16;
/** Stands where an inbox has its device id (32 bytes, so the two never meet). */
const office = utf8('office');

/** The keys of one generation, 32 bytes each. */
export interface MeshKeys {
	/** Names topics; see `officeTopic` and `inboxTopic`. */
	readonly topic: Uint8Array;
	/** Seals signals. */
	readonly signal: Uint8Array;
	/** Root of the keys of office-wide content; see `contentKey`. */
	readonly content: Uint8Array;
}

/** What a MESH_REKEY publishes of its key; 32 bytes. A GRANT is accepted only against it. */
export function meshCommit(key: Uint8Array): Uint8Array {
	return tag(labels.meshCommit, key);
}

/** The 8 bytes by which sealed things name their generation. */
export function meshKeyId(commit: Uint8Array): Uint8Array {
	return commit.slice(0, meshKeyIdBytes);
}

/** The three keys of a generation. None tells the mesh key or another, so they can be granted one by one. */
export function deriveMesh(key: Uint8Array): MeshKeys {
	return { topic: derive(key, labels.meshTopic), signal: derive(key, labels.meshSignal), content: derive(key, labels.meshContent) };
}

/** The topic on which all of an office's devices meet. */
export function officeTopic(topicKey: Uint8Array): string {
	return topic(topicKey, office);
}

/** One device's own topic, so that a signal goes to one socket (DESIGN.md, D5). */
export function inboxTopic(topicKey: Uint8Array, deviceId: Uint8Array): string {
	return topic(topicKey, deviceId);
}

/** Where the devices at one address listen for knocks. No device's id is such a text. */
export function addressTopic(topicKey: Uint8Array, address: string): string {
	return topic(topicKey, utf8(`at ${address}`));
}

/** Like `officeTopic`, for those who join by one invite; from `joinKeys(psk).topic`. */
export function joinOfficeTopic(joinTopicKey: Uint8Array): string {
	return topic(joinTopicKey, office);
}

/** Like `inboxTopic`, for those who join by one invite. */
export function joinInboxTopic(joinTopicKey: Uint8Array, deviceId: Uint8Array): string {
	return topic(joinTopicKey, deviceId);
}

/** The key of one office-wide entry: `HKDF(contentRoot, kind u8 ‖ author 32 ‖ lane u8 ‖ seq u64)`. */
export function contentKey(contentRoot: Uint8Array, kind: number, author: Uint8Array, lane: number, seq: number): Uint8Array {
	return derive(contentRoot, labels.content, createWriter().u8(kind).raw(author).u8(lane).u64(seq).bytes());
}

function topic(topicKey: Uint8Array, whose: Uint8Array): string {
	return hex(derive(topicKey, labels.meshTopic, whose, topicBytes));
}
