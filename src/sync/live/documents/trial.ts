/**
 * Applies what somebody sent to a copy of the document first. Yjs trusts its updates: one that names places which do not exist makes it throw
 * in the middle of integrating, and leaves half of it in the document for good. The copy that has to bear that is made anew; the document
 * never hears of it (A43).
 */
import * as Y from 'yjs';

/** Nested deeper than any list a person makes; the editor's binding walks down by recursion. */
const maxDepth = 32;

export interface Trial {
	/** Whether the document can take it. */
	passes(update: Uint8Array): boolean;
	stop(): void;
}

export function createTrial(doc: Y.Doc): Trial {
	let copy = copyOf(doc);
	const follow = (update: Uint8Array): void => Y.applyUpdate(copy, update);
	doc.on('update', follow);
	return {
		passes(update) {
			try {
				Y.applyUpdate(copy, update);
				if (Y.decodeUpdate(update).structs.every((struct) => !(struct instanceof Y.Item) || !(struct.content instanceof Y.ContentType) || isFlat(copy, struct.id))) return true;
			} catch {
				// Thrown by Yjs itself.
			}
			copy.destroy();
			copy = copyOf(doc);
			return false;
		},
		stop() {
			doc.off('update', follow);
			copy.destroy();
		},
	};
}

function copyOf(doc: Y.Doc): Y.Doc {
	const copy = new Y.Doc();
	Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc));
	return copy;
}

/** Whether what stands there is near enough to the top; also if it does not stand there yet, or any more. */
function isFlat(doc: Y.Doc, id: Y.ID): boolean {
	if (Y.getState(doc.store, id.client) <= id.clock) return true;
	let item: Y.Item | Y.GC | null = Y.getItem(doc.store, id);
	for (let depth = 0; depth <= maxDepth; depth++) {
		if (!(item instanceof Y.Item) || !(item.parent instanceof Y.AbstractType)) return true;
		item = item.parent._item;
		if (item === null) return true;
	}
	return false;
}
