/** A member with a changed client, and a carrier who looks: what is refused, by its number in ATTACKS.md. */
import { expect, test } from 'vitest';
import { concat, hex, utf8 } from '../../src/crypto/bytes.ts';
import { createEntry, idToBytes, kinds, lanes } from '../../src/sync/log/entry.ts';
import { innerTypes } from '../../src/sync/office/conversations/inner.ts';
import { encodeKeyRequest } from '../../src/sync/office/conversations/key-requests.ts';
import { packShares } from '../../src/sync/office/conversations/share.ts';
import { encodeAct } from '../../src/sync/office/members/acts.ts';
import { encodeAcknowledgement } from '../../src/sync/office/placard/acknowledgements.ts';
import { encodeNotice, plainNotice } from '../../src/sync/office/placard/notice-body.ts';
import { decodeMessageBody } from '../../src/sync/office/keys/sender-keys.ts';
import { everyoneId } from '../../src/sync/office.ts';
import { createContentOffice, must, type Talker } from '../support/content-office.ts';
import { hostileMail } from '../support/hostile-mail.ts';
import { seededRandom } from '../support/seeded-random.ts';

const random = seededRandom(99);
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
	const evil = await hostileMail(mallory, officeId, random);
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
	await clock.advance(1000);
	expect(alice.texts(group)).toContain('first');
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
	const evil = await hostileMail(mallory, officeId, random);
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
	const evil = await hostileMail(mallory, officeId, random);
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

test('A31: one ciphertext that opens under two keys is refused by whom it was not committed to, and not in silence', async () => {
	const { who, clock, officeId } = await begin(['Alice', 'Mallory', 'Carol']);
	const [alice, mallory, carol] = [who('Alice'), who('Mallory'), who('Carol')];
	const group = must(await alice.office.startConversation([mallory.member, carol.member], 'Group'));
	await clock.advance(1000);
	const evil = await hostileMail(mallory, officeId, random);
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

	// Nothing but the counters of its own chain stands in the clear: no eight bytes of one sender's mail occur in another's.
	const windows = (talker: Talker): ReadonlySet<string> => {
		const found = new Set<string>();
		for (const { header, body } of dan.log.range(talker.id, lanes.mail, 0)) {
			const sealed = hex(body.subarray(header.kind === kinds.msg ? 12 : 2));
			for (let at = 0; at + 16 <= sealed.length; at += 2) found.add(sealed.slice(at, at + 16));
		}
		return found;
	};
	const [byAlice, byBo, byCarol] = [windows(alice), windows(bo), windows(carol)];
	for (const window of byAlice) expect(byBo.has(window) || byCarol.has(window)).toBe(false);
	for (const window of byBo) expect(byCarol.has(window)).toBe(false);
	// And what an entry names as seen is what was newest in the office, not what it answers.
	for (const { header } of dan.log.entries(lanes.mail)) {
		const seen = header.refs.map((ref) => dan.log.get(ref)).filter((entry) => entry !== undefined);
		for (const one of seen) expect(one.header.lamport).toBeLessThan(header.lamport);
	}
});

test('A26: a letter of one kind is nothing in another, and a message nobody asked for a type of is not shown', async () => {
	const { who, clock, officeId } = await begin(['Alice', 'Mallory']);
	const [alice, mallory] = [who('Alice'), who('Mallory')];
	const direct = await acquainted(alice, mallory);
	await clock.advance(1000);
	const before = alice.texts(direct);
	const evil = await hostileMail(mallory, officeId, random);
	const [share] = packShares([{ id: '11'.repeat(32), key: random(32), entry: undefined }]);
	const request = encodeKeyRequest({ keysSeq: 0, device: alice.id });
	await evil.letter(kinds.keyreq, share!, [alice]);
	await evil.letter(kinds.share, request, [alice]);
	await evil.letter(kinds.share, encodeAcknowledgement({ notice: '1'.repeat(64), version: '1'.repeat(64), contentHash: '1'.repeat(64), choice: 0, answer: '' }), [alice]);
	expect(mallory.log.head(mallory.id, lanes.mail)).toBeDefined();
	const key = random(32);
	const keys = await evil.keys(key, [alice, mallory]);
	for (const [index, type] of [innerTypes.dummy, innerTypes.file, 13, 200, 0].entries()) await evil.message(key, keys.header.seq, index, () => ({ conversation: direct, type, content: utf8('no text') }));
	await clock.advance(2000);
	expect(alice.texts(direct)).toEqual(before);
	expect(alice.content.refused()).toBe(3);
	expect(alice.log.range(alice.id, lanes.mail, 0).some((entry) => entry.header.kind === kinds.share)).toBe(false);
});

test('A27: who is called like a colleague\'s key or id is still somebody else', async () => {
	const { who, clock } = await begin(['Alice', 'Mallory', 'Carol']);
	const [alice, mallory, carol] = [who('Alice'), who('Mallory'), who('Carol')];
	const direct = must(await carol.office.startConversation([alice.member], ''));
	for (const name of [alice.id, alice.member]) {
		must(await mallory.log.append({ kind: kinds.profile, lane: lanes.office, body: () => encodeAct({ type: 'profile', heads: mallory.members.get().heads, name, department: alice.id, extensions: [] }) }));
		await clock.advance(1000);
		expect(must(await carol.office.startConversation([alice.member], ''))).toBe(direct);
		must(await carol.office.sendMessage(direct, `for Alice, not for ${name}`));
		must(await mallory.office.sendMessage(everyoneId, `as ${name}`));
		await clock.advance(1000);
		expect(alice.texts(direct).at(-1)).toBe(`for Alice, not for ${name}`);
		expect(mallory.office.conversations.get().map((one) => one.kind)).toEqual(['everyone']);
		expect(carol.office.messages(everyoneId).get().at(-1)).toMatchObject({ author: mallory.member, own: false });
		expect(carol.office.conversations.get().find((one) => one.id === direct)).toMatchObject({ title: 'Alice', members: [alice.member] });
	}
});
