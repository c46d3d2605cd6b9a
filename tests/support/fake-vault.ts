/** The vault behind the fake Landline: what protects it, and what was asked of it. The current passphrase is "correct". */
import { done, fail, succeed, type Result } from '../../src/sync/failures.ts';
import type { DeviceVault, KeyKind, Protection } from '../../src/sync/landline.ts';
import { createCell, type Cell } from '../../src/sync/source.ts';

export interface FakeVault extends DeviceVault {
	readonly protection: Cell<Protection>;
}

export const fakeRecoveryCode = '5N2Q 7KQ2 9VXM 4HTN 0RGB 8WCE 1DYP 6SZA 3JFK 5N2Q 7KQ2 9VXM 4HTN 0RGB';

export function createFakeVault(calls: string[], onlock: () => void): FakeVault {
	const protection = createCell<Protection>({ ways: [], passkeys: 0, lockAfterMinutes: 0 });
	const has = (way: KeyKind): boolean => protection.get().ways.includes(way);
	const change = (call: string, current: string, to: (before: Protection) => Protection): Promise<Result> => {
		calls.push(call);
		if (has('passphrase') && current !== 'correct') return Promise.resolve(fail('wrong-passphrase'));
		const next = to(protection.get());
		protection.set(next.ways.every((way) => way === 'recovery-code') ? { ways: [], passkeys: 0, lockAfterMinutes: 0 } : next);
		return Promise.resolve(done);
	};
	const withWay = (before: Protection, way: KeyKind): readonly KeyKind[] => [...before.ways.filter((one) => one !== way), way];
	const without = (before: Protection, way: KeyKind): readonly KeyKind[] => before.ways.filter((one) => one !== way);

	return {
		protection,
		passkeyLack: '',
		setPassphrase: (passphrase, current) => change(`setPassphrase ${passphrase}`, current, (before) => ({ ...before, ways: withWay(before, 'passphrase') })),
		removePassphrase: (current) => change('removePassphrase', current, (before) => ({ ...before, ways: without(before, 'passphrase') })),
		addPasskey: (current) => change('addPasskey', current, (before) => ({ ...before, passkeys: before.passkeys + 1, ways: withWay(before, 'passkey') })),
		removePasskeys: (current) => change('removePasskeys', current, (before) => ({ ...before, passkeys: 0, ways: without(before, 'passkey') })),
		async makeRecoveryCode(current) {
			const made = await change('makeRecoveryCode', current, (before) => ({ ...before, ways: withWay(before, 'recovery-code') }));
			return made.ok ? succeed(fakeRecoveryCode) : made;
		},
		lockAfter: (minutes) => change(`lockAfter ${String(minutes)}`, 'correct', (before) => ({ ...before, lockAfterMinutes: minutes })),
		lock() {
			calls.push('lock');
			onlock();
			return Promise.resolve(done);
		},
	};
}
