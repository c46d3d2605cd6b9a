/**
 * ACK (PROTOCOL.md, 9): "I have read this very version", signed as an entry and sealed to the managers' devices, the notice's author and one's
 * own, so that colleagues do not see who has and who has not.
 */
import { createWriter, decode } from '../../../crypto/codec.ts';
import { type Entry, type Id, idToBytes, kinds, type Position } from '../../log/entry.ts';
import { createCell, type Source } from '../../source.ts';
import { readId } from '../conversations/inner.ts';
import type { KeptEntry } from '../conversations/kept.ts';
import type { Opened } from '../conversations/opener.ts';
import type { Place } from '../conversations/roster.ts';
import type { Letters } from '../keys/letters.ts';
import type { Recipient } from '../keys/sealed-copies.ts';

export const maxAnswerBytes = 2048;

export interface Acknowledgement {
	readonly notice: Id;
	readonly version: Id;
	readonly contentHash: Id;
	readonly choice: number;
	readonly answer: string;
}

/** The first that a device's chain holds of one version. */
export interface Acknowledged extends Place {
	readonly contentHash: Id;
	readonly wallMs: number;
	readonly lamport: number;
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

export function createAcknowledgements(letters: Letters): Acknowledgements {
	const byVersion = new Map<Id, Map<Id, Acknowledged>>();
	const version = createCell(0);

	return {
		version,
		open(entry) {
			const inner = letters.open(entry);
			return typeof inner === 'string' || decodeAcknowledgement(inner) ? inner : 'refused';
		},
		seal: (at, acknowledgement, recipients) => letters.seal(at, encodeAcknowledgement(acknowledgement), recipients),
		place(entries) {
			let changed = false;
			for (const { id, header, inner } of entries) {
				const read = header.kind === kinds.ack ? decodeAcknowledgement(inner) : undefined;
				if (!read) continue;
				const devices = byVersion.get(read.version) ?? new Map<Id, Acknowledged>();
				byVersion.set(read.version, devices);
				const known = devices.get(header.author);
				if (known && known.lamport <= header.lamport) continue;
				const { author, lane, seq, wallMs, lamport } = header;
				devices.set(author, { device: author, lane, seq, id, contentHash: read.contentHash, wallMs, lamport });
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
