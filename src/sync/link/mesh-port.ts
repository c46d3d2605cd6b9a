/** What the mesh is to those above it: the types of `mesh.ts`, apart from its making. Ids are lowercase hex. */
import type { Source } from '../source.ts';

type Id = string;

export interface LinkInfo {
	/** Device id of the other end: its key signed the signals, so it is proven. */
	readonly device: Id;
	/** The other end's start, hex of 16 bytes. */
	readonly boot: string;
	/** True until the resolver knows the device (PROTOCOL.md, section 7). A newcomer's own links stay limited. */
	readonly limited: boolean;
	readonly sinceMs: number;
	/** `H(offer-hash, offer | answer)`: what a JOIN on this link names as its session. */
	readonly session: Id;
	/** Public key of the invite under which the other end came, on a member's side of join mode. */
	readonly invite: Id | undefined;
	/** Build id the other end named in its first frame. */
	readonly build: string;
}

/** What replication, presence and admission see. */
export interface MeshPort {
	/** Open links, limited ones included. */
	readonly links: Source<readonly LinkInfo[]>;
	/** `message` = type u8 | payload. `false` when there is no link, the message is over 2 MiB or too much waits already. */
	send(device: Id, message: Uint8Array, urgent?: boolean): boolean;
	/** To all full links. */
	broadcast(message: Uint8Array, urgent?: boolean): void;
	/** A type may have several handlers; the returned function takes this one away. */
	onMessage(types: readonly number[], handler: (from: LinkInfo, payload: Uint8Array) => void): () => void;
	/** Called when a link opens, and again when a limited one becomes full. */
	onOpened(fn: (link: LinkInfo) => void): () => void;
	onClosed(fn: (link: LinkInfo, why: string) => void): () => void;
	/** Whom that device is linked to, by its own word. */
	neighbours(device: Id): ReadonlySet<Id>;
	readonly self: { readonly device: Id; readonly boot: string };
}

/** A knock at this device's address, whose device is linked in its present start. */
export interface KnockHeard {
	readonly device: Id;
	/** What an answer names. */
	readonly session: Id;
}

/** Counters since the start. `refused` are frames and signals that were dropped as bad, foreign, stale or repeated. */
export interface MeshStats {
	readonly attempts: number;
	readonly opened: number;
	readonly failed: number;
	readonly refused: number;
	readonly relayed: number;
	readonly published: number;
}

export interface Mesh extends MeshPort {
	readonly server: Source<'connected' | 'connecting' | 'unreachable'>;
	/** From the server's welcome; `undefined` before the first. */
	readonly serverInfo: Source<{ readonly address: string; readonly build: string } | undefined>;
	/** Devices known to be online, linked or not. */
	readonly online: Source<ReadonlySet<Id>>;
	start(): void;
	/** Closes every link and the socket, without a word. */
	stop(): void;
	/** After sleep, `online`, `pageshow`: links that do not answer within 3 s are replaced, the socket likewise. */
	probe(): void;
	/** Asks one link for a sign of life; it is closed as `silent` if none comes within 3 s. */
	probeLink(device: Id): void;
	/** Closes the link and does not dial this start of the device again. */
	disconnect(device: Id, why: string): void;
	/** Keeps a limited link open, idle, for up to 10 minutes: a newcomer waits for a person's word. */
	hold(device: Id): void;
	/** To be called after the members changed: limited links become full, refused devices are closed. */
	reconsider(): void;
	/** Knocks at a canonical address; answers what an answer will name, `undefined` where there is no way. */
	knock(address: string): Id | undefined;
	/** Nothing was answered, nor will be, but by whoever is told here. */
	onKnock(fn: (knock: KnockHeard) => void): () => void;
	/** Bytes that wait to be sent to a device. */
	queuedBytes(device: Id): number;
	readonly stats: MeshStats;
}

/** The keys of one generation. */
export interface GenerationKeys {
	readonly keyId: Uint8Array;
	readonly topicKey: Uint8Array;
	readonly signalKey: Uint8Array;
}

/** Handed in; changes over time. */
export interface MeshKeys {
	readonly current: GenerationKeys | undefined;
	/** Newest first: only to meet those who were away. */
	readonly older: readonly GenerationKeys[];
	/** Invites a member listens on, and the links by which this device takes in another of its person. */
	readonly joins: readonly {
		readonly topicKey: Uint8Array;
		readonly signalKey: Uint8Array;
		/** What links of this kind are known by: an invite's public key, or an id of the device link. */
		readonly invitePublic: Id;
		/** No other member listens there, so nobody's turn is waited for. */
		readonly alone?: boolean;
	}[];
}
