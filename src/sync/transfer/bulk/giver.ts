/**
 * Giving: requests of many takers, answered in turns. Whether the asker may have it is asked at the time each request is served, so that who
 * is taken out gets nothing more in the middle of a file. Frame by frame to whom got least, as far as its channel has room and the cap allows: no
 * timers in the loop but the cap's.
 */
import type { Clock } from '../../ports.ts';
import { chunkLength } from '../chunk-list.ts';
import { type Chunk, contentKey, type ContentRef, type Holding, type Holdings, type Unreadable } from '../content.ts';
import { cutOf } from '../content-ref.ts';
import { bytesOfFile, type ControlMessage, encodeData, encodeFiles, type FileAnswered } from './bulk-frame.ts';
import { createChunkCache } from './chunk-cache.ts';
import type { Lane } from './lane.ts';
import type { UploadLedger } from './upload-ledger.ts';
import { createUploadRate } from './upload-rate.ts';

const cacheBytes = 32 * 1024 * 1024;
/** Read but not yet sent, for one connection: reading and hashing go on while it sends. */
const aheadBytes = 3 * 1024 * 1024;
/** For all together; each may have one chunk all the same, so that slow ones do not starve the others. */
const allAheadBytes = 32 * 1024 * 1024;
/** A taker asks for 32 MiB at most, files of one chunk at the least 64 KiB. */
const maxQueued = 512;
/** Small files opened at once for one request. */
const filesAtOnce = 16;

type Opened = Holding | Exclude<Awaited<ReturnType<Holdings['open']>>, Holding>;

interface Ask {
	readonly request: number;
	readonly ref: ContentRef;
	readonly chunks: number[];
	opened: Promise<Opened> | undefined;
}

/** What is read and waits to be sent. */
type Ready =
	| { readonly kind: 'chunk'; readonly request: number; readonly ref: ContentRef; readonly index: number; readonly chunk: Chunk; at: number }
	| { readonly kind: 'files'; readonly request: number; readonly refs: readonly ContentRef[]; readonly files: FileAnswered[]; loading: boolean };

interface Taker {
	readonly lane: Lane;
	readonly asks: Ask[];
	readonly ready: Ready[];
	readonly live: Set<number>;
	/** Bytes read or being read, not yet handed to the channel. */
	ahead: number;
}

export interface Giver {
	/** `get`, `getFiles`, `getList`, `cancel`; false for what breaks the rules. */
	control(lane: Lane, message: ControlMessage): boolean;
	drained(lane: Lane): void;
	closed(lane: Lane): void;
	setLimit(bytesPerSecond: number): void;
	stop(): void;
}

export interface GiverDeps {
	readonly clock: Clock;
	readonly holdings: Holdings;
	readonly ledger: UploadLedger;
}

