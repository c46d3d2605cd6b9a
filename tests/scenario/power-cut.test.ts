/* eslint-disable @typescript-eslint/unbound-method -- the power is cut by patching prototypes */
/**
 * The power fails in the middle of an append, at each of its writes in turn, on the real store. What was told to others must rest, what
 * does not rest must have been told to nobody, and no seq is ever given to two different entries.
 */
import 'fake-indexeddb/auto';
import { IDBFactory, IDBObjectStore } from 'fake-indexeddb';
import { afterEach, expect, test, vi } from 'vitest';
import { utf8 } from '../../src/crypto/bytes.ts';
import { createDeviceKeys } from '../../src/crypto/identity.ts';
import { systemRandom } from '../../src/crypto/random.ts';
import { type Entry, kinds, lanes } from '../../src/sync/log/entry.ts';
import { type Log, openLog } from '../../src/sync/log/log.ts';
import { systemClock } from '../../src/sync/ports.ts';
import type { OfficeStore } from '../../src/sync/store.ts';
import { createFakePasskeys } from '../support/fake-passkeys.ts';
import { createStores } from '../../src/sync/stores.ts';
import { createGenesis } from '../support/memory-office.ts';

const keys = createDeviceKeys(systemRandom);
const genesis = createGenesis(keys, utf8('office'), 1);
const officeId = genesis.id;

afterEach(() => vi.restoreAllMocks());

interface Run {
	readonly factory: IDBFactory;
	store: OfficeStore;
	log: Log;
	/** What left the device. */
	readonly told: Map<string, Entry>;
}

const placeOf = ({ header }: Entry): string => `${header.lane}/${header.seq}`;

async function start(run: { factory: IDBFactory; told: Map<string, Entry> }): Promise<Run> {
	const stores = createStores({ indexedDB: run.factory, random: systemRandom, clock: systemClock, passkeys: createFakePasskeys() });
	const { store } = await stores.create(officeId);
	const log = await openLog({ officeId, keys, store, clock: systemClock, fresh: true });
	log.subscribe((entries) => {
		for (const entry of entries) {
			expect(run.told.get(placeOf(entry))?.id ?? entry.id, 'a seq was used twice').toBe(entry.id);
			run.told.set(placeOf(entry), entry);
		}
	});
	return { ...run, store, log };
}

const append = (log: Log, text: string): ReturnType<Log['append']> =>
	log.append({ kind: kinds.keys, lane: lanes.mail, body: () => utf8(text), alongside: (entry) => [{ bucket: 'keys', key: entry.id, value: utf8(`key of ${text}`) }] });

// An append writes segment, head and companion: four cuts are before the first, between, and after the last.
test.for([1, 2, 3, 4])('cut at write %d', async (cutAt) => {
	let run = await start({ factory: new IDBFactory(), told: new Map() });
	await run.log.accept([genesis]);
	await append(run.log, 'first');

	let writes = 0;
	const put = IDBObjectStore.prototype.put;
	vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...args: Parameters<IDBObjectStore['put']>) {
		if (++writes < cutAt) return put.apply(this, args);
		this.transaction.abort();
		throw new DOMException('the power failed', 'UnknownError');
	});
	const cut = await append(run.log, 'second');
	vi.restoreAllMocks();
	expect(cut.ok).toBe(cutAt > 3);

	// The power is back: everything is read from disk.
	run.store.close();
	run = await start(run);
	const held = run.log.range(run.log.device, lanes.mail, 0);
	expect(held.map((entry) => entry.header.seq)).toEqual(cut.ok ? [0, 1] : [0]);
	for (const entry of run.told.values()) expect(run.log.get(entry.id), 'told, but it does not rest').toBeDefined();
	for (const entry of held) expect(await run.store.get('keys', entry.id)).toBeDefined();
	expect((await run.store.all('keys')).size).toBe(held.length);

	const next = await append(run.log, 'after');
	expect(next.ok && next.value.header.seq).toBe(held.length);
	expect(next.ok && next.value.header.prev).toBe(held.at(-1)?.id);
	run.store.close();
});

test('cut after the commit, before the page heard of it', async () => {
	let run = await start({ factory: new IDBFactory(), told: new Map() });
	await run.log.accept([genesis]);
	const compareAndAppend = run.store.compareAndAppend;
	const brittle: OfficeStore = {
		...run.store,
		async compareAndAppend(...args) {
			await compareAndAppend(...args);
			// Nothing after this line of the page ever ran.
			return new Promise(() => undefined);
		},
	};
	const log = await openLog({ officeId, keys, store: brittle, clock: systemClock, fresh: true });
	const lost = append(log, 'committed');
	await vi.waitFor(async () => expect(await run.store.chainHead({ author: log.device, lane: lanes.mail })).toBeDefined());
	expect(run.told.size).toBe(1);
	run.store.close();

	run = await start(run);
	const [committed] = run.log.range(run.log.device, lanes.mail, 0);
	expect(committed?.header.seq).toBe(0);
	const next = await append(run.log, 'after');
	expect(next.ok && next.value.header.prev).toBe(committed?.id);
	run.store.close();
	void lost;
});
