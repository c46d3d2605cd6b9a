/** Composes the file plane of one office: shared folders over the log and the links. */
import { fail } from './failures.ts';
import type { Files, FilesUsage, Transfer } from './files.ts';
import { createFolders, type FoldersDeps } from './office/folders/folders.ts';
import { createCell } from './source.ts';
import { fileWarnings } from './transfer/file-warnings.ts';

export type FilesDeps = Omit<FoldersDeps, 'toItem' | 'rootOf'>;

export interface OpenFiles {
	readonly files: Files;
	stop(): Promise<void>;
}

/** Rejects with a `StoreFailure` when the disk fails. */
export async function openFiles(deps: FilesDeps): Promise<OpenFiles> {
	const folders = await createFolders({
		...deps,
		toItem: (_, path, { kind, name, size, modifiedMs }) => ({ kind, name, path, size, modifiedMs, held: 0, holders: [], warnings: kind === 'file' ? fileWarnings(name) : [] }),
		rootOf: () => undefined,
	});
	const unreachable = () => Promise.resolve(fail('no-source'));
	return {
		files: {
			...folders.part,
			transfers: createCell<readonly Transfer[]>([]),
			usage: createCell<FilesUsage>({ heldBytes: 0, quotaBytes: 0, usedBytes: 0, uploadLimit: 0 }),
			fetch: unreachable,
			fetchAttachment: unreachable,
			pause: () => undefined,
			resume: unreachable,
			cancel: () => undefined,
			retry: () => undefined,
			dismiss: () => undefined,
			read: unreachable,
			readAttachment: unreachable,
			sendFiles: unreachable,
			forget: unreachable,
			setUploadLimit: () => Promise.resolve(),
		},
		stop: () => folders.stop(),
	};
}
