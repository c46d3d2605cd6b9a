/** Who was removed, demoted or showed two histories: what they wrote beyond that is hidden, also where it was shown before. */
import { expect, test } from 'vitest';
import { utf8 } from '../../src/crypto/bytes.ts';
import { createEntry, draftPrefix, type Entry, kinds, lanes } from '../../src/sync/log/entry.ts';
import { createForkWatch } from '../../src/sync/log/fork-watch.ts';
import { everyoneId } from '../../src/sync/office.ts';
import { decodeMessageInner, encodeMessageInner, innerTypes } from '../../src/sync/office/conversations/inner.ts';
import { createActWriter } from '../../src/sync/office/members/act-writer.ts';
import type { Cut } from '../../src/sync/office/members/acts.ts';
import { decodeMessageBody, drawSenderKey, encodeMessageBody } from '../../src/sync/office/keys/sender-keys.ts';
import { createContentOffice, must, type Talker } from '../support/content-office.ts';
import { hostileMail, keysOpenTo } from '../support/hostile-mail.ts';
import { seededRandom } from '../support/seeded-random.ts';

const random = seededRandom(77);

async function begin(names: readonly string[], managers = 1) {
	const office = await createContentOffice(names, { managers });
	office.connect();
	await office.clock.advance(5000);
	return office;
}

const writerOf = ({ log, members }: Talker) => createActWriter({ log, members });

/** All that this device holds of another's chains. */
function cutAt(by: Talker, whom: Talker): Cut {
	return [lanes.office, lanes.open, lanes.mail].flatMap((lane) => {
		const head = by.log.head(whom.id, lane);
		return head ? [{ device: whom.id, lane, seq: head.seq, id: head.id }] : [];
	});
}

const remove = async (by: Talker, whom: Talker): Promise<Entry> => must(await writerOf(by).write({ type: 'removeMember', member: whom.member, reason: 0, cut: cutAt(by, whom) }));

test('A04: what a removed colleague wrote beyond the cut, with whatever clock, vanishes from the device that was shown it, once it learns', async () => {
	const { who, clock, network, officeId } = await begin(['Alice', 'Mallory', 'Carol']);
	const [alice, mallory, carol] = [who('Alice'), who('Mallory'), who('Carol')];
	const group = must(await alice.office.startConversation([mallory.member, carol.member], 'Group'));
	const direct = must(await mallory.office.startConversation([carol.member], ''));
	const notice = must(await alice.office.postNotice({ title: 'Drill', text: 'x', asksAcknowledgement: true }));
	await clock.advance(1000);
	must(await mallory.office.sendMessage(group, 'before, in the group'));
	must(await mallory.office.sendMessage(direct, 'before, directly'));
	must(await mallory.office.sendMessage(everyoneId, 'before, to all'));
	must(await carol.office.sendMessage(group, 'Carol wrote'));
	await clock.advance(2000);
	const shown = (talker: Talker) => [group, direct, everyoneId].map((id) => talker.texts(id));
	const before = shown(carol);

	network.partition([[alice.id], [mallory.id, carol.id]]);
	await remove(alice, mallory);
	must(await mallory.office.sendMessage(group, 'after, in the group'));
	must(await mallory.office.sendMessage(direct, 'after, directly'));
	must(await mallory.office.sendMessage(everyoneId, 'after, to all'));
	must(await mallory.office.acknowledge(notice));
	await mallory.office.markRead(group);
	// And one with a clock, a lamport number and heads of long ago.
	const evil = await hostileMail(mallory, officeId, random);
	const key = drawSenderKey(random);
	const keys = await evil.keys(key, [carol, alice]);
	const fields = { kind: kinds.msg, lane: lanes.mail, officeId, author: mallory.id, seq: keys.header.seq + 1, prev: keys.id, lamport: keys.header.lamport + 1, wallMs: 1, refs: [] } as const;
	const inner = encodeMessageInner({ type: innerTypes.text, conversation: group, epoch: '00'.repeat(32), author: mallory.id, seq: fields.seq, follows: [], content: utf8('after, back-dated') });
	const backDated = createEntry(fields, encodeMessageBody(random, key, { keysSeq: keys.header.seq, index: 0 }, draftPrefix(fields), inner)!, mallory.keys.signSecret);
	await clock.advance(3000);
	expect(await carol.log.accept([backDated])).toBe('stored');
	expect(carol.texts(group)).toEqual(expect.arrayContaining(['after, in the group', 'after, back-dated']));
	expect(carol.texts(direct)).toContain('after, directly');
	expect(carol.texts(everyoneId)).toContain('after, to all');

	network.disconnect(mallory.id, carol.id);
	network.connect(alice.id, carol.id);
	await clock.advance(30_000);
	expect(shown(carol)).toEqual(before);
	expect(carol.office.messages(group).get().find((message) => message.text === 'before, in the group')).toMatchObject({ authorName: 'Mallory', author: mallory.member });
	expect(carol.office.conversations.get().find((one) => one.id === direct)).toMatchObject({ title: 'Mallory', joined: false, lastText: 'before, directly' });
	for (const talker of [alice, carol]) for (const id of [group, everyoneId]) expect(talker.texts(id).filter((text) => text.startsWith('after'))).toEqual([]);
	expect(alice.office.notices.get()[0]?.roll?.acknowledged).toEqual([]);
	expect(alice.office.messages(group).get().every((message) => message.state !== 'read')).toBe(true);
	await carol.restart();
	expect(shown(carol)).toEqual(before);
	expect(await carol.office.sendMessage(direct, 'still there?')).toEqual({ ok: false, code: 'not-allowed' });
});

