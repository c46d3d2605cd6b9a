/**
 * `JOIN = officeId 32 | invitePub 32 | lp Card | witness 32 | session 32 | sigInvite 64 | sigDevice 64` (PROTOCOL.md, 4): a newcomer's proof that it
 * holds the invite, bound to its own keys, the witness and the link on which it was given (ATTACKS.md A15). Each signature covers all
 * before it.
 */
import { concat, hex } from '../../../crypto/bytes.ts';
import { createWriter, decode } from '../../../crypto/codec.ts';
import { decodeCard, sign, verify, type Card } from '../../../crypto/identity.ts';
import { labels } from '../../../crypto/labels.ts';
import { idToBytes, type Id } from '../../log/entry.ts';

/** The longest Card: its fixed fields and a name of 64 bytes. */
export const maxCardBytes = 2 + 3 * 32 + 4 + 64 + 64;
export const maxJoinBytes = 32 + 32 + 4 + maxCardBytes + 32 + 32 + 64 + 64;

export interface JoinProof {
	readonly officeId: Id;
	readonly invitePublic: Id;
	readonly card: Uint8Array;
	/** The device to which the JOIN was first given. */
	readonly witness: Id;
	/** `H(offer-hash, offer | answer)` of the link. */
	readonly session: Id;
	readonly inviteSignature: Uint8Array;
	readonly deviceSignature: Uint8Array;
}

/** Makes and signs a JOIN; answers its bytes. */
export function createJoin(
	fields: Omit<JoinProof, 'inviteSignature' | 'deviceSignature'>,
	secrets: { readonly invite: Uint8Array; readonly device: Uint8Array },
): Uint8Array {
	const claim = signedPart(fields);
	const inviteSignature = sign(secrets.invite, labels.joinInvite, claim);
	return concat(claim, inviteSignature, sign(secrets.device, labels.joinDevice, claim, inviteSignature));
}

export function encodeJoin(join: JoinProof): Uint8Array {
	return concat(signedPart(join), join.inviteSignature, join.deviceSignature);
}

/** The fields; nothing is verified. `undefined` if malformed. */
export function decodeJoin(bytes: Uint8Array): JoinProof | undefined {
	if (bytes.length > maxJoinBytes) return undefined;
	return decode(bytes, (r) => ({
		officeId: hex(r.raw(32)),
		invitePublic: hex(r.raw(32)),
		card: r.lp(maxCardBytes),
		witness: hex(r.raw(32)),
		session: hex(r.raw(32)),
		inviteSignature: r.raw(64),
		deviceSignature: r.raw(64),
	}));
}

/** The device that joins, without checking its card. */
export function deviceOfJoin(join: JoinProof): Id {
	return deviceOfCard(join.card);
}

/** Read off a card (`ver 1 | suite 1 | officeId 32 | signPub 32 …`) without checking it. */
export function deviceOfCard(card: Uint8Array): Id {
	return hex(card.subarray(34, 66));
}

/** The newcomer's card, once both signatures, the card's own and the office hold; else `undefined`. Costs three signature checks. */
export function verifyJoin(join: JoinProof): Card | undefined {
	const card = decodeCard(join.card);
	if (!card || hex(card.officeId) !== join.officeId) return undefined;
	const claim = signedPart(join);
	const holds =
		verify(idToBytes(join.invitePublic), join.inviteSignature, labels.joinInvite, claim) &&
		verify(card.signPublic, join.deviceSignature, labels.joinDevice, claim, join.inviteSignature);
	return holds ? card : undefined;
}

function signedPart(join: Omit<JoinProof, 'inviteSignature' | 'deviceSignature'>): Uint8Array {
	return createWriter()
		.raw(idToBytes(join.officeId))
		.raw(idToBytes(join.invitePublic))
		.lp(join.card)
		.raw(idToBytes(join.witness))
		.raw(idToBytes(join.session))
		.bytes();
}
