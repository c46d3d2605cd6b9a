import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, hex } from '../../../src/crypto/bytes.ts';
import { encodeEntry, createEntry, decodeEntry } from '../../../src/sync/log/entry.ts';
import { createDeviceKeys } from '../../../src/crypto/identity.ts';
import { actKinds, decodeAct, decodeHeads, encodeAct, maxHeads, type Act } from '../../../src/sync/office/members/acts.ts';
import { decodeGrant, encodeGrant } from '../../../src/sync/office/keys/grant.ts';
import { createRefusal, decodeJoinState, decodeRefusal, decodeWaiting, encodeJoinState, encodeRefusal, encodeWaiting, verifyRefusal } from '../../../src/sync/office/admission/join-messages.ts';
import { decodeJoin, encodeJoin, maxJoinBytes, verifyJoin } from '../../../src/sync/office/members/join-proof.ts';
import { createStory } from '../../support/acts-story.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const raw = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const id = raw(32).map(hex);
const rank = fc.constantFrom(1 as const, 2 as const, 3 as const);
const extensions = fc.array(fc.record({ tag: fc.integer({ min: 0, max: 0xffff }), bytes: fc.uint8Array({ maxLength: 20 }) }), { maxLength: 3 });
const name = fc.constantFrom('Alice', 'Zoë Ångström', '李雷', 'مريم', 'x'.repeat(64), '👩‍🚀 Ida');
const label = fc.oneof(name, fc.constant(''));
const cut = fc.array(fc.record({ device: id, lane: fc.integer({ min: 0, max: 2 }), seq: fc.maxSafeNat(), id }), { maxLength: 4 });
const policy = fc.record({
	version: fc.integer({ min: 0, max: 0xffff_ffff }),
	acts: fc.integer({ min: 0, max: 255 }),
	horizonDays: fc.integer({ min: 0, max: 0xffff }),
	retentionDays: fc.integer({ min: 0, max: 0xffff }),
	history: fc.constantFrom('none' as const, 'horizon' as const),
	inviteBy: rank,
	extensions,
});
const join = fc.record({ officeId: id, invitePublic: id, card: fc.uint8Array({ maxLength: 230 }), witness: id, session: id, inviteSignature: raw(64), deviceSignature: raw(64) });
const heads = fc.array(id, { maxLength: 5 });

const act: fc.Arbitrary<Act> = fc.oneof(
	fc.record({ type: fc.constant('genesis' as const), heads: fc.constant([]), nonce: raw(32), officeName: name, card: fc.uint8Array({ maxLength: 230 }), recoveryPublic: raw(32), policy }),
	fc.record({
		type: fc.constant('meshRekey' as const),
		heads,
		commit: raw(32),
		copies: fc.array(fc.record({ device: id, enc: raw(32), ct: raw(48) }), { maxLength: 4 }),
		invites: fc.array(fc.record({ invitePublic: id, sealedPsk: raw(104) }), { maxLength: 3 }),
	}),
	fc.record({
		type: fc.constant('invite' as const),
		heads,
		invitePublic: id,
		keyId: raw(8),
		sealedPsk: raw(104),
		role: rank,
		maxUses: fc.integer({ min: 0, max: 0xffff }),
		notAfterMs: fc.maxSafeNat(),
		confirm: fc.boolean(),
		label,
		replaces: fc.option(id, { nil: undefined }),
	}),
	fc.record({ type: fc.constant('inviteRevoke' as const), heads, invitePublic: id }),
	fc.record({ type: fc.constant('admit' as const), heads, join }),
	fc.record({ type: fc.constant('hold' as const), heads, device: id, reason: fc.integer({ min: 0, max: 255 }) }),
	fc.record({ type: fc.constant('confirm' as const), heads, device: id }),
	fc.record({ type: fc.constant('profile' as const), heads, name, department: label, extensions }),
	fc.record({ type: fc.constant('policy' as const), heads, parent: id, policy }),
	fc.record({ type: fc.constant('setRole' as const), heads, member: id, role: rank, cut }),
	fc.record({ type: fc.constant('notice' as const), heads, audience: fc.constantFrom(0, 1), keyId: raw(8), sealed: fc.uint8Array({ maxLength: 300 }) }),
	fc.record({ type: fc.constant('noticeWithdraw' as const), heads, notice: id }),
	fc.record({ type: fc.constant('roll' as const), heads, notice: id, version: id, rows: fc.array(fc.record({ member: id, ackId: id, signature: raw(64) }), { maxLength: 3 }) }),
	fc.record({ type: fc.constant('leave' as const), heads, extensions }),
	fc.record({ type: fc.constant('removeMember' as const), heads, member: id, reason: fc.integer({ min: 0, max: 255 }), cut }),
	fc.record({ type: fc.constant('removeDevice' as const), heads, device: id, reason: fc.integer({ min: 0, max: 255 }), cut }),
	fc.record({ type: fc.constant('addDevice' as const), heads, card: fc.uint8Array({ maxLength: 230 }), newSignature: raw(64) }),
	fc.record({ type: fc.constant('ownerTransfer' as const), heads, serial: fc.integer({ min: 0, max: 0xffff_ffff }), newOwner: id, nextRecoveryPublic: raw(32), recoverySignature: raw(64) }),
	fc.record({ type: fc.constant('department' as const), heads, id: raw(16).map(hex), name, members: fc.array(id, { maxLength: 3 }) }),
);

