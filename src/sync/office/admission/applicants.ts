/** Who waits for a manager's word: those whose JOIN is held, and those who were let in but are suspended (PROTOCOL.md, 4 and 5). */
import type { Id } from '../../log/entry.ts';
import type { Log } from '../../log/log.ts';
import { derive, type Source } from '../../source.ts';
import { decodeAct } from '../members/acts.ts';
import type { Device, MembersState } from '../members/members-state.ts';
import type { Applicant } from './newcomer-list.ts';
import type { Guest } from './waiting-room.ts';

export function applicantsOf(deps: { readonly log: Log; readonly members: Source<MembersState>; readonly guests: Source<readonly Guest[]> }): Source<readonly Applicant[]> {
	const { log, members, guests } = deps;
	return derive([members, guests], () => {
		const nameBack = (invite: Id): string => members.get().members.get(members.get().invites.get(invite)?.replaces ?? '')?.name ?? '';
		const outside = guests.get().map(({ device, card, join, sinceMs }): Applicant => ({ device, name: card.name, card: join.card, sinceMs, contested: false, bringsBack: nameBack(join.invitePublic) }));
		const inside = [...members.get().devices.values()].flatMap((device): Applicant[] => {
			const admission = device.suspended ? admissionOf(log, device) : undefined;
			const name = members.get().members.get(device.memberId)?.name ?? '';
			return admission ? [{ device: device.id, name, ...admission, contested: true, bringsBack: '' }] : [];
		});
		return [...outside, ...inside];
	});
}

function admissionOf(log: Log, device: Device): Pick<Applicant, 'card' | 'sinceMs'> | undefined {
	const card = cardOf(log, device.joinedBy);
	return card && { card, sinceMs: log.get(device.joinedBy)?.header.wallMs ?? 0 };
}

/** The card in the act that made a device one, as bytes. */
export function cardOf(log: Log, joinedBy: Id): Uint8Array | undefined {
	const entry = log.get(joinedBy);
	const act = entry && decodeAct(entry.header.kind, entry.body);
	return act?.type === 'admit' ? act.join.card : act?.type === 'addDevice' || act?.type === 'genesis' ? act.card : undefined;
}
