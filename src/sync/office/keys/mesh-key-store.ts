/**
 * The mesh key generations this device holds, sealed in the store: the whole key where it was sealed to this device or granted as current,
 * else the parts that a GRANT gives of older ones (PROTOCOL.md, 6). Record = `u8 1 | key 32`, or `opt topic 32 | opt signal 32 | opt root 32`
 * after `u8 0`, or after `u8 2` once the root has opened something.
 */
import { fromHex, hex } from '../../../crypto/bytes.ts';
import { createWriter, decode } from '../../../crypto/codec.ts';
import { deriveMesh, meshCommit, meshKeyId } from '../../../crypto/mesh-key.ts';
import type { Companion, OfficeStore } from '../../store.ts';

const prefix = 'mesh/';
const keyBytes = 32;

/** What is held of one generation. */
export interface HeldGeneration {
	readonly keyId: Uint8Array;
	/** The key itself; from it follows all else. */
	readonly key: Uint8Array | undefined;
	readonly topicKey: Uint8Array | undefined;
	readonly signalKey: Uint8Array | undefined;
	readonly contentRoot: Uint8Array | undefined;
	/** Whether the root is known to be right: it follows from the key, or has opened something. */
	readonly proven: boolean;
}

/** All that follows from a key. */
export function generationOf(key: Uint8Array): HeldGeneration {
	const { topic, signal, content } = deriveMesh(key);
	return { keyId: meshKeyId(meshCommit(key)), key, topicKey: topic, signalKey: signal, contentRoot: content, proven: true };
}

/** The record to be written, alone or together with the MESH_REKEY that announces it. */
export function generationRecord(generation: HeldGeneration): Companion {
	const writer = createWriter().u8(generation.key ? 1 : generation.proven ? 2 : 0);
	if (generation.key) writer.raw(generation.key);
	else {
		for (const part of [generation.topicKey, generation.signalKey, generation.contentRoot]) {
			if (part) writer.u8(1).raw(part);
			else writer.u8(0);
		}
	}
	return { bucket: 'keys', key: prefix + hex(generation.keyId), value: writer.bytes() };
}

/** All generations held, by key id (hex). A damaged record is skipped: the key is granted again. */
export async function loadGenerations(store: OfficeStore): Promise<Map<string, HeldGeneration>> {
	const held = new Map<string, HeldGeneration>();
	for (const [name, bytes] of await store.all('keys')) {
		const keyId = name.startsWith(prefix) ? fromHex(name.slice(prefix.length)) : undefined;
		const generation = keyId && decodeRecord(keyId, bytes.slice());
		if (generation) held.set(hex(generation.keyId), generation);
	}
	return held;
}

function decodeRecord(keyId: Uint8Array, bytes: Uint8Array): HeldGeneration | undefined {
	return decode(bytes, (r) => {
		const form = r.u8();
		if (form > 2) r.fail();
		if (form === 1) return generationOf(r.raw(keyBytes));
		const part = (): Uint8Array | undefined => (r.u8() === 1 ? r.raw(keyBytes) : undefined);
		return { keyId, key: undefined, topicKey: part(), signalKey: part(), contentRoot: part(), proven: form === 2 };
	});
}
