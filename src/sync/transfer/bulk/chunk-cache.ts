/** Chunks lately read, shared by all who fetch them: ten colleagues after one file cost one reading (FILES.md, 4.1). */
import type { Chunk, Unreadable } from '../content.ts';

export interface ChunkCache {
	/** Of the same chunk asked for twice at once it is read once. */
	read(content: string, index: number, read: () => Promise<Chunk | Unreadable>): Promise<Chunk | Unreadable>;
	readonly bytes: number;
}

export function createChunkCache(maxBytes: number): ChunkCache {
	/** Longest unused first. */
	const kept = new Map<string, Chunk>();
	const reading = new Map<string, Promise<Chunk | Unreadable>>();
	let bytes = 0;

	function keep(key: string, chunk: Chunk): void {
		kept.set(key, chunk);
		bytes += chunk.bytes.length;
		for (const [oldest, { bytes: old }] of kept) {
			if (bytes <= maxBytes) break;
			kept.delete(oldest);
			bytes -= old.length;
		}
	}

	return {
		read(content, index, read) {
			const key = `${index} ${content}`;
			const had = kept.get(key);
			if (had) {
				kept.delete(key);
				kept.set(key, had);
				return Promise.resolve(had);
			}
			const underway = reading.get(key);
			if (underway) return underway;
			const begun = read()
				.then((chunk) => {
					if (typeof chunk !== 'string') keep(key, chunk);
					return chunk;
				})
				.finally(() => reading.delete(key));
			reading.set(key, begun);
			return begun;
		},
		get bytes() {
			return bytes;
		},
	};
}
