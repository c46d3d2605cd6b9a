/** Someone is taken out of the office: what they, the stale and the updated see of each other, over real signals and links. */
import { afterEach, describe, expect, test } from 'vitest';
import { everyoneId } from '../../src/sync/office.ts';
import { createWholeOffice, linkedTo, must, type WholeOffice } from '../support/whole-office.ts';

const dayMs = 86_400_000;
let world: WholeOffice | undefined;

afterEach(async () => {
	await world?.stop();
	world = undefined;
});

describe('a removal', () => {
	test('the leaver reads nothing new, learns of it in words, keeps what they had, and is linked to by nobody', async () => {
		const here = (world = await createWholeOffice(1));
		const { founder: alice } = here;
		const bob = await here.bring('Bob');
		const xaver = await here.bring('Xaver');
		await here.until(() => [alice, bob, xaver].every((desk) => linkedTo(desk) === 2));
		must(await alice.office.sendMessage(everyoneId, 'before'));
		await here.until(() => xaver.texts().includes('before'));

		const person = alice.person('Xaver');
		expect(person).toMatchObject({ mayRemove: true, mayBecome: ['manager', 'owner'] });
		must(await alice.office.removeMember(person?.id ?? ''));
		must(await alice.office.sendMessage(everyoneId, 'after'));
		await here.until(() => xaver.office.connection.get().readOnly === 'removed');
		expect(xaver.office.connection.get().removedBy).toBe('Alice');
		await here.until(() => bob.texts().includes('after'));
		await here.run(60_000);
		expect(xaver.texts()).toEqual(['before']);
		expect([alice, bob, xaver].map(linkedTo)).toEqual([1, 1, 0]);
		expect(bob.office.people.get().map((one) => one.name)).toEqual(['Alice', 'Bob']);
		expect(xaver.office.self.get().name).toBe('Xaver');
		expect(await xaver.office.sendMessage(everyoneId, 'let me in')).toMatchObject({ ok: false });

		// And after a restart.
		await xaver.leave();
		await xaver.back();
		await here.run(40_000);
		expect(xaver.office.connection.get()).toMatchObject({ readOnly: 'removed', linked: 0 });
		expect(xaver.texts()).toEqual(['before']);
	});
});

describe('who was away', () => {
	test('A52: comes back by itself after three re-keyings, by an old topic and key; one who was taken out meanwhile gets nothing by the same ones', async () => {
		const here = (world = await createWholeOffice(52));
		const { founder: alice } = here;
		const [bob, xaver] = [await here.bring('Bob'), await here.bring('Xaver')];
		const others = [await here.bring('Yara'), await here.bring('Zoe')];
		must(await alice.office.sendMessage(everyoneId, 'before'));
		await here.until(() => [bob, xaver].every((desk) => desk.texts().includes('before')));
		for (const desk of [bob, xaver, ...others]) await desk.leave();
		for (const name of ['Xaver', 'Yara', 'Zoe']) must(await alice.office.removeMember(alice.person(name)?.id ?? ''));
		must(await alice.office.sendMessage(everyoneId, 'after three'));
		await here.run(5_000);

		const keysOf = (desk: typeof bob): number => [...desk.disk.records.keys()].filter((key) => key.startsWith('keys/mesh/')).length;
		const before = keysOf(xaver);
		await xaver.back();
		await here.until(() => xaver.office.connection.get().readOnly === 'removed');
		await here.run(30_000);
		expect(keysOf(xaver)).toBe(before);
		expect(xaver.texts()).toEqual(['before']);
		expect(linkedTo(xaver)).toBe(0);

		await bob.back();
		await here.until(() => bob.texts().includes('after three'));
		expect(keysOf(bob)).toBe(before + 3);
		expect(bob.office.people.get().map((one) => one.name)).toEqual(['Alice', 'Bob']);
		must(await bob.office.sendMessage(everyoneId, 'glad to be back'));
		await here.until(() => alice.texts().includes('glad to be back'));
		await here.run(5_000);
		expect(xaver.texts()).toEqual(['before']);
	});
});

describe('two halves', () => {
	test('A51: a removal known to one half: the other converges with the first contact, links to the one removed go, and what they wrote meanwhile goes nowhere', async () => {
		const here = (world = await createWholeOffice(51));
		const { founder: alice } = here;
		const bob = await here.bring('Bob');
		const cara = await here.bring('Cara');
		const xaver = await here.bring('Xaver');
		await here.until(() => [alice, bob, cara, xaver].every((desk) => linkedTo(desk) === 3));
		here.split([alice, bob], [cara, xaver]);
		await here.until(() => [alice, bob, cara, xaver].every((desk) => linkedTo(desk) === 1));

		must(await alice.office.removeMember(alice.person('Xaver')?.id ?? ''));
		must(await xaver.office.sendMessage(everyoneId, 'nobody told us'));
		must(await cara.office.sendMessage(everyoneId, 'in our half'));
		await here.until(() => cara.texts().includes('nobody told us'));
		expect(bob.person('Xaver')).toBeUndefined();
		expect(cara.person('Xaver')).toBeDefined();

		here.mend([alice, bob], [cara, xaver]);
		await here.until(() => cara.person('Xaver') === undefined && [alice, bob, cara].every((desk) => linkedTo(desk) === 2), 120_000);
		await here.until(() => xaver.office.connection.get().readOnly === 'removed', 120_000);
		must(await alice.office.sendMessage(everyoneId, 'all together'));
		await here.until(() => [bob, cara].every((desk) => desk.texts().includes('all together')));
		await here.run(30_000);
		for (const desk of [alice, bob]) expect(desk.texts()).not.toContain('nobody told us');
		for (const desk of [alice, bob, cara]) expect(desk.texts()).toEqual(expect.arrayContaining(['in our half', 'all together']));
		expect(linkedTo(xaver)).toBe(0);
		expect(xaver.texts()).not.toContain('all together');
	});
});

describe('a list of people that may be old', () => {
	test('holds what is sent after 14 days without anybody who keeps it, goes out on the person’s word, and is current again with the first manager', async () => {
		const here = (world = await createWholeOffice(14));
		const { founder: alice } = here;
		const [bob, cara] = [await here.bring('Bob'), await here.bring('Cara')];
		await here.until(() => [alice, bob, cara].every((desk) => linkedTo(desk) === 2));
		expect(alice.office.connection.get().list).toBe('current');
		await here.until(() => bob.office.connection.get().list === 'current');
		await alice.leave();
		await bob.leave();
		await cara.leave();
		here.clock.jump(15 * dayMs);
		await bob.back();
		await here.run(10_000);
		expect(bob.office.connection.get().list).toBe('stale');
		await cara.back();
		await here.until(() => linkedTo(bob) === 1);
		await here.run(30_000);
		// One colleague alone may be the one who was taken out.
		expect(bob.office.connection.get().list).toBe('stale');
		expect(await bob.office.sendMessage(everyoneId, 'hello?')).toEqual({ ok: false, code: 'list-stale' });
		bob.office.sendAnyway();
		expect(bob.office.connection.get().list).toBe('stale-sending');
		must(await bob.office.sendMessage(everyoneId, 'hello?'));

		await alice.back();
		await here.until(() => bob.office.connection.get().list === 'current');
		await here.until(() => cara.office.connection.get().list === 'current');
		// The only one who keeps the list has nobody to hear of.
		expect(alice.office.connection.get().list).toBe('current');
	});
});
