/**
 * Which JOINs this device has verified: three signature checks for each member are a second's work at every start of an office of 200. The list
 * rests in the sealed store, as verified entries do; what it names is read without checking again.
 */
import { concat, hex } from '../../../crypto/bytes.ts';
import { decode } from '../../../crypto/codec.ts';
import { sha256 } from '../../../crypto/hash.ts';
import { maxNameBytes, type Card } from '../../../crypto/identity.ts';
import { idToBytes } from '../../log/entry.ts';
import type { OfficeStore } from '../../store.ts';
import { encodeJoin, verifyJoin } from './join-proof.ts';
import type { CheckJoin } from './judgement.ts';

const bucket = 'snapshots';
const record = 'verified-joins';
const digestBytes = 32;
/** More are verified again at the next start. */
const maxRemembered = 8_192;

/** Rejects with a `StoreFailure`. */
export async function openJoinMemory(store: OfficeStore): Promise<CheckJoin> {
	const saved = (await store.get(bucket, record)) ?? new Uint8Array(0);
	const known = new Set<string>();
	for (let at = 0; at + digestBytes <= saved.length; at += digestBytes) known.add(hex(saved.subarray(at, at + digestBytes)));
	let saving = false;

	function save(): void {
		if (saving) return;
		saving = true;
		// Many come at once while catching up. A list that could not be written costs the checks again.
		queueMicrotask(() => {
			saving = false;
			void store.put(bucket, record, concat(...[...known].map(idToBytes))).catch(() => undefined);
		});
	}

	return (join) => {
		const digest = hex(sha256(encodeJoin(join)));
		if (known.has(digest)) return readCard(join.card);
		const card = verifyJoin(join);
		if (card && known.size < maxRemembered) {
			known.add(digest);
			save();
		}
		return card;
	};
}

/** The fields of a card whose signature was checked before. */
function readCard(bytes: Uint8Array): Card | undefined {
	return decode(bytes, (r) => {
		r.raw(2);
		const card = { officeId: r.raw(32), signPublic: r.raw(32), kemPublic: r.raw(32), name: r.text(maxNameBytes) };
		r.raw(64);
		return card;
	});
}
