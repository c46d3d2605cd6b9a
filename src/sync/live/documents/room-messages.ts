/**
 * What may come over a room's channel, looked at before y-webrtc reads it. Its messages are a type (0 sync, 1 awareness, 3 asks for
 * awareness, 4 tells of a tab beside) and y-protocols' own bytes; anything it cannot read it throws out of an event handler.
 */
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { writeSyncStep1 } from 'y-protocols/sync';
import * as Y from 'yjs';
import { maxAwarenessBytes, maxClients, maxMessageBytes, maxStateBytes, maxVectorBytes, maxWriters } from './limits.ts';
import { type Refusal, refuseUpdate } from './update-check.ts';

const sync = 0;
const awareness = 1;
const asksAwareness = 3;
const step1 = 0;
const step2 = 1;
const update = 2;

export interface RoomMessageCheck {
	/** Bytes of the whole state as it stands, at least. */
	readonly stateBytes: () => number;
	/** Cursors ever heard of. */
	readonly writers: () => number;
	/** Measures the state anew. */
	readonly measure: () => number;
	/** Whether the document can bear it. */
	readonly passes: (update: Uint8Array) => boolean;
}

/** `undefined` if y-webrtc may read it. */
export function refuseMessage(data: unknown, check: RoomMessageCheck): Refusal | undefined {
	if (!(data instanceof ArrayBuffer) || data.byteLength === 0) return 'malformed';
	if (data.byteLength > maxMessageBytes) return 'too-large';
	try {
		const decoder = decoding.createDecoder(new Uint8Array(data));
		const type = decoding.readVarUint(decoder);
		if (type === asksAwareness) return decoding.hasContent(decoder) ? 'malformed' : undefined;
		if (type !== sync && type !== awareness) return 'foreign';
		const kind = type === sync ? decoding.readVarUint(decoder) : undefined;
		const payload = decoding.readVarUint8Array(decoder);
		if (decoding.hasContent(decoder)) return 'malformed';
		if (kind === undefined) return refuseAwareness(payload, check.writers());
		if (kind === step1) return refuseVector(payload);
		if (kind !== step2 && kind !== update) return 'foreign';
		const refused = refuseUpdate(payload);
		if (refused) return refused;
		// What is here already counts twice in the sum: measured anew before anything is refused for it.
		if (check.stateBytes() + payload.length > maxStateBytes && check.measure() + payload.length > maxStateBytes) return 'too-large';
		return check.passes(payload) ? undefined : 'malformed';
	} catch {
		return 'malformed';
	}
}

function refuseVector(vector: Uint8Array): Refusal | undefined {
	if (vector.length > maxVectorBytes) return 'too-large';
	return Y.decodeStateVector(vector).size > maxClients ? 'too-many' : undefined;
}

/** Each state is JSON; y-protocols parses them one after the other and would stop in the middle at a bad one. */
function refuseAwareness(bytes: Uint8Array, known: number): Refusal | undefined {
	if (bytes.length > maxAwarenessBytes) return 'too-large';
	const decoder = decoding.createDecoder(bytes);
	const count = decoding.readVarUint(decoder);
	if (count + known > maxWriters) return 'too-many';
	for (let i = 0; i < count; i++) {
		decoding.readVarUint(decoder);
		decoding.readVarUint(decoder);
		const state: unknown = JSON.parse(decoding.readVarString(decoder));
		if (typeof state !== 'object') return 'malformed';
	}
	return decoding.hasContent(decoder) ? 'malformed' : undefined;
}

/** "This is what I have": the other end answers with what is missing. */
export function askForMissing(doc: Y.Doc): Uint8Array {
	const encoder = encoding.createEncoder();
	encoding.writeVarUint(encoder, sync);
	writeSyncStep1(encoder, doc);
	return encoding.toUint8Array(encoder);
}
