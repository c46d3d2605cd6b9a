/**
 * Fresh entries (PROTOCOL.md, section 8): from their author to all its links, and from there to those it is not linked to, each by one of
 * the neighbours they have in common. In a full mesh nobody forwards anything.
 */
import { hex } from '../../crypto/bytes.ts';
import { createWriter } from '../../crypto/codec.ts';
import { tag } from '../../crypto/hash.ts';
import { labels } from '../../crypto/labels.ts';
import type { MeshPort } from '../link/mesh-port.ts';
import { messageTypes } from '../link/message-types.ts';
import { encodeEntry, type Entry, type Id, idToBytes } from './entry.ts';

export interface Push {
	/** Own entries, once they rest. */
	own(entries: readonly Entry[]): void;
	/** One that was pushed to us and was news. */
	forward(entry: Entry, from: Id): void;
}

export function createPush(deps: { device: Id; mesh: MeshPort; peers: ReadonlyMap<Id, { readonly limited: boolean }> }): Push {
	const { device: self, mesh, peers } = deps;
	const messageOf = (entry: Entry): Uint8Array => createWriter().u8(messageTypes.entry).raw(encodeEntry(entry)).bytes();

	/** Whether this device is the first of some, in an order that is another for every entry. */
	function isFirst(entry: Entry, among: Iterable<Id>): boolean {
		const place = (device: Id): string => hex(tag(labels.heads, idToBytes(entry.id), idToBytes(device)));
		const mine = place(self);
		for (const device of among) if (device !== self && place(device) < mine) return false;
		return true;
	}

	return {
		own(entries) {
			for (const entry of entries) mesh.broadcast(messageOf(entry), true);
		},
		/** Who is not linked to the author leaves it to those who are, and takes the next hop where it knows of none. */
		forward(entry, from) {
			const { author } = entry.header;
			const isNear = peers.has(author);
			const informed = isNear ? mesh.neighbours(author) : new Set([...peers.keys()].filter((device) => mesh.neighbours(device).has(author)));
			for (const [device, { limited }] of peers) {
				if (limited || device === author || device === from) continue;
				const theirs = mesh.neighbours(device);
				if (theirs.has(author)) continue;
				const common = [...theirs].filter((other) => informed.has(other));
				if (!isNear && common.length > 0) continue;
				if (isFirst(entry, isNear ? common : theirs)) mesh.send(device, messageOf(entry), true);
			}
		},
	};
}
