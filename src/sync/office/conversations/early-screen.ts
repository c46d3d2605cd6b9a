/** Shows the last screen of this device while a start builds the views, and keeps it up to date for the next start. */
import { hex } from '../../../crypto/bytes.ts';
import type { Id } from '../../log/entry.ts';
import type { Log } from '../../log/log.ts';
import type { Conversation, Message, Notice } from '../../office.ts';
import type { Clock } from '../../ports.ts';
import { createCell, type Source } from '../../source.ts';
import type { OfficeStore } from '../../store.ts';
import { createTurns } from '../../turns.ts';
import type { MembersState } from '../members/members.ts';
import { type Basis, type FirstScreen, loadFirstScreen, marksHash, newestOf, saveFirstScreen } from './first-screen.ts';
import type { Marks } from './marks.ts';

/** After a change; what changes meanwhile is in it. */
const saveAfterMs = 10_000;

export interface EarlyScreenDeps {
	readonly log: Log;
	readonly store: OfficeStore;
	readonly members: Source<MembersState>;
	readonly marks: Marks;
	readonly blocked: Source<ReadonlySet<Id>>;
	readonly clock: Clock;
	/** Of the running app; without it nothing is shown early, and nothing saved. */
	readonly build?: string;
	/** As they are built. */
	readonly conversations: Source<readonly Conversation[]>;
	readonly messages: (conversation: string) => Source<readonly Message[]>;
	readonly notices: Source<readonly Notice[]>;
}

export interface EarlyScreen {
	readonly isShown: () => boolean;
	readonly conversations: Source<readonly Conversation[]>;
	readonly messages: (conversation: string) => Source<readonly Message[]>;
	readonly notices: Source<readonly Notice[]>;
	/** What is built takes its place. */
	built(): void;
	/** It may show what counts no more: whatever is built so far takes its place. */
	drop(): void;
	/** Saves what changed since. */
	stop(): Promise<void>;
}

const nothing: readonly Message[] = [];

/** Rejects with a `StoreFailure`. */
export async function createEarlyScreen(deps: EarlyScreenDeps): Promise<EarlyScreen> {
	const { log, store, members, marks, blocked, clock, build } = deps;
	const shown = createCell<FirstScreen | undefined>(build === undefined ? undefined : (await loadFirstScreen(store, basis(build)))?.screen);
	let isBuilt = false;
	let isStopped = false;
	let cancelSaving: (() => void) | undefined;

	function basis(of: string): Basis {
		return { build: of, members: members.get().stateHash, marks: marksHash(marks), blocked: [...blocked.get()].sort().join() };
	}

	function early<T>(built: Source<T>, from: (screen: FirstScreen) => T): Source<T> {
		return {
			get() {
				const screen = shown.get();
				return screen ? from(screen) : built.get();
			},
			subscribe(changed) {
				const stops = [
					built.subscribe(() => {
						if (!shown.get()) changed();
					}),
					shown.subscribe(changed),
				];
				return () => {
					for (const stop of stops) stop();
				};
			},
		};
	}

	function saveSoon(): void {
		if (isBuilt && !isStopped) cancelSaving ??= clock.after(saveAfterMs, () => void saveInTime());
	}

	async function saveInTime(): Promise<void> {
		cancelSaving = undefined;
		if (!log.whole.get() || !(await save(true))) saveSoon();
	}

	/** Answers whether nothing changed while it was gathered. */
	async function save(inTurns: boolean): Promise<boolean> {
		if (build === undefined) return true;
		const covers = hex(log.digest());
		const before = basis(build);
		const conversations = deps.conversations.get();
		const turns = createTurns(clock);
		const messages: Record<string, readonly Message[]> = {};
		for (const { id } of conversations) {
			const pause = inTurns ? turns() : undefined;
			if (pause) await pause;
			messages[id] = newestOf(deps.messages(id).get());
		}
		if (isStopped && inTurns) return true;
		if (deps.conversations.get() !== conversations || hex(log.digest()) !== covers) return false;
		await saveFirstScreen(store, before, covers, { conversations, messages, notices: deps.notices.get() });
		return true;
	}

	const stops = build === undefined ? [] : [deps.conversations.subscribe(saveSoon), deps.notices.subscribe(saveSoon), marks.changed.subscribe(saveSoon)];

	return {
		isShown: () => shown.get() !== undefined,
		conversations: early(deps.conversations, (screen) => screen.conversations),
		messages: (id) => early(deps.messages(id), (screen) => screen.messages[id] ?? nothing),
		notices: early(deps.notices, (screen) => screen.notices),
		drop: () => shown.set(undefined),
		built() {
			isBuilt = true;
			shown.set(undefined);
			saveSoon();
		},
		async stop() {
			isStopped = true;
			for (const stop of stops) stop();
			if (cancelSaving === undefined || !isBuilt || !log.whole.get()) return;
			cancelSaving();
			await save(false);
		},
	};
}
