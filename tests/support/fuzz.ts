/**
 * A36: what a hostile device can send, by the million: true bytes damaged, cut, spliced and nested, lengths that claim 16 MiB, bad UTF-8, garbage, and
 * well signed nonsense. Through every decoder of the wire and the log, and into a replica that runs beside honest ones. Repeatable by its seed.
 */
import { utf8 } from '../../src/crypto/bytes.ts';
import { createWriter } from '../../src/crypto/codec.ts';
import { decodeCard } from '../../src/crypto/identity.ts';
import { decodeInvite } from '../../src/crypto/invite.ts';
import type { Random } from '../../src/crypto/random.ts';
import { decodeDescription, encodeDescription } from '../../src/sync/link/description.ts';
import { decodeFirst, encodeFirst } from '../../src/sync/link/first.ts';
import { createFrameReceiver, createFrameSender, maxFrameBytes } from '../../src/sync/link/frame.ts';
import { messageTypes } from '../../src/sync/link/message-types.ts';
import { decodeRelayed } from '../../src/sync/link/route.ts';
import { decodeSignal } from '../../src/sync/link/signal.ts';
import { decodeBeat } from '../../src/sync/live/presence-message.ts';
import { createEntry, decodeEntry, decodeHeader, encodeEntry, type Entry, type Lane, zeroId } from '../../src/sync/log/entry.ts';
import { decodeForkProof, encodeForkProof } from '../../src/sync/log/fork.ts';
import { decodeHeads as decodeHeadsMessage, encodeHeads } from '../../src/sync/log/heads.ts';
import { decodeRange, encodeRange } from '../../src/sync/log/range.ts';
import { decodeSegment, encodeSegment } from '../../src/sync/log/segment.ts';
import { decodeVector, decodeWant, encodeVector, encodeWant } from '../../src/sync/log/vector.ts';
import { decodeJoinState, decodeRefusal, decodeWaiting } from '../../src/sync/office/admission/join-messages.ts';
import { decodeChange, decodeRead, decodeState } from '../../src/sync/office/conversations/conversation-content.ts';
import { decodeMessageInner, decodePostInner } from '../../src/sync/office/conversations/inner.ts';
import { decodeKeyRequest } from '../../src/sync/office/conversations/key-requests.ts';
import { decodeShare } from '../../src/sync/office/conversations/share.ts';
import { decodeDeviceJoin, decodeDeviceState } from '../../src/sync/office/devices/device-messages.ts';
import { decodeGrant } from '../../src/sync/office/keys/grant.ts';
import { decodeMessageBody } from '../../src/sync/office/keys/sender-keys.ts';
import { decodeAct, decodeHeads } from '../../src/sync/office/members/acts.ts';
import { decodeJoin } from '../../src/sync/office/members/join-proof.ts';
import { ranks } from '../../src/sync/office/members/roles.ts';
import { decodeAcknowledgement } from '../../src/sync/office/placard/acknowledgements.ts';
import { decodeNotice } from '../../src/sync/office/placard/notice-body.ts';
import { createStory } from './acts-story.ts';
import { createHostileAuthor } from './hostile-author.ts';
import { pick, seededRandom } from './seeded-random.ts';
import { createSyncOffice, type SyncDevice } from './sync-office.ts';

const maxGarbageBytes = 600;
const badUtf8 = Uint8Array.of(0xc0, 0x80, 0xed, 0xa0, 0x80, 0xff);
/** A fresh honest entry now and then: whoever is busy with rubbish still has to take it. */
const casesPerHonestEntry = 500;

type Decoder = (bytes: Uint8Array) => unknown;

function join(...parts: readonly Uint8Array[]): Uint8Array {
	return parts.reduce((writer, part) => writer.raw(part), createWriter()).bytes();
}

