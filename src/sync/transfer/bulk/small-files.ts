/**
 * Fetching many small files: up to 256 of them or 1 MiB in one request, one leaf for each (FILES.md, 4.1). From the owner's device where it is
 * in reach; from others those whose root the owner signed, in a page.
 */
import { createCell } from '../../source.ts';
import { contentKey, type ContentRef, type SmallFile, type Written } from '../content.ts';
import { maxBundleBytes, maxFilesAsked } from './bulk-frame.ts';
import type { Fetch, FetchOutcome, FetchProgress, SmallFilesJob } from './bulk-port.ts';
import type { LostReason, Requests } from './requests.ts';
import { createSpeed } from './speed.ts';
import type { FetchingDeps } from './fetching.ts';
import { isUnderRoot } from './sure-leaves.ts';

const tickMs = 500;
const requestsAtOnce = 6;
/** Names in one request: they count as well as bytes. */
const maxNameBytes = 96 * 1024;
const askAgainMs = 3_000;

interface File {
	readonly ref: ContentRef;
	/** Devices that do not have it, or gave something else. */
	readonly notFrom: Set<string>;
}

/** Not yet written. */
interface Arrived {
	readonly device: string;
	readonly file: File;
	readonly leaf: Uint8Array;
	readonly content: Uint8Array<ArrayBuffer>;
	readonly settle: () => void;
}

