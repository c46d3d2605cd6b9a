/** One's own devices as the settings list them: this one first, then those seen last. */
import type { PresenceState } from '../../live/presence.ts';
import type { Id } from '../../log/entry.ts';
import type { OwnDevice } from '../../office.ts';
import { derive, type Source } from '../../source.ts';
import type { MembersState } from '../members/members-state.ts';

export function createOwnDevices(deps: {
	readonly members: Source<MembersState>;
	readonly presence: Source<ReadonlyMap<Id, PresenceState>>;
	readonly selfDevice: Id;
}): Source<readonly OwnDevice[]> {
	return derive([deps.members, deps.presence], () => {
		const state = deps.members.get();
		const presence = deps.presence.get();
		const self = state.members.get(state.devices.get(deps.selfDevice)?.memberId ?? '');
		return (self?.devices ?? [])
			.map((id): OwnDevice => {
				const seen = presence.get(id);
				return { id, here: id === deps.selfDevice, online: seen !== undefined && seen.availability !== 'unknown' && seen.online, lastSeenMs: seen?.lastSeenMs ?? 0 };
			})
			.sort((a, b) => Number(b.here) - Number(a.here) || b.lastSeenMs - a.lastSeenMs || (a.id < b.id ? -1 : 1));
	});
}
