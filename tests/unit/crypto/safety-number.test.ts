/** The number and the code two members compare. */
import { sha256 } from '@noble/hashes/sha2.js';
import { expect, test } from 'vitest';
import { concat, equal, utf8 } from '../../../src/crypto/bytes.ts';
import { createDeviceKeys, memberId } from '../../../src/crypto/identity.ts';
import { compareSafetyCode, decodeSafetyCode, encodeSafetyCode, safetyHash, safetyNumber, type SafetyParty } from '../../../src/crypto/safety-number.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const random = seededRandom(6);
const officeId = random(32);
const device = () => createDeviceKeys(random);
function party(...devices: readonly ReturnType<typeof device>[]): SafetyParty {
	return { memberId: memberId(officeId, devices[0]!.signPublic), devices };
}
const [laptop, phone] = [device(), device()];
const alice = party(laptop, phone);
const bob = party(device());
const [aliceHash, bobHash] = [safetyHash(officeId, alice), safetyHash(officeId, bob)];

test('the number is what PROTOCOL.md says, the same on both screens, whatever the order of devices', () => {
	const label = utf8('LANDLINE/1/safety\0');
	const keys = [laptop, phone].map((one) => concat(one.signPublic, one.kemPublic)).sort((a, b) => (a[0]! - b[0]! || a[1]! - b[1]!));
	const first = sha256(concat(label, officeId, alice.memberId, Uint8Array.of(0, 2), ...keys));
	let hash = first;
	for (let round = 0; round < 2048; round++) hash = sha256(concat(label, hash, first));
	expect(equal(aliceHash.hash, hash)).toBe(true);
	expect(safetyHash(officeId, { ...alice, devices: [phone, laptop] }).hash).toEqual(aliceHash.hash);
	const number = safetyNumber(aliceHash, bobHash);
	expect(number).toMatch(/^(\d{5} ){11}\d{5}$/);
	expect(safetyNumber(bobHash, aliceHash)).toBe(number);
	const group = [0, 1, 2, 3, 4].reduce((sum, at) => sum * 256n + BigInt(hash[at]!), 0n) % 100_000n;
	expect(number.split(' ')).toContain(group.toString().padStart(5, '0'));
});

test('a device more, a device less, another key of either kind, another office or person: another number', () => {
	const added = party(laptop, phone, device());
	const removed = party(laptop);
	const otherKem = { ...alice, devices: [laptop, { ...phone, kemPublic: device().kemPublic }] };
	const otherSign = { ...alice, devices: [laptop, { ...phone, signPublic: device().signPublic }] };
	const swapped = { ...alice, devices: [{ ...laptop, kemPublic: phone.kemPublic }, { ...phone, kemPublic: laptop.kemPublic }] };
	const otherPerson = { ...alice, memberId: bob.memberId };
	const hashes = [added, removed, otherKem, otherSign, swapped, otherPerson].map((one) => safetyHash(officeId, one));
	const numbers = [aliceHash, ...hashes, safetyHash(random(32), alice)].map((one) => safetyNumber(one, bobHash));
	expect(new Set(numbers).size).toBe(8);
});

test('a code read from the other’s screen says the same or not; one’s own and other people’s codes are told apart', () => {
	const shown = decodeSafetyCode(` ${encodeSafetyCode(bobHash, aliceHash)}\n`)!;
	expect(compareSafetyCode(shown, aliceHash, bobHash)).toBe('same');
	expect(compareSafetyCode(decodeSafetyCode(encodeSafetyCode(aliceHash, bobHash))!, aliceHash, bobHash)).toBe('own');
	const carol = safetyHash(officeId, party(device()));
	expect(compareSafetyCode(decodeSafetyCode(encodeSafetyCode(carol, aliceHash))!, aliceHash, bobHash)).toBe('not-theirs');
	// Somebody between the two shows each of them other keys for the other.
	const believed = safetyHash(officeId, { memberId: bob.memberId, devices: [device()] });
	expect(compareSafetyCode(shown, aliceHash, believed)).toBe('different');
	const seenByBob = safetyHash(officeId, { memberId: alice.memberId, devices: [device()] });
	expect(compareSafetyCode(decodeSafetyCode(encodeSafetyCode(bobHash, seenByBob))!, aliceHash, bobHash)).toBe('different');
});

test('what is no code is none', () => {
	const good = encodeSafetyCode(bobHash, aliceHash);
	const bad = ['', 'hello', good.slice(0, -1), `${good}A`, good.replace('safety', 'Safety'), good.slice(16), 'landline-safety:!!!!', good.replace('landline-safety:A', 'landline-safety:B')];
	for (const text of bad) expect(decodeSafetyCode(text)).toBeUndefined();
});
