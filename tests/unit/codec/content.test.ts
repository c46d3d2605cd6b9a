/** The codecs of content: round trips, caps at the limit and one above, and bytes that mean nothing. In Node and in Chromium. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createWriter, decode } from '../../../src/crypto/codec.ts';
import { hex, utf8 } from '../../../src/crypto/bytes.ts';
import { decodeAcknowledgement, encodeAcknowledgement, maxAnswerBytes } from '../../../src/sync/office/placard/acknowledgements.ts';
import {
	changeType,
	decodeChange,
	decodeRead,
	decodeState,
	directId,
	encodeChange,
	encodeRead,
	encodeState,
	epochId,
	groupId,
	maxGroupMembers,
	maxTitleBytes,
	type StateChange,
} from '../../../src/sync/office/conversations/conversation-content.ts';
import { decodeMessageInner, decodePostInner, encodeMessageInner, encodePostInner, innerTypes, maxFollows, maxTextBytes } from '../../../src/sync/office/conversations/inner.ts';
import { decodeNotice, encodeNotice, maxNoticeTextBytes, maxNoticeTitleBytes, noticeHash, plainNotice } from '../../../src/sync/office/placard/notice-body.ts';
import { paddedCount, readCopies, writeCopies } from '../../../src/sync/office/keys/sealed-copies.ts';
import { decodeMessageBody } from '../../../src/sync/office/keys/sender-keys.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const id = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(hex);
const ids = (maxLength: number) => fc.array(id, { maxLength });
const bytes = fc.uint8Array({ maxLength: 300 });
const seq = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const title = fc.string({ maxLength: 32, unit: 'grapheme' }).filter((text) => utf8(text).length <= maxTitleBytes);
const someId = 'ab'.repeat(32);

const copy = (value: Uint8Array): Uint8Array => new Uint8Array(value);

describe('inner of POST and MSG', () => {
	test('round trips', () => {
		const post = fc.record({ type: fc.integer({ min: 0, max: 255 }), follows: ids(maxFollows), content: bytes });
		fc.assert(
			fc.property(post, id, id, id, seq, (inner, conversation, epoch, author, at) => {
				expect(decodePostInner(encodePostInner(inner))).toEqual({ ...inner, content: copy(inner.content) });
				const message = { ...inner, conversation, epoch, author, seq: at };
				expect(decodeMessageInner(encodeMessageInner(message))).toEqual({ ...message, content: copy(inner.content) });
			}),
		);
	});

	test('a text has 32 KiB and not a byte more; 16 are followed and not one more', () => {
		const text = (length: number) => encodePostInner({ type: innerTypes.text, follows: [], content: new Uint8Array(length) });
		expect(decodePostInner(text(maxTextBytes))?.content).toHaveLength(maxTextBytes);
		expect(decodePostInner(text(maxTextBytes + 1))).toBeUndefined();
		const following = (count: number) => encodePostInner({ type: innerTypes.text, follows: Array.from({ length: count }, () => someId), content: new Uint8Array(1) });
		expect(decodePostInner(following(maxFollows))?.follows).toHaveLength(maxFollows);
		expect(decodePostInner(following(maxFollows + 1))).toBeUndefined();
	});

	test('cut short or lengthened, it is nothing', () => {
		const whole = encodeMessageInner({ type: 1, conversation: someId, epoch: someId, author: someId, seq: 7, follows: [someId], content: utf8('hello') });
		for (let length = 0; length < whole.length; length++) expect(decodeMessageInner(whole.subarray(0, length))).toBeUndefined();
		expect(decodeMessageInner(new Uint8Array([...whole, 0]))).toBeUndefined();
	});
});

describe('changes of a group', () => {
	const state = fc.record({ creator: id, nonce: fc.uint8Array({ minLength: 16, maxLength: 16 }).map(copy), title, members: ids(5), heads: ids(5) });
	const change: fc.Arbitrary<StateChange> = fc.oneof(
		fc.record({ type: fc.constant('create' as const), nonce: fc.uint8Array({ minLength: 16, maxLength: 16 }).map(copy), title, members: ids(5), sharesHistory: fc.boolean() }),
		fc.record({ type: fc.constant('add' as const), members: ids(5), state }),
		fc.record({ type: fc.constant('remove' as const), members: ids(5) }),
		fc.constant({ type: 'leave' as const }),
		fc.record({ type: fc.constant('title' as const), title }),
	);

	test('round trip', () => {
		fc.assert(fc.property(change, (one) => {
			expect(decodeChange(changeType(one), encodeChange(one))).toEqual(one);
		}));
		fc.assert(fc.property(state, (one) => {
			expect(decodeState(encodeState(one))).toEqual(one);
		}));
		fc.assert(fc.property(fc.array(fc.tuple(id, seq), { maxLength: 9 }), (rows) => {
			expect(decodeRead(encodeRead(new Map(rows)))).toEqual(new Map(rows));
		}));
	});

	test('have their caps', () => {
		const removing = (count: number) => encodeChange({ type: 'remove', members: Array.from({ length: count }, () => someId) });
		expect(decodeChange(innerTypes.remove, removing(maxGroupMembers))).toBeDefined();
		expect(decodeChange(innerTypes.remove, removing(maxGroupMembers + 1))).toBeUndefined();
		const named = (length: number) => encodeChange({ type: 'title', title: 'x'.repeat(length) });
		expect(decodeChange(innerTypes.title, named(maxTitleBytes))).toBeDefined();
		expect(decodeChange(innerTypes.title, named(maxTitleBytes + 1))).toBeUndefined();
		expect(decodeChange(innerTypes.text, named(1))).toBeUndefined();
		expect(decodeChange(innerTypes.leave, new Uint8Array(1))).toBeUndefined();
	});
});

test('ids: the same from both ends, and no two meanings of one', () => {
	const [a, b, office] = ['01'.repeat(32), '02'.repeat(32), '03'.repeat(32)];
	expect(directId(office, a, b)).toBe(directId(office, b, a));
	expect(directId(office, a, b)).not.toBe(directId(someId, a, b));
	expect(groupId(office, a, new Uint8Array(16))).not.toBe(groupId(office, b, new Uint8Array(16)));
	expect(epochId(office, [a, b], [b, a])).toBe(epochId(office, [b, a], [a, b]));
	expect(epochId(office, [a], [b])).not.toBe(epochId(office, [b], [a]));
	expect(epochId(office, [], [a, b])).not.toBe(epochId(office, [a], [b]));
});

describe('notices and acknowledgements', () => {
	const notice = fc.record({
		flags: fc.integer({ min: 0, max: 65_535 }),
		priority: fc.constantFrom(0 as const, 1 as const, 2 as const),
		startsMs: seq,
		expiresMs: seq,
		revises: fc.option(id, { nil: undefined }),
		title,
		format: fc.constantFrom(0 as const, 1 as const),
		content: bytes.map(copy),
		extensions: fc.array(fc.record({ tag: fc.integer({ min: 0, max: 65_535 }), bytes: bytes.map(copy) }), { maxLength: 3 }),
	});

	test('round trip', () => {
		fc.assert(fc.property(notice, (one) => {
			expect(decodeNotice(encodeNotice(one))).toEqual(one);
		}));
		const ack = fc.record({ notice: id, version: id, contentHash: id, choice: fc.integer({ min: 0, max: 255 }), answer: title });
		fc.assert(fc.property(ack, (one) => {
			expect(decodeAcknowledgement(encodeAcknowledgement(one))).toEqual(one);
		}));
	});

	test('have their caps', () => {
		const sized = (titleBytes: number, textBytes: number) => encodeNotice(plainNotice({ title: 'x'.repeat(titleBytes), content: new Uint8Array(textBytes), asksAcknowledgement: true, startsMs: 1 }));
		expect(decodeNotice(sized(maxNoticeTitleBytes, maxNoticeTextBytes))).toBeDefined();
		expect(decodeNotice(sized(maxNoticeTitleBytes + 1, 1))).toBeUndefined();
		expect(decodeNotice(sized(1, maxNoticeTextBytes + 1))).toBeUndefined();
		const answering = (length: number) => encodeAcknowledgement({ notice: someId, version: someId, contentHash: someId, choice: 0, answer: 'x'.repeat(length) });
		expect(decodeAcknowledgement(answering(maxAnswerBytes))).toBeDefined();
		expect(decodeAcknowledgement(answering(maxAnswerBytes + 1))).toBeUndefined();
	});

	test('a notice of another text has another hash', () => {
		const inner = encodeNotice(plainNotice({ title: 'x', content: utf8('a'), asksAcknowledgement: true, startsMs: 1 }));
		expect(noticeHash(inner)).not.toBe(noticeHash(encodeNotice(plainNotice({ title: 'x', content: utf8('b'), asksAcknowledgement: true, startsMs: 1 }))));
	});
});

test('copies round trip, and their number is rounded', () => {
	const one = fc.record({ hint: fc.uint8Array({ minLength: 8, maxLength: 8 }).map(copy), wrapped: fc.uint8Array({ minLength: 80, maxLength: 80 }).map(copy) });
	fc.assert(fc.property(fc.array(one, { maxLength: 9 }), (copies) => {
			expect(decode(writeCopies(createWriter(), copies).bytes(), readCopies)).toEqual(copies);
		}));
	expect([1, 8, 9, 16, 17, 33, 65, 128, 129, 256, 257, 640].map(paddedCount)).toEqual([8, 8, 16, 16, 32, 64, 128, 128, 256, 256, 384, 640]);
});

test('100,000 strings of garbage are undefined or a value, and never throw', () => {
	const random = seededRandom(4242);
	const valid = [
		encodePostInner({ type: 1, follows: [someId], content: utf8('hello') }),
		encodeMessageInner({ type: 1, conversation: someId, epoch: someId, author: someId, seq: 7, follows: [someId], content: utf8('hello') }),
		encodeChange({ type: 'add', members: [someId], state: { creator: someId, nonce: new Uint8Array(16), title: 'x', members: [someId], heads: [someId] } }),
		encodeNotice(plainNotice({ title: 'x', content: utf8('text'), asksAcknowledgement: true, startsMs: 1 })),
		encodeAcknowledgement({ notice: someId, version: someId, contentHash: someId, choice: 0, answer: 'yes' }),
		encodeRead(new Map([[someId, 4]])),
	];
	const decoders: readonly ((garbage: Uint8Array) => unknown)[] = [
		decodePostInner,
		decodeMessageInner,
		decodeNotice,
		decodeAcknowledgement,
		decodeState,
		decodeRead,
		decodeMessageBody,
		(garbage) => decodeChange(garbage[0] ?? 0, garbage.subarray(1)),
		(garbage) => decode(garbage, readCopies),
	];
	for (let n = 0; n < 100_000; n++) {
		const draw = random(4);
		let garbage: Uint8Array;
		if (n % 2 === 0) garbage = random((draw[0] ?? 0) % 120);
		else {
			garbage = valid[(draw[1] ?? 0) % valid.length]!.slice();
			garbage[(draw[2] ?? 0) % garbage.length]! ^= 1 << ((draw[3] ?? 0) & 7);
		}
		decoders[n % decoders.length]!(garbage);
	}
});
