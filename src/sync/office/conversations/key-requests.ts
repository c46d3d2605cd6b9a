/**
 * KEYREQ (PROTOCOL.md, 9): a device whose copy of a KEYS does not open asks its author, and is given the keys of the messages under it in a
 * SHARE. Only a device that those KEYS were sealed to is answered, and only while it is in force and not suspended (A29): the copies in
 * the entry itself say to whom, by their hints.
 */
import { createWriter, decode } from '../../../crypto/codec.ts';
import { type Entry, type Id, idToBytes, kinds, lanes } from '../../log/entry.ts';
import type { Log } from '../../log/log.ts';
import type { Clock } from '../../ports.ts';
import type { Source } from '../../source.ts';
import type { Letters } from '../keys/letters.ts';
import { readCopies, type Recipient, type SealedCopies } from '../keys/sealed-copies.ts';
import { decodeMessageBody, type SenderKeys } from '../keys/sender-keys.ts';
import { readId } from './inner.ts';
import type { Kept, KeptEntry } from './kept.ts';
import type { WriteLetters } from './letter-writer.ts';
import type { Opened } from './opener.ts';
import type { Roster } from './roster.ts';
import { packShares, type SharedKey } from './share.ts';

/** Lets what comes together be asked for together. */
const gatherMs = 2_000;
const minuteMs = 60_000;
/** How long after the last time each further one is asked; then never again. */
const backoffMs = [0, 10 * minuteMs, 60 * minuteMs, 6 * 60 * minuteMs, 24 * 60 * minuteMs] as const;
/** One device's wish for one KEYS is granted at most once in this time. */
const answerEveryMs = 5 * minuteMs;

export interface KeyRequest {
	/** Where the KEYS stands in its author's mail lane. */
	readonly keysSeq: number;
	/** Its author: whoever else reads the request is not asked. */
	readonly device: Id;
}

export interface KeyRequests {
	/** The inner of a KEYREQ to this device, or by it. */
	open(entry: Entry): Opened;
	/** Takes note of requests opened at an earlier start. */
	note(entries: readonly KeptEntry[]): void;
	/** Takes requests opened now, and answers them. */
	place(entries: readonly KeptEntry[]): void;
	/** Messages whose key is here but does not open. */
	locked(entries: readonly Entry[]): void;
	stop(): void;
}

export interface KeyRequestsDeps {
	readonly log: Log;
	readonly kept: Kept;
	readonly letters: Letters;
	readonly copies: SealedCopies;
	readonly senderKeys: SenderKeys;
	readonly roster: Source<Roster>;
	readonly write: WriteLetters;
	readonly caughtUp: Source<boolean> | undefined;
	readonly clock: Clock;
}

interface Wanted extends KeyRequest {
	/** Messages that wait for it. */
	readonly messages: Set<Id>;
}

