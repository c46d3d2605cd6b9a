/**
 * The device before an office is open: which offices this browser holds, founding one, joining one, opening one. The seam the pages
 * start from; `open-landline.ts` implements it.
 */
import type { Result } from './failures.ts';
import type { Office } from './office.ts';
import type { Source } from './source.ts';

export interface KnownOffice {
	readonly id: string;
	readonly openedMs: number;
}

export type Stage =
	| { readonly kind: 'starting' }
	/** No office here yet. `door` is the invite fragment when the server has a door. */
	| { readonly kind: 'first-visit'; readonly door: string | undefined }
	/** Another tab leads. */
	| { readonly kind: 'second-tab' }
	/** Storage was cleared behind the person's back: no new identity is made silently. */
	| { readonly kind: 'cleared' }
	/** The database was written by a newer build, or cannot be opened. */
	| { readonly kind: 'broken'; readonly why: 'newer' | 'unreadable' | 'disk' }
	| { readonly kind: 'locked'; readonly officeId: string }
	| { readonly kind: 'joining'; readonly joining: Source<Joining> }
	| { readonly kind: 'open'; readonly office: Office };

/** How far a newcomer has come. `code` is shown while a manager, or oneself at the other device, must confirm. */
export type Joining =
	| { readonly step: 'looking'; readonly officeHint: string }
	| { readonly step: 'waiting'; readonly officeName: string; readonly code: string }
	/** By a device link: looking for the device that showed it. */
	| { readonly step: 'reaching'; readonly officeHint: string; readonly name: string }
	| { readonly step: 'comparing'; readonly officeName: string; readonly code: string }
	| { readonly step: 'receiving'; readonly officeName: string }
	/** Admitted, but what admitted this device is contested: until a manager confirms it. */
	| { readonly step: 'suspended'; readonly officeName: string }
	| { readonly step: 'failed'; readonly code: JoinFailure };

export type JoinFailure =
	| 'invite-expired'
	| 'invite-used-up'
	| 'invite-revoked'
	| 'invite-refused'
	| 'invite-unknown'
	| 'name-taken'
	| 'link-refused'
	| 'link-over';

/** What an invite or a device link says of itself. */
export interface ReadInvite {
	readonly officeId: string;
	readonly hint: string;
	/** Whose further device this browser becomes, by a device link; `undefined` for an invite. */
	readonly deviceOf: string | undefined;
}

export interface Founded {
	readonly office: Office;
	/** Shown once, to print. */
	readonly recoveryKey: string;
}

export interface Landline {
	readonly stage: Source<Stage>;
	readonly offices: Source<readonly KnownOffice[]>;
	found(office: { officeName: string; name: string; passphrase: string }): Promise<Result<Founded>>;
	/** After the recovery key was kept: shows the office. */
	enter(office: Office): void;
	/** Checks an invite link or a device link. */
	readInvite(linkOrFragment: string): Result<ReadInvite>;
	/** Starts joining; progress stands in `stage`. Survives a reload until admitted or cancelled. A device link brings its own name. */
	join(invite: string, name: string, passphrase: string): Promise<Result>;
	cancelJoin(): Promise<void>;
	unlock(passphrase: string): Promise<Result>;
	/** From the second tab: asks the leader to let go, steals after 5 s of silence. */
	takeOver(): Promise<void>;
	/** From `cleared`: forget the sentinel and begin as on a first visit. */
	startOver(): Promise<void>;
	open(officeId: string): Promise<Result>;
	close(): Promise<void>;
}
