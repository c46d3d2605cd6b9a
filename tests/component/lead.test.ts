/** One tab leads: real Web Locks and BroadcastChannels of a real browser, two leaders in one page standing for two tabs. */
import { expect, test } from 'vitest';
import { type LeadDeps, takeLead, tryLead } from '../../src/sync/lead.ts';
import { systemClock } from '../../src/sync/ports.ts';

const deps: LeadDeps = { locks: navigator.locks, openChannel: (name) => new BroadcastChannel(name), clock: systemClock };
const nothing = { drain: () => Promise.resolve(), lost: () => undefined };

test('a second tab does not lead while the first does, and leads once it let go', async () => {
	const first = await tryLead(deps, 'lead-1', nothing);
	expect(first).toBeDefined();
	expect(await tryLead(deps, 'lead-1', nothing)).toBeUndefined();
	first?.release();
	await expect.poll(async () => (await tryLead(deps, 'lead-1', nothing)) !== undefined).toBe(true);
});

test('the leader drains before it lets go, and hears that it no longer leads', async () => {
	const story: string[] = [];
	await tryLead(deps, 'lead-2', {
		drain: () => {
			story.push('drained');
			return Promise.resolve();
		},
		lost: () => story.push('lost'),
	});
	const second = await takeLead(deps, 'lead-2', nothing);
	story.push('taken');
	expect(story).toEqual(['drained', 'lost', 'taken']);
	second.release();
});

test('a leader that does not answer loses the lock after five seconds', async () => {
	let lost = false;
	await tryLead(deps, 'lead-3', { drain: () => new Promise(() => undefined), lost: () => (lost = true) });
	const startedMs = performance.now();
	const second = await takeLead(deps, 'lead-3', nothing);
	expect(performance.now() - startedMs).toBeGreaterThan(4_500);
	await expect.poll(() => lost).toBe(true);
	second.release();
});

test('two offices of one profile are led apart', async () => {
	const one = await tryLead(deps, 'lead-4a', nothing);
	const other = await tryLead(deps, 'lead-4b', nothing);
	expect(one).toBeDefined();
	expect(other).toBeDefined();
	one?.release();
	other?.release();
});
