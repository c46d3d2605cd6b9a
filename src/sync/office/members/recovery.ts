/**
 * Recovery of ownership (PROTOCOL.md, 4): the printed key counter-signs an OWNER_TRANSFER to the person at this device, and names the key that
 * takes its own place. It can do nothing else: it is no device, and no act has a place for its signature but this.
 */
import { equal } from '../../../crypto/bytes.ts';
import { signPublicKey } from '../../../crypto/identity.ts';
import type { Random } from '../../../crypto/random.ts';
import { createRecoveryKey, parseRecoveryKey } from '../../../crypto/recovery.ts';
import { fail, succeed } from '../../failures.ts';
import type { Log } from '../../log/log.ts';
import type { Office } from '../../office.ts';
import type { Source } from '../../source.ts';
import { actKinds } from './acts.ts';
import type { ActWriter } from './act-writer.ts';
import type { MembersState } from './members-state.ts';
import { raiseActs } from './raise-acts.ts';
import { ranks } from './roles.ts';
import { signTransfer } from './transfer.ts';

export function createRecovery(deps: { readonly log: Log; readonly members: Source<MembersState>; readonly writer: ActWriter; readonly random: Random }): Pick<Office, 'recoverOwnership'> {
	const { log, members, writer } = deps;
	return {
		async recoverOwnership(recoveryKey) {
			const me = writer.self();
			const rank = writer.rank();
			if (me === undefined) return fail('not-allowed');
			const secret = parseRecoveryKey(recoveryKey);
			if (!secret) return fail('recovery-key-damaged');
			const isInForce = (): boolean => equal(signPublicKey(secret), members.get().recoveryPublic);
			if (!isInForce()) return fail('recovery-key-wrong');
			const isRaised = members.get().policy.acts >= actKinds.ownerTransfer;
			if (!isRaised && rank < ranks.owner) return fail('needs-owner');
			const next = createRecoveryKey(deps.random);
			const written = await writer.writeAll([
				...(isRaised ? [] : [raiseActs(members)]),
				{
					type: 'ownerTransfer',
					make() {
						if (!isInForce()) return undefined;
						const transfer = { serial: members.get().recoverySerial + 1, newOwner: me.id, nextRecoveryPublic: next.publicKey };
						return { type: 'ownerTransfer', ...transfer, recoverySignature: signTransfer(transfer, log.officeId, secret) };
					},
				},
			]);
			return written.ok ? succeed(next.text) : written;
		},
	};
}
