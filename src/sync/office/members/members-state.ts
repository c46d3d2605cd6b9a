/** What the resolver answers: who is in the office, with which rights, by which acts (PROTOCOL.md, 4). An immutable snapshot. */
import type { Role } from '../../office.ts';
import type { Id } from '../../log/entry.ts';
import type { ActBodies } from './acts.ts';
import type { Policy } from './policy.ts';
import type { ActRecord } from './record.ts';

/** A device of a member in force. */
export interface Device {
	readonly id: Id;
	readonly memberId: Id;
	readonly kemPublic: Uint8Array;
	/** The act that made it one: GENESIS, ADMIT, ADD_DEVICE. */
	readonly joinedBy: Id;
	/** Let in by a manager in place of all devices its member had. */
	readonly broughtBack: boolean;
	/** Suspended until a manager's CONFIRM: given no key, sealed nothing; what it wrote before stays. */
	readonly suspended: boolean;
}

/** One that was taken out, or left. */
export interface FormerDevice extends Device {
	/** The act that took it out: of several the most senior's. */
	readonly removedBy: Id;
}

/** The last entry of a chain that counts; `seq` -1: none does. */
export interface CutOff {
	readonly seq: number;
	/** Its id, where the cut names it. */
	readonly id: Id | undefined;
}

export interface Member {
	readonly id: Id;
	readonly name: string;
	/** What they say of themselves; the `departments` they were put in go before it. */
	readonly department: string;
	readonly role: Role;
	readonly devices: readonly Id[];
	readonly firstDevice: Id;
	/** False once removed: kept in the list so that what they wrote keeps its name. */
	readonly inForce: boolean;
	/** All their devices are suspended. */
	readonly suspended: boolean;
	/** Place in the order of seniority, the most senior first: who may take out or lower whom. */
	readonly seniority: number;
	/** The invite they came through; `undefined` for the founder. */
	readonly inviteId: Id | undefined;
	/** Lamport of the act that admitted them. */
	readonly joined: number;
}

/** A part of the office, as managers have put it together. */
export interface DepartmentState {
	readonly name: string;
	/** Members in force, ascending. */
	readonly members: readonly Id[];
}

/** An INVITE in force, and what became of it. */
export interface InviteState extends Readonly<ActBodies['invite']> {
	readonly actId: Id;
	readonly createdBy: Id;
	readonly authorDevice: Id;
	readonly revoked: boolean;
	/** Wall time of its revocation by the manager's clock, ms; 0 = none. */
	readonly revokedMs: number;
	/** Distinct devices it admitted. */
	readonly uses: number;
	/** Wall time of its last admission by the witness's clock, ms; 0 = none. */
	readonly lastUseMs: number;
	/** More devices came than it allows: some are suspended, a manager has to look. */
	readonly overused: boolean;
}

/** A MESH_REKEY in force. */
export interface Generation {
	readonly commit: Uint8Array;
	/** `commit[0..8]` as hex. */
	readonly keyId: string;
	readonly actId: Id;
	readonly author: Id;
	readonly wallMs: number;
	/** Someone who was given this key is in the office no longer, or suspended: it is to be drawn anew. */
	readonly tainted: boolean;
	/** The sealed copies. */
	readonly rekey: Readonly<ActBodies['meshRekey']>;
}

export interface MembersState {
	readonly officeName: string;
	readonly officeId: Id;
	readonly recoveryPublic: Uint8Array;
	readonly policy: Policy;
	/** The GENESIS or POLICY that holds it. */
	readonly policyId: Id;
	readonly members: ReadonlyMap<Id, Member>;
	/** Those in force. */
	readonly devices: ReadonlyMap<Id, Device>;
	/** Those removed, of members removed, or that left: their cards stay, so that what they wrote before can be read. */
	readonly formerDevices: ReadonlyMap<Id, FormerDevice>;
	/**
	 * Where the chains of a removed device end for everybody, or in lanes 1 and 2 of a forked one, by device and lane (0 to 2; a lane that is
	 * missing has no end): what lies beyond is not shown, and in lanes 1 and 2 not taken and not passed on. Lane 0 is kept and carried whole: somebody who did not know yet may have
	 * followed what lies beyond, and their acts need it; it counts for nothing.
	 */
	readonly cuts: ReadonlyMap<Id, ReadonlyMap<number, CutOff>>;
	/** Devices that showed two histories: nothing of theirs counts from there on. */
	readonly quarantined: ReadonlySet<Id>;
	/** Serial of the last OWNER_TRANSFER in force, 0 = none; the next takes one more. */
	readonly recoverySerial: number;
	/** By invite public key. */
	readonly invites: ReadonlyMap<Id, InviteState>;
	/** By id, 16 bytes; dissolved ones are left out. */
	readonly departments: ReadonlyMap<Id, DepartmentState>;
	/** In order of generation: the last one is the newest. */
	readonly generations: readonly Generation[];
	/** Ids of all acts in force. */
	readonly inForce: ReadonlySet<Id>;
	/** What a new act names as its heads: at most 64. */
	readonly heads: readonly Id[];
	/** An act of a kind this build does not know is in force: do not write. */
	readonly unknownActs: boolean;
	/** Acts held whose parents are not. */
	readonly waiting: number;
	/** Equal where the sets of acts are. */
	readonly stateHash: string;
	/** Every act held, readable, in causal order; made when first asked for. */
	readonly record: () => readonly ActRecord[];
}
