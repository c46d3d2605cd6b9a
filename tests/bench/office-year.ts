/**
 * An office with a past, made for the benches: real acts, seals and links of real chains, repeatable from a seed. Mail that is not the
 * reader's is noise of the true size, which is what a carrier sees of it. Content begins at each author's BASE at the horizon. Not every
 * entry carries a signature, as in a log that was fetched in ranges; each head does.
 */
import { concat, hex, utf8 } from '../../src/crypto/bytes.ts';
import { createWriter } from '../../src/crypto/codec.ts';
import { sha256 } from '../../src/crypto/hash.ts';
import { sign } from '../../src/crypto/identity.ts';
import { labels } from '../../src/crypto/labels.ts';
import type { Random } from '../../src/crypto/random.ts';
import { compareEntries, decodeHeader, draftPrefix, encodeHeader, type Entry, entryId, type HeaderFields, type Id, kinds, type Lane, lanes, maxRefs, type Position } from '../../src/sync/log/entry.ts';
import { encodeHeads } from '../../src/sync/log/heads.ts';
import type { ContentRoots } from '../../src/sync/office/conversations/content-ports.ts';
import { directId, epochId } from '../../src/sync/office/conversations/conversation-content.ts';
import { createEveryone } from '../../src/sync/office/conversations/everyone.ts';
import { encodeMessageInner, encodePostInner, innerTypes } from '../../src/sync/office/conversations/inner.ts';
import { generationOf, type HeldGeneration } from '../../src/sync/office/keys/mesh-key-store.ts';
import { createRekey } from '../../src/sync/office/keys/mesh-rekey.ts';
import { createSealedCopies } from '../../src/sync/office/keys/sealed-copies.ts';
import { drawSenderKey, encodeKeysBody, encodeMessageBody } from '../../src/sync/office/keys/sender-keys.ts';
import { encodeAct } from '../../src/sync/office/members/acts.ts';
import { encodeNotice, plainNotice } from '../../src/sync/office/placard/notice-body.ts';
import { createPlacard } from '../../src/sync/office/placard/placard.ts';
import { createStory, type Person, type Story } from '../support/acts-story.ts';
import { pick, seededRandom } from '../support/seeded-random.ts';

/** A BASE in each content lane after as many entries: a week of a person who writes seven messages a day. */
const baseAfter = 50;
/** A sender key serves this many messages (PROTOCOL.md, 9). */
const messagesPerKey = 100;
/** Of the mail, one message in so many is to the reader. */
const readersShare = 25;
/** Live entries come signed, fetched ones where their range ended. */
const signedEvery = 8;
/** Sealed parts of mail: 8 copies of 88 bytes; a message of up to 252 bytes. */
const keysBodyBytes = 2 + 8 * 88;
const messageSealedBytes = 32 + 24 + 256 + 16;
const dayMs = 86_400_000;

export interface OfficeYear {
	readonly story: Story & { readonly founder: Person };
	readonly people: readonly Person[];
	/** Who reads: the founder. */
	readonly reader: Person;
	/** By `author + lane`, each from its base. */
	readonly chains: ReadonlyMap<string, readonly Entry[]>;
	/** In the order they were written. */
	readonly entries: readonly Entry[];
	/** What every other device says it holds: all of it. */
	readonly heads: readonly Uint8Array[];
	readonly generation: HeldGeneration;
	readonly roots: ContentRoots;
	/** The newest post and the newest notice: whoever shows them has caught up. */
	readonly lastPost: string;
	readonly lastNotice: string;
	readonly posts: number;
	/** Messages to the reader. */
	readonly letters: number;
}

/**
 * @param options.entries of lanes 1 and 2 together
 * @param options.posts the share of them in Everyone, 0 to 1
 * @param options.endMs the wall time of the last one
 */
