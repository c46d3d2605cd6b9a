/** Shared folders, transfers and attachments in memory, behind the seam of `src/sync/files.ts`. */
import { done, fail, succeed, type FailureCode } from '../../src/sync/failures.ts';
import type { Destination, Files, FilesUsage, FolderAudience, FolderItem, FolderListing, FolderSearch, FoundFile, SharedFolder, Transfer } from '../../src/sync/files.ts';
import type { Person } from '../../src/sync/office.ts';
import { createCell, type Cell } from '../../src/sync/source.ts';
import { fakeFolders, fakeItems } from './fake-folders.ts';

export interface FakeFiles extends Files {
	readonly folders: Cell<readonly SharedFolder[]>;
	readonly transfers: Cell<readonly Transfer[]>;
	readonly usage: Cell<FilesUsage>;
	listing(folderId: string, path: string): Cell<FolderListing>;
	search(text: string): Cell<FolderSearch>;
	/** What `read` and `readAttachment` answer, by path or message; a code where it cannot be. */
	readonly contents: Map<string, Blob | FailureCode>;
	/** Every file of a folder, by path. */
	readonly items: Map<string, readonly FolderItem[]>;
}

const destinationText = (destination: Destination): string => (destination.kind === 'folder' ? `folder ${destination.handle.name}` : destination.kind);
const audienceText = ({ everyone, departments, people }: FolderAudience): string => (everyone ? 'everyone' : [...departments, ...people].join('+'));

