/** Files are fetched over real signals and links: by whom, from whom, and what is refused in the middle of it. */
import { afterEach, describe, expect, test } from 'vitest';
import type { Files, Transfer } from '../../src/sync/files.ts';
import { contentBytes } from '../support/bulk-world.ts';
import { createFakeDirectory, type FakeDirectory } from '../support/fake-directory.ts';
import { createWholeOffice, type Desk, linkedTo, must, type WholeOffice } from '../support/whole-office.ts';

const MiB = 1024 * 1024;
let world: WholeOffice | undefined;

afterEach(async () => {
	await world?.stop();
	world = undefined;
});

const filesOf = (desk: Desk): Files => desk.office.files;
const memberOf = (at: Desk, desk: Desk): string => at.person(desk.name)?.id ?? '';
const everyone = { everyone: true, departments: [], people: [] };
const onlyFor = (at: Desk, ...people: readonly Desk[]) => ({ everyone: false, departments: [], people: people.map((desk) => memberOf(at, desk)) });
const transferOf = (desk: Desk, id: string): Transfer => {
	const found = filesOf(desk).transfers.get().find((one) => one.id === id);
	if (!found) throw new Error('no such transfer');
	return found;
};
const ended = (desk: Desk, id: string): boolean => ['done', 'failed', 'cancelled'].includes(transferOf(desk, id).state);
const download = { kind: 'download' } as const;

async function office(seed: number, ...names: readonly string[]): Promise<{ here: WholeOffice; alice: Desk; others: readonly Desk[] }> {
	const here = (world = await createWholeOffice(seed));
	const others: Desk[] = [];
	for (const name of names) others.push(await here.bring(name));
	await here.until(() => [here.founder, ...others].every((desk) => linkedTo(desk) === names.length));
	return { here, alice: here.founder, others };
}

async function share(here: WholeOffice, alice: Desk, others: readonly Desk[], disk: FakeDirectory, audience: Parameters<Files['share']>[0]['audience'] = everyone): Promise<string> {
	const id = must(await filesOf(alice).share({ name: 'Plans', audience, tree: { kind: 'handle', handle: disk.handle } }));
	await here.until(() => others.every((desk) => filesOf(desk).folders.get().some((folder) => folder.id === id)));
	return id;
}

