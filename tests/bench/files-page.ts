/**
 * A page of the files bench: gives and fetches with the app's own bulk plane, staging and links; what stands in for the rest of the app is who
 * may see what (all) and the record of what is staged (the page's local storage).
 */
import { fromHex, hex } from '../../src/crypto/bytes.ts';
import { importFileKey, sealAttachmentChunk } from '../../src/crypto/file-seal.ts';
import { leafOf } from '../../src/crypto/file-hash.ts';
import { systemRandom } from '../../src/crypto/random.ts';
import { systemClock } from '../../src/sync/ports.ts';
import { createBulkConnection } from '../../src/sync/transfer/bulk/bulk-connection.ts';
import { createBulkPlane } from '../../src/sync/transfer/bulk/bulk-plane.ts';
import type { BulkPlane } from '../../src/sync/transfer/bulk/bulk-port.ts';
import { chunkCount, chunkLength, leavesOfGroup, listContent, plainChunkBytes, sealedChunkBytes } from '../../src/sync/transfer/chunk-list.ts';
import { createChunkSet } from '../../src/sync/transfer/chunk-set.ts';
import { contentKey, type ContentRef, type Holding } from '../../src/sync/transfer/content.ts';
import { cutOf } from '../../src/sync/transfer/content-ref.ts';
import { openStaging, type Staging } from '../../src/sync/transfer/staging/staging.ts';
import { openStagingEngine } from '../../src/sync/transfer/staging/worker-engine.ts';
import { type BenchLinks, createBenchLinks } from './files-link.ts';
import { createRawEnd, type RawChannel, type WayName } from './files-rivals.ts';

declare function relay(to: string, kind: 'link' | 'raw', text: string): Promise<void>;

const MiB = 1024 * 1024;
/** Numbers no link message has: the bench's own question and answer. */
const chatAsk = 200;
const chatAnswer = 201;
const fileKey = new Uint8Array(32).fill(7);

let self = '';
let links: BenchLinks;
let plane: BulkPlane;
let staging: Promise<Staging> | undefined;
const given = new Map<string, Holding>();
const raws = new Map<string, { hear(text: string): void; readonly channel: Promise<RawChannel> }>();
const chats = new Map<number, () => void>();
let servedChunks = 0;
let isRefusing = false;

/** Seeded by its place, so that no two chunks are the same. */
function fill(bytes: Uint8Array, seed: number): void {
	const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
	for (let i = 0; i < words.length; i++) words[i] = Math.imul(i + 1, 2654435761) ^ Math.imul(seed + 1, 40503);
}

/** A file on this disk: in the browser's private file system, since a page cannot write elsewhere without a person's click. */
async function makeFile(name: string, size: number): Promise<File> {
	const root = await navigator.storage.getDirectory();
	const handle = await root.getFileHandle(name, { create: true });
	if ((await handle.getFile()).size === size) return handle.getFile();
	const writable = await handle.createWritable();
	const piece = new Uint8Array(MiB);
	for (let at = 0; at < size; at += MiB) {
		fill(piece, at / MiB);
		await writable.write(piece.subarray(0, Math.min(MiB, size - at)));
	}
	await writable.close();
	return handle.getFile();
}

interface GiveOptions {
	/** Sealed chunk by chunk on the way out, as an attachment is. */
	readonly sealed?: boolean;
	/** The owner has hashed it before, so that others may pass it on. */
	readonly listed?: boolean;
	/** This chunk is given with one byte changed. */
	readonly flipped?: number;
}

async function give(name: string, size: number, { sealed = false, listed = false, flipped }: GiveOptions = {}): Promise<ContentRef> {
	const file = await makeFile(name, size);
	const key = await importFileKey(fileKey);
	const plain = { size, chunkBytes: plainChunkBytes };
	const readPlain = async (index: number): Promise<Uint8Array<ArrayBuffer>> => new Uint8Array(await file.slice(index * MiB, index * MiB + chunkLength(plain, index)).arrayBuffer());
	const read = async (index: number): Promise<Uint8Array<ArrayBuffer>> => (sealed ? sealAttachmentChunk(key, size, index, await readPlain(index)) : readPlain(index));
	const travels = sealed ? { size: size + 16 * chunkCount(plain), chunkBytes: sealedChunkBytes } : plain;
	const list = listed || sealed ? await listContent(travels, read) : undefined;
	const ref: ContentRef =
		sealed && list
			? { kind: 'attachment', message: '11'.repeat(32), root: hex(list.root), size: travels.size, chunkBytes: travels.chunkBytes }
			: { kind: 'folder-file', folder: '00'.repeat(16), path: name, size, modifiedMs: 1 };
	given.set(contentKey(ref), {
		have: () => createChunkSet(chunkCount(travels), 'all'),
		async readChunk(index) {
			servedChunks += 1;
			const bytes = await read(index);
			const leaf = await leafOf(bytes);
			if (index === flipped) bytes[1000] = (bytes[1000] ?? 0) ^ 1;
			return { bytes, leaf };
		},
		leavesOfGroup: (group) => Promise.resolve(list && leavesOfGroup(list.leaves, group)),
		groups: () => Promise.resolve(list?.groups),
		manifest: () => Promise.resolve(list?.root),
	});
	return ref;
}