export function createOfficeYear(options: { people: number; entries: number; posts: number; notices: number; seed: number; endMs: number }): OfficeYear {
	const random = seededRandom(options.seed);
	const story = createStory({ seed: options.seed, founder: 'Person 0' });
	const people = [story.founder];
	for (let index = 1; index < options.people; index++) {
		const person = story.person(`Person ${index}`);
		story.bring(story.founder, person, { role: index === 1 ? 2 : 1 });
		people.push(person);
	}
	const meshKey = random(32);
	const cards = people.map(({ device, keys }) => ({ id: device, kemPublic: keys.kemPublic }));
	story.tell(story.founder, { type: 'meshRekey', ...createRekey(random, story.officeId, meshKey, cards) });
	const generation = generationOf(meshKey);
	const root = generation.contentRoot ?? new Uint8Array();
	const roots: ContentRoots = { current: () => ({ keyId: generation.keyId, root }), root: () => root, isSure: () => true, opened: () => undefined, subscribe: () => () => undefined };

	const writer = createChainWriter(story, random, options.endMs - 89 * dayMs, (88 * dayMs) / Math.max(1, options.entries + options.notices));
	const content = createContentWriter({ story, founder: story.founder, reader: story.founder, roots, random, write: writer.write });
	const noticeEvery = Math.ceil(options.entries / (options.notices + 1));
	let lastNotice = '';
	for (let index = 0; index < options.entries; index++) {
		const author = people[index % people.length] ?? story.founder;
		if (options.notices > 0 && index % noticeEvery === noticeEvery - 1) lastNotice = content.notice(index);
		const isPost = pick(random, 1000) < options.posts * 1000;
		if (isPost) content.post(author, index);
		else content.mail(author, index);
	}
	const lastPost = content.post(story.founder, options.entries);
	const chains = writer.finish();
	const entries = [...chains.values()].flat().sort(compareEntries);
	const posts = entries.filter(({ header }) => header.kind === kinds.post).length;
	const rows = [...chains.values()].flatMap((chain) => {
		const last = chain.at(-1);
		return last ? [{ author: last.header.author, lane: last.header.lane, head: last.header.seq, id: last.id }] : [];
	});
	const heads = people.slice(1).map(({ device, keys }) => encodeHeads(story.officeId, device, options.endMs, rows, keys.signSecret));
	return { story, people, reader: story.founder, heads, chains, entries, generation, roots, lastPost, lastNotice, posts, letters: content.letters() };
}

type Write = (author: Person, lane: Lane, kind: number, body: (at: Position) => Uint8Array) => Entry;

/** Entries as their authors would have written them, each in sight of all before. */
function createChainWriter(story: Story, random: Random, startMs: number, stepMs: number) {
	const chains = new Map<string, Entry[]>();
	const heads = new Map<string, Entry>();
	const secrets = new Map<Id, Uint8Array>();
	/** Of the heads the newest, which is what refs name: others are older than these for good. */
	let newest: Entry[] = [];
	let lamport = 0;
	let count = 0;

	function add(entry: Entry): void {
		const key = entry.header.author + String(entry.header.lane);
		const chain = chains.get(key);
		if (chain) chain.push(entry);
		else chains.set(key, [entry]);
		heads.set(key, entry);
		newest = [entry, ...newest.filter((one) => one.header.author !== entry.header.author || one.header.lane !== entry.header.lane)].slice(0, maxRefs + 2);
		lamport = Math.max(lamport, entry.header.lamport);
	}
	for (const entry of story.entries) add(entry);

	const write: Write = (author, lane, kind, body) => {
		secrets.set(author.device, author.keys.signSecret);
		const prev = heads.get(author.device + String(lane));
		// The first one held is a BASE in the middle of a life.
		const place = prev ? { seq: prev.header.seq + 1, prev: prev.id } : { seq: 1000 + pick(random, 1000), prev: hex(random(32)) };
		const named = new Set([prev?.id, ...(prev?.header.refs ?? [])]);
		const refs = newest.filter((entry) => !named.has(entry.id)).slice(0, maxRefs).map((entry) => entry.id);
		const fields: HeaderFields = { kind, lane, officeId: story.officeId, author: author.device, ...place, lamport: lamport + 1, wallMs: Math.floor(startMs + stepMs * count), refs };
		const bytes = body({ ...place, lamport: fields.lamport, wallMs: fields.wallMs, prefix: draftPrefix(fields), author: author.device });
		const headerBytes = encodeHeader({ ...fields, bodyLength: bytes.length, bodyHash: hex(sha256(bytes)) });
		const header = decodeHeader(headerBytes);
		if (header === undefined) throw new Error('a header just made is well formed');
		const signature = count++ % signedEvery === 0 ? sign(author.keys.signSecret, labels.entry, headerBytes) : undefined;
		const entry: Entry = { id: entryId(headerBytes), header, headerBytes, signature, body: bytes };
		add(entry);
		return entry;
	};

	return {
		write,
		/** All chains, their heads signed. */
		finish(): ReadonlyMap<string, readonly Entry[]> {
			for (const chain of chains.values()) {
				const last = chain.at(-1);
				const secret = last && secrets.get(last.header.author);
				if (last && !last.signature && secret) chain[chain.length - 1] = { ...last, signature: sign(secret, labels.entry, last.headerBytes) };
			}
			return chains;
		},
	};
}

