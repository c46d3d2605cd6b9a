/**
 * Who has written acts, as a list at rest: the office lane is read first, so that the first screen need not wait for a year of mail. The list
 * is a short cut and no truth: without it everything is read first, and a chain it lacks is found with the rest.
 */
import { hex } from '../../crypto/bytes.ts';
import { createWriter, decode } from '../../crypto/codec.ts';
import type { OfficeStore } from '../store.ts';
import { type Id, idBytes, idToBytes } from './entry.ts';

const bucket = 'snapshots';
const record = 'office-lane';

export interface OfficeLane {
	/** As it rests; `undefined` where there is none. */
	readonly authors: ReadonlySet<Id> | undefined;
	/** These have written acts too. */
	note(authors: Iterable<Id>): void;
	/** The next start reads everything first. */
	forget(): void;
}

/** Rejects with a `StoreFailure`. */
export async function openOfficeLane(store: OfficeStore): Promise<OfficeLane> {
	const saved = await store.get(bucket, record);
	const authors = saved && decode(saved, (r) => Array.from({ length: r.u16() }, () => hex(r.raw(idBytes))));
	const known = new Set(authors);
	let isForgotten = false;

	return {
		authors: authors && new Set(authors),
		note(more) {
			const before = known.size;
			for (const author of more) known.add(author);
			if (known.size === before || isForgotten) return;
			const writer = createWriter().u16(known.size);
			for (const author of known) writer.raw(idToBytes(author));
			void store.put(bucket, record, writer.bytes()).catch(() => undefined);
		},
		forget() {
			isForgotten = true;
			void store.delete(bucket, record).catch(() => undefined);
		},
	};
}