/** Small files as slices of one, read each by itself. */
async function giveSmall(count: number, size: number): Promise<void> {
	const all = await makeFile('small', count * size);
	for (let index = 0; index < count; index++) {
		const file = all.slice(index * size, (index + 1) * size);
		given.set(contentKey(smallRef(index, size)), {
			have: () => createChunkSet(1, 'all'),
			async readChunk() {
				const bytes = new Uint8Array(await file.arrayBuffer());
				return { bytes, leaf: await leafOf(bytes) };
			},
			leavesOfGroup: () => Promise.resolve(undefined),
			groups: () => Promise.resolve(undefined),
			manifest: () => Promise.resolve(undefined),
		});
	}
}

const smallRef = (index: number, size: number): ContentRef => ({ kind: 'folder-file', folder: '01'.repeat(16), path: `folder ${index % 100}/file ${index}`, size, modifiedMs: 1 });

/** What is staged is put on record here: a reload finds it again. */
const store = {
	get: (bucket: string, key: string) => Promise.resolve(fromHex(localStorage.getItem(`${bucket} ${key}`) ?? 'none')),
	putAll(records: readonly { readonly bucket: string; readonly key: string; readonly value: Uint8Array }[]) {
		for (const { bucket, key, value } of records) localStorage.setItem(`${bucket} ${key}`, hex(value));
		return Promise.resolve();
	},
	delete(bucket: string, key: string) {
		localStorage.removeItem(`${bucket} ${key}`);
		return Promise.resolve();
	},
	all(bucket: string) {
		const keys = Object.keys(localStorage).filter((key) => key.startsWith(`${bucket} `));
		return Promise.resolve(new Map(keys.map((key) => [key.slice(bucket.length + 1), fromHex(localStorage.getItem(key) ?? '') ?? new Uint8Array()])));
	},
};

/** Once: two of them would take each other's files for remains. */
function openDisk(): Promise<Staging> {
	staging ??= openStagingEngine('bench-staging', systemRandom).then((opened) => openStaging({ opened, store, random: systemRandom, clock: systemClock, room }));
	return staging;
}

async function room(): Promise<number> {
	const { quota = 0, usage = 0 } = await navigator.storage.estimate();
	return quota - usage;
}

interface Fetched {
	readonly ms: number;
	/** Of those, until the first byte was written. */
	readonly firstMs: number;
	readonly outcome: string;
	readonly lasting: boolean;
	/** Longest time in which nothing was written. */
	readonly pauseMs: number;
}

async function fetchOne(ref: ContentRef, owner: string, candidates: readonly string[], { stopAt = 1, from = performance.now() } = {}): Promise<Fetched> {
	const disk = await openDisk();
	const sink = await disk.sink(ref);
	if (!sink.ok) return { ms: NaN, firstMs: NaN, outcome: sink.code, lasting: disk.lasting, pauseMs: NaN };
	let firstMs = NaN;
	let lastMs = from;
	let pauseMs = 0;
	const root = { isOwner: (device: string) => device === owner, root: undefined, rootOf: (manifest: Uint8Array) => hex(manifest) };
	const target = sink.value;
	const watched: typeof target = {
		...target,
		get have() {
			return target.have;
		},
		async write(index, bytes, leaf) {
			const written = await target.write(index, bytes, leaf);
			const nowMs = performance.now();
			if (Number.isNaN(firstMs)) firstMs = nowMs - from;
			else pauseMs = Math.max(pauseMs, nowMs - lastMs);
			lastMs = nowMs;
			if (target.have.held >= target.have.count * stopAt && stopAt < 1) fetch.cancel();
			return written;
		},
	};
	const fetch = plane.fetch({ ref, sink: watched, trust: root, candidates: () => candidates });
	const outcome = await fetch.outcome;
	return { ms: performance.now() - from, firstMs, outcome, lasting: disk.lasting, pauseMs };
}

/** Into a folder, by the way a folder the person picked is written: one writable, a chunk at a time. */
async function exportTo(ref: ContentRef): Promise<number> {
	const since = performance.now();
	const holding = await (await openDisk()).holding(ref);
	const root = await navigator.storage.getDirectory();
	const writable = await (await root.getFileHandle('exported', { create: true })).createWritable();
	const count = chunkCount(cutOf(ref));
	let next = holding?.readChunk(0);
	for (let index = 0; index < count; index++) {
		const chunk = await next;
		next = index + 1 < count ? holding?.readChunk(index + 1) : undefined;
		if (typeof chunk === 'object') await writable.write(chunk.bytes);
	}
	await writable.close();
	return performance.now() - since;
}

