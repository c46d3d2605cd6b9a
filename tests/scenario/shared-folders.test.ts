/** Folders are shared and looked into over real signals and links: who sees what, what the owner's leaving changes, and what liars get. */
import { afterEach, describe, expect, test } from 'vitest';
import { utf8 } from '../../src/crypto/bytes.ts';
import type { Files, FolderListing, SharedFolder } from '../../src/sync/files.ts';
import { createFakeDirectory } from '../support/fake-directory.ts';
import { createWholeOffice, type Desk, linkedTo, must, type WholeOffice } from '../support/whole-office.ts';

let world: WholeOffice | undefined;

afterEach(async () => {
	await world?.stop();
	world = undefined;
});

const filesOf = (desk: Desk): Files => desk.office.files;
const foldersOf = (desk: Desk): readonly SharedFolder[] => filesOf(desk).folders.get();
const memberOf = (at: Desk, desk: Desk): string => at.person(desk.name)?.id ?? '';
const onlyFor = (at: Desk, ...people: readonly Desk[]) => ({ everyone: false, departments: [], people: people.map((desk) => memberOf(at, desk)) });
const everyone = { everyone: true, departments: [], people: [] };

/** Looks into a directory until it is told whole, or why not. */
async function look(here: WholeOffice, desk: Desk, folder: string, path = ''): Promise<FolderListing> {
	const listing = filesOf(desk).listing(folder, path);
	const stop = listing.subscribe(() => undefined);
	await here.until(() => listing.get().state !== 'listing');
	stop();
	return listing.get();
}

const names = (listing: FolderListing): readonly string[] => listing.items.map((item) => item.name).sort();

async function threeAtWork(seed: number): Promise<{ here: WholeOffice; alice: Desk; bob: Desk; carol: Desk }> {
	const here = (world = await createWholeOffice(seed));
	const [bob, carol] = [await here.bring('Bob'), await here.bring('Carol')];
	await here.until(() => [here.founder, bob, carol].every((desk) => linkedTo(desk) === 2));
	return { here, alice: here.founder, bob, carol };
}

