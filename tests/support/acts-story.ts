/** An office told act by act: real keys and signatures, no log and no network. Acts follow everything told so far unless their heads are given. */
import { hex } from '../../src/crypto/bytes.ts';
import { createDeviceKeys, encodeCard, memberId, noOffice, sign, signPublicKey, type DeviceKeys } from '../../src/crypto/identity.ts';
import { inviteKeys, type InviteKeys } from '../../src/crypto/invite.ts';
import { labels } from '../../src/crypto/labels.ts';
import type { Random } from '../../src/crypto/random.ts';
import { createEntry, idToBytes, kinds, zeroId, type Entry, type Id } from '../../src/sync/log/entry.ts';
import { encodeForkProof } from '../../src/sync/log/fork.ts';
import { actKinds, encodeAct, maxHeads, type Act, type ActBodies, type Cut } from '../../src/sync/office/members/acts.ts';
import { createJoin, decodeJoin, encodeJoin, verifyJoin, type JoinProof } from '../../src/sync/office/members/join-proof.ts';
import { firstPolicy, type Policy } from '../../src/sync/office/members/policy.ts';
import { createResolver } from '../../src/sync/office/members/resolver.ts';
import type { CheckJoin } from '../../src/sync/office/members/judgement.ts';
import { resolve, type Member, type MembersState } from '../../src/sync/office/members/members.ts';
import { signTransfer } from '../../src/sync/office/members/transfer.ts';
import { seededRandom } from './seeded-random.ts';

/** An act before its heads. */
export type Deed = Act extends infer A ? (A extends Act ? Omit<A, 'heads'> : never) : never;

export interface Person {
	readonly name: string;
	readonly keys: DeviceKeys;
	readonly device: Id;
	/** The newest entry of their chain, and the next seq. Set to an earlier one, the next entry forks. */
	last: Entry | undefined;
	/** The person whose further device this is. */
	of: Person | undefined;
}

/** A recovery key. */
export interface Printed {
	readonly secret: Uint8Array;
	readonly publicKey: Uint8Array;
}

export interface StoryInvite {
	readonly id: Id;
	readonly keys: InviteKeys;
	readonly entry: Entry;
}

export interface Story {
	readonly officeId: Id;
	readonly entries: Entry[];
	readonly random: Random;
	/** The key GENESIS names. */
	readonly printed: Printed;
	person(name: string): Person;
	memberOf(person: Person): Id;
	/** @param after what the author had seen: the act's heads. */
	tell(author: Person, deed: Deed, after?: readonly Entry[]): Entry;
	/** An entry with any kind and body. */
	tellRaw(author: Person, kind: number, body: Uint8Array): Entry;
	invite(author: Person, fields?: Partial<ActBodies['invite']>, after?: readonly Entry[]): StoryInvite;
	join(invite: StoryInvite, newcomer: Person, witness: Person, name?: string): JoinProof;
	/** Invites, joins and admits in one go. */
	bring(author: Person, newcomer: Person, fields?: Partial<ActBodies['invite']>): Entry;
	/** A further device of somebody, signed by both. */
	addDevice(author: Person, device: Person, after?: readonly Entry[]): Entry;
	/** Ownership by the printed key. */
	transfer(author: Person, newOwner: Person, fields?: { serial?: number; key?: Printed; next?: Printed }, after?: readonly Entry[]): Entry;
	print(): Printed;
	/** A proof that `one` and `other`, of one author and seq, are two. */
	proveFork(author: Person, one: Entry, other: Entry): Entry;
	/** Up to what the person wrote last. */
	cutAt(...people: readonly Person[]): Cut;
	/** What nobody has followed yet. */
	heads(): readonly Entry[];
	state(entries?: readonly Entry[]): MembersState;
	member(person: Person): Member | undefined;
	isInForce(entry: Entry): boolean;
	readonly checkJoin: CheckJoin;
}

/** Verifies each JOIN once: the same ones come up in many orders. */
export function createJoinCheck(): CheckJoin {
	const known = new Map<string, ReturnType<CheckJoin>>();
	return (join) => {
		const key = hex(encodeJoin(join));
		if (!known.has(key)) known.set(key, verifyJoin(join));
		return known.get(key);
	};
}

