/**
 * The bodies of all acts (PROTOCOL.md, 4), those of later builds included: their bytes are final. A body is `heads n u8 ≤ 64 × 32 | …`, GENESIS has
 * no heads. Encoding trusts its caller; decoding checks form alone: who may do what is the resolver's.
 */
import { hex } from '../../../crypto/bytes.ts';
import { createWriter, decode, type Reader, type Writer } from '../../../crypto/codec.ts';
import { isName } from '../../../crypto/identity.ts';
import { readExtensions, writeExtensions, type Extension } from '../../extensions.ts';
import { idToBytes, kinds, type Id } from '../../log/entry.ts';
import { decodeJoin, encodeJoin, maxCardBytes, maxJoinBytes, type JoinProof } from './join-proof.ts';
import { readPolicy, writePolicy, type Policy } from './policy.ts';
import { isRank, type Rank } from './roles.ts';

/** Every act of the table; 13 to 15 and 22 to 63 are free. */
export const actKinds = {
	...kinds,
	leave: 16,
	removeMember: 17,
	removeDevice: 18,
	addDevice: 19,
	ownerTransfer: 20,
	department: 21,
} as const;

export const maxHeads = 64;
const maxTextBytes = 64;
const maxSealedPskBytes = 256;
const maxSealedNoticeBytes = 65_536;

/** One device's copy of the mesh key: HPKE to its kem key. */
export interface MeshKeyCopy {
	readonly device: Id;
	readonly enc: Uint8Array;
	readonly ct: Uint8Array;
}

/** Up to where a device's chain counts. */
export interface CutPoint {
	readonly device: Id;
	readonly lane: number;
	readonly seq: number;
	readonly id: Id;
}
export type Cut = readonly CutPoint[];

export interface RollRow {
	readonly member: Id;
	readonly ackId: Id;
	readonly signature: Uint8Array;
}

/** Fields of each act's body after its heads. Ids are hex, keys and sealed things bytes. */
export interface ActBodies {
	genesis: { nonce: Uint8Array; officeName: string; card: Uint8Array; recoveryPublic: Uint8Array; policy: Policy };
	meshRekey: { commit: Uint8Array; copies: readonly MeshKeyCopy[]; invites: readonly { invitePublic: Id; sealedPsk: Uint8Array }[] };
	invite: {
		invitePublic: Id;
		keyId: Uint8Array;
		sealedPsk: Uint8Array;
		role: Rank;
		/** 0 = any number. */
		maxUses: number;
		notAfterMs: number;
		confirm: boolean;
		label: string;
		replaces: Id | undefined;
	};
	inviteRevoke: { invitePublic: Id };
	admit: { join: JoinProof };
	hold: { device: Id; reason: number };
	confirm: { device: Id };
	profile: { name: string; department: string; extensions: readonly Extension[] };
	policy: { parent: Id; policy: Policy };
	setRole: { member: Id; role: Rank; cut: Cut };
	notice: { audience: number; keyId: Uint8Array; sealed: Uint8Array };
	noticeWithdraw: { notice: Id };
	roll: { notice: Id; version: Id; rows: readonly RollRow[] };
	leave: { extensions: readonly Extension[] };
	removeMember: { member: Id; reason: number; cut: Cut };
	removeDevice: { device: Id; reason: number; cut: Cut };
	addDevice: { card: Uint8Array; newSignature: Uint8Array };
	ownerTransfer: { serial: number; newOwner: Id; nextRecoveryPublic: Uint8Array; recoverySignature: Uint8Array };
	/** An empty name dissolves it. */
	department: { id: Id; name: string; members: readonly Id[] };
}

export type ActName = keyof ActBodies;
export type Act = { readonly [N in ActName]: { readonly type: N; readonly heads: readonly Id[] } & Readonly<ActBodies[N]> }[ActName];
/** An act of one type, as decoded. */
export type ActOf<N extends ActName> = Extract<Act, { type: N }>;

interface Codec<N extends ActName> {
	write(writer: Writer, body: ActBodies[N]): void;
	read(reader: Reader): ActBodies[N];
}

