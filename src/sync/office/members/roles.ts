/** `1 member, 2 manager, 3 owner` (PROTOCOL.md, 2): roles by name above, as comparable ranks in bytes and in the resolver. */
import type { Role } from '../../office.ts';

export const ranks = { member: 1, manager: 2, owner: 3 } as const satisfies Record<Role, number>;

/** 1 to 3. */
export type Rank = (typeof ranks)[Role];

export const isRank = (value: number): value is Rank => value === ranks.member || value === ranks.manager || value === ranks.owner;

export const roleOf = (rank: Rank): Role => (rank === ranks.owner ? 'owner' : rank === ranks.manager ? 'manager' : 'member');
