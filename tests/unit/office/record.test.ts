/** The office's record: readable by everybody, and checked from its bytes. */
import { expect, test } from 'vitest';
import { recordCsv } from '../../../src/lib/view/record-csv.ts';
import { checkSentences, recordSentence } from '../../../src/lib/words/record.ts';
import { verify } from '../../../src/crypto/identity.ts';
import type { Entry } from '../../../src/sync/log/entry.ts';
import type { Fork } from '../../../src/sync/log/fork.ts';
import { checkRecord } from '../../../src/sync/office/record/record-check.ts';
import { createRecordView } from '../../../src/sync/office/record/record-view.ts';
import { createCell } from '../../../src/sync/source.ts';
import { createStory } from '../../support/acts-story.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

type Held = Parameters<typeof checkRecord>[0]['log'];

function office() {
	const story = createStory({ seed: 10, founder: 'Alice' });
	const [alice, bob] = [story.founder, story.person('Bob')];
	story.bring(alice, bob);
	story.tell(bob, { type: 'setRole', member: story.memberOf(bob), role: 3, cut: [] });
	story.tell(alice, { type: 'setRole', member: story.memberOf(bob), role: 2, cut: [] });
	const members = createCell(story.state());
	/** Chain by chain, as a log gives them: Alice's four, then Bob's one. */
	const entries = [alice, bob].flatMap((person) => story.entries.filter((entry) => entry.header.author === person.device));
	const held = (some: readonly Entry[]): Held => ({ officeId: story.officeId, forks: createCell<readonly Fork[]>([]), entries: () => some });
	const check = (some = entries) => checkRecord({ log: held(some), members, clock: createFakeClock() });
	/** What is found when one entry was changed on the disk. */
	const faultsOf = async (at: number, change: (entry: Entry) => Entry | undefined) => (await check(entries.flatMap((entry, index) => (index === at ? (change(entry) ?? []) : entry)))).faults;
	return { members, check, faultsOf };
}

test('everybody reads what was done, by whom, and what does not count', () => {
	const { members } = office();
	const lines = createRecordView(members).get();
	expect(lines.map((line) => [recordSentence(line), line.standing])).toEqual([
		['Alice made Bob a manager', 'in-force'],
		['Bob made Bob an owner', 'void'],
		['Alice let in Bob through “Front desk”', 'in-force'],
		['Alice made the invite “Front desk” for a member', 'in-force'],
		['Alice founded the office', 'in-force'],
	]);
});

test('a whole record is said to be whole', async () => {
	const { check } = office();
	const result = await check();
	expect(result).toEqual({ entries: 5, devices: 2, faults: [], waiting: 0, forked: [] });
	expect(checkSentences(result)).toEqual({ good: '5 entries of 2 devices checked. Nothing is missing or altered.', faults: [] });
});

test('a changed body, another author, a lost entry, a signature of somebody else and a lost beginning are found', async () => {
	const { faultsOf } = office();
	const flip = (bytes: Uint8Array, at: number): Uint8Array => bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));
	expect(await faultsOf(1, (entry) => ({ ...entry, body: flip(entry.body, 40) }))).toEqual([{ author: 'Alice', seq: 1, what: 'altered' }]);
	expect(await faultsOf(2, (entry) => ({ ...entry, headerBytes: flip(entry.headerBytes, 100) }))).toMatchObject([{ seq: 2, what: 'altered' }]);
	expect(await faultsOf(2, (entry) => ({ ...entry, header: { ...entry.header, wallMs: 7, seq: 9 } }))).toMatchObject([{ what: 'altered' }, { seq: 3, what: 'gap' }]);
	expect(await faultsOf(2, () => undefined)).toEqual([{ author: 'Alice', seq: 3, what: 'gap' }]);
	expect(await faultsOf(0, () => undefined)).toEqual([{ author: 'Alice', seq: 1, what: 'gap' }]);
	expect(await faultsOf(3, (entry) => ({ ...entry, signature: flip(entry.signature!, 3) }))).toEqual([{ author: 'Alice', seq: 3, what: 'unsigned' }]);
	// The last of a chain vouches for all before it: without a signature it vouches for nothing.
	expect(await faultsOf(4, (entry) => ({ ...entry, signature: undefined }))).toEqual([{ author: 'Bob', seq: 0, what: 'unsigned' }]);
	expect(await faultsOf(2, (entry) => ({ ...entry, signature: undefined }))).toEqual([]);
	expect(checkSentences({ entries: 4, devices: 2, faults: [{ author: 'Alice', seq: 3, what: 'gap' }], waiting: 1, forked: ['Bob'] }).faults).toEqual([
		'4 entries of 2 devices checked.',
		'Entry 4 of a device of Alice does not follow the one before it.',
		'A device of Bob has shown two different histories. What it wrote from there on does not count.',
		'1 entry waits for others that a colleague still has to send.',
	]);
});

test('as a table, a name is never a formula', () => {
	const line = { id: 'e1', what: 'profile', author: '=HYPERLINK("evil")', subject: '', label: 'A, B', role: undefined, wallMs: 0, standing: 'in-force' } as const;
	expect(recordCsv([line])).toBe('Time,By,What,Counts,Entry\r\n1970-01-01T00:00:00.000Z,"\'=HYPERLINK(""evil"")","\'=HYPERLINK(""evil"") changed name or department: “A, B”",in force,e1\r\n');
});

test('a long record is checked in slices far below 50 ms', async () => {
	const story = createStory({ seed: 11, founder: 'Alice' });
	for (let count = 0; count < 60; count += 1) story.tell(story.founder, { type: 'profile', name: `Alice ${String(count)}`, department: '', extensions: [] });
	const clock = createFakeClock();
	const signatureMs = 5;
	let sliceMs = 0;
	let longestMs = 0;
	let slices = 1;
	const checked = checkRecord({
		log: { officeId: story.officeId, forks: createCell<readonly Fork[]>([]), entries: () => story.entries },
		members: createCell(story.state()),
		clock: {
			now: () => slices * 1_000 + sliceMs,
			after(ms, run) {
				slices += 1;
				sliceMs = 0;
				return clock.after(ms, run);
			},
		},
		verify(...args) {
			sliceMs += signatureMs;
			longestMs = Math.max(longestMs, sliceMs);
			return verify(...args);
		},
	});
	while (clock.pending() > 0 || slices === 1) await clock.advance(1);
	expect(longestMs).toBeLessThanOrEqual(20);
	expect(slices).toBeGreaterThan(10);
	expect((await checked).faults).toEqual([]);
});
