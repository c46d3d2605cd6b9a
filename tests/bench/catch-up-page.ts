/**
 * The page of the catch-up bench: a device that knows the office's acts and was away for the rest. The log, replication, disk, members and
 * content are the app's; only the links are a MessagePort to a worker.
 */
import { createFakePasskeys } from '../support/fake-passkeys.ts';
import { hex } from '../../src/crypto/bytes.ts';
import { verify } from '../../src/crypto/identity.ts';
import { systemRandom } from '../../src/crypto/random.ts';
import { openLog } from '../../src/sync/log/log.ts';
import { createReplication } from '../../src/sync/log/replicate.ts';
import { createContent } from '../../src/sync/office/conversations/content.ts';
import { generationOf, generationRecord } from '../../src/sync/office/keys/mesh-key-store.ts';
import { createMeshKeyring } from '../../src/sync/office/keys/mesh-keys.ts';
import { openJoinMemory } from '../../src/sync/office/members/join-memory.ts';
import { createMembersView } from '../../src/sync/office/members/members.ts';
import { everyoneId } from '../../src/sync/office.ts';
import { systemClock } from '../../src/sync/ports.ts';
import { createStores } from '../../src/sync/stores.ts';
import { decodeOffice } from './office-file.ts';
import { isAct } from './office-year.ts';
import { createPortMesh } from './port-mesh.ts';
import { takeUpdate } from './rival-array.ts';

const lookEveryMs = 100;

/** One contender, set up; `go` is what is measured. */
interface Prepared {
	go(): Promise<Report>;
}

interface Report {
	readonly entries: number;
	readonly bytes: number;
	/** Until all rests on the disk, ms. */
	readonly storedMs: number;
	/** Until what is the reader's is opened too, ms. */
	readonly openedMs: number;
	readonly signatureChecks: number;
}

interface LongTask {
	readonly startMs: number;
	readonly ms: number;
}

const longTasks: LongTask[] = [];
new PerformanceObserver((list) => {
	for (const { startTime, duration } of list.getEntries()) longTasks.push({ startMs: startTime, ms: duration });
}).observe({ type: 'longtask' });

function startWorker<T>(wish: 'replica' | 'rival'): Promise<T> {
	const worker = new Worker('/colleague.js', { type: 'module' });
	return new Promise((resolve, reject) => {
		worker.onmessage = ({ data }: MessageEvent<T>) => resolve(data);
		worker.onerror = (event) => reject(new Error(event.message));
		worker.postMessage(wish);
	});
}

async function prepareRival(): Promise<Prepared> {
	const { update } = await startWorker<{ update: Uint8Array }>('rival');
	return {
		async go() {
			const startMs = performance.now();
			const entries = await takeUpdate(update);
			const storedMs = performance.now() - startMs;
			return { entries, bytes: update.length, storedMs, openedMs: NaN, signatureChecks: 0 };
		},
	};
}

async function prepareReplica(): Promise<Prepared> {
	const { digest, port } = await startWorker<{ digest: string; port: MessagePort }>('replica');
	const { officeId, reader, colleague, meshKey, posts, letters, chains } = decodeOffice(new Uint8Array(await (await fetch('/office.bin')).arrayBuffer()));
	const clock = systemClock;
	const stores = createStores({ indexedDB, random: systemRandom, clock, passkeys: createFakePasskeys() });
	const { store } = await stores.create(officeId);
	const acts = chains.flatMap((chain) => (chain[0] && isAct(chain[0]) ? [chain] : []));
	const known = await openLog({ officeId, keys: reader, store, clock });
	for (const chain of acts) await known.accept(chain);
	await known.close();
	await store.put('keys', generationRecord(generationOf(meshKey)).key, generationRecord(generationOf(meshKey)).value);

	let signatureChecks = 0;
	const counting: typeof verify = (...args) => {
		signatureChecks++;
		return verify(...args);
	};
	const log = await openLog({ officeId, keys: reader, store, clock, verify: counting });
	const members = createMembersView({ log, checkJoin: await openJoinMemory(store) });
	log.setGate((author) => members.knownDevice(author));
	const keyring = await createMeshKeyring({ officeId, keys: reader, store, members: members.state, clock });

	return {
		async go() {
			const startMs = performance.now();
			const before = log.vector().reduce((sum, row) => sum + row.head - row.base + 1, 0);
			const mesh = createPortMesh(log.device, hex(colleague.signPublic), port);
			const replication = createReplication({ log, mesh, clock, random: systemRandom, keys: reader, store, verify: counting });
			const content = await createContent({
				officeId,
				keys: reader,
				log,
				store,
				members: members.state,
				roots: keyring.roots,
				deliveries: { covers: replication.covers, linked: () => true, decrypted: replication.noteDecrypted, subscribe: (changed) => replication.headsChanged.subscribe(changed) },
				caughtUp: replication.caughtUp,
				clock,
				random: systemRandom,
			});
			const conversations = content.part.conversations;
			const messages = content.part.messages(everyoneId);
			// The screen reads when something changed, once a frame.
			let asked = false;
			const look = (): void => {
				if (asked) return;
				asked = true;
				requestAnimationFrame(() => {
					asked = false;
					conversations.get();
					messages.get();
				});
			};
			conversations.subscribe(look);
			messages.subscribe(look);
			port.start();
			await until(() => hex(log.digest()) === digest);
			const storedMs = performance.now() - startMs;
			const shown = (): number => conversations.get().reduce((sum, one) => sum + content.part.messages(one.id).get().length, 0);
			await until(() => shown() === posts + letters);
			await content.stop();
			const openedMs = performance.now() - startMs;
			const entries = log.vector().reduce((sum, row) => sum + row.head - row.base + 1, 0) - before;
			return { entries, bytes: mesh.received(), storedMs, openedMs, signatureChecks };
		},
	};
}

function until(isSo: () => boolean): Promise<void> {
	return new Promise((resolve) => {
		const timer = setInterval(() => {
			if (!isSo()) return;
			clearInterval(timer);
			resolve();
		}, lookEveryMs);
	});
}

let prepared: Prepared | undefined;
Object.assign(globalThis, {
	catchUp: {
		prepare: async (contender: 'ours' | 'rival') => {
			prepared = await (contender === 'ours' ? prepareReplica() : prepareRival());
		},
		go: () => prepared?.go(),
		/** Of the time since then, in page time. */
		longTasks: (sinceMs: number) => longTasks.filter(({ startMs }) => startMs >= sinceMs),
	},
});
