/** What an invite allows at this moment, by this clock: the part of its terms that witnesses check and the resolver does not (PROTOCOL.md, 5). */
import type { InviteState } from '../members/members-state.ts';

/** After its end an invite is still listened for, so that who comes late is told, and who was admitted while away gets in. */
const heardAfterMs = 7 * 86_400_000;

export type InviteTerms = 'open' | 'expired' | 'used-up' | 'revoked';

export function inviteTerms(invite: InviteState, nowMs: number): InviteTerms {
	if (invite.revoked) return 'revoked';
	if (invite.maxUses > 0 && invite.uses >= invite.maxUses) return 'used-up';
	return nowMs > invite.notAfterMs ? 'expired' : 'open';
}

/** Whether members listen on its join topic. */
export function inviteIsHeard(invite: InviteState, nowMs: number): boolean {
	const terms = inviteTerms(invite, nowMs);
	if (terms === 'open') return true;
	const endedMs = terms === 'expired' ? invite.notAfterMs : terms === 'revoked' ? invite.revokedMs : invite.lastUseMs;
	return nowMs - endedMs < heardAfterMs;
}
