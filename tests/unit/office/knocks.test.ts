/** Who is asked, who is told, and who learns nothing (PROTOCOL.md, section 7; ATTACKS.md A65). */
import { describe, expect, test } from 'vitest';
import { fromHex } from '../../../src/crypto/bytes.ts';
import { succeed } from '../../../src/sync/failures.ts';
import type { KnockHeard, LinkInfo } from '../../../src/sync/link/mesh-port.ts';
import { messageTypes } from '../../../src/sync/link/message-types.ts';
import type { Id } from '../../../src/sync/log/entry.ts';
import type { MembersState } from '../../../src/sync/office/members/members-state.ts';
import { createKnocks } from '../../../src/sync/office/roster/knocks.ts';
import { createCell } from '../../../src/sync/source.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createMemoryStore } from '../../support/memory-store.ts';

const id = (n: number): Id => n.toString(16).padStart(64, '0');
const session = (n: number): Id => n.toString(16).padStart(32, '0');

/** This is Ben's desk. Devices 1 and 2 are Ana's, 3 Ben's, 4 his other, 5 to 20 one of a colleague each. */
async function benDesk(store = createMemoryStore(id(0))) {
	const clock = createFakeClock();
	const owners = new Map([[1, 'ana'], [2, 'ana'], [3, 'ben'], [4, 'ben'], ...Array.from({ length: 16 }, (_, i) => [i + 5, `colleague ${i}`] as const)] as [number, string][]);
	const members = createCell({
		devices: new Map([...owners].map(([n, memberId]) => [id(n), { memberId, suspended: false }])),
		members: new Map([...new Set(owners.values())].map((memberId) => [memberId, { id: memberId, name: memberId }])),
	} as unknown as MembersState);
	const blocked = createCell<ReadonlySet<string>>(new Set());
	const sent: { to: Id; message: Uint8Array }[] = [];
	const knockedAt: string[] = [];
	let hear: (knock: KnockHeard) => void = () => undefined;
	let receive: (from: LinkInfo, payload: Uint8Array) => void = () => undefined;
	let way = true;
	const knocks = await createKnocks({
		store,
		mesh: {
			self: { device: id(3), boot: '' },
			serverInfo: createCell({ address: '10.0.0.7', build: '' }),
			knock: (address) => (way ? session(knockedAt.push(address)) : undefined),
			onKnock(fn) {
				hear = fn;
				return () => undefined;
			},
			onMessage(_types, handler) {
				receive = handler;
				return () => undefined;
			},
			send: (to, message) => sent.push({ to, message }) > 0,
		},
		members,
		blocked,
		converse: (member) => Promise.resolve(succeed(`direct ${member}`)),
		clock,
	});
	return {
		clock,
		sent,
		knockedAt,
		blocked,
		part: knocks.part,
		shown: () => knocks.part.knocks.get().map(({ name }) => name),
		hear: (device: number, n = 1) => hear({ device: id(device), session: session(n) }),
		answer: (device: number, n: number, limited = false) => receive({ device: id(device), limited } as LinkInfo, fromHex(session(n)) ?? new Uint8Array(0)),
		cut: () => {
			way = false;
		},
	};
}

describe('who is asked', () => {
	test('answers, and the knocker is told; the conversation opens', async () => {
		const { part, hear, shown, sent } = await benDesk();
		hear(1, 7);
		expect(shown()).toEqual(['ana']);
		expect(sent).toEqual([]);
		expect(await part.answerKnock(session(7))).toEqual({ ok: true, value: 'direct ana' });
		expect(sent).toEqual([{ to: id(1), message: Uint8Array.of(messageTypes.knockAnswer, ...fromHex(session(7))!) }]);
		expect(shown()).toEqual([]);
	});

	test('ignores, and nobody is told; the same person does not ask again for ten minutes, from no device of theirs', async () => {
		const { part, hear, shown, sent, clock } = await benDesk();
		hear(1, 1);
		part.ignoreKnock(session(1));
		hear(2, 2);
		expect(shown()).toEqual([]);
		expect(sent).toEqual([]);
		await clock.advance(10 * 60_000);
		hear(2, 3);
		expect(shown()).toEqual(['ana']);
	});

	test('says nothing for two minutes: the question goes, and nobody is told', async () => {
		const { hear, shown, sent, clock } = await benDesk();
		hear(1);
		await clock.advance(2 * 60_000);
		expect(shown()).toEqual([]);
		expect(sent).toEqual([]);
	});

	test('is not asked by whom they have blocked', async () => {
		const { hear, shown, sent, blocked } = await benDesk();
		blocked.set(new Set(['ana']));
		hear(1);
		expect(shown()).toEqual([]);
		expect(sent).toEqual([]);
	});

	test('is not asked by their own other device', async () => {
		const { hear, shown } = await benDesk();
		hear(4);
		expect(shown()).toEqual([]);
	});
});

