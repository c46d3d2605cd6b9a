/**
 * A Landline without a network, for looking at the interface and for its component tests: the same seam, a small office in memory,
 * and handles to make things happen. Never part of the app.
 */
import { fail, succeed, done, type Result } from '../../src/sync/failures.ts';
import type { Founded, Joining, KnownOffice, Landline, Stage } from '../../src/sync/landline.ts';
import { createCell, type Cell } from '../../src/sync/source.ts';
import { createFakeVault, type FakeVault } from './fake-vault.ts';
import { createFakeOffice, type FakeOffice } from './fake-office.ts';

export interface FakeLandline extends Landline {
	readonly stage: Cell<Stage>;
	readonly offices: Cell<readonly KnownOffice[]>;
	readonly vault: FakeVault;
	/** What was called, in order: "join Ana", "takeOver", … */
	readonly calls: string[];
	/** Moves the joining screen on. */
	readonly joining: Cell<Joining>;
	readonly fakeOffice: FakeOffice;
}

export const goodInvite = 'AQAAgoodinvite';
export const goodDeviceLink = 'AgAAgooddevice';
export const fakeRecoveryKey = '7KQ2 9VXM 4HTN 0RGB 8WCE 1DYP 6SZA 3JFK 5N2Q 7KQ2 9VXM 4HTN 0RGB 8WCE';

export function createFakeLandline(start: Stage['kind'] = 'open', fakeOffice = createFakeOffice()): FakeLandline {
	const joining = createCell<Joining>({ step: 'looking', officeHint: 'Müller & Töchter' });
	const stages: Record<Stage['kind'], Stage> = {
		starting: { kind: 'starting' },
		'first-visit': { kind: 'first-visit', door: undefined },
		'second-tab': { kind: 'second-tab', officeId: fakeOffice.id },
		cleared: { kind: 'cleared' },
		broken: { kind: 'broken', why: 'newer', officeId: fakeOffice.id },
		locked: { kind: 'locked', officeId: fakeOffice.id, ways: ['passphrase', 'passkey', 'recovery-code'] },
		joining: { kind: 'joining', joining },
		open: { kind: 'open', office: fakeOffice },
	};
	const stage = createCell<Stage>(stages[start]);
	const calls: string[] = [];
	const inviteOf = (text: string): string => text.slice(text.indexOf('#') + 1);

	const fakeVault = createFakeVault(calls, () => stage.set(stages.locked));

	return {
		stage,
		offices: createCell<readonly KnownOffice[]>([{ id: fakeOffice.id, openedMs: Date.now() }]),
		calls,
		joining,
		fakeOffice,
		found({ officeName, name }): Promise<Result<Founded>> {
			calls.push(`found ${officeName} ${name}`);
			if (name.trim() === '' || officeName.trim() === '') return Promise.resolve(fail('name-empty'));
			return Promise.resolve(succeed({ office: createFakeOffice({ name: officeName, self: name, alone: true }), recoveryKey: fakeRecoveryKey }));
		},
		enter(office) {
			stage.set({ kind: 'open', office });
		},
		readInvite(text) {
			const read = { officeId: fakeOffice.id, hint: fakeOffice.name };
			if (inviteOf(text).startsWith(goodDeviceLink)) return succeed({ ...read, deviceOf: 'Ben Ode' });
			return inviteOf(text).startsWith(goodInvite) ? succeed({ ...read, deviceOf: undefined }) : fail('invite-damaged');
		},
		join(invite, name) {
			calls.push(`join ${name}`.trim());
			if (inviteOf(invite).startsWith(goodDeviceLink)) joining.set({ step: 'reaching', officeHint: fakeOffice.name, name: 'Ben Ode' });
			else if (name.trim() === '') return Promise.resolve(fail('name-empty'));
			stage.set(stages.joining);
			return Promise.resolve(done);
		},
		cancelJoin() {
			calls.push('cancelJoin');
			stage.set(stages['first-visit']);
			return Promise.resolve();
		},
		startAnew(link) {
			calls.push(`startAnew ${inviteOf(link)}`);
			if (!inviteOf(link).startsWith(goodInvite) && !inviteOf(link).startsWith(goodDeviceLink)) return Promise.resolve(fail('invite-damaged'));
			stage.set(stages.joining);
			return Promise.resolve(done);
		},
		vault: fakeVault,
		unlock(key) {
			calls.push(`unlock ${key.kind}`);
			if (key.kind === 'passphrase' && key.passphrase !== 'correct') return Promise.resolve(fail('wrong-passphrase'));
			stage.set(stages.open);
			return Promise.resolve(done);
		},
		checkRecoveryCode: (code) => Promise.resolve(code === fakeRecoveryKey ? done : fail('recovery-code-mistyped')),
		takeOver() {
			calls.push('takeOver');
			stage.set(stages.open);
			return Promise.resolve();
		},
		startOver() {
			calls.push('startOver');
			stage.set(stages['first-visit']);
			return Promise.resolve();
		},
		open() {
			stage.set(stages.open);
			return Promise.resolve(done);
		},
		close: () => Promise.resolve(),
	};
}
