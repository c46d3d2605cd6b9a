/**
 * A new device in place of one that may write no more: its chain was continued elsewhere (a profile that was copied or restored), or it was taken
 * out (PROTOCOL.md, 3). New keys, the same disk: what was kept of conversations is bound to the entries it was read from, not to the device that
 * read it. The old keys stand aside until the new ones are a member's, so that calling it off changes nothing.
 */
import { hex } from '../crypto/bytes.ts';
import { createDeviceKeys } from '../crypto/identity.ts';
import type { Entering } from './enter.ts';
import { done, fail, type Result } from './failures.ts';
import { loadFormerKeys, replaceDeviceKeys, takeBackDeviceKeys } from './office/keys/device-keys.ts';
import { nameFailure } from './office/members/names.ts';
import { forgetPendingJoin, type PendingJoin, pendingJoin, readJoinLink } from './open-join.ts';
import type { At, Session } from './session.ts';

export interface StartingAnew {
	/** Rejects with a `StoreFailure`; then the office is open as it was, or the disk's failure is shown. */
	start(link: string): Promise<Result>;
	/** Whether what joins there is a device that starts anew. */
	isAnew(at: At): Promise<boolean>;
	/** Calls it off. */
	takeBack(): Promise<void>;
}

export function createStartingAnew(session: Session, entering: Entering): StartingAnew {
	const { stage, parts } = session;

	async function start(link: string): Promise<Result> {
		const read = readJoinLink(link);
		if (!read) return fail('invite-damaged');
		const now = stage.get();
		const running = session.running();
		if (now.kind !== 'open' || running === undefined) return fail('closed');
		const { readOnly } = now.office.connection.get();
		if (readOnly !== 'forked' && readOnly !== 'removed') return fail('already-in-office');
		if (hex('link' in read ? read.link.officeId : read.invite.officeId) !== running.officeId) return fail('other-office');
		const { name } = now.office.self.get();
		const wrong = 'invite' in read ? nameFailure(name) : undefined;
		if (wrong) return fail(wrong);
		const pending: PendingJoin = 'link' in read ? read : { invite: read.invite, name };
		const keys = createDeviceKeys(parts.ports.random);
		stage.set({ kind: 'starting' });
		const at = await session.layDown();
		if (at === undefined) return fail('closed');
		try {
			await replaceDeviceKeys(at.store, keys, pendingJoin(pending));
		} catch (error) {
			await entering.enterOpened(at).catch(session.diskFailed);
			throw error;
		}
		await entering.runJoin(at, pending, keys);
		return done;
	}

	return {
		start,
		isAnew: async ({ store }) => (await loadFormerKeys(store)) !== undefined,
		async takeBack() {
			try {
				await session.running()?.withdraw?.();
				stage.set({ kind: 'starting' });
				const at = await session.layDown();
				if (at === undefined) return;
				await takeBackDeviceKeys(at.store);
				await forgetPendingJoin(at.store);
				await entering.enterOpened(at);
			} catch (error) {
				session.diskFailed(error);
			}
		},
	};
}
