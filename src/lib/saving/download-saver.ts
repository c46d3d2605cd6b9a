/** The browser's own way, one download for each file. */
import { fail } from '../../sync/failures.ts';
import { createSaveNames } from '../../sync/transfer/safe-names.ts';
import type { Saver } from '../../sync/transfer/supply.ts';
import type { Downloads } from './downloads.ts';
import { streamOf } from './zip-saver.ts';

export function createDownloadSaver(downloads: Downloads): Saver {
	const names = createSaveNames();
	const stop = new AbortController();
	/** One after the other: a browser asks before it takes many at once. */
	let before: Promise<unknown> = Promise.resolve();
	return {
		has: () => Promise.resolve(false),
		add(file, bytes) {
			if (stop.signal.aborted) return Promise.resolve(fail('closed'));
			const saving = before.then(() => downloads.save({ name: names.of(file.path).at(-1) ?? '', size: file.size, body: () => streamOf(bytes), signal: stop.signal }));
			before = saving.catch(() => undefined);
			return saving;
		},
		finish: () => Promise.resolve({ ok: true, value: undefined }),
		abort: () => stop.abort(),
	};
}
