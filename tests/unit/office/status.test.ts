/** What a person shows of themselves: kept over restarts, away by itself when idle, the choice never overwritten. */
import { describe, expect, test } from 'vitest';
import { createStatus } from '../../../src/sync/office/roster/status.ts';

function desk() {
	let saved: Uint8Array | undefined;
	let timer: (() => void) | undefined;
	const deps = {
		clock: {
			now: () => 0,
			after: (_delayMs: number, fn: () => void) => {
				timer = fn;
				return () => (timer = undefined);
			},
		},
		load: () => Promise.resolve(saved),
		save: (bytes: Uint8Array) => {
			saved = bytes;
			return Promise.resolve();
		},
	};
	return { deps, fiveMinutesPass: () => timer?.() };
}

describe('own status', () => {
	test('Ana is away after five idle minutes and back at the first key', async () => {
		const { deps, fiveMinutesPass } = desk();
		const own = await createStatus(deps);
		fiveMinutesPass();
		expect(own.status.get()).toMatchObject({ availability: 'available', idle: true });
		own.noteActivity();
		expect(own.status.get().idle).toBe(false);
	});

	test('choice and note are there after a restart, idleness is not', async () => {
		const { deps, fiveMinutesPass } = desk();
		const own = await createStatus(deps);
		await own.setAvailability('busy');
		expect(await own.setNote(' in a meeting till 3 ')).toEqual({ ok: true, value: undefined });
		fiveMinutesPass();
		expect((await createStatus(deps)).status.get()).toEqual({ availability: 'busy', note: 'in a meeting till 3', idle: false });
	});

	test('a note of 280 bytes is taken, one of 281 is refused and changes nothing', async () => {
		const own = await createStatus(desk().deps);
		expect((await own.setNote('n'.repeat(280))).ok).toBe(true);
		expect(await own.setNote('n'.repeat(281))).toEqual({ ok: false, code: 'note-too-long' });
		expect(own.status.get().note).toHaveLength(280);
	});

	test('a disk that fails is told, and the status shown is still the chosen one', async () => {
		const { deps } = desk();
		const own = await createStatus({ ...deps, save: () => Promise.reject(new Error('full')) });
		expect(await own.setAvailability('invisible')).toEqual({ ok: false, code: 'disk-failed' });
		expect(own.status.get().availability).toBe('invisible');
	});

	test('a damaged record counts as none', async () => {
		const own = await createStatus({ ...desk().deps, load: () => Promise.resolve(new Uint8Array([9])) });
		expect(own.status.get()).toEqual({ availability: 'available', note: '', idle: false });
	});
});
