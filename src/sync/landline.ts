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

/** What a person brings to open a vault. A recovery code comes with the passphrase that takes the forgotten one's place. */
export type Key =
	| { readonly kind: 'passphrase'; readonly passphrase: string }
	| { readonly kind: 'passkey' }
	| { readonly kind: 'recovery-code'; readonly code: string; readonly passphrase: string };
export type KeyKind = Key['kind'];

/** Idle minutes until the office locks itself; 0 is never. */
export const lockDelays = [0, 5, 15, 60] as const;
export type LockDelay = (typeof lockDelays)[number];

/** What keeps others from opening the office that is open now, on this device. */
export interface Protection {
	/** Empty: whoever can use this browser profile reads everything. */
	readonly ways: readonly KeyKind[];
	readonly passkeys: number;
	readonly lockAfterMinutes: LockDelay;
}

/** The vault of the office that is open now. `current` is its passphrase, asked for where it has one. */
export interface DeviceVault {
	readonly protection: Source<Protection>;
	/** Why no passkey can be made here; empty where one can. */
	readonly passkeyLack: '' | 'browser' | 'address';
	setPassphrase(passphrase: string, current: string): Promise<Result>;
	removePassphrase(current: string): Promise<Result>;
	addPasskey(current: string): Promise<Result>;
	removePasskeys(current: string): Promise<Result>;
	/** A new code, shown once. */
	makeRecoveryCode(current: string): Promise<Result<string>>;
	lockAfter(minutes: LockDelay): Promise<Result>;
	/** Closes the office and forgets its keys, until somebody unlocks it. Only where something but the profile opens it. */
	lock(): Promise<Result>;
}

export type Stage =
	| { readonly kind: 'starting' }
	/** No office here yet. `door` is the invite fragment when the server has a door. */
	| { readonly kind: 'first-visit'; readonly door: string | undefined }
	/** Another tab leads. */
	| { readonly kind: 'second-tab'; readonly officeId: string }
	/** Storage was cleared behind the person's back: no new identity is made silently. */
	| { readonly kind: 'cleared' }
	/** The database was written by a newer build, or cannot be opened. */
	| { readonly kind: 'broken'; readonly why: 'newer' | 'unreadable' | 'disk'; readonly officeId: string | undefined }
	/** `ways` are what opens it: at least one. */
	| { readonly kind: 'locked'; readonly officeId: string; readonly ways: readonly KeyKind[] }
	| { readonly kind: 'joining'; readonly joining: Source<Joining> }
	| { readonly kind: 'open'; readonly office: Office };

/** How far a newcomer has come. `code` is shown while a manager, or oneself at the other device, must confirm. */
export type Joining =
	| { readonly step: 'looking'; readonly officeHint: string }
	/** `comesBack`: the invite is for a member who comes back with this device in place of those before. */
	| { readonly step: 'waiting'; readonly officeName: string; readonly code: string; readonly comesBack: boolean }
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
	/** Where a device started anew, it is then what it was before. */
	cancelJoin(): Promise<void>;
	/**
	 * This browser's device may write no more, because its record was continued elsewhere or it was taken out: takes new keys and asks to be added by this
	 * link, of an own other device or a manager's. What was read here stays.
	 */
	startAnew(link: string): Promise<Result>;
	readonly vault: DeviceVault;
	unlock(key: Key): Promise<Result>;
	/** Whether this is the locked office's recovery code; nothing is opened. */
	checkRecoveryCode(code: string): Promise<Result>;
	/** From the second tab: asks the leader to let go, steals after 5 s of silence. */
	takeOver(): Promise<void>;
	/** Removes this office from this browser, if there is one, and goes on with another or as on a first visit. */
	startOver(): Promise<void>;
	open(officeId: string): Promise<Result>;
	close(): Promise<void>;
}