export function createStory(options: { seed?: number; founder?: string; policy?: Partial<Policy> } = {}): Story & { readonly founder: Person; readonly genesis: Entry } {
	const random = seededRandom(options.seed ?? 7);
	const entries: Entry[] = [];
	const unfollowed = new Set<Entry>();
	let lamport = 1;

	const person = (name: string): Person => {
		const keys = createDeviceKeys(random);
		return { name, keys, device: hex(keys.signPublic), last: undefined, of: undefined };
	};
	const print = (): Printed => {
		const secret = random(32);
		return { secret, publicKey: signPublicKey(secret) };
	};
	const printed = print();
	const founder = person(options.founder ?? 'Alice');
	const genesisBody = encodeAct({
		type: 'genesis',
		heads: [],
		nonce: random(32),
		officeName: 'Harbour office',
		card: encodeCard({ officeId: noOffice, signPublic: founder.keys.signPublic, kemPublic: founder.keys.kemPublic, name: founder.name }, founder.keys.signSecret),
		recoveryPublic: printed.publicKey,
		policy: { ...firstPolicy, ...options.policy },
	});
	const genesis = createEntry(
		{ kind: 0, lane: 0, officeId: zeroId, author: founder.device, seq: 0, prev: zeroId, lamport, wallMs: 1, refs: [] },
		genesisBody,
		founder.keys.signSecret,
	);
	const officeId = genesis.id;
	const checkJoin = createJoinCheck();
	const resolver = createResolver(officeId, checkJoin);
	founder.last = genesis;
	entries.push(genesis);
	unfollowed.add(genesis);

	function write(author: Person, kind: number, body: Uint8Array, followed: readonly Entry[]): Entry {
		const place = { seq: (author.last?.header.seq ?? -1) + 1, prev: author.last?.id ?? zeroId };
		const entry = createEntry(
			{ kind, lane: 0, officeId, author: author.device, ...place, lamport: ++lamport, wallMs: lamport, refs: [] },
			body,
			author.keys.signSecret,
		);
		for (const head of followed) unfollowed.delete(head);
		if (author.last) unfollowed.delete(author.last);
		author.last = entry;
		entries.push(entry);
		unfollowed.add(entry);
		return entry;
	}

	const story: Story & { readonly founder: Person; readonly genesis: Entry } = {
		officeId,
		founder,
		genesis,
		entries,
		random,
		printed,
		print,
		person,
		memberOf: (one) => hex(memberId(idToBytes(officeId), (one.of ?? one).keys.signPublic)),
		tell(author, deed, after = [...unfollowed]) {
			const followed = after.slice(-maxHeads);
			return write(author, actKinds[deed.type], encodeAct({ ...deed, heads: followed.map((entry) => entry.id) }), followed);
		},
		tellRaw: (author, kind, body) => write(author, kind, body, []),
		invite(author, fields = {}, after) {
			const keys = inviteKeys(random(32));
			const id = hex(keys.signPublic);
			const base = { keyId: random(8), sealedPsk: random(104), role: 1, maxUses: 1, notAfterMs: 9e12, confirm: false, label: 'Front desk', replaces: undefined } as const;
			return { id, keys, entry: story.tell(author, { type: 'invite', ...base, invitePublic: id, ...fields }, after) };
		},
		join(invite, newcomer, witness, name = newcomer.name) {
			const card = encodeCard({ officeId: idToBytes(officeId), signPublic: newcomer.keys.signPublic, kemPublic: newcomer.keys.kemPublic, name }, newcomer.keys.signSecret);
			const bytes = createJoin(
				{ officeId, invitePublic: invite.id, card, witness: witness.device, session: hex(random(32)) },
				{ invite: invite.keys.signSecret, device: newcomer.keys.signSecret },
			);
			const join = decodeJoin(bytes);
			if (!join) throw new Error('a JOIN just made is well formed');
			return join;
		},
		bring(author, newcomer, fields = {}) {
			const invite = story.invite(author, fields);
			return story.tell(author, { type: 'admit', join: story.join(invite, newcomer, author) });
		},
		addDevice(author, device, after) {
			const owner = author.of ?? author;
			device.of ??= owner;
			const card = encodeCard({ officeId: idToBytes(officeId), signPublic: device.keys.signPublic, kemPublic: device.keys.kemPublic, name: owner.name }, device.keys.signSecret);
			const newSignature = sign(device.keys.signSecret, labels.addDevice, idToBytes(officeId), idToBytes(author.device));
			return story.tell(author, { type: 'addDevice', card, newSignature }, after);
		},
		transfer(author, newOwner, { serial = 1, key = printed, next = print() } = {}, after) {
			const fields = { serial, newOwner: story.memberOf(newOwner), nextRecoveryPublic: next.publicKey };
			return story.tell(author, { type: 'ownerTransfer', ...fields, recoverySignature: signTransfer(fields, officeId, key.secret) }, after);
		},
		proveFork(author, one, other) {
			const body = encodeForkProof(one, other);
			if (!body) throw new Error('entries told here are signed');
			return story.tellRaw(author, kinds.forkProof, body);
		},
		cutAt: (...people) => people.flatMap(({ device, last }) => (last ? [{ device, lane: 0, seq: last.header.seq, id: last.id }] : [])),
		heads: () => [...unfollowed],
		state(some) {
			if (some) return resolve(some, officeId, checkJoin);
			resolver.add(entries);
			return resolver.state();
		},
		checkJoin,
		member: (one) => story.state().members.get(story.memberOf(one)),
		isInForce: (entry) => story.state().inForce.has(entry.id),
	};
	return story;
}