test('A30: a removal between writing and sending: all that follows is sealed without the one removed, who opens none of it', async () => {
	const { who, clock } = await begin(['Alice', 'Bo', 'Carol']);
	const [alice, bo, carol] = [who('Alice'), who('Bo'), who('Carol')];
	const group = must(await alice.office.startConversation([bo.member, carol.member], 'Group'));
	must(await alice.office.sendMessage(group, 'with Bo'));
	await clock.advance(1000);
	must(await carol.office.sendMessage(group, 'by Carol with Bo'));
	await clock.advance(1000);
	// Both stand in the log's queue, the removal first: the message was composed before it.
	const removal = remove(alice, bo);
	const sending = alice.office.sendMessage(group, 'composed with Bo, sealed without');
	await removal;
	must(await sending);
	await clock.advance(2000);
	for (let n = 0; n < 5; n++) {
		must(await alice.office.sendMessage(group, `Alice ${n}`));
		must(await carol.office.sendMessage(group, `Carol ${n}`));
	}
	await clock.advance(2000);
	expect(carol.texts(group)).toEqual(alice.texts(group).map((text) => text.replace('You created', 'Alice created')));
	expect(carol.texts(group)).toHaveLength(14);
	// A stale carrier gives Bo all of it.
	for (const author of [alice, carol]) await bo.log.accept(alice.log.range(author.id, lanes.mail, 0));
	await clock.advance(2000);
	expect(bo.log.head(alice.id, lanes.mail)?.seq).toBe(alice.log.head(alice.id, lanes.mail)?.seq);
	expect(bo.texts(group)).toHaveLength(3);
	expect(await bo.office.sendMessage(group, 'and I?')).toEqual({ ok: false, code: 'not-allowed' });
});

test('A08: a notice of a manager demoted or removed meanwhile is hidden once that is known, and what it withdrew stands again', async () => {
	const { who, clock, network } = await begin(['Alice', 'Mallory', 'Max', 'Carol'], 3);
	const [alice, mallory, max, carol] = [who('Alice'), who('Mallory'), who('Max'), who('Carol')];
	const real = must(await alice.office.postNotice({ title: 'True', text: 'by the owner', asksAcknowledgement: false }));
	must(await mallory.office.postNotice({ title: 'Earlier', text: 'as a manager', asksAcknowledgement: false }));
	await clock.advance(2000);
	network.partition([[alice.id], [mallory.id, max.id, carol.id]]);
	must(await writerOf(alice).write({ type: 'setRole', member: mallory.member, role: 1, cut: cutAt(alice, mallory) }));
	await remove(alice, max);
	must(await mallory.office.postNotice({ title: 'False', text: 'no manager any more', asksAcknowledgement: false }));
	must(await max.office.postNotice({ title: 'False too', text: 'removed', asksAcknowledgement: false }));
	must(await max.office.withdrawNotice(real));
	await clock.advance(3000);
	const titles = (talker: Talker) => talker.office.notices.get().map((notice) => notice.title).sort();
	expect(titles(carol)).toEqual(['Earlier', 'False', 'False too']);
	network.connectAll([alice.id, carol.id]);
	await clock.advance(60_000);
	for (const talker of [alice, carol]) expect(titles(talker)).toEqual(['Earlier', 'True']);
});

test('A33: two stories told to two colleagues at one place are two histories: both are hidden, and what came before stays', async () => {
	const { who, clock, network, connect, officeId } = await begin(['Alice', 'Mallory', 'Bo', 'Carol']);
	const [alice, mallory, bo, carol] = [who('Alice'), who('Mallory'), who('Bo'), who('Carol')];
	const watches = [alice, bo, carol].map(({ log }) => createForkWatch({ log, clock, random, mayWrite: () => true }));
	const group = must(await alice.office.startConversation([mallory.member, bo.member, carol.member], 'Group'));
	await clock.advance(1000);
	must(await mallory.office.sendMessage(group, 'the same to all'));
	await clock.advance(2000);
	await mallory.stop();
	network.partition([[bo.id], [carol.id], [alice.id]]);
	const head = mallory.log.head(mallory.id, lanes.mail)!;
	const last = mallory.log.at(mallory.id, lanes.mail, head.seq)!;
	const open = await keysOpenTo(mallory, random);
	const { epoch } = decodeMessageInner(open.open(last) as Uint8Array)!;
	const { keysSeq } = decodeMessageBody(last.body)!;
	const tell = (text: string): Entry => {
		const fields = { kind: kinds.msg, lane: lanes.mail, officeId, author: mallory.id, seq: head.seq + 1, prev: head.id, lamport: head.lamport + 1, wallMs: 5, refs: [] } as const;
		const inner = encodeMessageInner({ type: innerTypes.text, conversation: group, epoch, author: mallory.id, seq: fields.seq, follows: [], content: utf8(text) });
		return createEntry(fields, encodeMessageBody(random, open.keyOf(mallory.id, keysSeq)!, { keysSeq, index: 9 }, draftPrefix(fields), inner)!, mallory.keys.signSecret);
	};
	expect(await bo.log.accept([tell('we strike')])).toBe('stored');
	expect(await carol.log.accept([tell('we do not')])).toBe('stored');
	await clock.advance(1000);
	expect([bo.texts(group).at(-1), carol.texts(group).at(-1)]).toEqual(['we strike', 'we do not']);
	connect([alice, bo, carol]);
	await clock.advance(180_000);
	for (const talker of [alice, bo, carol]) {
		expect(talker.texts(group)).not.toContain('we strike');
		expect(talker.texts(group)).not.toContain('we do not');
		expect(talker.texts(group)).toContain('the same to all');
	}
	for (const watch of watches) watch.stop();
});
