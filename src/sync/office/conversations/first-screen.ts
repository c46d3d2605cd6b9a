/**
 * What the first screen shows, as a snapshot at rest (PROTOCOL-BRIEF, "At rest"): conversations with the newest messages of each, and notices. A
 * start shows it while what was kept is read and the views are built again; then they take its place. So it decides nothing, and is used only
 * where all that a view follows from beside the entries is still the same: this build, these members, marks and blocked people. It rests in a
 * sealed record of its own; what is damaged, of another build or too large is as good as none.
 */
import { fromHex, fromUtf8, hex, utf8 } from '../../../crypto/bytes.ts';
import { sha256 } from '../../../crypto/hash.ts';
import type { Conversation, Message, Notice } from '../../office.ts';
import type { OfficeStore } from '../../store.ts';
import type { Marks } from './marks.ts';

const bucket = 'snapshots';
const record = 'first-screen';
/** Of another shape than before. */
const shape = 1;
/** Of each conversation; of one with unread messages as many as those, up to the limit. */
const newestMessages = 12;
const maxUnreadMessages = 200;
/** More is not worth the time it takes to seal: such an office is built before it is shown. */
const maxNotices = 100;
const maxScreenBytes = 1024 * 1024;

export interface FirstScreen {
	readonly conversations: readonly Conversation[];
	/** The newest of each conversation. */
	readonly messages: Readonly<Record<string, readonly Message[]>>;
	readonly notices: readonly Notice[];
}

/** What else a screen follows from. */
export interface Basis {
	/** Of the running app: another one may show other things. */
	readonly build: string;
	/** `stateHash` of the members. */
	readonly members: string;
	/** From `marksHash`. */
	readonly marks: string;
	/** Member ids this person has blocked, sorted. */
	readonly blocked: string;
}

interface Saved {
	readonly shape: number;
	readonly basis: Basis;
	/** Digest of the vector it covers, hex: a log that is there shows this very screen. */
	readonly covers: string;
	readonly screen: FirstScreen;
}

/** Over all marks: what is unread follows from them. */
export function marksHash(marks: Marks): string {
	const rows = [...marks.opened()].sort().map((id) => [id, [...(marks.mark(id).get() ?? [])].sort(([a], [b]) => (a < b ? -1 : 1))]);
	return hex(sha256(utf8(JSON.stringify(rows))));
}

/** The part of a conversation's messages that is worth keeping. */
export function newestOf(messages: readonly Message[]): readonly Message[] {
	const unread = messages.findIndex((message) => message.unread);
	const wanted = unread < 0 ? newestMessages : Math.max(newestMessages, messages.length - unread);
	return messages.slice(-Math.min(wanted, maxUnreadMessages)).filter((message) => message.state !== 'sending');
}

/** Why there is no snapshot afterwards does not matter: the next start builds first and shows then. */
export async function saveFirstScreen(store: OfficeStore, basis: Basis, covers: string, screen: FirstScreen): Promise<void> {
	const saved: Saved = { shape, basis, covers, screen };
	const bytes = screen.notices.length > maxNotices ? undefined : utf8(JSON.stringify(saved, pack));
	try {
		if (bytes === undefined || bytes.length > maxScreenBytes) await store.delete(bucket, record);
		else await store.put(bucket, record, bytes);
	} catch {
		// As said.
	}
}

/** `undefined` unless it was made on this basis; `covers` is the digest of the vector at that time. Rejects with a `StoreFailure`. */
export async function loadFirstScreen(store: OfficeStore, basis: Basis): Promise<{ readonly screen: FirstScreen; readonly covers: string } | undefined> {
	const bytes = await store.get(bucket, record);
	const text = bytes && bytes.length <= maxScreenBytes ? fromUtf8(bytes) : undefined;
	if (text === undefined) return undefined;
	try {
		// Its seal says that this device wrote it, and its build that it has this very form.
		const saved = JSON.parse(text, unpack) as Partial<Saved> | null;
		const isOurs = saved?.shape === shape && JSON.stringify(saved.basis) === JSON.stringify(basis);
		return isOurs && saved.screen && typeof saved.covers === 'string' ? { screen: saved.screen, covers: saved.covers } : undefined;
	} catch {
		return undefined;
	}
}

/** Thumbnails are bytes, which JSON does not know. */
const bytesKey = 'bytes in hex';

function pack(_key: string, value: unknown): unknown {
	return value instanceof Uint8Array ? { [bytesKey]: hex(value) } : value;
}

function unpack(_key: string, value: unknown): unknown {
	if (typeof value !== 'object' || value === null || !(bytesKey in value)) return value;
	return typeof value[bytesKey] === 'string' ? fromHex(value[bytesKey]) : value;
}
