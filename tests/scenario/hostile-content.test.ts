/** A member with a changed client, and a carrier who looks: what is refused, by its number in ATTACKS.md. */
import { expect, test } from 'vitest';
import { concat, hex, utf8 } from '../../src/crypto/bytes.ts';
import { createEntry, type Entry, idToBytes, kinds, lanes, type Position } from '../../src/sync/log/entry.ts';
import { encodeMessageInner, innerTypes, type MessageInner } from '../../src/sync/office/conversations/inner.ts';
import { encodeAct } from '../../src/sync/office/members/acts.ts';
import { encodeNotice, plainNotice } from '../../src/sync/office/placard/notice-body.ts';
import { openPrekeys } from '../../src/sync/office/keys/prekeys.ts';
import { type Copy, createSealedCopies, type Recipient } from '../../src/sync/office/keys/sealed-copies.ts';
import { decodeMessageBody, encodeKeysBody, encodeMessageBody } from '../../src/sync/office/keys/sender-keys.ts';
import { everyoneId } from '../../src/sync/office.ts';
import { createContentOffice, must, type Talker } from '../support/content-office.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { seededRandom } from '../support/seeded-random.ts';

const random = seededRandom(99);
const cardOf = (talker: Talker): Recipient => ({ id: talker.id, kemPublic: talker.keys.kemPublic });

/** Writes what no honest client would. */
async function hostile(mallory: Talker, officeId: string) {
	const prekeys = await openPrekeys({ store: createMemoryStore(officeId), keys: mallory.keys, clock: { now: () => 0, after: () => () => undefined }, random });
	const copies = createSealedCopies({ officeId, keys: mallory.keys, prekeys, random });
	const write = async (kind: number, body: (at: Position) => Uint8Array): Promise<Entry> => must(await mallory.log.append({ kind, lane: lanes.mail, body }));
	return {
		keys: (key: Uint8Array, readers: readonly Talker[]) => write(kinds.keys, (at) => encodeKeysBody(copies.wrap(key, at.seq, readers.map(cardOf)))),
		copies: (make: (at: Position) => readonly Copy[]) => write(kinds.keys, (at) => encodeKeysBody(make(at))),
		wrap: (key: Uint8Array, seq: number, readers: readonly Talker[]) => copies.wrap(key, seq, readers.map(cardOf)),
		message(key: Uint8Array, keysSeq: number, index: number, inner: (at: Position) => Partial<MessageInner> & Pick<MessageInner, 'conversation'>) {
			return write(kinds.msg, (at) => {
				const whole = { type: innerTypes.text, epoch: '11'.repeat(32), author: at.author, seq: at.seq, follows: [], content: utf8('hostile'), ...inner(at) };
				return encodeMessageBody(random, key, { keysSeq, index }, at.prefix, encodeMessageInner(whole))!;
			});
		},
		raw: (kind: number, body: Uint8Array) => write(kind, () => body),
	};
}

/** A direct conversation of the two with one honest message each. */
async function acquainted(a: Talker, b: Talker): Promise<string> {
	const id = must(await a.office.startConversation([b.member], ''));
	must(await a.office.sendMessage(id, `honest from ${a.name}`));
	must(await b.office.sendMessage(id, `honest from ${b.name}`));
	return id;
}

const allTexts = (talker: Talker): readonly string[] => talker.office.conversations.get().flatMap((one) => talker.texts(one.id));

async function begin(names: readonly string[]) {
	const office = await createContentOffice(names);
	office.connect();
	await office.clock.advance(5000);
	return office;
}

test('A01: the same entry delivered again, also after a restart, is shown once', async () => {
	const { who, clock } = await begin(['Alice', 'Bo']);
	const [alice, bo] = [who('Alice'), who('Bo')];
	const id = await acquainted(alice, bo);
	await clock.advance(1000);
	const entries = alice.log.range(alice.id, lanes.mail, 0);
	expect(await bo.log.accept(entries)).toBe('known');
	await bo.restart();
	expect(await bo.log.accept(entries)).toBe('known');
	expect([...bo.texts(id)].sort()).toEqual(['honest from Alice', 'honest from Bo']);
});