export function createGiver({ clock, holdings, ledger }: GiverDeps): Giver {
	const takers = new Map<Lane, Taker>();
	const cache = createChunkCache(cacheBytes);
	const rate = createUploadRate(clock);
	/** Bytes each device was served: who got least is next. */
	const served = new Map<string, number>();
	/** What the last one had: who had nothing to send meanwhile does not make up for it. */
	let floor = 0;
	let allAhead = 0;
	let cancelWait: (() => void) | undefined;

	function takerOf(lane: Lane): Taker {
		const known = takers.get(lane);
		if (known) return known;
		const taker: Taker = { lane, asks: [], ready: [], live: new Set(), ahead: 0 };
		takers.set(lane, taker);
		return taker;
	}

	function push(taker: Taker, ready: Ready): void {
		const { device } = taker.lane;
		const isIdle = ![...takers.values()].some((other) => other.lane.device === device && other.ready.length > 0);
		if (isIdle) served.set(device, Math.max(served.get(device) ?? 0, floor));
		taker.ready.push(ready);
	}

	function hold(taker: Taker, bytes: number): void {
		taker.ahead += bytes;
		allAhead += bytes;
	}

	function load(taker: Taker): void {
		for (let ask = taker.asks[0]; ask; ask = taker.asks[0]) {
			if (taker.ahead > 0 && (taker.ahead >= aheadBytes || allAhead >= allAheadBytes)) return;
			const index = ask.chunks.shift();
			if (ask.chunks.length === 0) taker.asks.shift();
			if (index !== undefined) void loadChunk(taker, ask, index);
		}
	}

	async function loadChunk(taker: Taker, ask: Ask, index: number): Promise<void> {
		const { request, ref } = ask;
		const length = chunkLength(cutOf(ref), index);
		hold(taker, length);
		ask.opened ??= holdings.open(ref, taker.lane.device);
		const opened = await ask.opened;
		const chunk = typeof opened === 'string' ? opened : opened.have().has(index) ? await readThrough(opened, ref, index, length) : 'not-here';
		if (typeof chunk !== 'string' && taker.live.has(request)) {
			taker.lane.control({ type: 'leaf', request, chunk: index, leaf: chunk.leaf });
			push(taker, { kind: 'chunk', request, ref, index, chunk, at: 0 });
		} else {
			hold(taker, -length);
			if (typeof chunk === 'string' && taker.live.delete(request)) {
				forget(taker, request);
				taker.lane.control({ type: 'refuse', request, item: undefined, reason: chunk });
			}
		}
		load(taker);
		pump();
	}

	async function readThrough(holding: Holding, ref: ContentRef, index: number, length: number): Promise<Chunk | Unreadable> {
		const chunk = await cache.read(contentKey(ref), index, () => holding.readChunk(index));
		return typeof chunk === 'string' || chunk.bytes.length === length ? chunk : 'changed';
	}

	async function loadFiles(taker: Taker, request: number, refs: readonly ContentRef[]): Promise<void> {
		const ready: Ready = { kind: 'files', request, refs, files: [], loading: true };
		push(taker, ready);
		let next = 0;
		const work = async (): Promise<void> => {
			for (let item = next++; item < refs.length && taker.live.has(request); item = next++) {
				const ref = refs[item];
				if (!ref) return;
				const opened = await holdings.open(ref, taker.lane.device);
				const chunk = typeof opened === 'string' ? opened : opened.have().whole ? await opened.readChunk(0) : 'not-here';
				if (!taker.live.has(request)) return;
				if (typeof chunk === 'string' || chunk.bytes.length !== ref.size) taker.lane.control({ type: 'refuse', request, item, reason: typeof chunk === 'string' ? chunk : 'changed' });
				else ready.files.push({ item, leaf: chunk.leaf, bytes: chunk.bytes });
				pump();
			}
		};
		await Promise.all(Array.from({ length: filesAtOnce }, work));
		ready.loading = false;
		pump();
	}

	async function answerList(taker: Taker, { request, ref, part }: ControlMessage & { type: 'getList' }): Promise<void> {
		const opened = await holdings.open(ref, taker.lane.device);
		const bytes = typeof opened === 'string' ? undefined : part === 'groups' ? await opened.groups() : await opened.leavesOfGroup(part);
		const manifest = typeof opened === 'string' || part !== 'groups' ? undefined : await opened.manifest();
		if (!taker.live.delete(request)) return;
		if (bytes) taker.lane.control({ type: 'list', request, manifest, bytes });
		else taker.lane.control({ type: 'refuse', request, item: undefined, reason: typeof opened === 'string' ? opened : 'not-here' });
	}

	/** What is read or asked of one request is let go. */
	function forget(taker: Taker, request: number): void {
		for (const [index, ask] of [...taker.asks.entries()].reverse()) if (ask.request === request) taker.asks.splice(index, 1);
		for (const [index, ready] of [...taker.ready.entries()].reverse()) {
			if (ready.request !== request) continue;
			taker.ready.splice(index, 1);
			if (ready.kind === 'chunk') hold(taker, -ready.chunk.bytes.length);
		}
	}

	function pump(): void {
		if (cancelWait) return;
		for (;;) {
			const waitMs = rate.waitMs();
			if (waitMs > 0) {
				cancelWait = clock.after(waitMs, () => {
					cancelWait = undefined;
					pump();
				});
				return;
			}
			const turns = [...served].sort(([, a], [, b]) => a - b);
			if (!turns.some(([device]) => sendOne(device))) return;
		}
	}

	function sendOne(device: string): boolean {
		for (const taker of takers.values()) {
			if (taker.lane.device !== device) continue;
			const room = taker.lane.room();
			const at = room === 0 ? -1 : taker.ready.findIndex((ready) => isSendable(ready, room));
			const ready = taker.ready[at];
			const sent = ready && (ready.kind === 'chunk' ? sendChunk(taker, ready, room) : sendFiles(taker, ready, room));
			if (!ready || sent === undefined) continue;
			rate.take(sent.bytes);
			ledger.add(device, sent.ref, sent.bytes);
			floor = served.get(device) ?? 0;
			served.set(device, floor + sent.bytes);
			if (sent.over) {
				taker.ready.splice(at, 1);
				load(taker);
			}
			// The next turn of this device is another of its connections'.
			takers.delete(taker.lane);
			takers.set(taker.lane, taker);
			return true;
		}
		return false;
	}

	interface Sent {
		readonly bytes: number;
		readonly ref: ContentRef;
		readonly over: boolean;
	}

	function sendChunk(taker: Taker, ready: Ready & { kind: 'chunk' }, room: number): Sent | undefined {
		const { request, ref, index, chunk } = ready;
		const payload = chunk.bytes.subarray(ready.at, ready.at + room);
		if (!taker.lane.data(encodeData(request, index, ready.at, payload))) return undefined;
		ready.at += payload.length;
		const over = ready.at === chunk.bytes.length;
		if (over) {
			hold(taker, -chunk.bytes.length);
			const isLast = !taker.asks.some((ask) => ask.request === request) && !taker.ready.some((other) => other !== ready && other.request === request);
			if (isLast) taker.live.delete(request);
		}
		return { bytes: payload.length, ref, over };
	}

	function sendFiles(taker: Taker, ready: Ready & { kind: 'files' }, room: number): Sent | undefined {
		const { request, files, refs } = ready;
		const count = fitting(files, room);
		const going = files.slice(0, count);
		const [first] = going;
		const ref = refs[first?.item ?? 0];
		if (!ref) return { bytes: 0, ref: refs[0] as ContentRef, over: true };
		if (first && !taker.lane.data(encodeFiles(request, going))) return undefined;
		files.splice(0, count);
		const over = files.length === 0 && !ready.loading;
		if (over) taker.live.delete(request);
		return { bytes: going.reduce((sum, { bytes }) => sum + bytes.length, 0), ref, over };
	}

	return {
		control(lane, message) {
			const taker = takerOf(lane);
			if (message.type === 'cancel') {
				taker.live.delete(message.request);
				forget(taker, message.request);
				load(taker);
				pump();
				return true;
			}
			if (message.type !== 'get' && message.type !== 'getFiles' && message.type !== 'getList') return false;
			if (taker.live.has(message.request) || taker.live.size >= maxQueued) return false;
			taker.live.add(message.request);
			if (message.type === 'getList') void answerList(taker, message);
			else if (message.type === 'getFiles') void loadFiles(taker, message.request, message.refs);
			else {
				taker.asks.push({ request: message.request, ref: message.ref, chunks: [...message.chunks], opened: undefined });
				load(taker);
			}
			return true;
		},
		drained: pump,
		closed(lane) {
			const taker = takers.get(lane);
			if (!taker) return;
			takers.delete(lane);
			taker.live.clear();
			taker.asks.length = 0;
			for (const ready of taker.ready.splice(0)) if (ready.kind === 'chunk') hold(taker, -ready.chunk.bytes.length);
			if (![...takers.keys()].some(({ device }) => device === lane.device)) served.delete(lane.device);
		},
		setLimit(bytesPerSecond) {
			rate.set(bytesPerSecond);
			cancelWait?.();
			cancelWait = undefined;
			pump();
		},
		stop() {
			cancelWait?.();
			cancelWait = () => undefined;
			takers.clear();
		},
	};
}

/** A frame of small files waits until it is full or all are read: one file a message would cost more than it carries. */
function isSendable(ready: Ready, room: number): boolean {
	if (ready.kind === 'chunk') return true;
	return !ready.loading || fitting(ready.files, room) < ready.files.length;
}

/** How many files go into one frame: at least one, else as many as there is room for. */
function fitting(files: readonly FileAnswered[], room: number): number {
	let bytes = 0;
	let count = 0;
	for (const { bytes: { length } } of files) {
		bytes += bytesOfFile(length);
		if (count > 0 && bytes > room) break;
		count += 1;
	}
	return count;
}