/** One of the ways in which bytes can be wrong. */
export function mutate(random: Random, truths: readonly Uint8Array[]): Uint8Array {
	const truth = truths[pick(random, truths.length)] ?? new Uint8Array();
	const at = pick(random, truth.length + 1);
	const u32 = (value: number): Uint8Array => createWriter().u32(value).bytes();
	const over = (bytes: Uint8Array): Uint8Array => join(truth.subarray(0, at), bytes, truth.subarray(Math.min(truth.length, at + bytes.length)));
	switch (pick(random, 11)) {
		case 0:
			return new Uint8Array();
		case 1:
			return random(pick(random, maxGarbageBytes));
		case 2:
			return new Uint8Array(pick(random, maxGarbageBytes)).fill(pick(random, 256));
		case 3:
			return truth.slice(0, at);
		case 4:
			return join(truth, random(1 + pick(random, 8)));
		case 5:
			return over(u32(16 * 1024 * 1024));
		case 6:
			return over(u32(0xffff_ffff));
		case 7:
			return over(badUtf8);
		case 8:
			// Nested in itself, as deep as a message is long.
			return join(truth.subarray(0, at), u32(truth.length), truth, truth.subarray(at));
		case 9:
			return join(truth.subarray(0, at), truths[pick(random, truths.length)]?.subarray(pick(random, 64)) ?? truth);
		default: {
			const changed = truth.slice();
			for (let n = 0; n <= pick(random, 6) && changed.length > 0; n++) changed[pick(random, changed.length)] = pick(random, 256);
			return changed;
		}
	}
}

/** True bytes of each kind, and who reads them. */
function corpus(random: Random): { readonly truths: readonly Uint8Array[]; readonly decoders: readonly Decoder[] } {
	const story = createStory({ seed: 36 });
	const bo = story.person('Bo');
	story.bring(story.founder, bo, { role: ranks.manager });
	story.tell(bo, { type: 'profile', name: 'Bö 👩‍💻', department: 'Harbour', extensions: [] });
	const [genesis, ...others] = story.entries as [Entry, ...Entry[]];
	const acts = others.map((entry) => [entry.header.kind, entry.body] as const);
	const id = random(32);
	const vector = [{ author: genesis.header.author, lane: 0 as Lane, base: 0, head: 3, id: genesis.id }];
	const description = { ufrag: 'abcd', pwd: 'p'.repeat(24), fingerprint: id, setup: 'actpass' as const, maxMessageSize: 262_144, candidates: [] };
	const [one, other] = [0, 1].map((wallMs) => createEntry({ ...bo.last!.header, wallMs }, utf8(`${wallMs}`), bo.keys.signSecret));
	const truths = [
		...story.entries.map(encodeEntry),
		...acts.map(([, body]) => body),
		encodeRange([genesis]),
		encodeSegment(story.entries.filter((entry) => entry.header.author === genesis.header.author)),
		encodeVector(vector),
		encodeWant([{ author: genesis.header.author, lane: 0, from: 0 }]),
		encodeHeads(story.officeId, bo.device, 1, vector, bo.keys.signSecret),
		encodeForkProof(one!, other!)!,
		encodeFirst({ protoMin: 1, protoMax: 1, build: '1', from: id, to: id, descriptions: id }),
		encodeDescription(description),
		genesis.headerBytes,
	];
	const kinds = [...new Set(acts.map(([kind]) => kind)), 5, 6, 8, 9, 10, 11, 12, 16, 17, 18, 19, 20, 21];
	const decoders: Decoder[] = [
		...kinds.map((kind): Decoder => (bytes) => decodeAct(kind, bytes)),
		...kinds.map((kind): Decoder => (bytes) => decodeHeads(kind, bytes)),
		...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 255].map((type): Decoder => (bytes) => decodeChange(type, bytes)),
		(bytes) => decodeForkProof(bytes, story.officeId),
		(bytes) => decodeDescription(bytes, 'offer'),
		(bytes) => decodeDescription(bytes, 'answer'),
		...[decodeEntry, decodeHeader, decodeRange, decodeSegment, decodeVector, decodeWant, decodeHeadsMessage, decodeFirst, decodeRelayed, decodeSignal, decodeBeat],
		...[decodeJoin, decodeJoinState, decodeWaiting, decodeRefusal, decodeDeviceJoin, decodeDeviceState, decodeGrant, decodeInvite],
		...[decodeState, decodeRead, decodePostInner, decodeMessageInner, decodeKeyRequest, decodeShare, decodeMessageBody, decodeNotice, decodeAcknowledgement],
	];
	return { truths, decoders };
}

/** Mutated bytes through every decoder; answers how many were refused. An exception is a finding. */
export function fuzzDecoders(seed: number, cases: number): { readonly refused: number } {
	const random = seededRandom(seed);
	const { truths, decoders } = corpus(random);
	let refused = 0;
	for (let n = 0; n < cases; n++) if (decoders[n % decoders.length]?.(mutate(random, truths)) === undefined) refused++;
	// Costs a signature check where the form is right, so it has its own few.
	for (let n = 0; n < cases / 1000; n++) decodeCard(mutate(random, truths));
	return { refused };
}

