/**
 * An office of people who talk: real acts, keys, logs and content in memory, replicated over the fake network. All hold one mesh key; how
 * keys are given out is tested elsewhere.
 */
import { createWriter } from '../../src/crypto/codec.ts';
import type { DeviceKeys } from '../../src/crypto/identity.ts';
import { messageTypes } from '../../src/sync/link/message-types.ts';
import type { Entry, Id } from '../../src/sync/log/entry.ts';
import { type Log, openLog } from '../../src/sync/log/log.ts';
import { createReplication, type Replication } from '../../src/sync/log/replicate.ts';
import { type Content, type ContentPart, createContent } from '../../src/sync/office/conversations/content.ts';
import type { ContentRoots, Deliveries } from '../../src/sync/office/conversations/content-ports.ts';
import { createMembersView, type MembersState } from '../../src/sync/office/members/members.ts';
import { createVerification, type Verification } from '../../src/sync/office/roster/verification.ts';
import { type Blocked, openBlocked } from '../../src/sync/office/roster/blocked.ts';
import type { Result } from '../../src/sync/failures.ts';
import type { Source } from '../../src/sync/source.ts';
import { createStory, type Person } from './acts-story.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { createFakeNetwork, type FakeNetwork } from './fake-network.ts';
import { createSharedVerify } from './memory-office.ts';
import { createMemoryDisk, createMemoryStore, type MemoryDisk } from './memory-store.ts';
import { seededRandom } from './seeded-random.ts';

const beatMs = 20_000;

export interface Talker {
	readonly name: string;
	readonly person: Person;
	readonly keys: DeviceKeys;
	/** Device id. */
	readonly id: Id;
	readonly member: Id;
	readonly disk: MemoryDisk;
	log: Log;
	members: Source<MembersState>;
	content: Content;
	office: ContentPart;
	replication: Replication;
	blocked: Blocked;
	verification: Verification;
	stop(): Promise<void>;
	/** Reads everything from disk again. */
	restart(): Promise<void>;
	/** What is on the screen of a conversation. */
	texts(conversation: string): readonly string[];
}

export interface ContentOffice {
	readonly officeId: Id;
	readonly clock: FakeClock;
	readonly network: FakeNetwork;
	readonly story: ReturnType<typeof createStory>;
	readonly roots: ContentRoots;
	readonly talkers: readonly Talker[];
	/** By name. */
	readonly who: (name: string) => Talker;
	/** Brings acts told since to everybody. */
	readonly spreadActs: (to?: readonly Talker[]) => Promise<void>;
	/** Links all, or these. */
	readonly connect: (talkers?: readonly Talker[]) => void;
}

/** Fails the test with the code. */
export function must<T>(result: Result<T>): T {
	if (!result.ok) throw new Error(`refused: ${result.code}`);
	return result.value;
}

/** @param managers how many of the people, the founder among them, are more than members */
export async function createContentOffice(names: readonly string[], options: { seed?: number; managers?: number } = {}): Promise<ContentOffice> {
	const seed = options.seed ?? 1;
	const clock = createFakeClock();
	const network = createFakeNetwork(clock, seed);
	const random = seededRandom(seed);
	const verify = createSharedVerify();
	const [first = 'Alice', ...others] = names;
	const story = createStory({ seed, founder: first });
	const people = [story.founder, ...others.map((name) => story.person(name))];
	for (const [index, person] of people.entries()) if (index > 0) story.bring(story.founder, person, { role: index < (options.managers ?? 1) ? 2 : 1 });
	const keyId = random(8);
	const root = random(32);
	const roots: ContentRoots = { current: () => ({ keyId, root }), root: () => root, isSure: () => true, opened: () => undefined, subscribe: () => () => undefined };

	async function open(talker: Talker, fresh: boolean): Promise<void> {
		const store = createMemoryStore(story.officeId, talker.disk);
		const log = await openLog({ officeId: story.officeId, keys: talker.keys, store, clock, fresh, verify });
		const view = createMembersView({ log });
		if (fresh) await giveActs(log);
		const mesh = network.mesh(talker.id);
		const replication = createReplication({ log, mesh, clock, random, keys: talker.keys, store, verify });
		const stopBeats = mesh.onMessage([messageTypes.beat], (from, payload) => replication.onBeatDigest(from.device, payload));
		let cancelBeat = clock.after(((random(1)[0] ?? 0) / 256) * beatMs, beat);
		function beat(): void {
			mesh.broadcast(createWriter().u8(messageTypes.beat).raw(replication.digest()).bytes());
			cancelBeat = clock.after(beatMs, beat);
		}
		const deliveries: Deliveries = {
			covers: replication.covers,
			linked: (device) => mesh.links.get().some((link) => link.device === device),
			decrypted: (author) => replication.noteDecrypted(author),
			subscribe(changed) {
				const stops = [replication.headsChanged.subscribe(changed), mesh.links.subscribe(changed)];
				return () => {
					for (const stop of stops) stop();
				};
			},
		};
		const verification = await createVerification({ officeId: story.officeId, selfDevice: log.device, members: view.state, store, clock });
		const blocked = await openBlocked({ store, members: view.state, selfDevice: log.device });
		const content = await createContent({ officeId: story.officeId, keys: talker.keys, log, store, members: view.state, roots, deliveries, caughtUp: replication.caughtUp, isHeldBack: (member) => verification.isHeldBack(member), blocked: blocked.members, clock, random });
		Object.assign(talker, { log, members: view.state, content, office: content.part, replication, verification, blocked });
		talker.stop = async () => {
			network.unplug(talker.id);
			cancelBeat();
			stopBeats();
			replication.stop();
			verification.stop();
			await content.stop();
			view.stop();
			await log.close();
			store.close();
		};
	}

	async function giveActs(log: Log): Promise<void> {
		const chains = new Map<Id, Entry[]>();
		for (const entry of story.entries) chains.set(entry.header.author, [...(chains.get(entry.header.author) ?? []), entry]);
		for (const chain of chains.values()) for (const entry of chain) await log.accept([entry]);
	}

	const talkers: Talker[] = [];
	for (const person of people) {
		// `open` adds the rest, here and after each restart.
		const talker: Talker = Object.assign(Object.create(null) as Talker, {
			name: person.name,
			person,
			keys: person.keys,
			id: person.device,
			member: story.memberOf(person),
			disk: createMemoryDisk(),
			texts: (conversation: string) => talker.office.messages(conversation).get().map((message) => message.text),
			async restart() {
				await talker.stop();
				await open(talker, false);
				talker.log.settleOwnHead();
			},
		});
		await open(talker, true);
		talkers.push(talker);
	}

	return {
		officeId: story.officeId,
		clock,
		network,
		story,
		roots,
		talkers,
		who(name) {
			const found = talkers.find((talker) => talker.name === name);
			if (!found) throw new Error(`nobody is called ${name}`);
			return found;
		},
		async spreadActs(to = talkers) {
			for (const talker of to) await giveActs(talker.log);
		},
		connect: (some = talkers) => network.connectAll(some.map((talker) => talker.id)),
	};
}
