/** Whom this person has blocked: kept sealed on this device, told to nobody. */
import { hex } from '../../../crypto/bytes.ts';
import { createWriter, decode } from '../../../crypto/codec.ts';
import { done, fail, type Result } from '../../failures.ts';
import { type Id, idBytes, idToBytes } from '../../log/entry.ts';
import type { Office } from '../../office.ts';
import { createCell, type Source } from '../../source.ts';
import { type OfficeStore, StoreFailure } from '../../store.ts';
import type { MembersState } from '../members/members.ts';

const bucket = 'prefs';
const record = 'blocked';

export interface Blocked {
	/** Member ids. */
	readonly members: Source<ReadonlySet<Id>>;
	readonly block: Office['block'];
}

export async function openBlocked(deps: { readonly store: OfficeStore; readonly members: Source<MembersState>; readonly selfDevice: Id }): Promise<Blocked> {
	const { store, members, selfDevice } = deps;
	const stored = await store.get(bucket, record);
	const cell = createCell<ReadonlySet<Id>>(new Set(stored && decodeIds(stored)));
	let writing: Promise<unknown> = Promise.resolve();

	async function change(member: Id, blocked: boolean): Promise<Result> {
		const state = members.get();
		if (!state.members.has(member)) return fail('not-found');
		if (state.devices.get(selfDevice)?.memberId === member) return fail('not-allowed');
		const next = new Set(cell.get());
		if (blocked) next.add(member);
		else next.delete(member);
		try {
			await store.put(bucket, record, encodeIds(next), true);
		} catch (error) {
			if (error instanceof StoreFailure) return fail(error.code);
			throw error;
		}
		cell.set(next);
		return done;
	}

	return {
		members: cell,
		block(member, blocked) {
			const result = writing.then(() => change(member, blocked));
			writing = result.catch(() => undefined);
			return result;
		},
	};
}

function encodeIds(ids: ReadonlySet<Id>): Uint8Array {
	const w = createWriter().u16(ids.size);
	for (const id of ids) w.raw(idToBytes(id));
	return w.bytes();
}

function decodeIds(bytes: Uint8Array): readonly Id[] | undefined {
	return decode(bytes, (r) => Array.from({ length: r.u16() }, () => hex(r.raw(idBytes))));
}
