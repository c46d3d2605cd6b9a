/**
 * What the screen may read and do with shared folders, attachments and transfers: the file plane's part of the seam `office.ts`.
 * Ids are lowercase hex, sizes bytes, times ms since 1970, paths `/`-separated without a leading slash; '' is the folder itself.
 */
import type { FailureCode, Result } from './failures.ts';
import type { Source } from './source.ts';

/** Who may see a folder. `everyone` leaves the lists empty; otherwise the members of the departments and the people named. */
export interface FolderAudience {
	readonly everyone: boolean;
	readonly departments: readonly string[];
	/** Member ids. */
	readonly people: readonly string[];
}

export interface SharedFolder {
	readonly id: string;
	readonly name: string;
	/** Member id. */
	readonly owner: string;
	readonly ownerName: string;
	readonly own: boolean;
	/** Shared from the device this page runs on. */
	readonly here: boolean;
	readonly audience: FolderAudience;
	readonly sinceMs: number;
	/**
	 * `ready`: its owner's device is linked. `away`: it is not; what colleagues have fetched can be had from them.
	 * Of one's own, here: `ask`: the browser wants one click before it may read it again; `missing`: it is no longer on the disk.
	 */
	readonly state: 'ready' | 'away' | 'ask' | 'missing';
	/** Shared from a browser that gives no lasting handle: until that page closes. */
	readonly untilClosed: boolean;
}

/** What the first bytes, the name or the type of a file give reason to tell before it is opened. */
export type FileWarning = 'executable' | 'macros' | 'double-ending' | 'hidden-letters' | 'type-differs';

export interface FolderItem {
	readonly kind: 'file' | 'folder';
	/** As shown; names are cleaned only where they are saved. */
	readonly name: string;
	readonly path: string;
	/** 0 for a folder. */
	readonly size: number;
	/** 0 for a folder. */
	readonly modifiedMs: number;
	/** Verified bytes of it on this device. */
	readonly held: number;
	/** Colleagues in reach, beside the owner, who hold some of it. */
	readonly holders: readonly { readonly name: string; readonly bytes: number }[];
	readonly warnings: readonly FileWarning[];
}

export interface FolderListing {
	readonly folderId: string;
	readonly path: string;
	readonly items: readonly FolderItem[];
	/** `listing`: more comes. `unreachable`: neither the owner nor anybody who has the list is there; `items` is what is known. `permission`: its owner's browser wants their word before it reads the folder again. */
	readonly state: 'listing' | 'whole' | 'unreachable' | 'gone' | 'refused' | 'permission';
	/** When its owner's device listed it, by that clock; 0 while nothing is known. */
	readonly listedMs: number;
}

export interface FoundFile extends FolderItem {
	readonly folderId: string;
	readonly folderName: string;
	readonly ownerName: string;
}

export interface FolderSearch {
	/** At most 500, best first. */
	readonly found: readonly FoundFile[];
	/** `searching` while lists of folders are still coming in. */
	readonly state: 'searching' | 'whole';
	/** Folders of which nobody in reach has the whole list. */
	readonly missing: readonly string[];
}

/** A file sent in a conversation, as its message tells it. */
export interface Attachment {
	/** Entry id of its message. */
	readonly message: string;
	readonly name: string;
	readonly size: number;
	/** Media type by its first bytes, as the sender's device saw them; not to be relied on. */
	readonly mediaType: string;
	readonly warnings: readonly FileWarning[];
	/** At most 16 KiB, an image of at most 320 × 320; empty where there is none. */
	readonly thumbnail: Uint8Array;
	readonly held: number;
	/** False where nobody in reach has it. */
	readonly reachable: boolean;
}

export interface FailedFile {
	readonly path: string;
	readonly code: FailureCode;
}

