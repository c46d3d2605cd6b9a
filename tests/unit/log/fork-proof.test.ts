/** FORK_PROOF: what is one, and what only looks like one. */
import { expect, test } from 'vitest';
import { hex, utf8 } from '../../../src/crypto/bytes.ts';
import { createWriter } from '../../../src/crypto/codec.ts';
import { createDeviceKeys, type DeviceKeys } from '../../../src/crypto/identity.ts';
import { createEntry, type Entry, type HeaderFields, idToBytes, kinds, lanes, zeroId } from '../../../src/sync/log/entry.ts';
import { decodeForkProof, encodeForkProof, verifyForkProof } from '../../../src/sync/log/fork.ts';
import { createGenesis } from '../../support/memory-office.ts';
import { pick, seededRandom } from '../../support/seeded-random.ts';

const random = seededRandom(3);
const eve = createDeviceKeys(random);
const mallory = createDeviceKeys(random);
const officeId = hex(random(32));
const prev = hex(random(32));

function entryOf(text: string, fields: Partial<HeaderFields> = {}, keys: DeviceKeys = eve): Entry {
	const whole = { kind: kinds.post, lane: lanes.open, officeId, author: hex(keys.signPublic), seq: 7, prev, lamport: 9, wallMs: 0, refs: [], ...fields };
	return createEntry(whole, utf8(text), keys.signSecret);
}

/** The bytes of a proof, whatever its parts. */
function bytesOf(one: Entry, other: Entry, { author = one.header.author, seq = one.header.seq, ordered = true } = {}): Uint8Array {
	const [a, b] = one.id < other.id === ordered ? [one, other] : [other, one];
	return createWriter().raw(idToBytes(author)).u8(one.header.lane).u64(seq).lp(a.headerBytes).raw(a.signature!).lp(b.headerBytes).raw(b.signature!).bytes();
}

const bob = entryOf('to Bob');
const carol = entryOf('to Carol');

test('two entries at one place prove it, whichever comes first', () => {
	const bytes = encodeForkProof(bob, carol)!;
	expect(encodeForkProof(carol, bob)).toEqual(bytes);
	const proof = decodeForkProof(bytes, officeId)!;
	expect(proof).toMatchObject({ author: bob.header.author, lane: lanes.open, seq: 7 });
	expect([proof.a.id, proof.b.id]).toEqual([bob.id, carol.id].sort());
	expect(verifyForkProof(proof)).toBe(true);
});

test('an entry vouched for by a later one alone proves nothing', () => {
	expect(encodeForkProof(bob, { ...carol, signature: undefined })).toBeUndefined();
});

test('a proof against an innocent author is well formed and false', () => {
	const forged = { ...entryOf('never said'), signature: carol.signature };
	const proof = decodeForkProof(bytesOf(bob, forged), officeId)!;
	expect(verifyForkProof(proof)).toBe(false);
	expect(verifyForkProof(decodeForkProof(encodeForkProof(bob, carol)!, officeId)!, () => false)).toBe(false);
});

test('what is no proof is none', () => {
	const refused: [string, Uint8Array][] = [
		['the same entry twice', bytesOf(bob, bob)],
		['ids descending', bytesOf(bob, carol, { ordered: false })],
		['another author in front', bytesOf(bob, carol, { author: hex(mallory.signPublic) })],
		['another author behind', bytesOf(bob, entryOf('x', {}, mallory))],
		['another seq in front', bytesOf(bob, carol, { seq: 8 })],
		['another seq behind', bytesOf(bob, entryOf('x', { seq: 8 }))],
		['another lane', bytesOf(bob, entryOf('x', { lane: lanes.mail, kind: kinds.msg }))],
		['another office', bytesOf(bob, entryOf('x', { officeId: hex(random(32)) }))],
		['a byte too many', Uint8Array.of(...bytesOf(bob, carol), 0)],
	];
	for (const [what, bytes] of refused) expect(decodeForkProof(bytes, officeId), what).toBeUndefined();
	expect(decodeForkProof(bytesOf(bob, carol), hex(random(32)))).toBeUndefined();
});

test('two offices founded with one key are no fork, another first entry beside GENESIS is', () => {
	const genesis = createGenesis(eve, utf8('one office'), 0);
	const other = createGenesis(eve, utf8('another office'), 0);
	expect(decodeForkProof(bytesOf(genesis, other), genesis.id)).toBeUndefined();
	const beside = entryOf('not GENESIS', { kind: kinds.profile, lane: lanes.office, officeId: genesis.id, seq: 0, prev: zeroId });
	expect(verifyForkProof(decodeForkProof(bytesOf(genesis, beside), genesis.id)!)).toBe(true);
});

test('A36: damaged proofs are undefined or false', () => {
	const truth = encodeForkProof(bob, carol)!;
	for (let n = 0; n < 200; n++) {
		const damaged = n % 2 === 0 ? truth.slice(0, pick(random, truth.length)) : truth.map((byte) => (pick(random, 150) === 0 ? byte ^ (1 + pick(random, 255)) : byte));
		const proof = decodeForkProof(damaged, officeId);
		if (proof !== undefined && hex(damaged) !== hex(truth)) expect(verifyForkProof(proof)).toBe(false);
	}
});
