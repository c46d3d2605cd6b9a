/** Who saves what was fetched, by where the person wants it. */
import type { Destination } from '../../sync/files.ts';
import type { Saver } from '../../sync/transfer/supply.ts';
import { createDownloadSaver } from './download-saver.ts';
import type { Downloads } from './downloads.ts';
import { createFolderSaver } from './folder-saver.ts';
import { createZipSaver } from './zip-saver.ts';

/** @param name of the file or folder that is fetched @returns undefined for what stays in this browser */
export function createSaver(downloads: Downloads, destination: Destination, name: string): Saver | undefined {
	switch (destination.kind) {
		case 'folder':
			return createFolderSaver(destination.handle);
		case 'download':
			return createDownloadSaver(downloads);
		case 'zip':
			return createZipSaver(name, downloads);
		case 'here':
			return undefined;
	}
}
