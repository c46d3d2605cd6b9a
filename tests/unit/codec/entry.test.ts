/** The bytes of the log: entries, ranges, vectors, wants and HEADS round-trip, keep their limits, and survive garbage. Runs in Node and in Chromium. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, hex } from '../../../src/crypto/bytes.ts';
import { createDeviceKeys, verify } from '../../../src/crypto/identity.ts';
import {
	createEntry,
	decodeEntry,
	decodeHeader,
	draftPrefix,
	encodeEntry,
	encodeHeader,
	type Entry,
	entryId,
	headerPrefix,
	type HeaderFields,
	kindFitsLane,
	kinds,
	type Lane,
	lanes,
	latestMs,
	maxBodyBytes,
	maxHeaderBytes,
	maxRefs,
	verifyEntry,
	zeroId,
} from '../../../src/sync/log/entry.ts';
import { decodeHeads, encodeHeads, verifyHeads } from '../../../src/sync/log/heads.ts';
import { decodeRange, encodeRange, takeRange, verifyRange } from '../../../src/sync/log/range.ts';
import { decodeSegment, encodeSegment, segmentBytes, toSegments } from '../../../src/sync/log/segment.ts';
import { decodeVector, decodeWant, encodeVector, encodeWant, fromNewestBase, maxVectorRows } from '../../../src/sync/log/vector.ts';
import { pick, seededRandom } from '../../support/seeded-random.ts';

const random = seededRandom(2026);
const keys = createDeviceKeys(random);
const author = hex(keys.signPublic);
const officeId = hex(random(32));

const fields = (more: Partial<HeaderFields> = {}): HeaderFields => ({ kind: kinds.msg, lane: lanes.mail, officeId, author, seq: 0, prev: zeroId, lamport: 1, wallMs: 5, refs: [], ...more });

function chainOf(count: number, bodyBytes = 10, lane: Lane = lanes.mail): readonly Entry[] {
	const chain: Entry[] = [];
	for (let seq = 0; seq < count; seq++) {
		const kind = lane === lanes.mail ? kinds.msg : kinds.post;
		chain.push(createEntry(fields({ kind, lane, seq, prev: chain.at(-1)?.id ?? zeroId, lamport: seq + 1 }), random(bodyBytes), keys.signSecret));
	}
	return chain;
}

test('a wall time beyond the calendar is shown as its last day, and the entry keeps its bytes', () => {
	const entry = decodeEntry(encodeEntry(createEntry(fields({ wallMs: Number.MAX_SAFE_INTEGER }), new Uint8Array(3), keys.signSecret)));
	expect(entry?.header.wallMs).toBe(latestMs);
	expect(new Date(entry?.header.wallMs ?? 0).toISOString()).toBe('9999-12-31T00:00:00.000Z');
	expect(entry && verifyEntry(entry)).toBe(true);
});

describe('an entry', () => {
	test('round-trips, whatever it carries', () => {
		const id = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(hex).filter((value) => value !== zeroId);
		const number = fc.maxSafeNat();
		const anyFields = fc.record({
			kind: fc.constantFrom(kinds.msg, kinds.keys, kinds.base, 200),
			lane: fc.constant<Lane>(lanes.mail),
			officeId: id,
			author: fc.constant(author),
			seq: number.map((seq) => Math.max(1, seq)),
			prev: id,
			lamport: number.map((lamport) => Math.max(1, lamport)),
			wallMs: fc.integer({ min: 0, max: latestMs }),
			refs: fc.array(id, { maxLength: maxRefs }),
		});
		fc.assert(
			fc.property(anyFields, fc.uint8Array({ maxLength: 300 }), (some, body) => {
				const entry = createEntry(some, body, keys.signSecret);
				expect(decodeEntry(encodeEntry(entry))).toEqual(entry);
				expect(encodeHeader(entry.header)).toEqual(entry.headerBytes);
				expect(headerPrefix(entry.headerBytes)).toEqual(draftPrefix(some));
			}),
			{ numRuns: 60, seed: 7 },
		);
	});

	test('has these bytes: they are final', () => {
		const frozen = createDeviceKeys(seededRandom(1));
		const entry = createEntry(
			{ kind: 80, lane: 1, officeId: '11'.repeat(32), author: hex(frozen.signPublic), seq: 1, prev: '22'.repeat(32), lamport: 258, wallMs: 1_700_000_000_000, refs: ['33'.repeat(32)] },
			Uint8Array.of(1, 2, 3),
			frozen.signSecret,
		);
		expect(hex(entry.headerBytes)).toBe(
			`01015001${'11'.repeat(32)}${hex(frozen.signPublic)}0000000000000001${'22'.repeat(32)}00000000000001020000018bcfe5680001${'33'.repeat(32)}00000003039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81`,
		);
		expect(entry.id).toBe(entryId(entry.headerBytes));
	});

	test('is verified by its author\'s key and no other', () => {
		const [entry] = chainOf(1) as [Entry];
		expect(verifyEntry(entry)).toBe(true);
		expect(verifyEntry({ ...entry, signature: undefined })).toBe(false);
		expect(verifyEntry({ ...entry, headerBytes: entry.headerBytes.map((byte, n) => (n === 130 ? byte ^ 1 : byte)) })).toBe(false);
		const other = createDeviceKeys(random);
		expect(verifyEntry(createEntry(fields(), random(4), other.signSecret))).toBe(false);
	});

	test('holds a body of the limit and none beyond', () => {
		const entry = createEntry(fields(), new Uint8Array(maxBodyBytes), keys.signSecret);
		expect(decodeEntry(encodeEntry(entry))?.body.length).toBe(maxBodyBytes);
		expect(() => createEntry(fields(), new Uint8Array(maxBodyBytes + 1), keys.signSecret)).toThrow();
		const header = { ...entry.header, bodyLength: maxBodyBytes + 1 };
		expect(decodeHeader(encodeHeader(header))).toBeUndefined();
		expect(decodeEntry(concat(encodeHeader(header), new Uint8Array(64), new Uint8Array(maxBodyBytes + 1)))).toBeUndefined();
	});

	test('names 8 refs and none beyond', () => {
		const refs = Array.from({ length: maxRefs }, () => hex(random(32)));
		const entry = createEntry(fields({ refs }), random(1), keys.signSecret);
		expect(entry.headerBytes.length).toBe(maxHeaderBytes);
		expect(decodeEntry(encodeEntry(entry))?.header.refs).toEqual(refs);
		expect(() => createEntry(fields({ refs: [...refs, zeroId] }), random(1), keys.signSecret)).toThrow();
	});

	test('is refused with one byte more, one less, or one changed anywhere', () => {
		const bytes = encodeEntry(createEntry(fields({ refs: [hex(random(32))] }), random(20), keys.signSecret));
		expect(decodeEntry(concat(bytes, Uint8Array.of(0)))).toBeUndefined();
		for (let length = 0; length < bytes.length; length++) expect(decodeEntry(bytes.subarray(0, length))).toBeUndefined();
		for (let at = 0; at < bytes.length; at++) {
			const changed = decodeEntry(bytes.map((byte, n) => (n === at ? byte ^ 0x40 : byte)));
			expect(changed === undefined || !verifyEntry(changed)).toBe(true);
		}
	});

	test.for([
		['a kind in another lane', { kind: kinds.post }],
		['an act in the mail lane', { kind: kinds.notice }],
		['a seq 0 with a prev', { prev: '01'.repeat(32) }],
		['a later seq without', { seq: 1 }],
		['a lamport of zero', { lamport: 0 }],
		['no office', { officeId: zeroId }],
		['a GENESIS that names an office', { kind: kinds.genesis, lane: lanes.office }],
		['a GENESIS in the mail lane', { kind: kinds.genesis, officeId: zeroId }],
		['a GENESIS that is not the first', { kind: kinds.genesis, lane: lanes.office, officeId: zeroId, seq: 1, prev: '01'.repeat(32) }],
		['a fourth lane', { lane: 3 as Lane }],
	] as const)('with %s is refused', ([, wrong]) => {
		expect(() => createEntry(fields(wrong), random(1), keys.signSecret)).toThrow();
	});

	test('fits its lane as the table has it', () => {
		const allowed = (lane: Lane): readonly number[] => Array.from({ length: 256 }, (_, kind) => kind).filter((kind) => kindFitsLane(kind, lane));
		expect(allowed(0)).toEqual([...Array.from({ length: 66 }, (_, kind) => kind)]);
		expect(allowed(1).slice(0, 21)).toEqual([65, ...Array.from({ length: 20 }, (_, n) => 66 + n)]);
		expect(allowed(1)).not.toContain(97);
		expect(allowed(2)).not.toContain(80);
		for (const unknown of [70, 90, 100, 255]) for (const lane of [1, 2] as const) expect(kindFitsLane(unknown, lane)).toBe(true);
	});
});

describe('a range', () => {
	test('round-trips with one signature, and is verified as a whole', () => {
		const chain = chainOf(5);
		const back = decodeRange(encodeRange(chain));
		expect(back?.map((entry) => entry.id)).toEqual(chain.map((entry) => entry.id));
		expect(back?.map((entry) => entry.signature !== undefined)).toEqual([false, false, false, false, true]);
		let checks = 0;
		expect(verifyRange(back!, (...args) => (checks++, verify(...args)))).toBe(true);
		expect(checks).toBe(1);
		expect(verifyRange(back!.slice(0, 4))).toBe(false);
	});

	test('that is not linked is refused', () => {
		const chain = chainOf(5);
		expect(decodeRange(encodeRange(chain.filter((_, index) => index !== 2)))).toBeUndefined();
		expect(decodeRange(encodeRange([...chain].reverse()))).toBeUndefined();
		expect(decodeRange(encodeRange([...chain, ...chainOf(1, 10, lanes.open)]))).toBeUndefined();
		const stranger = chainOf(3);
		expect(decodeRange(encodeRange([...chain.slice(0, 2), stranger[2]!]))).toBeUndefined();
	});

	test('ends at the furthest signed entry within the limit, else at the first beyond', () => {
		const unsigned = chainOf(10, 1000).map((entry) => ({ ...entry, signature: undefined }));
		const signedAt = (...places: number[]): readonly Entry[] => chainOf(10, 1000).map((entry, index) => (places.includes(index) ? entry : { ...entry, signature: undefined }));
		expect(takeRange(unsigned)).toHaveLength(0);
		expect(takeRange(signedAt(2, 4, 9), 6000)).toHaveLength(5);
		expect(takeRange(signedAt(7), 3000)).toHaveLength(8);
		expect(takeRange(signedAt(9))).toHaveLength(10);
	});

	test('of nothing is refused', () => {
		expect(decodeRange(new Uint8Array(66))).toBeUndefined();
	});
});

/** With every field of the header read out: one that rests reads them when asked. */
const readOut = (entries: readonly Entry[] | undefined): readonly unknown[] | undefined =>
	entries?.map((entry) => {
		const { kind, lane, officeId: office, author: by, seq, prev, lamport, wallMs, refs, bodyLength, bodyHash } = entry.header;
		return { ...entry, header: { kind, lane, officeId: office, author: by, seq, prev, lamport, wallMs, refs, bodyLength, bodyHash } };
	});