test('A02: a key serves one conversation at one epoch; another office, conversation or epoch is refused', async () => {
	const { who, clock, officeId } = await begin(['Alice', 'Mallory', 'Carol']);
	const [alice, mallory, carol] = [who('Alice'), who('Mallory'), who('Carol')];
	const direct = await acquainted(alice, mallory);
	const group = must(await alice.office.startConversation([mallory.member, carol.member], 'Group'));
	await clock.advance(1000);
	const evil = await hostile(mallory, officeId);
	const key = random(32);
	const keys = await evil.keys(key, [alice, mallory, carol]);
	await evil.message(key, keys.header.seq, 0, () => ({ conversation: group, content: utf8('first') }));
	await evil.message(key, keys.header.seq, 1, () => ({ conversation: direct, content: utf8('other conversation') }));
	await evil.message(key, keys.header.seq, 2, () => ({ conversation: group, epoch: '22'.repeat(32), content: utf8('other epoch') }));
	await clock.advance(1000);
	expect(alice.texts(group)).toContain('first');
	expect(allTexts(alice)).not.toContain('other conversation');
	expect(allTexts(alice)).not.toContain('other epoch');
	expect(alice.content.refused()).toBe(2);
	expect(alice.texts(group).filter((text) => text === 'Mallory wrote something that could not be opened')).toHaveLength(2);
	expect(alice.texts(direct)).toHaveLength(2);
	await alice.restart();
	expect(allTexts(alice)).not.toContain('other conversation');
	expect(alice.content.refused()).toBe(2);

	const last = mallory.log.range(mallory.id, lanes.mail, 0).at(-1)!;
	const elsewhere = createEntry({ ...last.header, officeId: '33'.repeat(32) }, last.body, mallory.keys.signSecret);
	expect(await alice.log.accept([elsewhere])).toBe('bad');
});

test('A26, A32: a body of another kind, place or author does not open', async () => {
	const { who, clock, officeId } = await begin(['Alice', 'Mallory', 'Carol']);
	const [alice, mallory, carol] = [who('Alice'), who('Mallory'), who('Carol')];
	const group = must(await alice.office.startConversation([mallory.member, carol.member], 'Group'));
	must(await alice.office.sendMessage(group, 'by Alice'));
	await clock.advance(1000);
	const evil = await hostile(mallory, officeId);
	const own = mallory.log.range(alice.id, lanes.mail, 0);
	const keysBody = own.find((entry) => entry.header.kind === kinds.keys)!.body;
	const stolen = own.findLast((entry) => entry.header.kind === kinds.msg)!;
	await evil.raw(kinds.msg, keysBody);
	await evil.raw(kinds.keys, stolen.body);
	await evil.raw(kinds.msg, new Uint8Array(0));
	await evil.raw(kinds.keys, new Uint8Array(0));
	// Her key is known to Mallory, who was given it: her ciphertext under his name must still not open.
	const at = decodeMessageBody(stolen.body)!;
	const keys = await evil.copies((place) => evil.wrap(random(32), place.seq, [carol]));
	await evil.raw(kinds.msg, concat(new Uint8Array([0, 0, 0, 0, 0, 0, 0, keys.header.seq]), stolen.body.subarray(8)));
	expect(at.index).toBe(0);
	await clock.advance(1000);
	expect(carol.texts(group).filter((text) => text === 'by Alice')).toHaveLength(1);
	expect(carol.content.refused()).toBeGreaterThan(0);
	must(await alice.office.sendMessage(group, 'and on it goes'));
	await clock.advance(1000);
	expect(carol.texts(group).at(-1)).toBe('and on it goes');
});

test('A28: a sender key counts for its own author alone', async () => {
	const { who, clock, officeId } = await begin(['Alice', 'Mallory', 'Carol']);
	const [alice, mallory, carol] = [who('Alice'), who('Mallory'), who('Carol')];
	const withCarol = await acquainted(alice, carol);
	await clock.advance(1000);
	const evil = await hostile(mallory, officeId);
	const key = random(32);
	const keys = await evil.keys(key, [carol]);
	await evil.message(key, keys.header.seq, 0, () => ({ conversation: withCarol, author: alice.id, content: utf8('as Alice') }));
	const more = await evil.keys(key, [carol]);
	await evil.message(key, more.header.seq, 0, () => ({ conversation: withCarol, content: utf8('into a conversation of others') }));
	await clock.advance(1000);
	expect(allTexts(carol)).not.toContain('as Alice');
	expect(allTexts(carol)).not.toContain('into a conversation of others');
	expect(carol.content.refused()).toBe(1);
});

test('A30: a removal between writing and sending: the message is sealed without the one removed', async () => {
	const { who, clock, story, spreadActs } = await begin(['Alice', 'Bo', 'Carol']);
	const [alice, bo, carol] = [who('Alice'), who('Bo'), who('Carol')];
	const group = must(await alice.office.startConversation([bo.member, carol.member], 'Group'));
	must(await alice.office.sendMessage(group, 'with Bo'));
	await clock.advance(1000);
	const hold = story.tell(story.founder, { type: 'hold', device: bo.id, reason: 1 });
	const removal = alice.log.accept([hold]);
	const sending = alice.office.sendMessage(group, 'without Bo');
	expect(await removal).toBe('stored');
	must(await sending);
	await spreadActs();
	await clock.advance(2000);
	expect(carol.texts(group).at(-1)).toBe('without Bo');
	expect(bo.texts(group).at(-1)).toBe('with Bo');
	expect(bo.log.head(alice.id, lanes.mail)?.seq).toBe(alice.log.head(alice.id, lanes.mail)?.seq);
});

