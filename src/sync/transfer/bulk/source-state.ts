/** One device a content is fetched from: what it has, how fast it is, what is asked of it. */
import type { Clock } from '../../ports.ts';
import { type ChunkSet } from '../chunk-set.ts';
import { createSpeed } from './speed.ts';

const minWindowBytes = 2 * 1024 * 1024;
const maxWindowBytes = 8 * 1024 * 1024;
/** What a giver takes to read and hash comes on top of the path's own time. */
const readingMs = 50;
/** Until its speed is known. */
const firstExpectedMs = 3_000;
const stealFactor = 3;
const wrongAllowed = 1;

export interface AskedChunk {
	readonly sinceMs: number;
	readonly expectedMs: number;
	readonly bytes: number;
	cancel(): void;
}

export interface SourceState {
	readonly device: string;
	readonly isOwner: boolean;
	have: ChunkSet | undefined;
	/** Not asked before then. */
	outUntilMs: number;
	/** For good, as far as this fetch goes. */
	dropped: boolean;
	isAsking: boolean;
	readonly asked: Map<number, AskedChunk>;
	/** Whether so many bytes more may be asked of it. */
	hasRoom(bytes: number, roundTripMs: number): boolean;
	begin(index: number, bytes: number, cancel: () => void): void;
	/** False where it was not asked any more. */
	end(index: number): boolean;
	arrived(bytes: number): void;
	/** Whether the chunk takes three times as long as it should. */
	isLate(index: number): boolean;
	/** Bytes that were not the leaf's: twice, and nothing more is taken from it. */
	wrong(): void;
	readonly isMoving: boolean;
}

export function createSourceState(clock: Clock, device: string, isOwner: boolean, have: ChunkSet | undefined): SourceState {
	const speed = createSpeed(clock);
	let bytesAsked = 0;
	let wrongs = 0;
	let lastMs = Number.NEGATIVE_INFINITY;

	const state: SourceState = {
		device,
		isOwner,
		have,
		outUntilMs: 0,
		dropped: false,
		isAsking: false,
		asked: new Map(),
		hasRoom(bytes, roundTripMs) {
			const windowBytes = Math.min(maxWindowBytes, Math.max(minWindowBytes, (2 * speed.bytesPerSecond() * (roundTripMs + readingMs)) / 1000));
			return bytesAsked === 0 || bytesAsked + bytes <= windowBytes + bytes;
		},
		begin(index, bytes, cancel) {
			bytesAsked += bytes;
			const perSecond = speed.bytesPerSecond();
			const expectedMs = perSecond > 0 ? Math.max(250, (bytesAsked * 1000) / perSecond) : firstExpectedMs;
			state.asked.set(index, { sinceMs: clock.now(), expectedMs, bytes, cancel });
		},
		end(index) {
			const one = state.asked.get(index);
			if (!one) return false;
			bytesAsked -= one.bytes;
			return state.asked.delete(index);
		},
		arrived(bytes) {
			speed.add(bytes);
			lastMs = clock.now();
		},
		isLate(index) {
			const one = state.asked.get(index);
			return one !== undefined && clock.now() - one.sinceMs > stealFactor * one.expectedMs;
		},
		wrong() {
			wrongs += 1;
			if (wrongs > wrongAllowed) state.dropped = true;
		},
		get isMoving() {
			return state.asked.size > 0 || clock.now() - lastMs < 1_000;
		},
	};
	return state;
}