/** Reading, hashing and sealing alone, four at once: what a giver does to each chunk. */
async function workAlone(name: string, size: number): Promise<number> {
	const file = await makeFile(name, size);
	const key = await importFileKey(fileKey);
	const since = performance.now();
	let next = 0;
	const work = async (): Promise<void> => {
		for (let index = next++; index * MiB < size; index = next++) {
			const bytes = new Uint8Array(await file.slice(index * MiB, (index + 1) * MiB).arrayBuffer());
			await leafOf(await sealAttachmentChunk(key, size, index, bytes));
		}
	};
	await Promise.all([work(), work(), work(), work()]);
	return performance.now() - since;
}

async function fetchSmall(count: number, size: number, owner: string): Promise<{ readonly ms: number; readonly done: number }> {
	const disk = await openDisk();
	const since = performance.now();
	let done = 0;
	const fetch = plane.fetchSmall({
		refs: Array.from({ length: count }, (_, index) => smallRef(index, size)),
		sink: disk.smallSink,
		trust: () => ({ isOwner: (device) => device === owner, root: undefined, rootOf: () => undefined }),
		candidates: () => [owner],
		decided: (_ref, outcome) => (done += outcome === 'done' ? 1 : 0),
	});
	await fetch.outcome;
	return { ms: performance.now() - since, done };
}

/** A question over the link and its answer, every 50 ms: the times of all of them. */
async function chat(other: string, ms: number): Promise<number[]> {
	const trips: number[] = [];
	for (const until = performance.now() + ms; performance.now() < until; ) {
		const since = performance.now();
		const number = Math.floor(Math.random() * 2 ** 31);
		const message = new Uint8Array(300);
		message[0] = chatAsk;
		new DataView(message.buffer).setUint32(1, number);
		const answered = new Promise<void>((resolve) => chats.set(number, resolve));
		if (!links.mesh.send(other, message, true)) break;
		await answered;
		trips.push(performance.now() - since);
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
	return trips;
}

const bench = {
	start(id: string): void {
		self = id;
		links = createBenchLinks(self, (to, signal) => void relay(to, 'link', JSON.stringify(signal)));
		plane = createBulkPlane({
			clock: systemClock,
			random: systemRandom,
			mesh: links.mesh,
			holdings: { open: (ref) => Promise.resolve(isRefusing ? 'refused' : (given.get(contentKey(ref)) ?? 'not-here')) },
			appHost: location.hostname,
			seenAddress: () => undefined,
			connect: (initiator, events) => createBulkConnection({ clock: systemClock, RTCPeerConnection, iceServers: [] }, initiator, events),
		});
		links.mesh.onMessage([chatAsk], ({ device }, payload) => {
			const answer = new Uint8Array(payload.length + 1);
			answer[0] = chatAnswer;
			answer.set(payload, 1);
			links.mesh.send(device, answer, true);
		});
		links.mesh.onMessage([chatAnswer], (_from, payload) => {
			const number = new DataView(payload.buffer, payload.byteOffset).getUint32(0);
			chats.get(number)?.();
			chats.delete(number);
		});
	},
	dial: (other: string) => links.dial(other),
	hear(from: string, kind: 'link' | 'raw', text: string): void {
		if (kind === 'link') links.hear(from, JSON.parse(text) as Parameters<BenchLinks['hear']>[1]);
		else raws.get(from)?.hear(text);
	},
	/** Both ends first, then the initiator's. */
	openRaw(other: string, initiator: boolean): void {
		raws.set(other, createRawEnd(initiator, (text) => void relay(other, 'raw', text)));
	},
	async sendRaw(other: string, way: WayName, size: number): Promise<number> {
		const channel = await raws.get(other)?.channel;
		const since = performance.now();
		await channel?.send(way, size);
		return performance.now() - since;
	},
	async closeRaw(other: string): Promise<void> {
		(await raws.get(other)?.channel)?.close();
		raws.delete(other);
	},
	give,
	giveSmall,
	fetchOne,
	exportTo,
	workAlone,
	fetchSmall,
	chat,
	limit: (bytesPerSecond: number) => plane.setUploadLimit(bytesPerSecond),
	served(): number {
		const count = servedChunks;
		servedChunks = 0;
		return count;
	},
	held: async (ref: ContentRef) => (await openDisk()).held(ref),
	forget: async (ref: ContentRef) => (await openDisk()).forget(ref),
	forgetFolders: async () => (await openDisk()).forgetFolders(),
	/** As the app does when it is put away; a reload in the middle of a fetch has no time for it. */
	settle: async () => (await openDisk()).settle(),
	refuse: (is: boolean) => (isRefusing = is),
};

export type FilesBench = typeof bench;
Object.assign(window, { filesBench: bench });
