/** The placard as the screen reads it, and what a person can do there: post, withdraw, acknowledge, be done reading. */
import { utf8 } from '../../../crypto/bytes.ts';
import { done, fail, type Result, succeed } from '../../failures.ts';
import { type Id, kinds, lanes } from '../../log/entry.ts';
import type { Log } from '../../log/log.ts';
import type { Notice, Office, Roll } from '../../office.ts';
import type { Clock } from '../../ports.ts';
import { derive, type Source } from '../../source.ts';
import type { Acknowledgements } from './acknowledgements.ts';
import { encodeAct } from '../members/acts.ts';
import { dueBase } from '../conversations/base.ts';
import type { ContentRoots } from '../conversations/content-ports.ts';
import type { Marks } from '../conversations/marks.ts';
import { asksAcknowledgement, encodeNotice, maxNoticeTextBytes, maxNoticeTitleBytes, plainNotice } from './notice-body.ts';
import type { Placard, Posted } from './placard.ts';
import type { Prekeys } from '../keys/prekeys.ts';
import type { Roster } from '../conversations/roster.ts';
import { maxCopies } from '../keys/sealed-copies.ts';

/** Where the read mark of the placard stands among those of conversations, whose ids are hex. */
const markName = 'notices';

export interface NoticesDeps {
	readonly log: Log;
	readonly placard: Placard;
	readonly acknowledgements: Acknowledgements;
	readonly roots: ContentRoots;
	readonly prekeys: Prekeys;
	readonly roster: Source<Roster>;
	readonly marks: Marks;
	readonly clock: Clock;
}

export type Notices = Pick<Office, 'notices' | 'postNotice' | 'withdrawNotice' | 'acknowledge' | 'markNoticesRead'>;

