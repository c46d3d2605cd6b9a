/**
 * What this device has opened (DESIGN.md, D2): `Header | sig | inner` of each entry, sealed by the store. Views are pure functions
 * of the entries and this. It rests in rows of many records, because a row per message costs IndexedDB eight times as much, and it is
 * written behind: what a power cut takes is opened again from the log.
 */
import { createWriter, decode } from '../../../crypto/codec.ts';
import { hex } from '../../../crypto/bytes.ts';
import { signatureBytes } from '../../../crypto/identity.ts';
import { type Entry, type Header, type Id, idBytes, idToBytes, maxBodyBytes, maxHeaderBytes } from '../../log/entry.ts';
import { readRestingHeader } from '../../log/resting-header.ts';
import type { Clock } from '../../ports.ts';
import type { OfficeStore } from '../../store.ts';
import { createTurns } from '../../turns.ts';

const bucket = 'kept';
/** A row is closed once it is this long. */
const fullRowBytes = 48 * 1024;
const writeBehindMs = 200;
const retryMs = 5_000;

export interface KeptEntry {
	readonly id: Id;
	readonly header: Header;
	readonly inner: Uint8Array;
}

export interface Kept {
	/** Reads what rests, in slices; once, before anything is added. Rejects with a `StoreFailure`. */
	load(): Promise<void>;
	has(id: Id): boolean;
	get(id: Id): KeptEntry | undefined;
	/** Everything, in the order it was opened here. */
	all(): Iterable<KeptEntry>;
	add(entry: Entry, inner: Uint8Array): KeptEntry;
	/** Resolves once everything added rests on the disk, or the disk refused it; answers whether it rests. */
	flush(): Promise<boolean>;
}

/** With what rests. */
export async function openKept(deps: KeptDeps): Promise<Kept> {
	const kept = createKept(deps);
	await kept.load();
	return kept;
}

interface KeptDeps {
	readonly store: OfficeStore;
	readonly clock: Clock;
}

/** Empty until `load`. */
export function createKept(deps: KeptDeps): Kept {
	const { store, clock } = deps;
	const entries = new Map<Id, KeptEntry>();
	let rowNumber = 0;
	/** Records of the last row, which is written again until it is full. */
	let row: Uint8Array[] = [];
	let rowBytes = 0;
	/** Rows not on the disk yet, by key. */
	const unwritten = new Map<string, Uint8Array[]>();
	let cancelTimer: (() => void) | undefined;
	let writing: Promise<void> = Promise.resolve();

	async function load(): Promise<void> {
		const turns = createTurns(clock);
		const rows: (readonly [string, Uint8Array])[] = [];
		for (const open of await store.allLater(bucket)) {
			const pause = turns();
			if (pause) await pause;
			const opened = open();
			if (opened) rows.push(opened);
		}
		for (const [key, value] of rows.sort(([a], [b]) => (a < b ? -1 : 1))) {
			const pause = turns();
			if (pause) await pause;
			row = [];
			rowBytes = value.length;
			rowNumber = Math.max(rowNumber, Number.parseInt(key, 10));
			for (const { record, entry } of decodeRow(value) ?? []) {
				row.push(record);
				entries.set(entry.id, entry);
			}
		}
	}

	async function write(): Promise<void> {
		cancelTimer?.();
		cancelTimer = undefined;
		for (const [key, records] of [...unwritten]) {
			const before = records.length;
			try {
				await store.put(bucket, key, encodeRow(records));
			} catch {
				// A full disk is said where a command needs it; here nothing is lost but time at the next start.
				schedule(retryMs);
				return;
			}
			if (records.length === before) unwritten.delete(key);
		}
		if (unwritten.size > 0) schedule(writeBehindMs);
	}

	function schedule(delayMs: number): void {
		cancelTimer ??= clock.after(delayMs, () => {
			cancelTimer = undefined;
			writing = writing.then(write);
		});
	}

	return {
		load,
		has: (id) => entries.has(id),
		get: (id) => entries.get(id),
		all: () => entries.values(),
		add(entry, inner) {
			const kept: KeptEntry = { id: entry.id, header: entry.header, inner };
			entries.set(entry.id, kept);
			if (rowBytes >= fullRowBytes) {
				row = [];
				rowBytes = 0;
				rowNumber++;
			}
			const record = encodeRecord(entry, inner);
			row.push(record);
			rowBytes += record.length;
			unwritten.set(String(rowNumber).padStart(9, '0'), row);
			schedule(writeBehindMs);
			return kept;
		},
		flush() {
			writing = writing.then(write);
			return writing.then(() => unwritten.size === 0);
		},
	};
}

function encodeRecord(entry: Entry, inner: Uint8Array): Uint8Array {
	return createWriter()
		.raw(idToBytes(entry.id))
		.lp(entry.headerBytes)
		.raw(entry.signature ?? new Uint8Array(signatureBytes))
		.lp(inner)
		.bytes();
}

function encodeRow(records: readonly Uint8Array[]): Uint8Array {
	const w = createWriter().u16(records.length);
	for (const record of records) w.raw(record);
	return w.bytes();
}

function decodeRow(value: Uint8Array): readonly { record: Uint8Array; entry: KeptEntry }[] | undefined {
	return decode(value, (r) =>
		Array.from({ length: r.u16() }, () => {
			const start = value.length - r.remaining();
			const id = hex(r.raw(idBytes));
			const header = readRestingHeader(r.lp(maxHeaderBytes)) ?? r.fail();
			r.raw(signatureBytes);
			const inner = r.lp(maxBodyBytes);
			return { record: value.subarray(start, value.length - r.remaining()), entry: { id, header, inner } };
		}),
	);
}
