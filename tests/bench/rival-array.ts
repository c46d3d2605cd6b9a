/** The rival of the catch-up bench: a Y.Array with the same sealed bodies, written by as many clients. */
import * as Y from 'yjs';
import { compareEntries } from '../../src/sync/log/entry.ts';
import { isAct } from './office-year.ts';
import type { OfficeFile } from './office-file.ts';

const name = 'messages';
const databaseName = 'rival';

/** What y-webrtc's second sync step would send to one who has nothing: the whole document in one update. */
export function rivalUpdate(file: OfficeFile): Uint8Array<ArrayBuffer> {
	const doc = new Y.Doc();
	const messages = doc.getArray<Uint8Array>(name);
	const entries = file.chains.flat().filter((entry) => !isAct(entry)).sort(compareEntries);
	for (const { header, body } of entries) {
		doc.clientID = Number.parseInt(header.author.slice(0, 7), 16);
		messages.push([body.slice()]);
	}
	return Y.encodeStateAsUpdate(doc).slice();
}

/** Takes the update and puts it on the disk as one row, as y-indexeddb does with each update it hears of. */
export async function takeUpdate(update: Uint8Array): Promise<number> {
	const doc = new Y.Doc();
	const messages = doc.getArray<Uint8Array>(name);
	const db = await new Promise<IDBDatabase>((resolve, reject) => {
		const request = indexedDB.open(databaseName, 1);
		request.onupgradeneeded = () => request.result.createObjectStore('updates', { autoIncrement: true });
		request.onsuccess = () => resolve(request.result);
		request.onerror = () => reject(new Error('the rival has no disk'));
	});
	Y.applyUpdate(doc, update);
	await new Promise<void>((resolve, reject) => {
		const transaction = db.transaction('updates', 'readwrite');
		transaction.objectStore('updates').add(update);
		transaction.oncomplete = () => resolve();
		transaction.onerror = () => reject(new Error('the rival could not write'));
	});
	db.close();
	return messages.length;
}
