/** Leaving, removing, further devices, ownership by the printed key: acts 16 to 20 in honest hands. */
import { describe, expect, test } from 'vitest';
import { concat } from '../../../src/crypto/bytes.ts';
import { encodeCard, sign } from '../../../src/crypto/identity.ts';
import { labels } from '../../../src/crypto/labels.ts';
import { idToBytes } from '../../../src/sync/log/entry.ts';
import { leaveExtensions } from '../../../src/sync/office/members/leave-cut.ts';
import { firstPolicy } from '../../../src/sync/office/members/policy.ts';
import { createOffice, leave, notice, profile, removeDevice, removeMember, setRole } from '../../support/acts-office.ts';

describe('removal', () => {
	test('who is removed stays in the list, out of force, with what they wrote', () => {
		const { mara, bob, ...story } = createOffice();
		const renamed = story.tell(bob, profile('Robert'));
		const point = { device: bob.device, lane: 2, seq: 7, id: renamed.id };
		story.tell(mara, removeMember(story.memberOf(bob), [...story.cutAt(bob), point]));
		expect(story.member(bob)).toMatchObject({ name: 'Robert', inForce: false, suspended: false, devices: [] });
		expect(story.isInForce(renamed)).toBe(true);
		const state = story.state();
		expect(state.devices.has(bob.device)).toBe(false);
		expect(state.formerDevices.get(bob.device)).toMatchObject({ memberId: story.memberOf(bob), kemPublic: bob.keys.kemPublic });
		expect(Object.fromEntries(state.cuts.get(bob.device) ?? [])).toEqual({
			0: { seq: renamed.header.seq, id: renamed.id },
			1: { seq: -1, id: undefined },
			2: { seq: 7, id: renamed.id },
		});
		expect(story.isInForce(story.tell(bob, profile('Bobby')))).toBe(false);
		expect(story.isInForce(story.tell(mara, { type: 'confirm', device: bob.device }))).toBe(false);
		expect(story.isInForce(story.tell(mara, removeMember(story.memberOf(bob))))).toBe(false);
	});

	test('takes a manager, senior to whom they remove', () => {
		const { alice, mara, bob, carol, ...story } = createOffice();
		expect(story.isInForce(story.tell(bob, removeMember(story.memberOf(carol))))).toBe(false);
		expect(story.isInForce(story.tell(mara, removeMember(story.memberOf(alice))))).toBe(false);
		expect(story.isInForce(story.tell(mara, removeDevice(alice.device)))).toBe(false);
		expect(story.isInForce(story.tell(mara, removeMember(story.memberOf(mara))))).toBe(false);
		story.tell(alice, setRole(story.memberOf(carol), 2));
		expect(story.isInForce(story.tell(carol, removeMember(story.memberOf(mara))))).toBe(false);
		expect(story.isInForce(story.tell(mara, removeMember(story.memberOf(carol))))).toBe(true);
		expect(story.isInForce(story.tell(alice, removeMember(story.memberOf(mara))))).toBe(true);
	});

	test('a cut below what its author had seen is raised to that, one above it reaches what it names', () => {
		const { mara, bob, ...story } = createOffice();
		const first = story.tell(bob, profile('Robert'));
		const seen = story.heads();
		const late = story.tell(bob, profile('Bobby'), seen);
		const later = story.tell(bob, profile('Bob B.'), []);
		story.tell(mara, removeMember(story.memberOf(bob), [{ device: bob.device, lane: 0, seq: 0, id: first.id }]), seen);
		expect([first, late, later].map((entry) => story.isInForce(entry))).toEqual([true, false, false]);
		const other = createOffice();
		const before = other.heads();
		const acts = ['Robert', 'Bobby', 'Bob B.'].map((name) => other.tell(other.bob, profile(name), before));
		const named = { device: other.bob.device, lane: 0, seq: 1, id: acts[1]!.id };
		other.tell(other.mara, removeMember(other.memberOf(other.bob), [named]), before);
		expect(acts.map((entry) => other.isInForce(entry))).toEqual([true, true, false]);
	});

	test('of two removals the more senior\'s cut decides for acts, the higher for content', () => {
		const { alice, mara, bob, ...story } = createOffice();
		const before = story.heads();
		const [one, two] = [story.tell(bob, profile('Robert'), before), story.tell(bob, profile('Bobby'), before)];
		const point = (lane: number, entry: typeof one) => ({ device: bob.device, lane, seq: entry.header.seq, id: entry.id });
		story.tell(mara, removeMember(story.memberOf(bob), [point(0, two), point(1, two)]), before);
		story.tell(alice, removeMember(story.memberOf(bob), [point(0, one), point(1, one)]), before);
		expect([one, two].map((entry) => story.isInForce(entry))).toEqual([true, false]);
		const cuts = story.state().cuts.get(bob.device);
		expect(cuts?.get(0)).toEqual({ seq: one.header.seq, id: one.id });
		expect(cuts?.get(1)).toEqual({ seq: two.header.seq, id: two.id });
	});

	test('a member takes out a device of their own, but not the last', () => {
		const { bob, ...story } = createOffice();
		const phone = story.person('Phone');
		story.addDevice(bob, phone);
		expect(story.isInForce(story.tell(phone, removeDevice(bob.device, story.cutAt(bob))))).toBe(true);
		expect(story.member(bob)).toMatchObject({ inForce: true, devices: [phone.device], name: 'Bob' });
		expect(story.isInForce(story.tell(bob, profile('Thief')))).toBe(false);
		expect(story.isInForce(story.tell(phone, removeDevice(phone.device)))).toBe(false);
		expect(story.isInForce(story.tell(phone, profile('Robert')))).toBe(true);
	});

	test('what others wrote on top of it still counts, and nobody is told to fetch what lies beyond', () => {
		const { mara, bob, carol, ...story } = createOffice();
		const before = story.heads();
		const late = story.tell(bob, profile('Bobby'), before);
		const onTop = story.tell(carol, profile('Caroline'));
		const removal = story.tell(mara, removeMember(story.memberOf(bob)), before);
		expect([late, onTop].map((entry) => story.isInForce(entry))).toEqual([false, true]);
		const after = story.tell(bob, profile('Still here'), [removal]);
		expect([...story.state().heads].sort()).toEqual([onTop.id, removal.id].sort());
		expect(story.state().heads).not.toContain(after.id);
	});
});

