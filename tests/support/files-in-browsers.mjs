/**
 * Folders for people in browsers: the page's private disk stands in for the person's own, because no test can press the buttons of the
 * browser's own dialog. Names of UI.md otherwise.
 */
import { goTo } from './people-in-browsers.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('playwright-core').BrowserContext} BrowserContext */

/** Where the stand-ins for the person's folders lie on the page's private disk. */
const ownDisk = 'own-disk';

/** The picker answers the folder that `chooseNext` named, as if the person had chosen it. @param {BrowserContext} context */
export async function stubPicker(context) {
	await context.addInitScript((disk) => {
		const pick = async () => {
			const root = await navigator.storage.getDirectory();
			const own = await root.getDirectoryHandle(disk, { create: true });
			return own.getDirectoryHandle(sessionStorage.getItem('picked') ?? 'Downloads', { create: true });
		};
		Object.defineProperty(window, 'showDirectoryPicker', { value: pick, configurable: true });
	}, ownDisk);
}

/** @param {Page} page @param {string} name */
export const chooseNext = (page, name) => page.evaluate((picked) => sessionStorage.setItem('picked', picked), name);

/** Puts files on the person's disk. @param {Page} page @param {string} folder @param {Record<string, string | number>} files text, or a size of bytes drawn from the name */
export async function putFiles(page, folder, files) {
	await page.evaluate(
		async ([disk, name, all]) => {
			const root = await navigator.storage.getDirectory();
			const own = await root.getDirectoryHandle(disk, { create: true });
			for (const [path, content] of Object.entries(all)) {
				let directory = await own.getDirectoryHandle(name, { create: true });
				const names = path.split('/');
				for (const part of names.slice(0, -1)) directory = await directory.getDirectoryHandle(part, { create: true });
				const writable = await (await directory.getFileHandle(names.at(-1) ?? '', { create: true })).createWritable();
				if (typeof content === 'string') await writable.write(content);
				else {
					const block = new Uint8Array(2 ** 20);
					for (let at = 0; at < block.length; at += 65536) crypto.getRandomValues(block.subarray(at, at + 65536));
					for (let left = content; left > 0; left -= block.length) {
						new DataView(block.buffer).setFloat64(0, left);
						await writable.write(block.slice(0, Math.min(left, block.length)));
					}
				}
				await writable.close();
			}
		},
		/** @type {const} */ ([ownDisk, folder, files]),
	);
}

/** SHA-256 of every file in a folder of the person's disk, by path. @param {Page} page @param {string} folder @returns {Promise<Record<string, string>>} */
export function filesOn(page, folder) {
	return page.evaluate(
		async ([disk, name]) => {
			/** @type {Record<string, string>} */ const found = {};
			const root = await navigator.storage.getDirectory();
			const own = await root.getDirectoryHandle(disk, { create: true });
			/** @param {FileSystemDirectoryHandle} directory @param {string} prefix */
			const walk = async (directory, prefix) => {
				for await (const [key, handle] of directory.entries()) {
					if (handle.kind === 'directory') await walk(handle, `${prefix}${key}/`);
					else {
						const digest = await crypto.subtle.digest('SHA-256', await (await handle.getFile()).arrayBuffer());
						found[`${prefix}${key}`] = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
					}
				}
			};
			await walk(await own.getDirectoryHandle(name, { create: true }), '');
			return found;
		},
		/** @type {const} */ ([ownDisk, folder]),
	);
}

/** Shares a folder of the person's disk with everyone. @param {Page} page @param {string} name */
export async function shareFolder(page, name) {
	await goTo(page, 'Files');
	await chooseNext(page, name);
	await page.getByRole('button', { name: 'Share a folder' }).first().click();
	const dialog = page.getByRole('dialog', { name: 'Share a folder' });
	await dialog.getByRole('button', { name: 'Choose folder' }).click();
	await dialog.getByText(`“${name}” is chosen.`).waitFor();
	await dialog.getByRole('button', { name: 'Share', exact: true }).click();
	await dialog.waitFor({ state: 'hidden' });
	await page.getByRole('list', { name: 'Shared folders' }).getByRole('button', { name: `${name}, yours` }).waitFor();
}

/** Opens a shared folder by its name. @param {Page} page @param {string} name */
export async function openFolder(page, name) {
	await goTo(page, 'Files');
	await page.getByRole('list', { name: 'Shared folders' }).getByRole('button', { name: new RegExp(`^${name}, `) }).click({ timeout: 30_000 });
	await page.getByRole('grid', { name: `Files in ${name}` }).waitFor({ timeout: 30_000 });
}

/** Fetches the open folder to where it rests sealed in this browser. @param {Page} page */
export async function keepFolder(page) {
	await page.getByRole('button', { name: 'Other ways to download' }).click();
	await page.getByRole('menuitem', { name: /^Keep in Landline/ }).click();
}

/** How fast all colleagues together may fetch from here. @param {Page} page @param {string} limit */
export async function limitUpload(page, limit) {
	await goTo(page, 'Settings');
	await page.getByRole('combobox', { name: 'Upload limit' }).selectOption(limit);
	await page.getByText('Upload limit saved.').waitFor();
}

/** The line of a transfer. @param {Page} page @param {string} name */
export const transferOf = (page, name) => page.getByRole('region', { name: 'Transfers' }).getByRole('listitem').filter({ hasText: name });

/** A changed client: it turns one bit of every large piece it gives to others. @param {BrowserContext} context */
export async function flipWhatIsGiven(context) {
	await context.addInitScript(() => {
		const { send } = RTCDataChannel.prototype;
		const largeBytes = 32 * 1024;
		RTCDataChannel.prototype.send = function (/** @type {any} */ data) {
			const bytes = data instanceof ArrayBuffer ? new Uint8Array(data.slice(0)) : ArrayBuffer.isView(data) ? Uint8Array.from(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)) : undefined;
			if (bytes === undefined || bytes.length < largeBytes) return send.call(this, data);
			const at = bytes.length - 100;
			bytes[at] = (bytes[at] ?? 0) ^ 1;
			return send.call(this, bytes);
		};
	});
}