export function createSmallFiles(deps: FetchingDeps, job: SmallFilesJob): Fetch & { look(): void } {
	const { clock } = deps;
	const left: File[] = job.refs.map((ref) => ({ ref, notFrom: new Set() }));
	let undecided = left.length;
	const share = deps.budget.open();
	const speed = createSpeed(clock);
	const running = new Map<string, Set<{ cancel(): void }>>();
	/** Of a device that is no owner: contents it has, by its own word. */
	const held = new Map<string, Set<string>>();
	const askedMs = new Map<string, number>();
	const progress = createCell<FetchProgress>({ state: 'looking', bytes: 0, bytesPerSecond: 0, sources: [] });
	const arrived: Arrived[] = [];
	let isWriting = false;
	let bytes = 0;
	let over = false;
	let cancelTick = (): void => undefined;
	let resolve = (_outcome: FetchOutcome): void => undefined;
	const outcome = new Promise<FetchOutcome>((done) => {
		resolve = done;
	});

	function finish(how: FetchOutcome): void {
		if (over) return;
		over = true;
		cancelTick();
		for (const requests of running.values()) for (const request of requests) request.cancel();
		share.close();
		deps.over();
		resolve(how);
	}

	function decide(ref: ContentRef, how: Exclude<FetchOutcome, 'cancelled'>): void {
		if (over) return;
		undecided -= 1;
		job.decided(ref, how);
		if (undecided === 0) finish('done');
	}

	function tick(): void {
		if (over) return;
		cancelTick = clock.after(tickMs, tick);
		look();
		const sources = [...running].filter(([, requests]) => requests.size > 0).map(([device]) => device);
		progress.set({ state: sources.length > 0 ? 'fetching' : 'looking', bytes, bytesPerSecond: Math.round(speed.bytesPerSecond()), sources });
	}

	function look(): void {
		if (over) return;
		for (const device of job.candidates()) {
			if (left.length === 0) return;
			if (!deps.isTrusted(device)) continue;
			const [one] = deps.lanes(device);
			if (one) while (askOne(device, one.requests));
			else if (left.some((file) => mayCome(file, device))) deps.want(device, 1);
			void askHeld(device);
		}
	}

	/** From who is not the owner only what it says to have, and what can be checked. */
	function mayCome({ ref, notFrom }: File, device: string): boolean {
		if (notFrom.has(device)) return false;
		const trust = job.trust(ref);
		return trust.isOwner(device) || ((ref.kind === 'attachment' || trust.root !== undefined) && held.get(device)?.has(contentKey(ref)) === true);
	}

	async function askHeld(device: string): Promise<void> {
		if (clock.now() - (askedMs.get(device) ?? Number.NEGATIVE_INFINITY) < askAgainMs) return;
		askedMs.set(device, clock.now());
		if (!left.some(({ ref, notFrom }) => !notFrom.has(device) && !job.trust(ref).isOwner(device))) return;
		const known = held.get(device) ?? new Set();
		held.set(device, known);
		const files = left.filter(({ ref, notFrom }) => !notFrom.has(device) && !known.has(contentKey(ref)) && !job.trust(ref).isOwner(device)).slice(0, maxFilesAsked);
		const answers = await deps.have.ask(device, files.map(({ ref }) => ref));
		for (const [index, had] of answers.entries()) {
			const file = files[index];
			if (file && typeof had !== 'string' && had.whole) known.add(contentKey(file.ref));
			else if (file) file.notFrom.add(device);
		}
		look();
	}

	function askOne(device: string, requests: Requests): boolean {
		const own = running.get(device) ?? new Set();
		running.set(device, own);
		if (over || own.size >= requestsAtOnce) return false;
		const files = take(device);
		if (files.length === 0) return false;
		const size = files.reduce((sum, { ref }) => sum + ref.size, 0);
		if (!share.take(size)) {
			left.unshift(...files);
			return false;
		}
		let waiting = files.length;
		const settle = (count: number): void => {
			waiting -= count;
			if (waiting === 0 && own.delete(request)) share.give(size);
		};
		const request: { cancel(): void } = requests.getFiles(files.map(({ ref }) => ref), {
			files(got) {
				for (const one of got) speed.add(one.bytes.length);
				for (const { item, leaf, bytes: content } of got) if (files[item]) arrived.push({ device, file: files[item], leaf, content, settle: () => settle(1) });
				void writeArrived();
			},
			lost(items, why) {
				for (const item of items) if (files[item]) lost(device, files[item], why);
				settle(items.length);
				look();
			},
		});
		own.add(request);
		return true;
	}

	function take(device: string): File[] {
		const files: File[] = [];
		let size = 0;
		let names = 0;
		for (let at = 0; at < left.length && files.length < maxFilesAsked; ) {
			const file = left[at];
			if (!file || !mayCome(file, device)) {
				at += 1;
				continue;
			}
			size += file.ref.size;
			names += file.ref.kind === 'folder-file' ? file.ref.path.length * 3 : 0;
			if (files.length > 0 && (size > maxBundleBytes || names > maxNameBytes)) break;
			files.push(file);
			left.splice(at, 1);
		}
		return files;
	}

	function lost(device: string, file: File, why: LostReason): void {
		if (over) return;
		if (job.trust(file.ref).isOwner(device) && (why === 'refused' || why === 'changed' || why === 'gone')) {
			decide(file.ref, why);
			return;
		}
		if (why !== 'lost' && why !== 'busy') file.notFrom.add(device);
		left.push(file);
	}

	/** One writing at a time, of all that came while the last went on: the fewer, the faster. */
	async function writeArrived(): Promise<void> {
		if (isWriting) return;
		isWriting = true;
		while (arrived.length > 0 && !over) {
			const got = arrived.splice(0);
			await keep(got);
			for (const { settle } of got) settle();
			look();
		}
		isWriting = false;
	}

	async function keep(got: readonly Arrived[]): Promise<void> {
		const sure: { readonly device: string; readonly file: File; readonly small: SmallFile }[] = [];
		for (const { device, file, leaf, content } of got) {
			const { ref } = file;
			const trust = job.trust(ref);
			const root = ref.kind === 'attachment' ? ref.root : trust.root;
			if (root === undefined ? trust.isOwner(device) : await isUnderRoot(ref, root, leaf)) sure.push({ device, file, small: { ref, bytes: content, leaf } });
			else wrong(device, file);
		}
		const results: readonly Written[] = sure.length === 0 ? [] : await job.sink.write(sure.map(({ small }) => small));
		if (over) return;
		for (const [index, { device, file }] of sure.entries()) {
			const result = results[index] ?? 'failed';
			if (result === 'written') {
				bytes += file.ref.size;
				decide(file.ref, 'done');
			} else if (result === 'wrong') wrong(device, file);
			else decide(file.ref, result === 'disk-full' ? 'disk-full' : 'write-failed');
		}
	}

	/** It is false, or the file is another than its owner signed: nothing more of it from there. */
	function wrong(device: string, file: File): void {
		file.notFrom.add(device);
		left.push(file);
		deps.misdeed(device);
	}

	if (undecided === 0) finish('done');
	else tick();
	return { progress, outcome, look, cancel: () => finish('cancelled') };
}
