/** Pages of shared folders: signed by the device they lie on, and saying nothing that leads out of the folder (A40). */
import { describe, expect, test } from 'vitest';
import { hex } from '../../../src/crypto/bytes.ts';
import { createWriter } from '../../../src/crypto/codec.ts';
import { createDeviceKeys, sign } from '../../../src/crypto/identity.ts';
import { labels } from '../../../src/crypto/labels.ts';
import { decodePage, encodePage, maxPageItems, type Page, type PageItem } from '../../../src/sync/office/folders/page.ts';
import { idToBytes } from '../../../src/sync/log/entry.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const officeId = 'ab'.repeat(32);
const keys = createDeviceKeys(seededRandom(1));
const device = hex(keys.signPublic);
const file = (name: string): PageItem => ({ kind: 'file', name, size: 3, modifiedMs: 5, root: undefined });
const page: Page = { folder: '11'.repeat(16), path: 'a/b', part: 0, parts: 1, listedMs: 7, items: [file('c.txt'), { kind: 'folder', name: 'd', size: 0, modifiedMs: 0, root: undefined }, { ...file('e'), root: 'cd'.repeat(32) }] };
const signed = (change: Partial<Page>): Page | undefined => decodePage(encodePage({ ...page, ...change }, officeId, keys.signSecret), officeId, device);

describe('a page', () => {
	test('comes back as it was signed', () => {
		expect(signed({})).toEqual(page);
	});

	test('is nothing where anything of it was changed, or another device or office signed it', () => {
		const bytes = encodePage(page, officeId, keys.signSecret);
		for (let at = 0; at < bytes.length; at++) {
			const forged = bytes.slice();
			forged[at] = (forged[at] ?? 0) ^ 1;
			expect(decodePage(forged, officeId, device)).toBeUndefined();
		}
		expect(decodePage(bytes, 'cd'.repeat(32), device)).toBeUndefined();
		expect(decodePage(bytes, officeId, hex(createDeviceKeys(seededRandom(2)).signPublic))).toBeUndefined();
	});

	test.each(['', '.', '..', 'a/b', '../x', 'C:\\x', '/etc/passwd', 'nul\0'])('A40: with a name that leads elsewhere is refused: %j', (name) => {
		expect(signed({ items: [file(name)] })).toBeUndefined();
		expect(signed({ path: name === '' ? 'a//b' : `a/${name === 'a/b' ? '..' : name}` })).toBeUndefined();
	});

	test('A40: with a name of over 255 bytes, or twice the same one, is refused', () => {
		expect(signed({ items: [file('x'.repeat(255))] })).toBeDefined();
		expect(signed({ items: [file('x'.repeat(256))] })).toBeUndefined();
		expect(signed({ items: [file('x'), file('x')] })).toBeUndefined();
	});

	test('A37: that claims a million items costs nothing, and one of 1,001 is refused', () => {
		const items = Array.from({ length: maxPageItems + 1 }, (_, index) => file(String(index)));
		expect(signed({ items: items.slice(1) })?.items).toHaveLength(maxPageItems);
		expect(signed({ items })).toBeUndefined();
		const head = createWriter().raw(new Uint8Array(16)).text('').u16(0).u16(1).u64(7).u16(65_535).bytes();
		const bytes = createWriter().raw(head).raw(sign(keys.signSecret, labels.folderPage, idToBytes(officeId), head)).bytes();
		expect(decodePage(bytes, officeId, device)).toBeUndefined();
		expect(decodePage(new Uint8Array(600_000), officeId, device)).toBeUndefined();
	});

	test('with a part beyond its parts, or of no time, is refused', () => {
		expect(signed({ part: 1, parts: 1 })).toBeUndefined();
		expect(signed({ part: 1, parts: 0 })).toBeDefined();
		expect(signed({ part: 200, parts: 0 })).toBeUndefined();
		expect(signed({ listedMs: 0 })).toBeUndefined();
	});
});