export interface Transfer {
	readonly id: string;
	/** `out`: a colleague fetches from this device. */
	readonly direction: 'in' | 'out';
	/** Name of the file or folder. */
	readonly name: string;
	/** Names of the colleagues it comes from, or goes to. */
	readonly colleagues: readonly string[];
	/** `looking`: nobody in reach has the rest; it goes on by itself. `ask`: the browser wants one click before it may write into the folder chosen. */
	readonly state: 'queued' | 'fetching' | 'looking' | 'paused' | 'ask' | 'saving' | 'done' | 'failed' | 'cancelled';
	readonly files: { readonly done: number; readonly total: number; readonly skipped: number };
	readonly bytes: { readonly done: number; readonly total: number };
	/** Over the last seconds; 0 where nothing moves. */
	readonly bytesPerSecond: number;
	/** Undefined where it cannot be told. */
	readonly secondsLeft: number | undefined;
	readonly failed: readonly FailedFile[];
	/** Why the whole of it failed or waits. */
	readonly failure: FailureCode | undefined;
}

/** What is shared: a handle lasts over a restart, chosen or dropped files until the page closes. */
export type LocalTree =
	| { readonly kind: 'handle'; readonly handle: FileSystemDirectoryHandle }
	| { readonly kind: 'files'; readonly files: readonly { readonly path: string; readonly file: File }[] };

/**
 * Where what was fetched goes. `folder`: into a folder of the person's own disk, plain. `download`: by the browser's own way, one file each.
 * `zip`: one archive. `here`: it stays sealed in this browser, to be looked at and passed on.
 */
export type Destination =
	| { readonly kind: 'folder'; readonly handle: FileSystemDirectoryHandle }
	| { readonly kind: 'download' | 'zip' | 'here' };

export interface FileToSend {
	readonly file: File;
	/** See {@link Attachment.thumbnail}. */
	readonly thumbnail: Uint8Array;
}

export interface FilesUsage {
	/** What others' files take here, sealed. */
	readonly heldBytes: number;
	/** What the browser allows this site in all, and what of it is taken; 0 where it does not tell. */
	readonly quotaBytes: number;
	readonly usedBytes: number;
	/** Bytes per second to all colleagues together; 0 = no limit. */
	readonly uploadLimit: number;
}

export interface Files {
	/** Own first, then by name. */
	readonly folders: Source<readonly SharedFolder[]>;
	/** Running ones first, newest first. */
	readonly transfers: Source<readonly Transfer[]>;
	readonly usage: Source<FilesUsage>;

	/** Resolves once the folder stands in the list; answers its id. */
	share(folder: { readonly name: string; readonly audience: FolderAudience; readonly tree: LocalTree }): Promise<Result<string>>;
	stopSharing(folderId: string): Promise<Result>;
	/** In a click's handler: the browser asks the person once more. */
	resumeSharing(folderId: string): Promise<Result>;
	changeAudience(folderId: string, audience: FolderAudience): Promise<Result>;

	listing(folderId: string, path: string): Source<FolderListing>;
	/** By name, over all folders one may see. */
	search(text: string): Source<FolderSearch>;

	/** Files, and folders with all that is in them; no paths: the whole folder. Answers the transfer's id. */
	fetch(folderId: string, paths: readonly string[], destination: Destination): Promise<Result<string>>;
	fetchAttachment(messageId: string, destination: Destination): Promise<Result<string>>;
	pause(transferId: string): void;
	resume(transferId: string): Promise<Result>;
	cancel(transferId: string): void;
	/** Only what failed. */
	retry(transferId: string): void;
	/** Takes it off the list; what is running is cancelled. */
	dismiss(transferId: string): void;

	/** For looking at: the whole file, at most 64 MiB, fetched first where it is not here. The media type is by its bytes. */
	read(folderId: string, path: string): Promise<Result<Blob>>;
	readAttachment(messageId: string): Promise<Result<Blob>>;
	/** One message each. Resolves once they rest on this disk, or with the first that does not. */
	sendFiles(conversationId: string, files: readonly FileToSend[]): Promise<Result>;

	/** Lets go of what is held of a folder that is not one's own, or of all of them. */
	forget(folderId?: string): Promise<Result>;
	/** Bytes per second; 0 = no limit. */
	setUploadLimit(bytesPerSecond: number): Promise<void>;
}
