/**
 * What the screen may read and do: the seam between `sync` and `lib`. Ids are lowercase hex. Reads are `Source`s of immutable
 * snapshots; commands answer a `Result` with a failure code. `open-office.ts` implements it over the log and the mesh.
 */
import type { Documents } from './documents.ts';
import type { Result } from './failures.ts';
import type { Attachment, Files } from './files.ts';
import type { Source } from './source.ts';

export type Role = 'member' | 'manager' | 'owner';

/** Offline is shown after a signed goodbye; silence is `unknown`, last seen at `lastSeenMs`. */
export type Availability = 'available' | 'away' | 'busy' | 'offline' | 'unknown';

/** What a person chooses for themselves; invisible is told to others as offline. */
export type OwnAvailability = 'available' | 'away' | 'busy' | 'invisible';

/** A browser profile of a person's. Devices have no names: the day they came tells them apart. */
export interface PersonDevice {
	readonly id: string;
	/** By the clock of who let it in, ms. */
	readonly joinedMs: number;
	/** The one this page runs on. */
	readonly here: boolean;
	/** Waits for a manager's word. */
	readonly suspended: boolean;
}

export interface Person {
	/** Member id. */
	readonly id: string;
	readonly name: string;
	/** The departments managers put them in, else the one they name themselves; may be empty. */
	readonly department: string;
	readonly role: Role;
	readonly self: boolean;
	readonly availability: Availability;
	readonly note: string;
	/** When a sign of life was last received, ms; 0 = never on this device. */
	readonly lastSeenMs: number;
	/** What the identicon is drawn from: the member's first key, hex. */
	readonly identicon: string;
	/** Lamport order of admission, for stable sorting. */
	readonly joined: number;
	/** Label of the invite this person came through; empty for the founder. */
	readonly invitedBy: string;
	/** Whether this person has compared the safety number; `changed`: there are keys since that were not part of it. */
	readonly verification: 'unverified' | 'verified' | 'changed';
	/** There are keys this person has not seen yet. Of who was verified it holds back what is written to them directly. */
	readonly keysUnseen: boolean;
	/** Those keys came by a manager's word in place of all they had; none of the old ones speaks for them: what is written to them directly is held back, verified or not. */
	readonly cameBack: boolean;
	readonly devices: readonly PersonDevice[];
	/** What the person at this device may make of them, by rank and seniority; who may be removed may be brought back with a new device. */
	readonly mayRemove: boolean;
	/** Roles they may be given, beside the one they have. */
	readonly mayBecome: readonly Role[];
	/** Blocked on this device: nobody else knows. */
	readonly blocked: boolean;
}

/** What two members compare, each on their own screen. */
export interface SafetyNumber {
	/** The same on both: twelve groups of five digits. */
	readonly number: string;
	/** Text of the QR code this screen shows. */
	readonly code: string;
}

export interface Status {
	/** The chosen one; `away` by itself after 5 idle minutes does not change it. */
	readonly availability: OwnAvailability;
	readonly note: string;
	/** True while idleness shows the person as away. */
	readonly idle: boolean;
}

export interface Connection {
	/** Colleagues (members) online that this device is linked to. */
	readonly linked: number;
	/** Colleagues known to be online. */
	readonly online: number;
	readonly server: 'connected' | 'connecting' | 'unreachable';
	/** A newer build is announced by the server or a colleague. */
	readonly newBuild: boolean;
	/** Set when the device must not write: an unknown act, a fork, taken out, gone by itself, or held until a manager has confirmed it. */
	readonly readOnly: '' | 'newer-office' | 'forked' | 'removed' | 'left' | 'suspended';
	/** For `removed`: the name of who did it. */
	readonly removedBy: string;
	/** For `suspended`: the digits that a manager compares. */
	readonly code: string;
	/**
	 * How far this device's list of people is to be trusted. `stale`: nobody who keeps it was heard for 14 days, so what one sends is held
	 * (`stale-sending`: the person lets it go all the same).
	 * `unconfirmed`: one came in through a colleague alone, and has met nobody who keeps it.
	 */
	readonly list: 'current' | 'stale' | 'stale-sending' | 'unconfirmed';
	/** How far this clock is from the server's, ms; 0 when near. */
	readonly clockOffMs: number;
}