describe('fetching', () => {
	test('a folder with small, large and empty files, nested, arrives whole; a second time everything is skipped', async () => {
		const { here, alice, others: [bob] } = await office(501, 'Bob');
		if (!bob) throw new Error('Bob is here');
		const big = contentBytes(3 * MiB + 5);
		const disk = createFakeDirectory('x', { 'quay.txt': 'the quay', 'пирс/空.txt': 'empty no more', 'пирс/deep/big.bin': big, 'none.txt': '' });
		const id = await share(here, alice, [bob], disk);
		const transfer = must(await filesOf(bob).fetch(id, [], download));
		await here.until(() => ended(bob, transfer));
		expect(transferOf(bob, transfer)).toMatchObject({ state: 'done', name: 'Plans', files: { done: 4, total: 4, skipped: 0 }, bytes: { done: big.length + 21, total: big.length + 21 }, failed: [] });
		expect([...bob.saved.keys()].sort()).toEqual(['Plans/none.txt', 'Plans/quay.txt', 'Plans/пирс/deep/big.bin', 'Plans/пирс/空.txt']);
		expect(Buffer.compare(bob.saved.get('Plans/пирс/deep/big.bin') ?? new Uint8Array(), big)).toBe(0);
		const again = must(await filesOf(bob).fetch(id, [], download));
		await here.until(() => ended(bob, again));
		expect(transferOf(bob, again)).toMatchObject({ state: 'done', files: { done: 0, total: 4, skipped: 4 } });
		expect(Buffer.from(await must(await filesOf(bob).read(id, 'quay.txt')).text()).toString()).toBe('the quay');
	});

	test('goes on after the page was closed in the middle, and fetches nothing twice', async () => {
		const { here, alice, others: [bob] } = await office(502, 'Bob');
		if (!bob) throw new Error('Bob is here');
		const big = contentBytes(8 * MiB);
		const id = await share(here, alice, [bob], createFakeDirectory('x', { 'big.bin': big }));
		here.bulk.setRate('Alice', 2 * MiB);
		const transfer = must(await filesOf(bob).fetch(id, ['big.bin'], download));
		await here.until(() => transferOf(bob, transfer).bytes.done >= 4 * MiB);
		await bob.leave();
		await bob.back();
		await here.until(() => linkedTo(bob) === 1);
		await here.until(() => ended(bob, transfer));
		expect(transferOf(bob, transfer).state).toBe('done');
		expect(Buffer.compare(bob.saved.get('big.bin') ?? new Uint8Array(), big)).toBe(0);
		expect(here.bulk.sent('Alice')).toBeLessThan(12 * MiB);
	});

	test('is finished by two who hold parts of it, after the owner left', async () => {
		const { here, alice, others: [bob, carol, dora] } = await office(503, 'Bob', 'Carol', 'Dora');
		if (!bob || !carol || !dora) throw new Error('they are here');
		const big = contentBytes(6 * MiB);
		const id = await share(here, alice, [bob, carol, dora], createFakeDirectory('x', { 'big.bin': big }));
		for (const desk of [bob, carol]) {
			const transfer = must(await filesOf(desk).fetch(id, [], { kind: 'here' }));
			await here.until(() => ended(desk, transfer));
			expect(transferOf(desk, transfer).state).toBe('done');
		}
		for (const host of ['Alice', 'Bob', 'Carol']) here.bulk.setRate(host, MiB);
		const transfer = must(await filesOf(dora).fetch(id, [], download));
		await here.until(() => transferOf(dora, transfer).bytes.done >= MiB);
		await alice.leave();
		await here.until(() => ended(dora, transfer));
		expect(transferOf(dora, transfer).state).toBe('done');
		expect(Buffer.compare(dora.saved.get('Plans/big.bin') ?? new Uint8Array(), big)).toBe(0);
		expect(here.bulk.sent('Bob')).toBeGreaterThan(0);
		expect(here.bulk.sent('Carol')).toBeGreaterThan(0);
	});

	test('A55: a byte changed on its way by a colleague who passes a file on never reaches the reader', async () => {
		const { here, alice, others: [bob, carol] } = await office(504, 'Bob', 'Carol');
		if (!bob || !carol) throw new Error('they are here');
		const big = contentBytes(3 * MiB);
		const id = await share(here, alice, [bob, carol], createFakeDirectory('x', { 'big.bin': big }));
		const held = must(await filesOf(bob).fetch(id, [], { kind: 'here' }));
		await here.until(() => ended(bob, held));
		here.bulk.tamper('Bob', (frame) => {
			frame[frame.length - 1] = (frame[frame.length - 1] ?? 0) ^ 1;
			return frame;
		});
		await alice.leave();
		const transfer = must(await filesOf(carol).fetch(id, [], download));
		await here.run(20_000);
		expect(ended(carol, transfer)).toBe(false);
		expect(carol.saved.size).toBe(0);
		await alice.back();
		await here.until(() => ended(carol, transfer));
		expect(Buffer.compare(carol.saved.get('Plans/big.bin') ?? new Uint8Array(), big)).toBe(0);
	});

	test('is refused to whoever is taken out, also in the middle of it, and to whom the folder is no longer for', async () => {
		const { here, alice, others: [bob, carol] } = await office(505, 'Bob', 'Carol');
		if (!bob || !carol) throw new Error('they are here');
		const id = await share(here, alice, [bob, carol], createFakeDirectory('x', { 'big.bin': contentBytes(10 * MiB) }));
		here.bulk.setRate('Alice', MiB);
		const fetches = [must(await filesOf(bob).fetch(id, [], download)), must(await filesOf(carol).fetch(id, [], download))] as const;
		await here.until(() => transferOf(bob, fetches[0]).bytes.done >= MiB && transferOf(carol, fetches[1]).bytes.done >= MiB);
		must(await filesOf(alice).changeAudience(id, onlyFor(alice, carol)));
		must(await alice.office.removeMember(memberOf(alice, carol)));
		await here.run(2_000);
		const sent = here.bulk.sent('Alice');
		await here.run(20_000);
		expect(here.bulk.sent('Alice') - sent).toBeLessThan(MiB);
		expect(transferOf(bob, fetches[0])).toMatchObject({ state: 'failed', failed: [{ path: 'Plans/big.bin', code: 'not-allowed' }] });
		expect(bob.saved.size + carol.saved.size).toBe(0);
	});

	test('tells of a file that changed or went under the share, fetches the rest, and on a second try what is there now', async () => {
		const { here, alice, others: [bob] } = await office(506, 'Bob');
		if (!bob) throw new Error('Bob is here');
		const disk = createFakeDirectory('x', { 'a.bin': contentBytes(6 * MiB), 'b.txt': 'b' });
		const id = await share(here, alice, [bob], disk);
		here.bulk.setRate('Alice', MiB);
		const transfer = must(await filesOf(bob).fetch(id, [], download));
		await here.until(() => transferOf(bob, transfer).bytes.done >= MiB);
		const changed = contentBytes(6 * MiB, 7);
		disk.write('a.bin', changed, Date.UTC(2026, 1, 1));
		await here.until(() => ended(bob, transfer));
		expect(transferOf(bob, transfer)).toMatchObject({ state: 'failed', failed: [{ path: 'Plans/a.bin', code: 'file-changed' }] });
		expect([...bob.saved.keys()]).toEqual(['Plans/b.txt']);
		here.bulk.setRate('Alice', 50 * MiB);
		await here.run(5_000);
		filesOf(bob).retry(transfer);
		await here.until(() => ended(bob, transfer));
		expect(transferOf(bob, transfer)).toMatchObject({ state: 'done', files: { skipped: 1 } });
		expect(Buffer.compare(bob.saved.get('Plans/a.bin') ?? new Uint8Array(), changed)).toBe(0);
	});

	test('waits where nobody has the rest, is paused and resumed, and shown to the one it comes from', async () => {
		const { here, alice, others: [bob] } = await office(507, 'Bob');
		if (!bob) throw new Error('Bob is here');
		const id = await share(here, alice, [bob], createFakeDirectory('x', { 'big.bin': contentBytes(6 * MiB) }));
		here.bulk.setRate('Alice', MiB);
		const transfer = must(await filesOf(bob).fetch(id, ['big.bin'], download));
		await here.until(() => transferOf(bob, transfer).bytes.done >= MiB);
		expect(transferOf(bob, transfer)).toMatchObject({ state: 'fetching', colleagues: ['Alice'] });
		expect(transferOf(bob, transfer).secondsLeft).toBeGreaterThan(0);
		expect(filesOf(alice).transfers.get()).toMatchObject([{ direction: 'out', name: 'big.bin', colleagues: ['Bob'] }]);
		filesOf(bob).pause(transfer);
		await here.run(2_000);
		const sent = here.bulk.sent('Alice');
		await here.run(5_000);
		expect(here.bulk.sent('Alice')).toBe(sent);
		await alice.leave();
		must(await filesOf(bob).resume(transfer));
		await here.until(() => transferOf(bob, transfer).state === 'looking');
		await alice.back();
		await here.until(() => ended(bob, transfer), 120_000);
		expect(transferOf(bob, transfer).state).toBe('done');
	});
});