test('segments round-trip with the signatures that are held, and are cut at 64 KiB', () => {
	const chain = chainOf(40, 4000).map((entry, index) => (index % 3 === 0 ? entry : { ...entry, signature: undefined }));
	expect(readOut(decodeSegment(encodeSegment(chain)))).toEqual(chain);
	const segments = toSegments(chain);
	expect(segments.length).toBeGreaterThan(2);
	expect(segments.flatMap(({ segment }) => readOut(decodeSegment(segment.bytes)) ?? [])).toEqual(chain);
	for (const { place, segment } of segments) {
		expect(segment.bytes.length).toBeLessThanOrEqual(segmentBytes);
		expect(place).toEqual({ from: segment.from, count: decodeSegment(segment.bytes)?.length, bytes: segment.bytes.length });
	}
	const [large] = toSegments([createEntry(fields(), new Uint8Array(maxBodyBytes), keys.signSecret)]);
	expect(decodeSegment(large!.segment.bytes)).toHaveLength(1);
});

describe('vectors', () => {
	const row = (n: number) => ({ author: hex(Uint8Array.from({ length: 32 }, (_, at) => (n >> ((at % 4) * 8)) & 255)), lane: (n % 3) as Lane, base: n, head: n + 5, id: hex(random(32)) });

	test('and wants round-trip', () => {
		const rows = Array.from({ length: 50 }, (_, n) => row(n));
		expect(decodeVector(encodeVector(rows))).toEqual(rows);
		const wants = rows.map(({ author: of, lane }, n) => ({ author: of, lane, from: n % 2 === 0 ? fromNewestBase : n }));
		expect(decodeWant(encodeWant(wants))).toEqual(wants);
	});

	test('hold their limit of rows and none beyond, no chain twice, no head below its base', () => {
		const bytes = encodeVector(Array.from({ length: maxVectorRows }, (_, n) => row(n)));
		expect(decodeVector(bytes)).toHaveLength(maxVectorRows);
		const more = concat(Uint8Array.of((maxVectorRows + 1) >> 8, (maxVectorRows + 1) & 255), bytes.subarray(2), encodeVector([row(maxVectorRows)]).subarray(2));
		expect(decodeVector(more)).toBeUndefined();
		expect(decodeVector(encodeVector([row(3), row(3)]))).toBeUndefined();
		expect(decodeVector(encodeVector([{ ...row(3), base: 9 }]))).toBeUndefined();
	});
});

