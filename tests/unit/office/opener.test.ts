/** Opening a backlog: in slices, told of in a few batches, and never all at once, whatever the views ask for meanwhile. */
import { expect, test } from 'vitest';
import { utf8 } from '../../../src/crypto/bytes.ts';
import { type Entry, kinds, lanes } from '../../../src/sync/log/entry.ts';
import { openKept } from '../../../src/sync/office/conversations/kept.ts';
import { createOpener } from '../../../src/sync/office/conversations/opener.ts';
import { createMemoryOffice } from '../../support/memory-office.ts';

test('a hundred entries of 5 ms each are opened in slices, and the views told a few times', async () => {
	const { devices, clock } = await createMemoryOffice({ devices: 1 });
	const [device] = devices;
	for (let n = 0; n < 100; n++) await device!.log.append({ kind: kinds.post, lane: lanes.open, body: () => utf8(`post ${n}`) });
	const kept = await openKept({ store: device!.store, clock });
	let sliceMs = 0;
	let longestMs = 0;
	const batches: number[] = [];
	const opener = createOpener({
		log: device!.log,
		kept,
		clock: {
			now: () => clock.now(),
			after(delayMs, fn) {
				return clock.after(delayMs, () => {
					sliceMs = 0;
					fn();
				});
			},
		},
		openers: new Map([[kinds.post, (entry: Entry) => {
			clock.jump(5);
			sliceMs += 5;
			longestMs = Math.max(longestMs, sliceMs);
			return entry.body;
		}]]),
		onOpened(batch) {
			batches.push(batch.kept.length);
			// As shared history does, with nothing to give.
			opener.again([]);
		},
	});
	opener.start();
	const idle = opener.idle();
	await clock.advance(1000);
	await idle;
	expect(longestMs).toBeLessThanOrEqual(15);
	expect(batches.reduce((sum, count) => sum + count, 0)).toBe(100);
	// The first at once, the others some 120 ms apart.
	expect(batches[0]).toBe(3);
	expect(batches.length).toBeLessThan(7);
});
