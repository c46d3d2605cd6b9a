/** Composes the file plane of one office: shared folders and attachments over the log and the links, their bytes over the bulk plane and staging. */
import { done, fail, type Result, succeed } from './failures.ts';
import type { Files, FilesUsage, FolderItem } from './files.ts';
import { createAttachments } from './office/attachments/attachments.ts';
import type { AttachmentStates } from './office/conversations/attachment-states.ts';
import type { MessageFiles } from './office/conversations/message-files.ts';
import { createFolderHolders } from './office/folders/folder-holders.ts';
import { createFolderSupply, refOf } from './office/folders/folder-supply.ts';
import { createFolders, type FoldersDeps } from './office/folders/folders.ts';
import type { PageItem } from './office/folders/page.ts';
import { createSharedContents } from './office/folders/shared-contents.ts';
import { openShares } from './office/folders/shares.ts';
import { createHoldings } from './office/holdings.ts';
import type { Mesh } from './link/mesh.ts';
import type { FilePorts } from './ports.ts';
import { createCell, derive, type Source } from './source.ts';
import { createBulkPlane } from './transfer/bulk/bulk-plane.ts';
import { fileWarnings } from './transfer/file-warnings.ts';
import { createLookingAt, lookable } from './transfer/looking-at.ts';
import { outgoing } from './transfer/outgoing.ts';
import { openStaging } from './transfer/staging/staging.ts';
import { stagingDirectory } from './transfer/staging/worker-engine.ts';
import type { PlannedFile, Supply } from './transfer/supply.ts';
import { openTransfers } from './transfer/transfers.ts';

const uploadLimitKey = 'upload-limit';
/** What looking at a directory tells of who has its files is asked for again after this. */
const usageEveryMs = 10_000;

export interface FilesDeps extends Omit<FoldersDeps, 'toItem' | 'rootOf' | 'rootsVersion' | 'shares'> {
	readonly ports: FilePorts;
	/** Host name the app was opened under. */
	readonly appHost: string;
	readonly mesh: Mesh;
	readonly messageFiles: MessageFiles;
	readonly attachments: AttachmentStates;
}

export interface OpenFiles {
	readonly files: Files;
	stop(): Promise<void>;
}

