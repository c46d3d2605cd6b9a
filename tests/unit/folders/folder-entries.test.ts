/** Which folders there are follows from the entries alone, whatever their order; and nobody says of another's folder who may see it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat } from '../../../src/crypto/bytes.ts';
import { type Header, type Id, kinds, lanes } from '../../../src/sync/log/entry.ts';
import type { ContentRoots } from '../../../src/sync/office/conversations/content-ports.ts';
import type { Roster } from '../../../src/sync/office/conversations/roster.ts';
import { decodeFolder, encodeFolder, type FolderBody } from '../../../src/sync/office/folders/folder-body.ts';
import { createFolderEntries, type FolderEntries } from '../../../src/sync/office/folders/folder-entries.ts';
import type { Letters } from '../../../src/sync/office/keys/letters.ts';
import type { KeptEntry } from '../../../src/sync/office/conversations/kept.ts';

const device = (n: number): Id => `${n}${n}`.repeat(32);
const roots: ContentRoots = { current: () => undefined, root: () => undefined, isSure: () => true, opened: () => undefined, subscribe: () => () => undefined };
const letters: Letters = {
	seal() {
		throw new Error('nothing is sealed here');
	},
	open: () => 'not-ours',
};
/** Devices 1 and 2 are Alice's, 3 and 4 Bob's. */
const members = new Map([['alice', { devices: [device(1), device(2)] }], ['bob', { devices: [device(3), device(4)] }]]);
const memberOf = (id: Id): Id | undefined => [...members].find(([, { devices }]) => devices.includes(id))?.[0];
const roster = { memberOf, member: (id: Id) => members.get(id), counts: () => true, active: () => true } as unknown as Roster;

interface Told {
	readonly author: number;
	/** Of the device the folder's id names. */
	readonly folder: number;
	readonly lamport: number;
	readonly seq: number;
	readonly over: boolean;
	readonly name: string;
}

const bodyOf = (told: Told): FolderBody => ({ folder: device(told.folder).slice(0, 16) + '00'.repeat(8), state: told.over ? 'over' : 'shared', name: told.name, departments: [], people: [], extensions: [] });

function entryOf(told: Told): KeptEntry {
	const header: Header = { kind: kinds.folder, lane: lanes.open, officeId: device(9), author: device(told.author), seq: told.seq, prev: device(0), lamport: told.lamport, wallMs: told.lamport, refs: [], bodyLength: 0, bodyHash: device(0) };
	return { id: `${told.author}${told.seq}`.padStart(64, '0'), header, inner: concat(Uint8Array.of(1), encodeFolder(bodyOf(told))) };
}

const fill = (all: readonly Told[]): FolderEntries => {
	const entries = createFolderEntries({ roots, letters, random: (n) => new Uint8Array(n) });
	for (const told of all) entries.place([entryOf(told)]);
	return entries;
};

const history = fc
	.array(fc.record({ author: fc.integer({ min: 1, max: 4 }), folder: fc.integer({ min: 1, max: 4 }), lamport: fc.integer({ min: 1, max: 9 }), over: fc.boolean(), name: fc.constantFrom('a', 'b', 'c') }), { maxLength: 20 })
	.map((rows): readonly Told[] => rows.map((row, seq) => ({ ...row, seq })));

describe('shared folders', () => {
	test('are the same in any order of arrival', () => {
		fc.assert(
			fc.property(
				history.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray([...all], { minLength: all.length }))),
				([all, shuffled]) => {
					expect(fill([...shuffled, ...shuffled]).shared(roster)).toEqual(fill(all).shared(roster));
				},
			),
			{ numRuns: 500 },
		);
	});

	test('belong to the member whose device their id names: nobody else takes one over, stops it, or widens it, however early or late they say so', () => {
		fc.assert(
			fc.property(history, (all) => {
				for (const folder of fill(all).shared(roster).values()) expect(folder.device.slice(0, 16)).toBe(folder.id.slice(0, 16));
				const own = all.filter((told) => memberOf(device(told.author)) === memberOf(device(told.folder)));
				expect(fill(all).shared(roster)).toEqual(fill(own).shared(roster));
			}),
			{ numRuns: 500 },
		);
	});

	test('are stopped by another device of the same member', () => {
		const begun: Told = { author: 1, folder: 1, lamport: 1, seq: 0, over: false, name: 'a' };
		expect(fill([begun]).shared(roster).size).toBe(1);
		expect(fill([{ ...begun, author: 2, lamport: 2, over: true }, begun]).shared(roster).size).toBe(0);
	});

	test('their bytes are read strictly', () => {
		const body = bodyOf({ author: 1, folder: 1, lamport: 1, seq: 0, over: false, name: 'Pläne' });
		const bytes = encodeFolder({ ...body, people: [device(3)], departments: ['ab'.repeat(16)], extensions: [{ tag: 7, bytes: Uint8Array.of(1) }] });
		expect(decodeFolder(bytes)).toEqual({ ...body, people: [device(3)], departments: ['ab'.repeat(16)], extensions: [{ tag: 7, bytes: Uint8Array.of(1) }] });
		for (let length = 0; length < bytes.length; length++) expect(decodeFolder(bytes.subarray(0, length))).toBeUndefined();
		expect(decodeFolder(concat(bytes, Uint8Array.of(0)))).toBeUndefined();
	});
});
