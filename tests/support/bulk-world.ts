/**
 * Devices with a bulk plane each, over links and connections in memory under virtual time. A connection has a rate and a delay, can be cut, and
 * what passes can be changed on its way: a colleague with another client.
 */
import { createHash } from 'node:crypto';
import { hex } from '../../src/crypto/bytes.ts';
import { createBulkPlane } from '../../src/sync/transfer/bulk/bulk-plane.ts';
import type { BulkConnectionEvents, BulkWire, ConnectBulk } from '../../src/sync/transfer/bulk/bulk-connection.ts';
import type { BulkPlane } from '../../src/sync/transfer/bulk/bulk-port.ts';
import type { Description } from '../../src/sync/link/description.ts';
import type { LinkInfo, MeshPort } from '../../src/sync/link/mesh-port.ts';
import { createCell } from '../../src/sync/source.ts';
import { chunkCount, leavesOfGroup, listOfLeaves } from '../../src/sync/transfer/chunk-list.ts';
import { createChunkSet, type MutableChunkSet } from '../../src/sync/transfer/chunk-set.ts';
import { type ChunkSink, contentKey, type ContentRef, type ContentTrust, type Holding, type Written } from '../../src/sync/transfer/content.ts';
import { cutOf } from '../../src/sync/transfer/content-ref.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { seededRandom } from './seeded-random.ts';

export const MiB = 1024 * 1024;
const stepMs = 20;

export interface BulkDevice {
	readonly id: string;
	readonly plane: BulkPlane;
	/** What it gives, by content; `undefined` where it has nothing. */
	readonly holdings: Map<string, Holding>;
	/** Devices it refuses. */
	readonly refused: Set<string>;
	/** Times it was asked whether a device may have something. */
	opens: number;
	/** Bytes per second its connections send, each. */
	rate: number;
	/** Changes a frame of channel 1 on its way out; `undefined` drops it. */
	tamper: (frame: Uint8Array<ArrayBuffer>) => readonly Uint8Array<ArrayBuffer>[];
	/** Bytes that went out on channel 1. */
	sent: number;
	/** Connections this device began or answered. */
	connections: number;
}

export interface BulkWorld {
	readonly clock: FakeClock;
	add(): BulkDevice;
	/** Links all there are with each other. */
	link(): void;
	unlink(a: BulkDevice, b: BulkDevice): void;
	/** Nothing passes between the two on bulk connections any more, and nobody is told. */
	cut(a: BulkDevice, b: BulkDevice): void;
	mend(a: BulkDevice, b: BulkDevice): void;
	/** A frame out of nowhere on an open connection; false where there is none. */
	inject(from: BulkDevice, to: BulkDevice, channel: 0 | 1, frame: Uint8Array<ArrayBuffer>): boolean;
	/** The device is gone: its links and connections close at the others. */
	kill(device: BulkDevice): void;
	until(holds: () => boolean, limitMs: number): Promise<number>;
	run(ms: number): Promise<void>;
}

interface FakeEnd {
	readonly device: BulkDevice;
	readonly events: BulkConnectionEvents;
	readonly ufrag: string;
	remote: Description | undefined;
	other: FakeEnd | undefined;
	closed: boolean;
	/** When the wire is free again, per channel. */
	readonly freeMs: [number, number];
	readonly buffered: [number, number];
	lowWater: number;
}