/** Rejects with a `StoreFailure` when the disk fails. */
export async function openFiles(deps: FilesDeps): Promise<OpenFiles> {
	const { officeId, keys, log, store, roster, mesh, clock, random, ports, messageFiles } = deps;
	// A disk that fails meanwhile is told of by the store; what is known by then has to do.
	const ready = deps.ready.catch(() => undefined);
	const shares = await openShares({ store, clock });
	const staging = await openStaging({ opened: await ports.openDisk(stagingDirectory(officeId)), store, random, clock, room });
	const contents = createSharedContents({ officeId, signSecret: keys.signSecret, shares, store, clock });
	const folders = createFolders({ ...deps, ready, shares, toItem, rootOf: (id, path, item) => contents.rootOf(refOf(id, path, item)), rootsVersion: () => contents.rootsVersion() });
	const shared = (): ReturnType<typeof folders.shared.get> => folders.shared.get();
	const holdings = createHoldings({ selfDevice: log.device, folders: shared, roster: () => roster.get(), contents, messageFiles, staging, ready });
	const bulk = createBulkPlane({
		clock,
		random,
		mesh,
		holdings,
		appHost: deps.appHost,
		seenAddress: () => mesh.serverInfo.get()?.address,
		connect: ports.connect,
	});
	const holders = createFolderHolders({ bulk, mesh, folders: shared, roster: () => roster.get(), clock, changed: () => folders.refreshItems() });
	const attachments = createAttachments({ selfDevice: log.device, mesh, messageFiles, states: deps.attachments, roster: () => roster.get(), staging, bulk: () => bulk, clock, random });
	const supplyOf = createFolderSupply({ officeId, selfDevice: log.device, mesh, folders: shared, roster: () => roster.get(), directories: folders.directories, known: folders.known, staging });
	const lookAt = createLookingAt({ bulk, staging, clock });
	const nameOf = (device: string): string => roster.get().name(roster.get().memberOf(device) ?? '');
	const transfers = await openTransfers({
		bulk,
		staging,
		store,
		clock,
		random,
		ready,
		supply: (wish) => (wish.kind === 'folder' ? supplyOf(wish.folder, wish.paths) : attachments.supply(wish.message)),
		saver: (destination, name) => ports.saver(destination, name),
		nameOf,
		outgoing: () => outgoing(bulk, nameOf, (ref) => (ref.kind === 'attachment' ? (messageFiles.get(ref.message)?.file.name ?? '') : ref.path.slice(ref.path.lastIndexOf('/') + 1))),
	});
	const limit = createCell(Number((await store.get('prefs', uploadLimitKey).then((bytes) => bytes && new TextDecoder().decode(bytes))) ?? 0) || 0);
	bulk.setUploadLimit(limit.get());

	const estimate = createCell<{ readonly quotaBytes: number; readonly usedBytes: number }>({ quotaBytes: 0, usedBytes: 0 });
	let cancelEstimate = (): void => undefined;
	async function measure(): Promise<void> {
		const told = await ports.estimate();
		estimate.set({ quotaBytes: told.quota ?? 0, usedBytes: told.usage ?? 0 });
	}
	function measureSoon(): void {
		cancelEstimate();
		cancelEstimate = clock.after(usageEveryMs, () => void measure());
	}
	void measure();

	async function room(): Promise<number | undefined> {
		const { quota, usage } = await ports.estimate();
		return quota === undefined ? undefined : quota - (usage ?? 0);
	}

	function toItem(id: string, path: string, { kind, name, size, modifiedMs }: PageItem): FolderItem {
		if (kind === 'folder') return { kind, name, path, size, modifiedMs, held: 0, holders: [], warnings: [] };
		const ref = refOf(id, path, { size, modifiedMs });
		return { kind, name, path, size, modifiedMs, held: staging.held(ref), holders: holders.of(ref), warnings: fileWarnings(name) };
	}

	/** The first file a supply comes to. */
	async function firstOf(supply: Supply): Promise<Result<PlannedFile>> {
		const { value } = await supply.plan().next();
		if (typeof value === 'string') return fail('no-source');
		return 'code' in value ? fail(value.code) : succeed(value);
	}

	async function readOf(supply: Result<Supply>): Promise<Result<Blob>> {
		if (!supply.ok) return supply;
		const file = await firstOf(supply.value);
		return file.ok ? lookAt(supply.value, file.value) : file;
	}

	async function readOwn(id: string, path: string): Promise<Result<Blob>> {
		const file = await shares.get(id)?.reader.file(path);
		if (file === undefined || file === 'gone') return fail('file-gone');
		if (file === 'permission-lost') return fail('permission-lost');
		return succeed(lookable([file], new Uint8Array(await file.slice(0, 4096).arrayBuffer())));
	}

	const usage: Source<FilesUsage> = derive([staging.heldBytes, estimate, limit], () => ({ heldBytes: staging.heldBytes.get(), ...estimate.get(), uploadLimit: limit.get() }));
	const stops = [
		mesh.links.subscribe(() => transfers.look()),
		bulk.uploads.subscribe(() => transfers.look()),
		staging.heldBytes.subscribe(() => {
			folders.refreshItems();
			attachments.look();
			measureSoon();
		}),
	];

	return {
		files: {
			...folders.part,
			...transfers.part,
			usage,
			listing(id, path) {
				const listing = folders.part.listing(id, path);
				return {
					get: () => listing.get(),
					subscribe(changed) {
						const stopAsking = holders.watch(listing);
						const stop = listing.subscribe(changed);
						return () => {
							stopAsking();
							stop();
						};
					},
				};
			},
			fetch: (folder, paths, destination) => transfers.fetch({ kind: 'folder', folder, paths }, destination),
			fetchAttachment: (message, destination) => transfers.fetch({ kind: 'attachment', message }, destination),
			read: (folder, path) => (shared().get(folder)?.device === log.device ? readOwn(folder, path) : readOf(supplyOf(folder, [path]))),
			readAttachment: (message) => readOf(attachments.supply(message)),
			sendFiles: (conversation, files) => attachments.send(conversation, files),
			async forget(folder) {
				await staging.forgetFolders(folder);
				folders.refreshItems();
				return done;
			},
			async setUploadLimit(bytesPerSecond) {
				const wanted = Math.max(0, Math.floor(bytesPerSecond)) || 0;
				bulk.setUploadLimit(wanted);
				limit.set(wanted);
				await store.put('prefs', uploadLimitKey, new TextEncoder().encode(String(wanted)));
			},
		},
		async stop() {
			for (const stop of stops) stop();
			cancelEstimate();
			transfers.stop();
			attachments.stop();
			holders.stop();
			await folders.stop();
			shares.stop();
			bulk.stop();
			await staging.close();
		},
	};
}
