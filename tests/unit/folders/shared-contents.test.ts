/** What the files of an own folder are known by, whoever reads which part of them when. */
import { expect, test } from 'vitest';
import { createDeviceKeys } from '../../../src/crypto/identity.ts';
import { createSharedContents } from '../../../src/sync/office/folders/shared-contents.ts';
import type { Shares } from '../../../src/sync/office/folders/shares.ts';
import { systemClock } from '../../../src/sync/ports.ts';
import type { OfficeStore } from '../../../src/sync/store.ts';
import type { FolderFileRef } from '../../../src/sync/transfer/content.ts';
import { contentBytes } from '../../support/bulk-world.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const MiB = 1024 * 1024;
const officeId = '11'.repeat(32);
const folder = '22'.repeat(16);

function sharedFile(bytes: Uint8Array<ArrayBuffer>) {
	const rested = new Map<string, Uint8Array>();
	const file = new File([bytes], 'big.bin', { lastModified: 1000 });
	const share = { state: 'ready', reader: { file: () => Promise.resolve(file) } };
	const shares = { get: () => share, look: () => undefined } as unknown as Shares;
	const store = {
		// As a disk does, it takes its time.
		get: (_bucket: string, key: string) => new Promise((resolve) => setTimeout(() => resolve(rested.get(key)), 5)),
		put(_bucket: string, key: string, value: Uint8Array) {
			rested.set(key, value);
			return Promise.resolve();
		},
		delete: () => Promise.resolve(),
	} as unknown as OfficeStore;
	const contents = createSharedContents({ officeId, signSecret: createDeviceKeys(seededRandom(1)).signSecret, shares, store, clock: systemClock });
	const ref: FolderFileRef = { kind: 'folder-file', folder, path: 'big.bin', size: bytes.length, modifiedMs: 1000 };
	return { contents, ref, rested };
}

test('a file whose parts are asked for all at once is known as a whole once the last was read', async () => {
	const { contents, ref, rested } = sharedFile(contentBytes(3 * MiB + 5));
	const read = await Promise.all(
		[0, 1, 2, 3].map(async (index) => {
			const holding = await contents.open(ref);
			return typeof holding === 'string' ? holding : holding.readChunk(index);
		}),
	);
	expect(read.map((chunk) => (typeof chunk === 'string' ? chunk : chunk.bytes.length))).toEqual([MiB, MiB, MiB, 5]);
	expect(contents.rootOf(ref)).toMatch(/^[0-9a-f]{64}$/);
	expect(rested.size).toBe(1);
});
