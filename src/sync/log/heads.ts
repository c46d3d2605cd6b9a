/**
 * HEADS: what a device says it holds, signed, the newest kept for each device (PROTOCOL.md, section 8).
 * `HEADS = device 32 / counter u64 / n u16 × (author 32, lane u8, head u64, id 32) / sig 64`, label heads, officeId first.
 * "Delivered to D" means: D's HEADS covers the entry. There are no receipts.
 */
import { hex } from '../../crypto/bytes.ts';
import { createWriter, decode } from '../../crypto/codec.ts';
import { type DeviceKeys, sign, signatureBytes, verify } from '../../crypto/identity.ts';
import { labels } from '../../crypto/labels.ts';
import type { Clock } from '../ports.ts';
import { createCell, type Source, when } from '../source.ts';
import type { OfficeStore } from '../store.ts';
import { createTurns } from '../turns.ts';
import { type Entry, type Id, idBytes, idToBytes, type Lane, type Verify } from './entry.ts';
import type { Log } from './log.ts';
import { maxVectorRows, readLane, type VectorRow } from './vector.ts';

type HeadsRow = Omit<VectorRow, 'base'>;

export interface HeadsMessage {
	readonly device: Id;
	/** Rises with each HEADS of a device, over its restarts too. */
	readonly counter: number;
	readonly rows: readonly HeadsRow[];
	readonly bytes: Uint8Array;
}

export function encodeHeads(officeId: Id, device: Id, counter: number, rows: readonly HeadsRow[], signSecret: Uint8Array): Uint8Array {
	const sent = rows.slice(0, maxVectorRows);
	const writer = createWriter().raw(idToBytes(device)).u64(counter).u16(sent.length);
	for (const row of sent) writer.raw(idToBytes(row.author)).u8(row.lane).u64(row.head).raw(idToBytes(row.id));
	const body = writer.bytes();
	return createWriter().raw(body).raw(sign(signSecret, labels.heads, idToBytes(officeId), body)).bytes();
}

/** Its fields; `undefined` if malformed. The signature is not checked yet: most HEADS that come are no news. */
export function decodeHeads(bytes: Uint8Array): HeadsMessage | undefined {
	return decode(bytes, (r) => {
		const device = hex(r.raw(idBytes));
		const counter = r.u64();
		const count = r.u16();
		if (count > maxVectorRows) r.fail();
		const rows = Array.from({ length: count }, () => ({ author: hex(r.raw(idBytes)), lane: readLane(r), head: r.u64(), id: hex(r.raw(idBytes)) }));
		r.raw(signatureBytes);
		return { device, counter, rows, bytes };
	});
}

export function verifyHeads(officeId: Id, heads: HeadsMessage, check: Verify = verify): boolean {
	const end = heads.bytes.length - signatureBytes;
	return check(idToBytes(heads.device), heads.bytes.subarray(end), labels.heads, idToBytes(officeId), heads.bytes.subarray(0, end));
}

export interface Heads {
	/** Own HEADS as of now; made and signed again only after the log changed. */
	own(): HeadsMessage;
	/** Takes a HEADS from outside. `known`: no news. */
	receive(bytes: Uint8Array): { readonly kind: 'news' | 'known'; readonly device: Id; readonly counter: number } | 'bad';
	/** The newest of every other device. */
	others(): Iterable<HeadsMessage>;
	/** Whether the device said that it holds this entry of a chain. */
	readonly covers: (device: Id, author: Id, lane: Lane, seq: number) => boolean;
	/** Like `covers`, and where the device's head is one we hold, it must be ours. */
	readonly deliveredTo: (device: Id, entry: Entry) => boolean;
	/** Counts up with every HEADS that was news. */
	readonly changed: Source<number>;
}

interface Known {
	readonly message: HeadsMessage;
	readonly heads: ReadonlyMap<string, HeadsRow>;
}

/** With a store the newest HEADS survive a restart, and so does the own counter. */
export function createHeads(deps: { log: Log; keys: DeviceKeys; clock: Clock; store?: OfficeStore | undefined; verify?: Verify | undefined }): Heads {
	const { log, keys, clock, store } = deps;
	const known = new Map<Id, Known>();
	const changed = createCell(0);
	let own: HeadsMessage | undefined;
	let ownDigest = '';
	let counter = 0;

	const keep = (message: HeadsMessage): void => {
		known.set(message.device, { message, heads: new Map(message.rows.map((row) => [`${row.author}${row.lane}`, row])) });
		changed.set(changed.get() + 1);
	};
	// HEADS are made again by the next beat: a disk that refuses them costs nothing but the time until then.
	const rest = (message: HeadsMessage): void => void store?.put('heads', message.device, message.bytes).catch(() => undefined);

	/** In slices: of a hundred devices each names three hundred chains. */
	async function load(from: OfficeStore): Promise<void> {
		const turns = createTurns(clock);
		for (const open of await from.allLater('heads')) {
			const pause = turns();
			if (pause) await pause;
			const bytes = open()?.[1];
			const message = bytes && decodeHeads(bytes);
			if (message === undefined) continue;
			if (message.device === log.device) counter = Math.max(counter, message.counter);
			else if (message.counter > (known.get(message.device)?.message.counter ?? -1)) keep(message);
		}
	}
	// Nobody is met before the log is whole, and the first screen does without.
	if (store) void when(log.whole).then(() => load(store)).catch(() => undefined);

	const covers = (device: Id, author: Id, lane: Lane, seq: number): boolean => (known.get(device)?.heads.get(`${author}${lane}`)?.head ?? -1) >= seq;

	return {
		own() {
			const digest = hex(log.digest());
			if (own === undefined || digest !== ownDigest) {
				counter = Math.max(counter + 1, Math.floor(clock.now()));
				const bytes = encodeHeads(log.officeId, log.device, counter, log.vector(), keys.signSecret);
				own = { device: log.device, counter, rows: log.vector(), bytes };
				ownDigest = digest;
				rest(own);
			}
			return own;
		},
		receive(bytes) {
			const message = decodeHeads(bytes.slice());
			if (message === undefined) return 'bad';
			const { device } = message;
			const before = known.get(device)?.message.counter ?? -1;
			if (device === log.device || message.counter <= before || !log.accepts(device, 0)) return { kind: 'known', device, counter: message.counter };
			if (!verifyHeads(log.officeId, message, deps.verify)) return 'bad';
			keep(message);
			rest(message);
			return { kind: 'news', device, counter: message.counter };
		},
		*others() {
			for (const { message } of known.values()) yield message;
		},
		covers,
		deliveredTo(device, entry) {
			const { author, lane, seq } = entry.header;
			if (!covers(device, author, lane, seq)) return false;
			const row = known.get(device)?.heads.get(`${author}${lane}`);
			const ours = row && log.at(author, lane, row.head);
			return ours === undefined || ours.id === row?.id;
		},
		changed,
	};
}
