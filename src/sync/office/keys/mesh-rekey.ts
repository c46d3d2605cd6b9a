/** MESH_REKEY (PROTOCOL.md, 6): a fresh mesh key, sealed with HPKE to each device entitled to it, and one's own copy opened. */
import { concat, equal } from '../../../crypto/bytes.ts';
import { derive } from '../../../crypto/hash.ts';
import { hpkeOpen, hpkeSeal } from '../../../crypto/hpke.ts';
import type { DeviceKeys } from '../../../crypto/identity.ts';
import { labelled, labels } from '../../../crypto/labels.ts';
import { meshCommit } from '../../../crypto/mesh-key.ts';
import type { Random } from '../../../crypto/random.ts';
import { open, seal } from '../../../crypto/seal.ts';
import { idToBytes, type Id } from '../../log/entry.ts';
import type { ActBodies, MeshKeyCopy } from '../members/acts.ts';

/** An invite that outlives a re-keying, because only a manager lets people in by it. */
export interface Door {
	readonly invitePublic: Id;
	readonly psk: Uint8Array;
}

const info = (officeId: Id): Uint8Array => labelled(labels.grant, idToBytes(officeId));

/**
 * The body of an act that announces this key. Recipients are exactly the devices resolved in its past.
 *
 * @param doors at most 255
 */
export function createRekey(
	random: Random,
	officeId: Id,
	key: Uint8Array,
	recipients: readonly { readonly id: Id; readonly kemPublic: Uint8Array }[],
	doors: readonly Door[] = [],
): ActBodies['meshRekey'] {
	const commit = meshCommit(key);
	const copies = recipients.map(({ id, kemPublic }): MeshKeyCopy => {
		const copy = hpkeSeal(random, kemPublic, info(officeId), concat(commit, idToBytes(id)), key);
		// A Card with a kem key of low order is refused when it is decoded.
		if (!copy) throw new Error('a resolved device has a kem key to seal to');
		return { device: id, ...copy };
	});
	const invites = doors.map(({ invitePublic, psk }) => ({ invitePublic, sealedPsk: sealPsk(random, key, idToBytes(invitePublic), psk) }));
	return { commit, copies, invites };
}

/** `SEAL(KDF(meshKey, invite-psk-seal), invitePub, psk)`: in an INVITE, and again in each MESH_REKEY while the invite stands. */
export function sealPsk(random: Random, key: Uint8Array, invitePublic: Uint8Array, psk: Uint8Array): Uint8Array {
	return seal(random, derive(key, labels.invitePskSeal), invitePublic, psk);
}

/** `undefined` if it is not sealed under this key. */
export function openPsk(key: Uint8Array, invitePublic: Uint8Array, sealedPsk: Uint8Array): Uint8Array | undefined {
	const psk = open(derive(key, labels.invitePskSeal), invitePublic, sealedPsk);
	return psk?.length === 32 ? psk : undefined;
}

/** The key, if one of the copies is this device's and holds what the commit says. */
export function openRekey(rekey: ActBodies['meshRekey'], officeId: Id, device: Id, keys: DeviceKeys): Uint8Array | undefined {
	const copy = rekey.copies.find((candidate) => candidate.device === device);
	const key = copy && hpkeOpen(keys.kemSecret, keys.kemPublic, copy.enc, info(officeId), concat(rekey.commit, idToBytes(device)), copy.ct);
	return key?.length === 32 && equal(meshCommit(key), rekey.commit) ? key : undefined;
}
