/**
 * The slot of "this profile only" (PROTOCOL.md, section 10): it holds a `CryptoKey` and rests in IndexedDB as it is. It is no protection from
 * theft: who can run this profile can open it.
 */
import { labelled, labels } from './labels.ts';
import { systemRandom } from './random.ts';
import { dataKeyBytes } from './vault.ts';

const slotVersion = 1;
const slotKind = 1;
const gcmNonceBytes = 12;

/** "This profile only": AES-GCM under a key that the browser keeps and does not show. */
export interface ProfileSlot {
	readonly kind: 'profile';
	readonly key: CryptoKey;
	readonly nonce: Uint8Array;
	readonly wrapped: Uint8Array;
}

/** A slot that opens in this browser profile and nowhere else. WebCrypto draws its key and nonce, which are used once. */
export async function createProfileSlot(dataKey: Uint8Array): Promise<ProfileSlot> {
	const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
	const nonce = new Uint8Array(systemRandom(gcmNonceBytes));
	const wrapped = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce, additionalData: profileAad() }, key, new Uint8Array(dataKey));
	return { kind: 'profile', key, nonce, wrapped: new Uint8Array(wrapped) };
}

/** The data key; `undefined` if the slot is damaged. */
export async function openProfileSlot(slot: ProfileSlot): Promise<Uint8Array | undefined> {
	try {
		const algorithm = { name: 'AES-GCM', iv: new Uint8Array(slot.nonce), additionalData: profileAad() };
		const dataKey = await crypto.subtle.decrypt(algorithm, slot.key, new Uint8Array(slot.wrapped));
		return dataKey.byteLength === dataKeyBytes ? new Uint8Array(dataKey) : undefined;
	} catch {
		return undefined;
	}
}

function profileAad(): Uint8Array<ArrayBuffer> {
	return new Uint8Array(labelled(labels.vaultSlot, Uint8Array.of(slotVersion, slotKind)));
}
