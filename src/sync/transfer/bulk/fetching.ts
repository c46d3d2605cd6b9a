/**
 * Fetching one content from whoever has it (PROTOCOL.md, section 11; FILES.md, 4.1): what is asked of whom, what is done with what comes, and
 * what when a source is slow, false or gone. Nothing is kept but under its sure leaf, and no more is asked for than may lie in memory.
 */
import type { Clock } from '../../ports.ts';
import { createCell } from '../../source.ts';
import { chunkCount, chunkLength } from '../chunk-list.ts';
import { createChunkSet } from '../chunk-set.ts';
import { cutOf } from '../content-ref.ts';
import type { Written } from '../content.ts';
import type { Budget } from './budget.ts';
import type { Fetch, FetchJob, FetchOutcome, FetchProgress } from './bulk-port.ts';
import { createChunkPlan } from './chunk-plan.ts';
import type { Had, Have } from './have.ts';
import type { Lane } from './lane.ts';
import type { LostReason, Requests } from './requests.ts';
import { createSourceState, type SourceState } from './source-state.ts';
import { createSpeed } from './speed.ts';
import { createSureLeaves, type ListSource } from './sure-leaves.ts';

const tickMs = 500;
/** How often sources that have not all of it are asked what they have by now. */
const askAgainMs = 3_000;
/** Devices fetched from at once. */
const maxSources = 8;
/** The last chunks are asked of two, where the second has nothing else to do. */
const lastChunks = 8;
const farMs = 10;
const farLanes = 4;
/** How long after the last chunk the owner may take to sign what it was. */
const manifestWithinMs = 1_000;
const outMs: Record<LostReason, number> = { lost: 0, busy: 1_000, 'not-here': 3_000, refused: 30_000, changed: 30_000, gone: 30_000 };

export interface FetchingDeps {
	readonly clock: Clock;
	readonly budget: Budget;
	readonly have: Have;
	/** Open connections to a device, each with what is asked over it. */
	readonly lanes: (device: string) => readonly { readonly lane: Lane; readonly requests: Requests }[];
	readonly want: (device: string, count: number) => void;
	/** Its misdeeds count beyond this fetch. */
	readonly misdeed: (device: string) => void;
	readonly isTrusted: (device: string) => boolean;
	readonly over: () => void;
}

export interface Fetching extends Fetch {
	/** A connection opened or closed, or there is room again. */
	look(): void;
}