describe('a shared folder', () => {
	test('stands in the lists of those it is for, and is read one directory at a time', async () => {
		const { here, alice, bob, carol } = await threeAtWork(401);
		const disk = createFakeDirectory('Plans', { 'quay.txt': 'the quay', 'pictures/crane.png': 'crane', 'pictures/deep/er.txt': 'x', '.DS_Store': 'x', 'pictures/Thumbs.db': 'x' });
		const id = must(await filesOf(alice).share({ name: 'Plans', audience: everyone, tree: { kind: 'handle', handle: disk.handle } }));
		await here.until(() => [alice, bob, carol].every((desk) => foldersOf(desk).length === 1));
		expect(foldersOf(bob)).toMatchObject([{ id, name: 'Plans', ownerName: 'Alice', own: false, here: false, state: 'ready', audience: everyone }]);
		expect(foldersOf(alice)).toMatchObject([{ own: true, here: true, state: 'ready', untilClosed: false }]);

		const before = disk.reads();
		const root = await look(here, bob, id);
		expect(root).toMatchObject({ state: 'whole', items: [{ kind: 'file', name: 'quay.txt', size: 8 }, { kind: 'folder', name: 'pictures', path: 'pictures' }] });
		expect(disk.reads()).toBe(before + 1);
		expect(names(await look(here, bob, id, 'pictures'))).toEqual(['crane.png', 'deep']);
		expect(await look(here, bob, id, 'nowhere')).toMatchObject({ state: 'gone', items: [] });
		expect(names(await look(here, alice, id))).toEqual(['pictures', 'quay.txt']);

		must(await filesOf(alice).stopSharing(id));
		await here.until(() => [alice, bob, carol].every((desk) => foldersOf(desk).length === 0));
		expect(await look(here, bob, id)).toMatchObject({ state: 'gone', items: [] });
	});

	test('A39: of a folder for one colleague the disk of another holds neither its name nor that of anything in it', async () => {
		const { here, alice, bob, carol } = await threeAtWork(402);
		const disk = createFakeDirectory('Salaries', { 'bonus-list.txt': 'x' });
		const id = must(await filesOf(alice).share({ name: 'Salaries', audience: onlyFor(alice, bob), tree: { kind: 'handle', handle: disk.handle } }));
		await here.until(() => foldersOf(bob).length === 1);
		expect(names(await look(here, bob, id))).toEqual(['bonus-list.txt']);
		await here.run(5_000);
		expect(foldersOf(carol)).toEqual([]);
		const holds = (desk: Desk, word: string): boolean =>
			[...[...desk.disk.segments.values()].flatMap((rows) => [...rows.values()]), ...desk.disk.records.values()].some((bytes) => Buffer.from(bytes).includes(Buffer.from(utf8(word))));
		for (const word of ['Salaries', 'bonus-list']) expect([holds(bob, word), holds(carol, word)]).toEqual([true, false]);
		// Knowing its id is of no use.
		expect(await look(here, carol, id)).toMatchObject({ state: 'gone', items: [] });
	});

	test('stays readable from a colleague who has read it while its owner is away, for those it is for', async () => {
		const { here, alice, bob, carol } = await threeAtWork(403);
		const dora = await here.bring('Dora');
		await here.until(() => linkedTo(dora) === 3);
		const disk = createFakeDirectory('Plans', { 'quay.txt': 'the quay' });
		const id = must(await filesOf(alice).share({ name: 'Plans', audience: onlyFor(alice, bob, dora), tree: { kind: 'handle', handle: disk.handle } }));
		await here.until(() => foldersOf(bob).length === 1 && foldersOf(dora).length === 1);
		await look(here, bob, id);
		await alice.leave();
		await here.until(() => foldersOf(dora)[0]?.state === 'away');
		expect(await look(here, dora, id)).toMatchObject({ state: 'whole', items: [{ name: 'quay.txt' }] });
		expect(await look(here, dora, id, 'unread')).toMatchObject({ state: 'unreachable' });
		// Also after Bob's page was closed: it rests on his disk.
		await bob.leave();
		await bob.back();
		expect(await look(here, bob, id)).toMatchObject({ items: [{ name: 'quay.txt' }] });
		expect(foldersOf(carol)).toEqual([]);
	});

	test('narrowed to one, it is refused to the other from that moment, and to whoever was taken out', async () => {
		const { here, alice, bob, carol } = await threeAtWork(404);
		const disk = createFakeDirectory('Plans', { 'quay.txt': 'the quay' });
		const id = must(await filesOf(alice).share({ name: 'Plans', audience: everyone, tree: { kind: 'handle', handle: disk.handle } }));
		await here.until(() => foldersOf(bob).length === 1 && foldersOf(carol).length === 1);
		here.split([alice], [carol]);
		must(await filesOf(alice).changeAudience(id, onlyFor(alice, bob)));
		await here.run(3_000);
		here.mend([alice], [carol]);
		await here.until(() => linkedTo(carol) === 2);
		expect(await look(here, carol, id)).toMatchObject({ items: [] });
		expect(['refused', 'gone']).toContain((await look(here, carol, id)).state);
		expect(names(await look(here, bob, id))).toEqual(['quay.txt']);
		must(await alice.office.removeMember(memberOf(alice, bob)));
		await here.until(() => linkedTo(bob) === 0);
		expect((await look(here, bob, id)).state).not.toBe('whole');
	});

	test('is asked for again after a restart, with one click, and says so to colleagues', async () => {
		const { here, alice, bob } = await threeAtWork(405);
		const disk = createFakeDirectory('Plans', { 'quay.txt': 'the quay' });
		const id = must(await filesOf(alice).share({ name: 'Plans', audience: everyone, tree: { kind: 'handle', handle: disk.handle } }));
		await here.until(() => foldersOf(bob).length === 1);
		await alice.leave();
		disk.withdraw();
		await alice.back();
		await here.until(() => linkedTo(alice) === 2);
		expect(foldersOf(alice)).toMatchObject([{ state: 'ask' }]);
		expect(await look(here, bob, id)).toMatchObject({ state: 'permission' });
		must(await filesOf(alice).resumeSharing(id));
		expect(foldersOf(alice)).toMatchObject([{ state: 'ready' }]);
		expect(names(await look(here, bob, id))).toEqual(['quay.txt']);
	});

	test('is found by name, as far down as it goes', async () => {
		const { here, alice, bob } = await threeAtWork(406);
		const disk = createFakeDirectory('Plans', { 'a/b/Quay wall.txt': 'x', 'a/other.txt': 'y' });
		const id = must(await filesOf(alice).share({ name: 'Plans', audience: onlyFor(alice, bob), tree: { kind: 'handle', handle: disk.handle } }));
		await here.until(() => foldersOf(bob).length === 1);
		const search = filesOf(bob).search('QUAY');
		search.subscribe(() => undefined);
		await here.until(() => search.get().state === 'whole');
		expect(search.get()).toMatchObject({ found: [{ name: 'Quay wall.txt', path: 'a/b/Quay wall.txt', folderId: id, folderName: 'Plans', ownerName: 'Alice' }], missing: [] });
	});
});