export function createBulkWorld(seed = 1): BulkWorld {
	const random = seededRandom(seed);
	const clock = createFakeClock(undefined, 2);
	const devices = new Map<string, BulkDevice>();
	const meshes = new Map<string, { readonly links: ReturnType<typeof createCell<readonly LinkInfo[]>>; readonly handlers: Map<number, ((from: LinkInfo, payload: Uint8Array) => void)[]>; readonly closing: ((link: LinkInfo, why: string) => void)[] }>();
	const ends = new Set<FakeEnd>();
	const cuts = new Set<string>();
	const pair = (a: BulkDevice, b: BulkDevice): string => [a.id, b.id].sort().join(' ');
	const info = (device: string): LinkInfo => ({ device, boot: '00', limited: false, sinceMs: 0, session: '', invite: undefined, build: 'test' });
	let serial = 0;

	function meshOf(id: string): MeshPort {
		const own = { links: createCell<readonly LinkInfo[]>([]), handlers: new Map<number, ((from: LinkInfo, payload: Uint8Array) => void)[]>(), closing: [] as ((link: LinkInfo, why: string) => void)[] };
		meshes.set(id, own);
		return {
			links: own.links,
			send(device, message) {
				if (!own.links.get().some((link) => link.device === device)) return false;
				const copy = message.slice();
				clock.after(1, () => {
					for (const handler of meshes.get(device)?.handlers.get(copy[0] ?? 0) ?? []) handler(info(id), copy.subarray(1));
				});
				return true;
			},
			broadcast: () => undefined,
			onMessage(types, handler) {
				for (const type of types) own.handlers.set(type, [...(own.handlers.get(type) ?? []), handler]);
				return () => undefined;
			},
			onOpened: () => () => undefined,
			onClosed(fn) {
				own.closing.push(fn);
				return () => undefined;
			},
			neighbours: () => new Set(),
			self: { device: id, boot: '00' },
		};
	}

	function connectOf(device: BulkDevice): ConnectBulk {
		return (initiator, events) => {
			serial += 1;
			device.connections += 1;
			const end: FakeEnd = { device, events, ufrag: `frag${serial}`, remote: undefined, other: undefined, closed: false, freeMs: [0, 0], buffered: [0, 0], lowWater: 0 };
			ends.add(end);
			const describe = (setup: 'actpass' | 'active'): void => {
				clock.after(0, () => {
					if (!end.closed) events.described({ ufrag: end.ufrag, pwd: 'p'.repeat(22), fingerprint: new Uint8Array(32).fill(serial), setup, maxMessageSize: 262_144, candidates: [] });
				});
			};
			if (initiator) describe('actpass');
			return {
				accept(kind, description) {
					end.remote = description;
					if (kind === 'offer') describe('active');
					clock.after(5, () => meet(end));
				},
				addCandidates: () => undefined,
				close: () => close(end),
			};
		};
	}

	function meet(end: FakeEnd): void {
		const other = [...ends].find((one) => one.ufrag === end.remote?.ufrag && one.remote?.ufrag === end.ufrag);
		if (!other || end.closed || other.closed || end.other) return;
		end.other = other;
		other.other = end;
		for (const side of [end, other]) clock.after(0, () => side.events.connected({ control: wire(side, 0), data: wire(side, 1) }, 262_144));
	}

	function wire(end: FakeEnd, channel: 0 | 1): BulkWire {
		return {
			get bufferedAmount() {
				return end.buffered[channel];
			},
			setLowWater(bytes) {
				end.lowWater = bytes;
			},
			send(frame) {
				if (end.closed) return false;
				const copies = channel === 1 ? end.device.tamper(frame.slice()) : [frame.slice()];
				for (const copy of copies) {
					end.buffered[channel] += copy.length;
					if (channel === 1) end.device.sent += copy.length;
					end.freeMs[channel] = Math.max(end.freeMs[channel], clock.now()) + (copy.length * 1000) / end.device.rate;
					clock.after(end.freeMs[channel] - clock.now() + 1, () => arrive(end, channel, copy));
				}
				return true;
			},
		};
	}

	function arrive(end: FakeEnd, channel: 0 | 1, frame: Uint8Array<ArrayBuffer>): void {
		const before = end.buffered[channel];
		end.buffered[channel] -= frame.length;
		const { other } = end;
		if (end.closed || !other || cuts.has(pair(end.device, other.device))) return;
		if (!other.closed && channel === 0) other.events.control(frame.buffer);
		else if (!other.closed) other.events.data(frame.buffer);
		if (channel === 1 && before > end.lowWater && end.buffered[1] <= end.lowWater) end.events.drained();
	}

	function close(end: FakeEnd): void {
		if (end.closed) return;
		end.closed = true;
		ends.delete(end);
		end.events.closed('closed-here');
		const { other } = end;
		if (other && !cuts.has(pair(end.device, other.device))) clock.after(1, () => close(other));
	}

	function unlink(a: BulkDevice, b: BulkDevice): void {
		for (const [one, other] of [
			[a, b],
			[b, a],
		] as const) {
			const mesh = meshes.get(one.id);
			mesh?.links.set(mesh.links.get().filter(({ device }) => device !== other.id));
			for (const fn of mesh?.closing ?? []) fn(info(other.id), 'closed');
		}
	}

	const world: BulkWorld = {
		clock,
		add() {
			const id = hex(random(32));
			const holdings = new Map<string, Holding>();
			const refused = new Set<string>();
			const device = { id, holdings, refused, opens: 0, rate: 50 * MiB, tamper: (frame: Uint8Array<ArrayBuffer>) => [frame], sent: 0, connections: 0 } as unknown as BulkDevice & { plane: BulkPlane };
			device.plane = createBulkPlane({
				clock,
				random,
				mesh: meshOf(id),
				holdings: {
					open(ref, asker) {
						device.opens += 1;
						return Promise.resolve(refused.has(asker) ? 'refused' : (holdings.get(contentKey(ref)) ?? 'not-here'));
					},
				},
				appHost: '10.0.0.1',
				seenAddress: () => undefined,
				connect: (initiator, events) => connectOf(device)(initiator, events),
			});
			devices.set(id, device);
			return device;
		},
		link() {
			for (const id of devices.keys()) meshes.get(id)?.links.set([...devices.keys()].filter((other) => other !== id).map(info));
		},
		unlink,
		cut(a, b) {
			cuts.add(pair(a, b));
		},
		mend(a, b) {
			cuts.delete(pair(a, b));
		},
		inject(from, to, channel, frame) {
			const end = [...ends].find((one) => one.device === from && one.other?.device === to && !one.closed);
			if (!end?.other) return false;
			if (channel === 0) end.other.events.control(frame.slice().buffer);
			else end.other.events.data(frame.slice().buffer);
			return true;
		},
		kill(device) {
			for (const end of [...ends]) if (end.device === device) close(end);
			for (const other of devices.values()) if (other !== device) unlink(device, other);
		},
		async run(ms) {
			// Long spells need no fine steps.
			const step = ms > 5_000 ? 500 : stepMs;
			for (let at = 0; at < ms; at += step) {
				await clock.advance(Math.min(step, ms - at));
				await breathe();
			}
		},
		async until(holds, limitMs) {
			for (let at = 0; at <= limitMs; at += stepMs) {
				if (holds()) return at;
				await world.run(stepMs);
			}
			throw new Error(`it did not come to hold within ${limitMs} ms`);
		},
	};
	return world;
}

