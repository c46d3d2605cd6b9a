/** What an invite allows at this moment, by this clock: the part of its terms that witnesses check and the resolver does not (PROTOCOL.md, 5). */
import { hex } from '../../../crypto/bytes.ts';
import type { InviteState, MembersState } from '../members/members-state.ts';

/** After its end an invite is still listened for, so that who comes late is told, and who was admitted while away gets in. */
const heardAfterMs = 7 * 86_400_000;

export type InviteTerms = 'open' | 'expired' | 'used-up' | 'revoked';

/**
 * Whether the mesh key was drawn anew since. Someone may have left with the psk and could meet who comes by it; where a manager compares
 * the digits that gains them nothing, so those invites stay.
 */
export function hasLapsed(invite: InviteState, { generations }: Pick<MembersState, 'generations'>): boolean {
	return !invite.confirm && generations.at(-1)?.keyId !== hex(invite.keyId);
}

/** One that lapsed counts as revoked. */
export function inviteTerms(invite: InviteState, state: Pick<MembersState, 'generations'>, nowMs: number): InviteTerms {
	if (invite.revoked || hasLapsed(invite, state)) return 'revoked';
	if (invite.maxUses > 0 && invite.uses >= invite.maxUses) return 'used-up';
	return nowMs > invite.notAfterMs ? 'expired' : 'open';
}

/** Whether members listen on its join topic. */
export function inviteIsHeard(invite: InviteState, state: Pick<MembersState, 'generations'>, nowMs: number): boolean {
	const terms = inviteTerms(invite, state, nowMs);
	if (terms === 'open') return true;
	const revokedMs = invite.revoked ? invite.revokedMs : (state.generations.at(-1)?.wallMs ?? 0);
	const endedMs = terms === 'expired' ? invite.notAfterMs : terms === 'revoked' ? revokedMs : invite.lastUseMs;
	return nowMs - endedMs < heardAfterMs;
}
