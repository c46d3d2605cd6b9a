/**
 * Sharing a folder, and no longer; and keeping what is sealed in step with whom it is for (PROTOCOL.md, 11): the device a folder lies on writes its
 * FOLDER anew when a device is missing from those it was sealed to or should no longer be among them, and before the horizon passes it.
 */
import { utf8 } from '../../../crypto/bytes.ts';
import { decode } from '../../../crypto/codec.ts';
import { pad } from '../../../crypto/seal.ts';
import type { Random } from '../../../crypto/random.ts';
import { done, fail, type Result, succeed } from '../../failures.ts';
import type { Files, FolderAudience } from '../../files.ts';
import { kinds, lanes } from '../../log/entry.ts';
import type { Log } from '../../log/log.ts';
import type { Clock } from '../../ports.ts';
import { type Source, when } from '../../source.ts';
import { StoreFailure } from '../../store.ts';
import { dueBase } from '../conversations/base.ts';
import type { ContentRoots } from '../conversations/content-ports.ts';
import type { Roster } from '../conversations/roster.ts';
import type { Prekeys } from '../keys/prekeys.ts';
import { maxCopies, readCopies, type SealedCopies } from '../keys/sealed-copies.ts';
import { audienceDevices, audienceOf } from './audience.ts';
import { encodeFolder, fitsAudience, type FolderBody, maxFolderNameBytes } from './folder-body.ts';
import { drawFolderId, type Folder, type FolderEntries } from './folder-entries.ts';
import type { Shares } from './shares.ts';

/** Changes of members come in runs. */
const settleMs = 2_000;
const checkEveryMs = 24 * 60 * 60 * 1000;
const dayMs = 24 * 60 * 60 * 1000;
/** The padded inner of a letter: 16 KiB at most. */
const maxPaddedBytes = 16_384;
const maxLetterBytes = 17_000;

export interface Sharing {
	readonly commands: Pick<Files, 'share' | 'stopSharing' | 'resumeSharing' | 'changeAudience'>;
	stop(): void;
}

