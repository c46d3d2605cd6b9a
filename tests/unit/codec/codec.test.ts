import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, utf8 } from '../../../src/crypto/bytes.ts';
import { createWriter, decode, type Reader } from '../../../src/crypto/codec.ts';

const u32 = (value: number): Uint8Array => createWriter().u32(value).bytes();

/** One field of each kind, with its value. */
const field = fc.oneof(
	fc.record({ kind: fc.constant('u8' as const), value: fc.integer({ min: 0, max: 0xff }) }),
	fc.record({ kind: fc.constant('u16' as const), value: fc.integer({ min: 0, max: 0xffff }) }),
	fc.record({ kind: fc.constant('u32' as const), value: fc.integer({ min: 0, max: 0xffff_ffff }) }),
	fc.record({ kind: fc.constant('u64' as const), value: fc.maxSafeNat() }),
	fc.record({ kind: fc.constant('raw' as const), value: fc.uint8Array({ maxLength: 40 }) }),
	fc.record({ kind: fc.constant('lp' as const), value: fc.uint8Array({ maxLength: 40 }) }),
	fc.record({ kind: fc.constant('text' as const), value: fc.string({ maxLength: 10, unit: 'binary' }) }),
);

describe('writer', () => {
	test('is big-endian', () => {
		const bytes = createWriter().u8(1).u16(0x0203).u32(0x04050607).u64(0x08090a0b0c0dn).lp(Uint8Array.of(255)).text('é').bytes();
		expect([...bytes]).toEqual([1, 2, 3, 4, 5, 6, 7, 0, 0, 8, 9, 10, 11, 12, 13, 0, 0, 0, 1, 255, 0, 0, 0, 2, 0xc3, 0xa9]);
		expect([...createWriter().u64(2n ** 64n - 1n).bytes()]).toEqual(new Array(8).fill(255));
	});

	test('takes as many fields as a frame may have, and may go on after bytes()', () => {
		const writer = createWriter();
		for (let i = 0; i < 300_000; i++) writer.u16(i & 0xffff);
		const bytes = writer.bytes();
		expect(bytes).toHaveLength(600_000);
		expect(decode(bytes.subarray(599_998), (r) => r.u16())).toBe(299_999 & 0xffff);
		expect(writer.u8(7).bytes()).toHaveLength(600_001);
		expect(bytes).toHaveLength(600_000);
	});

	test('copies at once what it is given', () => {
		const part = Uint8Array.of(1);
		const writer = createWriter().raw(part);
		part[0] = 2;
		expect(writer.bytes()).toEqual(Uint8Array.of(1));
	});

	test('throws on what does not fit its field', () => {
		for (const value of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
			expect(() => createWriter().u8(value)).toThrow();
			expect(() => createWriter().u32(value)).toThrow();
			expect(() => createWriter().u64(value)).toThrow();
		}
		expect(() => createWriter().u8(256)).toThrow();
		expect(() => createWriter().u16(65_536)).toThrow();
		expect(() => createWriter().u32(2 ** 32)).toThrow();
		expect(() => createWriter().u64(2n ** 64n)).toThrow();
	});
});

describe('decode', () => {
	test('gives back every field written', () => {
		fc.assert(
			fc.property(fc.array(field, { maxLength: 12 }), (fields) => {
				const writer = createWriter();
				for (const { kind, value } of fields) (writer[kind] as (value: unknown) => unknown)(value);
				const read = decode(writer.bytes(), (r) =>
					fields.map(({ kind, value }) => {
						if (kind === 'raw') return r.raw(value.length);
						return kind === 'lp' || kind === 'text' ? r[kind](40) : r[kind]();
					}),
				);
				expect(read).toEqual(fields.map(({ value }) => value));
			}),
		);
	});

	test('reads at the offset of a subarray, and gives subarrays', () => {
		const whole = concat(Uint8Array.of(9, 9), createWriter().u16(7).raw(Uint8Array.of(1, 2)).bytes(), Uint8Array.of(9));
		const read = decode(whole.subarray(2, 6), (r) => ({ n: r.u16(), rest: r.raw(r.remaining()) }));
		expect(read).toEqual({ n: 7, rest: Uint8Array.of(1, 2) });
		expect(read?.rest.buffer).toBe(whole.buffer);
	});

	const failures: [string, Uint8Array, (r: Reader) => unknown][] = [
		['a truncated u8', new Uint8Array(0), (r) => r.u8()],
		['a truncated u16', new Uint8Array(1), (r) => r.u16()],
		['a truncated u32', new Uint8Array(3), (r) => r.u32()],
		['a truncated u64', new Uint8Array(7), (r) => r.u64()],
		['a truncated raw', new Uint8Array(3), (r) => r.raw(4)],
		['a negative length', new Uint8Array(3), (r) => [r.u8(), r.raw(-1)]],
		['a length that is no number', new Uint8Array(3), (r) => r.raw(Number.NaN)],
		['a truncated lp', concat(u32(3), new Uint8Array(2)), (r) => r.lp(10)],
		['a length prefix of 4 GiB', u32(0xffff_ffff), (r) => r.lp(0xffff_ffff)],
		['trailing bytes', new Uint8Array(2), (r) => r.u8()],
		['malformed UTF-8', createWriter().lp(Uint8Array.of(0xff)).bytes(), (r) => r.text(10)],
		['an explicit refusal', new Uint8Array(0), (r) => r.fail()],
		['an explicit refusal after the end', new Uint8Array(1), (r) => [r.u8(), r.fail()]],
	];
	test.each(failures)('refuses %s', (_name, bytes, read) => {
		expect(decode(bytes, read)).toBeUndefined();
	});

	test('takes u64 at 2^53 - 1 and refuses it at 2^53', () => {
		const at = (value: bigint): number | undefined => decode(createWriter().u64(value).bytes(), (r) => r.u64());
		expect(at(2n ** 53n - 1n)).toBe(Number.MAX_SAFE_INTEGER);
		expect(at(2n ** 53n)).toBeUndefined();
		expect(at(2n ** 64n - 1n)).toBeUndefined();
	});

	test('takes lp and text at their cap and refuses them one over', () => {
		fc.assert(
			fc.property(fc.integer({ min: 0, max: 1000 }), (cap) => {
				const of = (length: number): Uint8Array => createWriter().lp(new Uint8Array(length)).bytes();
				expect(decode(of(cap), (r) => r.lp(cap))).toHaveLength(cap);
				expect(decode(of(cap + 1), (r) => r.lp(cap))).toBeUndefined();
				expect(decode(of(cap), (r) => r.text(cap))).toHaveLength(cap);
				expect(decode(of(cap + 1), (r) => r.text(cap))).toBeUndefined();
			}),
			{ numRuns: 50 },
		);
		expect(decode(createWriter().text('éé').bytes(), (r) => r.text(3)), 'the cap counts bytes').toBeUndefined();
	});

	test('may be nested, each failure ending its own', () => {
		const outer = createWriter().lp(utf8('xx')).u8(5).bytes();
		const read = decode(outer, (r) => ({ inner: decode(r.lp(9), (inner) => inner.u32()), after: r.u8() }));
		expect(read).toEqual({ inner: undefined, after: 5 });
	});

	test('lets errors through that are not its own', () => {
		expect(() =>
			decode(new Uint8Array(0), () => {
				throw new TypeError('a defect');
			}),
		).toThrow('a defect');
	});
});
