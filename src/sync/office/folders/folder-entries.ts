/**
 * FOLDER entries (PROTOCOL.md, 11): sealed to everybody under the content root, or as a letter to the devices of those a folder is for; and
 * the folders they add up to. Which folders there are is a pure function of the entries opened, in whatever order they came.
 */
import { concat, hex } from '../../../crypto/bytes.ts';
import { contentKey, meshKeyIdBytes } from '../../../crypto/mesh-key.ts';
import type { Random } from '../../../crypto/random.ts';
import { open, pad, seal, unpad } from '../../../crypto/seal.ts';
import { type Entry, type Header, headerPrefix, type Id, idToBytes, kinds, lanes, type Position } from '../../log/entry.ts';
import { createCell, type Source } from '../../source.ts';
import type { ContentRoots } from '../conversations/content-ports.ts';
import type { KeptEntry } from '../conversations/kept.ts';
import type { Opened } from '../conversations/opener.ts';
import type { Roster } from '../conversations/roster.ts';
import type { Letters } from '../keys/letters.ts';
import type { Recipient } from '../keys/sealed-copies.ts';
import { decodeFolder, encodeFolder, type FolderBody, shortIdBytes } from './folder-body.ts';

const toEveryone = 0;
const toSome = 1;

/** A folder as its member's FOLDERs have it. */
export interface Folder {
	/** 16 bytes, hex. */
	readonly id: string;
	readonly body: FolderBody;
	/** Sealed to everybody; else to those its body names. */
	readonly everyone: boolean;
	readonly owner: Id;
	/** The device it lies on. */
	readonly device: Id;
	/** When it was first shared, by that device's clock. */
	readonly sinceMs: number;
	/** The entry that holds. */
	readonly newest: { readonly id: Id; readonly header: Header };
}

interface Written {
	readonly id: Id;
	readonly header: Header;
	readonly body: FolderBody;
	readonly everyone: boolean;
}

export interface FolderEntries {
	/** Audience and inner of a FOLDER that is for this device, as they rest in `kept`. */
	open(entry: Entry): Opened;
	/** The body of a FOLDER at that place, for everyone; `undefined` without a root. */
	sealToEveryone(at: Position, body: FolderBody): Uint8Array | undefined;
	sealTo(at: Position, body: FolderBody, recipients: readonly Recipient[]): Uint8Array;
	/** Takes opened FOLDER entries; others are left alone. */
	place(entries: readonly KeptEntry[]): void;
	/** Those that are shared, by id, as far as their entries count for these members. */
	shared(roster: Roster): ReadonlyMap<string, Folder>;
	/** Another number after each change. */
	readonly version: Source<number>;
}

/** An id begins with that of the device the folder lies on: nobody else's FOLDER can take it, and with it the right to say who may see the folder. */
const ownerPrefixBytes = 8;
export const drawFolderId = (device: Id, random: Random): string => device.slice(0, ownerPrefixBytes * 2) + hex(random(shortIdBytes - ownerPrefixBytes));
const liesOn = (folder: string, device: Id): boolean => folder.startsWith(device.slice(0, ownerPrefixBytes * 2));

export function createFolderEntries(deps: { readonly roots: ContentRoots; readonly letters: Letters; readonly random: Random }): FolderEntries {
	const { roots, letters, random } = deps;
	const written = new Map<Id, Written>();
	const version = createCell(0);
	const keyAt = (root: Uint8Array, author: Id, seq: number): Uint8Array => contentKey(root, kinds.folder, idToBytes(author), lanes.open, seq);
	const kept = (audience: number, inner: Uint8Array): Opened => (decodeFolder(inner) ? concat(Uint8Array.of(audience), inner) : 'refused');

	function openToEveryone(entry: Entry, sealed: Uint8Array): Opened {
		if (sealed.length < meshKeyIdBytes) return 'refused';
		const keyId = hex(sealed.subarray(0, meshKeyIdBytes));
		const root = roots.root(keyId);
		if (!root) return 'pending';
		const padded = open(keyAt(root, entry.header.author, entry.header.seq), headerPrefix(entry.headerBytes), sealed.subarray(meshKeyIdBytes));
		if (!padded) return roots.isSure(keyId) ? 'refused' : 'pending';
		roots.opened(keyId);
		const inner = unpad(padded);
		return inner ? kept(toEveryone, inner) : 'refused';
	}

	return {
		version,
		open(entry) {
			const audience = entry.body[0];
			const rest = entry.body.subarray(1);
			if (audience === toEveryone) return openToEveryone(entry, rest);
			if (audience !== toSome) return 'refused';
			const padded = letters.open({ ...entry, body: rest });
			if (typeof padded === 'string') return padded;
			const inner = unpad(padded);
			return inner ? kept(toSome, inner) : 'refused';
		},
		sealToEveryone(at, body) {
			const current = roots.current();
			const padded = pad(encodeFolder(body));
			if (!current || !padded) return undefined;
			return concat(Uint8Array.of(toEveryone), current.keyId, seal(random, keyAt(current.root, at.author, at.seq), at.prefix, padded));
		},
		sealTo(at, body, recipients) {
			const padded = pad(encodeFolder(body));
			if (!padded) throw new Error('a folder for more people than a letter names: commands ask first');
			return concat(Uint8Array.of(toSome), letters.seal(at, padded, recipients));
		},
		place(entries) {
			let changed = false;
			for (const { id, header, inner } of entries) {
				if (header.kind !== kinds.folder || written.has(id)) continue;
				const body = decodeFolder(inner.subarray(1));
				if (!body) continue;
				written.set(id, { id, header, body, everyone: inner[0] === toEveryone });
				changed = true;
			}
			if (changed) version.set(version.get() + 1);
		},
		shared(roster) {
			const first = new Map<string, Written>();
			const newest = new Map<string, Written>();
			for (const one of written.values()) {
				const { author, lane, seq } = one.header;
				const id = one.body.folder;
				if (deviceOf(id, author, roster) === undefined || !roster.counts({ device: author, lane, seq, id: one.id })) continue;
				const begun = first.get(id);
				const held = newest.get(id);
				if (!begun || isLater(begun.header, one.header)) first.set(id, one);
				if (!held || isLater(one.header, held.header)) newest.set(id, one);
			}
			const folders = new Map<string, Folder>();
			for (const [id, { id: entry, header, body, everyone }] of newest) {
				const device = deviceOf(id, header.author, roster);
				const owner = roster.memberOf(header.author) ?? '';
				if (body.state === 'over' || device === undefined || !roster.active(owner)) continue;
				folders.set(id, { id, body, everyone, owner, device, sinceMs: first.get(id)?.header.wallMs ?? header.wallMs, newest: { id: entry, header } });
			}
			return folders;
		},
	};
}

/** The device in force that a folder lies on, by the word of a device of the same member. */
function deviceOf(folder: string, author: Id, roster: Roster): Id | undefined {
	return roster.member(roster.memberOf(author) ?? '')?.devices.find((device) => liesOn(folder, device));
}

/** In order of display. */
function isLater(a: Header, b: Header): boolean {
	if (a.lamport !== b.lamport) return a.lamport > b.lamport;
	if (a.author !== b.author) return a.author > b.author;
	return a.seq > b.seq;
}