describe('a file in a conversation', () => {
	test('is fetched by a member who was away from another who has it, and by nobody else', async () => {
		const { here, alice, others: [bob, carol, dora] } = await office(508, 'Bob', 'Carol', 'Dora');
		if (!bob || !carol || !dora) throw new Error('they are here');
		const group = must(await alice.office.startConversation([memberOf(alice, bob), memberOf(alice, carol)], 'Quay'));
		await here.until(() => [bob, carol].every((desk) => desk.office.conversations.get().some((one) => one.id === group)));
		await carol.leave();
		const picture = contentBytes(2 * MiB + 7);
		const thumbnail = Uint8Array.of(1, 2, 3);
		must(await filesOf(alice).sendFiles(group, [{ file: new File([picture], 'quay.bin'), thumbnail }]));
		const sentTo = (desk: Desk) => desk.office.messages(group).get().find((message) => message.attachment)?.attachment;
		await here.until(() => sentTo(bob) !== undefined);
		expect(sentTo(bob)).toMatchObject({ name: 'quay.bin', size: picture.length, thumbnail, held: 0, reachable: true });
		const message = sentTo(bob)?.message ?? '';
		const fetched = must(await filesOf(bob).fetchAttachment(message, download));
		await here.until(() => ended(bob, fetched));
		expect(Buffer.compare(bob.saved.get('quay.bin') ?? new Uint8Array(), picture)).toBe(0);
		await alice.leave();
		await carol.back();
		await here.until(() => sentTo(carol) !== undefined);
		const blob = filesOf(carol).readAttachment(message);
		let isRead = false;
		void blob.then(() => (isRead = true));
		await here.until(() => isRead);
		expect(Buffer.compare(Buffer.from(await must(await blob).arrayBuffer()), picture)).toBe(0);
		expect(await filesOf(dora).fetchAttachment(message, download)).toMatchObject({ ok: false });
	});
});

