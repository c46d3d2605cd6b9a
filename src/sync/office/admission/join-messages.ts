/** The messages of joining (PROTOCOL.md, 5 and 8): JOIN_STATE, WAITING, REFUSED. JOIN itself stands in `join-proof.ts`, GRANT in `grant.ts`. */
import { hex } from '../../../crypto/bytes.ts';
import { createWriter, decode } from '../../../crypto/codec.ts';
import { sign, verify } from '../../../crypto/identity.ts';
import { labels } from '../../../crypto/labels.ts';
import { idToBytes, maxEntryBytes, type Id } from '../../log/entry.ts';
import { decodeJoin, encodeJoin, maxJoinBytes, type JoinProof } from '../members/join-proof.ts';

/** Numbers are final. */
export const joinStates = {
	waiting: 1,
	admitted: 2,
	expired: 3,
	usedUp: 4,
	revoked: 5,
	refused: 6,
	unknown: 7,
	nameTaken: 8,
} as const;
export type JoinStateName = keyof typeof joinStates;

const stateNames = new Map((Object.keys(joinStates) as JoinStateName[]).map((name) => [joinStates[name] as number, name]));

export interface JoinState {
	readonly state: JoinStateName;
	/** So that a newcomer who waits knows what it waits for: encoded entries. */
	readonly proof: { readonly genesis: Uint8Array; readonly invite: Uint8Array } | undefined;
}

export function encodeJoinState({ state, proof }: JoinState): Uint8Array {
	const writer = createWriter().u8(joinStates[state]);
	return (proof ? writer.u8(1).lp(proof.genesis).lp(proof.invite) : writer.u8(0)).bytes();
}

export function decodeJoinState(bytes: Uint8Array): JoinState | undefined {
	return decode(bytes, (r) => {
		const state = stateNames.get(r.u8()) ?? r.fail();
		const has = r.u8();
		if (has > 1) r.fail();
		return { state, proof: has === 1 ? { genesis: r.lp(maxEntryBytes), invite: r.lp(maxEntryBytes) } : undefined };
	});
}

/** A JOIN that waits for a manager, as it is passed on. */
export interface WaitingJoin {
	readonly sinceMs: number;
	readonly join: JoinProof;
}

export function encodeWaiting(waiting: readonly WaitingJoin[]): Uint8Array {
	const writer = createWriter().u8(waiting.length);
	for (const { sinceMs, join } of waiting) writer.u64(sinceMs).lp(encodeJoin(join));
	return writer.bytes();
}

export function decodeWaiting(bytes: Uint8Array): readonly WaitingJoin[] | undefined {
	return decode(bytes, (r) => Array.from({ length: r.u8() }, () => ({ sinceMs: r.u64(), join: decodeJoin(r.lp(maxJoinBytes)) ?? r.fail() })));
}

/** A manager's word that a JOIN is not to wait any longer. */
export interface Refusal {
	readonly invitePublic: Id;
	readonly device: Id;
	readonly manager: Id;
	readonly signature: Uint8Array;
}

export function createRefusal(officeId: Id, fields: Omit<Refusal, 'signature'>, signSecret: Uint8Array): Refusal {
	return { ...fields, signature: sign(signSecret, labels.waiting, idToBytes(officeId), refusalClaim(fields)) };
}

export function encodeRefusal(refusal: Refusal): Uint8Array {
	return createWriter().raw(refusalClaim(refusal)).raw(refusal.signature).bytes();
}

export function decodeRefusal(bytes: Uint8Array): Refusal | undefined {
	return decode(bytes, (r) => ({ invitePublic: hex(r.raw(32)), device: hex(r.raw(32)), manager: hex(r.raw(32)), signature: r.raw(64) }));
}

/** Whether that device signed it; whether it is a manager's is another question. */
export function verifyRefusal(officeId: Id, refusal: Refusal): boolean {
	return verify(idToBytes(refusal.manager), refusal.signature, labels.waiting, idToBytes(officeId), refusalClaim(refusal));
}

function refusalClaim({ invitePublic, device, manager }: Omit<Refusal, 'signature'>): Uint8Array {
	return createWriter().raw(idToBytes(invitePublic)).raw(idToBytes(device)).raw(idToBytes(manager)).bytes();
}
