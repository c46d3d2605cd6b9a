/** When each device last gave a sign of life, kept over restarts so that "last seen 14:05" survives them. */
import { createWriter, decode } from '../../../crypto/codec.ts';
import type { Id } from '../../log/entry.ts';
import type { OfficeStore } from '../../store.ts';

const prefix = 'seen/';

export async function loadLastSeen(store: OfficeStore): Promise<ReadonlyMap<Id, number>> {
	const seen = new Map<Id, number>();
	for (const [key, bytes] of await store.all('marks')) {
		const atMs = key.startsWith(prefix) ? decode(bytes, (r) => r.u64()) : undefined;
		if (atMs !== undefined) seen.set(key.slice(prefix.length), atMs);
	}
	return seen;
}

/** A disk that fails here costs a "last seen" and nothing else. */
export function saveLastSeen(store: OfficeStore, device: Id, atMs: number): void {
	store.put('marks', prefix + device, createWriter().u64(atMs).bytes()).catch(() => undefined);
}