export function createFetching(deps: FetchingDeps, job: FetchJob): Fetching {
	const { clock, have } = deps;
	const { ref, sink, trust } = job;
	const cut = cutOf(ref);
	const count = chunkCount(cut);
	const plan = createChunkPlan(sink.have);
	const sources = new Map<string, SourceState>();
	const share = deps.budget.open();
	const speed = createSpeed(clock);
	const leaves = createSureLeaves({ now: () => clock.now(), ref, trust, sink, learnt: look, lied: (device) => wrong(sources.get(device)) });
	let writtenBytes = 0;
	for (let index = 0; index < count; index++) if (sink.have.has(index)) writtenBytes += chunkLength(cut, index);
	const progress = createCell<FetchProgress>({ state: 'looking', bytes: writtenBytes, bytesPerSecond: 0, sources: [] });
	let over = false;
	let askedMs = Number.NEGATIVE_INFINITY;
	let cancelTick = (): void => undefined;
	let resolve = (_outcome: FetchOutcome): void => undefined;
	const outcome = new Promise<FetchOutcome>((done) => {
		resolve = done;
	});

	function finish(how: FetchOutcome): void {
		if (over) return;
		over = true;
		cancelTick();
		for (const source of sources.values()) for (const one of source.asked.values()) one.cancel();
		share.close();
		deps.over();
		resolve(how);
	}

	function tell(): void {
		const moving = [...sources.values()].filter((source) => source.isMoving).map(({ device }) => device);
		progress.set({ state: moving.length > 0 ? 'fetching' : 'looking', bytes: writtenBytes, bytesPerSecond: Math.round(speed.bytesPerSecond()), sources: moving });
	}

	function tick(): void {
		if (over) return;
		cancelTick = clock.after(tickMs, tick);
		findSources();
		look();
		tell();
	}

	function findSources(): void {
		const isDue = clock.now() - askedMs >= askAgainMs;
		if (isDue) askedMs = clock.now();
		for (const device of job.candidates()) {
			const isOwner = trust.isOwner(device);
			// The owner's device has all of it, or says otherwise when it is asked for.
			const source = sources.get(device) ?? createSourceState(clock, device, isOwner, isOwner ? createChunkSet(count, 'all') : undefined);
			const isNew = !sources.has(device);
			sources.set(device, source);
			if ((isDue || isNew) && !source.isOwner && source.have?.whole !== true && !source.isAsking && !source.dropped) void askSource(source);
		}
	}

	async function askSource(source: SourceState): Promise<void> {
		source.isAsking = true;
		const [had] = await have.ask(source.device, [ref]);
		source.isAsking = false;
		if (over) return;
		takeHad(source, had);
		look();
	}

	function takeHad(source: SourceState, had: Had | undefined): void {
		if (had !== undefined && typeof had !== 'string') source.have = had;
	}

	const isUsable = (source: SourceState): boolean =>
		!source.dropped && source.outUntilMs <= clock.now() && source.have !== undefined && source.have.held > 0 && deps.isTrusted(source.device);

	function look(): void {
		if (over) return;
		const usable = [...sources.values()].filter(isUsable).slice(0, maxSources);
		for (const { device } of usable) if (deps.lanes(device).length === 0) deps.want(device, 1);
		const ready = usable.filter(({ device }) => deps.lanes(device).length > 0);
		// One chunk each in turn, so that the first does not take all there is to ask.
		for (let asking = ready; asking.length > 0; ) asking = asking.filter((source) => askOne(source, ready));
	}

	function askOne(source: SourceState, ready: readonly SourceState[]): boolean {
		const lanes = deps.lanes(source.device);
		const [least] = [...lanes].sort((a, b) => a.requests.size - b.requests.size);
		if (over || !least || !source.have) return false;
		const roundTripMs = least.lane.roundTripMs;
		if (roundTripMs > farMs && source.asked.size > 0) deps.want(source.device, farLanes);
		if (!source.hasRoom(chunkLength(cut, 0), roundTripMs)) return false;
		const index = choose(source, ready);
		if (index === undefined || !share.take(chunkLength(cut, index))) return false;
		plan.ask(index);
		request(source, least.requests, index);
		return true;
	}

	function choose(source: SourceState, ready: readonly SourceState[]): number | undefined {
		const { have: its } = source;
		if (!its) return undefined;
		let unsure: number | undefined;
		const isSure = (index: number): boolean => {
			if (source.isOwner || leaves.leaf(index)) return true;
			unsure ??= index;
			return false;
		};
		const others = ready.filter((other) => other !== source).flatMap((other) => other.have ?? []);
		const fresh = plan.pick(its, others, isSure);
		if (unsure !== undefined && fresh === undefined) leaves.want(unsure, listSources());
		if (fresh !== undefined) return fresh;
		return another(source, its);
	}

	/** Nothing is free: what another source is late with, or one of the last, asked of two. */
	function another(source: SourceState, its: NonNullable<SourceState['have']>): number | undefined {
		for (const other of sources.values()) {
			if (other === source) continue;
			for (const index of other.asked.keys()) {
				if (source.asked.has(index) || !its.has(index) || !plan.isAsked(index) || (!source.isOwner && !leaves.leaf(index))) continue;
				if (other.isLate(index)) {
					letGo(other, index);
					return index;
				}
				if (plan.missing <= lastChunks && source.asked.size === 0 && [...sources.values()].filter(({ asked }) => asked.has(index)).length < 2) return index;
			}
		}
		return undefined;
	}

	function listSources(): ListSource[] {
		return [...sources.values()].filter(isUsable).flatMap(({ device }) => {
			const [one] = deps.lanes(device);
			return one ? [{ device, getList: (part: number | 'groups') => one.requests.getList(ref, part) }] : [];
		});
	}

	function request(source: SourceState, requests: Requests, index: number): void {
		const asked = requests.getChunk(ref, index, {
			progress(bytes) {
				source.arrived(bytes);
				speed.add(bytes);
			},
			chunk(_index, bytes, leaf) {
				if (!source.end(index)) return;
				void keep(source, index, bytes, leaf);
			},
			lost(_index, why) {
				if (!source.end(index)) return;
				share.give(chunkLength(cut, index));
				if (plan.isAsked(index) && !isAskedElsewhere(index)) plan.release(index);
				lost(source, why);
			},
		});
		source.begin(index, chunkLength(cut, index), () => asked.cancel());
	}

	const isAskedElsewhere = (index: number): boolean => [...sources.values()].some(({ asked }) => asked.has(index));

	/** Takes a request back; its place in the budget too. */
	function letGo(source: SourceState, index: number): void {
		const one = source.asked.get(index);
		if (!one || !source.end(index)) return;
		one.cancel();
		share.give(one.bytes);
	}

	function lost(source: SourceState, why: LostReason): void {
		if (over) return;
		if (source.isOwner && (why === 'refused' || why === 'changed' || why === 'gone')) {
			finish(why);
			return;
		}
		if (why !== 'lost') source.outUntilMs = clock.now() + outMs[why];
		if (why === 'not-here' && !source.isOwner) source.have = undefined;
		look();
	}

	async function keep(source: SourceState, index: number, bytes: ArrayBuffer, told: Uint8Array): Promise<void> {
		// A list under the root outweighs what came along; without one only the owner's device is asked at all.
		const leaf = leaves.leaf(index) ?? told;
		plan.write(index);
		for (const other of sources.values()) if (other.asked.has(index)) letGo(other, index);
		const result: Written = await sink.write(index, bytes, leaf);
		if (over) return;
		share.give(chunkLength(cut, index));
		if (result === 'written') {
			if (source.isOwner) leaves.told(index, leaf);
			plan.done(index);
			writtenBytes += chunkLength(cut, index);
			if (plan.missing === 0) await complete();
		} else if (result === 'wrong') {
			plan.release(index);
			wrong(source);
		} else {
			finish(result === 'disk-full' ? 'disk-full' : 'write-failed');
		}
		look();
	}

	function wrong(source: SourceState | undefined): void {
		if (!source) return;
		source.wrong();
		if (!source.dropped) return;
		deps.misdeed(source.device);
		for (const index of [...source.asked.keys()]) {
			letGo(source, index);
			if (plan.isAsked(index) && !isAskedElsewhere(index)) plan.release(index);
		}
	}

	async function complete(): Promise<void> {
		tell();
		const owners = listSources().filter(({ device }) => trust.isOwner(device));
		if (owners.length > 0 && trust.root === undefined) await Promise.race([leaves.wantManifest(owners), new Promise<void>((done) => clock.after(manifestWithinMs, done))]);
		finish('done');
	}

	if (plan.missing === 0) finish('done');
	else tick();
	return { progress, outcome, look, cancel: () => finish('cancelled') };
}