/** WebCrypto answers from a thread of its own, in real time. */
async function breathe(): Promise<void> {
	for (let i = 0; i < 3; i++) await new Promise((resolve) => setTimeout(resolve, 0));
}

/** Bytes that differ from chunk to chunk. */
export function contentBytes(size: number, seed = 1): Uint8Array<ArrayBuffer> {
	const bytes = new Uint8Array(size);
	const words = new Uint32Array(bytes.buffer, 0, size >> 2);
	for (let i = 0; i < words.length; i++) words[i] = Math.imul(i + 1, 2654435761) ^ (i >>> 16) ^ seed;
	return bytes;
}

export const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest());

export interface MadeContent {
	readonly ref: ContentRef;
	readonly bytes: Uint8Array<ArrayBuffer>;
	readonly root: string;
	/** As its owner has it. */
	readonly holding: Holding;
	/** What somebody has of it. */
	part(have: MutableChunkSet): Holding;
}

/** A file of a shared folder. */
export async function makeContent(size: number, { path = 'a.bin', seed = 1, listed = true } = {}): Promise<MadeContent> {
	const bytes = contentBytes(size, seed);
	const ref: ContentRef = { kind: 'folder-file', folder: '00'.repeat(16), path, size, modifiedMs: 1 };
	const cut = cutOf(ref);
	const count = chunkCount(cut);
	const leaves = new Uint8Array(count * 32);
	for (let index = 0; index < count; index++) leaves.set(sha256(bytes.subarray(index * cut.chunkBytes, (index + 1) * cut.chunkBytes)), index * 32);
	const list = await listOfLeaves(cut, leaves);
	const holdingOf = (have: MutableChunkSet): Holding => ({
		have: () => have,
		readChunk: (index) => Promise.resolve({ bytes: bytes.slice(index * cut.chunkBytes, (index + 1) * cut.chunkBytes), leaf: leaves.slice(index * 32, index * 32 + 32) }),
		leavesOfGroup: (group) => Promise.resolve(listed ? leavesOfGroup(list.leaves, group) : undefined),
		groups: () => Promise.resolve(listed ? list.groups : undefined),
		manifest: () => Promise.resolve(listed ? list.root : undefined),
	});
	return { ref, bytes, root: hex(list.root), holding: holdingOf(createChunkSet(count, 'all')), part: holdingOf };
}

/** The manifest of these contents is the bare root: whose word it is stands in other tests. */
export const trustIn = (content: MadeContent, owner: BulkDevice | undefined): ContentTrust => ({
	isOwner: (device) => device === owner?.id,
	root: undefined,
	rootOf: (manifest) => (hex(manifest) === content.root ? content.root : undefined),
});

export interface MemorySink extends ChunkSink {
	readonly bytes: Uint8Array<ArrayBuffer>;
	readonly have: MutableChunkSet;
	wrong: number;
	/** Bytes handed over and not yet answered, at the most. */
	mostWaiting: number;
	answer: Written | undefined;
}

/** Takes ms for each chunk. */
export function createMemorySink(ref: ContentRef, clock: FakeClock, slowMs = 0): MemorySink {
	const cut = cutOf(ref);
	const bytes = new Uint8Array(ref.size);
	const have = createChunkSet(chunkCount(cut));
	let waiting = 0;
	const sink: MemorySink = {
		bytes,
		have,
		wrong: 0,
		mostWaiting: 0,
		answer: undefined,
		async write(index, buffer, leaf) {
			waiting += buffer.byteLength;
			sink.mostWaiting = Math.max(sink.mostWaiting, waiting);
			if (slowMs > 0) await new Promise<void>((resolve) => clock.after(slowMs, resolve));
			waiting -= buffer.byteLength;
			if (sink.answer) return sink.answer;
			const chunk = new Uint8Array(buffer);
			if (hex(sha256(chunk)) !== hex(leaf)) {
				sink.wrong += 1;
				return 'wrong';
			}
			bytes.set(chunk, index * cut.chunkBytes);
			have.add(index);
			return 'written';
		},
	};
	return sink;
}
