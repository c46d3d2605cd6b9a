/**
 * Writing to conversations (PROTOCOL.md, 9): draws KEYS when the readers changed, after 100 messages, 7 days, a BASE or a SHARE, and seals the message under
 * them. Who reads is asked again at the moment the entry is made, in the log's own queue: a message composed before a removal and
 * written after it is sealed without the one removed (A30).
 */
import type { Random } from '../../../crypto/random.ts';
import { type Entry, type Id, kinds, lanes } from '../../log/entry.ts';
import type { EntryDraft, Log } from '../../log/log.ts';
import { fail, type Result, succeed } from '../../failures.ts';
import type { Clock } from '../../ports.ts';
import { when } from '../../source.ts';
import { dueBase } from './base.ts';
import { encodeMessageInner } from './inner.ts';
import type { Prekeys } from '../keys/prekeys.ts';
import { maxCopies, type Recipient, type SealedCopies } from '../keys/sealed-copies.ts';
import { decodeMessageBody, drawSenderKey, encodeKeysBody, encodeMessageBody, type SenderKeys } from '../keys/sender-keys.ts';
import type { LastOwn } from './threads.ts';

const maxMessagesPerKey = 100;
const maxKeyAgeMs = 7 * 24 * 60 * 60 * 1000;
/** Members may change while a message waits for the disk; nobody changes them this often. */
const maxTries = 8;

/** A message as it is to be written now. */
export interface Outgoing {
	readonly conversation: Id;
	readonly epoch: Id;
	/** Whom it is sealed to: what the epoch names, this device among them. */
	readonly recipients: readonly Recipient[];
	readonly type: number;
	readonly follows: readonly Id[];
	readonly content: Uint8Array;
	/** One's newest message there. */
	readonly lastOwn: LastOwn | undefined;
}

export interface Mailer {
	/**
	 * @param compose called once more when the entry is made; must not change anything
	 * @param placed told the seq the entry is about to take
	 */
	send(compose: () => Result<Outgoing>, placed?: (seq: number) => void): Promise<Result<Entry>>;
}

interface Draw {
	readonly epoch: Id;
	readonly keysSeq: number;
	readonly key: Uint8Array;
	readonly drawnMs: number;
	readonly nextIndex: number;
}

/** Thrown inside the log's queue to leave it without writing; never leaves this file. */
const changedMeanwhile = new Error('the readers changed');

export function createMailer(deps: {
	readonly log: Log;
	readonly copies: SealedCopies;
	readonly senderKeys: SenderKeys;
	readonly prekeys: Prekeys;
	readonly clock: Clock;
	readonly random: Random;
}): Mailer {
	const { log, copies, senderKeys, clock, random } = deps;
	/** One's newest message by conversation, where the views have not read it back yet. */
	const sent = new Map<Id, LastOwn>();
	/** What is sealed to follows from the whole log: prekeys, and the KEYS that still serve. */
	let queue: Promise<unknown> = when(log.whole);

	/** The KEYS of one's newest message there, if they still serve. They are read from the log, so a restart does not draw anew. */
	function current(outgoing: Outgoing): Draw | undefined {
		const last = newer(outgoing.lastOwn, sent.get(outgoing.conversation));
		const entry = last && log.get(last.id);
		const at = entry && decodeMessageBody(entry.body);
		if (!at || last.epoch !== outgoing.epoch) return undefined;
		const keys = log.at(log.device, lanes.mail, at.keysSeq);
		const key = keys && senderKeys.keyOf(log.device, at.keysSeq);
		if (!key) return undefined;
		const draw: Draw = { epoch: outgoing.epoch, keysSeq: at.keysSeq, key, drawnMs: keys.header.wallMs, nextIndex: at.index + 1 };
		// Whoever asked for a key again was given that of single messages: the next one comes under a key it can open.
		const isBehind = log.range(log.device, lanes.mail, at.keysSeq + 1).some(({ header }) => header.kind === kinds.base || header.kind === kinds.share);
		return isBehind || draw.nextIndex >= maxMessagesPerKey || clock.now() - draw.drawnMs >= maxKeyAgeMs ? undefined : draw;
	}

	function message(compose: () => Outgoing, draw: () => { key: Uint8Array; keysSeq: number; index: number }, placed: (seq: number) => void): EntryDraft {
		return {
			kind: kinds.msg,
			lane: lanes.mail,
			body(at) {
				const outgoing = compose();
				const { key, keysSeq, index } = draw();
				const inner = encodeMessageInner({ ...outgoing, author: at.author, seq: at.seq });
				const body = encodeMessageBody(random, key, { keysSeq, index }, at.prefix, inner);
				if (!body) throw new Error('a message over the limit: commands ask first');
				placed(at.seq);
				return body;
			},
		};
	}

	async function attempt(compose: () => Result<Outgoing>, placed: (seq: number) => void): Promise<Result<Entry>> {
		const planned = compose();
		if (!planned.ok) return planned;
		if (planned.value.recipients.length > maxCopies) return fail('too-many');
		/** The message as of now; leaves the queue when it is to other readers than planned. */
		const again = (): Outgoing => {
			const now = compose();
			if (!now.ok || now.value.epoch !== planned.value.epoch) throw changedMeanwhile;
			return now.value;
		};
		const base = dueBase(deps, lanes.mail);
		const draw = base ? undefined : current(planned.value);
		if (draw) {
			const still = (): Draw => {
				const now = current(again());
				if (now?.keysSeq !== draw.keysSeq) throw changedMeanwhile;
				return now;
			};
			const written = await log.append(message(again, () => ({ key: draw.key, keysSeq: draw.keysSeq, index: still().nextIndex }), placed));
			if (written.ok) sent.set(planned.value.conversation, { id: written.value.id, seq: written.value.header.seq, epoch: planned.value.epoch });
			return written;
		}
		const key = drawSenderKey(random);
		let keysSeq = 0;
		const keys: EntryDraft = {
			kind: kinds.keys,
			lane: lanes.mail,
			body(at) {
				keysSeq = at.seq;
				return encodeKeysBody(copies.wrap(key, at.seq, again().recipients));
			},
		};
		// In one transaction, so no KEYS stands without its first message and none other comes between.
		const written = await log.appendAll([...(base ? [base] : []), keys, message(again, () => ({ key, keysSeq, index: 0 }), placed)]);
		if (!written.ok) return written;
		const entry = written.value.at(-1);
		if (!entry) throw new Error('a message makes an entry');
		sent.set(planned.value.conversation, { id: entry.id, seq: entry.header.seq, epoch: planned.value.epoch });
		return succeed(entry);
	}

	async function sendNow(compose: () => Result<Outgoing>, placed: (seq: number) => void): Promise<Result<Entry>> {
		for (let tries = 0; tries < maxTries; tries++) {
			try {
				return await attempt(compose, placed);
			} catch (error) {
				if (error !== changedMeanwhile) throw error;
			}
		}
		return fail('not-allowed');
	}

	return {
		send(compose, placed = () => undefined) {
			// One after the other: the second finds the KEYS of the first.
			const result = queue.then(() => sendNow(compose, placed));
			queue = result.catch(() => undefined);
			return result;
		},
	};
}

function newer(a: LastOwn | undefined, b: LastOwn | undefined): LastOwn | undefined {
	return a && b ? (a.seq > b.seq ? a : b) : (a ?? b);
}
