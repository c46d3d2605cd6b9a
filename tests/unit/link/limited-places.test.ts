/** How the places for limited links are shared (PROTOCOL.md, 5 and 7): who holds an invite must not keep colleagues out. */
import { describe, expect, it } from 'vitest';
import { createLimitedLinks } from '../../../src/sync/link/limited.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const nothing = (): void => undefined;

describe('places for limited links', () => {
	it('are two for one invite, three for all, and one stays for a colleague not known yet', () => {
		const limits = createLimitedLinks(createFakeClock());
		limits.opened('a', 'door', nothing);
		expect(limits.hasRoom('door', [])).toBe(true);
		limits.opened('b', 'door', nothing);
		expect(limits.hasRoom('door', [])).toBe(false);
		expect(limits.hasRoom('other', [])).toBe(true);
		limits.opened('c', 'other', nothing);
		expect(limits.hasRoom('third', [])).toBe(false);
		expect(limits.hasRoom(undefined, [])).toBe(true);
		limits.opened('d', undefined, nothing);
		expect(limits.hasRoom(undefined, [])).toBe(false);
	});

	it('count attempts under way: of those by invites two at a time', () => {
		const limits = createLimitedLinks(createFakeClock());
		expect(limits.hasRoom('third', ['door'])).toBe(true);
		expect(limits.hasRoom('third', ['door', 'other'])).toBe(false);
		expect(limits.hasRoom(undefined, ['door', 'other'])).toBe(true);
	});

	it('are free again once a newcomer is held for a person\'s word, or its time has passed', async () => {
		const clock = createFakeClock();
		const limits = createLimitedLinks(clock);
		limits.opened('a', 'door', nothing);
		limits.opened('b', 'door', () => limits.settled('b'));
		limits.hold('a');
		expect(limits.hasRoom('door', [])).toBe(true);
		limits.opened('c', 'door', nothing);
		expect(limits.hasRoom('door', [])).toBe(false);
		await clock.advance(10_000);
		expect(limits.hasRoom('door', [])).toBe(true);
	});
});