test('HEADS round-trip and are signed for one office', () => {
	const rows = [{ author, lane: lanes.mail, head: 7, id: hex(random(32)) }];
	const bytes = encodeHeads(officeId, author, 12, rows, keys.signSecret);
	const heads = decodeHeads(bytes);
	expect(heads).toMatchObject({ device: author, counter: 12, rows });
	expect(verifyHeads(officeId, heads!)).toBe(true);
	expect(verifyHeads(hex(random(32)), heads!)).toBe(false);
	expect(decodeHeads(bytes.subarray(1))).toBeUndefined();
});

test('100,000 pieces of garbage are refused without a throw', () => {
	const chain = chainOf(3, 30);
	const whole = [encodeEntry(chain[0]!), encodeRange(chain), encodeVector([{ author, lane: 1, base: 0, head: 1, id: chain[0]!.id }]), encodeWant([{ author, lane: 1, from: 0 }]), encodeHeads(officeId, author, 1, [], keys.signSecret), encodeSegment(chain)];
	const decoders = [decodeEntry, decodeRange, decodeVector, decodeWant, decodeHeads, decodeSegment, decodeHeader];
	let accepted = 0;
	for (let n = 0; n < 100_000; n++) {
		let bytes: Uint8Array;
		if (n % 3 === 0) bytes = random(pick(random, 60));
		else {
			// A real message, cut or with bytes changed: garbage that gets further.
			bytes = whole[pick(random, whole.length)]!.slice();
			for (let change = 0; change <= n % 4; change++) bytes[pick(random, bytes.length)] = pick(random, 256);
			if (n % 3 === 1) bytes = bytes.subarray(0, pick(random, bytes.length));
		}
		const decoded = decoders[n % decoders.length]!(bytes);
		if (decoded !== undefined) accepted++;
	}
	// Some changed bytes are legal where no hash guards them (a vector's numbers); no decoder throws or loops.
	expect(accepted).toBeLessThan(10_000);
});