/** Mutated frames into receivers, a new one for each that closed; answers how many links closed. */
export function fuzzFrames(seed: number, cases: number): { readonly closed: number } {
	const random = seededRandom(seed);
	const frames: Uint8Array[] = [];
	const sender = createFrameSender({ bufferedAmount: 0, send: (frame) => void frames.push(frame.slice()) });
	for (const length of [1, 200, 20_000, 50_000]) sender.send(random(length), length < 1000);
	let receiver = createFrameReceiver();
	let closed = 0;
	for (let n = 0; n < cases; n++) {
		const whole = frames[pick(random, frames.length)] ?? new Uint8Array();
		const frame = n % 3 === 0 ? whole : mutate(random, frames.map((one) => one.subarray(0, 64 + pick(random, 200))));
		if (receiver.receive(frame.slice(0, maxFrameBytes + pick(random, 3))) !== undefined) continue;
		closed++;
		receiver = createFrameReceiver();
	}
	return { closed };
}

/** What a fuzzed replica did beside it. */
export interface ReplicaReport {
	readonly garbage: number;
	/** Honest entries, and how many of them the victim held a second later. */
	readonly written: number;
	readonly taken: number;
	/** Whether all honest devices ended with the same. */
	readonly level: boolean;
}

/**
 * Mutated messages and well signed nonsense of a member with a changed client, into a replica that honest ones write to meanwhile.
 *
 * @param each called now and then with the number of cases so far
 */
export async function fuzzReplica(seed: number, cases: number, each?: (done: number) => void): Promise<ReplicaReport> {
	const random = seededRandom(seed);
	const office = await createSyncOffice({ devices: 4, seed });
	const [alice, victim, carol, eveDevice] = office.devices as [SyncDevice, SyncDevice, SyncDevice, SyncDevice];
	const eve = createHostileAuthor(office, eveDevice);
	office.network.connectAll([alice.id, victim.id, carol.id]);
	office.network.connect(eve.id, victim.id);
	await office.clock.advance(5000);
	const first = await alice.write();
	const truths = [encodeEntry(first), encodeRange([first]), encodeVector(alice.log.vector()), encodeWant([{ author: alice.id, lane: 1, from: 0 }]), encodeHeads(office.officeId, alice.id, 1, alice.log.vector(), alice.keys.signSecret), random(32)];
	const types = [messageTypes.digest, messageTypes.vector, messageTypes.want, messageTypes.range, messageTypes.entry, messageTypes.heads];
	let written = 0;
	let taken = 0;

	/** Rules of the form kept, all others by chance, and signed as it must be. */
	function nonsense(): Entry {
		const lane = pick(random, 3) as Lane;
		const seq = pick(random, 4) === 0 ? 0 : 1 + pick(random, 1000);
		const kind = lane === 0 ? pick(random, 22) + 1 : lane === 1 ? 80 : 97;
		const ref = random(32).reduce((text, byte) => text + byte.toString(16).padStart(2, '0'), '');
		const fields = { kind, lane, officeId: office.officeId, author: eve.id, seq, prev: seq === 0 ? zeroId : ref, lamport: 1 + (pick(random, 2) === 0 ? pick(random, 1000) : 2 ** 30 + pick(random, 2 ** 30)), wallMs: pick(random, 2 ** 31), refs: pick(random, 2) === 0 ? [ref] : [] };
		return createEntry(fields, mutate(random, truths).slice(0, 60_000), eveDevice.keys.signSecret);
	}

	for (let n = 0; n < cases; n++) {
		if (pick(random, 50) === 0) eve.send(victim, messageTypes.entry, encodeEntry(nonsense()));
		else eve.send(victim, types[pick(random, types.length)] ?? 0, mutate(random, truths));
		// Who sends rubbish is not listened to for the rest of the minute.
		if (n % 150 === 0) await office.clock.advance(61_000);
		else if (n % 50 === 0) await office.clock.advance(5);
		if (n % casesPerHonestEntry === 0) {
			const entry = await (written % 2 === 0 ? alice : carol).write(((n / casesPerHonestEntry) % 3) as Lane);
			written++;
			await office.clock.advance(1000);
			if (victim.log.get(entry.id) !== undefined) taken++;
			each?.(n);
		}
	}
	office.network.unplug(eve.id);
	await office.clock.advance(240_000);
	const digests = new Set([alice, victim, carol].map((device) => device.log.digest().join()));
	return { garbage: victim.replication.garbage(eve.id), written, taken, level: digests.size === 1 };
}
