/** To whom this device has given a group's earlier messages, and up to where, so that it does not offer them again. Kept here alone. */
import { hex } from '../../../crypto/bytes.ts';
import { createWriter, decode } from '../../../crypto/codec.ts';
import { type Id, idBytes, idToBytes } from '../../log/entry.ts';
import { createCell, type Source } from '../../source.ts';
import type { OfficeStore } from '../../store.ts';
import type { Shown } from './shown.ts';

const bucket = 'prefs';
const prefix = 'given-history/';

/** By member, the lamport up to which all was given. */
export type Given = ReadonlyMap<Id, number>;

export interface GivenHistory {
	/** By conversation. */
	readonly all: Source<ReadonlyMap<string, Given>>;
	note(conversation: string, member: Id, lamport: number): Promise<void>;
}

export async function openGivenHistory(store: OfficeStore): Promise<GivenHistory> {
	const rows = [...(await store.all(bucket))].flatMap(([key, bytes]) => {
		const given = key.startsWith(prefix) ? decodeGiven(bytes) : undefined;
		return given ? [[key.slice(prefix.length), given] as const] : [];
	});
	const all = createCell<ReadonlyMap<string, Given>>(new Map(rows));
	return {
		all,
		async note(conversation, member, lamport) {
			const given = new Map(all.get().get(conversation)).set(member, lamport);
			all.set(new Map(all.get()).set(conversation, given));
			// A disk that refuses costs an offer too many after the next start.
			await store.put(bucket, prefix + conversation, encodeGiven(given)).catch(() => undefined);
		},
	};
}

/** Whether that text can be given to a member who was not among its readers. */
export const isLackedBy = (one: Shown, member: Id): boolean => !one.item.sealed && one.step === undefined && !(one.audience?.has(member) ?? true);

/** Those of these members who lack what was said before they came, and were not given it from here. */
export function whoLacks(members: Iterable<Id>, shown: readonly Shown[], given: Given | undefined): readonly Id[] {
	/** One set of readers stands for all that was said to it: a long talk has few. */
	const newest = new Map<ReadonlySet<Id>, number>();
	for (const { item, step, audience } of shown) if (audience && step === undefined && !item.sealed) newest.set(audience, Math.max(item.lamport, newest.get(audience) ?? -1));
	return [...members].filter((member) => [...newest].some(([audience, lamport]) => !audience.has(member) && lamport > (given?.get(member) ?? -1)));
}

function encodeGiven(given: Given): Uint8Array {
	const writer = createWriter().u16(given.size);
	for (const [member, lamport] of given) writer.raw(idToBytes(member)).u64(lamport);
	return writer.bytes();
}

function decodeGiven(bytes: Uint8Array): Given | undefined {
	return decode(bytes, (r) => new Map(Array.from({ length: r.u16() }, () => [hex(r.raw(idBytes)), r.u64()] as const)));
}
