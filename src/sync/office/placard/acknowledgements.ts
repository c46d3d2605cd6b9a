/**
 * ACK (PROTOCOL.md, 9): "I have read this very version", signed as an entry and sealed to the managers' devices, the notice's author and one's
 * own, so that colleagues do not see who has and who has not.
 */
import { createWriter, decode } from '../../../crypto/codec.ts';
import { senderKeyBytes } from '../../../crypto/conversation-keys.ts';
import type { Random } from '../../../crypto/random.ts';
import { open, seal } from '../../../crypto/seal.ts';
import { type Entry, headerPrefix, type Id, idToBytes, kinds } from '../../log/entry.ts';
import type { Position } from '../../log/entry.ts';
import { createCell, type Source } from '../../source.ts';
import { readId } from '../conversations/inner.ts';
import type { KeptEntry } from '../conversations/kept.ts';
import type { Opened } from '../conversations/opener.ts';
import { type Copy, readCopies, type Recipient, type SealedCopies, writeCopies } from '../keys/sealed-copies.ts';

export const maxAnswerBytes = 2048;
const maxSealedBytes = 4096;

export interface Acknowledgement {
	readonly notice: Id;
	readonly version: Id;
	readonly contentHash: Id;
	readonly choice: number;
	readonly answer: string;
}

/** The first that a device's chain holds of one version. */
export interface Acknowledged {
	readonly device: Id;
	readonly contentHash: Id;
	readonly wallMs: number;
	readonly lamport: number;
	readonly id: Id;
}

export interface Acknowledgements {
	/** The inner of an ACK that is for this device. */
	open(entry: Entry): Opened;
	/** The body of an ACK at that place. */
	seal(at: Position, acknowledgement: Acknowledgement, recipients: readonly Recipient[]): Uint8Array;
	/** Takes opened ACK entries; others are left alone. */
	place(entries: readonly KeptEntry[]): void;
	/** Those of one version, each device's first, in order of display. */
	of(version: Id): readonly Acknowledged[];
	/** Another number after each change. */
	readonly version: Source<number>;
}

export function createAcknowledgements(deps: {
	readonly copies: SealedCopies;
	readonly device: (id: Id) => Recipient | undefined;
	readonly random: Random;
}): Acknowledgements {
	const { copies, random } = deps;
	const byVersion = new Map<Id, Map<Id, Acknowledged>>();
	const version = createCell(0);

	return {
		version,
		open(entry) {
			const { author, seq } = entry.header;
			const body = decodeBody(entry.body);
			if (!body) return 'refused';
			const card = deps.device(author);
			if (!card) return 'pending';
			const found = copies.find(body.copies, card, seq);
			if (typeof found === 'string') return found;
			const inner = open(found.key, headerPrefix(entry.headerBytes), body.sealed);
			return inner && decodeAcknowledgement(inner) ? inner : 'refused';
		},
		seal(at, acknowledgement, recipients) {
			const key = random(senderKeyBytes);
			const sealed = seal(random, key, at.prefix, encodeAcknowledgement(acknowledgement));
			return writeCopies(createWriter().lp(sealed), copies.wrap(key, at.seq, recipients)).bytes();
		},
		place(entries) {
			let changed = false;
			for (const { id, header, inner } of entries) {
				const read = header.kind === kinds.ack ? decodeAcknowledgement(inner) : undefined;
				if (!read) continue;
				const devices = byVersion.get(read.version) ?? new Map<Id, Acknowledged>();
				byVersion.set(read.version, devices);
				const known = devices.get(header.author);
				if (known && known.lamport <= header.lamport) continue;
				devices.set(header.author, { device: header.author, contentHash: read.contentHash, wallMs: header.wallMs, lamport: header.lamport, id });
				changed = true;
			}
			if (changed) version.set(version.get() + 1);
		},
		of: (one) => [...(byVersion.get(one)?.values() ?? [])].sort((a, b) => a.lamport - b.lamport || (a.device < b.device ? -1 : 1)),
	};
}

export function encodeAcknowledgement(acknowledgement: Acknowledgement): Uint8Array {
	const { notice, version, contentHash, choice, answer } = acknowledgement;
	return createWriter().raw(idToBytes(notice)).raw(idToBytes(version)).raw(idToBytes(contentHash)).u8(choice).text(answer).bytes();
}

export function decodeAcknowledgement(bytes: Uint8Array): Acknowledgement | undefined {
	return decode(bytes, (r) => ({ notice: readId(r), version: readId(r), contentHash: readId(r), choice: r.u8(), answer: r.text(maxAnswerBytes) }));
}

function decodeBody(body: Uint8Array): { readonly sealed: Uint8Array; readonly copies: readonly Copy[] } | undefined {
	return decode(body, (r) => ({ sealed: r.lp(maxSealedBytes), copies: readCopies(r) }));
}
