/**
 * What a replica holds, in rows: one for each chain (PROTOCOL.md, section 8). `digest = H(heads, sorted (author | lane | head | id))`.
 * `VECTOR = n u16 × (author 32, lane u8, base u64, head u64, id 32)`, `WANT = n u16 × (author 32, lane u8, from u64)`.
 */
import { hex } from '../../crypto/bytes.ts';
import { createWriter, decode, type Reader } from '../../crypto/codec.ts';
import { tag } from '../../crypto/hash.ts';
import { labels } from '../../crypto/labels.ts';
import { type Id, idBytes, idToBytes, type Lane } from './entry.ts';

export interface VectorRow {
	readonly author: Id;
	readonly lane: Lane;
	/** Seq of the first entry held. */
	readonly base: number;
	readonly head: number;
	/** Id of the head. */
	readonly id: Id;
}

export interface WantRow {
	readonly author: Id;
	readonly lane: Lane;
	/** `fromNewestBase`: the range may begin at the newest BASE held. */
	readonly from: number;
}

export const fromNewestBase = Number.MAX_SAFE_INTEGER;
/** Keeps a VECTOR within the 2 MiB of a message. */
export const maxVectorRows = 20_000;

const order = (a: { author: Id; lane: Lane }, b: { author: Id; lane: Lane }): number => (a.author === b.author ? a.lane - b.lane : a.author < b.author ? -1 : 1);

export function readLane(r: Reader): Lane {
	const lane = r.u8();
	return lane === 0 || lane === 1 || lane === 2 ? lane : r.fail();
}

const digestRow = (row: VectorRow): Uint8Array => createWriter().raw(idToBytes(row.author)).u8(row.lane).u64(row.head).raw(idToBytes(row.id)).bytes();

export function digestOf(rows: readonly VectorRow[]): Uint8Array {
	return tag(labels.heads, ...rows.toSorted(order).map(digestRow));
}

/** The rows of one replica, kept up to date. The digest is read after every entry, so each row's part of it is kept too. */
export function createVector(): { set(row: VectorRow): void; delete(author: Id, lane: Lane): void; rows(): readonly VectorRow[]; digest(): Uint8Array } {
	const byChain = new Map<string, { row: VectorRow; bytes: Uint8Array }>();
	let keys: readonly string[] = [];
	let rows: readonly VectorRow[] | undefined;
	let digest: Uint8Array | undefined;
	const sorted = (): { row: VectorRow; bytes: Uint8Array }[] => keys.map((key) => byChain.get(key)).filter((item) => item !== undefined);
	return {
		set(row) {
			// Hex of a fixed length and one digit: the order of texts is that of rows.
			const key = `${row.author}${row.lane}`;
			if (!byChain.has(key)) keys = [...keys, key].sort();
			byChain.set(key, { row, bytes: digestRow(row) });
			rows = undefined;
			digest = undefined;
		},
		delete(author, lane) {
			byChain.delete(`${author}${lane}`);
			keys = [...byChain.keys()].sort();
			rows = undefined;
			digest = undefined;
		},
		rows: () => (rows ??= sorted().map((item) => item.row)),
		digest: () => (digest ??= tag(labels.heads, ...sorted().map((item) => item.bytes))),
	};
}

export function encodeVector(rows: readonly VectorRow[]): Uint8Array {
	const sent = rows.slice(0, maxVectorRows);
	const writer = createWriter().u16(sent.length);
	for (const row of sent) writer.raw(idToBytes(row.author)).u8(row.lane).u64(row.base).u64(row.head).raw(idToBytes(row.id));
	return writer.bytes();
}

/** `undefined` if malformed, if a chain stands in it twice, or a head below its base. */
export function decodeVector(bytes: Uint8Array): readonly VectorRow[] | undefined {
	return decode(bytes, (r) => {
		const count = r.u16();
		if (count > maxVectorRows) r.fail();
		const seen = new Set<string>();
		return Array.from({ length: count }, () => {
			const row = { author: hex(r.raw(idBytes)), lane: readLane(r), base: r.u64(), head: r.u64(), id: hex(r.raw(idBytes)) };
			const key = `${row.author}${row.lane}`;
			if (row.head < row.base || seen.has(key)) r.fail();
			seen.add(key);
			return row;
		});
	});
}

export function encodeWant(rows: readonly WantRow[]): Uint8Array {
	const writer = createWriter().u16(rows.length);
	for (const row of rows) writer.raw(idToBytes(row.author)).u8(row.lane).u64(row.from);
	return writer.bytes();
}

export function decodeWant(bytes: Uint8Array): readonly WantRow[] | undefined {
	return decode(bytes, (r) => {
		const count = r.u16();
		if (count > maxVectorRows) r.fail();
		return Array.from({ length: count }, () => ({ author: hex(r.raw(idBytes)), lane: readLane(r), from: r.u64() }));
	});
}
