/**
 * What this person shows of themselves: the chosen availability and note, kept over restarts, and *away* by itself after 5 idle
 * minutes. Idleness never overwrites the choice; busy and invisible stay as they are (RFC 2778: the presentity decides).
 */
import { createWriter, decode } from '../../../crypto/codec.ts';
import { utf8 } from '../../../crypto/bytes.ts';
import { done, fail, type Result } from '../../failures.ts';
import type { OwnAvailability, Status } from '../../office.ts';
import type { Clock } from '../../ports.ts';
import { createCell, type Source } from '../../source.ts';

const idleAfterMs = 5 * 60_000;
const maxNoteBytes = 280;
const codes: readonly OwnAvailability[] = ['available', 'away', 'busy', 'invisible'];

export interface StatusDeps {
	clock: Clock;
	load(): Promise<Uint8Array | undefined>;
	save(bytes: Uint8Array): Promise<void>;
}

export interface OwnStatus {
	readonly status: Source<Status>;
	setAvailability(availability: OwnAvailability): Promise<Result>;
	setNote(note: string): Promise<Result>;
	noteActivity(): void;
	stop(): void;
}

export async function createStatus(deps: StatusDeps): Promise<OwnStatus> {
	const saved = await deps.load();
	const status = createCell<Status>({ availability: 'available', note: '', ...(saved && decodeStatus(saved)), idle: false });
	let cancelIdle = startIdle();

	function startIdle() {
		return deps.clock.after(idleAfterMs, () => status.set({ ...status.get(), idle: true }));
	}

	async function change(next: Partial<Status>): Promise<Result> {
		const before = status.get();
		status.set({ ...before, ...next, idle: false });
		try {
			await deps.save(encodeStatus(status.get()));
		} catch {
			return fail('disk-failed');
		}
		return done;
	}

	return {
		status,
		setAvailability: (availability) => change({ availability }),
		setNote: (note) => (utf8(note).length > maxNoteBytes ? Promise.resolve(fail('note-too-long')) : change({ note: note.trim() })),
		noteActivity() {
			cancelIdle();
			cancelIdle = startIdle();
			if (status.get().idle) status.set({ ...status.get(), idle: false });
		},
		stop: () => cancelIdle(),
	};
}

function encodeStatus(status: Status): Uint8Array {
	return createWriter().u8(codes.indexOf(status.availability)).text(status.note).bytes();
}

function decodeStatus(bytes: Uint8Array): Pick<Status, 'availability' | 'note'> | undefined {
	return decode(bytes, (r) => ({ availability: codes[r.u8()] ?? 'available', note: r.text(maxNoteBytes) }));
}
