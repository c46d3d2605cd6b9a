/** Who may open this device's vault: slots that come and go while the records stay, locking, and a thief with the disk. */
/* eslint-disable @typescript-eslint/unbound-method -- the disk is broken by patching prototypes */
import 'fake-indexeddb/auto';
import { IDBObjectStore } from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Landline } from '../../src/sync/landline.ts';
import { createIdleLock } from '../../src/sync/idle-lock.ts';
import { everyoneId } from '../../src/sync/office.ts';
import { createDevice, foundHere, reaches, type Device } from '../support/device.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const horse = 'correct horse battery';
const other = 'staple of another horse';

let device: Device;

beforeEach(() => {
	device = createDevice();
});
afterEach(async () => {
	vi.restoreAllMocks();
	await device.close();
});

async function restart(stage: string): Promise<Landline> {
	await device.close();
	const landline = device.tab();
	await reaches(landline, stage);
	return landline;
}

const unlock = (landline: Landline, passphrase: string) => landline.unlock({ kind: 'passphrase', passphrase });
const slotRows = async (officeId: string): Promise<readonly string[]> =>
	(await device.rows(officeId)).flatMap(({ store, key }) => (store === 'meta' && typeof key === 'string' && key.startsWith('slot') ? [key.replace(/-passkey-.*/, '-passkey')] : []));
const codeOf = async (landline: Landline, current: string): Promise<string> => {
	const made = await landline.vault.makeRecoveryCode(current);
	if (!made.ok) throw new Error(made.code);
	return made.value;
};

describe('a passphrase', () => {
	test('takes the place of "this profile only", is asked for at the next start, and no record is sealed anew', async () => {
		const { landline, office } = await foundHere(device);
		expect(landline.vault.protection.get().ways).toEqual([]);
		expect(await landline.vault.lock()).toMatchObject({ ok: false, code: 'not-protected' });
		const before = (await device.rows(office.id)).filter(({ store }) => store === 'segments');
		expect(await landline.vault.setPassphrase('', '')).toMatchObject({ ok: false, code: 'passphrase-empty' });
		expect((await landline.vault.setPassphrase(horse, '')).ok).toBe(true);
		expect(landline.vault.protection.get().ways).toEqual(['passphrase']);
		expect(await slotRows(office.id)).toEqual(['slot-passphrase']);

		const again = await restart('locked');
		expect((await device.rows(office.id)).filter(({ store }) => store === 'segments')).toEqual(before);
		expect(await unlock(again, other)).toMatchObject({ ok: false, code: 'wrong-passphrase' });
		expect(again.stage.get().kind).toBe('locked');
		expect((await unlock(again, horse)).ok).toBe(true);
		expect(again.stage.get()).toMatchObject({ kind: 'open', office: { name: 'Harbour' } });
	});

	test('is changed and removed only by who knows it', async () => {
		const { landline, office } = await foundHere(device, horse);
		expect(await landline.vault.setPassphrase(other, 'a guess')).toMatchObject({ ok: false, code: 'wrong-passphrase' });
		expect(await landline.vault.makeRecoveryCode('a guess')).toMatchObject({ ok: false, code: 'wrong-passphrase' });
		expect(await landline.vault.removePassphrase('a guess')).toMatchObject({ ok: false, code: 'wrong-passphrase' });
		expect((await landline.vault.setPassphrase(other, horse)).ok).toBe(true);
		await codeOf(landline, other);
		expect((await landline.vault.removePassphrase(other)).ok).toBe(true);
		expect(await slotRows(office.id)).toEqual(['slot']);
		await restart('open');
	});

	test('of an office founded when there was but one slot opens, and gives way to a new one', async () => {
		const { office } = await foundHere(device, horse);
		await device.close();
		const row = (await device.rows(office.id)).find(({ key }) => key === 'slot-passphrase');
		await device.edit(office.id, 'meta', 'slot', row?.value);
		await device.edit(office.id, 'meta', 'slot-passphrase');
		const landline = await restart('locked');
		expect((await unlock(landline, horse)).ok).toBe(true);
		expect((await landline.vault.setPassphrase(other, horse)).ok).toBe(true);
		expect(await slotRows(office.id)).toEqual(['slot-passphrase']);
		expect(await unlock(await restart('locked'), horse)).toMatchObject({ ok: false, code: 'wrong-passphrase' });
	});

	// A power cut cannot be had here; an abort before each of the writes of the transaction can.
	test.for(['put', 'delete'] as const)('that was cut off at its %s leaves the old way open', async (write) => {
		const { landline, office } = await foundHere(device);
		const before = await slotRows(office.id);
		const native = IDBObjectStore.prototype[write] as (this: IDBObjectStore, ...args: unknown[]) => IDBRequest;
		vi.spyOn(IDBObjectStore.prototype, write as 'put').mockImplementation(function (this: IDBObjectStore, ...args: unknown[]) {
			const request = native.apply(this, args);
			if (this.name === 'meta') this.transaction.abort();
			return request as IDBRequest<IDBValidKey>;
		});
		expect(await landline.vault.setPassphrase(horse, '')).toMatchObject({ ok: false, code: 'disk-failed' });
		vi.restoreAllMocks();
		expect(await slotRows(office.id)).toEqual(before);
		expect(landline.vault.protection.get().ways).toEqual([]);
		await restart('open');
	});
});

