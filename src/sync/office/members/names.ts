/** Names within one office: two members do not go by the same one. */
import type { Id } from '../../log/entry.ts';
import type { MembersState } from './members-state.ts';

/** Whether another member goes by this name, case, spaces and composition of letters aside. */
export function isTaken(state: MembersState, name: string, except?: Id): boolean {
	const fold = (text: string): string => text.normalize('NFKC').toLowerCase().replace(/\s+/gu, ' ').trim();
	const folded = fold(name);
	return [...state.members.values()].some((member) => member.inForce && member.id !== except && fold(member.name) === folded);
}
