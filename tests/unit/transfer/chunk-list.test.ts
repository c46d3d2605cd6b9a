/** A content's list of chunks, and who is believed about it: nobody but its root. */
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { concat, equal, utf8 } from '../../../src/crypto/bytes.ts';
import { createWriter } from '../../../src/crypto/codec.ts';
import { importFileKey, openAttachmentChunk, openResting, sealAttachmentChunk, sealResting } from '../../../src/crypto/file-seal.ts';
import { signPublicKey } from '../../../src/crypto/identity.ts';
import {
	areGroups,
	areLeaves,
	chunkCount,
	chunkLength,
	type Cut,
	groupCount,
	groupLength,
	isChunk,
	isCut,
	leafAt,
	leavesOfGroup,
	leavesPerGroup,
	listContent,
	listOfLeaves,
	maxContentBytes,
	plainChunkBytes,
	sealedChunkBytes,
} from '../../../src/sync/transfer/chunk-list.ts';
import { decodeManifest, encodeManifest, type Manifest } from '../../../src/sync/transfer/manifest.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const random = seededRandom(11);
const cutOf = (size: number): Cut => ({ size, chunkBytes: plainChunkBytes });
const sha = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(createHash('sha256').update(concat(...parts)).digest());
const reader = (content: Uint8Array) => (index: number) => Promise.resolve(content.subarray(index * plainChunkBytes, (index + 1) * plainChunkBytes));
const content = random(2 * plainChunkBytes + 5);

test('leaf, group and root are the hashes PROTOCOL.md names', async () => {
	const list = await listContent(cutOf(content.length), reader(content));
	const leaves = [0, 1, 2].map((index) => sha(content.subarray(index * plainChunkBytes, (index + 1) * plainChunkBytes)));
	const group = sha(utf8('LANDLINE/1/file-group\0'), ...leaves);
	expect(list.leaves).toEqual(concat(...leaves));
	expect(list.groups).toEqual(group);
	expect(list.root).toEqual(sha(utf8('LANDLINE/1/file-root\0'), createWriter().u64(content.length).u32(plainChunkBytes).raw(group).bytes()));
});

test('an empty file has no chunk and a root', async () => {
	const list = await listContent(cutOf(0), () => Promise.reject(new Error('nothing is read')));
	expect([list.leaves.length, list.groups.length, chunkCount(list)]).toEqual([0, 0, 0]);
	expect(await areGroups(cutOf(0), list.root, list.groups)).toBe(true);
	expect(await areLeaves(cutOf(0), list.groups, 0, new Uint8Array())).toBe(false);
	expect(await isChunk(cutOf(0), 0, new Uint8Array(32), new Uint8Array())).toBe(false);
});

test('sizes at the edges of chunks and groups', () => {
	const edge = cutOf(leavesPerGroup * plainChunkBytes);
	expect([chunkCount(edge), groupCount(edge), chunkLength(edge, 1023), chunkLength(edge, 1024)]).toEqual([1024, 1, plainChunkBytes, 0]);
	const beyond = cutOf(edge.size + 1);
	expect([chunkCount(beyond), groupCount(beyond), groupLength(beyond, 1), chunkLength(beyond, 1024), groupLength(beyond, 2)]).toEqual([1025, 2, 1, 1, 0]);
	expect([isCut(cutOf(maxContentBytes)), isCut(cutOf(maxContentBytes + 1)), isCut({ size: 1, chunkBytes: 1 }), isCut({ size: 1, chunkBytes: sealedChunkBytes })]).toEqual([true, false, false, true]);
});

test('a file that grows or shrinks while it is hashed has no list', async () => {
	await expect(listContent(cutOf(content.length + 1), reader(content))).rejects.toThrow(RangeError);
	await expect(listContent(cutOf(content.length - plainChunkBytes), reader(content.subarray(0, plainChunkBytes)))).rejects.toThrow(RangeError);
	const stop = new AbortController();
	stop.abort();
	await expect(listContent(cutOf(content.length), reader(content), stop.signal)).rejects.toThrow();
});