describe('leaving', () => {
	test('is a cut at itself; the other lanes end where it says', () => {
		const { bob, mara, ...story } = createOffice();
		const last = story.tell(bob, profile('Robert'));
		const cut = [{ device: bob.device, lane: 1, seq: 4, id: last.id }];
		const left = story.tell(bob, { type: 'leave', extensions: leaveExtensions(cut) });
		expect(story.member(bob)).toMatchObject({ name: 'Robert', inForce: false });
		expect(Object.fromEntries(story.state().cuts.get(bob.device) ?? [])).toEqual({
			0: { seq: left.header.seq, id: left.id },
			1: { seq: 4, id: last.id },
			2: { seq: -1, id: undefined },
		});
		expect(story.isInForce(story.tell(bob, profile('Back')))).toBe(false);
		expect(story.isInForce(story.tell(mara, profile('Mara B.')))).toBe(true);
	});

	test('without saying, the other lanes have no end', () => {
		const { bob, ...story } = createOffice();
		story.tell(bob, leave);
		expect([...(story.state().cuts.get(bob.device)?.keys() ?? [])]).toEqual([0]);
	});

	test('the only owner does not leave; of two who leave at once one stays', () => {
		const { alice, mara, ...story } = createOffice();
		expect(story.isInForce(story.tell(alice, leave))).toBe(false);
		story.tell(alice, setRole(story.memberOf(mara), 3));
		const before = story.heads();
		const both = [story.tell(alice, leave, before), story.tell(mara, leave, before)];
		expect(both.map((entry) => story.isInForce(entry))).toEqual([true, false]);
		expect(story.member(mara)).toMatchObject({ role: 'owner', inForce: true });
	});
});

