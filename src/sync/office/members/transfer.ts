/**
 * What the printed recovery key signs, and the only thing it signs that counts (ATTACKS.md A50): an OWNER_TRANSFER's `serial u32 | new owner 32 |
 * next recoveryPub 32`, bound to the office (PROTOCOL.md, 4). `recoverySig = sig(transfer, officeId | serial | new owner | next recoveryPub)`.
 */
import { createWriter } from '../../../crypto/codec.ts';
import { sign, verify } from '../../../crypto/identity.ts';
import { labels } from '../../../crypto/labels.ts';
import { idToBytes, type Id } from '../../log/entry.ts';
import type { ActBodies } from './acts.ts';

type Transfer = Readonly<ActBodies['ownerTransfer']>;

export function signTransfer(fields: Omit<Transfer, 'recoverySignature'>, officeId: Id, recoverySecret: Uint8Array): Uint8Array {
	return sign(recoverySecret, labels.transfer, signedPart(fields, officeId));
}

export function verifyTransfer(transfer: Transfer, officeId: Id, recoveryPublic: Uint8Array): boolean {
	return verify(recoveryPublic, transfer.recoverySignature, labels.transfer, signedPart(transfer, officeId));
}

function signedPart({ serial, newOwner, nextRecoveryPublic }: Omit<Transfer, 'recoverySignature'>, officeId: Id): Uint8Array {
	return createWriter().raw(idToBytes(officeId)).u32(serial).raw(idToBytes(newOwner)).raw(nextRecoveryPublic).bytes();
}
