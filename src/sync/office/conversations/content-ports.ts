/** What content needs from its neighbours, the mesh keys and the replication, and nothing more of them. */
import type { Id, Lane } from '../../log/entry.ts';

/** The roots of office-wide content this device holds, by mesh key id (16 hex). */
export interface ContentRoots {
	/** The newest generation in force; `undefined` until a key was granted. */
	current(): { readonly keyId: Uint8Array; readonly root: Uint8Array } | undefined;
	/** The root of that generation, if held. */
	root(keyIdHex: string): Uint8Array | undefined;
	/** Whether that root is known to be right. One that a colleague granted is so once it has opened something. */
	isSure(keyIdHex: string): boolean;
	/** That root has opened something. */
	opened(keyIdHex: string): void;
	/** Called after a root came in, or took a wrong one's place. */
	subscribe(changed: () => void): () => void;
}

/** What is known of others' disks: the newest signed HEADS of each device, and who is linked. */
export interface Deliveries {
	/** Whether the device's HEADS covers this place of a chain. */
	covers(device: Id, author: Id, lane: Lane, seq: number): boolean;
	/** Whether a full link to the device is open: it is about to be told. */
	linked(device: Id): boolean;
	/** Mail of this author was opened here: it is told at once. */
	decrypted(author: Id): void;
	/** Called after some device's HEADS or link changed. */
	subscribe(changed: () => void): () => void;
}