export const everyoneId = 'everyone';

export interface Conversation {
	readonly id: string;
	readonly kind: 'everyone' | 'direct' | 'group';
	/** Title shown: "Everyone", the colleague's name, the group's title or its members' names. */
	readonly title: string;
	/** Member ids, without oneself. */
	readonly members: readonly string[];
	/** Creator's member id in a group, else empty. */
	readonly owner: string;
	/** False once one has left or was taken out; in a direct one, once the colleague is no longer in the office. */
	readonly joined: boolean;
	/** A group whose members may give newcomers its earlier messages, as far as this device knows. */
	readonly sharesHistory: boolean;
	/** Of a group that allows it and that one is in: members who lack its earlier messages and were not given them from this device. */
	readonly lacking: readonly string[];
	readonly unread: number;
	readonly lastText: string;
	readonly lastAuthor: string;
	readonly lastMs: number;
}

export type MessageState = 'sending' | 'sent' | 'held' | 'delivered' | 'read' | 'waiting-for-key' | 'received';

export interface Message {
	/** Entry id; for one not yet stored, a temporary id. */
	readonly id: string;
	readonly kind: 'text' | 'event';
	/** Member id of the author. */
	readonly author: string;
	readonly authorName: string;
	readonly own: boolean;
	readonly text: string;
	readonly wallMs: number;
	readonly state: MessageState;
	/** For `held`: names of those it is held for. */
	readonly heldFor: readonly string[];
	/** First unread message of the conversation when it was opened: the "new" line stands above it. */
	readonly unread: boolean;
	/** Name of the member who gave it as shared history, to who was not yet in the group; else empty. */
	readonly sharedBy: string;
	/** By a blocked colleague, in a group: shown on request. */
	readonly blocked: boolean;
	/** The file it brings; its `text` is then the file's name. */
	readonly attachment: Attachment | undefined;
}

export interface Notice {
	readonly id: string;
	readonly version: string;
	readonly title: string;
	readonly text: string;
	readonly author: string;
	readonly authorName: string;
	readonly wallMs: number;
	readonly asksAcknowledgement: boolean;
	readonly acknowledgedByMe: boolean;
	/** Its author and managers see the roll; for others undefined. */
	readonly roll: Roll | undefined;
	readonly own: boolean;
	readonly unread: boolean;
}

export interface Roll {
	/** Names with member ids, of current members of the audience other than the author. */
	readonly acknowledged: readonly { id: string; name: string; wallMs: number }[];
	readonly notYet: readonly { id: string; name: string }[];
}

export interface Invite {
	/** Invite public key. */
	readonly id: string;
	readonly label: string;
	readonly role: Role;
	readonly confirm: boolean;
	readonly maxUses: number;
	readonly uses: number;
	readonly notAfterMs: number;
	readonly createdBy: string;
	/** Whom it brings back with a new device in place of the old ones: their name, else empty. */
	readonly bringsBack: string;
	/** Names of those who came through it. */
	readonly cameThrough: readonly string[];
	/** The link, only on the device that made it. */
	readonly link: string | undefined;
}

/** A newcomer waiting for a manager, with the code both screens show ("4829 1304 7716 2085"). */
export interface Newcomer {
	/** Device id. */
	readonly id: string;
	readonly name: string;
	readonly code: string;
	readonly sinceMs: number;
	/** Name of the member this one comes back as, by such an invite; else empty. */
	readonly bringsBack: string;
	/** In the office already, but held: more came than the invite allows, it was revoked meanwhile, or a manager put it on hold. */
	readonly contested: boolean;
}

/** Somebody knocks at the address of this computer. */
export interface Knock {
	readonly id: string;
	/** Member id. */
	readonly member: string;
	readonly name: string;
	readonly atMs: number;
}

/** One's own knock, and what has become of it. */
export interface OwnKnock {
	readonly address: string;
	readonly step: 'waiting' | 'no-answer' | 'answered';
	/** Who answered, and the direct conversation with them; empty before. */
	readonly name: string;
	readonly conversation: string;
}

