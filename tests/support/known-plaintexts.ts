/** Everything a page's origin keeps in the browser, as bytes, and a search in it for texts and keys in the forms that software writes them. */
import type { Page } from '@playwright/test';

export interface KeptBytes {
	/** "landline-3f9a… / kept", "localStorage", … */
	readonly where: string;
	readonly bytes: Buffer;
}

/** Reads IndexedDB, both storages and the caches. A `CryptoKey` stands in it as its name. */
export async function everythingKept(page: Page): Promise<readonly KeptBytes[]> {
	const kept = await page.evaluate(async () => {
		const found: { where: string; base64: string }[] = [];
		const add = (where: string, bytes: Uint8Array): void => {
			let binary = '';
			for (let at = 0; at < bytes.length; at += 8192) binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
			found.push({ where, base64: btoa(binary) });
		};
		const addText = (where: string, text: string): void => add(where, new TextEncoder().encode(text));
		const addValue = (where: string, value: unknown): void => {
			if (value instanceof ArrayBuffer) add(where, new Uint8Array(value));
			else if (ArrayBuffer.isView(value)) add(where, new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
			else if (value instanceof CryptoKey) addText(where, 'CryptoKey');
			else if (Array.isArray(value)) for (const part of value as unknown[]) addValue(where, part);
			else if (typeof value === 'object' && value !== null) {
				for (const [key, part] of Object.entries(value)) {
					addText(where, key);
					addValue(where, part);
				}
			} else addText(where, String(value));
		};
		const answer = <T>(request: IDBRequest<T>): Promise<T> =>
			new Promise((resolve, reject) => {
				request.onsuccess = () => resolve(request.result);
				request.onerror = () => reject(request.error ?? new Error('no answer'));
			});
		for (const { name = '' } of await indexedDB.databases()) {
			addText('names of databases', name);
			const db = await answer(indexedDB.open(name));
			for (const store of db.objectStoreNames) {
				const objects = db.transaction(store).objectStore(store);
				const [keys, values] = await Promise.all([answer(objects.getAllKeys()), answer(objects.getAll() as IDBRequest<unknown[]>)]);
				for (const key of keys) addValue(`${name} / ${store} / keys`, key);
				for (const value of values) addValue(`${name} / ${store}`, value);
			}
			db.close();
		}
		for (const [where, storage] of [['localStorage', localStorage], ['sessionStorage', sessionStorage]] as const) {
			for (const [key, value] of Object.entries(storage as unknown as Record<string, string>)) addText(where, `${key} ${value}`);
		}
		for (const name of await caches.keys()) {
			addText('names of caches', name);
			const cache = await caches.open(name);
			for (const request of await cache.keys()) {
				addText(`${name} / addresses`, request.url);
				add(`${name} / ${request.url}`, new Uint8Array((await (await cache.match(request))?.arrayBuffer()) ?? new ArrayBuffer(0)));
			}
		}
		return found;
	});
	return kept.map(({ where, base64 }) => ({ where, bytes: Buffer.from(base64, 'base64') }));
}

/** Where the secret stands, in whatever form: bytes, UTF-16, hex, or base64 at any offset. */
export function placesOf(secret: string | Buffer, kept: readonly KeptBytes[]): readonly string[] {
	const forms = formsOf(secret);
	return kept.filter(({ bytes }) => forms.some((form) => bytes.includes(form))).map(({ where }) => where);
}

function formsOf(secret: string | Buffer): readonly Buffer[] {
	const bytes = typeof secret === 'string' ? Buffer.from(secret, 'utf8') : secret;
	const forms = [bytes, Buffer.from(bytes.toString('hex')), Buffer.from(bytes.toString('hex').toUpperCase())];
	if (typeof secret === 'string') {
		const little = Buffer.from(secret, 'utf16le');
		forms.push(little, Buffer.from(little).swap16());
	}
	// The characters of base64 that the bytes before and after have no part in.
	for (const offset of [0, 1, 2]) {
		const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64').replaceAll('=', '');
		const own = text.slice(offset === 0 ? 0 : offset + 1, -1);
		forms.push(Buffer.from(own), Buffer.from(own.replaceAll('+', '-').replaceAll('/', '_')));
	}
	return forms;
}