describe('a recovery code', () => {
	test('opens with a new passphrase; the forgotten one opens nothing any more', async () => {
		const { landline } = await foundHere(device, horse);
		const first = await codeOf(landline, horse);
		const code = await codeOf(landline, horse);
		const again = await restart('locked');
		expect(again.stage.get()).toMatchObject({ ways: ['passphrase', 'recovery-code'] });
		expect(await again.checkRecoveryCode(`${code}X`)).toMatchObject({ ok: false, code: 'recovery-code-mistyped' });
		expect(await again.checkRecoveryCode(first)).toMatchObject({ ok: false, code: 'wrong-recovery-code' });
		expect((await again.checkRecoveryCode(code.toLowerCase())).ok).toBe(true);
		expect(again.stage.get().kind).toBe('locked');
		expect(await again.unlock({ kind: 'recovery-code', code, passphrase: '' })).toMatchObject({ ok: false, code: 'passphrase-empty' });
		expect((await again.unlock({ kind: 'recovery-code', code, passphrase: other })).ok).toBe(true);
		await reaches(again, 'open');

		const third = await restart('locked');
		expect(await unlock(third, horse)).toMatchObject({ ok: false, code: 'wrong-passphrase' });
		expect((await unlock(third, other)).ok).toBe(true);
	});

	test('is made for a vault that is protected, and goes with its protection', async () => {
		const { landline } = await foundHere(device);
		expect(await landline.vault.makeRecoveryCode('')).toMatchObject({ ok: false, code: 'not-protected' });
	});
});

describe('a passkey', () => {
	test('opens alone or beside a passphrase; the last way to go is followed by the profile', async () => {
		const { landline, office } = await foundHere(device);
		expect((await landline.vault.addPasskey('')).ok).toBe(true);
		expect(await slotRows(office.id)).toEqual(['slot-passkey']);
		const again = await restart('locked');
		expect(again.stage.get()).toMatchObject({ ways: ['passkey'] });
		expect((await again.unlock({ kind: 'passkey' })).ok).toBe(true);
		expect((await again.vault.addPasskey('')).ok).toBe(true);
		expect(again.vault.protection.get()).toMatchObject({ ways: ['passkey'], passkeys: 2 });
		expect((await again.vault.setPassphrase(horse, '')).ok).toBe(true);
		expect((await again.vault.removePasskeys(horse)).ok).toBe(true);
		expect(await slotRows(office.id)).toEqual(['slot-passphrase']);
		expect((await again.vault.removePassphrase(horse)).ok).toBe(true);
		expect(await slotRows(office.id)).toEqual(['slot']);
	});

	test('alone is asked for before anything else is made to open the vault, or it is taken away', async () => {
		const { landline, office } = await foundHere(device);
		await landline.vault.addPasskey('');
		const asked = vi.spyOn(device.passkeys, 'get').mockResolvedValue('passkey-cancelled');
		const { vault } = landline;
		for (const deed of [() => vault.setPassphrase(horse, ''), () => vault.addPasskey(''), () => vault.makeRecoveryCode(''), () => vault.removePasskeys('')]) {
			expect(await deed()).toMatchObject({ ok: false, code: 'passkey-cancelled' });
		}
		expect(asked).toHaveBeenCalledTimes(4);
		expect(device.passkeys.made).toHaveLength(1);
		expect(await slotRows(office.id)).toEqual(['slot-passkey']);
		// An answer of a passkey that opens something else is none.
		asked.mockResolvedValue({ credentialId: new Uint8Array(20), secret: new Uint8Array(32) });
		expect(await vault.makeRecoveryCode('')).toMatchObject({ ok: false, code: 'wrong-passkey' });
		asked.mockRestore();
		expect((await vault.makeRecoveryCode('')).ok).toBe(true);
	});

	test('that gives no secret, or is not there, changes nothing and is told', async () => {
		const { landline, office } = await foundHere(device);
		device.passkeys.mood = 'passkey-unsupported';
		expect(await landline.vault.addPasskey('')).toMatchObject({ ok: false, code: 'passkey-unsupported' });
		expect(await slotRows(office.id)).toEqual(['slot']);
		device.passkeys.mood = undefined;
		await landline.vault.addPasskey('');
		const again = await restart('locked');
		device.passkeys.mood = 'passkey-cancelled';
		expect(await again.unlock({ kind: 'passkey' })).toMatchObject({ ok: false, code: 'passkey-cancelled' });
		expect(again.stage.get().kind).toBe('locked');
	});
});

