/** What the bulk plane is to those above it: fetching contents from whoever has them, and giving them. Ids are lowercase hex. */
import type { Source } from '../../source.ts';
import type { ChunkSink, ContentRef, ContentTrust, SmallFileSink } from '../content.ts';

type Id = string;

export interface FetchProgress {
	/** `looking`: nobody in reach has the rest; it goes on by itself. */
	readonly state: 'looking' | 'fetching';
	/** Written, what was there before included. */
	readonly bytes: number;
	/** Over the last 4 seconds. */
	readonly bytesPerSecond: number;
	/** Devices it comes from at present. */
	readonly sources: readonly Id[];
}

/**
 * `changed` and `gone` are the owner's word, `refused` as well: what others say of it only takes them out of the sources.
 * `cancelled` leaves what is written where it is: a pause is a cancel, and going on another fetch into the same sink.
 */
export type FetchOutcome = 'done' | 'cancelled' | 'refused' | 'changed' | 'gone' | 'disk-full' | 'write-failed';

export interface Fetch {
	readonly progress: Source<FetchProgress>;
	readonly outcome: Promise<FetchOutcome>;
	cancel(): void;
}

export interface FetchJob {
	readonly ref: ContentRef;
	readonly sink: ChunkSink;
	readonly trust: ContentTrust;
	/** Devices that may see it and could have it, the owner's first; asked again from time to time. */
	readonly candidates: () => readonly Id[];
}

export interface SmallFilesJob {
	/** Each of at most `maxBundledBytes`. */
	readonly refs: readonly ContentRef[];
	readonly sink: SmallFileSink;
	readonly trust: (ref: ContentRef) => ContentTrust;
	readonly candidates: () => readonly Id[];
	/** Once for each file, as it is decided; a `cancelled` fetch tells nothing of those left. */
	readonly decided: (ref: ContentRef, outcome: Exclude<FetchOutcome, 'cancelled'>) => void;
}

/** What a colleague fetches from here. */
export interface Upload {
	readonly device: Id;
	readonly ref: ContentRef;
	readonly bytes: number;
	readonly bytesPerSecond: number;
}

/** What a device has of a content, by its own word. */
export interface Held {
	readonly device: Id;
	readonly bytes: number;
}

export interface BulkPlane {
	fetch(job: FetchJob): Fetch;
	/** Many small files as one fetch; `progress.bytes` counts those of this fetch alone. `done` once each is decided. */
	fetchSmall(job: SmallFilesJob): Fetch;
	/** Asks devices over their links what they have; those that do not answer within 3 s are left out. At most 256 contents, one answer each. */
	ask(refs: readonly ContentRef[], devices: readonly Id[]): Promise<readonly (readonly Held[])[]>;
	/** Of the last 5 seconds. */
	readonly uploads: Source<readonly Upload[]>;
	/** Bytes per second to all together; 0 = no limit. */
	setUploadLimit(bytesPerSecond: number): void;
	stop(): void;
}