describe('A65: a flood of knocks', () => {
	test('A65: by one person with all their devices is two questions, then one a minute, and never a message back', async () => {
		const { hear, shown, sent, part, clock } = await benDesk();
		const asked = new Set<string>();
		for (let n = 1; n <= 1_000; n++) {
			hear(1 + (n % 2), n);
			for (const knock of part.knocks.get()) asked.add(knock.id);
			await clock.advance(100);
		}
		expect(shown()).toHaveLength(1);
		expect(asked.size).toBeLessThanOrEqual(4);
		expect(sent).toEqual([]);
	});

	test('A65: by many is three questions at a time, and five at once in all', async () => {
		const { hear, shown, part } = await benDesk();
		let asked = 0;
		for (let device = 5; device <= 20; device++) {
			hear(device, device);
			expect(shown().length).toBeLessThanOrEqual(3);
			for (const knock of part.knocks.get()) {
				asked += 1;
				await part.answerKnock(knock.id);
			}
		}
		expect(asked).toBe(5);
	});

	test('A65: of one\'s own is held back before it leaves', async () => {
		const { part, knockedAt, clock } = await benDesk();
		const results = Array.from({ length: 20 }, () => part.knock('10.0.0.9').ok);
		expect(results.filter(Boolean)).toHaveLength(3);
		expect(part.knock('10.0.0.9')).toEqual({ ok: false, code: 'too-often' });
		await clock.advance(20_000);
		expect(part.knock('10.0.0.9').ok).toBe(true);
		expect(knockedAt).toHaveLength(4);
	});
});

test('A65: a knock that was shown is not asked again after a restart, whoever says it once more', async () => {
	const store = createMemoryStore(id(0));
	const before = await benDesk(store);
	before.hear(1, 7);
	expect(before.shown()).toEqual(['ana']);
	await Promise.resolve();
	const after = await benDesk(store);
	after.hear(1, 7);
	expect(after.shown()).toEqual([]);
	after.hear(1, 8);
	expect(after.shown()).toEqual(['ana']);
});

describe('who knocks', () => {
	test('waits, hears that there is no answer yet, and still gets one', async () => {
		const { part, answer, clock } = await benDesk();
		expect(part.knock(' 10.0.0.9 ')).toMatchObject({ ok: true });
		expect(part.ownKnock.get()).toMatchObject({ address: '10.0.0.9', step: 'waiting' });
		await clock.advance(30_000);
		expect(part.ownKnock.get()?.step).toBe('no-answer');
		answer(1, 1);
		await clock.advance(0);
		expect(part.ownKnock.get()).toEqual({ address: '10.0.0.9', step: 'answered', name: 'ana', conversation: 'direct ana' });
	});

	test('is not taken in by an answer to another knock, of a stranger, over a limited link, or of their own', async () => {
		const { part, answer, clock } = await benDesk();
		part.knock('10.0.0.9');
		answer(1, 2);
		answer(99, 1);
		answer(1, 1, true);
		answer(4, 1);
		await clock.advance(10);
		expect(part.ownKnock.get()?.step).toBe('waiting');
		part.endKnock();
		answer(1, 1);
		await clock.advance(10);
		expect(part.ownKnock.get()).toBeUndefined();
	});

	test('is told what is no address, and that there is no way', async () => {
		const { part, cut } = await benDesk();
		expect(part.knock('ana')).toEqual({ ok: false, code: 'address-wrong' });
		cut();
		expect(part.knock('10.0.0.9')).toEqual({ ok: false, code: 'no-way' });
	});
});
