/** MESH_REKEY (PROTOCOL.md, 6): a fresh mesh key, sealed with HPKE to each device entitled to it, and one's own copy opened. */
import { concat, equal } from '../../../crypto/bytes.ts';
import { hpkeOpen, hpkeSeal } from '../../../crypto/hpke.ts';
import type { DeviceKeys } from '../../../crypto/identity.ts';
import { labelled, labels } from '../../../crypto/labels.ts';
import { meshCommit } from '../../../crypto/mesh-key.ts';
import type { Random } from '../../../crypto/random.ts';
import { idToBytes, type Id } from '../../log/entry.ts';
import type { ActBodies, MeshKeyCopy } from '../members/acts.ts';

const info = (officeId: Id): Uint8Array => labelled(labels.grant, idToBytes(officeId));

/** The body of an act that announces this key. Recipients are exactly the devices resolved in its past. */
export function createRekey(
	random: Random,
	officeId: Id,
	key: Uint8Array,
	recipients: readonly { readonly id: Id; readonly kemPublic: Uint8Array }[],
): ActBodies['meshRekey'] {
	const commit = meshCommit(key);
	const copies = recipients.map(({ id, kemPublic }): MeshKeyCopy => {
		const copy = hpkeSeal(random, kemPublic, info(officeId), concat(commit, idToBytes(id)), key);
		// A Card with a kem key of low order is refused when it is decoded.
		if (!copy) throw new Error('a resolved device has a kem key to seal to');
		return { device: id, ...copy };
	});
	return { commit, copies, invites: [] };
}

/** The key, if one of the copies is this device's and holds what the commit says. */
export function openRekey(rekey: ActBodies['meshRekey'], officeId: Id, device: Id, keys: DeviceKeys): Uint8Array | undefined {
	const copy = rekey.copies.find((candidate) => candidate.device === device);
	const key = copy && hpkeOpen(keys.kemSecret, keys.kemPublic, copy.enc, info(officeId), concat(rekey.commit, idToBytes(device)), copy.ct);
	return key?.length === 32 && equal(meshCommit(key), rekey.commit) ? key : undefined;
}
