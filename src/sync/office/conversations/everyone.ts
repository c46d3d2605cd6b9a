/**
 * POST: what is written to Everyone (PROTOCOL.md, 9). Sealed under a key that follows from the root of a mesh key and the entry's
 * place, so a newcomer reads what the granted roots cover, and the same bytes open nowhere else (A02).
 */
import { concat, hex } from '../../../crypto/bytes.ts';
import { contentKey, meshKeyIdBytes } from '../../../crypto/mesh-key.ts';
import { open, pad, seal, unpad } from '../../../crypto/seal.ts';
import type { Random } from '../../../crypto/random.ts';
import { type Entry, headerPrefix, idToBytes, kinds, lanes } from '../../log/entry.ts';
import type { ContentRoots } from './content-ports.ts';
import { decodePostInner } from './inner.ts';
import type { Opened } from './opener.ts';

const kind = kinds.post;
const lane = lanes.open;

export interface Everyone {
	/** Whether a root is held to seal under. */
	ready(): boolean;
	/** The body of a POST at that place; `undefined` when no root is held or the inner is too long. */
	seal(at: { readonly author: string; readonly seq: number; readonly prefix: Uint8Array }, inner: Uint8Array): Uint8Array | undefined;
	/** The inner of a POST; `pending` until its root is held. */
	open(entry: Entry): Opened;
}

export function createEveryone(deps: { readonly roots: ContentRoots; readonly random: Random }): Everyone {
	return {
		ready: () => deps.roots.current() !== undefined,
		seal(at, inner) {
			const current = deps.roots.current();
			const padded = pad(inner);
			if (!current || !padded) return undefined;
			const key = contentKey(current.root, kind, idToBytes(at.author), lane, at.seq);
			return concat(current.keyId, seal(deps.random, key, at.prefix, padded));
		},
		open(entry) {
			if (entry.body.length < meshKeyIdBytes) return 'refused';
			const keyId = hex(entry.body.subarray(0, meshKeyIdBytes));
			const root = deps.roots.root(keyId);
			if (!root) return 'pending';
			const key = contentKey(root, kind, idToBytes(entry.header.author), lane, entry.header.seq);
			const padded = open(key, headerPrefix(entry.headerBytes), entry.body.subarray(meshKeyIdBytes));
			if (!padded) return deps.roots.isSure(keyId) ? 'refused' : 'pending';
			deps.roots.opened(keyId);
			const inner = unpad(padded);
			return inner && decodePostInner(inner) ? inner : 'refused';
		},
	};
}
