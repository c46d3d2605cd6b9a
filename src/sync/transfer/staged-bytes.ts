/** The bytes of a content that is whole here, chunk by chunk. */
import { chunkCount } from './chunk-list.ts';
import type { ContentRef } from './content.ts';
import { cutOf } from './content-ref.ts';
import type { Staging } from './staging/staging.ts';
import { ReadFailure } from './supply.ts';

export async function* stagedBytes(staging: Staging, ref: ContentRef): AsyncGenerator<Uint8Array<ArrayBuffer>> {
	const count = chunkCount(cutOf(ref));
	const holding = count === 0 ? undefined : await staging.holding(ref);
	for (let index = 0; index < count; index++) {
		const chunk = await holding?.readChunk(index);
		if (chunk === undefined || typeof chunk === 'string') throw new ReadFailure('a chunk that was staged is damaged');
		yield chunk.bytes;
	}
}