export function createSharing(deps: {
	readonly log: Log;
	readonly entries: FolderEntries;
	readonly roots: ContentRoots;
	readonly copies: SealedCopies;
	readonly prekeys: Prekeys;
	readonly roster: Source<Roster>;
	readonly shares: Shares;
	readonly folders: Source<ReadonlyMap<string, Folder>>;
	/** What was given out of its listings counts no more. */
	readonly forgotten: (id: string) => void;
	readonly clock: Clock;
	readonly random: Random;
}): Sharing {
	const { log, entries, roots, copies, roster, shares, folders, clock, random } = deps;
	let cancelCheck = (): void => undefined;
	let isKeeping = false;

	function standing(): Result {
		const now = roster.get();
		if (now.state.unknownActs) return fail('read-only');
		return now.mayWrite ? done : fail('not-allowed');
	}

	/** As it can be written: nobody twice, nobody who is not there. */
	function checked(wish: FolderAudience): Result<FolderAudience> {
		if (wish.everyone) return succeed({ everyone: true, departments: [], people: [] });
		const now = roster.get();
		const departments = [...new Set(wish.departments)];
		const people = [...new Set(wish.people)].filter((id) => id !== now.self);
		if (departments.length + people.length === 0) return fail('no-members');
		if (departments.some((id) => !now.state.departments.has(id)) || people.some((id) => !now.member(id))) return fail('not-found');
		if (people.some((id) => !now.active(id))) return fail('not-allowed');
		return fitsAudience({ departments, people }) ? succeed({ everyone: false, departments, people }) : fail('too-many');
	}

	async function write(body: FolderBody, everyone: boolean): Promise<Result> {
		const audience = audienceOf({ everyone, body });
		const recipients = (): ReturnType<typeof audienceDevices> => audienceDevices(audience, roster.get().self, roster.get());
		if (everyone ? !roots.current() : (pad(encodeFolder(body))?.length ?? Infinity) > maxPaddedBytes || recipients().length > maxCopies) return fail(everyone ? 'not-allowed' : 'too-many');
		// Whether a BASE is due, and the newest prekeys, are read from it.
		await when(log.whole);
		const base = dueBase(deps, lanes.open);
		const draft = {
			kind: kinds.folder,
			lane: lanes.open,
			body(at: Parameters<FolderEntries['sealTo']>[0]) {
				const sealed = everyone ? entries.sealToEveryone(at, body) : entries.sealTo(at, body, recipients());
				if (!sealed) throw new Error('a root that was held is gone');
				return sealed;
			},
		};
		const written = await log.appendAll(base ? [base, draft] : [draft]);
		return written.ok ? done : written;
	}

	/** Of one's own. */
	function ownFolder(id: string): Result<Folder> {
		const allowed = standing();
		if (!allowed.ok) return allowed;
		const folder = folders.get().get(id);
		if (!folder) return fail('not-found');
		return folder.owner === roster.get().self ? succeed(folder) : fail('not-allowed');
	}

	const bodyOf = (folder: Folder, change: Partial<FolderBody>): FolderBody => ({ ...folder.body, ...change });

	const commands: Sharing['commands'] = {
		async share({ name, audience, tree }) {
			const title = name.trim();
			if (title === '') return fail('name-empty');
			if (utf8(title).length > maxFolderNameBytes) return fail('name-too-long');
			if (tree.kind === 'files' && tree.files.length === 0) return fail('folder-empty');
			const allowed = standing();
			if (!allowed.ok) return allowed;
			const whom = checked(audience);
			if (!whom.ok) return whom;
			const { everyone, departments, people } = whom.value;
			const id = drawFolderId(log.device, random);
			try {
				// Before it stands in the log: who asks for it at once is answered.
				await shares.add(id, tree);
			} catch (error) {
				if (error instanceof StoreFailure) return fail(error.code);
				throw error;
			}
			const written = await write({ folder: id, state: 'shared', name: title, departments, people, extensions: [] }, everyone);
			if (written.ok) return succeed(id);
			await shares.remove(id);
			return written;
		},
		async stopSharing(id) {
			const folder = ownFolder(id);
			if (!folder.ok) return folder;
			const written = await write(bodyOf(folder.value, { state: 'over' }), folder.value.everyone);
			if (!written.ok) return written;
			deps.forgotten(id);
			await shares.remove(id);
			return done;
		},
		resumeSharing: (id) => shares.resume(id),
		async changeAudience(id, audience) {
			const folder = ownFolder(id);
			if (!folder.ok) return folder;
			const whom = checked(audience);
			if (!whom.ok) return whom;
			const { everyone, departments, people } = whom.value;
			return write(bodyOf(folder.value, { departments, people }), everyone);
		},
	};

	/** Whether it is sealed to others than those it is for now, or soon carried by nobody. */
	function isStale(folder: Folder): boolean {
		const { header } = folder.newest;
		const now = roster.get();
		if (clock.now() - header.wallMs > (now.state.policy.horizonDays * dayMs) / 2) return true;
		const entry = folder.everyone ? undefined : log.get(folder.newest.id);
		if (!entry) return false;
		const sealed = decode(entry.body.subarray(1), (r) => {
			r.lp(maxLetterBytes);
			return readCopies(r);
		});
		const wanted = new Set(audienceDevices(audienceOf(folder), folder.owner, now).map((device) => device.id));
		return [...now.state.devices.values(), ...now.state.formerDevices.values()].some((device) => copies.carries(sealed ?? [], header.seq, device) !== wanted.has(device.id));
	}

	async function keep(): Promise<void> {
		if (isKeeping || !roster.get().mayWrite || roster.get().state.unknownActs) return;
		isKeeping = true;
		try {
			for (const folder of folders.get().values()) {
				// Only the device that wrote the last one knows by its hints whom it is sealed to.
				if (folder.device === log.device && folder.newest.header.author === log.device && isStale(folder)) await write(folder.body, folder.everyone);
			}
		} finally {
			isKeeping = false;
		}
	}

	function checkSoon(): void {
		cancelCheck();
		cancelCheck = clock.after(settleMs, check);
	}

	function check(): void {
		cancelCheck = clock.after(checkEveryMs, check);
		if (log.whole.get() && log.writable.get() === 'ready') void keep();
		else if (log.writable.get() === 'waiting') checkSoon();
	}

	checkSoon();
	const stops = [roster.subscribe(checkSoon), log.whole.subscribe(checkSoon)];
	return {
		commands,
		stop() {
			cancelCheck();
			for (const stop of stops) stop();
		},
	};
}
