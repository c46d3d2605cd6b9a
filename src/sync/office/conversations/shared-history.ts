/**
 * Shared history (PROTOCOL.md, 9): a member of a group that allows it gives a newcomer the keys of its earlier messages in SHARE entries. Each
 * is opened by its own author's signature and commitment, so nobody can put words into another's mouth; whether it is shown is the
 * group's to say (`shown.ts`).
 */
import { fail, type Result } from '../../failures.ts';
import { type Entry, type Id, kinds, lanes } from '../../log/entry.ts';
import type { Log } from '../../log/log.ts';
import type { Source } from '../../source.ts';
import type { Letters } from '../keys/letters.ts';
import type { SenderKeys } from '../keys/sender-keys.ts';
import type { ConversationViews } from './conversation-views.ts';
import { type GivenHistory, isLackedBy } from './given-history.ts';
import type { KeptEntry } from './kept.ts';
import type { WriteLetters } from './letter-writer.ts';
import type { Opened } from './opener.ts';
import type { Roster } from './roster.ts';
import { decodeShare, packShares, type SharedKey } from './share.ts';

/** The newest texts of a group that are given at once, beside all that says what the group is. */
const maxTexts = 1000;

export interface SharedHistory {
	/** The inner of a SHARE that is for this device. */
	open(entry: Entry): Opened;
	/** Takes the keys in these SHARE entries; answers the messages they may open: held ones, and those that travelled. */
	take(entries: readonly KeptEntry[]): readonly Entry[];
	/** Gives that member what the group said before they could read it. */
	share(conversation: string, member: Id): Promise<Result>;
}

export interface SharedHistoryDeps {
	readonly log: Log;
	readonly letters: Letters;
	readonly senderKeys: SenderKeys;
	readonly views: Pick<ConversationViews, 'setting' | 'shown'>;
	readonly roster: Source<Roster>;
	readonly write: WriteLetters;
	readonly given: GivenHistory;
}

export function createSharedHistory(deps: SharedHistoryDeps): SharedHistory {
	const { log, letters, senderKeys, views, roster, write, given } = deps;

	/** The group, where this person may share what was said in it with that member. */
	function allows(conversation: string, member: Id): Result<ReadonlySet<Id>> {
		const now = roster.get();
		if (now.state.unknownActs) return fail('read-only');
		const setting = views.setting(conversation);
		if (!setting) return fail('not-found');
		const isAllowed = setting.kind === 'group' && setting.group.sharesHistory && setting.group.members.has(now.self) && setting.group.members.has(member);
		if (!isAllowed || !now.mayWrite || member === now.self || !now.active(member)) return fail('not-allowed');
		return { ok: true, value: new Set(setting.group.steps.map((step) => step.item.id)) };
	}

	/** A replica begins a lane at the newest BASE older than its own admission: what stands before that must travel along. */
	function beginsAt(author: Id, joined: number): number {
		const base = log.range(author, lanes.mail, 0).findLast(({ header }) => header.kind === kinds.base && header.lamport < joined);
		return base?.header.seq ?? 0;
	}

	/** What the member cannot read yet: all that says what the group is, and the newest texts. */
	function missing(conversation: string, member: Id, steps: ReadonlySet<Id>): readonly SharedKey[] {
		const now = roster.get();
		const joined = Math.max(...now.devicesOf([member]).map(({ id }) => log.get(now.state.devices.get(id)?.joinedBy ?? '')?.header.lamport ?? 0));
		const begins = new Map<Id, number>();
		const texts = views.shown(conversation).filter((one) => isLackedBy(one, member));
		const ids = [...steps, ...texts.slice(-maxTexts).map((one) => one.item.id)];
		return ids.flatMap((id): readonly SharedKey[] => {
			const entry = log.get(id);
			const key = entry && senderKeys.messageKeyOf(entry);
			if (!entry || !key) return [];
			const { author, seq } = entry.header;
			const begin = begins.get(author) ?? beginsAt(author, joined);
			begins.set(author, begin);
			return [{ id, key, entry: seq < begin && entry.signature !== undefined ? entry : undefined }];
		});
	}

	return {
		open(entry) {
			const inner = letters.open(entry);
			return typeof inner === 'string' || decodeShare(inner) ? inner : 'refused';
		},
		take: (entries) =>
			entries.flatMap(({ header, inner }) => {
				const keys = header.kind === kinds.share ? (decodeShare(inner) ?? []) : [];
				return keys.flatMap(({ id, key, entry }) => {
					senderKeys.give(id, key);
					const message = log.get(id) ?? entry;
					return message?.header.kind === kinds.msg && message.header.officeId === log.officeId ? [message] : [];
				});
			}),
		async share(conversation, member) {
			const allowed = allows(conversation, member);
			if (!allowed.ok) return allowed;
			const keys = missing(conversation, member, allowed.value);
			const readers = () => {
				const still = allows(conversation, member);
				return still.ok ? roster.get().devicesOf([member]) : [];
			};
			if (keys.length === 0) return fail('not-found');
			const upTo = Math.max(-1, ...views.shown(conversation).slice(-1).map((one) => one.item.lamport));
			const written = await write(kinds.share, packShares(keys), readers);
			if (written.ok) await given.note(conversation, member, upTo);
			return written;
		},
	};
}