describe('what the owner’s computer does', () => {
	test('permission that the browser takes back halts a transfer until the owner’s click, and it goes on', async () => {
		const { here, alice, others: [bob] } = await office(509, 'Bob');
		if (!bob) throw new Error('Bob is here');
		const big = contentBytes(5 * MiB);
		const disk = createFakeDirectory('x', { 'big.bin': big });
		const id = await share(here, alice, [bob], disk);
		here.bulk.setRate('Alice', MiB);
		const transfer = must(await filesOf(bob).fetch(id, ['big.bin'], download));
		await here.until(() => transferOf(bob, transfer).bytes.done >= MiB);
		disk.withdraw();
		await here.run(40_000);
		expect(filesOf(alice).folders.get()).toMatchObject([{ state: 'ask' }]);
		expect(bob.saved.size).toBe(0);
		must(await filesOf(alice).resumeSharing(id));
		await here.run(2_000);
		if (ended(bob, transfer)) filesOf(bob).retry(transfer);
		await here.until(() => ended(bob, transfer), 120_000);
		expect(transferOf(bob, transfer).state).toBe('done');
		expect(Buffer.compare(bob.saved.get('big.bin') ?? new Uint8Array(), big)).toBe(0);
	});

	test('a folder for a department is for whoever is in it today', async () => {
		const { here, alice, others: [bob, carol] } = await office(510, 'Bob', 'Carol');
		if (!bob || !carol) throw new Error('they are here');
		const department = must(await alice.office.saveDepartment(undefined, 'Quay', [memberOf(alice, bob)]));
		await here.run(1_000);
		const disk = createFakeDirectory('x', { 'quay.txt': 'the quay' });
		const id = await share(here, alice, [bob], disk, { everyone: false, departments: [department], people: [] });
		expect(filesOf(carol).folders.get()).toEqual([]);
		must(await alice.office.saveDepartment(department, 'Quay', [memberOf(alice, carol)]));
		// Its device writes the FOLDER anew, sealed to Carol.
		await here.until(() => filesOf(carol).folders.get().some((folder) => folder.id === id));
		const transfer = must(await filesOf(carol).fetch(id, [], download));
		await here.until(() => ended(carol, transfer));
		expect(transferOf(carol, transfer).state).toBe('done');
		const refused = await filesOf(bob).fetch(id, [], download);
		if (refused.ok) await here.until(() => ended(bob, refused.value));
		expect(bob.saved.size).toBe(0);
	});
});

