/**
 * A content: the bytes of one file, as they travel (PROTOCOL.md, section 11). What is asked for, what a device can give of it, and where what
 * comes goes: the seams between folders, staging and the bulk plane. Ids are lowercase hex.
 */
import type { ChunkSet } from './chunk-set.ts';

type Id = string;

/** What stood at a path of a shared folder, by the page that told it: a file that changed since is another content. */
export interface FolderFileRef {
	readonly kind: 'folder-file';
	/** 16 bytes, hex. */
	readonly folder: Id;
	readonly path: string;
	readonly size: number;
	readonly modifiedMs: number;
}

/** What a FILE message tells of. Sizes are those of the sealed bytes, which are what travels. */
export interface AttachmentRef {
	readonly kind: 'attachment';
	/** Entry id of the message. */
	readonly message: Id;
	readonly root: Id;
	readonly size: number;
	readonly chunkBytes: number;
}

export type ContentRef = FolderFileRef | AttachmentRef;

/** One text for one content: a key of maps. */
export const contentKey = (ref: ContentRef): string =>
	ref.kind === 'attachment' ? `a ${ref.message} ${ref.root} ${ref.size} ${ref.chunkBytes}` : `f ${ref.folder} ${ref.size} ${ref.modifiedMs} ${ref.path}`;

/** A chunk as read. Its leaf is what the reader makes of it, or what it was checked against before it was staged. */
export interface Chunk {
	readonly bytes: Uint8Array<ArrayBuffer>;
	readonly leaf: Uint8Array;
}

/** `changed`: there is another content there by now. `gone`: nothing is. */
export type Unreadable = 'changed' | 'gone';

/** What this device can give of a content: a shared file on its disk, an attachment, or what is staged. */
export interface Holding {
	/** As it is at this moment; a file on the disk is all there. */
	have(): ChunkSet;
	readChunk(index: number): Promise<Chunk | Unreadable>;
	/** Joined, 32 bytes each, of one group of 1,024 chunks; undefined where not all of them are known without great work. */
	leavesOfGroup(group: number): Promise<Uint8Array | undefined>;
	/** Joined; undefined until the whole list is known. */
	groups(): Promise<Uint8Array | undefined>;
	/** The owner's signed word on a folder's file, encoded; undefined for an attachment, and until there is one. */
	manifest(): Promise<Uint8Array | undefined>;
}

/** Asked for each request, at the time of the request: whoever may no longer see it is refused in the middle of a transfer. */
export interface Holdings {
	open(ref: ContentRef, asker: Id): Promise<Holding | 'refused' | 'not-here' | Unreadable>;
}

/** `wrong`: the bytes are not the leaf's; nothing was kept. */
export type Written = 'written' | 'wrong' | 'disk-full' | 'failed';

/** Where the chunks of one content go. Checked against the leaf, sealed and written in staging's worker. */
export interface ChunkSink {
	/** What is written already; grows with each chunk written. */
	readonly have: ChunkSet;
	/** The buffer is handed over. Resolves once the bytes are on the disk. */
	write(index: number, bytes: ArrayBuffer, leaf: Uint8Array): Promise<Written>;
	/** What was learned of the list, so that it can be passed on: groups checked under a root, leaves of a group checked under those. */
	learnt?(what: { readonly groups: Uint8Array } | { readonly group: number; readonly leaves: Uint8Array } | { readonly manifest: Uint8Array }): void;
}

export interface SmallFile {
	readonly ref: ContentRef;
	readonly bytes: Uint8Array<ArrayBuffer>;
	readonly leaf: Uint8Array;
}

/** Where files of one chunk go, many at once: a file of its own for each would cost more than its bytes. */
export interface SmallFileSink {
	/** One answer for each, in their order. */
	write(files: readonly SmallFile[]): Promise<readonly Written[]>;
}

/** What the fetching device knows of who may vouch for a content. */
export interface ContentTrust {
	/** Whether the content lies on that device by the folder's newest entry: then its leaves are sure, and its word that it changed too. */
	isOwner(device: Id): boolean;
	/** Where it is known beforehand: from the attachment's message, or from a page its owner signed. */
	readonly root: Id | undefined;
	/** The root (hex) of a manifest that is truly the owner's word on this very content. */
	rootOf(manifest: Uint8Array): Id | undefined;
}
