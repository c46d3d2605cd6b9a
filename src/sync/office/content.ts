/**
 * Everything people write, composed: Everyone, conversations, the placard, acknowledgements, read marks and drafts
 * (PROTOCOL.md, 4 and 9). Entries come from the log, what was opened rests in `kept`, and every view is a pure function of the two.
 */
import type { Random } from '../../crypto/random.ts';
import type { DeviceKeys } from '../../crypto/identity.ts';
import type { Id, Lane } from '../log/entry.ts';
import type { Log } from '../log/log.ts';
import type { Office } from '../office.ts';
import type { Clock } from '../ports.ts';
import type { Source } from '../source.ts';
import type { OfficeStore } from '../store.ts';
import type { MembersState } from './members.ts';

/** The roots of office-wide content this device holds, by mesh key id (16 hex). */
export interface ContentRoots {
	/** The newest generation in force; `undefined` until a key was granted. */
	current(): { readonly keyId: Uint8Array; readonly root: Uint8Array } | undefined;
	/** The root of that generation, if held. */
	root(keyIdHex: string): Uint8Array | undefined;
	/** Called after a root came in. */
	subscribe(changed: () => void): () => void;
}

/** What is known of others' disks: the newest signed HEADS of each device. */
export interface Deliveries {
	/** Whether the device's HEADS covers this place of a chain. */
	covers(device: Id, author: Id, lane: Lane, seq: number): boolean;
	/** Called after some device's HEADS changed. */
	subscribe(changed: () => void): () => void;
}

export interface ContentDeps {
	readonly officeId: Id;
	readonly keys: DeviceKeys;
	readonly log: Log;
	readonly store: OfficeStore;
	readonly members: Source<MembersState>;
	readonly roots: ContentRoots;
	readonly deliveries: Deliveries;
	readonly clock: Clock;
	readonly random: Random;
}

/** The part of the Office that content implements; `open-office.ts` spreads it. */
export type ContentPart = Pick<
	Office,
	| 'conversations'
	| 'notices'
	| 'messages'
	| 'sendMessage'
	| 'startConversation'
	| 'addToConversation'
	| 'leaveConversation'
	| 'markRead'
	| 'draft'
	| 'saveDraft'
	| 'postNotice'
	| 'withdrawNotice'
	| 'acknowledge'
	| 'markNoticesRead'
>;

export interface Content {
	readonly part: ContentPart;
	/** Draws the prekey for this device's next BASE of the mail lane; its secret half is stored before this resolves. */
	prekey(): Promise<Uint8Array>;
	/** Sealed bodies that opened to something not allowed, or not at all; for the doctor page. */
	refused(): number;
	/** Writes what is gathered to the disk and listens no more. */
	stop(): Promise<void>;
}
