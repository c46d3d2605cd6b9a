/**
 * Which keys of each colleague this person has seen, and which they have verified, kept on this device alone. Whom one meets first is
 * taken as they are; what changes afterwards is seen when the person says so.
 */
import { fromHex, hex } from '../../../crypto/bytes.ts';
import { createWriter, decode } from '../../../crypto/codec.ts';
import type { Id } from '../../log/entry.ts';
import { createCell, type Source } from '../../source.ts';
import type { OfficeStore } from '../../store.ts';
import type { Device, Member, MembersState } from '../members/members-state.ts';

const bucket = 'prefs';
const prefix = 'known-keys/';
const version = 1;
const keyBytes = 64;

/** A device's two public keys, `signPub | kemPub` in hex: what is compared is never an id or a name alone (ATTACKS.md, A27). */
export type KeyPair = string;

export interface KnownKeys {
	readonly seen: ReadonlySet<KeyPair>;
	/** Empty: never verified. */
	readonly verified: ReadonlySet<KeyPair>;
}

export interface KnownKeysStore {
	readonly all: Source<ReadonlyMap<Id, KnownKeys>>;
	/** Rejects with a `StoreFailure`; then nothing has changed. */
	set(member: Id, known: KnownKeys): Promise<void>;
	/** Takes those not met before as they are. */
	meet(state: MembersState): void;
}

/** The keys of a member's devices that may be given anything. */
export function keysOf(state: MembersState, member: Member, which: (device: Device) => boolean = () => true): readonly KeyPair[] {
	return member.devices.flatMap((id) => {
		const device = state.devices.get(id);
		return device && !device.suspended && which(device) ? [device.id + hex(device.kemPublic)] : [];
	});
}

export const isWithin = (keys: readonly KeyPair[], known: ReadonlySet<KeyPair>): boolean => keys.every((key) => known.has(key));

export async function openKnownKeys(store: OfficeStore): Promise<KnownKeysStore> {
	const rows = [...(await store.all(bucket))].flatMap(([key, bytes]) => {
		const known = key.startsWith(prefix) ? decodeKnown(bytes) : undefined;
		return known ? [[key.slice(prefix.length), known] as const] : [];
	});
	const all = createCell<ReadonlyMap<Id, KnownKeys>>(new Map(rows));

	return {
		all,
		async set(member, known) {
			await store.put(bucket, prefix + member, encodeKnown(known), true);
			all.set(new Map(all.get()).set(member, known));
		},
		meet(state) {
			const met = new Map(all.get());
			const fresh = [...state.members.values()].filter((member) => !met.has(member.id) && keysOf(state, member).length > 0);
			if (fresh.length === 0) return;
			for (const member of fresh) met.set(member.id, { seen: new Set(keysOf(state, member)), verified: new Set() });
			all.set(met);
			const records = fresh.flatMap(({ id }) => {
				const known = met.get(id);
				return known ? [{ bucket, key: prefix + id, value: encodeKnown(known) } as const] : [];
			});
			// A disk that refuses costs the notice of a change that comes before the next start.
			store.putAll(records).catch(() => undefined);
		},
	};
}

function encodeKnown({ seen, verified }: KnownKeys): Uint8Array {
	const writer = createWriter().u8(version);
	for (const keys of [seen, verified]) {
		writer.u16(keys.size);
		for (const key of [...keys].sort()) writer.raw(bytesOf(key));
	}
	return writer.bytes();
}

function bytesOf(key: KeyPair): Uint8Array {
	const bytes = fromHex(key);
	if (bytes?.length !== keyBytes) throw new Error('not a pair of keys');
	return bytes;
}

function decodeKnown(bytes: Uint8Array): KnownKeys | undefined {
	return decode(bytes, (r) => {
		if (r.u8() !== version) r.fail();
		const keys = (): ReadonlySet<KeyPair> => new Set(Array.from({ length: r.u16() }, () => hex(r.raw(keyBytes))));
		return { seen: keys(), verified: keys() };
	});
}
