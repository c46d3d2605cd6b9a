/**
 * Names within one office (ATTACKS.md, A41): nobody takes one that can be read as a colleague's, nor one with letters that cannot be
 * seen. That is asked where a name is given or witnessed. What is in force all the same, by a changed client, is shown so that it
 * deceives nobody.
 */
import type { FailureCode } from '../../failures.ts';
import { isName } from '../../../crypto/identity.ts';
import type { Id } from '../../log/entry.ts';
import type { Member, MembersState } from './members-state.ts';
import { fold, hasInvisible, looksLike, withoutInvisible } from './skeleton.ts';

/** Of the fingerprint that tells look-alikes apart. */
const printDigits = 8;

/** Why a person may not be called this, apart from who is called so already. */
export function nameFailure(name: string): FailureCode | undefined {
	if (name.trim() === '') return 'name-empty';
	if (hasInvisible(name)) return 'name-invisible';
	return isName(name) ? undefined : 'name-too-long';
}

/** Whether another member, also one who has left, goes by a name that looks like this one. */
export function isTaken(state: MembersState, name: string, except?: Id): boolean {
	return [...state.members.values()].some((member) => member.id !== except && looksLike(member.name, name));
}

/** The same among those who are in the office: a manager who lets somebody in by hand may give a former colleague their name back. */
export function isTakenNow(state: MembersState, name: string, except?: Id): boolean {
	return [...state.members.values()].some((member) => member.inForce && member.id !== except && looksLike(member.name, name));
}

/**
 * The names to show, by member id. Invisible letters are left out, and whose names can be read as each other's all carry the first
 * digits of their key: which of them came first says nothing about who is who.
 */
export function shownNames(state: MembersState): ReadonlyMap<Id, string> {
	const members = [...state.members.values()];
	const looks = new Map<string, Set<Id>>();
	const looksOf = (member: Member): readonly string[] => [fold(member.name), fold(member.name.toLowerCase())];
	for (const member of members) {
		for (const look of looksOf(member)) looks.set(look, (looks.get(look) ?? new Set()).add(member.id));
	}
	return new Map(
		members.map((member) => {
			const name = withoutInvisible(member.name);
			const alone = name !== '' && looksOf(member).every((look) => looks.get(look)?.size === 1);
			return [member.id, alone ? name : `${name} (${member.firstDevice.slice(0, printDigits)})`.trim()];
		}),
	);
}
