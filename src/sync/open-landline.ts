/**
 * The device: which offices this browser holds, and the way from a first visit, a reload or an invite to an open office
 * (`landline.ts` is its seam). Storage that was cleared is recognised by a sentinel beside the database, and no new identity is made behind
 * the person's back.
 */
import { hex } from '../crypto/bytes.ts';
import { createDeviceKeys } from '../crypto/identity.ts';
import { createDeviceVault } from './device-vault.ts';
import { createEntering } from './enter.ts';
import { done, fail, type Result, succeed } from './failures.ts';
import type { Founded, Landline } from './landline.ts';
import { makeOffice } from './make-office.ts';
import { foundOffice } from './office/members/found.ts';
import { nameFailure } from './office/members/names.ts';
import type { Office } from './office.ts';
import { type PendingJoin, readJoinLink, savePendingJoin } from './open-join.ts';
import { createSession, type LandlineParts } from './session.ts';
import { createStartingAnew } from './start-anew.ts';
import { StoreFailure } from './store.ts';

export function openLandline(parts: LandlineParts): Landline {
	const { ports } = parts;
	const session = createSession(parts);
	const { stores, stage } = session;
	const entering = createEntering(session);
	const anew = createStartingAnew(session, entering);
	let isUnlocking = false;

	async function start(): Promise<void> {
		try {
			const [newest] = await session.refresh();
			if (newest) await entering.enterOffice(newest.id);
			else if (parts.sentinel.get()) stage.set({ kind: 'cleared' });
			else await session.firstVisit();
		} catch (error) {
			session.diskFailed(error);
		}
	}

	/** Another office of this browser, or the first visit. */
	async function goOn(): Promise<void> {
		const [other] = await session.refresh();
		if (other) await entering.enterOffice(other.id);
		else {
			parts.sentinel.clear();
			await session.firstVisit();
		}
	}

	async function attempt<T>(work: () => Promise<Result<T>>): Promise<Result<T>> {
		try {
			return await work();
		} catch (error) {
			if (error instanceof StoreFailure) return fail(error.code);
			throw error;
		}
	}

	void start();

	return {
		stage,
		offices: session.offices,

		found: ({ officeName, name, passphrase }) =>
			attempt<Founded>(async () => {
				const wrong = nameFailure(name) ?? nameFailure(officeName);
				if (wrong) return fail(wrong);
				await parts.configured;
				const keys = createDeviceKeys(ports.random);
				const founding = foundOffice({ officeName, name, keys, random: ports.random, clock: ports.clock });
				return makeOffice(session, {
					officeId: founding.officeId,
					passphrase,
					keys,
					async fill(at) {
						await founding.write(at.store);
						const office = await entering.open(at, keys, true);
						return () => {
							session.setRunning({ ...at, close: () => office.close() });
							return Promise.resolve({ office, recoveryKey: founding.recoveryKey });
						};
					},
				});
			}),

		enter: (office: Office) => stage.set({ kind: 'open', office }),

		readInvite(link) {
			const read = readJoinLink(link);
			if (!read) return fail('invite-damaged');
			const { officeId, hint } = 'link' in read ? read.link : read.invite;
			return succeed({ officeId: hex(officeId), hint, deviceOf: 'link' in read ? read.link.name : undefined });
		},

		join: (link, name, passphrase) =>
			attempt(async () => {
				const read = readJoinLink(link);
				if (!read) return fail('invite-damaged');
				const wrong = 'invite' in read ? nameFailure(name) : undefined;
				if (wrong) return fail(wrong);
				const officeId = hex('link' in read ? read.link.officeId : read.invite.officeId);
				if ((await session.refresh()).some((office) => office.id === officeId)) return fail('already-in-office');
				await parts.configured;
				const keys = createDeviceKeys(ports.random);
				const pending: PendingJoin = 'link' in read ? read : { invite: read.invite, name };
				const made = await makeOffice(session, {
					officeId,
					passphrase,
					keys,
					async fill(at) {
						await savePendingJoin(at.store, pending);
						return () => entering.runJoin(at, pending, keys);
					},
				});
				return made.ok ? done : made;
			}),

		async cancelJoin() {
			const cancelled = session.running();
			if (cancelled === undefined || stage.get().kind !== 'joining') return;
			if (await anew.isAnew(cancelled)) return anew.takeBack();
			session.want(undefined);
			try {
				await cancelled.withdraw?.();
				await session.closeRunning();
				await stores.remove(cancelled.officeId);
				await goOn();
			} catch (error) {
				session.diskFailed(error);
			} finally {
				cancelled.lead.release();
			}
		},

		startAnew: (link) => attempt(() => anew.start(link)),

		vault: createDeviceVault(session),

		unlock: (key) =>
			attempt(async () => {
				const wanted = session.wanted();
				// Two keys at once must not open it twice.
				if (wanted?.lead === undefined || stage.get().kind !== 'locked' || isUnlocking) return fail('closed');
				isUnlocking = true;
				try {
					// It may have been locked just now, and be closing still.
					await session.closeRunning();
					const failure = await entering.enterLed(wanted.officeId, wanted.lead, key);
					return failure ? fail(failure) : done;
				} finally {
					isUnlocking = false;
				}
			}),

		checkRecoveryCode: (code) =>
			attempt(async () => {
				const wanted = session.wanted();
				if (wanted === undefined) return fail('closed');
				await session.closeRunning();
				const opened = await stores.open(wanted.officeId, { kind: 'recovery-code', code, passphrase: '' });
				if (opened.kind === 'refused') return fail(opened.code);
				if (opened.kind !== 'open') return fail('disk-failed');
				opened.store.close();
				return done;
			}),

		async takeOver() {
			const wanted = session.wanted();
			if (wanted === undefined) return;
			const lead = await session.takeLead(wanted.officeId);
			session.want({ officeId: wanted.officeId, lead });
			stage.set({ kind: 'starting' });
			await entering.enterLed(wanted.officeId, lead).catch(session.diskFailed);
		},

		async startOver() {
			const before = session.wanted();
			session.want(undefined);
			try {
				if (before) await stores.remove(before.officeId);
				await goOn();
			} catch (error) {
				session.diskFailed(error);
			} finally {
				before?.lead?.release();
			}
		},

		open: (officeId) =>
			attempt(async () => {
				if (!(await session.refresh()).some((office) => office.id === officeId)) return fail('not-found');
				await session.leave();
				stage.set({ kind: 'starting' });
				try {
					await stores.touch(officeId);
					await entering.enterOffice(officeId);
				} catch (error) {
					session.diskFailed(error);
					throw error;
				}
				return done;
			}),

		close: () => session.leave(),
	};
}