const id = (r: Reader): Id => hex(r.raw(32));
const list = <T>(count: number, itemBytes: number, r: Reader, read: () => T): readonly T[] => {
	if (count * itemBytes > r.remaining()) r.fail();
	return Array.from({ length: count }, read);
};
const named = (r: Reader): string => {
	const name = r.text(maxTextBytes);
	return isName(name) ? name : r.fail();
};
const optionalName = (r: Reader): string => {
	const name = r.text(maxTextBytes);
	return name === '' || isName(name) ? name : r.fail();
};
const flag = (r: Reader): boolean => {
	const value = r.u8();
	return value <= 1 ? value === 1 : r.fail();
};
const rank = (r: Reader): Rank => {
	const value = r.u8();
	return isRank(value) ? value : r.fail();
};
export const readCut = (r: Reader): Cut => list(r.u8(), 73, r, () => ({ device: id(r), lane: r.u8(), seq: r.u64(), id: id(r) }));
export const writeCut = (w: Writer, cut: Cut): void => {
	w.u8(cut.length);
	for (const point of cut) w.raw(idToBytes(point.device)).u8(point.lane).u64(point.seq).raw(idToBytes(point.id));
};

const codecs: { readonly [N in ActName]: Codec<N> } = {
	genesis: {
		write: (w, b) => writePolicy(w.raw(b.nonce).text(b.officeName).lp(b.card).raw(b.recoveryPublic), b.policy),
		read: (r) => ({ nonce: r.raw(32), officeName: named(r), card: r.lp(maxCardBytes), recoveryPublic: r.raw(32), policy: readPolicy(r) }),
	},
	meshRekey: {
		write(w, b) {
			w.raw(b.commit).u16(b.copies.length);
			for (const copy of b.copies) w.raw(idToBytes(copy.device)).raw(copy.enc).raw(copy.ct);
			w.u8(b.invites.length);
			for (const invite of b.invites) w.raw(idToBytes(invite.invitePublic)).lp(invite.sealedPsk);
		},
		read: (r) => ({
			commit: r.raw(32),
			copies: list(r.u16(), 112, r, () => ({ device: id(r), enc: r.raw(32), ct: r.raw(48) })),
			invites: list(r.u8(), 36, r, () => ({ invitePublic: id(r), sealedPsk: r.lp(maxSealedPskBytes) })),
		}),
	},
	invite: {
		write(w, b) {
			w.raw(idToBytes(b.invitePublic)).raw(b.keyId).lp(b.sealedPsk).u8(b.role).u16(b.maxUses).u64(b.notAfterMs).u8(b.confirm ? 1 : 0).text(b.label);
			if (b.replaces === undefined) w.u8(0);
			else w.u8(1).raw(idToBytes(b.replaces));
		},
		read: (r) => ({
			invitePublic: id(r),
			keyId: r.raw(8),
			sealedPsk: r.lp(maxSealedPskBytes),
			role: rank(r),
			maxUses: r.u16(),
			notAfterMs: r.u64(),
			confirm: flag(r),
			label: optionalName(r),
			replaces: flag(r) ? id(r) : undefined,
		}),
	},
	inviteRevoke: { write: (w, b) => w.raw(idToBytes(b.invitePublic)), read: (r) => ({ invitePublic: id(r) }) },
	admit: {
		write: (w, b) => w.lp(encodeJoin(b.join)),
		read: (r) => ({ join: decodeJoin(r.lp(maxJoinBytes)) ?? r.fail() }),
	},
	hold: { write: (w, b) => w.raw(idToBytes(b.device)).u8(b.reason), read: (r) => ({ device: id(r), reason: r.u8() }) },
	confirm: { write: (w, b) => w.raw(idToBytes(b.device)), read: (r) => ({ device: id(r) }) },
	profile: {
		write: (w, b) => writeExtensions(w.text(b.name).text(b.department), b.extensions),
		read: (r) => ({ name: named(r), department: optionalName(r), extensions: readExtensions(r) }),
	},
	policy: { write: (w, b) => writePolicy(w.raw(idToBytes(b.parent)), b.policy), read: (r) => ({ parent: id(r), policy: readPolicy(r) }) },
	setRole: {
		write: (w, b) => writeCut(w.raw(idToBytes(b.member)).u8(b.role), b.cut),
		read: (r) => ({ member: id(r), role: rank(r), cut: readCut(r) }),
	},
	notice: {
		write: (w, b) => w.u8(b.audience).raw(b.keyId).lp(b.sealed),
		read: (r) => ({ audience: flag(r) ? 1 : 0, keyId: r.raw(8), sealed: r.lp(maxSealedNoticeBytes) }),
	},
	noticeWithdraw: { write: (w, b) => w.raw(idToBytes(b.notice)), read: (r) => ({ notice: id(r) }) },
	roll: {
		write(w, b) {
			w.raw(idToBytes(b.notice)).raw(idToBytes(b.version)).u16(b.rows.length);
			for (const row of b.rows) w.raw(idToBytes(row.member)).raw(idToBytes(row.ackId)).raw(row.signature);
		},
		read: (r) => ({ notice: id(r), version: id(r), rows: list(r.u16(), 128, r, () => ({ member: id(r), ackId: id(r), signature: r.raw(64) })) }),
	},
	leave: { write: (w, b) => writeExtensions(w, b.extensions), read: (r) => ({ extensions: readExtensions(r) }) },
	removeMember: {
		write: (w, b) => writeCut(w.raw(idToBytes(b.member)).u8(b.reason), b.cut),
		read: (r) => ({ member: id(r), reason: r.u8(), cut: readCut(r) }),
	},
	removeDevice: {
		write: (w, b) => writeCut(w.raw(idToBytes(b.device)).u8(b.reason), b.cut),
		read: (r) => ({ device: id(r), reason: r.u8(), cut: readCut(r) }),
	},
	addDevice: { write: (w, b) => w.lp(b.card).raw(b.newSignature), read: (r) => ({ card: r.lp(maxCardBytes), newSignature: r.raw(64) }) },
	ownerTransfer: {
		write: (w, b) => w.u32(b.serial).raw(idToBytes(b.newOwner)).raw(b.nextRecoveryPublic).raw(b.recoverySignature),
		read: (r) => ({ serial: r.u32(), newOwner: id(r), nextRecoveryPublic: r.raw(32), recoverySignature: r.raw(64) }),
	},
	department: {
		write(w, b) {
			w.raw(idToBytes(b.id.padEnd(64, '0')).subarray(0, 16)).text(b.name).u16(b.members.length);
			for (const member of b.members) w.raw(idToBytes(member));
		},
		read: (r) => ({ id: hex(r.raw(16)), name: optionalName(r), members: list(r.u16(), 32, r, () => id(r)) }),
	},
};