describe('locking', () => {
	test('closes the office at once; unlocking goes on with it', async () => {
		const { landline, office } = await foundHere(device, horse);
		await office.sendMessage(everyoneId, 'before');
		expect((await landline.vault.lock()).ok).toBe(true);
		expect(landline.stage.get()).toMatchObject({ kind: 'locked', officeId: office.id, ways: ['passphrase'] });
		expect(landline.vault.protection.get().ways).toEqual([]);
		expect((await office.sendMessage(everyoneId, 'too late')).ok).toBe(false);
		expect(await landline.vault.setPassphrase(other, horse)).toMatchObject({ ok: false, code: 'closed' });
		expect((await unlock(landline, horse)).ok).toBe(true);
		const stage = landline.stage.get();
		if (stage.kind !== 'open') throw new Error(stage.kind);
		expect(stage.office.messages(everyoneId).get().map(({ text }) => text)).toEqual(['before']);
	});

	test('two keys at once do not open it twice, and another tab may take the locked office over', async () => {
		const { landline } = await foundHere(device, horse);
		await landline.vault.lock();
		const answers = await Promise.all([unlock(landline, horse), unlock(landline, horse)]);
		expect(answers.map(({ ok }) => ok)).toEqual([true, false]);
		await landline.vault.lock();
		const second = device.tab();
		await reaches(second, 'second-tab');
		await second.takeOver();
		await reaches(second, 'locked');
		await reaches(landline, 'second-tab');
		expect((await unlock(second, horse)).ok).toBe(true);
	});

	test('the idle time is remembered, sealed, for a protected office alone', async () => {
		const { landline } = await foundHere(device);
		expect(await landline.vault.lockAfter(5)).toMatchObject({ ok: false, code: 'not-protected' });
		await landline.vault.setPassphrase(horse, '');
		expect((await landline.vault.lockAfter(15)).ok).toBe(true);
		const again = await restart('locked');
		await unlock(again, horse);
		await vi.waitFor(() => expect(again.vault.protection.get().lockAfterMinutes).toBe(15));
	});

	test('comes after so many minutes without input, and at the first sign of life after a sleep', async () => {
		const clock = createFakeClock();
		const lock = vi.fn();
		const idle = createIdleLock(clock, lock);
		idle.noteActivity();
		await clock.advance(3_600_000);
		expect(lock).not.toHaveBeenCalled();
		idle.set(5);
		await clock.advance(4 * 60_000);
		idle.noteActivity();
		await clock.advance(4 * 60_000);
		expect(lock).not.toHaveBeenCalled();
		await clock.advance(60_000);
		expect(lock).toHaveBeenCalledTimes(1);

		let nowMs = 0;
		const asleep = createIdleLock({ now: () => nowMs, after: () => () => undefined }, lock);
		asleep.set(5);
		nowMs = 6 * 60_000;
		asleep.noteActivity();
		asleep.noteActivity();
		expect(lock).toHaveBeenCalledTimes(2);
	});
});

