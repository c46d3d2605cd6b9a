/** Where what is fetched goes: what the browser can do decides which way is the usual one. */
import type { Destination } from '../../sync/files.ts';
import { pickFolder, picksFolders } from './local-tree.ts';

export type Way = Destination['kind'];

/** One file goes the browser's own way; several need a folder, or an archive where no folder can be written. */
export const usualWay = (window: Window, isOneFile: boolean): Way => (isOneFile ? 'download' : picksFolders(window) ? 'folder' : 'zip');

export const waysOf = (window: Window): readonly Way[] => (picksFolders(window) ? ['folder', 'zip', 'here'] : ['zip', 'here']);

/** Asks for the folder where one is needed, so it belongs into a click's handler; `undefined` when the person changes their mind. */
export async function destinationOf(window: Window, way: Way): Promise<Destination | undefined> {
	if (way !== 'folder') return { kind: way };
	const handle = await pickFolder(window, 'save');
	return handle && { kind: 'folder', handle };
}
