/** What a transfer asks for and where it puts it: the seams between the transfers and shared folders, attachments and what saves files. */
import type { FailureCode, Result } from '../failures.ts';
import type { ContentRef, ContentTrust } from './content.ts';

type Id = string;

/** What a person wishes to have. */
export type Wish =
	| { readonly kind: 'folder'; readonly folder: string; readonly paths: readonly string[] }
	| { readonly kind: 'attachment'; readonly message: Id };

export interface PlannedFile {
	readonly ref: ContentRef;
	/** Below the destination, as its owner named it. */
	readonly path: string;
	/** Of the file, which for an attachment is less than what travels. */
	readonly size: number;
	readonly modifiedMs: number;
}

/** A file, or something of the wish that cannot be had. */
export type Planned = PlannedFile | { readonly path: string; readonly code: FailureCode };

export interface Supply {
	/** Of the file or folder. */
	readonly name: string;
	/** What the wish comes to, as it is found; ends with whether that was all, or something waits for colleagues who have it. */
	plan(): AsyncGenerator<Planned, 'whole' | 'unreachable'>;
	trust(ref: ContentRef): ContentTrust;
	/** Looks again for what vouches for its files, so that they can be had from, and passed on by, others than their owner; answers whether there is more. */
	refresh(): Promise<boolean>;
	/** Devices that may see it and could have it, the owner's first; as they are now. */
	candidates(): readonly Id[];
	/** The bytes of the file, out of what is staged; rejects with a `ReadFailure`. */
	bytes(file: PlannedFile): AsyncGenerator<Uint8Array<ArrayBuffer>>;
}

/** What was staged cannot be read. */
export class ReadFailure extends Error {}

/** One transfer's files on their way to where the person wants them. */
export interface Saver {
	/** Whether the same file stands there already. */
	has(file: PlannedFile): Promise<boolean>;
	/** Takes a whole file; `bytes` is called when it is written, which may be at the end. */
	add(file: PlannedFile, bytes: () => AsyncGenerator<Uint8Array<ArrayBuffer>>): Promise<Result>;
	/** All files are there. */
	finish(): Promise<Result>;
	/** The transfer was paused or cancelled; what is half written is taken away. */
	abort(): void;
}
