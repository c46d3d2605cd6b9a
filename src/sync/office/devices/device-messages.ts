/** The messages by which a member's device takes in another one of the same person (PROTOCOL.md, 5 and 8): DEVICE_JOIN and DEVICE_STATE. */
import { equal } from '../../../crypto/bytes.ts';
import { createWriter, decode } from '../../../crypto/codec.ts';
import { verifyAddDevice } from '../../../crypto/device-link.ts';
import { decodeCard, signatureBytes, type Card } from '../../../crypto/identity.ts';
import { idToBytes, type Id } from '../../log/entry.ts';
import { maxCardBytes } from '../members/join-proof.ts';

/** `lp Card | newSig 64`: what ADD_DEVICE will carry. */
export interface DeviceJoin {
	readonly card: Uint8Array;
	readonly newSignature: Uint8Array;
}

export function encodeDeviceJoin({ card, newSignature }: DeviceJoin): Uint8Array {
	return createWriter().lp(card).raw(newSignature).bytes();
}

/** Form alone. */
export function decodeDeviceJoin(bytes: Uint8Array): DeviceJoin | undefined {
	return decode(bytes, (r) => ({ card: r.lp(maxCardBytes), newSignature: r.raw(signatureBytes) }));
}

/** The card, if it is that device's own, of this office, and it asks this very author to add it. Costs two signature checks. */
export function verifyDeviceJoin(join: DeviceJoin, expected: { readonly officeId: Id; readonly device: Id; readonly author: Id }): Card | undefined {
	const officeId = idToBytes(expected.officeId);
	const card = decodeCard(join.card);
	if (!card || !equal(card.officeId, officeId) || !equal(card.signPublic, idToBytes(expected.device))) return undefined;
	return verifyAddDevice(card.signPublic, join.newSignature, officeId, idToBytes(expected.author)) ? card : undefined;
}

/** Numbers are final. `over`: the link has served, or its time has passed. */
export const deviceStates = { waiting: 1, added: 2, refused: 3, over: 4 } as const;
export type DeviceStateName = keyof typeof deviceStates;
const stateNames = new Map((Object.keys(deviceStates) as DeviceStateName[]).map((name) => [deviceStates[name] as number, name]));

export function encodeDeviceState(state: DeviceStateName): Uint8Array {
	return Uint8Array.of(deviceStates[state]);
}

export function decodeDeviceState(bytes: Uint8Array): DeviceStateName | undefined {
	return bytes.length === 1 ? stateNames.get(bytes[0] ?? 0) : undefined;
}
