/**
 * Ends concurrent changes of a group. Who was added by one of them knows nothing of the others and would write to the wrong readers, so one
 * device, the same by everybody's reckoning, follows them all with an ADD of nobody that carries the merged state.
 */
import type { Id } from '../../log/entry.ts';
import type { Clock } from '../../ports.ts';
import type { Source } from '../../source.ts';
import type { ConversationViews } from './conversation-views.ts';
import type { Group } from './conversation-state.ts';
import type { Roster } from './roster.ts';
import type { Threads } from './threads.ts';

/** Lets what was written at the same time arrive together. */
const gatherMs = 1_000;

export function createSettling(deps: {
	readonly threads: Threads;
	readonly views: ConversationViews;
	readonly roster: Source<Roster>;
	readonly clock: Clock;
	readonly selfDevice: Id;
	readonly merge: (conversation: Id) => void;
}): { stop(): void } {
	const { threads, views, roster, clock } = deps;
	let cancel: (() => void) | undefined;

	function settle(): void {
		cancel = undefined;
		for (const thread of threads.all()) {
			// Most threads have no change of state at all, and of these most have one head.
			const setting = thread.stateItems().length > 1 ? views.setting(thread.id) : undefined;
			if (setting?.kind === 'group' && settlerOf(setting.group, roster.get()) === deps.selfDevice) deps.merge(thread.id);
		}
	}

	const unsubscribe = threads.changed.subscribe(() => (cancel ??= clock.after(gatherMs, settle)));
	return {
		stop() {
			unsubscribe();
			cancel?.();
		},
	};
}

/** The device that merges: who took somebody out if anyone did, since only the owner's word does so for the added; else the first. */
function settlerOf(group: Group, roster: Roster): Id | undefined {
	if (group.heads.length < 2) return undefined;
	const heads = group.steps.filter((step) => group.heads.includes(step.item.id));
	const present = heads.filter((step) => group.members.has(roster.memberOf(step.item.device) ?? ''));
	return (present.find((step) => step.change.type === 'remove') ?? present[0])?.item.device;
}
