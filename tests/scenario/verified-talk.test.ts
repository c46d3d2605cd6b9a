/** Writing to somebody whose keys were verified. */
import { expect, test } from 'vitest';
import { createContentOffice, must } from '../support/content-office.ts';

test('to a verified colleague whose keys are others now nothing is sent until this person has seen it; groups go on', async () => {
	const { who, clock, connect } = await createContentOffice(['Alice', 'Bo', 'Carol'], { seed: 27 });
	const [alice, bo, carol] = [who('Alice'), who('Bo'), who('Carol')];
	connect();
	await clock.advance(1_000);
	const direct = must(await alice.office.startConversation([bo.member], ''));
	const group = must(await alice.office.startConversation([bo.member, carol.member], 'Group'));
	const row = [...alice.disk.records.keys()].find((key) => key.endsWith(`known-keys/${bo.member}`))!;
	// What was verified and seen, once, were other keys.
	const met = alice.disk.records.get(row)!;
	const once = new Uint8Array(1 + 2 + 64 + 2 + 64).fill(7);
	once.set([1, 0, 1]);
	once.set([0, 1], 67);
	alice.disk.records.set(row, once);
	await alice.restart();
	connect();
	await clock.advance(1_000);
	expect(await alice.office.sendMessage(direct, 'to whom?')).toEqual({ ok: false, code: 'keys-changed' });
	must(await alice.office.sendMessage(group, 'to all'));
	await clock.advance(2_000);
	expect(bo.texts(direct)).toEqual([]);
	expect(bo.texts(group)).toContain('to all');
	const noted = alice.verification.commands.noteKeyChange(bo.member);
	await clock.advance(10);
	must(await noted);
	must(await alice.office.sendMessage(direct, 'to you'));
	await clock.advance(2_000);
	expect(bo.texts(direct)).toEqual(['to you']);
	expect(alice.disk.records.get(row)).not.toEqual(met);
});
