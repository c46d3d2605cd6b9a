/**
 * Verifying a colleague (PROTOCOL.md, 2): the number and the code two people compare, what this device remembers of it, and what a later change
 * of keys means: shown for everybody, and for who was verified a stop until it was seen.
 */
import { compareSafetyCode, decodeSafetyCode, encodeSafetyCode, type SafetyHash, safetyHash, safetyNumber } from '../../../crypto/safety-number.ts';
import { done, fail, type FailureCode, type Result, succeed } from '../../failures.ts';
import { type Id, idToBytes } from '../../log/entry.ts';
import type { Office, Person } from '../../office.ts';
import type { Clock } from '../../ports.ts';
import { derive, type Source } from '../../source.ts';
import { type OfficeStore, StoreFailure } from '../../store.ts';
import type { MembersState } from '../members/members-state.ts';
import { isWithin, keysOf, type KnownKeys, openKnownKeys } from './known-keys.ts';

export type Standing = Pick<Person, 'verification' | 'keysUnseen' | 'cameBack'>;

export interface Verification {
	readonly standings: Source<ReadonlyMap<Id, Standing>>;
	/** Nothing new may be sealed to them: they have keys this person has not seen, and were verified before those, or were given them by a manager in place of all they had. */
	isHeldBack(member: Id): boolean;
	readonly commands: Pick<Office, 'safetyNumber' | 'markVerified' | 'compareScanned' | 'noteKeyChange' | 'forgetVerification'>;
	stop(): void;
}

/** Both members as this device knows them now. */
interface Pair {
	readonly keys: readonly string[];
	readonly own: SafetyHash;
	readonly theirs: SafetyHash;
}

const verdicts: Readonly<Record<'different' | 'own' | 'not-theirs', FailureCode>> = { different: 'keys-differ', own: 'own-code', 'not-theirs': 'not-their-code' };

export async function createVerification(deps: {
	readonly officeId: Id;
	readonly selfDevice: Id;
	readonly members: Source<MembersState>;
	readonly store: OfficeStore;
	readonly clock: Pick<Clock, 'after'>;
}): Promise<Verification> {
	const { officeId, selfDevice, members, store, clock } = deps;
	const known = await openKnownKeys(store);
	const meet = (): void => known.meet(members.get());
	meet();
	const stop = members.subscribe(meet);
	const standings = derive([members, known.all], () => standingsOf(members.get(), known.all.get()));

	/** A few milliseconds each, so each in a task of its own. */
	function hashOf(state: MembersState, memberId: Id): Promise<SafetyHash> {
		const member = state.members.get(memberId);
		const devices = (member ? keysOf(state, member) : []).map((key) => ({ signPublic: idToBytes(key.slice(0, 64)), kemPublic: idToBytes(key.slice(64)) }));
		return new Promise((resolve) => clock.after(0, () => resolve(safetyHash(idToBytes(officeId), { memberId: idToBytes(memberId), devices }))));
	}

	async function pairWith(memberId: Id): Promise<Result<Pair>> {
		const state = members.get();
		const self = state.devices.get(selfDevice)?.memberId;
		const member = state.members.get(memberId);
		if (self === undefined || member === undefined || self === memberId) return fail('not-found');
		const keys = keysOf(state, member);
		if (keys.length === 0) return fail('not-found');
		return succeed({ keys, own: await hashOf(state, self), theirs: await hashOf(state, memberId) });
	}

	async function remember(memberId: Id, change: (before: KnownKeys) => KnownKeys): Promise<Result> {
		try {
			await known.set(memberId, change(known.all.get().get(memberId) ?? { seen: new Set(), verified: new Set() }));
			return done;
		} catch (error) {
			if (error instanceof StoreFailure) return fail(error.code);
			throw error;
		}
	}

	/** The very keys that were compared, whatever has come meanwhile. */
	const verified = (memberId: Id, keys: readonly string[]): Promise<Result> =>
		remember(memberId, ({ seen }) => ({ seen: new Set([...seen, ...keys]), verified: new Set(keys) }));

	return {
		standings,
		isHeldBack(member) {
			const standing = standings.get().get(member);
			return standing !== undefined && (standing.cameBack || (standing.verification === 'changed' && standing.keysUnseen));
		},
		commands: {
			async safetyNumber(memberId) {
				const pair = await pairWith(memberId);
				if (!pair.ok) return pair;
				const { own, theirs } = pair.value;
				return succeed({ number: safetyNumber(own, theirs), code: encodeSafetyCode(own, theirs) });
			},
			async markVerified(memberId, number) {
				const pair = await pairWith(memberId);
				if (!pair.ok) return pair;
				const { own, theirs, keys } = pair.value;
				return safetyNumber(own, theirs) === number ? verified(memberId, keys) : fail('keys-changed');
			},
			async compareScanned(memberId, text) {
				const code = decodeSafetyCode(text);
				if (!code) return fail('not-a-code');
				const pair = await pairWith(memberId);
				if (!pair.ok) return pair;
				const verdict = compareSafetyCode(code, pair.value.own, pair.value.theirs);
				return verdict === 'same' ? verified(memberId, pair.value.keys) : fail(verdicts[verdict]);
			},
			async noteKeyChange(memberId) {
				const state = members.get();
				const member = state.members.get(memberId);
				if (!member) return fail('not-found');
				return remember(memberId, (before) => ({ ...before, seen: new Set(keysOf(state, member)) }));
			},
			forgetVerification: (memberId) => remember(memberId, (before) => ({ ...before, verified: new Set() })),
		},
		stop,
	};
}

function standingsOf(state: MembersState, known: ReadonlyMap<Id, KnownKeys>): ReadonlyMap<Id, Standing> {
	return new Map(
		[...state.members.values()].map((member): [Id, Standing] => {
			const mine = known.get(member.id);
			const keys = keysOf(state, member);
			if (!mine) return [member.id, { verification: 'unverified', keysUnseen: false, cameBack: false }];
			const verification = mine.verified.size === 0 ? 'unverified' : isWithin(keys, mine.verified) ? 'verified' : 'changed';
			const back = keysOf(state, member, (device) => device.broughtBack);
			return [member.id, { verification, keysUnseen: !isWithin(keys, mine.seen), cameBack: !isWithin(back, mine.seen) }];
		}),
	);
}
