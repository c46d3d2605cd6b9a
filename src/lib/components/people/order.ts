/** The roster's order: who is here first, then by name. */
import type { Person } from '../../../sync/office.ts';

const rank = { available: 0, busy: 0, away: 1, unknown: 2, offline: 3 };

export function rosterOrder(people: readonly Person[]): readonly Person[] {
	return [...people].sort((a, b) => rank[a.availability] - rank[b.availability] || a.name.localeCompare(b.name) || a.joined - b.joined);
}

/** Whether a person's name, department or note holds the words looked for. */
export function matches(person: Person, filter: string): boolean {
	const wanted = filter.trim().toLowerCase();
	return [person.name, person.department, person.note].some((text) => text.toLowerCase().includes(wanted));
}
