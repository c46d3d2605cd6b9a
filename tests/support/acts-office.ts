/** A small office told act by act: Alice founds, Mara is a manager, Bob and Carol are members; Eve is nobody yet. */
import type { Cut } from '../../src/sync/office/members/acts.ts';
import { ranks } from '../../src/sync/office/members/roles.ts';
import { createStory } from './acts-story.ts';

export const notice = { type: 'notice', audience: 0, keyId: new Uint8Array(8), sealed: new Uint8Array(80) } as const;
export const profile = (name: string) => ({ type: 'profile', name, department: '', extensions: [] }) as const;
export const setRole = (member: string, role: 1 | 2 | 3, cut: Cut = []) => ({ type: 'setRole', member, role, cut }) as const;
export const removeMember = (member: string, cut: Cut = []) => ({ type: 'removeMember', member, reason: 0, cut }) as const;
export const removeDevice = (device: string, cut: Cut = []) => ({ type: 'removeDevice', device, reason: 0, cut }) as const;
export const leave = { type: 'leave', extensions: [] } as const;

export function createOffice(options: Parameters<typeof createStory>[0] = {}) {
	const story = createStory(options);
	const [mara, bob, carol, eve] = [story.person('Mara'), story.person('Bob'), story.person('Carol'), story.person('Eve')];
	story.bring(story.founder, mara, { role: ranks.manager });
	story.bring(story.founder, bob);
	story.bring(story.founder, carol);
	return { ...story, alice: story.founder, mara, bob, carol, eve };
}
