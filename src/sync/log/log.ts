/**
 * The log of one office on this device: every chain held, in memory and on disk, and the two ways in: `append` for own entries, `accept`
 * for what peers give (PROTOCOL.md, section 3). Everything that changes it runs in one queue, disk before memory before listeners, so an
 * entry is seen by nobody before it rests.
 */
import { hex } from '../../crypto/bytes.ts';
import type { DeviceKeys } from '../../crypto/identity.ts';
import { fail, type Result, succeed } from '../failures.ts';
import type { Clock } from '../ports.ts';
import { createCell, type Source } from '../source.ts';
import { type ChainHead, type Companion, type OfficeStore, StoreFailure } from '../store.ts';
import { chainKey, createChains, type Head } from './chains.ts';
import { createEntry, draftPrefix, type Entry, type HeaderFields, type Id, kinds, type Lane, lanes, type Position, type Verify } from './entry.ts';
import { type Fork, forkOf } from './fork.ts';
import { isLinked, verifyRange } from './range.ts';
import { restoreChain } from './restore.ts';
import { createResting } from './resting.ts';
import { encodeSegment, toSegments } from './segment.ts';
import type { VectorRow } from './vector.ts';

export type { Head } from './chains.ts';

export interface EntryDraft {
	readonly kind: number;
	readonly lane: Lane;
	/** Made once the position is known, because sealing needs seq and prefix. */
	readonly body: (at: Position) => Uint8Array;
	/** Records written in the same transaction: a key the entry announces, its text in `kept`. */
	readonly alongside?: (entry: Entry) => readonly Companion[];
}

export type Acceptance = 'stored' | 'known' | 'gap' | 'bad' | 'fork' | 'refused' | 'disk';

export interface AcceptOptions {
	/** How many entries the office has by its peers' word; only while catching up. */
	readonly claimed?: number;
	/** Whether a run beyond the held head may be taken if it begins at a BASE: no peer has what lies between. */
	readonly jump?: boolean;
}

export interface LogStats {
	readonly signatureChecks: number;
	readonly bad: number;
	readonly refused: number;
	readonly damagedSegments: number;
	readonly merges: number;
}

export interface Log {
	readonly officeId: Id;
	readonly device: Id;
	head(author: Id, lane: Lane): Head | undefined;
	get(id: Id): Entry | undefined;
	at(author: Id, lane: Lane, seq: number): Entry | undefined;
	/** Held entries from seq to the head. */
	range(author: Id, lane: Lane, from: number): readonly Entry[];
	/** Seq of the newest BASE held of a chain, else of its first entry held. */
	newestBase(author: Id, lane: Lane): number | undefined;
	/** Chain by chain, each in order. */
	entries(lane: Lane): Iterable<Entry>;
	authors(): Iterable<Id>;
	/** An own entry. Waits until the own head is settled; resolves once it rests on disk. */
	append(draft: EntryDraft): Promise<Result<Entry>>;
	/** Several own entries of one lane, all or none. */
	appendAll(drafts: readonly EntryDraft[]): Promise<Result<readonly Entry[]>>;
	/** A run of one chain, the last entry signed. Also adopts the own chain's continuation, and the founder's GENESIS. */
	accept(entries: readonly Entry[], options?: AcceptOptions): Promise<Acceptance>;
	vector(): readonly VectorRow[];
	digest(): Uint8Array;
	/** Called after entries are stored, in chain order. `own` = appended here. */
	subscribe(fn: (entries: readonly Entry[], own: boolean) => void): () => void;
	/** Who may be stored; the members view hands it in. Without one: everybody. */
	setGate(accepts: (author: Id, lane: Lane) => boolean): void;
	accepts(author: Id, lane: Lane): boolean;
	readonly writable: Source<'waiting' | 'ready' | 'forked'>;
	/** Peers' vectors were read, or none is in reach: own entries may be written now. */
	settleOwnHead(): void;
	/** One for each chain that showed two histories. */
	forks(): readonly Fork[];
	readonly stats: LogStats;
	/** Refuses further appends and waits for the disk. */
	close(): Promise<void>;
}

/**
 * Reads the log from disk.
 *
 * @param deps.fresh the device's keys were just drawn: nobody can hold entries of it, so it may write at once
 * @param deps.verify what checks signatures, unless it is `verify` of src/crypto
 */
