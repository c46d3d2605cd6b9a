/**
 * Invites by a manager: made, listed, revoked (PROTOCOL.md, 5). The secret stands in the link alone; on the device that made it the link is
 * kept, sealed, so that it can be shown again.
 */
import { hex, utf8 } from '../../../crypto/bytes.ts';
import { isName } from '../../../crypto/identity.ts';
import { inviteKeys, inviteLink, inviteSecretBytes } from '../../../crypto/invite.ts';
import type { Random } from '../../../crypto/random.ts';
import { done, fail, succeed, type Result } from '../../failures.ts';
import { idToBytes, latestMs, type Id } from '../../log/entry.ts';
import type { Log } from '../../log/log.ts';
import type { Invite, Role } from '../../office.ts';
import type { Clock } from '../../ports.ts';
import { createCell, derive, type Source } from '../../source.ts';
import type { OfficeStore } from '../../store.ts';
import { createActWriter } from '../members/act-writer.ts';
import type { InviteState, MembersState } from '../members/members-state.ts';
import type { MeshKeyring } from '../keys/mesh-keys.ts';
import { sealPsk } from '../keys/mesh-rekey.ts';
import { hasLapsed } from './invite-terms.ts';
import { actKinds } from '../members/acts.ts';
import { createRaisedWriter } from '../members/raise-acts.ts';
import { ranks, roleOf } from '../members/roles.ts';
import { withoutInvisible } from '../members/skeleton.ts';

const dayMs = 86_400_000;
const maxDays = 3_650;
const returnDays = 7;
const maxUses = 0xffff;
const maxLabelBytes = 64;
const linkPrefix = 'invite/';

export interface Invites {
	/** Newest first; those revoked, or lapsed with the mesh key, are gone from it. */
	readonly invites: Source<readonly Invite[]>;
	/** @param invite.uses 0 = any number */
	createInvite(invite: { uses: number; confirm: boolean; role: Role; days: number; label: string }): Promise<Result<Invite>>;
	/** For a member who comes back with a new device: for one use, with a manager's word, for as long as who lost a browser may need. */
	createReturn(member: Id): Promise<Result<Invite>>;
	revokeInvite(inviteId: Id): Promise<Result>;
}

export async function createInvites(deps: {
	readonly officeId: Id;
	readonly log: Log;
	readonly store: OfficeStore;
	readonly members: Source<MembersState>;
	readonly meshKeys: Pick<MeshKeyring, 'currentKey'>;
	readonly clock: Clock;
	readonly random: Random;
	/** Of the page. */
	readonly origin: string;
}): Promise<Invites> {
	const { officeId, store, members, clock, random } = deps;
	const writer = createActWriter(deps);
	const writeRaised = createRaisedWriter(members, writer);
	const secrets = createCell(await loadSecrets(store));

	const linkOf = (id: Id): string | undefined => {
		const secret = secrets.get().get(id);
		// The hint may have any length a link bears; an office's name fits.
		return secret && inviteLink(deps.origin, { officeId: idToBytes(officeId), secret, hint: members.get().officeName });
	};

	const nameOf = (member: Id | undefined): string => withoutInvisible(members.get().members.get(member ?? '')?.name ?? '');

	const describe = (invite: InviteState): Invite => ({
		id: invite.invitePublic,
		label: invite.label,
		role: roleOf(invite.role),
		confirm: invite.confirm,
		maxUses: invite.maxUses,
		uses: invite.uses,
		notAfterMs: Math.min(invite.notAfterMs, latestMs),
		createdBy: invite.createdBy,
		bringsBack: nameOf(invite.replaces),
		cameThrough: invite.replaces === undefined ? [...members.get().members.values()].filter((member) => member.inviteId === invite.invitePublic).map((member) => member.name) : invite.uses > 0 ? [nameOf(invite.replaces)] : [],
		link: linkOf(invite.invitePublic),
	});

	async function create(terms: Pick<InviteState, 'role' | 'maxUses' | 'confirm' | 'label' | 'replaces'> & { readonly days: number }): Promise<Result<Invite>> {
		const current = deps.meshKeys.currentKey();
		if (!current) return fail('closed');
		const { days, ...fields } = terms;
		const secret = random(inviteSecretBytes);
		const keys = inviteKeys(secret);
		const invitePublic = hex(keys.signPublic);
		const written = await writeRaised(terms.replaces === undefined ? actKinds.invite : actKinds.department, [
			{
				type: 'invite',
				make: () => ({
					type: 'invite',
					...fields,
					invitePublic,
					keyId: current.keyId,
					sealedPsk: sealPsk(random, current.key, keys.signPublic, keys.psk),
					notAfterMs: Math.floor(clock.now() + days * dayMs),
				}),
				alongside: () => [{ bucket: 'joins', key: linkPrefix + invitePublic, value: secret }],
			},
		]);
		if (!written.ok) return written;
		secrets.set(new Map(secrets.get()).set(invitePublic, secret));
		const made = members.get().invites.get(invitePublic);
		return made ? succeed(describe(made)) : fail('not-allowed');
	}

	return {
		invites: derive([members, secrets], () => [...members.get().invites.values()].filter((invite) => !invite.revoked && !hasLapsed(invite, members.get())).map(describe).reverse()),

		async createInvite({ uses, confirm, role, days, label }) {
			const rank = writer.rank();
			if (rank < members.get().policy.inviteBy || ranks[role] > rank || role === 'owner') return fail('not-allowed');
			const text = label.trim();
			if (utf8(text).length > maxLabelBytes || (text !== '' && !isName(text))) return fail('text-too-long');
			if (!Number.isInteger(uses) || uses < 0 || uses > maxUses || !(days > 0 && days <= maxDays)) return fail('too-many');
			return create({ role: ranks[role], maxUses: uses, days, confirm, label: text, replaces: undefined });
		},

		async createReturn(memberId) {
			const member = members.get().members.get(memberId);
			if (!member) return fail('not-found');
			const me = writer.self();
			if (me === undefined || writer.rank() < ranks.manager || me.id === memberId) return fail('not-allowed');
			if (me.seniority > member.seniority) return fail('more-senior');
			return create({ role: ranks.member, maxUses: 1, days: returnDays, confirm: true, label: '', replaces: memberId });
		},

		async revokeInvite(inviteId) {
			const invite = members.get().invites.get(inviteId);
			if (!invite) return fail('not-found');
			if (writer.rank() < ranks.manager) return fail('not-allowed');
			if (invite.revoked) return done;
			const written = await writer.write({ type: 'inviteRevoke', invitePublic: inviteId });
			if (!written.ok) return written;
			await store.delete('joins', linkPrefix + inviteId).catch(() => undefined);
			return done;
		},
	};
}

async function loadSecrets(store: OfficeStore): Promise<ReadonlyMap<Id, Uint8Array>> {
	const secrets = new Map<Id, Uint8Array>();
	for (const [key, value] of await store.all('joins')) {
		if (key.startsWith(linkPrefix) && value.length === inviteSecretBytes) secrets.set(key.slice(linkPrefix.length), value);
	}
	return secrets;
}
