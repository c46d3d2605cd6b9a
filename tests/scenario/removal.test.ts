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