describe('further devices', () => {
	test('are the same person, with the same rank', () => {
		const { mara, ...story } = createOffice();
		const phone = story.person('Phone');
		expect(story.isInForce(story.addDevice(mara, phone))).toBe(true);
		expect(story.member(mara)?.devices).toEqual([mara.device, phone.device].sort());
		expect(story.isInForce(story.tell(phone, notice))).toBe(true);
	});

	test('need both signatures, the office on their card, and a key that nobody had', () => {
		const { mara, bob, carol, eve, ...story } = createOffice();
		const elsewhere = createOffice({ seed: 21 });
		const phone = story.person('Phone');
		// By another than the one it was signed for, and with a signature changed.
		const { body } = story.addDevice(eve, phone);
		expect(story.isInForce(story.tellRaw(carol, 19, body))).toBe(false);
		phone.of = bob;
		const good = story.addDevice(eve, phone).body;
		expect(story.isInForce(story.tellRaw(bob, 19, concat(good.subarray(0, -1), Uint8Array.of((good.at(-1) ?? 0) ^ 1))))).toBe(false);
		expect(story.isInForce(story.addDevice(bob, phone))).toBe(true);
		const tablet = story.person('Tablet');
		const otherCard = encodeCard({ ...tablet.keys, officeId: idToBytes(elsewhere.officeId), name: 'Bob' }, tablet.keys.signSecret);
		const newSignature = sign(tablet.keys.signSecret, labels.addDevice, idToBytes(story.officeId), idToBytes(bob.device));
		expect(story.isInForce(story.tell(bob, { type: 'addDevice', card: otherCard, newSignature }))).toBe(false);
		story.tell(mara, removeDevice(phone.device));
		expect(story.isInForce(story.addDevice(bob, phone))).toBe(false);
		expect(story.isInForce(story.addDevice(bob, mara))).toBe(false);
	});

	test('are five at most, also when added at once; the first five by depth and id count', () => {
		const { bob, ...story } = createOffice();
		const phones = Array.from({ length: 3 }, (_, i) => story.person(`Phone ${i}`));
		for (const phone of phones) story.addDevice(bob, phone);
		const before = story.heads();
		const late = [bob, ...phones].map((author, i) => story.addDevice(author, story.person(`Late ${i}`), before));
		expect(story.member(bob)?.devices).toHaveLength(5);
		expect(late.filter((entry) => story.isInForce(entry))).toHaveLength(1);
		story.tell(bob, removeDevice(phones[0]!.device));
		expect(story.isInForce(story.addDevice(bob, story.person('Newer')))).toBe(true);
	});

	test('one key at once as a member and as somebody\'s device is one of them', () => {
		const { alice, bob, eve, ...story } = createOffice();
		const invite = story.invite(alice);
		const before = story.heads();
		const added = story.addDevice(bob, eve, before);
		const admitted = story.tell(alice, { type: 'admit', join: story.join(invite, eve, alice) }, before);
		expect([added, admitted].filter((entry) => story.isInForce(entry))).toHaveLength(1);
		const owners = [...story.state().members.values()].filter((member) => member.devices.includes(eve.device));
		expect(owners).toHaveLength(1);
	});
});

test('an office founded before removals were known takes them once an owner raises its acts', () => {
	const { alice, mara, bob, ...story } = createOffice({ policy: { acts: 12 } });
	expect(story.isInForce(story.tell(mara, removeMember(story.memberOf(bob))))).toBe(false);
	story.tell(alice, { type: 'policy', parent: story.officeId, policy: { ...firstPolicy, version: 1, acts: 20 } });
	expect(story.isInForce(story.tell(mara, removeMember(story.memberOf(bob))))).toBe(true);
	// Raised for good.
	expect(story.isInForce(story.tell(alice, { type: 'policy', parent: story.state().policyId, policy: { ...firstPolicy, version: 2, acts: 12 } }))).toBe(false);
});

test('the record tells every act in order, and why one is not in force', () => {
	const { alice, mara, bob, ...story } = createOffice();
	const before = story.heads();
	const removal = story.tell(mara, removeMember(story.memberOf(bob)), before);
	const late = story.tell(bob, profile('Bobby'), before);
	const denied = story.tell(bob, notice, before);
	const record = story.state().record();
	expect(record[0]).toMatchObject({ id: story.officeId, name: 'genesis', kind: 0, author: story.memberOf(alice), standing: 'in-force' });
	expect(record).toHaveLength(story.entries.length);
	const row = (id: string) => record.find((one) => one.id === id);
	expect(row(removal.id)).toMatchObject({ name: 'removeMember', author: story.memberOf(mara), about: { member: story.memberOf(bob) }, standing: 'in-force', wallMs: removal.header.wallMs });
	expect(row(late.id)).toMatchObject({ standing: 'excluded', excludedBy: removal.id, authorDevice: bob.device, author: story.memberOf(bob), about: { name: 'Bobby' } });
	expect(row(denied.id)).toMatchObject({ standing: 'void', excludedBy: undefined });
	const common = mara.last;
	const one = story.tell(mara, notice);
	mara.last = common;
	const proof = story.proveFork(alice, one, story.tell(mara, notice));
	const shown = story.state().record().find(({ id }) => id === proof.id);
	expect(shown).toMatchObject({ name: 'forkProof', author: story.memberOf(alice), about: { device: mara.device, member: story.memberOf(mara) }, standing: 'in-force' });
});