describe('what one colleague alone has fetched', () => {
	test('is had from them when the owner is away, small files and large ones', async () => {
		const { here, alice, others: [bob, carol] } = await office(511, 'Bob', 'Carol');
		if (!bob || !carol) throw new Error('they are here');
		const files = { 'a/one.txt': 'one', 'a/two.txt': 'two', 'big.bin': contentBytes(2 * MiB + 9) };
		const id = await share(here, alice, [bob, carol], createFakeDirectory('x', files));
		const held = must(await filesOf(bob).fetch(id, [], { kind: 'here' }));
		await here.until(() => ended(bob, held));
		await alice.leave();
		await bob.leave();
		await bob.back();
		const transfer = must(await filesOf(carol).fetch(id, [], download));
		await here.until(() => ended(carol, transfer));
		expect(transferOf(carol, transfer)).toMatchObject({ state: 'done', files: { done: 3, total: 3 } });
		expect(Buffer.from(carol.saved.get('Plans/a/two.txt') ?? []).toString()).toBe('two');
		expect(Buffer.compare(carol.saved.get('Plans/big.bin') ?? new Uint8Array(), files['big.bin'])).toBe(0);
	});

	test('also by who looked at the folder after its owner had started anew', async () => {
		const { here, alice, others: [bob, carol] } = await office(512, 'Bob', 'Carol');
		if (!bob || !carol) throw new Error('they are here');
		const files = { 'a/one.txt': 'one', 'a/two.txt': 'two', 'root.txt': 'root', 'big.bin': contentBytes(2 * MiB + 9) };
		const id = await share(here, alice, [bob, carol], createFakeDirectory('x', files));
		const held = must(await filesOf(bob).fetch(id, [], { kind: 'here' }));
		await here.until(() => ended(bob, held));
		await alice.leave();
		await alice.back();
		await here.until(() => linkedTo(alice) === 2);
		const listing = filesOf(carol).listing(id, '');
		const stop = listing.subscribe(() => undefined);
		await here.until(() => listing.get().state === 'whole' && listing.get().items.length === 3);
		stop();
		await alice.leave();
		await here.until(() => linkedTo(carol) === 1);
		const transfer = must(await filesOf(carol).fetch(id, [], download));
		await here.until(() => ended(carol, transfer));
		expect(transferOf(carol, transfer)).toMatchObject({ state: 'done', files: { done: 4, total: 4 } });
	});

	test('also what was begun before a restart of the one who fetches', async () => {
		const { here, alice, others: [bob, carol] } = await office(513, 'Bob', 'Carol');
		if (!bob || !carol) throw new Error('they are here');
		const files: Record<string, string | Uint8Array> = { 'root.txt': 'root', 'a/b/big.bin': contentBytes(12 * MiB + 17) };
		for (let n = 0; n < 150; n++) files[`a/note-${String(n)}.txt`] = `note ${String(n)}`;
		const id = await share(here, alice, [bob, carol], createFakeDirectory('x', files));
		const held = must(await filesOf(bob).fetch(id, [], { kind: 'here' }));
		await here.until(() => ended(bob, held));
		await alice.leave();
		const transfer = must(await filesOf(carol).fetch(id, [], { kind: 'here' }));
		await here.run(300);
		await carol.leave();
		await carol.back();
		await here.until(() => linkedTo(carol) === 1);
		await here.until(() => ended(carol, transfer));
		expect(transferOf(carol, transfer)).toMatchObject({ state: 'done', files: { done: 152, total: 152 } });
	});
});