export function createKeyRequests(deps: KeyRequestsDeps): KeyRequests {
	const { log, kept, letters, copies, senderKeys, roster, write, caughtUp, clock } = deps;
	const wanted = new Map<string, Wanted>();
	/** How often it was asked for, and when last; own requests are opened like others', so a restart forgets nothing. */
	const asked = new Map<string, { readonly times: number; readonly lastMs: number }>();
	const answeredMs = new Map<string, number>();
	let cancel: (() => void) | undefined;
	const nameOf = ({ device, keysSeq }: KeyRequest): string => `${device}:${keysSeq}`;

	function note(entries: readonly KeptEntry[]): void {
		for (const { header, inner } of entries) {
			const request = header.kind === kinds.keyreq && header.author === log.device ? decodeKeyRequest(inner) : undefined;
			if (!request) continue;
			const before = asked.get(nameOf(request));
			asked.set(nameOf(request), { times: (before?.times ?? 0) + 1, lastMs: Math.max(header.wallMs, before?.lastMs ?? 0) });
		}
	}

	/** The device, while it may be given keys and what it wrote counts. */
	function inForce(device: Id): Recipient | undefined {
		const now = roster.get();
		return now.mayWrite ? now.devicesOf([now.memberOf(device) ?? '']).find((one) => one.id === device) : undefined;
	}

	function ask(): void {
		cancel = undefined;
		// Before that the answer may be among what has not come yet.
		if (caughtUp?.get() === false) return;
		let nextMs = Infinity;
		for (const [name, one] of wanted) {
			for (const id of one.messages) if (kept.has(id)) one.messages.delete(id);
			const { times, lastMs } = asked.get(name) ?? { times: 0, lastMs: 0 };
			const pauseMs = backoffMs[times];
			if (one.messages.size === 0 || pauseMs === undefined) {
				wanted.delete(name);
				continue;
			}
			const sinceMs = clock.now() - lastMs;
			// A clock set back must not hold the question for longer than the rule asks.
			const waitMs = Math.min(pauseMs - sinceMs, pauseMs);
			// Who is not in the office answers nobody, and may be let in again.
			if (!inForce(one.device)) nextMs = Math.min(nextMs, Math.max(waitMs, 10 * minuteMs));
			else if (waitMs <= 0) {
				void write(kinds.keyreq, [encodeKeyRequest(one)], () => {
					const author = inForce(one.device);
					const self = inForce(log.device);
					return author && self ? [author, self] : [];
				}).catch(() => undefined);
				nextMs = Math.min(nextMs, backoffMs[times + 1] ?? Infinity);
			} else nextMs = Math.min(nextMs, waitMs);
		}
		if (nextMs < Infinity) cancel = clock.after(nextMs, ask);
	}

	function answer({ id, header }: KeptEntry, { keysSeq }: KeyRequest): void {
		const asker = header.author;
		const place = { device: asker, lane: header.lane, seq: header.seq, id };
		const name = `${asker}:${keysSeq}`;
		if (clock.now() - (answeredMs.get(name) ?? -Infinity) < answerEveryMs) return;
		const keys = log.at(log.device, lanes.mail, keysSeq);
		const held = keys?.header.kind === kinds.keys ? decode(keys.body, readCopies) : undefined;
		if (!held) return;
		const reader = (): readonly Recipient[] => {
			const device = inForce(asker);
			return device && roster.get().counts(place) && copies.carries(held, keysSeq, device) ? [device] : [];
		};
		const messages = log.range(log.device, lanes.mail, keysSeq).filter(({ header, body }) => header.kind === kinds.msg && decodeMessageBody(body)?.keysSeq === keysSeq);
		const shared = messages.flatMap((entry): readonly SharedKey[] => {
			const key = senderKeys.messageKeyOf(entry);
			return key ? [{ id: entry.id, key, entry: undefined }] : [];
		});
		if (shared.length === 0 || reader().length === 0) return;
		answeredMs.set(name, clock.now());
		void write(kinds.share, packShares(shared), reader).catch(() => undefined);
	}

	const stopWaiting = caughtUp?.subscribe(() => (cancel ??= clock.after(gatherMs, ask)));

	return {
		open(entry) {
			const inner = letters.open(entry);
			if (typeof inner === 'string') return inner;
			const request = decodeKeyRequest(inner);
			if (!request) return 'refused';
			return request.device === log.device || entry.header.author === log.device ? inner : 'refused';
		},
		note,
		place(entries) {
			note(entries);
			for (const entry of entries) {
				const request = entry.header.kind === kinds.keyreq && entry.header.author !== log.device ? decodeKeyRequest(entry.inner) : undefined;
				if (request) answer(entry, request);
			}
		},
		locked(entries) {
			for (const { id, header, body } of entries) {
				const at = header.kind === kinds.msg && header.author !== log.device ? decodeMessageBody(body) : undefined;
				if (!at) continue;
				const request = { device: header.author, keysSeq: at.keysSeq };
				const one = wanted.get(nameOf(request)) ?? { ...request, messages: new Set<Id>() };
				one.messages.add(id);
				wanted.set(nameOf(request), one);
				cancel?.();
				cancel = clock.after(gatherMs, ask);
			}
		},
		stop() {
			stopWaiting?.();
			cancel?.();
		},
	};
}

export function encodeKeyRequest(request: KeyRequest): Uint8Array {
	return createWriter().u64(request.keysSeq).raw(idToBytes(request.device)).bytes();
}

export function decodeKeyRequest(inner: Uint8Array): KeyRequest | undefined {
	return decode(inner, (r) => ({ keysSeq: r.u64(), device: readId(r) }));
}
