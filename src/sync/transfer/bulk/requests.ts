/**
 * What this device has asked for over one bulk connection, and what comes of it. An answer to nothing that was asked ends the connection,
 * but for what was cancelled while its answer was under way.
 */
import { chunkLength } from '../chunk-list.ts';
import type { ContentRef } from '../content.ts';
import { cutOf } from '../content-ref.ts';
import { type Assembly, createAssembly } from './assembly.ts';
import { type ControlMessage, type DataFrame, type ListPart, type RefuseReason } from './bulk-frame.ts';
import type { Lane } from './lane.ts';

/** Cancelled requests that are still remembered: what is in the channel of them comes for a while. */
const maxCancelled = 256;

export type LostReason = RefuseReason | 'lost';

export interface ChunkEvents {
	/** Bytes of it arrived, for a measure of speed. */
	progress(bytes: number): void;
	chunk(index: number, bytes: ArrayBuffer, leaf: Uint8Array): void;
	/** The chunk will not come: once, and not after `chunk`. */
	lost(index: number, why: LostReason): void;
}

export interface FileEvents {
	/** Copies of the bytes, whole files; leaf as told. */
	files(files: readonly { readonly item: number; readonly leaf: Uint8Array; readonly bytes: Uint8Array<ArrayBuffer> }[]): void;
	/** Of one item, or of all that did not come. */
	lost(items: readonly number[], why: LostReason): void;
}

export interface Requests {
	getChunk(ref: ContentRef, index: number, events: ChunkEvents): { cancel(): void };
	getFiles(refs: readonly ContentRef[], events: FileEvents): { cancel(): void };
	/** `undefined` where the other end does not have it. */
	getList(ref: ContentRef, part: ListPart): Promise<{ readonly manifest: Uint8Array | undefined; readonly bytes: Uint8Array } | undefined>;
	/** False for what breaks the rules: the lane is to be closed. */
	control(message: ControlMessage): boolean;
	data(frame: DataFrame): boolean;
	/** The lane is no more: everything is lost. */
	closed(): void;
	/** Requests without their whole answer. */
	readonly size: number;
}

type Pending =
	| { readonly kind: 'chunk'; readonly index: number; readonly events: ChunkEvents; readonly assembly: Assembly; leaf: Uint8Array | undefined; whole: boolean }
	| { readonly kind: 'files'; readonly left: Set<number>; readonly refs: readonly ContentRef[]; readonly events: FileEvents }
	| { readonly kind: 'list'; readonly done: (answer: { readonly manifest: Uint8Array | undefined; readonly bytes: Uint8Array } | undefined) => void };

export function createRequests(lane: Lane): Requests {
	const pending = new Map<number, Pending>();
	const cancelled = new Set<number>();
	let last = 0;

	function ask(message: (request: number) => ControlMessage, one: Pending): { cancel(): void } {
		last = (last + 1) % 2 ** 32;
		const request = last;
		pending.set(request, one);
		lane.await(true);
		lane.control(message(request));
		return {
			cancel() {
				if (!settle(request)) return;
				cancelled.add(request);
				if (cancelled.size > maxCancelled) for (const oldest of cancelled) if (cancelled.delete(oldest)) break;
				lane.control({ type: 'cancel', request });
			},
		};
	}

	function settle(request: number): boolean {
		const had = pending.delete(request);
		if (pending.size === 0) lane.await(false);
		return had;
	}

	function arrived(request: number, one: Pending & { kind: 'chunk' }): void {
		if (!one.whole || !one.leaf) return;
		settle(request);
		one.events.chunk(one.index, one.assembly.buffer(), one.leaf);
	}

	function lose(request: number, one: Pending, why: LostReason): void {
		settle(request);
		if (one.kind === 'chunk') one.events.lost(one.index, why);
		else if (one.kind === 'files') one.events.lost([...one.left], why);
		else one.done(undefined);
	}

	return {
		getChunk(ref, index, events) {
			const assembly = createAssembly(chunkLength(cutOf(ref), index));
			return ask((request) => ({ type: 'get', request, ref, chunks: [index] }), { kind: 'chunk', index, events, assembly, leaf: undefined, whole: false });
		},
		getFiles(refs, events) {
			return ask((request) => ({ type: 'getFiles', request, refs }), { kind: 'files', left: new Set(refs.keys()), refs, events });
		},
		getList: (ref, part) => new Promise((done) => ask((request) => ({ type: 'getList', request, ref, part }), { kind: 'list', done })),
		control(message) {
			if (message.type !== 'leaf' && message.type !== 'list' && message.type !== 'refuse') return false;
			const { request } = message;
			const one = pending.get(request);
			if (!one) return cancelled.has(request);
			if (message.type === 'leaf') {
				if (one.kind !== 'chunk' || one.index !== message.chunk || one.leaf) return false;
				one.leaf = message.leaf;
				arrived(request, one);
				return true;
			}
			if (message.type === 'list') {
				if (one.kind !== 'list') return false;
				settle(request);
				one.done({ manifest: message.manifest, bytes: message.bytes });
				return true;
			}
			const { item, reason } = message;
			if (item === undefined || one.kind !== 'files') {
				lose(request, one, reason);
				return true;
			}
			if (!one.left.delete(item)) return false;
			if (one.left.size === 0) settle(request);
			one.events.lost([item], reason);
			return true;
		},
		data(frame) {
			const { request } = frame;
			const one = pending.get(request);
			if (!one) return cancelled.has(request);
			if (frame.type === 'data') {
				if (one.kind !== 'chunk' || one.index !== frame.chunk || one.whole) return false;
				const taken = one.assembly.take(frame.offset, frame.payload);
				if (!taken) return false;
				one.whole = taken === 'whole';
				one.events.progress(frame.payload.length);
				arrived(request, one);
				return true;
			}
			if (one.kind !== 'files') return false;
			for (const { item, bytes } of frame.files) if (one.refs[item]?.size !== bytes.length || !one.left.delete(item)) return false;
			if (one.left.size === 0) settle(request);
			one.events.files(frame.files.map(({ item, leaf, bytes }) => ({ item, leaf: leaf.slice(), bytes: new Uint8Array(bytes) })));
			return true;
		},
		closed() {
			for (const [request, one] of [...pending]) lose(request, one, 'lost');
		},
		get size() {
			return pending.size;
		},
	};
}
