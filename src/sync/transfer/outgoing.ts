/** What colleagues fetch from here, as the list of transfers shows it: one line for each file and colleague, while it moves. */
import type { Transfer } from '../files.ts';
import type { BulkPlane } from './bulk/bulk-port.ts';
import { type ContentRef, contentKey } from './content.ts';

export function outgoing(bulk: BulkPlane, nameOf: (device: string) => string, fileName: (ref: ContentRef) => string): readonly Transfer[] {
	return bulk.uploads.get().map(({ device, ref, bytes, bytesPerSecond }): Transfer => ({
		id: `out ${device} ${contentKey(ref)}`,
		direction: 'out',
		name: fileName(ref),
		colleagues: [nameOf(device)].filter((name) => name !== ''),
		state: 'fetching',
		files: { done: bytes >= ref.size ? 1 : 0, total: 1, skipped: 0 },
		bytes: { done: Math.min(bytes, ref.size), total: ref.size },
		bytesPerSecond,
		secondsLeft: bytesPerSecond > 0 ? Math.ceil(Math.max(0, ref.size - bytes) / bytesPerSecond) : undefined,
		failed: [],
		failure: undefined,
	}));
}