const names: ReadonlyMap<number, ActName> = new Map((Object.keys(codecs) as ActName[]).map((name) => [actKinds[name], name]));

/** The body of an act. GENESIS takes no heads: they are not written. At most 64 heads. */
export function encodeAct(act: Act): Uint8Array {
	const writer = createWriter();
	if (act.type !== 'genesis') {
		if (act.heads.length > maxHeads) throw new Error('an act has at most 64 heads');
		writer.u8(act.heads.length);
		for (const head of act.heads) writer.raw(idToBytes(head));
	}
	// The table pairs each name with the codec of its own body.
	(codecs[act.type] as Codec<ActName>).write(writer, act);
	return writer.bytes();
}

/** The act in a body of this kind; `undefined` if malformed, or of a kind without codec. */
export function decodeAct(kind: number, body: Uint8Array): Act | undefined {
	const type = names.get(kind);
	if (type === undefined) return undefined;
	return decode(body, (r) => {
		const heads = type === 'genesis' ? [] : readHeads(r);
		return { type, heads, ...codecs[type].read(r) } as Act;
	});
}

/** The heads alone, of an act of any kind, known or not; empty where they are malformed. */
export function decodeHeads(kind: number, body: Uint8Array): readonly Id[] {
	if (kind === kinds.genesis) return [];
	let heads: readonly Id[] | undefined;
	decode(body, (r) => {
		heads = readHeads(r);
	});
	return heads ?? [];
}

function readHeads(r: Reader): readonly Id[] {
	const count = r.u8();
	if (count > maxHeads) r.fail();
	return list(count, 32, r, () => id(r));
}
