/** Directories read from colleagues who lie: what they say of a folder that is not theirs is believed only with its owner's signature. */
import { describe, expect, test } from 'vitest';
import { hex } from '../../../src/crypto/bytes.ts';
import { createDeviceKeys } from '../../../src/crypto/identity.ts';
import { messageTypes } from '../../../src/sync/link/message-types.ts';
import type { Id } from '../../../src/sync/log/entry.ts';
import type { Roster } from '../../../src/sync/office/conversations/roster.ts';
import { createDirectories, type DirectoryState } from '../../../src/sync/office/folders/directories.ts';
import type { Folder } from '../../../src/sync/office/folders/folder-entries.ts';
import { decodeAsk, encodeAnswer, type FolderAnswer, type FolderAsk } from '../../../src/sync/office/folders/folder-messages.ts';
import { createKnownPages, itemsOf, type KnownPages } from '../../../src/sync/office/folders/known-pages.ts';
import { createOwnListings } from '../../../src/sync/office/folders/own-listings.ts';
import { encodePage, maxParts, type Page, type PageItem } from '../../../src/sync/office/folders/page.ts';
import type { Shares } from '../../../src/sync/office/folders/shares.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';
import { createFakeNetwork, type FakeNetwork } from '../../support/fake-network.ts';
import { createMemoryStore } from '../../support/memory-store.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const officeId: Id = 'ab'.repeat(32);
const owner = createDeviceKeys(seededRandom(1));
const eve = createDeviceKeys(seededRandom(2));
const ownerId = hex(owner.signPublic);
const eveId = hex(eve.signPublic);
const reader = 'dd'.repeat(32);
const folder: Folder = {
	id: ownerId.slice(0, 16) + '00'.repeat(8),
	body: { folder: '', state: 'shared', name: 'Plans', departments: [], people: [], extensions: [] },
	everyone: true,
	owner: 'alice',
	device: ownerId,
	sinceMs: 0,
	newest: undefined as unknown as Folder['newest'],
};
const file = (name: string): PageItem => ({ kind: 'file', name, size: 1, modifiedMs: 1, root: undefined });
const page = (change: Partial<Page> = {}): Page => ({ folder: folder.id, path: '', part: 0, parts: 1, listedMs: 10, items: [file('a.txt')], ...change });
const signed = (one: Page, keys = owner): Omit<FolderAnswer, 'request'> => ({ state: 'page', page: encodePage(one, officeId, keys.signSecret) });

interface Table {
	readonly clock: FakeClock;
	readonly network: FakeNetwork;
	readonly known: KnownPages;
	/** What that device answers from now on. */
	answers(device: Id, answer: (ask: FolderAsk) => Omit<FolderAnswer, 'request'> | undefined): void;
	read(path?: string): Promise<DirectoryState>;
	names(path?: string): readonly string[];
}

function table(): Table {
	const clock = createFakeClock();
	const network = createFakeNetwork(clock, 1);
	const members = new Map([['alice', { inForce: true }], ['eve', { inForce: true }], ['rita', { inForce: true }]]);
	const devices = new Map([[ownerId, 'alice'], [eveId, 'eve'], [reader, 'rita']].map(([id = '', memberId]) => [id, { id, memberId, suspended: false }]));
	const roster = { state: { members, devices, departments: new Map() } } as unknown as Roster;
	const known = createKnownPages({ store: createMemoryStore(officeId), clock });
	const directories = createDirectories({
		ready: Promise.resolve(),
		officeId,
		selfDevice: reader,
		mesh: network.mesh(reader),
		clock,
		folders: () => new Map([[folder.id, folder]]),
		roster: () => roster,
		shares: { get: () => undefined } as unknown as Shares,
		own: createOwnListings({ officeId, signSecret: owner.signSecret, clock, rootOf: () => undefined, listedMs: () => 0, rootsVersion: () => 0 }),
		known,
	});
	return {
		clock,
		network,
		known,
		answers(device, answer) {
			const mesh = network.mesh(device);
			network.connect(reader, device);
			mesh.onMessage([messageTypes.folderAsk], (from, payload) => {
				const ask = decodeAsk(payload);
				const given = ask && answer(ask);
				if (ask && given) mesh.send(from.device, encodeAnswer({ ...given, request: ask.request }));
			});
		},
		async read(path = '') {
			let state: DirectoryState | undefined;
			void directories.read(folder.id, path, () => undefined).then((one) => (state = one));
			for (let i = 0; i < 600 && state === undefined; i++) await clock.advance(100);
			if (state === undefined) throw new Error('it was never read');
			return state;
		},
		names: (path = '') => itemsOf(known.get(folder.id, path)).map((item) => item.name),
	};
}

describe('what a colleague passes on of a folder whose owner is away', () => {
	test('is taken with the owner’s signature', async () => {
		const here = table();
		here.answers(eveId, () => signed(page()));
		expect(await here.read()).toBe('whole');
		expect(here.names()).toEqual(['a.txt']);
	});

	test.each([
		['signed by themselves', () => signed(page(), eve)],
		['of another folder', () => signed(page({ folder: '11'.repeat(16) }))],
		['of another directory', () => signed(page({ path: 'secret' }))],
		['of another part', () => signed(page({ part: 1, parts: 2 }))],
		['that is no page', () => ({ state: 'page', page: new Uint8Array(100_000) }) as const],
		['that it is gone', () => ({ state: 'gone', page: new Uint8Array(0) }) as const],
		['that it is refused', () => ({ state: 'refused', page: new Uint8Array(0) }) as const],
		['nothing at all', () => undefined],
	])('is nothing: %s', async (_, answer) => {
		const here = table();
		here.answers(eveId, answer);
		expect(await here.read()).toBe('unreachable');
		expect(here.names()).toEqual([]);
	});

	test('an old page replayed does not take the place of a newer one', async () => {
		const here = table();
		let given = signed(page({ listedMs: 20, items: [file('new.txt')] }));
		here.answers(eveId, () => given);
		expect(await here.read()).toBe('whole');
		given = signed(page({ listedMs: 10, items: [file('old.txt')] }));
		expect(await here.read()).toBe('unreachable');
		expect(here.names()).toEqual(['new.txt']);
	});

	test('a listing whose parts are of two moments is begun anew, and never shown mixed', async () => {
		const here = table();
		const asked: number[] = [];
		here.answers(ownerId, ({ part }) => {
			asked.push(part);
			const listedMs = asked.length < 3 ? 10 + asked.length : 20;
			return signed(page({ part, parts: part === 0 ? 0 : 2, listedMs, items: [file(`${String(listedMs)}-${String(part)}`)] }));
		});
		expect(await here.read()).toBe('whole');
		expect(here.names()).toEqual(['20-0', '20-1']);
	});

	test('A37: an owner whose listing never ends is read to 200 pages and no further', async () => {
		const here = table();
		let asked = 0;
		here.answers(ownerId, ({ part }) => {
			asked++;
			return signed(page({ part, parts: 0, items: [file(String(part))] }));
		});
		expect(await here.read()).toBe('whole');
		expect(asked).toBe(maxParts);
		expect(here.names()).toHaveLength(maxParts);
	});
});
