/** A device with a changed client: it signs what it likes and sends it to whom it likes. */
import { hex, utf8 } from '../../src/crypto/bytes.ts';
import { sha256 } from '../../src/crypto/hash.ts';
import { createWriter } from '../../src/crypto/codec.ts';
import { messageTypes } from '../../src/sync/link/message-types.ts';
import { createEntry, encodeEntry, encodeHeader, type Entry, entryFromParts, type HeaderFields, type Id, kinds, type Lane, lanes, zeroId } from '../../src/sync/log/entry.ts';
import { encodeRange } from '../../src/sync/log/range.ts';
import type { SyncDevice, SyncOffice } from './sync-office.ts';

export interface HostileAuthor {
	readonly id: Id;
	/** A linked run of its chain: from the start, or after an entry. */
	history(text: string, count: number, options?: { lane?: Lane; after?: Entry; fields?: Partial<HeaderFields> }): readonly Entry[];
	/** Small posts without end, in ranges of so many, each signed at its end alone. */
	flood(count: number): Generator<readonly Entry[], never>;
	/** Fresh entries, each with its signature, one after the other: links of the fake network keep no order. */
	push(to: SyncDevice, entries: readonly Entry[]): Promise<void>;
	/** A range, signed at its end alone. */
	range(to: SyncDevice, entries: readonly Entry[]): void;
	send(to: SyncDevice, type: number, payload: Uint8Array): void;
}

const kindOf: Readonly<Record<Lane, number>> = { [lanes.office]: kinds.notice, [lanes.open]: kinds.post, [lanes.mail]: kinds.msg };

/** Takes a device of the office over: it no longer replicates, and says only what the test makes it say. */
export function createHostileAuthor(office: SyncOffice, device: SyncDevice): HostileAuthor {
	device.stop();
	const mesh = office.network.mesh(device.id);
	const send = (to: SyncDevice, type: number, payload: Uint8Array): void => void mesh.send(to.id, createWriter().u8(type).raw(payload).bytes());
	return {
		id: device.id,
		history(text, count, { lane = lanes.office, after, fields = {} } = {}) {
			const entries: Entry[] = [];
			for (let n = 0; n < count; n++) {
				const before = entries.at(-1) ?? after;
				const place = { seq: (before?.header.seq ?? -1) + 1, prev: before?.id ?? zeroId, lamport: 1 + (before?.header.lamport ?? 1), refs: before === undefined ? [office.genesis.id] : [] };
				const whole: HeaderFields = { kind: kindOf[lane], lane, officeId: office.officeId, author: device.id, wallMs: 0, ...place, ...fields };
				entries.push(createEntry(whole, utf8(`${text} ${n}`), device.keys.signSecret));
			}
			return entries;
		},
		*flood(count) {
			let [prev, lamport] = [zeroId, 1];
			for (let seq = 0; ; ) {
				const range: Entry[] = [];
				while (range.length < count) {
					const body = utf8(`${seq}`);
					const refs = seq === 0 ? [office.genesis.id] : [];
					const fields: HeaderFields = { kind: kinds.post, lane: lanes.open, officeId: office.officeId, author: device.id, wallMs: 0, seq: seq++, prev, lamport: ++lamport, refs };
					const headerBytes = encodeHeader({ ...fields, bodyLength: body.length, bodyHash: hex(sha256(body)) });
					const entry = range.length === count - 1 ? createEntry(fields, body, device.keys.signSecret) : entryFromParts(headerBytes, undefined, body);
					if (entry === undefined) throw new Error('a flood is well formed');
					prev = entry.id;
					range.push(entry);
				}
				yield range;
			}
		},
		async push(to, entries) {
			for (const entry of entries) {
				send(to, messageTypes.entry, encodeEntry(entry));
				await office.clock.advance(5);
			}
		},
		range: (to, entries) => send(to, messageTypes.range, encodeRange(entries)),
		send,
	};
}