test('A55: altered, dropped, exchanged or added leaves, groups and chunks do not stand under the root', async () => {
	const cut = cutOf(1500 * plainChunkBytes);
	const leaves = random(1500 * 32);
	const list = await listOfLeaves(cut, leaves);
	const [first, second] = [leavesOfGroup(leaves, 0), leavesOfGroup(leaves, 1)];
	expect(await areGroups(cut, list.root, list.groups)).toBe(true);
	expect([await areLeaves(cut, list.groups, 0, first), await areLeaves(cut, list.groups, 1, second)]).toEqual([true, true]);

	const swapped = concat(leafAt(list.groups, 1), leafAt(list.groups, 0));
	for (const groups of [swapped, list.groups.subarray(32), concat(list.groups, new Uint8Array(32)), list.groups.map((byte, at) => (at === 40 ? byte ^ 1 : byte))]) {
		expect(await areGroups(cut, list.root, groups)).toBe(false);
	}
	// The same groups under another size or cut are another content.
	expect(await areGroups({ ...cut, size: cut.size - 1 }, list.root, list.groups)).toBe(false);
	expect(await areGroups({ ...cut, chunkBytes: sealedChunkBytes }, list.root, list.groups)).toBe(false);
	for (const wrong of [second, first.subarray(32), concat(first.subarray(32), first.subarray(0, 32)), first.map((byte, at) => (at === 7 ? byte ^ 1 : byte))]) {
		expect(await areLeaves(cut, list.groups, 0, wrong)).toBe(false);
	}

	const real = await listContent(cutOf(content.length), reader(content));
	const chunk = content.subarray(0, plainChunkBytes);
	expect(await isChunk(real, 0, leafAt(real.leaves, 0), chunk)).toBe(true);
	expect(await isChunk(real, 1, leafAt(real.leaves, 1), chunk)).toBe(false);
	expect(await isChunk(real, 0, leafAt(real.leaves, 0), chunk.subarray(1))).toBe(false);
	expect(await isChunk(real, 0, leafAt(real.leaves, 0), chunk.map((byte, at) => (at === 99 ? byte ^ 1 : byte)))).toBe(false);
});

test('A55: a sealed chunk opens in its own place, under its own key and size alone', async () => {
	const key = await importFileKey(random(32));
	const sealed = await sealAttachmentChunk(key, 100, 3, utf8('minutes of the meeting'));
	expect(sealed.length).toBe(22 + 16);
	expect(await openAttachmentChunk(key, 100, 3, sealed)).toEqual(utf8('minutes of the meeting'));
	expect(await openAttachmentChunk(key, 100, 4, sealed)).toBeUndefined();
	expect(await openAttachmentChunk(key, 101, 3, sealed)).toBeUndefined();
	expect(await openAttachmentChunk(await importFileKey(random(32)), 100, 3, sealed)).toBeUndefined();
	for (let at = 0; at < sealed.length; at++) expect(await openAttachmentChunk(key, 100, 3, sealed.map((byte, i) => (i === at ? byte ^ 1 : byte)))).toBeUndefined();
	expect(await openAttachmentChunk(key, 100, 3, sealed.subarray(0, 10))).toBeUndefined();
});

test('a resting chunk is never sealed alike twice, and opens in its own place alone', async () => {
	const key = await importFileKey(random(32));
	const [one, two] = [await sealResting(random, key, 7, content.subarray(0, 100)), await sealResting(random, key, 7, content.subarray(0, 100))];
	expect(equal(one, two)).toBe(false);
	expect(await openResting(key, 7, one)).toEqual(content.slice(0, 100));
	expect(await openResting(key, 8, one)).toBeUndefined();
	expect(await openResting(key, 7, one.subarray(0, 20))).toBeUndefined();
	expect(await openResting(key, 7, one.map((byte, at) => (at === 0 ? byte ^ 1 : byte)))).toBeUndefined();
});

test('A55: a manifest is the word of the owner\'s device about this office, or nothing', () => {
	const [office, secret] = [random(32), random(32)];
	const manifest: Manifest = { folder: random(16), path: 'Verträge/契約.pdf', size: 12_345, modifiedMs: 1_700_000_000_000, chunkBytes: plainChunkBytes, root: random(32) };
	const bytes = encodeManifest(manifest, office, secret);
	const signer = signPublicKey(secret);
	expect(decodeManifest(bytes, office, signer)).toEqual(manifest);
	expect(decodeManifest(bytes, random(32), signer)).toBeUndefined();
	expect(decodeManifest(bytes, office, signPublicKey(random(32)))).toBeUndefined();
	for (let at = 0; at < bytes.length; at++) {
		expect(decodeManifest(bytes.map((byte, i) => (i === at ? byte ^ 1 : byte)), office, signer), `byte ${at}`).toBeUndefined();
		expect(decodeManifest(bytes.subarray(0, at), office, signer), `cut at ${at}`).toBeUndefined();
	}
	// Signed, and yet not one of ours: no path, a cut that would make a leaf of every byte, a size nobody has.
	for (const wrong of [{ path: '' }, { chunkBytes: 1 }, { chunkBytes: sealedChunkBytes }, { size: maxContentBytes + 1 }, { path: 'x'.repeat(4097) }]) {
		expect(decodeManifest(encodeManifest({ ...manifest, ...wrong }, office, secret), office, signer)).toBeUndefined();
	}
});
