/** Joining where it is hard: an office with a long past of talk, and newcomers with two invites. */
import { describe, expect, test } from 'vitest';
import { createEntry, type Id, kinds, lanes } from '../../src/sync/log/entry.ts';
import { messageTypes } from '../../src/sync/link/message-types.ts';
import { createJoiningOffice } from '../support/joining-office.ts';

const seconds = 1000;
const unseen: Id = 'ab'.repeat(32);

describe('an office with a long past', () => {
	test('takes in a newcomer, though more was said between two acts than a replica takes on trust', async () => {
		const office = await createJoiningOffice(31);
		const { clock, founder: alice, officeId } = office;
		const mara = await office.bring('Mara', alice, alice);
		// What is left of a hundred thousand messages: a BASE and one more.
		const fields = { lane: lanes.mail, officeId, author: mara.id, wallMs: clock.now(), refs: [unseen] };
		const base = createEntry({ ...fields, kind: kinds.base, seq: 100_000, prev: unseen, lamport: 60_000 }, new Uint8Array(9), mara.keys.signSecret);
		const next = createEntry({ ...fields, kind: kinds.msg, seq: 100_001, prev: base.id, lamport: 120_000 }, new Uint8Array(9), mara.keys.signSecret);
		expect(await alice.log.accept([base])).toBe('stored');
		expect(await alice.log.accept([next])).toBe('stored');

		const bob = await office.newcomer('Bob', await office.invite(alice));
		bob.reach(alice);
		await clock.advance(60 * seconds);
		expect(bob.isIn()).toBe(true);
		expect(bob.log.stats.bad).toBe(0);
	});
});

describe('a refusal', () => {
	test('of one device under two invites ends, wherever they meet', async () => {
		const office = await createJoiningOffice(32);
		const { clock, founder: alice, network } = office;
		const mara = await office.bring('Mara', alice, alice, { role: 'manager' });
		const first = await office.newcomer('Bob', await office.invite(alice, { uses: 0, confirm: true }));
		const second = await office.newcomer('Bob', await office.invite(alice, { uses: 0, confirm: true }), { keys: first.keys, disk: first.disk });
		network.connect(alice.id, mara.id);
		await clock.advance(5 * seconds);
		network.disconnect(alice.id, mara.id);

		first.reach(alice);
		await clock.advance(5 * seconds);
		expect((await alice.admission.refuse(first.id)).ok).toBe(true);
		network.unplug(first.id);
		await first.stop();
		second.reach(mara);
		await clock.advance(5 * seconds);
		expect((await mara.admission.refuse(second.id)).ok).toBe(true);
		network.unplug(second.id);

		network.sent.clear();
		network.connect(alice.id, mara.id);
		await clock.advance(5 * seconds);
		expect(network.sent.get(messageTypes.refused) ?? 0).toBeLessThan(10);
	});
});
