/**
 * BASE (PROTOCOL.md, 3): a place from which a chain of content can be taken up without what came before. Its author writes one after 512
 * entries, or 7 days in which it wrote, together with what it writes next; in the mail lane with a new prekey.
 */
import { createWriter } from '../../../crypto/codec.ts';
import { kinds, lanes } from '../../log/entry.ts';
import type { EntryDraft, Log } from '../../log/log.ts';
import type { Clock } from '../../ports.ts';
import type { Prekeys } from '../keys/prekeys.ts';

const afterEntries = 512;
const afterMs = 7 * 24 * 60 * 60 * 1000;

/** The BASE that is due before the next own entry of that lane, if one is. */
export function dueBase(deps: { readonly log: Log; readonly prekeys: Prekeys; readonly clock: Clock }, lane: 1 | 2): EntryDraft | undefined {
	const { log, prekeys, clock } = deps;
	const head = log.head(log.device, lane);
	const newest = head && log.newestBase(log.device, lane);
	if (!head || newest === undefined) return undefined;
	const sinceMs = clock.now() - (log.at(log.device, lane, newest)?.header.wallMs ?? 0);
	// A device that lost the private half of what others wrap to must say so before anything can reach it again.
	const isLost = lane === lanes.mail && !prekeys.holdsNewest();
	if (!isLost && head.seq - newest < afterEntries && sinceMs < afterMs) return undefined;
	// Nothing is released early: the horizon alone decides what carriers drop.
	const body = createWriter().u64(0);
	if (lane !== lanes.mail) return { kind: kinds.base, lane, body: () => body.u8(0).bytes() };
	const prekey = prekeys.draw();
	return { kind: kinds.base, lane, body: () => body.u8(1).raw(prekey.publicKey).bytes(), alongside: () => [prekey.record] };
}