describe('acts', () => {
	test('every act reads back as it was written, and no shorter nor longer', () => {
		fc.assert(
			fc.property(act, (given) => {
				const kind = actKinds[given.type];
				const bytes = encodeAct(given);
				expect(decodeAct(kind, bytes)).toEqual(given);
				expect(decodeAct(kind, concat(bytes, Uint8Array.of(0)))).toBeUndefined();
				expect(decodeAct(kind, bytes.subarray(0, bytes.length - 1))).toBeUndefined();
				expect(decodeHeads(kind, bytes)).toEqual(given.heads);
			}),
			{ numRuns: 500 },
		);
	});

	test('kinds without a codec have heads and no act', () => {
		const some = hex(new Uint8Array(32).fill(7));
		const bytes = concat(encodeAct({ type: 'confirm', heads: [some], device: some }), Uint8Array.of(1, 2, 3));
		for (const kind of [13, 14, 15, 22, 63]) {
			expect(decodeAct(kind, bytes)).toBeUndefined();
			expect(decodeHeads(kind, bytes)).toEqual([some]);
		}
	});

	test('64 heads are taken, 65 refused', () => {
		const ids = Array.from({ length: maxHeads + 1 }, (_, index) => hex(new Uint8Array(32).fill(index)));
		const full: Act = { type: 'confirm', heads: ids.slice(1), device: ids[0] ?? '' };
		expect(decodeAct(actKinds.confirm, encodeAct(full))).toEqual(full);
		expect(() => encodeAct({ ...full, heads: ids })).toThrow();
		const bytes = encodeAct(full);
		bytes[0] = maxHeads + 1;
		expect(decodeAct(actKinds.confirm, concat(bytes, new Uint8Array(32)))).toBeUndefined();
	});

	test('enums outside their list and names no person may have are refused', () => {
		const some = hex(new Uint8Array(32));
		const setRole = encodeAct({ type: 'setRole', heads: [], member: some, role: 1, cut: [] });
		for (const role of [0, 4, 255]) expect(decodeAct(actKinds.setRole, setRole.map((byte, index) => (index === 33 ? role : byte)))).toBeUndefined();
		const profile = (text: string): Uint8Array => encodeAct({ type: 'profile', heads: [], name: text, department: '', extensions: [] });
		expect(decodeAct(actKinds.profile, profile('x'.repeat(64)))).toBeDefined();
		for (const bad of ['', 'x'.repeat(65), ' x', 'a\u202eb', 'a\nb']) expect(decodeAct(actKinds.profile, profile(bad))).toBeUndefined();
	});

	test('a list longer than the bytes that follow is refused before it is made', () => {
		const claim = concat(Uint8Array.of(0), new Uint8Array(32), Uint8Array.of(0xff, 0xff));
		expect(decodeAct(actKinds.meshRekey, claim)).toBeUndefined();
		expect(decodeAct(actKinds.roll, concat(Uint8Array.of(0), new Uint8Array(64), Uint8Array.of(0xff, 0xff)))).toBeUndefined();
	});

	test('10^5 pieces of garbage and of damaged acts give an act or nothing', () => {
		const random = seededRandom(20_26);
		const samples = fc.sample(act, { numRuns: 60, seed: 3 }).map((one) => ({ kind: actKinds[one.type], bytes: encodeAct(one) }));
		let read = 0;
		for (let i = 0; i < 100_000; i++) {
			const [a = 0, b = 0, c = 0, d = 0] = random(4);
			const sample = samples[i % samples.length];
			if (!sample || i % 2 === 0) {
				if (decodeAct(a % 64, random(b)) !== undefined) read++;
				continue;
			}
			const bytes = sample.bytes.slice(0, c < 32 ? (a * 256 + b) % (sample.bytes.length + 1) : sample.bytes.length);
			if (bytes.length > 0) bytes[(a * 256 + b) % bytes.length] = d;
			if (decodeAct(sample.kind, bytes) !== undefined) read++;
		}
		expect(read).toBeGreaterThan(0);
	});
});

