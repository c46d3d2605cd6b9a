/**
 * Which live documents a conversation has, and the secret of their rooms (PROTOCOL.md, 9, "Live documents"): a pure function of its DOCUMENTS
 * entries, the present members and the present epoch.
 *
 * The secret is good for one epoch, and only if a present member named it: who left, or never was there, can compute what the epoch is called
 * and seal a message to everybody; a room they name is entered by nobody (A43).
 */
import type { Id } from '../../log/entry.ts';
import { epochId, maxStateHeads } from './conversation-content.ts';
import { type DocumentRow, maxDocuments } from './document-content.ts';
import { audienceBefore, type Setting } from './shown.ts';
import type { Roster } from './roster.ts';
import type { Item } from './timeline.ts';

export interface ListedDocument extends DocumentRow {
	/** Member id of who told of it first, as far as held. */
	readonly author: Id;
	readonly wallMs: number;
}

export interface DocumentList {
	/** By document id, those put away included. */
	readonly documents: ReadonlyMap<string, ListedDocument>;
	/** Of the present epoch's rooms; `undefined` until a present member named one. */
	readonly secret: Uint8Array | undefined;
	/** Who is in the conversation now. */
	readonly members: ReadonlySet<Id>;
	/** The present one: what a message would be sealed for. */
	readonly epoch: Id;
}

/** Nothing, where there is no conversation, and in Everyone. */
export const noDocuments: DocumentList = { documents: new Map(), secret: undefined, members: new Set(), epoch: '' };

export function foldDocuments(conversation: Id, setting: Setting | undefined, items: readonly Item[], roster: Roster): DocumentList {
	if (!setting || setting.kind === 'everyone') return noDocuments;
	const documents = new Map<string, ListedDocument>();
	const steps = new Map(setting.kind === 'group' ? setting.group.steps.map((step) => [step.item.id, step]) : []);
	const present: ReadonlySet<Id> = setting.kind === 'direct' ? new Set([roster.self, setting.other]) : setting.group.members;
	const heads = setting.kind === 'group' ? setting.group.heads.slice(0, maxStateHeads) : [];
	const epoch = epochId(conversation, heads, roster.devicesOf(present).map((device) => device.id));
	let audience: ReadonlySet<Id> = setting.kind === 'direct' ? present : audienceBefore(setting.group);
	let secret: Uint8Array | undefined;
	for (const item of items) {
		audience = steps.get(item.id)?.members ?? audience;
		const told = item.documents;
		const author = roster.memberOf(item.device);
		if (!told || author === undefined || !audience.has(author)) continue;
		if (told.epoch === epoch && present.has(author) && roster.state.devices.has(item.device)) secret = told.content.secret;
		for (const row of told.content.rows) {
			const before = documents.get(row.document);
			if (!before && documents.size >= maxDocuments) continue;
			documents.set(row.document, { ...row, author: before?.author ?? author, wallMs: before?.wallMs ?? item.wallMs });
		}
	}
	return { documents, secret, members: present, epoch };
}
