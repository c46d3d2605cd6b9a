/** A live document on the disk: sealed rows, compaction, power cuts, damage, and the earlier states put aside. */
import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { systemRandom } from '../../../src/crypto/random.ts';
import { createDocumentRows, maxRows, maxVersions } from '../../../src/sync/live/documents/document-rows.ts';
import { createStores } from '../../../src/sync/stores.ts';
import type { OfficeStore } from '../../../src/sync/store.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createFakePasskeys } from '../../support/fake-passkeys.ts';
import { createMemoryDisk, createMemoryStore, type MemoryDisk } from '../../support/memory-store.ts';

const officeId = 'ab'.repeat(32);
const id = '17'.repeat(16);

function open(store: OfficeStore) {
	const clock = createFakeClock();
	const doc = new Y.Doc();
	const failures: unknown[] = [];
	const rows = createDocumentRows({ store, id, clock, merge: (updates) => Y.mergeUpdates([...updates]), state: () => Y.encodeStateAsUpdate(doc), failed: (error) => failures.push(error) });
	const text = doc.getText('text');
	return {
		doc,
		rows,
		failures,
		async load() {
			const loaded = await rows.load();
			for (const update of loaded.updates) Y.applyUpdate(doc, update);
			doc.on('update', (update: Uint8Array) => rows.add(update));
			return loaded.damaged;
		},
		async write(words: string) {
			text.insert(text.length, words);
			await rows.flush();
		},
		text: () => text.toJSON(),
	};
}

const onMemory = (disk: MemoryDisk) => open(createMemoryStore(officeId, disk));

test('what was written is there again after a start, through many rows and compactions', async () => {
	const disk = createMemoryDisk();
	let expected = '';
	for (let start = 0; start < 4; start++) {
		const note = onMemory(disk);
		await note.load();
		expect(note.text()).toBe(expected);
		for (let i = 0; i < maxRows + 10; i++) {
			await note.write(`${start}.${i} `);
			expected += `${start}.${i} `;
		}
	}
	const last = onMemory(disk);
	expect(await last.load()).toBe(false);
	expect(last.text()).toBe(expected);
	expect([...disk.records.keys()].filter((key) => key.includes(id)).length).toBeLessThanOrEqual(maxRows + 3);
});

test('a power cut at any write costs what was not yet written, and nothing else', async () => {
	for (let cutAt = 0; cutAt < maxRows * 2 + 8; cutAt += 7) {
		const disk = createMemoryDisk();
		const note = onMemory(disk);
		await note.load();
		for (let i = 0; i < cutAt; i++) await note.write(`${i},`);
		const written = note.text();
		disk.mood = 'broken';
		await expect(note.write('lost')).rejects.toThrow();
		disk.mood = 'fine';
		const again = onMemory(disk);
		await again.load();
		expect(again.text()).toBe(written);
	}
});

test('a full disk is told, and what waited is written once there is room', async () => {
	const disk = createMemoryDisk();
	const note = onMemory(disk);
	await note.load();
	disk.mood = 'full';
	await expect(note.write('first ')).rejects.toThrow();
	disk.mood = 'fine';
	await note.write('second');
	const again = onMemory(disk);
	await again.load();
	expect(again.text()).toBe('first second');
});

test('a damaged row is told; the rest survives, and a colleague brings the missing part again', async () => {
	const factory = new IDBFactory();
	const stores = createStores({ indexedDB: factory, random: systemRandom, clock: createFakeClock(), passkeys: createFakePasskeys() });
	const { store } = await stores.create(officeId);
	const note = open(store);
	await note.load();
	const places = ['one', 'two', 'three'] as const;
	// Three people's words, none of which rests on another's.
	for (const place of places) {
		const other = new Y.Doc();
		other.getText(place).insert(0, place);
		Y.applyUpdate(note.doc, Y.encodeStateAsUpdate(other));
		await note.rows.flush();
	}
	const read = (doc: Y.Doc): string[] => places.map((place) => doc.getText(place).toJSON()).filter((words) => words !== '');
	store.close();

	const raw = await new Promise<IDBDatabase>((resolve) => {
		const request = factory.open(`landline-${officeId.slice(0, 16)}`);
		request.onsuccess = () => resolve(request.result);
	});
	const rest = raw.transaction('drafts', 'readwrite').objectStore('drafts');
	const keys = await new Promise<IDBValidKey[]>((resolve) => {
		const request = rest.getAllKeys();
		request.onsuccess = () => resolve(request.result);
	});
	// Sealed: neither the names of the rows nor the text stand in them.
	expect(keys.some((key) => typeof key === 'string' && key.includes('document'))).toBe(false);
	await new Promise((resolve) => {
		const tx = raw.transaction('drafts', 'readwrite');
		tx.oncomplete = resolve;
		tx.objectStore('drafts').put(new Uint8Array(80), keys[1] ?? '');
	});
	raw.close();

	const opened = await stores.open(officeId);
	if (opened.kind !== 'open') throw new Error(opened.kind);
	const again = open(opened.store);
	expect(await again.load()).toBe(true);
	expect(read(again.doc)).toHaveLength(2);
	Y.applyUpdate(again.doc, Y.encodeStateAsUpdate(note.doc));
	expect(read(again.doc)).toEqual(places);
	await again.rows.flush();
	opened.store.close();
});

test('A43: earlier states are kept through a mass delete, the last of them', async () => {
	const disk = createMemoryDisk();
	const note = onMemory(disk);
	await note.load();
	await note.write('a page of text that somebody will miss');
	await note.rows.keepVersion(Y.encodeStateAsUpdate(note.doc));
	note.doc.getText('text').delete(0, note.text().length);
	await note.rows.flush();
	const [version] = await note.rows.versions();
	const then = new Y.Doc();
	Y.applyUpdate(then, (await note.rows.version(version!.slot))!);
	expect(then.getText('text').toJSON()).toBe('a page of text that somebody will miss');
	for (let i = 0; i < maxVersions + 5; i++) await note.rows.keepVersion(Y.encodeStateAsUpdate(note.doc));
	expect(await note.rows.versions()).toHaveLength(maxVersions);
});