/** The link by which another device of one's own is taken in, and how far that has come. */
export interface DeviceLinkView {
	readonly link: string;
	readonly untilMs: number;
	/** `compare`: a device has come, and shows the same `code` if it is one's own. `over`: time has passed. */
	readonly step: 'waiting' | 'compare' | 'adding' | 'added' | 'over';
	readonly code: string;
}

export interface OwnDevice {
	/** Device id. */
	readonly id: string;
	/** The one this page runs on. */
	readonly here: boolean;
	readonly online: boolean;
	/** 0 = never on this device. */
	readonly lastSeenMs: number;
}

/** What an act of the office's record did; `unknown` to this build, or malformed. */
export type RecordAct =
	| 'genesis'
	| 'meshRekey'
	| 'invite'
	| 'inviteBack'
	| 'inviteRevoke'
	| 'admit'
	| 'bringBack'
	| 'hold'
	| 'confirm'
	| 'profile'
	| 'policy'
	| 'setRole'
	| 'notice'
	| 'noticeWithdraw'
	| 'roll'
	| 'leave'
	| 'removeMember'
	| 'removeDevice'
	| 'addDevice'
	| 'ownerTransfer'
	| 'department'
	| 'forkProof'
	| 'unknown';

/** One act of the office's record. Names are today's, or the first digits of a device nobody knows. */
export interface RecordLine {
	readonly id: string;
	readonly what: RecordAct;
	readonly author: string;
	/** Whom it is about; empty where nobody. */
	readonly subject: string;
	/** Of the invite, or the name that was given. */
	readonly label: string;
	readonly role: Role | undefined;
	/** By the author's clock. */
	readonly wallMs: number;
	/** `void`: the author had no right to it. `excluded`: they had, but something they did not know of takes it out. */
	readonly standing: 'in-force' | 'void' | 'excluded';
}

export interface RecordFault {
	readonly author: string;
	/** Its place in the author's chain. */
	readonly seq: number;
	readonly what: 'altered' | 'gap' | 'unsigned';
}

/** What became of checking the record. */
export interface RecordCheck {
	readonly entries: number;
	readonly devices: number;
	readonly faults: readonly RecordFault[];
	/** Acts that count for nothing yet, because something they follow from is not here. */
	readonly waiting: number;
	/** Names of those of whom a device showed two histories. */
	readonly forked: readonly string[];
}

/** A part of the office, put together by its managers. */
export interface Department {
	/** 16 bytes. */
	readonly id: string;
	readonly name: string;
	/** Member ids of those in the office. */
	readonly members: readonly string[];
}

export interface Office {
	readonly id: string;
	readonly name: string;
	readonly self: Source<Person>;
	readonly people: Source<readonly Person[]>;
	/** By name. */
	readonly departments: Source<readonly Department[]>;
	readonly status: Source<Status>;
	readonly connection: Source<Connection>;
	readonly conversations: Source<readonly Conversation[]>;
	readonly notices: Source<readonly Notice[]>;
	readonly invites: Source<readonly Invite[]>;
	readonly waiting: Source<readonly Newcomer[]>;
	/** One's own, this one first. */
	readonly devices: Source<readonly OwnDevice[]>;
	readonly deviceLink: Source<DeviceLinkView | undefined>;
	/** This computer's address as the server sees it. */
	readonly address: Source<string | undefined>;
	/** Oldest first. */
	readonly knocks: Source<readonly Knock[]>;
	readonly ownKnock: Source<OwnKnock | undefined>;
	/** Shared folders, attachments and transfers. */
	readonly files: Files;
	/** Every act held, newest first. */
	readonly record: Source<readonly RecordLine[]>;
	/** The shared notes of conversations. */
	readonly documents: Documents;
	/** The messages of one conversation, oldest first. */
	messages(conversationId: string): Source<readonly Message[]>;

	setAvailability(availability: OwnAvailability): Promise<Result>;
	/** At most 280 bytes. */
	setNote(note: string): Promise<Result>;
	/** The screen tells of input; after 5 minutes without, the device shows away. */
	noteActivity(): void;
	/** The department one names oneself, shown while no manager has put one in any; `undefined` leaves it as it is. */
	rename(name: string, department: string | undefined): Promise<Result>;

