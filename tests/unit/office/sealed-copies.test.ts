/** The copies of a key in KEYS, ACK, KEYREQ and SHARE: what a carrier can tell of them, and what only two devices can. */
import { expect, test } from 'vitest';
import { agree } from '../../../src/crypto/agree.ts';
import { hex } from '../../../src/crypto/bytes.ts';
import { createDeviceKeys, type DeviceKeys } from '../../../src/crypto/identity.ts';
import { openPrekeys } from '../../../src/sync/office/keys/prekeys.ts';
import { createSealedCopies, type Recipient, type SealedCopies } from '../../../src/sync/office/keys/sealed-copies.ts';
import { createMemoryStore } from '../../support/memory-store.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const random = seededRandom(88);
const officeId = hex(random(32));
const cardOf = (keys: DeviceKeys): Recipient => ({ id: hex(keys.signPublic), kemPublic: keys.kemPublic });

async function copiesOf(keys: DeviceKeys): Promise<SealedCopies> {
	const prekeys = await openPrekeys({ store: createMemoryStore(officeId), keys, clock: { now: () => 0, after: () => () => undefined }, random });
	return createSealedCopies({ officeId, keys, prekeys, random });
}

test('A39: real copies and dummies look alike: each a new point and a new hint, in any place', async () => {
	const [alice, bo] = [createDeviceKeys(random), createDeviceKeys(random)];
	const [byAlice, byBo] = [await copiesOf(alice), await copiesOf(bo)];
	const places = new Set<number>();
	const seen = new Set<string>();
	for (let seq = 0; seq < 60; seq++) {
		const key = random(32);
		const copies = byAlice.wrap(key, seq, [cardOf(bo)]);
		expect(copies).toHaveLength(8);
		for (const { hint, wrapped } of copies) {
			expect([hint.length, wrapped.length]).toEqual([8, 80]);
			expect(agree(random(32), wrapped.subarray(0, 32)), 'a point of high order').toBeDefined();
			seen.add(hex(hint)).add(hex(wrapped.subarray(0, 32))).add(hex(wrapped.subarray(32)));
		}
		places.add(copies.findIndex((_, at) => byBo.find(copies.slice(at, at + 1), cardOf(alice), seq) !== 'not-ours'));
		expect(byBo.find(copies, cardOf(alice), seq)).toEqual({ key });
	}
	expect(seen.size, 'no byte string comes twice').toBe(60 * 8 * 3);
	expect([...places].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

test('their author can tell whom a KEYS was sealed to, at that place alone', async () => {
	const [alice, bo, carol] = [createDeviceKeys(random), createDeviceKeys(random), createDeviceKeys(random)];
	const byAlice = await copiesOf(alice);
	const copies = byAlice.wrap(random(32), 7, [alice, bo].map(cardOf));
	expect([alice, bo, carol].map((keys) => byAlice.carries(copies, 7, cardOf(keys)))).toEqual([true, true, false]);
	expect(byAlice.carries(copies, 8, cardOf(bo))).toBe(false);
	expect((await copiesOf(carol)).carries(copies, 7, cardOf(bo))).toBe(false);
});