interface Draw {
	readonly key: Uint8Array;
	readonly keysSeq: number;
	index: number;
}

/** What is said in the office. */
function createContentWriter(deps: { story: Story; founder: Person; reader: Person; roots: ContentRoots; random: Random; write: Write }) {
	const { story, founder, reader, roots, random, write } = deps;
	const everyone = createEveryone({ roots, random });
	const placard = createPlacard({ roots, random });
	const officeId = story.officeId;
	const sinceBase = new Map<string, number>();
	const noise = new Map<Person, Draw>();
	const toReader = new Map<Person, Draw>();
	let lastAct = story.heads()[0];
	let letters = 0;

	/** BASE at the beginning of a chain, and again every so many entries. */
	function base(author: Person, lane: 1 | 2): void {
		const key = author.device + String(lane);
		const since = sinceBase.get(key) ?? baseAfter;
		sinceBase.set(key, since >= baseAfter ? 1 : since + 1);
		if (since < baseAfter) return;
		write(author, lane, kinds.base, () => createWriter().u64(0).u8(0).bytes());
		toReader.delete(author);
		noise.delete(author);
	}

	function drawn(draws: Map<Person, Draw>, author: Person, keysBody: (key: Uint8Array, at: Position) => Uint8Array): Draw {
		const held = draws.get(author);
		if (held && held.index < messagesPerKey) return held;
		const key = drawSenderKey(random);
		const made = { key, keysSeq: write(author, lanes.mail, kinds.keys, (at) => keysBody(key, at)).header.seq, index: 0 };
		draws.set(author, made);
		return made;
	}

	function mailToReader(author: Person, other: Person, text: string): void {
		const members: [Id, Id] = [story.memberOf(author), story.memberOf(other)];
		const conversation = directId(officeId, ...members);
		const epoch = epochId(conversation, [], [author.device, other.device]);
		// Prekey 0: these authors have drawn no other.
		const prekeys = { own: () => [], newest: (_device: Id, card: Uint8Array) => card, holdsNewest: () => true, note: () => undefined, draw: () => ({}) as never, forgetOld: () => Promise.resolve() };
		const copies = createSealedCopies({ officeId, keys: author.keys, prekeys, random });
		const draw = drawn(toReader, author, (key, at) => encodeKeysBody(copies.wrap(key, at.seq, [author, other].map(({ device, keys }) => ({ id: device, kemPublic: keys.kemPublic })))));
		write(author, lanes.mail, kinds.msg, (at) => {
			const inner = encodeMessageInner({ type: innerTypes.text, conversation, epoch, author: author.device, seq: at.seq, follows: [], content: utf8(text) });
			return encodeMessageBody(random, draw.key, { keysSeq: draw.keysSeq, index: draw.index++ }, at.prefix, inner) ?? new Uint8Array();
		});
	}

	return {
		letters: () => letters,
		post(author: Person, index: number): string {
			const text = `Post ${index}: the coffee machine on floor ${index % 7} works again`;
			base(author, lanes.open);
			write(author, lanes.open, kinds.post, (at) => everyone.seal(at, encodePostInner({ type: innerTypes.text, follows: [], content: utf8(text) })) ?? new Uint8Array());
			return text;
		},
		mail(author: Person, index: number): void {
			base(author, lanes.mail);
			if (author !== reader && pick(random, readersShare) === 0) {
				letters++;
				mailToReader(author, reader, `Message ${index}: about the delivery at ${index % 24}`);
				return;
			}
			const draw = drawn(noise, author, () => concat(Uint8Array.of(0, 8), random(keysBodyBytes - 2)));
			write(author, lanes.mail, kinds.msg, () => createWriter().u64(draw.keysSeq).u32(draw.index++).raw(random(messageSealedBytes)).bytes());
		},
		notice(index: number): string {
			const title = `Notice ${index}`;
			const body = encodeNotice(plainNotice({ title, content: utf8('The fire drill is on Tuesday at ten.\n'.repeat(20)), asksAcknowledgement: false, startsMs: 0 }));
			lastAct = write(founder, lanes.office, kinds.notice, (at) => {
				const sealed = placard.seal(at, body);
				if (!sealed) throw new Error('a root is held');
				return encodeAct({ type: 'notice', heads: lastAct && lastAct.id !== at.prev ? [lastAct.id] : [], ...sealed });
			});
			return title;
		},
	};
}

/** What a log is given first, so that it knows the authors. */
export const isAct = (entry: Entry): boolean => entry.header.lane === lanes.office;
