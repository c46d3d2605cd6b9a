/** Who is in the office: the resolver (PROTOCOL.md, 4) as a pure function, and as a view that follows the log. */
import type { Entry, Id } from '../log/entry.ts';
import type { MembersState } from './members-state.ts';

export type { Device, Generation, InviteState, Member, MembersState } from './members-state.ts';

export declare function resolve(acts: Iterable<Entry>, officeId: Id): MembersState;
