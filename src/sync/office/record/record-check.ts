/**
 * Checks the office's record as it is held, now and from the bytes: every header is what its id is the hash of, every body what its header
 * names, every chain begins at its beginning and is linked without a gap, every signature kept holds, and each chain ends in one
 * (PROTOCOL.md, 3). In slices, so that the screen goes on.
 */
import { type Entry, entryFromParts, type Id, lanes, type Verify, verifyEntry } from '../../log/entry.ts';
import type { Log } from '../../log/log.ts';
import { isLinked } from '../../log/range.ts';
import type { RecordCheck, RecordFault } from '../../office.ts';
import type { Clock } from '../../ports.ts';
import type { Source } from '../../source.ts';
import type { MembersState } from '../members/members-state.ts';
import { shownNames } from '../members/names.ts';

/** What a slice may take: one signature more is a few milliseconds. */
const sliceMs = 16;

export async function checkRecord(deps: {
	readonly log: Pick<Log, 'entries' | 'forks' | 'officeId'>;
	readonly members: Source<MembersState>;
	readonly clock: Clock;
	readonly verify?: Verify;
}): Promise<RecordCheck> {
	const { log, members, clock } = deps;
	const faults: { author: Id; seq: number; what: RecordFault['what'] }[] = [];
	const entries = [...log.entries(lanes.office)];
	const authors = new Set<Id>();
	let sinceMs = clock.now();

	for (const [index, entry] of entries.entries()) {
		const { author, seq } = entry.header;
		const before = index > 0 && entries[index - 1]?.header.author === author ? entries[index - 1] : undefined;
		const isLast = entries[index + 1]?.header.author !== author;
		const what = faultOf(entry, before, isLast, deps.verify);
		if (what) faults.push({ author, seq, what });
		authors.add(author);
		if (Math.abs(clock.now() - sinceMs) < sliceMs) continue;
		await new Promise<void>((resolve) => clock.after(0, resolve));
		sinceMs = clock.now();
	}

	const state = members.get();
	const names = shownNames(state);
	const nameOf = (device: Id): string => names.get((state.devices.get(device) ?? state.formerDevices.get(device))?.memberId ?? '') ?? device.slice(0, 8);
	const forked = log.forks.get().filter((fork) => fork.lane === lanes.office);
	return {
		entries: entries.length,
		devices: authors.size,
		faults: faults.map(({ author, seq, what }) => ({ author: nameOf(author), seq, what })),
		waiting: state.waiting,
		forked: [...new Set([...state.quarantined, ...forked.map((fork) => fork.author)])].map(nameOf),
	};
}

function faultOf(entry: Entry, before: Entry | undefined, isLast: boolean, verify: Verify | undefined): RecordFault['what'] | undefined {
	const again = entryFromParts(entry.headerBytes, entry.signature, entry.body);
	if (again?.id !== entry.id || again.header.author !== entry.header.author || again.header.seq !== entry.header.seq) return 'altered';
	if (before ? !isLinked([before, entry]) : entry.header.seq !== 0) return 'gap';
	if (entry.signature === undefined) return isLast ? 'unsigned' : undefined;
	return verifyEntry(entry, verify) ? undefined : 'unsigned';
}