/** @param people oneself first @param calls what was called is added here, in order */
export function createFakeFiles(people: readonly Person[], calls: string[]): FakeFiles {
	const [self] = people;
	const isAlone = people.length === 1;
	const folders = createCell<readonly SharedFolder[]>(isAlone ? [] : fakeFolders(people));
	const transfers = createCell<readonly Transfer[]>([]);
	const usage = createCell<FilesUsage>({ heldBytes: isAlone ? 0 : 734_003_200, quotaBytes: 64e9, usedBytes: 2.1e9, uploadLimit: 0 });
	const items = new Map<string, readonly FolderItem[]>(isAlone ? [] : fakeItems(people));
	const listings = new Map<string, Cell<FolderListing>>();
	const contents = new Map<string, Blob | FailureCode>();
	let counter = 0;

	function change(id: string, to: Partial<Transfer>): void {
		transfers.set(transfers.get().map((one) => (one.id === id ? { ...one, ...to } : one)));
	}

	function changeFolder(id: string, to: Partial<SharedFolder>): void {
		folders.set(folders.get().map((one) => (one.id === id ? { ...one, ...to } : one)));
	}

	function start(name: string, bytes: number, files: number, colleagues: readonly string[]): string {
		const id = `t${String(counter++)}`;
		const transfer: Transfer = {
			id,
			direction: 'in',
			name,
			colleagues,
			state: 'fetching',
			files: { done: 0, total: files, skipped: 0 },
			bytes: { done: 0, total: bytes },
			bytesPerSecond: 0,
			secondsLeft: undefined,
			failed: [],
			failure: undefined,
		};
		transfers.set([transfer, ...transfers.get()]);
		return id;
	}

	const content = (key: string): Promise<{ ok: true; value: Blob } | { ok: false; code: FailureCode }> => {
		const known = contents.get(key) ?? 'no-source';
		return Promise.resolve(typeof known === 'string' ? fail(known) : succeed(known));
	};

	return {
		folders,
		transfers,
		usage,
		items,
		contents,
		share({ name, audience, tree }) {
			calls.push(`share ${name} ${audienceText(audience)} ${tree.kind === 'handle' ? `handle ${tree.handle.name}` : tree.files.map((one) => one.path).join(' ')}`);
			if (name === '') return Promise.resolve(fail('name-empty'));
			const id = `f${String(counter++)}`;
			const folder: SharedFolder = { id, name, owner: self!.id, ownerName: self!.name, own: true, here: true, audience, sinceMs: Date.now(), state: 'ready', untilClosed: tree.kind === 'files' };
			folders.set([folder, ...folders.get()]);
			items.set(id, []);
			return Promise.resolve(succeed(id));
		},
		stopSharing(id) {
			calls.push(`stopSharing ${id}`);
			folders.set(folders.get().filter((one) => one.id !== id));
			return Promise.resolve(done);
		},
		resumeSharing(id) {
			calls.push(`resumeSharing ${id}`);
			changeFolder(id, { state: 'ready' });
			return Promise.resolve(done);
		},
		changeAudience(id, audience) {
			calls.push(`changeAudience ${id} ${audienceText(audience)}`);
			changeFolder(id, { audience });
			return Promise.resolve(done);
		},
		listing(folderId, path) {
			const key = `${folderId}/${path}`;
			let cell = listings.get(key);
			if (!cell) {
				const prefix = path === '' ? '' : `${path}/`;
				const inside = (items.get(folderId) ?? []).filter((item) => item.path.startsWith(prefix) && !item.path.slice(prefix.length).includes('/'));
				cell = createCell<FolderListing>({ folderId, path, items: inside, state: 'whole', listedMs: Date.now() - 60_000 });
				listings.set(key, cell);
			}
			return cell;
		},
		search(text) {
			const found: FoundFile[] = [];
			for (const [folderId, all] of items) {
				const folder = folders.get().find((one) => one.id === folderId);
				const matching = all.filter((item) => item.name.toLowerCase().includes(text.toLowerCase()));
				for (const item of matching) found.push({ ...item, folderId, folderName: folder?.name ?? '', ownerName: folder?.ownerName ?? '' });
			}
			return createCell<FolderSearch>({ found: found.slice(0, 500), state: 'whole', missing: [] });
		},
		fetch(folderId, paths, destination) {
			calls.push(`fetch ${folderId} [${paths.join(', ')}] ${destinationText(destination)}`);
			const folder = folders.get().find((one) => one.id === folderId);
			const chosen = (items.get(folderId) ?? []).filter((item) => paths.length === 0 || paths.some((path) => item.path === path || item.path.startsWith(`${path}/`)));
			const [first] = chosen;
			const name = paths.length === 1 && first ? first.name : (folder?.name ?? '');
			return Promise.resolve(succeed(start(name, chosen.reduce((sum, item) => sum + item.size, 0), chosen.length, [folder?.ownerName ?? ''])));
		},
		fetchAttachment(messageId, destination) {
			calls.push(`fetchAttachment ${messageId} ${destinationText(destination)}`);
			return Promise.resolve(succeed(start(messageId, 1000, 1, [])));
		},
		pause(id) {
			calls.push(`pause ${id}`);
			change(id, { state: 'paused', bytesPerSecond: 0, secondsLeft: undefined });
		},
		resume(id) {
			calls.push(`resume ${id}`);
			change(id, { state: 'fetching' });
			return Promise.resolve(done);
		},
		cancel(id) {
			calls.push(`cancel ${id}`);
			change(id, { state: 'cancelled', bytesPerSecond: 0, secondsLeft: undefined });
		},
		retry(id) {
			calls.push(`retry ${id}`);
			change(id, { state: 'fetching', failed: [], failure: undefined });
		},
		dismiss(id) {
			calls.push(`dismiss ${id}`);
			transfers.set(transfers.get().filter((one) => one.id !== id));
		},
		read: (_folderId, path) => content(path),
		readAttachment: content,
		sendFiles(conversationId, files) {
			calls.push(`sendFiles ${conversationId} ${files.map(({ file }) => file.name).join(' ')}`);
			return Promise.resolve(done);
		},
		forget(folderId) {
			calls.push(`forget ${folderId ?? 'all'}`);
			usage.set({ ...usage.get(), heldBytes: 0 });
			return Promise.resolve(done);
		},
		setUploadLimit(uploadLimit) {
			calls.push(`setUploadLimit ${String(uploadLimit)}`);
			usage.set({ ...usage.get(), uploadLimit });
			return Promise.resolve();
		},
	};
}
