/**
 * A live document on the disk: updates as they come, gathered into sealed rows, and now and then the whole state in their place. Applying an
 * update twice changes nothing, so nothing has to be deleted and no order of writing matters: after a state the rows are written over from
 * the first on, and whatever a power cut left of the older ones is merely read once more. Two places take turns for the state, so one
 * damaged row costs at most what it held; the rest survives, and a colleague who has it brings the missing part again.
 *
 * Earlier states are kept beside, the last 24 of them: what somebody deletes, or a hostile member spoils, can be brought back (A43).
 */
import { createWriter, decode } from '../../../crypto/codec.ts';
import type { Clock } from '../../ports.ts';
import type { Companion, OfficeStore } from '../../store.ts';

const bucket = 'drafts';
const gatherMs = 400;
export const maxRows = 48;
/** A row more than this, and the next write is a state. */
const maxRowsBytes = 256 * 1024;
export const maxVersions = 24;
const maxBytes = 4 * 1024 * 1024;

export interface Version {
	/** Its place among the kept ones. */
	readonly slot: number;
	/** When it was put aside, by this device's clock, ms. */
	readonly atMs: number;
}

export interface Loaded {
	readonly updates: readonly Uint8Array[];
	/** Rows that did not open. */
	readonly damaged: boolean;
}

export interface DocumentRows {
	load(): Promise<Loaded>;
	/** To be written soon. */
	add(update: Uint8Array): void;
	/** Resolves once everything rests on the disk. Rejects with a `StoreFailure`. */
	flush(): Promise<void>;
	/** Puts a state aside. */
	keepVersion(state: Uint8Array): Promise<void>;
	/** Newest first. */
	versions(): Promise<readonly Version[]>;
	version(slot: number): Promise<Uint8Array | undefined>;
}

export interface DocumentRowsDeps {
	readonly store: OfficeStore;
	/** Document id, hex. */
	readonly id: string;
	readonly clock: Clock;
	readonly merge: (updates: readonly Uint8Array[]) => Uint8Array;
	/** The whole state as of now. */
	readonly state: () => Uint8Array;
	/** The disk refused; it is tried again with the next change. */
	readonly failed: (error: unknown) => void;
}

export function createDocumentRows({ store, id, clock, merge, state, failed }: DocumentRowsDeps): DocumentRows {
	const key = (name: string): string => `document/${id}/${name}`;
	let gathered: Uint8Array[] = [];
	let rows = 0;
	let rowBytes = 0;
	let turn = 0;
	let queue: Promise<void> = Promise.resolve();
	let cancel: (() => void) | undefined;

	async function write(): Promise<void> {
		if (gathered.length === 0) return;
		const taken = gathered;
		gathered = [];
		try {
			if (rows >= maxRows || rowBytes >= maxRowsBytes) await writeState();
			else {
				const update = merge(taken);
				await store.put(bucket, key(`row ${rows}`), update);
				rows += 1;
				rowBytes += update.length;
			}
		} catch (error) {
			gathered = [...taken, ...gathered];
			throw error;
		}
	}

	/** The head tells whose turn it is, in the same transaction. */
	async function writeState(): Promise<void> {
		const next = 1 - turn;
		const records: Companion[] = [
			{ bucket, key: key(`state ${next}`), value: state() },
			{ bucket, key: key('turn'), value: Uint8Array.of(next) },
		];
		await store.putAll(records);
		turn = next;
		rows = 0;
		rowBytes = 0;
	}

	function flush(): Promise<void> {
		cancel?.();
		cancel = undefined;
		const done = queue.then(write);
		queue = done.catch(() => undefined);
		return done;
	}

	const head = async (): Promise<number> => {
		const bytes = await store.get(bucket, key('versions'));
		return (bytes && decode(bytes, (r) => r.u32())) ?? 0;
	};

	return {
		async load() {
			const before = store.damaged();
			turn = (await store.get(bucket, key('turn')))?.[0] === 1 ? 1 : 0;
			const names = ['state 0', 'state 1', ...Array.from({ length: maxRows }, (_, index) => `row ${index}`)];
			const found = await Promise.all(names.map((name) => store.get(bucket, key(name))));
			const updates = found.filter((row) => row !== undefined);
			// Which rows are older than the state is not told: they are written over only once a state holds them all.
			rows = updates.length > 0 ? maxRows : 0;
			return { updates, damaged: store.damaged() > before };
		},
		add(update) {
			gathered.push(update);
			cancel ??= clock.after(gatherMs, () => void flush().catch(failed));
		},
		flush,
		async keepVersion(version) {
			const count = await head();
			const slot = count % maxVersions;
			const value = createWriter().u64(clock.now()).lp(version).bytes();
			await store.putAll([
				{ bucket, key: key(`version ${slot}`), value },
				{ bucket, key: key('versions'), value: createWriter().u32(count + 1).bytes() },
			]);
		},
		async versions() {
			const count = await head();
			const slots = Array.from({ length: Math.min(count, maxVersions) }, (_, index) => (count - 1 - index) % maxVersions);
			const all = await Promise.all(slots.map(async (slot) => ({ slot, bytes: await store.get(bucket, key(`version ${slot}`)) })));
			return all.flatMap(({ slot, bytes }) => {
				const atMs = bytes && decode(bytes, (r) => [r.u64(), r.raw(r.remaining())] as const)?.[0];
				return atMs === undefined ? [] : [{ slot, atMs }];
			});
		},
		async version(slot) {
			const bytes = await store.get(bucket, key(`version ${slot}`));
			return bytes && decode(bytes, (r) => [r.u64(), r.lp(maxBytes)] as const)?.[1];
		},
	};
}
