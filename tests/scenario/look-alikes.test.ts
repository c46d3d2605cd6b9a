/** Nobody comes to be called like a colleague: not by joining, not by another name afterwards (ATTACKS.md, A41). */
import { expect, test } from 'vitest';
import { createActWriter } from '../../src/sync/office/members/act-writer.ts';
import { shownNames } from '../../src/sync/office/members/names.ts';
import { createJoiningOffice, until } from '../support/joining-office.ts';

const seconds = 1_000;

test('A41: a newcomer whose card bears a colleague’s name in other letters is let in by nobody, with a manager’s word or without', async () => {
	const office = await createJoiningOffice(41);
	const { clock, founder: alice } = office;
	const open = await office.invite(alice, { uses: 0 });
	const asking = await office.invite(alice, { uses: 0, confirm: true });
	// A changed client asks nobody before it signs such a card.
	for (const [link, name] of [[open, 'Аlісе'], [open, 'Alice\u200b'], [asking, 'AIice'], [asking, 'Bob\u00ad']] as const) {
		const mallory = await office.newcomer(name, link);
		mallory.reach(alice);
		await clock.advance(10 * seconds);
		expect([name, mallory.process.joining.get()]).toEqual([name, { step: 'failed', code: 'name-taken' }]);
		await mallory.stop();
	}
	expect(alice.members.state.get().members.size).toBe(1);
	expect(alice.admission.waiting.get()).toEqual([]);
});

test('A41: a member cannot rename themselves into a colleague, and a changed client that does is told apart on every screen', async () => {
	const office = await createJoiningOffice(42);
	const { founder: alice } = office;
	const bob = await office.bring('Bob', alice, alice);
	const desk = bob.commands;
	for (const name of ['alice', 'Alicе', 'ΑΙice', 'Ａlice', ' Alice ']) expect([name, await desk.rename(name, '')]).toEqual([name, { ok: false, code: name === ' Alice ' ? 'name-too-long' : 'name-taken' }]);
	expect(await desk.rename('Alice\u200d', '')).toEqual({ ok: false, code: 'name-invisible' });
	expect(await desk.rename('Alice', 'Front\u202e desk')).toEqual({ ok: false, code: 'name-invisible' });
	expect(await desk.rename('Bobby', 'Front desk')).toEqual({ ok: true, value: undefined });
	// The same act, from a client that does not ask.
	await createActWriter({ log: bob.log, members: bob.members.state }).write({ type: 'profile', name: 'Alicе', department: '', extensions: [] });
	const names = shownNames(bob.members.state.get());
	expect([...names.values()]).toEqual([`Alice (${alice.id.slice(0, 8)})`, `Alicе (${bob.id.slice(0, 8)})`]);
});

test('who was removed because their browser was cleared comes back under their own name by a manager’s word, and by no open invite', async () => {
	const office = await createJoiningOffice(43);
	const { clock, founder: alice } = office;
	const bob = await office.bring('Bob', alice, alice);
	const old = office.memberOf(alice, bob);
	expect(await alice.commands.removeMember(old?.id ?? '')).toEqual({ ok: true, value: undefined });
	await bob.stop();

	const again = await office.newcomer('Bob', await office.invite(alice, { uses: 0 }));
	again.reach(alice);
	await clock.advance(10 * seconds);
	expect(again.process.joining.get()).toEqual({ step: 'failed', code: 'name-taken' });
	await again.stop();

	const asking = await office.newcomer('Bob', await office.invite(alice, { confirm: true }));
	asking.reach(alice);
	await until(clock, () => alice.admission.waiting.get().length === 1);
	expect(await alice.admission.letIn(asking.id)).toEqual({ ok: true, value: undefined });
	await until(clock, () => asking.isIn());
	const now = office.memberOf(alice, asking);
	expect(now).toMatchObject({ name: 'Bob', inForce: true });
	// What the one and the other wrote stays apart.
	expect(shownNames(alice.members.state.get()).get(now?.id ?? '')).toBe(`Bob (${asking.id.slice(0, 8)})`);
});
