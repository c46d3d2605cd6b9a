/**
 * As one archive: nothing is pressed, for a LAN is faster than a compressor. It is made when all is here, out of what is staged, so its length
 * is known before its first byte and memory stays flat. Above 4 GiB it is Zip64, which every system since 2007 opens.
 */
import { makeZip, predictLength } from 'client-zip';
import { done, type Result } from '../../sync/failures.ts';
import { createSaveNames, safeName } from '../../sync/transfer/safe-names.ts';
import { type PlannedFile, type Saver } from '../../sync/transfer/supply.ts';
import type { Downloads } from './downloads.ts';

/** The first moment a zip can tell. */
const firstMs = Date.UTC(1980, 0, 2);

type Bytes = () => AsyncGenerator<Uint8Array<ArrayBuffer>>;

export function createZipSaver(name: string, downloads: Downloads): Saver {
	const names = createSaveNames();
	const files: { readonly file: PlannedFile; readonly bytes: Bytes }[] = [];
	const stop = new AbortController();

	const described = ({ file }: { file: PlannedFile }) => ({ name: names.of(file.path).join('/'), size: file.size, lastModified: new Date(Math.max(firstMs, file.modifiedMs)) });

	function* parts(): Generator<{ name: string; size: number; lastModified: Date; input: ReadableStream<Uint8Array> }> {
		for (const one of files) yield { ...described(one), input: streamOf(one.bytes) };
	}

	return {
		has: () => Promise.resolve(false),
		add(file, bytes): Promise<Result> {
			files.push({ file, bytes });
			return Promise.resolve(done);
		},
		async finish() {
			if (files.length === 0) return done;
			const size = Number(predictLength(files.map(described)));
			return downloads.save({ name: safeName(`${name}.zip`), size, body: () => makeZip(parts()), signal: stop.signal });
		},
		abort: () => stop.abort(),
	};
}

/** Pulled, never pushed: no more is read than the archive asks for. */
export function streamOf(bytes: Bytes): ReadableStream<Uint8Array<ArrayBuffer>> {
	let reading: AsyncGenerator<Uint8Array<ArrayBuffer>> | undefined;
	return new ReadableStream<Uint8Array<ArrayBuffer>>(
		{
			async pull(controller) {
				reading ??= bytes();
				const next = await reading.next();
				if (next.done === true) controller.close();
				else controller.enqueue(next.value);
			},
			async cancel() {
				await reading?.return(undefined);
			},
		},
		{ highWaterMark: 0 },
	);
}
