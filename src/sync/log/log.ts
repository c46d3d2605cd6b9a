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
import { type ChainHead, type Companion, type OfficeStore, type SegmentName, StoreFailure } from '../store.ts';
import { createTurns } from '../turns.ts';
import { createChains, type Head } from './chains.ts';
import { createEntry, draftPrefix, type Entry, type HeaderFields, type Id, kinds, type Lane, lanes, type Position, type Verify } from './entry.ts';
import { type Branch } from './branches.ts';
import { type Cuts, endOf, noCuts, rowsWithin, within } from './cuts.ts';
import { encodeForkProof, type Fork } from './fork.ts';
import { openOfficeLane } from './office-lane.ts';
import { isLinked, verifyRange } from './range.ts';
import { restoreChain } from './restore.ts';
import { createResting } from './resting.ts';
import { decodeSegment, encodeSegment, toSegments } from './segment.ts';
import { digestOf, type VectorRow } from './vector.ts';

export type { Head } from './chains.ts';

/** Records of the histories beside a chain, in a bucket with little else: it is read whole at each start, before the first screen. */
const branchBucket = 'snapshots';
const branchPrefix = 'branch/';

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
	/** Entries whose lamport was beyond what the office bears out. */
	readonly inflated: number;
	readonly merges: number;
}

export interface Log {
	readonly officeId: Id;
	readonly device: Id;
	head(author: Id, lane: Lane): Head | undefined;
	get(id: Id): Entry | undefined;
	at(author: Id, lane: Lane, seq: number): Entry | undefined;
	/** Held entries from seq to the head, or to where the chain was cut. */
	range(author: Id, lane: Lane, from: number): readonly Entry[];
	/** Other histories of a forked chain, each from where it parts. */
	branches(author: Id, lane: Lane): readonly Branch[];
	/** Seq of the newest BASE held of a chain, else of its first entry held. */
	newestBase(author: Id, lane: Lane): number | undefined;
	/** Chain by chain, each in order; of a forked chain of the office lane all histories. */
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
	/**
	 * Who may be stored, and where the chains of those who were taken out end; the members view hands both in. Without: everybody, nowhere.
	 * What was stored beyond a cut before it was known stays on the disk, and is neither told of nor given away.
	 */
	setGate(accepts: (author: Id, lane: Lane) => boolean, cuts?: () => Cuts): void;
	/** Whether an entry at that place may be stored; without a place, whether any may. */
	accepts(author: Id, lane: Lane, seq?: number): boolean;
	/** Lamport of the act that admitted this device: the office has come at least that far. */
	setJoined(lamport: () => number): void;
	/** Whether all that rests on the disk is held; what is here before that is the office lane. */
	readonly whole: Source<boolean>;
	readonly writable: Source<'waiting' | 'ready' | 'forked'>;
	/** Peers' vectors were read, or none is in reach: own entries may be written now. */
	settleOwnHead(): void;
	/** One for each chain that showed two histories. */
	readonly forks: Source<readonly Fork[]>;
	readonly stats: LogStats;
	/** Forgets what lies before a BASE of lane 1 or 2, here and on disk. */
	dropBefore(author: Id, lane: Lane, seq: number): Promise<void>;
	/** Refuses further appends and waits for the disk. */
	close(): Promise<void>;
}

/**
 * Reads the log from disk.
 *
 * @param deps.fresh the device's keys were just drawn: nobody can hold entries of it, so it may write at once
 * @param deps.actsFirst resolves with the office lane, and reads the rest in slices: `whole` tells when
 * @param deps.behind the rest is read after this: what makes the first screen goes before it
 * @param deps.prepare long work that listeners would else do at once when these entries come
 * @param deps.verify what checks signatures, unless it is `verify` of src/crypto
 */
