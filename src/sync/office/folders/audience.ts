/** Whom a folder is for, now (PROTOCOL.md, 11): asked anew whenever somebody asks for something of it. */
import type { FolderAudience } from '../../files.ts';
import type { Id } from '../../log/entry.ts';
import type { Roster } from '../conversations/roster.ts';
import type { Recipient } from '../keys/sealed-copies.ts';
import type { Folder } from './folder-entries.ts';

export const audienceOf = ({ everyone, body }: Pick<Folder, 'everyone' | 'body'>): FolderAudience => ({ everyone, departments: body.departments, people: body.people });

/** Members it is for, its owner among them; of departments those who are in them today. */
export function audienceMembers(audience: FolderAudience, owner: Id, roster: Roster): ReadonlySet<Id> {
	if (audience.everyone) return new Set(roster.state.members.keys());
	return new Set([owner, ...audience.people, ...audience.departments.flatMap((id) => roster.state.departments.get(id)?.members ?? [])]);
}

/** Devices a FOLDER is sealed to: of those it is for, and the owner's own. */
export const audienceDevices = (audience: FolderAudience, owner: Id, roster: Roster): readonly Recipient[] => roster.devicesOf(audienceMembers(audience, owner, roster));

/** Whether a device may be given anything of the folder: in force, not suspended, and of somebody it is for. */
export function mayRead(folder: Folder, device: Id, roster: Roster): boolean {
	const card = roster.state.devices.get(device);
	if (!card || card.suspended || !roster.state.members.get(card.memberId)?.inForce) return false;
	return audienceMembers(audienceOf(folder), folder.owner, roster).has(card.memberId);
}
