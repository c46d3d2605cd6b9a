/**
 * Signals: what two devices say to each other before they are linked (PROTOCOL.md, section 7). Each is signed by its device and sealed
 * under a key of the mesh or of an invite, so a server that swaps fingerprints is refused before the first ICE packet.
 */
import { concat, equal, hex } from '../../crypto/bytes.ts';
import { createWriter, decode } from '../../crypto/codec.ts';
import { tag } from '../../crypto/hash.ts';
import { type DeviceKeys, sign, signatureBytes, verify } from '../../crypto/identity.ts';
import { labels } from '../../crypto/labels.ts';
import type { Random } from '../../crypto/random.ts';
import { open, seal } from '../../crypto/seal.ts';

export const bootBytes = 16;
export const sessionBytes = 16;
export const keyIdBytes = 8;
const idBytes = 32;
const maxBodyBytes = 8192;
/** No sealed signal is longer; what is, is not looked at. */
export const maxSealedBytes = 9 * 1024;
/** In place of a key id in join mode, of the addressee in a broadcast, of an unneeded `re`. */
export const noKeyId: Uint8Array = new Uint8Array(keyIdBytes);
export const nobody: Uint8Array = new Uint8Array(idBytes);
const noBoot = new Uint8Array(bootBytes);

const kindNumbers = { hello: 1, offer: 2, answer: 3, candidates: 4, bye: 5, knock: 6 } as const;
export type SignalKind = keyof typeof kindNumbers;
const kindNames = new Map<number, SignalKind>(Object.entries(kindNumbers).map(([name, number]) => [number, name as SignalKind]));

export interface Signal {
	readonly officeId: Uint8Array;
	readonly from: Uint8Array;
	/** `nobody` in a broadcast. */
	readonly to: Uint8Array;
	readonly bootFrom: Uint8Array;
	/** Zeros in a broadcast. */
	readonly bootTo: Uint8Array;
	readonly session: Uint8Array;
	readonly kind: SignalKind;
	/** Hash of the offer that is answered or added to; else zeros. */
	readonly re: Uint8Array;
	readonly body: Uint8Array;
}

/** A key that signals are sealed under; `keyId` is zeros for an invite's. */
export interface SignalKey {
	readonly keyId: Uint8Array;
	readonly signalKey: Uint8Array;
}

/** A signal with the bytes its hashes are made from. */
export interface ReceivedSignal extends Signal {
	readonly bytes: Uint8Array;
	/** Hex of `from`, `bootFrom` and `session`. */
	readonly device: string;
	readonly boot: string;
	readonly sessionId: string;
}

export function encodeSignal(signal: Signal): Uint8Array {
	return createWriter()
		.raw(signal.officeId)
		.raw(signal.from)
		.raw(signal.to)
		.raw(signal.bootFrom)
		.raw(signal.bootTo)
		.raw(signal.session)
		.u8(kindNumbers[signal.kind])
		.raw(signal.re)
		.lp(signal.body)
		.bytes();
}

/** `undefined` for bad bytes, an unknown kind, or one whose address does not fit it. */
export function decodeSignal(bytes: Uint8Array): Signal | undefined {
	const signal = decode(bytes, (r) => ({
		officeId: r.raw(idBytes),
		from: r.raw(idBytes),
		to: r.raw(idBytes),
		bootFrom: r.raw(bootBytes),
		bootTo: r.raw(bootBytes),
		session: r.raw(sessionBytes),
		kind: kindNames.get(r.u8()) ?? r.fail(),
		re: r.raw(idBytes),
		body: r.lp(maxBodyBytes),
	}));
	if (!signal) return undefined;
	const broadcast = equal(signal.to, nobody);
	if (broadcast && (!equal(signal.bootTo, noBoot) || (signal.kind !== 'hello' && signal.kind !== 'bye' && signal.kind !== 'knock'))) return undefined;
	if (signal.kind === 'knock' && !broadcast) return undefined;
	if (signal.kind === 'hello' && signal.body.length > 0) return undefined;
	return signal;
}

