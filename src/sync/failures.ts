/** Why a command could not be done. The screen turns each code into a sentence (`src/lib/words.ts`); bad bytes never get this far. */

export type FailureCode =
	| 'name-empty'
	| 'name-too-long'
	| 'name-taken'
	| 'name-invisible'
	| 'text-empty'
	| 'text-too-long'
	| 'title-empty'
	| 'title-too-long'
	| 'note-too-long'
	| 'invite-damaged'
	| 'invite-expired'
	| 'invite-used-up'
	| 'invite-revoked'
	| 'invite-refused'
	| 'invite-unknown'
	| 'link-refused'
	| 'link-over'
	| 'already-in-office'
	| 'too-many-devices'
	| 'not-allowed'
	| 'more-senior'
	| 'needs-owner'
	| 'last-owner'
	| 'recovery-key-damaged'
	| 'recovery-key-wrong'
	| 'list-stale'
	| 'removed'
	| 'suspended'
	| 'not-found'
	| 'no-members'
	| 'too-many'
	| 'disk-full'
	| 'disk-failed'
	| 'forked'
	| 'read-only'
	| 'locked'
	| 'wrong-passphrase'
	| 'keys-changed'
	| 'keys-differ'
	| 'not-a-code'
	| 'own-code'
	| 'not-their-code'
	| 'closed';

export type Result<T = undefined> = { ok: true; value: T } | { ok: false; code: FailureCode };

export const done: Result = { ok: true, value: undefined };
export const succeed = <T>(value: T): Result<T> => ({ ok: true, value });
export const fail = (code: FailureCode): { ok: false; code: FailureCode } => ({ ok: false, code });