export async function openLog(deps: {
	officeId: Id;
	keys: DeviceKeys;
	store: OfficeStore;
	clock: Clock;
	fresh?: boolean;
	actsFirst?: boolean;
	behind?: Promise<void>;
	prepare?(entries: readonly Entry[]): Promise<void>;
	verify?: Verify;
}): Promise<Log> {
	const { officeId, keys, store, clock } = deps;
	const device = hex(keys.signPublic);
	const chains = createChains(device);
	const resting = createResting({ store, range: chains.range, serially });
	/** Own heads as the disk has them; what is held may be less after damage. */
	const ownHeads = new Map<Lane, ChainHead>();
	const forks = createCell<readonly Fork[]>([]);
	const listeners = new Set<(entries: readonly Entry[], own: boolean) => void>();
	const writable = createCell<'waiting' | 'ready' | 'forked'>(deps.fresh === true ? 'ready' : 'waiting');
	const stats = { signatureChecks: 0, bad: 0, refused: 0, damagedSegments: 0, inflated: 0 };
	let gate: (author: Id, lane: Lane) => boolean = () => true;
	let cuts = (): Cuts => noCuts;
	let told: { readonly cuts: Cuts; readonly from: readonly VectorRow[]; readonly rows: readonly VectorRow[]; digest: Uint8Array | undefined } | undefined;
	const whole = createCell(false);
	/** Peers were asked before everything was read. */
	let isSettleWanted = false;
	let closed = false;
	let tail: Promise<unknown> = Promise.resolve();

	const turns = createTurns(clock);
	const officeLane = await openOfficeLane(store);
	const actNames = new Set([...(officeLane.authors ?? [])].map((author) => store.nameOf({ author, lane: lanes.office })));
	const names = await store.segmentNames();
	const isFirst = ([name]: readonly SegmentName[]): boolean => deps.actsFirst !== true || officeLane.authors === undefined || actNames.has(name?.chain ?? '');
	const later = names.filter((chain) => !isFirst(chain));
	for (const chain of names.filter(isFirst)) await restore(chain);
	if (later.length === 0) trim();
	officeLane.note([...chains.entries(lanes.office)].map((entry) => entry.header.author));
	// By their keys: whole segments are not to be compared as texts.
	for (const [, bytes] of [...(await store.all(branchBucket))].filter(([name]) => name.startsWith(branchPrefix)).sort(([one], [two]) => (one < two ? -1 : 1))) {
		const branch = decodeSegment(bytes);
		if (branch !== undefined && chains.addBranch(branch)) noteFork(branch, chains.at(branch[0]?.header.author ?? '', lanes.office, branch[0]?.header.seq ?? 0));
	}
	for (const lane of Object.values(lanes)) {
		const head = await store.chainHead({ author: device, lane });
		if (head !== undefined) ownHeads.set(lane, head);
	}
	if (later.length === 0) whole.set(true);
	// What is accepted or appended waits for it in the queue. A disk that fails is told by the store; then nothing is written either.
	else void serially(async () => {
		await deps.behind;
		await restoreLater(later);
	}).catch(() => undefined);

	/** Adds a chain from the disk; answers what it brought. */
	async function restore(chain: readonly SegmentName[]): Promise<readonly Entry[]> {
		const restored = await restoreChain(await store.readSegments(chain), turns);
		if (restored.damaged) stats.damagedSegments++;
		for (const [index, run] of restored.runs.entries()) chains.add(run, index > 0);
		const header = restored.runs[0]?.[0]?.header;
		if (header !== undefined) resting.restore(header.author, header.lane, restored.places);
		return restored.runs.flat();
	}

	async function restoreLater(some: readonly (readonly SegmentName[])[]): Promise<void> {
		for (const chain of some) {
			if (closed) return;
			const entries = await restore(chain);
			// The list of the office lane lacked it.
			if (entries[0]?.header.lane !== lanes.office) continue;
			officeLane.note([entries[0].header.author]);
			tell(entries, false);
		}
		trim();
		whole.set(true);
		if (isSettleWanted) settle();
	}

	/** What was taken on the word of one who was alone in reach, perhaps: by what is held now it would be refused. */
	function trim(): void {
		for (const { author, lane } of chains.vector()) {
			if (author === device) continue;
			// Acts that were read first may have been seen already: the next start reads everything before it shows any.
			if (later.length > 0 && lane === lanes.office) {
				if (chains.inflated(author, lane) > 0) officeLane.forget();
			} else stats.inflated += chains.trim(author, lane);
		}
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
		isSettleWanted = !whole.get();
		if (isSettleWanted) return;
		const isForked = forks.get().some((fork) => fork.author === device);
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

	/** A verified run that disagrees with what is held. The lowest seq counts, and the lowest at which both histories are signed proves it. */
	function noteFork(run: readonly Entry[], theirs: Entry | undefined = run[0]): void {
		const last = run.at(-1);
		if (last === undefined || theirs === undefined) return;
		const { author, lane, seq } = theirs.header;
		const known = forks.get().find((fork) => fork.author === author && fork.lane === lane);
		const ours = chains.at(author, lane, last.header.seq);
		const proof = ours === undefined || ours.id === last.id ? undefined : encodeForkProof(ours, last);
		const isBetter = proof !== undefined && last.header.seq < (known?.provenSeq ?? Infinity);
		if (known !== undefined && known.seq <= seq && !isBetter) return;
		const fork: Fork = {
			author,
			lane,
			seq: Math.min(seq, known?.seq ?? seq),
			...(isBetter ? { proof, provenSeq: last.header.seq } : { proof: known?.proof, provenSeq: known?.provenSeq }),
		};
		forks.set([...forks.get().filter((other) => other !== known), fork]);
		if (author === device && writable.get() !== 'waiting') settle();
	}

	/** Whether this known entry, with its own signature, may be what a proof lacks. */
	function isWitness({ id, header: { author, lane, seq } }: Entry): boolean {
		const ours = chains.at(author, lane, seq);
		const fork = forks.get().find((other) => other.author === author && other.lane === lane);
		return fork !== undefined && seq < (fork.provenSeq ?? Infinity) && ours !== undefined && ours.id !== id && ours.signature !== undefined;
	}

	/** Another history of an office lane, whose run was verified. */
	async function keepBranch(joined: Branch, fresh: readonly Entry[]): Promise<Acceptance> {
		const first = joined[0];
		if (first === undefined) return 'known';
		const { author, lane } = first.header;
		try {
			// Beside the chains, not in them: a segment of another history would be taken for this one's.
			await store.put(branchBucket, `${branchPrefix}${author}${lane}/${String(first.header.seq).padStart(16, '0')}/${first.id}`, encodeSegment(joined));
		} catch (error) {
			if (error instanceof StoreFailure) return 'disk';
			throw error;
		}
		chains.addBranch(fresh);
		tell(fresh, false);
		return 'stored';
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
		if (lane === lanes.office) officeLane.note([device]);
		resting.note(device, lane, [{ from: first.header.seq, count: entries.length, bytes: bytes.length }]);
		tell(entries, true);
		return succeed(entries);
	}

	/** The vector without what lies beyond a cut. */
	function toldVector(): NonNullable<typeof told> {
		const [now, from] = [cuts(), chains.vector()];
		if (told?.cuts !== now || told.from !== from) told = { cuts: now, from, rows: now.size === 0 ? from : rowsWithin(now, from, chains.at), digest: now.size === 0 ? chains.digest() : undefined };
		return told;
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
		const taken = within(endOf(cuts(), author, lane), entries);
		if (taken.length === 0) return 'refused';
		const fit = chains.fit(taken);
		if (fit.kind === 'known' && isWitness(last)) {
			stats.signatureChecks++;
			if (verifyRange(entries, deps.verify)) noteFork([last]);
		}
		if (fit.kind === 'known' || fit.kind === 'gap' || (fit.kind === 'jumps' && !jump)) return fit.kind === 'known' ? 'known' : 'gap';
		if (fit.kind !== 'fork' && !chains.lamportsFit(fit.fresh, claimed)) {
			stats.inflated++;
			return 'bad';
		}
		stats.signatureChecks++;
		if (!verifyRange(entries, deps.verify)) return 'bad';
		// Only the last signature was checked; a stored one is verified or absent.
		const bare = (entry: Entry): Entry => (entry === last || entry.signature === undefined ? entry : { ...entry, signature: undefined });
		if (fit.kind === 'fork' || fit.kind === 'branches') {
			noteFork(taken, fit.theirs);
			if (fit.kind === 'fork') return 'fork';
			const added = fit.fresh.map(bare);
			return keepBranch([...fit.joined.slice(0, -added.length), ...added], added);
		}
		const fresh = fit.fresh.map(bare);
		const newest = fresh.at(-1) ?? last;
		const segments = toSegments(fresh);
		const own = author === device;
		const head = { seq: newest.header.seq, id: newest.id };
		const movesOwnHead = own && head.seq > (ownHeads.get(lane)?.seq ?? -1);
		try {
			await store.writeSegments({ author, lane }, { put: segments.map(({ segment }) => segment), ...(movesOwnHead ? { head } : {}) });
		} catch (error) {
			if (error instanceof StoreFailure) return 'disk';
			throw error;
		}
		if (movesOwnHead) ownHeads.set(lane, head);
		await deps.prepare?.(fresh);
		chains.add(fresh, fit.kind === 'jumps');
		if (lane === lanes.office) officeLane.note([author]);
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
		range: (author, lane, from) => within(endOf(cuts(), author, lane), chains.range(author, lane, from)),
		branches: chains.branches,
		newestBase: chains.newestBase,
		entries: chains.entries,
		authors: chains.authors,
		vector: () => toldVector().rows,
		digest() {
			const now = toldVector();
			return (now.digest ??= digestOf(now.rows));
		},
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
		setGate(accepts, ends = () => noCuts) {
			gate = accepts;
			cuts = ends;
		},
		setJoined: chains.setJoined,
		accepts: (author, lane, seq = 0) => gate(author, lane) && seq <= (endOf(cuts(), author, lane)?.seq ?? seq),
		whole,
		writable,
		settleOwnHead() {
			if (writable.get() === 'waiting') settle();
		},
		forks,
		get stats() {
			return { ...stats, merges: resting.merges() };
		},
		dropBefore: (author, lane, seq) =>
			serially(async () => {
				if (closed || lane === lanes.office || chains.at(author, lane, seq)?.header.kind !== kinds.base || !chains.dropBefore(author, lane, seq)) return;
				// What the disk keeps a while longer is dropped again after the next start.
				await resting.rewrite(author, lane).catch((error: unknown) => {
					if (!(error instanceof StoreFailure)) throw error;
				});
			}),
		async close() {
			closed = true;
			// Appends that still wait are let through to be refused.
			if (writable.get() === 'waiting') writable.set('ready');
			await tail;
		},
	};
}
