/**
 * Who is behind a cursor. In a room everybody may claim any name, so a name is never taken from what a cursor says of itself: it carries its
 * device's signature over this document and Yjs's number for this start, and is shown under the name the office knows that device by.
 * A cursor without, or of somebody who is not in the conversation, is not shown.
 */
import type { Awareness } from 'y-protocols/awareness';
import { fromHex, hex } from '../../../crypto/bytes.ts';
import { createWriter } from '../../../crypto/codec.ts';
import { type DeviceKeys, sign, verify } from '../../../crypto/identity.ts';
import { labels } from '../../../crypto/labels.ts';
import { createCell, type Source } from '../../source.ts';

type Id = string;
const field = 'writer';
/** Signatures checked at most while the document is open. */
const maxChecked = 2_048;

export interface WritersDeps {
	readonly awareness: Awareness;
	readonly keys: DeviceKeys;
	readonly officeId: Id;
	/** Hex. */
	readonly document: string;
}

export interface Writers {
	/** The devices whose cursors are proven, by Yjs's client number; this one too while it shows. */
	readonly devices: Source<ReadonlyMap<number, Id>>;
	/** Shows this device as being there, or no more. */
	show(there: boolean): void;
	stop(): void;
}

export function createWriters({ awareness, keys, officeId, document }: WritersDeps): Writers {
	const about = (client: number): Uint8Array => createWriter().raw(fromHex(officeId) ?? new Uint8Array(0)).raw(fromHex(document) ?? new Uint8Array(0)).u64(client).bytes();
	const devices = createCell<ReadonlyMap<number, Id>>(new Map());
	/** By client number and claim: a claim that stays is checked once. */
	const checked = new Map<string, Id | undefined>();

	function proven(client: number, claim: unknown): Id | undefined {
		if (typeof claim !== 'object' || claim === null || !('device' in claim) || !('proof' in claim)) return undefined;
		const { device, proof } = claim;
		if (typeof device !== 'string' || typeof proof !== 'string' || proof.length !== 128 || !Number.isSafeInteger(client)) return undefined;
		const name = `${client} ${device} ${proof}`;
		if (checked.has(name)) return checked.get(name);
		if (checked.size >= maxChecked) return undefined;
		const [key, signature] = [fromHex(device), fromHex(proof)];
		const isTrue = key !== undefined && signature !== undefined && verify(key, signature, labels.documentWriter, about(client));
		checked.set(name, isTrue ? device : undefined);
		return isTrue ? device : undefined;
	}

	function look(): void {
		const found = new Map<number, Id>();
		for (const [client, state] of awareness.getStates()) {
			const device = proven(client, state[field]);
			if (device !== undefined) found.set(client, device);
		}
		const before = devices.get();
		if (before.size !== found.size || [...found].some(([client, device]) => before.get(client) !== device)) devices.set(found);
	}

	awareness.on('change', look);
	return {
		devices,
		show(there) {
			const claim = { device: hex(keys.signPublic), proof: hex(sign(keys.signSecret, labels.documentWriter, about(awareness.clientID))) };
			awareness.setLocalState(there ? { [field]: claim } : {});
		},
		stop: () => awareness.off('change', look),
	};
}