export async function openLog(deps: {
	officeId: Id;
	keys: DeviceKeys;
	store: OfficeStore;
	clock: Clock;
	fresh?: boolean;
	verify?: Verify;
}): Promise<Log> {
	const { officeId, keys, store, clock } = deps;
	const device = hex(keys.signPublic);
	const chains = createChains();
	const resting = createResting({ store, range: chains.range, serially });
	/** Own heads as the disk has them; what is held may be less after damage. */
	const ownHeads = new Map<Lane, ChainHead>();
	const forks = new Map<string, Fork>();
	const listeners = new Set<(entries: readonly Entry[], own: boolean) => void>();
	const writable = createCell<'waiting' | 'ready' | 'forked'>(deps.fresh === true ? 'ready' : 'waiting');
	const stats = { signatureChecks: 0, bad: 0, refused: 0, damagedSegments: 0 };
	let gate: (author: Id, lane: Lane) => boolean = () => true;
	let closed = false;
	let tail: Promise<unknown> = Promise.resolve();

	for (const segments of await store.loadSegments()) {
		const restored = restoreChain(segments);
		if (restored.damaged) stats.damagedSegments++;
		for (const [index, run] of restored.runs.entries()) chains.add(run, index > 0);
		const header = restored.runs[0]?.[0]?.header;
		if (header !== undefined) resting.restore(header.author, header.lane, restored.places);
	}
	for (const lane of Object.values(lanes)) {
		const head = await store.chainHead({ author: device, lane });
		if (head !== undefined) ownHeads.set(lane, head);
	}

	/** One after the other; a failed job does not stop the next. */
	function serially<T>(job: () => Promise<T>): Promise<T> {
		const result = tail.then(job);
		tail = result.catch(() => undefined);
		return result;
	}

	const tell = (entries: readonly Entry[], own: boolean): void => {
		for (const listener of [...listeners]) {
			try {
				listener(entries, own);
			} catch (error) {
				// The entry rests whatever a view makes of it: the defect is shown, and the command that wrote it succeeds.
				queueMicrotask(() => {
					throw error;
				});
			}
		}
	};

	/** Whether every own chain is held as far as it was ever written. */
	const ownChainsAreWhole = (): boolean =>
		[...ownHeads].every(([lane, { seq, id }]) => chains.at(device, lane, seq)?.id === id);

	function settle(): void {
		const isForked = [...forks.values()].some((fork) => fork.author === device);
		writable.set(isForked || !ownChainsAreWhole() ? 'forked' : 'ready');
	}

	function settled(): Promise<void> {
		if (writable.get() !== 'waiting' || closed) return Promise.resolve();
		return new Promise((resolve) => {
			const stop = writable.subscribe(() => {
				stop();
				resolve();
			});
		});
	}

	function noteFork(ours: Entry | undefined, theirs: Entry): void {
		const key = chainKey(theirs.header.author, theirs.header.lane);
		if (!forks.has(key)) forks.set(key, forkOf(ours, theirs));
		if (theirs.header.author === device) settle();
	}

	async function writeOwn(drafts: readonly EntryDraft[]): Promise<Result<readonly Entry[]>> {
		const lane = drafts[0]?.lane ?? lanes.office;
		if (closed) return fail('closed');
		if (writable.get() === 'forked') return fail('forked');
		const entries: Entry[] = [];
		for (const draft of drafts) {
			if (draft.lane !== lane) throw new Error('entries written together stand in one lane');
			const before = entries.at(-1);
			const place = before === undefined ? chains.next(device, lane) : { seq: before.header.seq + 1, prev: before.id, lamport: before.header.lamport + 1, refs: [] };
			const fields: HeaderFields = { kind: draft.kind, lane, officeId, author: device, wallMs: Math.max(0, Math.floor(clock.now())), ...place };
			const body = draft.body({ ...place, wallMs: fields.wallMs, prefix: draftPrefix(fields), author: device });
			entries.push(createEntry(fields, body, keys.signSecret));
		}
		const first = entries[0];
		const last = entries.at(-1);
		if (first === undefined || last === undefined) return succeed([]);
		const bytes = encodeSegment(entries);
		const head = { seq: last.header.seq, id: last.id };
		const companions = drafts.flatMap((draft, index) => draft.alongside?.(entries[index] ?? last) ?? []);
		const chain = { author: device, lane };
		try {
			const segment = { from: first.header.seq, bytes };
			const written = await store.compareAndAppend(chain, { expected: ownHeads.get(lane), segment, head, companions }).catch(async (error: unknown) => {
				// The connection may be lost after the disk had it: what the disk says now decides.
				const onDisk = await store.chainHead(chain).catch(() => undefined);
				if (onDisk?.id === head.id) return true;
				throw error;
			});
			if (!written && (await store.chainHead(chain))?.id !== head.id) {
				// Somebody else writes with this key, or an earlier append rests there that we believed lost: nothing of ours may follow.
				writable.set('forked');
				return fail('forked');
			}
		} catch (error) {
			if (error instanceof StoreFailure) return fail(error.code);
			throw error;
		}
		ownHeads.set(lane, head);
		chains.add(entries);
		resting.note(device, lane, [{ from: first.header.seq, count: entries.length, bytes: bytes.length }]);
		tell(entries, true);
		return succeed(entries);
	}

	async function appendAll(drafts: readonly EntryDraft[]): Promise<Result<readonly Entry[]>> {
		await settled();
		return serially(() => writeOwn(drafts));
	}

	const isOfThisOffice = ({ id, header }: Entry): boolean => (header.kind === kinds.genesis ? id === officeId : header.officeId === officeId);

	async function take(entries: readonly Entry[], { claimed = 0, jump = false }: AcceptOptions): Promise<Acceptance> {
		const first = entries[0];
		const last = entries.at(-1);
		if (first === undefined || last === undefined || !isLinked(entries) || !entries.every(isOfThisOffice)) return 'bad';
		const { author, lane } = first.header;
		// GENESIS names its author itself: its id is the office's.
		if (first.id !== officeId && !gate(author, lane)) return 'refused';
		const fit = chains.fit(entries);
		if (fit.kind === 'known' || fit.kind === 'gap' || (fit.kind === 'jumps' && !jump)) return fit.kind === 'known' ? 'known' : 'gap';
		if (fit.kind !== 'fork' && !chains.lamportsFit(fit.fresh, claimed)) return 'bad';
		stats.signatureChecks++;
		if (!verifyRange(entries, deps.verify)) return 'bad';
		if (fit.kind === 'fork') {
			noteFork(fit.ours, fit.theirs);
			return 'fork';
		}
		// Only the last signature was checked; a stored one is verified or absent.
		const fresh = fit.fresh.map((entry) => (entry === last || entry.signature === undefined ? entry : { ...entry, signature: undefined }));
		const segments = toSegments(fresh);
		const own = author === device;
		const head = { seq: last.header.seq, id: last.id };
		const movesOwnHead = own && head.seq > (ownHeads.get(lane)?.seq ?? -1);
		try {
			await store.writeSegments({ author, lane }, { put: segments.map(({ segment }) => segment), ...(movesOwnHead ? { head } : {}) });
		} catch (error) {
			if (error instanceof StoreFailure) return 'disk';
			throw error;
		}
		if (movesOwnHead) ownHeads.set(lane, head);
		chains.add(fresh, fit.kind === 'jumps');
		resting.note(author, lane, segments.map(({ place }) => place));
		if (own && writable.get() === 'forked') settle();
		tell(fresh, false);
		return 'stored';
	}

	return {
		officeId,
		device,
		head: chains.head,
		get: chains.get,
		at: chains.at,
		range: chains.range,
		newestBase: chains.newestBase,
		entries: chains.entries,
		authors: chains.authors,
		vector: chains.vector,
		digest: chains.digest,
		appendAll,
		async append(draft) {
			const written = await appendAll([draft]);
			if (!written.ok) return written;
			const entry = written.value[0];
			if (entry === undefined) throw new Error('one draft makes one entry');
			return succeed(entry);
		},
		accept: (entries, options = {}) =>
			serially(async () => {
				if (closed) return 'disk';
				const result = await take(entries, options);
				if (result === 'bad') stats.bad++;
				if (result === 'refused') stats.refused++;
				return result;
			}),
		subscribe(fn) {
			listeners.add(fn);
			return () => listeners.delete(fn);
		},
		setGate(accepts) {
			gate = accepts;
		},
		accepts: (author, lane) => gate(author, lane),
		writable,
		settleOwnHead() {
			if (writable.get() === 'waiting') settle();
		},
		forks: () => [...forks.values()],
		get stats() {
			return { ...stats, merges: resting.merges() };
		},
		async close() {
			closed = true;
			// Appends that still wait are let through to be refused.
			if (writable.get() === 'waiting') settle();
			await tail;
		},
	};
}
