/**
 * Founding an office (PROTOCOL.md, 2 to 4 and 6): GENESIS, whose id names the office, and the first MESH_REKEY right after it. The recovery key is drawn
 * here, shown once, and kept nowhere.
 */
import { hex } from '../../../crypto/bytes.ts';
import { encodeCard, noOffice, type DeviceKeys } from '../../../crypto/identity.ts';
import type { Random } from '../../../crypto/random.ts';
import { createRecoveryKey } from '../../../crypto/recovery.ts';
import { createEntry, kinds, lanes, zeroId, type Entry, type Id } from '../../log/entry.ts';
import { openLog, type Log } from '../../log/log.ts';
import type { Clock } from '../../ports.ts';
import { StoreFailure, type OfficeStore } from '../../store.ts';
import { encodeAct } from './acts.ts';
import { createRekey } from '../keys/mesh-rekey.ts';
import { generationOf, generationRecord } from '../keys/mesh-key-store.ts';
import { firstPolicy } from './policy.ts';

export interface Founding {
	readonly officeId: Id;
	readonly genesis: Entry;
	/** To be printed. */
	readonly recoveryKey: string;
	/** Puts GENESIS, the first MESH_REKEY and the mesh key into a new store. Rejects with a `StoreFailure`. */
	write(store: OfficeStore): Promise<void>;
	/** The same, into a log that is open on a new store. */
	writeTo(log: Log): Promise<void>;
}

/** `officeName` and `name` have passed `isName`. */
export function foundOffice(deps: { officeName: string; name: string; keys: DeviceKeys; random: Random; clock: Clock }): Founding {
	const { officeName, name, keys, random, clock } = deps;
	const recovery = createRecoveryKey(random);
	const author = hex(keys.signPublic);
	const card = encodeCard({ officeId: noOffice, signPublic: keys.signPublic, kemPublic: keys.kemPublic, name }, keys.signSecret);
	const body = encodeAct({ type: 'genesis', heads: [], nonce: random(32), officeName, card, recoveryPublic: recovery.publicKey, policy: firstPolicy });
	const genesis = createEntry(
		{ kind: kinds.genesis, lane: lanes.office, officeId: zeroId, author, seq: 0, prev: zeroId, lamport: 1, wallMs: Math.max(0, Math.floor(clock.now())), refs: [] },
		body,
		keys.signSecret,
	);
	const officeId = genesis.id;

	async function writeTo(log: Log): Promise<void> {
		if ((await log.accept([genesis])) === 'disk') throw new StoreFailure('disk-failed');
		const meshKey = random(32);
		const rekey = createRekey(random, officeId, meshKey, [{ id: author, kemPublic: keys.kemPublic }]);
		const written = await log.append({
			kind: kinds.meshRekey,
			lane: lanes.office,
			body: () => encodeAct({ type: 'meshRekey', heads: [officeId], ...rekey }),
			alongside: () => [generationRecord(generationOf(meshKey))],
		});
		if (!written.ok) throw new StoreFailure(written.code === 'disk-full' ? 'disk-full' : 'disk-failed');
	}

	return {
		officeId,
		genesis,
		recoveryKey: recovery.text,
		writeTo,
		async write(store) {
			// The log says only that the disk failed; whoever founds an office is told when it is full.
			let failure: unknown;
			const heard: OfficeStore = {
				...store,
				writeSegments: (chain, change) =>
					store.writeSegments(chain, change).catch((error: unknown) => {
						failure = error;
						throw error;
					}),
			};
			const log = await openLog({ officeId, keys, store: heard, clock, fresh: true });
			try {
				await writeTo(log);
			} catch (error) {
				throw failure instanceof StoreFailure ? failure : error;
			} finally {
				await log.close();
			}
		},
	};
}
