/** Gives this browser profile the whole past of an office, through the app's own log and content, as if it had been there. */
import { systemRandom } from '../../src/crypto/random.ts';
import { decodeHeads } from '../../src/sync/log/heads.ts';
import { openLog } from '../../src/sync/log/log.ts';
import { createContent } from '../../src/sync/office/conversations/content.ts';
import { saveDeviceKeys } from '../../src/sync/office/keys/device-keys.ts';
import { generationOf, generationRecord } from '../../src/sync/office/keys/mesh-key-store.ts';
import { createMeshKeyring } from '../../src/sync/office/keys/mesh-keys.ts';
import { openJoinMemory } from '../../src/sync/office/members/join-memory.ts';
import { createMembersView } from '../../src/sync/office/members/members.ts';
import { systemClock } from '../../src/sync/ports.ts';
import { createStores } from '../../src/sync/stores.ts';
import { createFakePasskeys } from '../support/fake-passkeys.ts';
import { decodeOffice } from './office-file.ts';
import { isAct } from './office-year.ts';

const lookEveryMs = 250;
/** The app's mark beside the database, in localStorage. */
const sentinelKey = 'landline-was-here';
const all = Number.MAX_SAFE_INTEGER;

async function fill(url: string): Promise<void> {
	const file = decodeOffice(new Uint8Array(await (await fetch(url)).arrayBuffer()));
	const { officeId, reader: keys, meshKey, chains, posts, letters } = file;
	const clock = systemClock;
	const { store } = await createStores({ indexedDB, random: systemRandom, clock, passkeys: createFakePasskeys() }).create(officeId);
	await saveDeviceKeys(store, keys);
	const { key, value } = generationRecord(generationOf(meshKey));
	await store.put('keys', key, value);
	await store.putAll(file.heads.map((bytes) => ({ bucket: 'heads', key: decodeHeads(bytes)?.device ?? '', value: bytes })));
	// Its own past was checked when it came.
	const log = await openLog({ officeId, keys, store, clock, fresh: true, verify: () => true });
	const take = async (some: typeof chains): Promise<void> => {
		for (const chain of some) if ((await log.accept(chain, { claimed: all })) !== 'stored') throw new Error('the log does not take its own past');
	};
	await take(chains.filter((chain) => chain[0] && isAct(chain[0])));
	const members = createMembersView({ log, checkJoin: await openJoinMemory(store) });
	const keyring = await createMeshKeyring({ officeId, keys, store, members: members.state, clock });
	const content = await createContent({
		officeId,
		keys,
		log,
		store,
		members: members.state,
		roots: keyring.roots,
		deliveries: { covers: () => true, linked: () => false, decrypted: () => undefined, subscribe: () => () => undefined },
		clock,
		random: systemRandom,
	});
	await take(chains.filter((chain) => chain[0] && !isAct(chain[0])));
	const shown = (): number => content.part.conversations.get().reduce((sum, one) => sum + content.part.messages(one.id).get().length, 0);
	while (shown() < posts + letters) await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
	for (const { id } of content.part.conversations.get()) await content.part.markRead(id);
	await content.stop();
	keyring.stop();
	members.stop();
	await log.close();
	store.close();
	localStorage.setItem(sentinelKey, '1');
}

Object.assign(globalThis, { fill });