/** Signs and seals. `bytes` is the signal's encoding: keep it where its hash is needed. */
export function sealSignal(random: Random, keys: DeviceKeys, key: SignalKey, bytes: Uint8Array): Uint8Array {
	const signature = sign(keys.signSecret, labels.signal, bytes);
	return concat(key.keyId, seal(random, key.signalKey, key.keyId, concat(bytes, signature)));
}

/** The key id a sealed signal names; `undefined` if the length is impossible. */
export function sealedKeyId(sealed: Uint8Array): Uint8Array | undefined {
	return sealed.length > keyIdBytes && sealed.length <= maxSealedBytes ? sealed.subarray(0, keyIdBytes) : undefined;
}

/** Which signals this start of this device takes. */
export interface SignalGate {
	/** The signal if it opens under `key`, is meant for this start, new, and truly signed; else `undefined`. */
	open(key: SignalKey, sealed: Uint8Array): ReceivedSignal | undefined;
}

/** Repeats are known per device, so that one device cannot push another's out of memory. */
const rememberedPerDevice = 256;
const rememberedDevices = 1024;
/** A signature costs 1.4 ms to check: an insider must not be able to ask for more than a few per cent of the time. */
const checksBurst = 120;
const checksPerSecond = 30;

/** The rules of receipt: office, address, boot, repetition, rate, signature, in the order of their cost. */
export function createSignalGate(deps: { officeId: Uint8Array; self: Uint8Array; boot: Uint8Array; now: () => number }): SignalGate {
	const { officeId, self, boot, now } = deps;
	const heard = new Map<string, { seen: Set<string>; tokens: number; atMs: number }>();

	function memoryOf(device: string): { seen: Set<string>; tokens: number; atMs: number } {
		const memory = heard.get(device) ?? { seen: new Set<string>(), tokens: checksBurst, atMs: now() };
		heard.delete(device);
		heard.set(device, memory);
		if (heard.size > rememberedDevices) heard.delete(heard.keys().next().value ?? device);
		return memory;
	}

	return {
		open(key, sealed) {
			if (!sealedKeyId(sealed) || !equal(sealed.subarray(0, keyIdBytes), key.keyId)) return undefined;
			const inner = open(key.signalKey, key.keyId, sealed.subarray(keyIdBytes));
			if (!inner || inner.length <= signatureBytes) return undefined;
			const bytes = inner.slice(0, inner.length - signatureBytes);
			const signal = decodeSignal(bytes);
			if (!signal || !equal(signal.officeId, officeId) || equal(signal.from, self)) return undefined;
			const broadcast = equal(signal.to, nobody);
			if (!broadcast && (!equal(signal.to, self) || !equal(signal.bootTo, boot))) return undefined;

			const device = hex(signal.from);
			const memory = memoryOf(device);
			const sessionId = hex(signal.session);
			const once = `${sessionId}/${signal.kind}`;
			if (memory.seen.has(once)) return undefined;
			memory.tokens = Math.min(checksBurst, memory.tokens + (Math.max(0, now() - memory.atMs) / 1000) * checksPerSecond);
			memory.atMs = now();
			if (memory.tokens < 1) return undefined;
			memory.tokens -= 1;
			if (!verify(signal.from, inner.subarray(bytes.length), labels.signal, bytes)) return undefined;
			memory.seen.add(once);
			if (memory.seen.size > rememberedPerDevice) memory.seen.delete(memory.seen.values().next().value ?? once);
			return { ...signal, bytes, device, boot: hex(signal.bootFrom), sessionId };
		},
	};
}

/** What an answer's or candidates' `re` names. */
export function offerHash(offer: Uint8Array): Uint8Array {
	return tag(labels.offerHash, offer);
}

/** What the first frame names: both descriptions, as signed. */
export function descriptionsHash(offer: Uint8Array, answer: Uint8Array): Uint8Array {
	return tag(labels.first, offer, answer);
}

/** What a JOIN names as its session. */
export function joinSession(offer: Uint8Array, answer: Uint8Array): Uint8Array {
	return tag(labels.offerHash, offer, answer);
}