export function createNotices(deps: NoticesDeps): Notices {
	const { log, placard, acknowledgements, roots, roster, marks, clock } = deps;
	const mark = marks.mark(markName);
	/** Acknowledgements on their way to the disk, by version: a second press is the same one. */
	const acknowledging = new Map<Id, Promise<Result>>();

	const posted = derive([placard.version, roster], () => placard.posted(roster.get().state.inForce));
	const notices = derive([posted, acknowledgements.version, roster, mark], () => posted.get().map((one) => show(one, roster.get())));

	function show(one: Posted, now: Roster): Notice {
		const { current, first } = one;
		const author = now.memberOf(first.header.author) ?? '';
		const own = author === now.self;
		const asks = asksAcknowledgement(current.body);
		return {
			id: one.id,
			version: current.id,
			title: current.body.title,
			text: current.text,
			author,
			authorName: now.name(author),
			wallMs: current.header.wallMs,
			asksAcknowledgement: asks,
			acknowledgedByMe: acknowledgedBy(one, now).has(now.self),
			roll: asks && (own || isManager(now)) ? rollOf(one, author, now) : undefined,
			own,
			unread: !own && current.header.seq > (mark.get()?.get(current.header.author) ?? -1),
		};
	}

	/** When each member confirmed the current version, by wall time of their first. */
	function acknowledgedBy({ current }: Posted, now: Roster): ReadonlyMap<Id, number> {
		const members = new Map<Id, number>();
		for (const one of acknowledgements.of(current.id)) {
			const member = now.memberOf(one.device);
			if (member !== undefined && now.counts(one) && one.contentHash === current.hash && !members.has(member)) members.set(member, one.wallMs);
		}
		return members;
	}

	/** Current members other than the author. */
	function rollOf(one: Posted, author: Id, now: Roster): Roll {
		const when = acknowledgedBy(one, now);
		const audience = [...now.state.members.values()].filter((member) => member.inForce && !member.suspended && member.id !== author);
		const rows = audience.map(({ id }) => ({ id, name: now.name(id), wallMs: when.get(id) }));
		rows.sort((a, b) => a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1));
		return {
			acknowledged: rows.flatMap(({ id, name, wallMs }) => (wallMs === undefined ? [] : [{ id, name, wallMs }])),
			notYet: rows.flatMap(({ id, name, wallMs }) => (wallMs === undefined ? [{ id, name }] : [])),
		};
	}

	/** Whether this person may write at all. */
	function standing(): Result {
		const now = roster.get();
		if (now.state.unknownActs) return fail('read-only');
		return now.mayWrite ? done : fail('not-allowed');
	}

	async function writeAcknowledgement({ id, current, first }: Posted): Promise<Result> {
		const recipients = (): readonly { id: Id; kemPublic: Uint8Array }[] => {
			const now = roster.get();
			const managers = [...now.state.members.values()].filter((member) => member.role !== 'member').map((member) => member.id);
			return now.devicesOf([...managers, now.memberOf(first.header.author) ?? '', now.self]);
		};
		if (recipients().length > maxCopies) return fail('too-many');
		const acknowledgement = { notice: id, version: current.id, contentHash: current.hash, choice: 0, answer: '' };
		const base = dueBase(deps, lanes.open);
		const draft = { kind: kinds.ack, lane: lanes.open, body: (at: Parameters<typeof acknowledgements.seal>[0]) => acknowledgements.seal(at, acknowledgement, recipients()) };
		const written = await log.appendAll(base ? [base, draft] : [draft]);
		return written.ok ? done : written;
	}

	return {
		notices,
		async postNotice({ title, text, asksAcknowledgement }) {
			const name = title.trim();
			const content = utf8(text);
			if (name === '') return fail('title-empty');
			if (utf8(name).length > maxNoticeTitleBytes) return fail('title-too-long');
			if (text.trim() === '') return fail('text-empty');
			if (content.length > maxNoticeTextBytes) return fail('text-too-long');
			const allowed = standing();
			if (!allowed.ok) return allowed;
			if (!isManager(roster.get()) || !roots.current()) return fail('not-allowed');
			const inner = encodeNotice(plainNotice({ title: name, content, asksAcknowledgement, startsMs: Math.max(0, Math.floor(clock.now())) }));
			const written = await log.append({
				kind: kinds.notice,
				lane: lanes.office,
				body(at) {
					const sealed = placard.seal(at, inner);
					if (!sealed) throw new Error('a root that was held is gone');
					return encodeAct({ type: 'notice', heads: roster.get().state.heads, ...sealed });
				},
			});
			return written.ok ? succeed(written.value.id) : written;
		},
		async withdrawNotice(noticeId) {
			const allowed = standing();
			if (!allowed.ok) return allowed;
			if (!posted.get().some((one) => one.id === noticeId)) return fail('not-found');
			if (!isManager(roster.get())) return fail('not-allowed');
			const body = (): Uint8Array => encodeAct({ type: 'noticeWithdraw', heads: roster.get().state.heads, notice: noticeId });
			const written = await log.append({ kind: kinds.noticeWithdraw, lane: lanes.office, body });
			return written.ok ? done : written;
		},
		async acknowledge(noticeId) {
			const allowed = standing();
			if (!allowed.ok) return allowed;
			const one = posted.get().find((each) => each.id === noticeId);
			if (!one) return fail('not-found');
			const now = roster.get();
			if (!asksAcknowledgement(one.current.body) || now.memberOf(one.first.header.author) === now.self) return fail('not-allowed');
			if (acknowledgedBy(one, now).has(now.self)) return done;
			const under = acknowledging.get(one.current.id) ?? writeAcknowledgement(one);
			acknowledging.set(one.current.id, under);
			try {
				return await under;
			} finally {
				acknowledging.delete(one.current.id);
			}
		},
		async markNoticesRead() {
			const places = new Map<Id, number>();
			for (const { current } of posted.get()) places.set(current.header.author, Math.max(current.header.seq, places.get(current.header.author) ?? -1));
			await marks.raise(markName, places);
		},
	};
}

const isManager = (now: Roster): boolean => (now.member(now.self)?.role ?? 'member') !== 'member';