test('A31: one ciphertext that opens under two keys is refused by whom it was not committed to, and not in silence', async () => {
	const { who, clock, officeId } = await begin(['Alice', 'Mallory', 'Carol']);
	const [alice, mallory, carol] = [who('Alice'), who('Mallory'), who('Carol')];
	const group = must(await alice.office.startConversation([mallory.member, carol.member], 'Group'));
	await clock.advance(1000);
	const evil = await hostile(mallory, officeId);
	const [forAlice, forCarol] = [random(32), random(32)];
	const keys = await evil.copies((at) => [...evil.wrap(forAlice, at.seq, [alice]), ...evil.wrap(forCarol, at.seq, [carol])]);
	await evil.message(forAlice, keys.header.seq, 0, () => ({ conversation: group, content: utf8('two faces') }));
	await clock.advance(1000);
	expect(alice.texts(group).at(-1)).toBe('two faces');
	expect(allTexts(carol)).not.toContain('two faces');
	expect(carol.content.refused()).toBe(1);
	expect(allTexts(carol)).toContain('Mallory wrote something that could not be opened');
});

test('A08: a notice by who is no manager is not shown, and counts for nothing', async () => {
	const { who, clock } = await begin(['Alice', 'Mallory', 'Carol']);
	const [alice, mallory, carol] = [who('Alice'), who('Mallory'), who('Carol')];
	must(await alice.office.postNotice({ title: 'True', text: 'by the owner', asksAcknowledgement: false }));
	await clock.advance(1000);
	const sealed = { audience: 0, keyId: random(8), sealed: encodeNotice(plainNotice({ title: 'False', content: utf8('x'), asksAcknowledgement: false, startsMs: 0 })) };
	must(await mallory.log.append({ kind: kinds.notice, lane: lanes.office, body: () => encodeAct({ type: 'notice', heads: mallory.members.get().heads, ...sealed }) }));
	const real = carol.office.notices.get()[0]!;
	must(await mallory.log.append({ kind: kinds.noticeWithdraw, lane: lanes.office, body: () => encodeAct({ type: 'noticeWithdraw', heads: mallory.members.get().heads, notice: real.id }) }));
	await clock.advance(1000);
	expect(carol.office.notices.get().map((notice) => notice.title)).toEqual(['True']);
});

test('A39: what a carrier holds names no conversation, title, reader or text', async () => {
	const { who, clock, talkers } = await begin(['Alice', 'Bo', 'Carol', 'Dan']);
	const [alice, bo, carol, dan] = [who('Alice'), who('Bo'), who('Carol'), who('Dan')];
	const direct = await acquainted(alice, bo);
	const group = must(await alice.office.startConversation([bo.member, carol.member], 'Takeover plans'));
	await clock.advance(1000);
	must(await bo.office.sendMessage(group, 'Nobody may know'));
	must(await carol.office.sendMessage(group, 'Surely'));
	must(await alice.office.sendMessage(everyoneId, 'Lunch at noon'));
	await clock.advance(2000);
	const carried = [...dan.log.entries(lanes.open), ...dan.log.entries(lanes.mail)];
	expect(carried.length).toBeGreaterThan(10);
	const known = [idToBytes(direct), idToBytes(group), ...talkers.map((one) => idToBytes(one.member)), ...['Takeover', 'Nobody may', 'Surely', 'honest from', 'Lunch'].map(utf8)].map(hex);
	for (const { body } of carried) for (const secret of known) expect(hex(body)).not.toContain(secret);
	// Nor do readers' devices or keys stand in a body, and lengths are classes.
	for (const { body } of carried) for (const { id, keys } of talkers) expect(hex(body).includes(id) || hex(body).includes(hex(keys.kemPublic))).toBe(false);
	const sizes = new Set(carried.filter((entry) => entry.header.kind === kinds.msg).map((entry) => entry.body.length));
	const copies = new Set(carried.filter((entry) => entry.header.kind === kinds.keys).map((entry) => entry.body.length));
	expect([...sizes].every((size) => [256, 1024, 4096].map((padded) => padded + 12 + 72).includes(size))).toBe(true);
	expect([...copies]).toEqual([2 + 8 * 88]);
});