describe('JOIN', () => {
	test('reads back, and its three signatures hold', () => {
		const story = createStory();
		const eve = story.person('Eve');
		const given = story.join(story.invite(story.founder), eve, story.founder);
		const bytes = encodeJoin(given);
		expect(decodeJoin(bytes)).toEqual(given);
		expect(verifyJoin(given)).toMatchObject({ name: 'Eve', signPublic: eve.keys.signPublic });
		for (let at = 0; at < bytes.length; at += 23) {
			const bent = decodeJoin(bytes.map((byte, index) => (index === at ? byte ^ 1 : byte)));
			expect(bent && verifyJoin(bent)).toBeUndefined();
		}
	});

	test('is refused above its cap', () => {
		const size = (card: number) => decodeJoin(concat(new Uint8Array(64), Uint8Array.of(0, 0, card >> 8, card & 255), new Uint8Array(card + 192)));
		expect(size(maxJoinBytes - 260)).toBeDefined();
		expect(size(maxJoinBytes - 259)).toBeUndefined();
	});
});

describe('messages of joining', () => {
	test('JOIN_STATE, WAITING, REFUSED and GRANT read back; a bent refusal is no manager\'s', () => {
		const story = createStory();
		const keys = createDeviceKeys(story.random);
		const fields = { kind: 7, lane: 0, officeId: story.officeId, author: hex(keys.signPublic), seq: 0, prev: '0'.repeat(64), lamport: 1, wallMs: 1, refs: [] } as const;
		const entry = encodeEntry(createEntry(fields, Uint8Array.of(1), keys.signSecret));
		expect(decodeEntry(entry)).toBeDefined();
		for (const state of ['waiting', 'admitted', 'expired', 'usedUp', 'revoked', 'refused', 'unknown', 'nameTaken'] as const) {
			const message = { state, proof: state === 'waiting' ? { genesis: entry, invite: entry } : undefined };
			expect(decodeJoinState(encodeJoinState(message))).toEqual(message);
		}
		expect(decodeJoinState(Uint8Array.of(9, 0))).toBeUndefined();
		expect(decodeJoinState(Uint8Array.of(0, 0))).toBeUndefined();

		const waiting = [{ sinceMs: 5, join: story.join(story.invite(story.founder), story.person('Eve'), story.founder) }];
		expect(decodeWaiting(encodeWaiting(waiting))).toEqual(waiting);
		expect(decodeWaiting(Uint8Array.of(255))).toBeUndefined();

		const refusal = createRefusal(story.officeId, { invitePublic: hex(story.random(32)), device: hex(story.random(32)), manager: story.founder.device }, story.founder.keys.signSecret);
		expect(decodeRefusal(encodeRefusal(refusal))).toEqual(refusal);
		expect(verifyRefusal(story.officeId, refusal)).toBe(true);
		expect(verifyRefusal(hex(story.random(32)), refusal)).toBe(false);
		expect(verifyRefusal(story.officeId, { ...refusal, device: hex(story.random(32)) })).toBe(false);

		const part = (seed: number) => ({ keyId: story.random(8), signalKey: new Uint8Array(32).fill(seed), topicKey: story.random(32) });
		const grant = { commit: story.random(32), key: story.random(32), meeting: [part(1), part(2)], roots: [{ keyId: story.random(8), contentRoot: story.random(32) }] };
		expect(decodeGrant(encodeGrant(grant))).toEqual(grant);
		expect(decodeGrant(encodeGrant(grant).subarray(1))).toBeUndefined();
	});

	test('garbage gives nothing and throws nothing', () => {
		const random = seededRandom(7);
		for (let i = 0; i < 30_000; i++) {
			const bytes = random((random(1)[0] ?? 0) * 2);
			for (const read of [decodeJoinState, decodeWaiting, decodeRefusal, decodeGrant, decodeJoin]) read(bytes);
		}
	});
});
