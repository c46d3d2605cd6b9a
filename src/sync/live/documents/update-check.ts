/**
 * Whether bytes that somebody sent as a Yjs update may be applied (ATTACKS.md, A43). Everybody in the room holds its key, so what comes is as
 * hostile as an insider. Decided before Yjs integrates anything: by size, by how many clients and pieces it names, and by what it brings.
 * Yjs itself sets room aside for as many pieces as a count claims; decoding lazily first, as here, fails at the end of the bytes instead.
 */
import * as decoding from 'lib0/decoding';
import * as Y from 'yjs';
import { maxClients, maxStateBytes, maxStructs } from './limits.ts';
import { markNames, nodeNames } from './node-names.ts';

/** Yjs counts characters; no document that fits was ever typed this far. */
const maxClock = 2 ** 31;

export type Refusal = 'too-large' | 'too-many' | 'malformed' | 'foreign';

/** `undefined` if the update may be applied. */
export function refuseUpdate(update: Uint8Array): Refusal | undefined {
	if (update.length > maxStateBytes) return 'too-large';
	try {
		if (decoding.readVarUint(decoding.createDecoder(update)) > maxClients) return 'too-many';
		const { structs, ds } = Y.decodeUpdate(update);
		if (structs.length > maxStructs || ds.clients.size > maxClients) return 'too-many';
		let deletions = 0;
		for (const items of ds.clients.values()) deletions += items.length;
		if (deletions > maxStructs) return 'too-many';
		for (const struct of structs) {
			if (struct.id.clock + struct.length > maxClock) return 'malformed';
			if (struct instanceof Y.Item && !isOfNote(struct.content)) return 'foreign';
		}
		return undefined;
	} catch {
		// Truncated, nested deeper than the stack, or no update at all.
		return 'malformed';
	}
}

/** Text, marks, elements and their attributes. No sub-documents, no binary data, no types of other editors. */
function isOfNote(content: Y.Item['content']): boolean {
	if (content instanceof Y.ContentFormat) return markNames.has(content.key.replace(/--.*$/, ''));
	if (content instanceof Y.ContentType) return content.type instanceof Y.XmlElement ? nodeNames.has(content.type.nodeName) : content.type instanceof Y.XmlText;
	return content instanceof Y.ContentString || content instanceof Y.ContentDeleted || content instanceof Y.ContentAny;
}