describe('a thief with the disk', () => {
	test('A44: a wrong passphrase and a damaged slot cannot be told apart, and neither is written over', async () => {
		const { office } = await foundHere(device, horse);
		await device.close();
		const slot = (await device.rows(office.id)).find(({ key }) => key === 'slot-passphrase')?.value as Uint8Array;
		await device.edit(office.id, 'meta', 'slot-passphrase', slot.map((byte, at) => (at === slot.length - 1 ? byte ^ 1 : byte)));
		const landline = await restart('locked');
		const damaged = await device.rows(office.id);
		expect(await unlock(landline, horse)).toEqual(await unlock(landline, 'wrong'));
		expect(landline.stage.get().kind).toBe('locked');
		await device.close();
		expect(await device.rows(office.id)).toEqual(damaged);
	});

	test('A45: scrypt with N edited to 2, 2^14, 2^21 or 2^30 is refused before any work, and stays as it lies', async () => {
		const { office } = await foundHere(device, horse);
		await device.close();
		const slot = (await device.rows(office.id)).find(({ key }) => key === 'slot-passphrase')?.value as Uint8Array;
		for (const logN of [1, 14, 21, 30]) {
			const edited = slot.map((byte, at) => (at === 2 ? logN : byte));
			await device.edit(office.id, 'meta', 'slot-passphrase', edited);
			const landline = await restart('broken');
			expect(landline.stage.get()).toMatchObject({ kind: 'broken', why: 'unreadable', officeId: office.id });
			expect((await device.rows(office.id)).find(({ key }) => key === 'slot-passphrase')?.value).toEqual(edited);
		}
	});

	test('A45: rows swapped within a store and between stores do not open', async () => {
		const { landline, office } = await foundHere(device);
		await office.sendMessage(everyoneId, 'the first');
		await office.saveDraft(everyoneId, 'a draft');
		await landline.close();
		const rows = (await device.rows(office.id)).filter(({ store, key }) => store !== 'meta' || typeof key !== 'string' || !key.startsWith('slot'));
		const drafts = rows.filter(({ store }) => store === 'drafts');
		const stranger = rows.find(({ store }) => store === 'kept' || store === 'prefs' || store === 'keys');
		expect(drafts).toHaveLength(1);
		await device.edit(office.id, 'drafts', drafts[0]!.key, stranger!.value);
		const again = await restart('open');
		const stage = again.stage.get();
		if (stage.kind !== 'open') throw new Error(stage.kind);
		expect(await stage.office.draft(everyoneId)).toBe('');
		await device.close();
		// The founding act's segment in the place of another: the office does not open with it.
		const segments = rows.filter(({ store }) => store === 'segments');
		expect(segments.length).toBeGreaterThan(1);
		for (const [index, { key }] of segments.entries()) await device.edit(office.id, 'segments', key, segments[(index + 1) % segments.length]!.value);
		expect((await restart('broken')).stage.get()).toMatchObject({ why: 'unreadable' });
	});

	test('A45: own entries set back to an older state, but not their head: nothing is written in their place', async () => {
		const { landline, office } = await foundHere(device);
		await office.sendMessage(everyoneId, 'one');
		await landline.close();
		const before = new Map((await device.rows(office.id)).map(({ store, key, value }) => [`${store} ${JSON.stringify(key)}`, value]));
		const second = await restart('open');
		let stage = second.stage.get();
		if (stage.kind !== 'open') throw new Error(stage.kind);
		await stage.office.sendMessage(everyoneId, 'two');
		await second.close();
		for (const { store, key } of (await device.rows(office.id)).filter((row) => row.store === 'segments')) {
			await device.edit(office.id, store, key, before.get(`${store} ${JSON.stringify(key)}`));
		}
		const third = await restart('open');
		stage = third.stage.get();
		if (stage.kind !== 'open') throw new Error(stage.kind);
		expect(await stage.office.sendMessage(everyoneId, 'in its place')).toMatchObject({ ok: false });
	});
});