	/** Resolves once the entry rests on this disk. */
	sendMessage(conversationId: string, text: string): Promise<Result<string>>;
	/** A direct conversation for one member without title, else a group, whose members may share its history with newcomers or not. Answers its id. */
	startConversation(memberIds: readonly string[], title: string, sharesHistory?: boolean): Promise<Result<string>>;
	addToConversation(conversationId: string, memberIds: readonly string[]): Promise<Result>;
	leaveConversation(conversationId: string): Promise<Result>;
	/** Gives a member of a group that allows it what was said there before they came. */
	shareHistory(conversationId: string, memberId: string): Promise<Result>;
	/** On this device alone: a blocked colleague's direct messages are not shown nor notified, those in groups on request. */
	block(memberId: string, blocked: boolean): Promise<Result>;
	markRead(conversationId: string): Promise<void>;
	draft(conversationId: string): Promise<string>;
	saveDraft(conversationId: string, text: string): Promise<void>;

	postNotice(notice: { title: string; text: string; asksAcknowledgement: boolean }): Promise<Result<string>>;
	withdrawNotice(noticeId: string): Promise<Result>;
	acknowledge(noticeId: string): Promise<Result>;
	markNoticesRead(): Promise<void>;

	createInvite(invite: { uses: number; confirm: boolean; role: Role; days: number; label: string }): Promise<Result<Invite>>;
	/** An invite for a member whose browser was cleared: the same person with a new device, once a manager has compared the digits. The old ones are cut off then. */
	createReturn(memberId: string): Promise<Result<Invite>>;
	revokeInvite(inviteId: string): Promise<Result>;
	letIn(newcomerId: string): Promise<Result>;
	refuse(newcomerId: string): Promise<Result>;
	setRole(memberId: string, role: Role): Promise<Result>;
	/** Makes a department, or, by its id, names it and its members anew; for managers. Answers its id. */
	saveDepartment(id: string | undefined, name: string, memberIds: readonly string[]): Promise<Result<string>>;
	/** The people stay; what is for this department is for nobody any more. */
	dissolveDepartment(id: string): Promise<Result>;
	/** Takes a person out, all their devices with them. */
	removeMember(memberId: string): Promise<Result>;
	/** Takes out one device of a person with several. Not the one this page runs on. */
	removeDevice(deviceId: string): Promise<Result>;
	leaveOffice(): Promise<Result>;
	/** Makes oneself an owner by the printed key. Answers the next key, to be printed in its place. */
	recoverOwnership(recoveryKey: string): Promise<Result<string>>;
	/** What is held because the list of people is stale goes out, on the person's word. */
	sendAnyway(): void;

	/** Checks every link and signature of the record once more. */
	checkRecord(): Promise<RecordCheck>;

	safetyNumber(memberId: string): Promise<Result<SafetyNumber>>;
	/** The two numbers are the same. `number` is the one that stood on this screen: it has to be the current one still. */
	markVerified(memberId: string, number: string): Promise<Result>;
	/** What the camera read from their screen, or what was pasted; marks them verified if it fits. */
	compareScanned(memberId: string, text: string): Promise<Result>;
	/** Their new keys were seen, verified or not: what is written to them is sealed to those too. */
	noteKeyChange(memberId: string): Promise<Result>;
	/** The numbers differ, or somebody else is to be asked again. */
	forgetVerification(memberId: string): Promise<Result>;

	/** Asks whoever of the office is at an IP address for a talk; what becomes of it stands in `ownKnock`. */
	knock(address: string): Result;
	/** Forgets the own knock: an answer to it is not shown any more. */
	endKnock(): void;
	/** Tells who knocked, and opens the direct conversation; answers its id. */
	answerKnock(knockId: string): Promise<Result<string>>;
	/** Nobody is told. */
	ignoreKnock(knockId: string): void;

	/** Makes a device link, which then stands in `deviceLink`. */
	linkDevice(): Result;
	/** The digits on both screens are the same. */
	addDevice(): Promise<Result>;
	/** The link is over, and whoever came by it is turned away, unless it was added. */
	endDeviceLink(): void;

	/** Probes every link at once: after sleep, `online`, `pageshow`. */
	probe(): void;
	/** Says goodbye, drains the disk and closes every link. */
	close(): Promise<void>;
}
