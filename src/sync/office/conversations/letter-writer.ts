/** Writes letters into the mail lane: KEYREQ and SHARE, sealed to whom they are for at the moment the entry is made. */
import { done, fail, type Result } from '../../failures.ts';
import { type kinds, lanes } from '../../log/entry.ts';
import type { EntryDraft, Log } from '../../log/log.ts';
import type { Clock } from '../../ports.ts';
import type { Letters } from '../keys/letters.ts';
import type { Prekeys } from '../keys/prekeys.ts';
import type { Recipient } from '../keys/sealed-copies.ts';
import { dueBase } from './base.ts';

/** Together they stay well below what a transaction should hold. */
const perTransaction = 8;
/** Thrown inside the log's queue to leave it without writing; never leaves this file. */
const nobodyLeft = new Error('no reader is left');

/** @param recipients asked again when each entry is made; empty: nothing is written */
export type WriteLetters = (kind: typeof kinds.keyreq | typeof kinds.share, inners: readonly Uint8Array[], recipients: () => readonly Recipient[]) => Promise<Result>;

export function createLetterWriter(deps: { readonly log: Log; readonly letters: Letters; readonly prekeys: Prekeys; readonly clock: Clock }): WriteLetters {
	const { log, letters } = deps;

	return async (kind, inners, recipients) => {
		if (recipients().length === 0) return fail('not-allowed');
		for (let from = 0; from < inners.length; from += perTransaction) {
			const drafts = inners.slice(from, from + perTransaction).map((inner): EntryDraft => ({
				kind,
				lane: lanes.mail,
				body(at) {
					const readers = recipients();
					if (readers.length === 0) throw nobodyLeft;
					return letters.seal(at, inner, readers);
				},
			}));
			const base = dueBase(deps, lanes.mail);
			try {
				const written = await log.appendAll(base ? [base, ...drafts] : drafts);
				if (!written.ok) return written;
			} catch (error) {
				if (error !== nobodyLeft) throw error;
				return fail('not-allowed');
			}
		}
		return done;
	};
}
